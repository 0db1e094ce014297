"""One file to be read: what it is called, how it begins, and its lines."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

from counterpoint.errors import InputError

#: How much of a file is looked at to recognise it.
HEAD = 65_536
#: Longer lines hold no row of a log; they are passed over, and that is said.
LONGEST_LINE = 1_000_000
_CHUNK = 1 << 20
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True)
class Source:
    """A file.

    Attributes
    ----------
    path
        For messages, and for what lies beside it.
    head
        Its first bytes.
    size
        In bytes.
    explained
        Names, in lower case, whose meaning the user gives. A log is known by them too.
    """

    path: Path
    head: bytes
    size: int
    explained: frozenset[str] = frozenset()

    @classmethod
    def of(cls, path: Path, explained: Iterable[str] = ()) -> Source:
        """Look at a file.

        Parameters
        ----------
        path
        explained
            Names whose meaning the user gives.

        Raises
        ------
        InputError
            It can't be read.
        """
        try:
            if not path.is_file():
                raise InputError(f"{path} is no file: name a log, or a folder of logs.")
            with path.open("rb") as file:
                known = frozenset(name.strip().lower() for name in explained)
                return cls(path, file.read(HEAD), path.stat().st_size, known)
        except (OSError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"{path} can't be read ({error}): check its name.") from error

    def open(self) -> IO[bytes]:
        """The file, to be read from its start.

        Raises
        ------
        InputError
            It can't be read.
        """
        try:
            return self.path.open("rb")
        except OSError as error:
            raise InputError(f"{self.path} can't be read ({error}): check its name.") from error

    @cached_property
    def encoding(self) -> str:
        """From the first bytes; UTF-8 where they do not say."""
        return next((name for bom, name in _BOMS.items() if self.head.startswith(bom)), "utf-8")

    @cached_property
    def text(self) -> str:
        """The head as text; empty where the file is binary."""
        text = self.head.decode(self.encoding, errors="replace")
        return "" if "\0" in text else text

    def lines(self) -> Iterator[str]:
        """Lines without their ends, one at a time; a carriage return within a line stays.

        Of a line that is too long only the part after its last carriage return is kept.
        """
        for block in self.blocks():
            for line in block.split("\n")[:-1]:
                yield line.rstrip("\r")

    def blocks(self) -> Iterator[str]:
        """The same lines, many at a time, each with its end."""
        decode = codecs.getincrementaldecoder(self.encoding)(errors="replace").decode
        rest, passed = "", False
        with self.open() as file:
            while chunk := file.read(_CHUNK):
                whole, end, rest = (rest + decode(chunk)).rpartition("\n")
                if end:
                    yield whole.partition("\n")[2] + end if passed else whole + end
                    passed = False
                if len(rest) > LONGEST_LINE:
                    rest = rest[rest.rstrip("\r").rfind("\r") + 1 :]
                    passed = passed or len(rest) > LONGEST_LINE
                    rest = "" if passed else rest
        rest += decode(b"", True)
        if rest and not passed:
            yield rest + "\n"
