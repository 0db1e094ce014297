"""Which strengths to fit: the user's, or a grid that the data suggests."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from counterpoint.errors import InputError
from counterpoint.fit.certificate import best_intercept
from counterpoint.fit.design import Design
from counterpoint.fit.rowwise import Rowwise
from counterpoint.objective import Loss, Penalty

Array = npt.NDArray[np.float64]

#: Decades a grid found from the data spans, downwards from the strength that stills the weights.
DECADES = 10
PER_DECADE = 3
GRID_SIZE = DECADES * PER_DECADE + 1
#: Strengths that a range may have, and the range they may lie in: their squares stay numbers.
MOST = 10_000
LEAST, GREATEST = 1e-150, 1e150


def parse_alphas(text: str) -> Array:
    """Strengths from text: ``START:STOP:COUNT``, spaced evenly in the logarithm, or a list.

    Parameters
    ----------
    text
        Such as ``1e-12:1e3:31`` or ``1e-4,1e-3,0.01``.

    Returns
    -------
    array (m,), ascending, without repeats.

    Raises
    ------
    InputError
        Where a part is not a positive number.

    Examples
    --------
    >>> parse_alphas("1e-2:1:3")
    array([0.01, 0.1 , 1.  ])
    """
    if ":" not in text:
        return check_alphas(_number(part, text) for part in text.split(",") if part.strip())
    parts = text.split(":")
    count = parts[2].strip() if len(parts) == 3 else ""
    if not (count.isascii() and count.isdigit() and 2 <= int(count[:9]) <= MOST and len(count) < 9):
        raise InputError(
            f"--alphas {text!r} is not START:STOP:COUNT with a COUNT from 2 to {MOST:,}; "
            "write for instance 1e-12:1e3:31."
        )
    start, stop = (float(check_alphas([_number(p, text)])[0]) for p in parts[:2])
    return check_alphas(np.geomspace(start, stop, int(count)))


def _number(part: str, text: str) -> float:
    try:
        return float(part)
    except ValueError:
        raise InputError(
            f"alpha {part.strip()!r} in --alphas {text!r} is not a number; "
            "write for instance 1e-12:1e3:31, or 1e-4,1e-2,1."
        ) from None


def check_alphas(values: Iterable[object]) -> Array:
    """Positive finite strengths, ascending and without repeats.

    Raises
    ------
    InputError
        Where there is none, or one is not a positive finite number.
    """
    numbers = []
    for value in np.atleast_1d(np.asarray(values if hasattr(values, "__len__") else list(values))):
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise InputError(
                f"alpha {str(value)!r} is not a number; give positive numbers such as 1e-3."
            ) from None
        if not LEAST <= number <= GREATEST:
            raise InputError(
                f"alpha is {number!r}; a strength is a positive number from {LEAST:g} to "
                f"{GREATEST:g} (for almost no penalty take a small one, such as 1e-12)."
            )
        numbers.append(number)
    if not numbers:
        raise InputError("no alpha was given; give one or more positive numbers.")
    return np.unique(np.array(numbers))


def stilling_alpha(design: Design, loss: Loss, penalty: Penalty, targets: Array) -> float:
    """A strength at which the fit on all training rows is all but the base rates.

    With an L1 part, the least alpha that makes every weight zero, max |X̃ᵀr| / l1_ratio with r
    the residuals of the base rates. With an L2 part, the greatest curvature a weight can meet,
    over l2_ratio: there the penalty outweighs the data in every direction. The lesser of both.
    """
    candidates = []
    if penalty.l1_ratio:
        candidates.append(_steepest(design, loss, targets) / penalty.l1_ratio)
    if penalty.l2_ratio:
        curvature = _greatest_moment(design) * loss.greatest_curvature
        candidates.append(curvature / penalty.l2_ratio)
    return min(candidates)


def _steepest(design: Design, loss: Loss, targets: Array) -> float:
    """Greatest entry of the base rates' gradient on all training rows."""
    first = np.array([0])
    z = np.zeros((1, *targets.shape))
    rows = Rowwise(loss, z, targets[None], design.train_weight, first)
    z += best_intercept(rows)[..., None]
    return float(np.abs(design.adjoint_of(rows.residual, z.shape[:-1], first)[..., :-1]).max())


def _greatest_moment(design: Design) -> float:
    """Greatest eigenvalue of X̃ᵀX̃, training weights on, by power iteration."""
    first = np.array([0])
    # Any pattern of columns may cancel, indicators' for one: a random start is none of them.
    direction = np.random.default_rng(0).normal(size=(1, 1, design.width))
    direction[..., -1] = 0.0
    greatest = 0.0
    for _ in range(20):  # one digit is plenty
        direction /= np.linalg.norm(direction) or 1.0
        scores = design.scores(direction, first)
        direction = design.adjoint(scores * design.train_weight[:1][:, None, :], first)
        direction[..., -1] = 0.0
        greatest = float(np.linalg.norm(direction))
    return greatest


def grid_below(greatest: float) -> Array:
    """Ten decades of strengths, three a decade, from the power of ten at or above ``greatest``.

    Examples
    --------
    >>> grid = grid_below(0.3)
    >>> len(grid), float(grid[0]), float(grid[-1])
    (31, 1e-10, 1.0)
    """
    top = math.ceil(math.log10(min(max(greatest, 1e-100), 1e100)) - 1e-9)
    exponents = np.arange(-DECADES * PER_DECADE, 1) / PER_DECADE + top
    return np.asarray(10.0**exponents)
