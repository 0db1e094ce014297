"""TensorBoard event files: records with checksums, each a protocol buffer of scalars.

The framing is that of TFRecord: length, its checksum, data, its checksum; the checksum is CRC-32C
(RFC 3720, appendix B.4), masked.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from counterpoint.errors import InputError
from counterpoint.runs.gather import Gatherer
from counterpoint.runs.names import SPLITS, Split, meaning_of, words_of
from counterpoint.runs.protobuf import DamagedMessage, bytes_of, fields, floats_in, signed, text_of
from counterpoint.runs.source import Source

name = "TensorBoard event file"
summary = "`events.out.tfevents…`, scalars of TensorFlow 1 and 2, Keras, PyTorch and Lightning"
#: A record of scalars is small; larger ones are graphs and pictures, and passed over.
_LARGEST = 1 << 22
_FLOAT, _DOUBLE = 1, 2


class Scalar(NamedTuple):
    """One number of an event."""

    tag: str
    step: int
    value: float


def recognises(source: Source) -> bool:
    """Whether the first record's length has the right checksum."""
    if len(source.head) < 12:
        return False
    length, check = struct.unpack("<QI", source.head[:12])
    return bool(check == masked_crc(source.head[:8])) and length < 2**40


def claims(folder: Path) -> bool:
    """Whether event files lie in a folder, or in folders of it that are named after rows."""
    return bool(_files(folder))


def read(source: Source, gathered: Gatherer) -> None:
    """Read the scalars of one file."""
    gathered.split = _split_of(source.path.parent.name)
    _read(source, gathered)


def read_folder(folder: Path, gathered: Gatherer) -> None:
    """Read every file of a run; Keras keeps training and validation rows in folders."""
    for path in _files(folder):
        gathered.split = _split_of(path.parent.name) if path.parent != folder else ""
        if recognises(source := Source.of(path)):
            _read(source, gathered)


def _files(folder: Path) -> list[Path]:
    def inside(each: Path) -> list[Path]:
        return sorted(path for path in each.glob("*tfevents*") if path.is_file())

    own = inside(folder)
    named = [each for each in sorted(folder.iterdir()) if each.is_dir() and _split_of(each.name)]
    return own + [path for each in named for path in inside(each)]


def _split_of(folder: str) -> Split:
    words = words_of(folder)
    return SPLITS.get(words[-1], "") if words else ""


def _read(source: Source, gathered: Gatherer) -> None:
    # Lightning writes the epoch of a step as a scalar of its own.
    epochs: dict[int, float] = {}
    for scalar in scalars(source, Gatherer()):
        if meaning_of(scalar.tag).quantity == "epoch" and len(epochs) < 1_000_000:
            epochs[scalar.step] = scalar.value
    for scalar in scalars(source, gathered):
        step: int | None = scalar.step
        epoch = epochs.get(scalar.step)
        tag = scalar.tag
        if tag.startswith("epoch_"):  # Keras: of one epoch, whose number is the step
            step, epoch = None, float(scalar.step)
        [meaning] = gathered.meanings([tag])
        gathered.point(meaning, scalar.value, step, epoch, tag)


def scalars(source: Source, gathered: Gatherer) -> Iterator[Scalar]:
    """Every scalar; what is damaged or cut off is passed over, and said."""
    damaged = 0
    for data, check in _records(source, gathered):
        try:
            found = list(_of_event(data))
        except DamagedMessage:
            found, check = [], -1
        if check == -1 or (found and check != masked_crc(data)):
            damaged += 1
        else:
            yield from found
    if damaged:
        gathered.note(f"{damaged:,} damaged records (wrong checksum) are left out")


def _records(source: Source, gathered: Gatherer) -> Iterator[tuple[bytes, int]]:
    """Each record and its checksum."""
    at = 0
    with source.open() as file:
        while header := file.read(12):
            length, check = struct.unpack("<QI", header) if len(header) == 12 else (0, -1)
            if check != -1 and check != masked_crc(header[:8]):
                if not at:
                    raise InputError("its first record is damaged.")
                gathered.note(
                    f"damaged at byte {at:,} of {source.size:,}: what follows is left out"
                )
                return
            end = at + 12 + length + 4
            if check == -1 or end > source.size:
                gathered.note(f"the last record is cut off at byte {source.size:,} and left out")
                return
            if length <= _LARGEST:
                data = file.read(length)
                yield data, struct.unpack("<I", file.read(4))[0]
            else:
                file.seek(end)
            at = end


def _of_event(event: bytes) -> Iterator[Scalar]:
    """Event: step = 2, summary = 5. Summary: value = 1."""
    step, summaries = 0, []
    for number, wire, value in fields(event):
        if number == 2 and isinstance(value, int):
            step = signed(value)
        elif number == 5 and wire == 2 and isinstance(value, bytes):
            summaries.append(value)
    for summary_ in summaries:
        for value in bytes_of(summary_, 1):
            scalar = _of_value(value)
            if scalar is not None and abs(step) < 2**53:
                yield Scalar(scalar[0], step, scalar[1])


def _of_value(message: bytes) -> tuple[str, float] | None:
    """Value: tag = 1, simple_value = 2 (float), tensor = 8, metadata = 9 (plugin_data = 1)."""
    tag = text_of(message, 1)
    plugin = ""
    for metadata in bytes_of(message, 9):
        plugin = next((text_of(data, 1) for data in bytes_of(metadata, 1)), "")
    if plugin not in ("", "scalars"):
        return None
    for number, wire, value in fields(message):
        if number == 2 and wire == 5 and isinstance(value, bytes):
            return tag, floats_in(value, single=True)[0]
        if number == 8 and wire == 2 and isinstance(value, bytes):
            number_ = _of_tensor(value)
            return None if number_ is None else (tag, number_)
    return None


def _of_tensor(tensor: bytes) -> float | None:
    """TensorProto: dtype = 1, tensor_content = 4, float_val = 5, double_val = 6."""
    kind = 0
    found: list[float] = []
    for number, _, value in fields(tensor):
        if number == 1 and isinstance(value, int):
            kind = value
        elif number in (4, 5, 6) and isinstance(value, bytes):
            single = number == 5 or (number == 4 and kind == _FLOAT)
            found += floats_in(value, single)
    return found[0] if kind in (_FLOAT, _DOUBLE) and len(found) == 1 else None


def _table() -> tuple[int, ...]:
    def entry(byte: int) -> int:
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        return byte

    return tuple(map(entry, range(256)))


_CRC = _table()


def masked_crc(data: bytes) -> int:
    """CRC-32C, rotated and offset as TFRecord has it.

    Examples
    --------
    >>> hex(masked_crc(b"123456789"))
    '0xc78ab0e5'
    """
    crc = 0xFFFF_FFFF
    for byte in data:
        crc = _CRC[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFF_FFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282_EAD8) & 0xFFFF_FFFF
