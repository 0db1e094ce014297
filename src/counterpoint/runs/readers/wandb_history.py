"""The history in a run's ``.wandb`` file: LevelDB's log framing around protocol buffers.

Blocks of 32 KiB hold pieces of records, each with its checksum, length and type (LevelDB,
'log_format.md'); the checksum is the plain CRC-32 over the type and the data.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from counterpoint.runs.facts import fact_named
from counterpoint.runs.gather import Gatherer
from counterpoint.runs.protobuf import DamagedMessage, bytes_of, fields, signed, text_of
from counterpoint.runs.readers import wandb_summary
from counterpoint.runs.records import Rows
from counterpoint.runs.source import Source

name = "Weights & Biases run"
summary = "`run-….wandb`: the whole history, with the configuration as facts; a run's folder"
_IDENT = b":W&B" + struct.pack("<HB", 0xBEE1, 0)
_BLOCK, _HEADER = 32_768, 7
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
#: A row of a history is small; what is larger is a file or a picture.
_LARGEST = 1 << 24


def recognises(source: Source) -> bool:
    """Whether it begins with the mark of such files."""
    return source.head.startswith(_IDENT)


def claims(folder: Path) -> bool:
    """Whether a folder holds one such file: several are of several runs."""
    return sum(path.is_file() for path in folder.glob("*.wandb")) == 1


def read(source: Source, gathered: Gatherer) -> None:
    """Read every row of the history, and the configuration."""
    rows = Rows(gathered, counts=False)
    damaged = 0
    for record in _records(source, gathered):
        try:
            for number, wire, value in fields(record):
                if wire != 2 or not isinstance(value, bytes):
                    continue
                if number == 2:  # HistoryRecord
                    row = _row(value)
                    rows.add(tuple(row), list(row.values()))
                elif number == 5:  # ConfigRecord
                    gathered.facts(_config(value))
                elif number == 17:  # RunRecord, whose field 4 is the first ConfigRecord
                    for config in bytes_of(value, 4):
                        gathered.facts(_config(config))
        except DamagedMessage:
            damaged += 1
    if damaged:
        gathered.note(f"{damaged:,} damaged records are left out")


def read_folder(folder: Path, gathered: Gatherer) -> None:
    """Read the history; where there is none, the summary beside it."""
    for path in sorted(folder.glob("*.wandb")):
        if path.is_file() and recognises(source := Source.of(path)):
            read(source, gathered)
    last = folder / "files" / "wandb-summary.json"
    if not gathered.run.series and last.is_file():
        gathered.kind = wandb_summary.name
        wandb_summary.read(Source.of(last), gathered)


def _row(history: bytes) -> dict[str, Any]:
    """HistoryRecord: item = 1 (key = 1, nested_key = 2, value_json = 16), step = 2 (num = 1)."""
    row = dict(_items(history, 1))
    for step in bytes_of(history, 2):
        for number, _, value in fields(step):
            if number == 1 and isinstance(value, int):
                row.setdefault("_step", signed(value))
    return row


def _config(config: bytes) -> dict[str, Any]:
    """ConfigRecord: update = 1, with items as above."""
    known = {}
    for key, value in _items(config, 1):
        plain = value.get("value", value) if isinstance(value, dict) else value
        if fact_named(key) and isinstance(plain, int | float | str):
            known[fact_named(key)] = plain
    return known


def _items(message: bytes, number: int) -> Iterator[tuple[str, Any]]:
    for item in bytes_of(message, number):
        nested = [key.decode("utf-8", errors="replace") for key in bytes_of(item, 2)]
        try:
            value = json.loads(text_of(item, 16))
        except (ValueError, RecursionError):
            continue
        yield text_of(item, 1) or ".".join(nested), value


def _records(source: Source, gathered: Gatherer) -> Iterator[bytes]:
    """Whole records; one that is damaged is left out, and said."""
    pieces: list[bytes] = []
    held, damaged = 0, 0
    with source.open() as file:
        file.seek(_HEADER)
        block = file.read(_BLOCK - _HEADER)
        while block:
            for kind, data in _pieces(block):
                if kind in (_FULL, _FIRST):
                    damaged += bool(pieces)
                    pieces, held = [], 0
                elif kind is None or not pieces:
                    damaged += 1
                    pieces = []
                    continue
                if held <= _LARGEST:
                    pieces.append(data)
                held += len(data)
                if kind in (_FULL, _LAST):
                    if held <= _LARGEST:
                        yield b"".join(pieces)
                    pieces = []
            block = file.read(_BLOCK)
    if damaged:
        gathered.note(f"{damaged:,} damaged records (wrong checksum) are left out")
    if pieces:
        gathered.note("the last record is cut off and left out")


def _pieces(block: bytes) -> Iterator[tuple[int | None, bytes]]:
    """Type and data of each piece of a block; no type where it is damaged."""
    at = 0
    while at + _HEADER <= len(block):
        check, length, kind = struct.unpack("<IHB", block[at : at + _HEADER])
        if not (check or length or kind):  # zeros fill a block that is done
            return
        data = block[at + _HEADER : at + _HEADER + length]
        if len(data) < length or zlib.crc32(data, zlib.crc32(bytes([kind]))) != check:
            yield None, b""
            return  # where the next one begins is not known within this block
        yield kind, data
        at += _HEADER + length
