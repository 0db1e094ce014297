"""What a judge is, and how its two margins make a verdict."""

from __future__ import annotations

from collections.abc import Callable

from case import Case

#: A case → ``yes``, ``may`` or ``no``.
Judge = Callable[[Case], str]


def between(yes: bool, may: bool) -> str:
    """The verdict of a wide and of a narrow margin."""
    return "yes" if yes else "may" if may else "no"
