"""The registry of losses. Adding one is one class and one line here."""

from __future__ import annotations

import difflib

from counterpoint.errors import InputError
from counterpoint.objective.losses.base import Loss, LossBounds, predicted_index
from counterpoint.objective.losses.margin import (
    Huber,
    Logistic,
    ModifiedHuber,
    SmoothHinge,
    Squared,
    SquaredHinge,
)
from counterpoint.objective.losses.softmax import Softmax

#: Name → (loss for two classes, loss for more).
LOSSES: dict[str, tuple[type[Loss], type[Loss]]] = {
    "log": (Logistic, Softmax),
    "squared": (Squared, Squared),
    "squared_hinge": (SquaredHinge, SquaredHinge),
    "huber": (Huber, Huber),
    "modified_huber": (ModifiedHuber, ModifiedHuber),
    "smooth_hinge": (SmoothHinge, SmoothHinge),
}


def loss_named(name: str, n_classes: int = 2) -> Loss:
    """The loss of that name for that many classes.

    Raises
    ------
    InputError
        If no loss has that name.

    Examples
    --------
    >>> loss_named("log", n_classes=10).label
    'log loss (softmax)'
    """
    if name not in LOSSES:
        near = difflib.get_close_matches(str(name).lower(), LOSSES, n=1)
        hint = f" (nearest: {near[0]})" if near else ""
        raise InputError(f"loss {name!r} is not known{hint}; choose one of {', '.join(LOSSES)}.")
    return LOSSES[name][0 if n_classes == 2 else 1]()


__all__ = ["LOSSES", "Loss", "LossBounds", "loss_named", "predicted_index"]
