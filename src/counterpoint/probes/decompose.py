"""What moves one array of parameters: least squares of its movements on what could have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: Residuals up to this multiple of the estimated errors are the errors' doing.
WITHIN = 8.0
#: Share of a movement that no finding speaks of.
NEGLIGIBLE = 1e-4
#: Share of a reported cost likewise: penalties that are alike in size must be told apart.
NEGLIGIBLE_COST = 1e-8


@dataclass(frozen=True)
class Track:
    """Consecutive steps of some coordinates of one array, shape (steps, coordinates) each.

    Attributes
    ----------
    moved
        What each step added.
    weight
        Where it stood before the step.
    slope, slope_error
        Of the mean data loss of the step's rows there, and its error.
    rounding
        What rounding alone may have added.
    """

    moved: Array
    weight: Array
    slope: Array
    slope_error: Array
    rounding: Array

    def only(self, t: int) -> Track:
        """Step t alone, behind a copy of itself that stands for the step before."""
        twice = [t, t]
        return Track(
            self.moved[twice],
            self.weight[twice],
            self.slope[twice],
            self.slope_error[twice],
            self.rounding[twice],
        )

    @property
    def steep(self) -> bool:
        """Whether any slope is beyond its error."""
        return bool(np.any(np.abs(self.slope) > WITHIN * self.slope_error))


@dataclass(frozen=True)
class Estimate:
    """A coefficient, and half the width of its 95% interval."""

    value: float
    error: float

    def differs_from(self, other: float, times: float = 4.0) -> bool:
        """Whether the value is further off than its interval allows, times a margin."""
        return abs(self.value - other) > times * self.error + 1e-9 * abs(other)


NOTHING = Estimate(0.0, 0.0)


@dataclass(frozen=True)
class Fit:
    """Movement = sum of coefficients times causes + rest.

    Attributes
    ----------
    coefficients
        By cause, in the units of the movement by the units of the cause.
    rest
        Norm of what is left, as a share of the movement's.
    exact
        Whether that rest is within the errors of measurement.
    spare
        Equations beyond the number of coefficients.
    """

    coefficients: Mapping[str, Estimate]
    rest: float
    exact: bool
    spare: int


def causes_of(track: Track, names: tuple[str, ...]) -> dict[str, Array]:
    """Columns that may explain the movements of a track's second and later steps."""
    columns = {
        "gradient": track.slope[1:],
        "weight": track.weight[1:],
        "sign": np.sign(track.weight[1:]),
        "last_move": track.moved[:-1],
        "last_gradient": track.slope[:-1],
        "last_weight": track.weight[:-1],
        "last_sign": np.sign(track.weight[:-1]),
    }
    return {name: columns[name] for name in names}


def fit(track: Track, names: tuple[str, ...]) -> Fit:
    """Explain a track by some causes, each equation weighted by its error.

    The slopes have errors of their own, which count in proportion to the rate; so the fit is made
    twice, the second time knowing the rate.
    """
    columns = causes_of(track, names)
    error = track.rounding[1:]
    found = weighted(track.moved[1:], columns, error)
    rate = abs(found.coefficients["gradient"].value)
    error = np.hypot(error, rate * track.slope_error[1:])
    if "last_gradient" in columns:
        lag = abs(found.coefficients["last_gradient"].value)
        error = np.hypot(error, lag * track.slope_error[:-1])
    return weighted(track.moved[1:], columns, error)


def fit_by_step(track: Track) -> Fit:
    """Explain a track with a coefficient of the slopes for each step; that of the last is kept."""
    causes = causes_of(track, ("gradient", "weight", "sign", "last_move"))
    slope = causes.pop("gradient")
    steps = np.arange(len(slope))[:, None]
    columns = {f"gradient {t}": slope * (steps == t) for t in range(len(slope))} | causes
    error = track.rounding[1:]
    found = weighted(track.moved[1:], columns, error)
    rate = max(abs(found.coefficients[f"gradient {t}"].value) for t in range(len(slope)))
    found = weighted(track.moved[1:], columns, np.hypot(error, rate * track.slope_error[1:]))
    last = found.coefficients[f"gradient {len(slope) - 1}"]
    return replace(found, coefficients={**found.coefficients, "gradient": last})


def weighted(
    target: Array, columns: Mapping[str, Array], error: Array, negligible: float = NEGLIGIBLE
) -> Fit:
    """Weighted least squares with intervals.

    Parameters
    ----------
    target, error
        What is explained, and the standard error of each number.
    columns
        What may explain it, by name; a column that is zero, or that others make up, gets
        coefficient 0 with an infinite interval.
    negligible
        Rest, as a share of what is explained, up to which the explanation is exact in any case.
    """
    y = target.ravel()
    noise = np.maximum(error.ravel(), 1e-13 * _size(y) + np.finfo(np.float64).tiny)
    # A few coordinates at a kink must not be outvoted by none: weights are bounded, not errors.
    weight = 1.0 / np.maximum(noise, 0.1 * np.median(noise))
    design = np.stack([c.ravel() for c in columns.values()], axis=1) * weight[:, None]
    scale = np.linalg.norm(design, axis=0)
    usable = scale > 0
    basis = design[:, usable] / scale[usable]
    u, s, vt = np.linalg.svd(basis, full_matrices=False)
    kept = s > 1e-10 * s[:1].max(initial=0.0)
    inverse = vt[kept].T / s[kept]
    solved = inverse @ (u[:, kept].T @ (y * weight))
    residual = y * weight - basis @ solved
    spare = len(y) - int(kept.sum())
    spread = max(1.0, float(residual @ residual) / spare) if spare > 0 else 1.0
    undetermined = np.sqrt(np.maximum(1.0 - (vt[kept] ** 2).sum(axis=0), 0.0)) > 1e-3
    deviation = np.sqrt((inverse**2).sum(axis=1) * spread)
    coefficients = {name: Estimate(0.0, np.inf) for name in columns}
    for place, name in enumerate(np.array(list(columns))[usable]):
        if not undetermined[place]:
            size = scale[usable][place]
            coefficients[str(name)] = Estimate(
                float(solved[place] / size), float(1.96 * deviation[place] / size)
            )
    left = residual / weight
    rest = _size(left) / _size(y) if _size(y) > 0 else 0.0
    # The median of |residual| / error has to be small, and so has the sum: an array of which one
    # column is wrong fails the second.
    share = float(np.mean(np.abs(residual) <= WITHIN * np.maximum(noise * weight, 1.0)))
    exact = rest <= negligible or share >= 0.9
    return Fit(coefficients, rest, exact, spare)


def _size(values: Array) -> float:
    return float(np.sqrt(np.mean(values**2))) if values.size else 0.0
