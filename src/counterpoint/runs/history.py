"""The record of one training: tidy rows, and the facts known of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

import polars as pl

from counterpoint.errors import InputError
from counterpoint.files import all_or_nothing, write_atomically
from counterpoint.runs.facts import Fact, checked_facts

FORMAT = 1

#: Columns of the rows. A step or an epoch that the log does not say is null.
SCHEMA = pl.Schema(
    {
        "run": pl.String(),
        "step": pl.Int64(),
        "epoch": pl.Float64(),
        "split": pl.String(),
        "quantity": pl.String(),
        "value": pl.Float64(),
    }
)
ROWS, FACTS_FILE = "history.parquet", "history.json"


@dataclass(frozen=True, repr=False)
class History:
    """One training: what it logged, and what is known of it.

    Attributes
    ----------
    rows : polars.DataFrame
        One row a number: ``run`` (this run's name, so that rows of several can be put together),
        ``step``, ``epoch`` (as the log counts them; null where it does not say), ``split``
        (``train``, ``validation``, ``test``, or empty where nothing says), ``quantity`` (``loss``,
        ``data_loss``, ``penalty``, ``accuracy``, ...) and ``value`` (NaN and infinity stay).
        Rows are in the order of the log.
    name
        What the run is called.
    facts
        Name → value, see `counterpoint.runs.facts.FACTS`; each may be missing.
    format
        What kind of log it was read from, such as ``Keras CSVLogger``; empty where it was not.
    source
        The file or folder it was read from.
    notes
        How it was read, and what of the log is not here, in plain words.
    names
        ``"validation/loss"`` → the name in the log, such as ``val_log_loss``.

    Examples
    --------
    >>> history = History.of_points([(1, 0, "train", "loss", 2.3), (2, 0, "train", "loss", 1.9)])
    >>> history.series("train", "loss")["value"].to_list()
    [2.3, 1.9]
    """

    rows: pl.DataFrame
    name: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    format: str = ""
    source: str = ""
    notes: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_points(
        cls,
        points: Iterable[tuple[int | None, float | None, str, str, float]],
        name: str = "",
        facts: Mapping[str, Fact] | None = None,
    ) -> History:
        """A history of (step, epoch, split, quantity, value) points.

        Parameters
        ----------
        points
            In the order in which they were logged.
        name, facts
            As above.
        """
        columns = list(zip(*points, strict=True)) or [()] * 5
        rows = pl.DataFrame(
            dict(zip(list(SCHEMA)[1:], columns, strict=True)),
            schema={key: kind for key, kind in SCHEMA.items() if key != "run"},
        )
        return cls(labelled(rows, name), name=name, facts=checked_facts(facts or {}))

    def __repr__(self) -> str:
        lines = [f"History {self.name!r}: {self.rows.height:,} numbers"]
        if self.rows.height:
            lines[0] += f" in series of up to {self.length():,}"
        if self.format:
            lines[0] += f", read as {self.format}"
        lines += [
            f"  {split or '(no split)'}: {', '.join(quantities)}"
            for split, quantities in self.quantities().items()
        ]
        if self.facts:
            lines.append("  " + ", ".join(f"{name}={fact}" for name, fact in self.facts.items()))
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])

    def quantities(self) -> dict[str, list[str]]:
        """What was logged of each split, in the order of the log."""
        kinds = self.rows.select("split", "quantity").unique(maintain_order=True)
        found: dict[str, list[str]] = {}
        for split, quantity in kinds.iter_rows():
            found.setdefault(split, []).append(quantity)
        return found

    def series(self, split: str, quantity: str) -> pl.DataFrame:
        """Step, epoch and value of one quantity; no rows where it was not logged.

        Parameters
        ----------
        split, quantity
            As in ``rows``.
        """
        of_it = (pl.col("split") == split) & (pl.col("quantity") == quantity)
        return self.rows.filter(of_it).select("step", "epoch", "value")

    def length(self) -> int:
        """Number of points of the longest series."""
        if not self.rows.height:
            return 0
        return int(self.rows.group_by("split", "quantity").len()["len"].max())  # type: ignore[arg-type]

    def with_facts(self, **facts: Fact) -> History:
        """The same with more facts, which outweigh those that were read.

        Examples
        --------
        >>> History.of_points([]).with_facts(classes=10).facts
        {'classes': 10}
        """
        return replace(self, facts={**self.facts, **checked_facts(facts)})

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the rows as Parquet and the rest as JSON, all or nothing.

        Parameters
        ----------
        folder
            Made where it is missing; an earlier history in it is replaced.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        InputError
            The system refuses to write.
        """
        rest = {
            "counterpoint_history": FORMAT,
            "name": self.name,
            "facts": dict(self.facts),
            "format": self.format,
            "source": self.source,
            "notes": list(self.notes),
            "names": dict(self.names),
        }
        table = BytesIO()
        self.rows.write_parquet(table)
        with all_or_nothing(Path(folder)) as staged:
            write_atomically(staged / ROWS, table.getvalue())
            write_atomically(staged / FACTS_FILE, json.dumps(rest, indent=1))
        return Path(folder)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> History:
        """Read what `save` wrote.

        Parameters
        ----------
        folder

        Raises
        ------
        InputError
            There is no history in it, or it is damaged or of a newer version.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = History.of_points([(1, None, "", "loss", 2.3)], name="a").save(folder)
        ...     History.load(folder).rows["value"].to_list()
        [2.3]
        """
        home = Path(folder)
        try:
            rest = json.loads((home / FACTS_FILE).read_text(encoding="utf-8"))
            version = rest["counterpoint_history"]
            if version != FORMAT:
                message = f"{home} holds a history of format {version}, not {FORMAT}: update."
                raise InputError(message)
            rows = pl.read_parquet(home / ROWS)
            if rows.schema != SCHEMA:
                message = f"{home / ROWS} has other columns than a history: save it anew."
                raise InputError(message)
            return cls(
                rows,
                str(rest["name"]),
                checked_facts(rest["facts"]),
                str(rest["format"]),
                str(rest["source"]),
                tuple(map(str, rest["notes"])),
                {str(key): str(name) for key, name in rest["names"].items()},
            )
        except InputError:
            raise
        except FileNotFoundError:
            raise InputError(f"{home} holds no saved history: name another folder.") from None
        except (
            *(AttributeError, KeyError, OSError, TypeError, ValueError, RecursionError),
            pl.exceptions.PolarsError,
        ) as error:
            raise InputError(f"{home} is a damaged history ({error}): save it anew.") from error


def is_saved(folder: Path) -> bool:
    """Whether a folder holds what `History.save` wrote."""
    return (folder / ROWS).is_file() and (folder / FACTS_FILE).is_file()


def labelled(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Rows under the name of their run, with the columns in order."""
    return rows.with_columns(run=pl.lit(name, pl.String)).select(list(SCHEMA))
