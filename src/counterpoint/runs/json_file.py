"""JSON, read whole: bounded, and with one clear sentence where it is broken."""

from __future__ import annotations

import json
from typing import Any

from counterpoint.errors import InputError
from counterpoint.runs.source import Source

#: JSON is read whole; larger logs are written line by line.
MOST_BYTES = 512 * 2**20


def load_json(source: Source) -> Any:
    """The value in a file of JSON.

    Raises
    ------
    InputError
        It is cut off, damaged, nested too deep, or too large.
    """
    if source.size > MOST_BYTES:
        raise InputError(
            f"it has {source.size / 2**20:,.0f} MiB, and JSON is read whole up to "
            f"{MOST_BYTES / 2**20:,.0f}: log as JSON Lines."
        )
    with source.open() as file:
        data = file.read()
    try:
        return json.loads(data.decode(source.encoding, errors="replace"))
    except RecursionError:
        raise InputError("its JSON is nested too deep for a log.") from None
    except ValueError as error:
        raise InputError(f"its JSON is cut off or damaged ({str(error)[:200]}).") from error


def numbers_of(value: Any) -> list[float | None] | None:
    """A list of numbers, where a value is one; None stands where one is missing.

    Examples
    --------
    >>> numbers_of([1, 0.5, None]), numbers_of([1, "a"]), numbers_of([])
    ([1.0, 0.5, None], None, None)
    """
    if not isinstance(value, list) or not value:
        return None
    found: list[float | None] = []
    for each in value:
        if each is None:
            found.append(None)
        elif isinstance(each, int | float) and not isinstance(each, bool):
            try:
                found.append(float(each))
            except OverflowError:
                return None
        else:
            return None
    return found
