"""Numbers on disk: files whose rows are read as they are needed, a block at a time."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from counterpoint.blocks import partition
from counterpoint.data.columns import Picked
from counterpoint.data.frames import to_series
from counterpoint.data.wording import listed
from counterpoint.errors import InputError

#: Times its own size that a table takes while it is read whole: frame, matrix, bytes of the file.
READING = 3
#: Share of the memory that reading a table whole may take.
SHARE = 0.5
#: Bytes of the rows that are spooled together, and of the columns of a row group (of Polars' own
#: size) that are decoded together.
SPOOLED = 64 * 2**20
DECODED = 32 * 2**20
ROW_GROUP = 2**18
_SINGLE = (pl.Float32, pl.Int8, pl.Int16, pl.UInt8, pl.UInt16, pl.Boolean)


@dataclass(frozen=True)
class Numbers:
    """Columns of numbers, mapped from a file.

    Attributes
    ----------
    X : array (n, columns)
    names : tuple of str
    by_name : bool
        Whether the columns had names of their own.
    """

    X: npt.NDArray[Any]
    names: tuple[str, ...]
    by_name: bool


def read_npy(
    source: str, labels: str | None, pick: Callable[[list[str]], Picked]
) -> tuple[Numbers, pl.Series, pl.Series | None]:
    """Map an array file; labels are a column of it, or a file of their own, and are read whole.

    Raises
    ------
    InputError
        If it isn't a two-dimensional array of numbers, or the labels don't fit.
    """
    array = _load(source, mapped=True)
    if array.ndim != 2 or array.dtype.kind not in "biuf":
        raise InputError(
            f"{source} holds an array of shape {array.shape} and type {array.dtype}: it must be "
            "two-dimensional and of numbers, a row each."
        )
    names = [f"x{j}" for j in range(array.shape[1])]
    picked = pick(names)
    at = {name: j for j, name in enumerate(names)}
    if labels is not None:
        target = to_series(_load(labels, mapped=False), Path(labels).stem)
    else:
        target = pl.Series(picked.target, np.array(array[:, at[str(picked.target)]]))
    weights = None
    if picked.weight is not None:
        weights = pl.Series(picked.weight, np.array(array[:, at[picked.weight]]))
    columns = [at[name] for name in picked.features]
    return Numbers(_columns(array, columns), picked.features, by_name=False), target, weights


def read_parquet_in_blocks(
    source: str, memory: int, pick: Callable[[list[str]], Picked]
) -> tuple[Numbers, pl.Series, pl.Series | None] | None:
    """Spool a Parquet file's numbers, if reading it whole would take too much of ``memory``.

    Returns
    -------
    None where it can be read whole, or is no Parquet file (whoever reads it next says so).

    Raises
    ------
    InputError
        If a column is not of numbers, or has missing cells.
    """
    try:
        lazy = pl.scan_parquet(source, glob=False)
        types = dict(lazy.collect_schema())
        n = int(lazy.select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, OSError):
        return None
    if READING * 8 * n * len(types) <= SHARE * memory or n == 0:
        return None
    picked = pick(list(types))
    kinds = [types[name] for name in picked.features]
    for name, kind in zip(picked.features, kinds, strict=True):
        if not (kind.is_numeric() or kind == pl.Boolean):
            raise InputError(
                f"Column {name!r} of {source} holds {kind} values, and a table larger than "
                "--memory is read in blocks of numbers alone: leave it out (--drop), make it "
                "numbers, or allow more memory."
            )
    dtype = np.float32 if all(kind in _SINGLE for kind in kinds) else np.float64
    X = _spooled(lazy, source, picked.features, n, np.dtype(dtype))
    target = lazy.select(str(picked.target)).collect().to_series()
    weights = None if picked.weight is None else lazy.select(picked.weight).collect().to_series()
    return Numbers(X, picked.features, by_name=True), target, weights


def held_bytes(X: Any) -> int:
    """Bytes of memory that a matrix holds; of a mapped file none, since they can be dropped.

    Examples
    --------
    >>> held_bytes(np.zeros((2, 3))[:, :2])
    32
    """
    if not isinstance(X, np.ndarray):
        return int(X.data.nbytes + X.indices.nbytes + X.indptr.nbytes)
    base: Any = X
    while isinstance(base, np.ndarray):
        base = base.base
    return 0 if isinstance(base, mmap.mmap) else X.nbytes


def _load(source: str, *, mapped: bool) -> npt.NDArray[Any]:
    try:
        array = np.load(source, mmap_mode="r" if mapped else None, allow_pickle=False)
    except FileNotFoundError:
        raise InputError(f"There is no file {source}: check the path.") from None
    except IsADirectoryError:
        raise InputError(f"{source} is a directory: name a file in it.") from None
    except (OSError, ValueError, EOFError) as error:
        first_line = str(error).partition("\n")[0]
        raise InputError(f"{source} isn't a NumPy array file of numbers: {first_line}.") from None
    if not isinstance(array, np.ndarray):
        raise InputError(f"{source} holds several arrays: save one array as .npy.")
    return array


def _columns(array: npt.NDArray[Any], columns: Sequence[int]) -> npt.NDArray[Any]:
    """Some columns: a view where they are neighbours, else a spooled copy."""
    first, width = columns[0], len(columns)
    if list(columns) == list(range(first, first + width)):
        return array[:, first : first + width]
    out = _spool(len(array), width, array.dtype)
    for part in partition(len(array), 8.0 * width):
        out[part] = array[part][:, columns]
    return out


def _spooled(
    lazy: pl.LazyFrame, source: str, names: tuple[str, ...], n: int, dtype: np.dtype[Any]
) -> npt.NDArray[Any]:
    """Write columns to a file, some rows at a time and of these some columns at a time.

    Whole row groups are decoded to get at their rows: of few columns, they fit.
    """
    out = _spool(n, len(names), dtype)
    rows = max(1, SPOOLED // (dtype.itemsize * len(names)))
    width = max(1, DECODED // (8 * min(n, ROW_GROUP)))
    for start in range(0, n, rows):
        for first in range(0, len(names), width):
            chosen = names[first : first + width]
            frame = lazy.select(chosen).slice(start, rows).collect()
            _refuse_missing(frame, source)
            block = frame.select(pl.all().cast(pl.Float64)).to_numpy()
            out[start : start + rows, first : first + width] = block
    return out


def _refuse_missing(frame: pl.DataFrame, source: str) -> None:
    floats = [s for s in frame if s.dtype.is_float()]
    gaps = [s.name for s in frame if s.null_count()] + [s.name for s in floats if s.is_nan().any()]
    if gaps:
        raise InputError(
            f"{source} has missing cells ({listed(gaps)}), and a table larger than --memory is "
            "read in blocks of numbers alone: fill them, leave the columns out (--drop), or allow "
            "more memory."
        )


def _spool(n: int, width: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """An array in a temporary file that has no name: it is gone with the process, however it ends.

    Raises
    ------
    InputError
        If there is no room for it.
    """
    size = n * width * dtype.itemsize
    try:
        with tempfile.TemporaryFile(prefix="counterpoint-") as file:
            # Written, not only sized: a full disk shows here, not as a crash in the mapped array.
            for part in partition(size, 1.0):
                file.write(bytes(part.stop - part.start))
            file.flush()
            return np.memmap(file, dtype=dtype, mode="r+", shape=(n, width))
    except OSError as error:
        raise InputError(
            f"{tempfile.gettempdir()} has no room for {size:,} bytes of numbers "
            f"({error.strerror}): point TMPDIR to a folder on a larger disk."
        ) from None
