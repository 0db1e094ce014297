"""Tables of text: CSV, TSV and their like, with a header that names what was logged."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice

from counterpoint.errors import InputError
from counterpoint.runs.gather import Gatherer
from counterpoint.runs.readers.dense import Lines
from counterpoint.runs.readers.dialects import Dialect, dialect_of, is_catboost
from counterpoint.runs.records import Rows, number_of, roles_of, tells_training
from counterpoint.runs.source import Source

name = "CSV"
summary = (
    "Keras CSVLogger, Lightning `metrics.csv`, YOLO `results.csv`, fastai CSVLogger, CatBoost "
    "`*_error.tsv`, exports of Weights & Biases and TensorBoard, and any table with a header"
)


def recognises(source: Source) -> bool:
    """Whether the first line names columns of a training, with a row of numbers below."""
    return _header_of(source) is not None


def read(source: Source, gathered: Gatherer) -> None:
    """Read every row; a header in the middle begins another run."""
    found = _header_of(source)
    if found is None:
        raise InputError("it has no header that names columns of a training.")
    header, delimiter = found
    dialect = dialect_of(header, source.path)
    gathered.kind, gathered.home, gathered.split = dialect.kind, dialect.home, dialect.split
    rows, wrong, started = Rows(gathered), [], False
    lines = Lines(source)
    for cells in _records(lines, delimiter):
        if not started:
            started = _clean(cells) == header
        elif _is_header(cells, source):
            header = _clean(cells)
            dialect = dialect_of(header, source.path)
            gathered.new_run()
        elif len(cells) != len(header):
            wrong += [lines.number] if any(cells) else []
        else:
            _add(rows, gathered, dialect, cells)
            if list(dialect.groups) == [""]:
                _add_dense(rows, lines, dialect.groups[""], delimiter)
    if wrong:
        shown = ", ".join(map(str, wrong[:5])) + (", ..." if len(wrong) > 5 else "")
        gathered.note(f"rows cut short or of another width are left out: line {shown}")


def _add(rows: Rows, gathered: Gatherer, dialect: Dialect, cells: Sequence[str]) -> None:
    """One row to each run whose columns it has."""
    for run, columns in dialect.groups.items():
        if run:
            gathered.use_run(run)
        rows.add(tuple(name for _, name in columns), [cells[i] for i, _ in columns])


def _add_dense(
    rows: Rows, lines: Lines, columns: tuple[tuple[int, str], ...], delimiter: str
) -> None:
    """All rows from here on that are numbers like the row before them."""
    names = tuple(name for _, name in columns)
    taken = True
    while taken:
        numbers = lines.numbers(len(names), delimiter)
        if numbers is None or not len(numbers):
            return
        count = rows.add_many(names, numbers)
        lines.take(count)
        taken = count == len(numbers)


def _records(lines: Lines, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    try:
        for cells in reader:
            if delimiter == ";":  # where a decimal comma is usual
                cells = [cell.replace(",", ".") for cell in cells]
            yield cells
    except csv.Error as error:
        raise InputError(f"line {lines.number} breaks the table ({error}).") from error


def _header_of(source: Source) -> tuple[tuple[str, ...], str] | None:
    """Names of the columns and what parts them, where the file begins as a log does."""
    lines = [line for line in source.text.splitlines()[:50] if line.strip()]
    lines = [line for line in lines if not line.lstrip().startswith(("#", "//"))]
    if len(lines) < 2 or lines[0].lstrip()[:1] in ("{", "["):
        return None
    for delimiter in (",", "\t", ";"):
        try:
            rows = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
        except csv.Error:
            continue
        first, below = rows[0], list(islice(rows, 1, 20))
        if not _is_header(first, source) or (len(first) < 2 and delimiter != ","):
            continue
        fits = [row for row in below if len(row) == len(first)]
        numbers = any(number_of(cell)[0] is not None for row in fits for cell in row)
        if numbers and 2 * len(fits) >= len(below):
            return _clean(first), delimiter
    return None


def _clean(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(cell.strip().strip("\ufeff'\"") for cell in cells)


def _is_header(cells: Sequence[str], source: Source) -> bool:
    """Whether cells name columns of a training: no number among them, and no prose."""
    names = _clean(cells)
    if any(number_of(name)[0] is not None or len(name) > 200 for name in names):
        return False
    if any(len(name.split()) > 8 or ": " in name for name in names):
        return False
    if is_catboost(names):  # which names metrics of many kinds
        return True
    roles = roles_of(names)
    tidy = roles.value is not None or names[-1:] == ("Value",)
    placed = roles.step is not None or roles.epoch is not None
    return tells_training(names, source.explained) or (tidy and placed)
