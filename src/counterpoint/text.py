"""Words as a terminal or a page can show them, whoever wrote them."""

from __future__ import annotations

#: Columns beyond which lines of words are hard to read.
TEXT_WIDTH = 96


def printable(text: str) -> str:
    r"""Text without line breaks and terminal codes, which a name from a file may hold.

    Examples
    --------
    >>> printable("a\x1b[31m b")
    'a\\x1b[31m b'
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
