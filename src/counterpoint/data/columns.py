"""Which columns of a table are features, target and weight: by name or position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from counterpoint.data.wording import listed, near_names
from counterpoint.errors import InputError


class Wanted(Protocol):
    """What the caller said about columns; ``labels`` stand instead of a target column."""

    @property
    def target(self) -> str | int | None: ...
    @property
    def weight(self) -> str | int | None: ...
    @property
    def drop(self) -> Sequence[str]: ...
    @property
    def labels(self) -> str | None: ...


@dataclass(frozen=True)
class Picked:
    """Which columns are which.

    Attributes
    ----------
    features : tuple of str
    target, weight : str or None
    """

    features: tuple[str, ...]
    target: str | None
    weight: str | None


def pick_columns(names: list[str], source: str, wanted: Wanted, *, suspect: bool) -> Picked:
    """Find the columns that are wanted among a table's names.

    Parameters
    ----------
    suspect
        Whether the names look like a row of data.

    Raises
    ------
    InputError
        If a column isn't there, is wanted for two things, or the target isn't said.
    """
    if (wanted.target is None) == (wanted.labels is None):
        raise InputError(
            f"{source} doesn't say which column to predict: name it with --target "
            f"(the columns are {listed(names)})."
            if wanted.target is None
            else "--target and --labels are two ways to name the labels; give one of them."
        )
    target = weight = None
    if wanted.target is not None:
        target = _find(wanted.target, names, source, "target", suspect)
    if wanted.weight is not None:
        weight = _find(wanted.weight, names, source, "weight", suspect)
    dropped = [_find(name, names, source, "drop", suspect) for name in wanted.drop]
    if target is not None and (target == weight or target in dropped):
        raise InputError(
            f"Column {target!r} can't be the target and the weight or a column to drop: "
            "name different columns."
        )
    features = tuple(name for name in names if name not in {target, weight, *dropped})
    if not features:
        raise InputError(
            "The table has no feature column with a value in it: "
            "give it at least one column beside the target."
        )
    return Picked(features, target, weight)


def _find(wanted: str | int, names: list[str], source: str, option: str, suspect: bool) -> str:
    """Name of the column that is wanted by name or position."""
    if isinstance(wanted, str) and wanted in names:
        return wanted
    if suspect:
        raise InputError(
            f"The first line of {source} looks like a row, not like column names: say "
            f"--no-header and give --{option} a position (-1 is the last column), or name all "
            "columns with --columns."
        )
    try:
        position = int(wanted)
    except ValueError:
        raise InputError(
            f"{source} has no column {wanted!r} for --{option}: {near_names(str(wanted), names)}"
        ) from None
    if not -len(names) <= position < len(names):
        raise InputError(
            f"{source} has no column {position} for --{option}: its {len(names)} columns count "
            f"from 0 to {len(names) - 1}, and from -1 backwards."
        )
    return names[position]
