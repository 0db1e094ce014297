"""Protocol buffers without a schema: the fields of one message (protobuf.dev, 'Encoding')."""

from __future__ import annotations

import struct
from collections.abc import Iterator

Value = int | bytes
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5


class DamagedMessage(ValueError):
    """Bytes that are no message."""


def fields(message: bytes) -> Iterator[tuple[int, int, Value]]:
    """Number, wire type and value of every field, in order.

    Parameters
    ----------
    message
        Numbers of fixed width come as their bytes: what they mean only the schema knows.

    Raises
    ------
    DamagedMessage
        The bytes are no message.

    Examples
    --------
    >>> list(fields(bytes([0x08, 0x96, 0x01, 0x12, 0x02]) + b"ok"))
    [(1, 0, 150), (2, 2, b'ok')]
    """
    at = 0
    while at < len(message):
        key, at = varint(message, at)
        number, wire = key >> 3, key & 7
        value: Value
        if wire == _VARINT:
            value, at = varint(message, at)
        else:
            if wire == _BYTES:
                length, at = varint(message, at)
            elif wire in (_EIGHT, _FOUR):
                length = 8 if wire == _EIGHT else 4
            else:
                raise DamagedMessage(f"wire type {wire}")
            value = message[at : at + length]
            at += length
            if at > len(message):
                raise DamagedMessage("it ends within a field")
        yield number, wire, value


def varint(message: bytes, at: int) -> tuple[int, int]:
    """A number of varying width, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            raise DamagedMessage("it ends within a number")
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
    raise DamagedMessage("a number has no end")


def signed(value: int) -> int:
    """An int64 that was written as a varint: two's complement."""
    return value - 2**64 if value >= 2**63 else value


def bytes_of(message: bytes, number: int) -> Iterator[bytes]:
    """The values of one field that holds messages, text or bytes."""
    for each, wire, value in fields(message):
        if each == number and wire == _BYTES:
            assert isinstance(value, bytes)
            yield value


def text_of(message: bytes, number: int) -> str:
    """The first text of a field; empty where it is not set."""
    return next(bytes_of(message, number), b"").decode("utf-8", errors="replace")


def floats_in(data: bytes, single: bool) -> tuple[float, ...]:
    """Packed little-endian numbers of single or double precision."""
    width, code = (4, "f") if single else (8, "d")
    return struct.unpack(f"<{len(data) // width}{code}", data[: len(data) // width * width])
