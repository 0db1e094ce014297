"""Bytes of a file, decompressed, and the format that its name says."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path

import polars as pl

from counterpoint.errors import InputError

_DECOMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
}
_FORMATS = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".tab": "delimited",
    ".txt": "delimited",
    ".data": "delimited",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".jsonl": "json lines",
    ".ndjson": "json lines",
    ".libsvm": "libsvm",
    ".svm": "libsvm",
    ".svmlight": "libsvm",
    ".npy": "npy",
}


def file_format(source: str) -> str:
    """Format of a file by its name: delimited, parquet, arrow, json lines, libsvm or npy.

    Raises
    ------
    InputError
        If the ending is unknown, with the list.

    Examples
    --------
    >>> file_format("adult.data.gz"), file_format("a9a.libsvm.bz2"), file_format("T.PARQUET")
    ('delimited', 'libsvm', 'parquet')
    """
    path = Path(source.lower())
    inner = Path(path.stem) if path.suffix in _DECOMPRESSORS else path
    if inner.suffix not in _FORMATS:
        raise InputError(
            f"{source} has no ending that says its format: rename it to one of "
            f"{' '.join(_FORMATS)}, with {' '.join(_DECOMPRESSORS)} behind it if compressed."
        )
    return _FORMATS[inner.suffix]


def read_content(source: str) -> bytes:
    """Content of a file, decompressed if its name ends in .gz, .bz2 or .xz.

    Raises
    ------
    InputError
        If it doesn't exist, is a directory, can't be read or is damaged.
    """
    path = Path(source)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"There is no file {source}: check the path.") from None
    except IsADirectoryError:
        raise InputError(f"{source} is a directory: name a file in it.") from None
    except OSError as error:
        raise InputError(f"{source} can't be read ({error.strerror}): check it.") from None
    decompress = _DECOMPRESSORS.get(path.suffix.lower())
    if decompress is None:
        return content
    try:
        return decompress(content)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
        raise InputError(
            f"{source} isn't a whole {path.suffix} file: fetch it again, or take the ending off "
            "if it isn't compressed."
        ) from None


def read_typed(content: bytes, source: str, kind: str) -> pl.DataFrame:
    r"""Read a table in a format that knows its columns' types.

    Parameters
    ----------
    kind : {"parquet", "arrow", "json lines"}

    Raises
    ------
    InputError
        If it is empty or isn't of that format (JSON Lines: with the line).

    Examples
    --------
    >>> read_typed(b'{"a": 1}\n{"a": 2.5, "b": "x"}', "t.jsonl", "json lines").rows()
    [(1.0, None), (2.5, 'x')]
    """
    if not content.strip():
        raise InputError(f"{source} is empty: there is nothing to learn from.")
    try:
        if kind == "json lines":
            return pl.read_ndjson(io.BytesIO(content), infer_schema_length=None)
        if kind == "parquet":
            return pl.read_parquet(io.BytesIO(content), use_pyarrow=False)
        return _read_arrow(content)
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        where = _first_bad_json_line(content) if kind == "json lines" else ""
        first_line = str(error).partition("\n")[0]
        raise InputError(f"{source} isn't a table in {kind} format{where}: {first_line}.") from None


def _read_arrow(content: bytes) -> pl.DataFrame:
    """Arrow IPC, as a file (Feather) or as a stream."""
    if content.startswith(b"ARROW1"):
        return pl.read_ipc(io.BytesIO(content), use_pyarrow=False)
    return pl.read_ipc_stream(io.BytesIO(content), use_pyarrow=False)


def _first_bad_json_line(content: bytes) -> str:
    """Where the first line is that isn't a JSON object, if it can be told."""
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            is_object = isinstance(json.loads(line), dict)
        except ValueError:
            is_object = False
        if not is_object:
            return f" (line {number} isn't a JSON object)"
    return ""
