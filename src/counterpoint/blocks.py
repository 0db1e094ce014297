"""How rows fall into blocks: what is read and worked on at a time."""

from __future__ import annotations

#: Bytes of a dense block in double precision.
BLOCK_BYTES = 8 * 2**20
#: Rows of a block, at least and at most.
BLOCK_ROWS = (256, 65_536)


def partition(n: int, row_bytes: float) -> tuple[slice, ...]:
    """Consecutive rows in blocks of about `BLOCK_BYTES`."""
    size = _rows_of_block(row_bytes)
    return tuple(slice(start, min(start + size, n)) for start in range(0, n, size))


def block_bytes(n: int, row_bytes: float) -> int:
    """Size of the blocks of `partition`."""
    return int(min(n, _rows_of_block(row_bytes)) * row_bytes)


def _rows_of_block(row_bytes: float) -> int:
    least, most = BLOCK_ROWS
    return int(min(max(BLOCK_BYTES / max(row_bytes, 1.0), least), most))
