"""`--map`: what names in a log mean."""

from __future__ import annotations

from counterpoint.errors import InputError


def meanings_in(given: list[str]) -> dict[str, str]:
    """Name → meaning, of ``my_metric=val/accuracy``.

    Raises
    ------
    InputError
        There is no name, or no sign.

    Examples
    --------
    >>> meanings_in(["my_metric=val/accuracy"])
    {'my_metric': 'val/accuracy'}
    """
    known = {}
    for text in given:
        name, sign, meaning = text.rpartition("=")
        if not sign or not name.strip():
            raise InputError(
                f"--map is {text!r}: write a name, = and what it means, such as "
                "my_metric=val/accuracy."
            )
        known[name.strip()] = meaning
    return known
