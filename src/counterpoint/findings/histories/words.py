"""How curves are spoken of."""

from __future__ import annotations

from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.words import figure, listing, share

_ROWS = {"train": "training", "validation": "validation", "test": "test"}
_QUANTITIES = {"data_loss": "data loss", "batch_loss": "batch loss", "batch_accuracy": "accuracy"}


def called(curve: Curve) -> str:
    """Such as ``validation loss``.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones(1)
    >>> called(Curve("validation", "loss", one, one, "epoch"))
    'validation loss'
    """
    quantity = _QUANTITIES.get(curve.quantity, curve.quantity.replace("_", " "))
    return f"{_ROWS[curve.split]} {quantity}" if curve.split in _ROWS else quantity


def capital(text: str) -> str:
    """With a capital at its start."""
    return text[:1].upper() + text[1:]


def value(curve: Curve, number: float) -> str:
    """A number of a curve: a share, or a figure."""
    return share(number) if "accuracy" in curve.quantity else figure(number)


def change(curve: Curve, start: float, end: float) -> str:
    """Such as ``0.462 to 0.577``."""
    return f"{value(curve, start)} to {value(curve, end)}"


def last(curve: Curve) -> str:
    """Its last finite values, as evidence of what led to what follows; empty without any."""
    return listing([value(curve, float(each)) for each in curve.finite.values[-4:]])
