"""scikit-learn's MLPClassifier as a hand-written network: `partial_fit` is its step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from counterpoint.auditing.subjects.settings import Said
from counterpoint.errors import InputError
from counterpoint.probes.subject import Rows


def is_perceptron(network: Any) -> bool:
    """Whether it is one, without importing scikit-learn for it."""
    return any(
        kind.__name__ == "MLPClassifier" and kind.__module__.startswith("sklearn.")
        for kind in type(network).__mro__
    )


def ready(network: Any, rows: Rows | None) -> None:
    """Make its parameters, and let its optimiser start without history.

    Raises
    ------
    InputError
        There are no rows, or its solver makes no steps.
    """
    if rows is None:
        raise InputError("an MLPClassifier gets its shape from data: give X and y.")
    if network.solver not in ("sgd", "adam"):
        raise InputError(f"solver {network.solver!r} makes no steps: audit 'sgd' or 'adam'.")
    X, y = rows
    if not hasattr(network, "coefs_"):
        network.partial_fit(X[:20], y[:20], classes=np.arange(int(y.max()) + 1))
    elif not np.array_equal(network.classes_, np.arange(int(y.max()) + 1)):
        raise InputError("the MLPClassifier was fitted to other classes: audit one not yet fitted.")
    vars(network).pop("_optimizer", None)


def with_strength(said: Said, network: Any, n_rows: int) -> Said:
    """Its alpha where the caller says none: it divides by the rows of the mini-batch."""
    return said if said.alpha is not None else replace(said, alpha=network.alpha / n_rows)
