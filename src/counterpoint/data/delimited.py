"""Text tables: one line a row, cells apart by a separator that is found from the first line."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from functools import partial
from itertools import islice, pairwise

import polars as pl

from counterpoint.data.frames import check_distinct
from counterpoint.data.wording import plural
from counterpoint.errors import InputError

SEPARATORS = (",", ";", "\t", "|")


def read_delimited(
    content: bytes,
    source: str,
    *,
    columns: Sequence[str] | None,
    header: bool,
    missing: Collection[str],
    separator: str | None,
    text_columns: Collection[str],
) -> pl.DataFrame:
    r"""Read a CSV, TSV or like table; every column gets the type that all of its cells allow.

    Parameters
    ----------
    content : bytes
        The file's content, UTF-8.
    source : str
        The file's name, for messages.
    columns : sequence of str or None
        Names of the columns, in place of the first line's or where there is none.
    header : bool
        Whether the first line holds names. Without it and without `columns`, the names are
        ``column_0``, ``column_1``, …
    missing : collection of str
        Cells that count as missing, blanks around them taken off.
    separator : str or None
        One character; None to find it.
    text_columns : collection of str
        Columns that are text even where every cell reads as a number.

    Raises
    ------
    InputError
        If it is empty, not UTF-8 text, ragged, of one column only, or names a column twice.

    Examples
    --------
    >>> frame = read_delimited(b"age; job\n31; a\n?; b\n", "t.csv", columns=None, header=True,
    ...                        missing=["?"], separator=None, text_columns=[])
    >>> frame.rows(), frame.columns
    ([(31, 'a'), (None, 'b')], ['age', 'job'])
    """
    content = content.removeprefix(b"\xef\xbb\xbf")
    _check_text(content, source)
    mark = _as_separator(separator) if separator is not None else find_separator(content)
    first, length = _first_record(content, mark)
    if len(first) < 2:
        raise InputError(
            f"{source} has one column only when split at {mark!r}: if its cells are apart by "
            "another character, name it with --separator."
        )
    names = _column_names(first, columns, header, source)
    start = length if header else 0
    return _parse(content, mark, names, start, missing, text_columns, source)


def find_separator(content: bytes) -> str:
    """The separator that cuts the first line into most cells.

    Examples
    --------
    >>> find_separator(b'"a,b";c;d')
    ';'
    """
    return max(SEPARATORS, key=lambda mark: len(_first_record(content, mark)[0]))


def looks_like_data(names: Sequence[str]) -> bool:
    """Whether a first line read as names is more likely a row: it holds numbers.

    Whole numbers that count up one by one are names, as some programs write for columns without.

    Examples
    --------
    >>> looks_like_data(["39", "State-gov", "77516"]), looks_like_data(["0", "1", "2", "target"])
    (True, False)
    """
    numbers = [number for name in names if (number := _number(name)) is not None]
    return bool(numbers) and any(b - a != 1 for a, b in pairwise(numbers))


def clean_text(frame: pl.DataFrame, missing: Collection[str]) -> pl.DataFrame:
    """Take the blanks off text cells and make the missing ones null.

    Examples
    --------
    >>> import polars as pl
    >>> clean_text(pl.DataFrame({"a": [" x", " ?", "y "]}), ["?"]).to_series().to_list()
    ['x', None, 'y']
    """
    text = pl.col(pl.String).str.strip_chars()
    return frame.with_columns(pl.when(text.is_in(list(missing)).not_()).then(text).name.keep())


def _number(text: str) -> float | None:
    """The number that a cell holds, if it holds one."""
    try:
        return float(text)
    except ValueError:
        return None


def _check_text(content: bytes, source: str) -> None:
    """Refuse an empty file and one that isn't UTF-8 text."""
    if not content.strip():
        raise InputError(f"{source} is empty: there is nothing to learn from.")
    try:
        content.decode("utf-8")
        readable = b"\0" not in content
        line = content.count(b"\n", 0, content.find(b"\0")) + 1
    except UnicodeDecodeError as error:
        readable = False
        line = content.count(b"\n", 0, error.start) + 1
    if not readable:
        raise InputError(
            f"{source} isn't UTF-8 text (line {line} has other bytes): save it as UTF-8, or give "
            "a file of another format the ending of that format."
        )


def _as_separator(separator: str) -> str:
    """A separator as the command line gives it: one character, or the escape or name of the tab."""
    mark = {"\\t": "\t", "tab": "\t"}.get(separator, separator)
    if len(mark) != 1 or not mark.isascii() or mark in '"\r\n':
        raise InputError(
            f"The separator {separator!r} isn't one plain character: give , ; | or tab, say."
        )
    return mark


def _first_record(content: bytes, mark: str) -> tuple[list[str], int]:
    """Cells of the first record, blanks taken off, and the bytes up to its end."""
    reader = csv.reader(_lines(content), delimiter=mark)
    try:
        record = next((record for record in reader if record), [])
    except csv.Error:
        # A cell above the csv module's limit: no header has one.
        return [], 0
    length = sum(len(line.encode()) for line in islice(_lines(content), reader.line_num))
    return [cell.strip() for cell in record], length


def _lines(content: bytes) -> io.TextIOWrapper:
    """The lines with their ends as they are, as the csv module asks."""
    return io.TextIOWrapper(io.BytesIO(content), "utf-8", newline="")


def _column_names(
    first: list[str], columns: Sequence[str] | None, header: bool, source: str
) -> list[str]:
    """Names of the columns: the caller's, else the first line's, else positions."""
    if columns is None:
        names = first if header else [f"column_{j}" for j in range(len(first))]
    else:
        names = list(columns)
    if len(names) != len(first):
        raise InputError(
            f"{len(names)} column names were given and {source} has {len(first)} columns "
            "in its first line: give one name a column."
        )
    try:
        check_distinct(names)
    except InputError as error:
        hint = " If the first line is a row, say --no-header." if looks_like_data(names) else ""
        raise InputError(f"{source}: {error}{hint}") from None
    return names


def _parse(
    content: bytes,
    mark: str,
    names: list[str],
    start: int,
    missing: Collection[str],
    text_columns: Collection[str],
    source: str,
) -> pl.DataFrame:
    """Read the rows with Polars, and check what it is lenient about: rows that are too short."""
    # A plain header in place of the file's own: names that repeat or run over lines don't matter.
    plain = {name: f"c{j}" for j, name in enumerate(names)}
    read = partial(
        pl.read_csv,
        mark.join(plain.values()).encode() + b"\n" + content[start:],
        separator=mark,
        null_values=list(missing),
        schema_overrides={plain[name]: pl.String for name in text_columns if name in plain},
    )
    try:
        try:
            frame = read(infer_schema_length=1000)
        except pl.exceptions.ComputeError:
            # A later cell isn't of the type of the first rows: look at all, which is slower.
            frame = read(infer_schema_length=None)
    except pl.exceptions.PolarsError as error:
        _check_row_lengths(content, mark, len(names), source)
        reason = str(error).partition("\n")[0]
        raise InputError(
            f"{source} can't be read as a table ({reason}): check its quote marks and line ends."
        ) from None
    # A short row ends in a null; only then is the slow look due.
    if frame.to_series(-1).null_count():
        _check_row_lengths(content, mark, len(names), source)
    frame.columns = names
    # Polars reads a blank line as a row of nulls.
    frame = frame.filter(~pl.all_horizontal(pl.all().is_null()))
    return _numbers_in_text(clean_text(frame, missing), text_columns)


def _check_row_lengths(content: bytes, mark: str, width: int, source: str) -> None:
    """Refuse a row with more or fewer cells than the first line, naming its line."""
    reader = csv.reader(_lines(content), delimiter=mark)
    try:
        for record in reader:
            if record and len(record) != width:
                raise InputError(
                    f"{source}, line {reader.line_num} has {plural(len(record), 'cell')} where the "
                    f"first line has {width}: correct the line, or name another --separator."
                )
    except csv.Error as error:
        raise InputError(f"{source}, line {reader.line_num} can't be read: {error}.") from None


def _numbers_in_text(frame: pl.DataFrame, text_columns: Collection[str]) -> pl.DataFrame:
    """Cast the text columns whose every cell is a number or a boolean, now that blanks are off."""
    cast = []
    for series in frame.select(pl.col(pl.String)):
        if series.name in text_columns:
            continue
        lowered = series.str.to_lowercase()
        numbers = series.cast(pl.Float64, strict=False)
        if numbers.null_count() == series.null_count():
            cast.append(numbers)
        elif lowered.drop_nulls().is_in(["true", "false"]).all():
            cast.append(lowered == "true")
    return frame.with_columns(cast)
