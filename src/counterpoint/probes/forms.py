"""What is wrong with a slope: for one row, a layer's slope is an outer product that tells.

The slope of a layer's weights for one row is (what came in) times (the error of each unit). A
factor that differs from unit to unit, and is the same for all inputs, is a fault in the error, such
as an activation whose derivative is missing; the other way round it is a fault in what came in.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from counterpoint.probes.decompose import Fit, weighted
from counterpoint.probes.points import Indices, draw_rows
from counterpoint.probes.subject import Array, Rows, Subject
from counterpoint.probes.tracking import Losses, Point, move_once, slopes_of

#: Rows and columns of the sub-matrix whose slopes are measured.
SIDE = 6


def form_of(
    subject: Subject,
    state: object,
    start: Point,
    rows: Rows,
    loss: Losses,
    k: int,
    rng: np.random.Generator,
) -> tuple[str, tuple[float, ...]]:
    """The form of what is wrong with array k, and the factor of each unit where it has one."""
    shape = subject.tensors[k].shape
    if len(shape) != 2 or min(shape) < 3:
        return "", ()
    one = draw_rows(rows, 1, rng)
    try:
        moved = move_once(subject, state, start, one)[k]
        loss.values(*one)
    except Exception:  # a normalisation over the batch, say, that refuses a single row
        return "", ()
    if not np.all(np.isfinite(moved)):
        return "", ()
    at = start()
    subject.write(at)
    first, second = (
        np.sort(np.argsort(np.abs(moved).sum(axis=1 - axis))[-SIDE:]) for axis in (0, 1)
    )
    pick = (first[:, None] * shape[1] + second).ravel()
    row, column = (
        np.repeat(np.arange(len(first)), len(second)),
        np.tile(np.arange(len(second)), len(first)),
    )
    slope, error = (part[0] for part in slopes_of(subject, at, k, pick, one, loss, {}))
    for axis, lines in ((1, column), (0, row)):
        factors = {f"unit {u}": -slope * (lines == u) for u in range(len(np.unique(lines)))}
        found = _explained(moved, at[k], pick, factors, error)
        if found.exact:
            inward = _faces_inputs(subject, k, axis)
            values = tuple(found.coefficients[name].value for name in factors)
            return ("per input" if inward else "per unit"), values
    if shape[0] == shape[1]:
        mirror: Indices = (pick % shape[0]) * shape[0] + pick // shape[0]
        slope, error = (part[0] for part in slopes_of(subject, at, k, mirror, one, loss, {}))
        if _explained(moved, at[k], pick, {"mirror": -slope}, error).exact:
            return "transposed", ()
    return "", ()


def _explained(
    moved: Array,
    weight: Array,
    pick: npt.NDArray[np.int64],
    factors: dict[str, Array],
    error: Array,
) -> Fit:
    """Movements by these columns, with a decay beside them."""
    target, at = moved.ravel()[pick], weight.ravel()[pick]
    columns = {**factors, "weight": at, "sign": np.sign(at)}
    first = weighted(target, columns, np.full(len(pick), np.finfo(np.float64).eps))
    largest = max(abs(first.coefficients[name].value) for name in factors)
    return weighted(target, columns, largest * error)


def _faces_inputs(subject: Subject, k: int, axis: int) -> bool:
    """Whether this axis of a weight matrix runs over what comes in: its biases match the other."""
    tensor = subject.tensors[k]
    biases = [t for t in subject.tensors if t.layer == tensor.layer and t.kind == "bias"]
    if not biases or tensor.shape[0] == tensor.shape[1]:
        return _rows_are_inputs(subject) == (axis == 0)
    return max(biases[0].shape) != tensor.shape[axis]


def _rows_are_inputs(subject: Subject) -> bool:
    """Whether weights are stored as (inputs, units), told from any layer that is not square."""
    for tensor in subject.tensors:
        if tensor.kind != "weight" or len(tensor.shape) != 2 or tensor.shape[0] == tensor.shape[1]:
            continue
        for bias in subject.tensors:
            if bias.kind == "bias" and bias.layer == tensor.layer:
                return max(bias.shape) == tensor.shape[1]
    return True
