"""Rows that are not read from a table: points typed in, and a simulated logistic sample."""

from __future__ import annotations

import math

import numpy as np

from counterpoint.data import Dataset, dataset_from_arrays
from counterpoint.errors import InputError

#: Rows of a simulated sample, at most.
MOST_ROWS = 1_000_000


def parse_points(text: str) -> Dataset:
    """Read points of one feature, ``x:y`` by comma.

    Raises
    ------
    InputError
        Where a point is not a number and a label.

    Examples
    --------
    >>> rows = parse_points("-1:0, -0.3:0, 0:1, 0.9:0, 1:1")
    >>> rows.X[:, 0], rows.y
    (array([-1. , -0.3,  0. ,  0.9,  1. ]), array(['0', '0', '1', '0', '1'], dtype='<U1'))
    """
    x, y = [], []
    for part in filter(str.strip, text.split(",")):
        place, colon, label = part.partition(":")
        if not colon or not label.strip():
            raise InputError(
                f"the point {part.strip()!r} has no label; write x:y, such as -0.3:0 or 1:yes."
            )
        x.append(_number(place, f"the point {part.strip()!r}"))
        y.append(label.strip())
    if not x:
        raise InputError("there are no points; write x:y by comma, such as -1:0,0:1.")
    return dataset_from_arrays(np.array(x)[:, None], y, feature_names=["x"])


def logistic_sample(text: str) -> Dataset:
    """Draw ``N,SLOPE,INTERCEPT,SEED``: x standard normal, P(y = 1) = 1 / (1 + e^-(slope x + b)).

    Raises
    ------
    InputError
        Where the four are not such numbers.

    Examples
    --------
    >>> rows = logistic_sample("100,0.3,0.5,0")
    >>> rows.X.shape, int(rows.y.sum())
    ((100, 1), 59)
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4:
        raise InputError(f"the sample {text!r} is not N,SLOPE,INTERCEPT,SEED, as in 100,0.3,0.5,0.")
    n, slope, intercept, seed = (_number(part, f"the sample {text!r}") for part in parts)
    if n != int(n) or not 1 <= n <= MOST_ROWS:
        raise InputError(f"the sample {text!r} has {n:g} rows; ask for 1 to {MOST_ROWS:,}.")
    if seed != int(seed) or seed < 0:
        raise InputError(f"the seed in {text!r} is {seed:g}; give a whole number, 0 or more.")
    rng = np.random.default_rng(int(seed))
    x = rng.normal(size=int(n))
    y = rng.random(int(n)) < 1.0 / (1.0 + np.exp(-np.clip(slope * x + intercept, -700.0, 700.0)))
    return dataset_from_arrays(x[:, None], y.astype(np.int64), feature_names=["x"])


def _number(text: str, where: str) -> float:
    try:
        # Copied from a page, a minus may be the typographer's.
        number = float(text.strip().replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{where} has {text.strip()!r} where a number should stand.")
    return number
