"""Work that several findings ask for, done once a fit."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from counterpoint.fit.result import SweepFit

Result = TypeVar("Result")


def once_a_fit(function: Callable[[SweepFit], Result]) -> Callable[[SweepFit], Result]:
    """Remember what a function says of a fit for as long as the fit lives."""
    known: WeakKeyDictionary[SweepFit, Result] = WeakKeyDictionary()

    @wraps(function)
    def remembered(fit: SweepFit) -> Result:
        if fit not in known:
            known[fit] = function(fit)
        return known[fit]

    return remembered
