"""Work that several findings ask for, done once a subject."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

Subject = TypeVar("Subject")
Result = TypeVar("Result")


def once(function: Callable[[Subject], Result]) -> Callable[[Subject], Result]:
    """Remember what a function says of a fit or a course for as long as that lives."""
    known: WeakKeyDictionary[Subject, Result] = WeakKeyDictionary()

    @wraps(function)
    def remembered(subject: Subject) -> Result:
        if subject not in known:
            known[subject] = function(subject)
        return known[subject]

    return remembered
