"""One pasted piece of a training log, read into quantities: which name, which rows, which number.

It knows the habits of Keras, PyTorch, Lightning, Hugging Face, fastai, scikit-learn, boosting
libraries and of textbooks, and nothing of what the numbers mean. Each quantity keeps the text it
was read from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from counterpoint.errors import InputError
from counterpoint.runs.names import READ, Split, heading_of, meaning_of

#: Longer texts are files, not lines.
LONGEST = 20_000

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
#: Spaces, minus signs and the wide punctuation of Chinese texts.
_PLAIN = str.maketrans(
    "\u00a0\u2007\u2009\u202f\u2212\uff1a\uff0c\uff1b\uff08\uff09\uff05\uff1d", "    -:,;()%="
)
#: A time of day or a date.
CLOCK = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?Z?)?"
    r"|(?<![\w.])\d{1,3}(?::\d\d){1,2}(?![\w.])"
)
#: Rows that a result is over, as PyTorch's tutorials print it: not a result of its own.
_ROWS = re.compile(
    r"(\b(?:on|over) (?:the |all )?)\d+(?:,\d{3})* (?=(?:\w+ )?(?:images|samples|rows)\b)", re.I
)
#: Stands where a time of day was, so that a table keeps its cells.
NOTHING = "\ue000"
_WHOLE = r"(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)"
_COUNT = re.compile(rf"(?<![\w.,])({_WHOLE})(\s*(?:/|\bof\b|\bout of\b)\s*)({_WHOLE})(?![\w.])")
_VALUE = re.compile(
    # Not within a name (Acc@1, train-logloss, valid_0's), not the 5 of "top 5 accuracy".
    r"(?<![\w.@'\-])(?<!top )"
    r"(?P<value>[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|nan|inf(?:inity)?))"
    r"(?:\s*(?:/|\bof\b|\bout of\b)\s*(?P<total>\d+)(?![\w.]))?"
    r"(?P<percent>\s?%)?"
    r"(?:\s?(?:bits|nats)\b(?!\s*[:=]))?"
    # Not the 2 of "2ms", nor the 1 of "1.2".
    r"(?![\w@]|\.\d)",
    re.IGNORECASE,
)
_COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+(?:e[+-]?\d+)?%?", re.IGNORECASE)
TEXTBOOK = re.compile(r"\s*epoch\s+\d+\s*:\s*(?P<count>\d+\s*/\s*\d+)\s*", re.IGNORECASE)
#: ``test loss, test acc: [0.4, 0.8]``, as Keras' guides print it: a header and its row in one line.
_LISTS = re.compile(r"([^\d:=]*,[^\d:=]*):\s*[\[(]?([^:=\[\]()]*,[^:=\[\]()]*)[\])]?\s*")
#: What ends the words that belong to a number.
_BREAK = re.compile(rf"[|,;!?{{}}\[\]()<>│┃\n\t:={NOTHING}]|\s[-–—]+\s|(?<=\w{{4}})\.\s+(?=[A-Z])")
_EDGE = " \t:=~≈'\"`*-–—→>•#.│┃|"


@dataclass(frozen=True)
class Quantity:
    """One number of a log, and how it was read.

    Attributes
    ----------
    name
        As it stands in the log, such as ``val_acc``.
    quantity
        ``loss``, ``accuracy``, ``error_rate``, or the name's own words joined by ``_``.
    split
        ``train``, ``validation``, ``test``; empty where nothing says.
    value
        The number; of a percentage or of a count of right or wrong predictions the fraction.
    text
        The number as it stands in the log, such as ``7498 / 10000``.
    half_unit
        Half a unit of its last digit: how far rounding may have moved it. Zero for a count.
    total
        Of how many, where it is a count.
    """

    name: str
    quantity: str
    split: Split
    value: float
    text: str
    half_unit: float
    total: int | None = None


def parse_line(text: str) -> tuple[Quantity, ...]:
    """Read the named numbers of a pasted line, or of a header and the row below it.

    Parameters
    ----------
    text
        As it was printed: terminal codes, progress bars and times of day are passed over.

    Returns
    -------
    tuple of Quantity
        In the order of the text. An accuracy beyond 1 stays as it is: whether it is a percentage
        or a count is for the caller to say.

    Raises
    ------
    InputError
        Where there is no named number, or a decimal comma.

    Examples
    --------
    >>> for q in parse_line("Test set: Average loss: 0.0290, Accuracy: 9905/10000 (99%)"):
    ...     print(q.split, q.quantity, q.value, q.total)
    test loss 0.029 None
    test accuracy 0.9905 10000
    """
    if len(text) > LONGEST:
        raise InputError(
            f"the line has {len(text):,} characters: paste one line of a log, or a header and one "
            "row."
        )
    plain = plain_text(text)
    if lists := _LISTS.fullmatch(plain):
        plain = f"{lists[1]}\n{lists[2]}"
    found = list(_of_table(plain)) or quantities_in(plain)
    if not found:
        what = "holds numbers without names" if _VALUE.search(plain) else "holds no number"
        raise InputError(
            f"the line {_shown(text)} {what}: paste one such as 'loss: 0.46 - acc: 0.78', or a "
            "header with its row below."
        )
    return tuple(found)


def quantities_in(plain: str, heading: Split = "") -> list[Quantity]:
    """Named numbers of plain text, in its order; none where it has none.

    Parameters
    ----------
    plain
        Text as `plain_text` gives it.
    heading
        The split that stood above it.

    Raises
    ------
    InputError
        A decimal comma in a loss or an accuracy.
    """
    return list(_of_textbook(plain)) or list(_of_words(_ROWS.sub(r"\1", plain), heading))


def parse_number(text: str, name: str) -> Quantity:
    """Read a single number that needs no name in its text, such as ``78.26%`` or ``7498/10000``.

    Parameters
    ----------
    text
    name
        What it is, such as ``accuracy``.

    Raises
    ------
    InputError
        Where the text is anything else than one number.

    Examples
    --------
    >>> q = parse_number("78.26%", "accuracy")
    >>> round(q.value, 4), f"{q.half_unit:.0e}"
    (0.7826, '5e-05')
    """
    plain = plain_text(text).strip()
    _refuse_comma(plain, name)
    match = _VALUE.fullmatch(plain)
    if match is None:
        raise InputError(f"{name} {_shown(text)} is not a number: write it like 0.7826.")
    return _quantity(name, match)


def plain_text(text: str) -> str:
    """The text without terminal codes and times of day, with ASCII minus signs and plain spaces."""
    # A progress bar is drawn again after a carriage return or backspaces: the last drawing counts.
    lines = (
        re.split(r"\r|\x08+", line.rstrip("\r"))[-1] for line in _ANSI.sub("", text).split("\n")
    )
    plain = "\n".join(lines)
    if not plain.isascii():
        plain = plain.translate(_PLAIN)
    if not plain.isprintable():
        plain = "".join(c if c.isprintable() or c in "\n\t" else " " for c in plain)
    plain = CLOCK.sub(NOTHING, plain)
    return _COUNT.sub(lambda count: count[0].replace(",", ""), plain)


def _of_words(text: str, heading: Split = "") -> Iterator[Quantity]:
    """Each number with the words before it; a heading such as ``Test set:`` holds on."""
    end = 0
    for match in _VALUE.finditer(text):
        before, end = text[end : match.start()], match.end()
        *earlier, name = _pieces(before)
        for piece in earlier:
            heading = heading_of(piece) or heading
        if not re.search(r"[^\W\d_]", name):
            continue
        found = _quantity(name, match, heading if " " in name or "_" not in name else "")
        if found.quantity in READ:
            _refuse_comma(text[match.start() :].split()[0].strip(",;)]}'\""), name)
        # "Val Loss: 0.4 Acc: 0.8" goes on with the validation rows, "val_loss 0.4 acc 0.8" not.
        if " " in name:
            heading = meaning_of(name).split or heading
        yield found


def _of_table(text: str) -> Iterator[Quantity]:
    """Names in the first line, numbers below them in the last."""
    lines = [line.strip().strip("|│") for line in text.split("\n") if line.strip()]
    if len(lines) < 2 or _VALUE.search(lines[0]):
        return
    for separator in (r"\s*[;\t|│]\s*", r"\s*,\s*", r"\s{2,}", r"\s+"):
        names, cells = (re.split(separator, line.strip()) for line in (lines[0], lines[-1]))
        if len(names) == len(cells) > 1:
            for name, cell in zip(names, cells, strict=True):
                match = _VALUE.fullmatch(cell.strip("'\""))
                if match:
                    yield _quantity(name.strip(_EDGE), match)
                elif meaning_of(name).quantity in READ:
                    _refuse_comma(cell, name)
            return


def _of_textbook(text: str) -> Iterator[Quantity]:
    """``Epoch 3: 9234 / 10000``, as the code of a well-known textbook prints its accuracy."""
    whole = TEXTBOOK.fullmatch(text)
    match = whole and _VALUE.fullmatch(whole["count"])
    if match:
        yield _quantity("accuracy", match)


def _pieces(between: str) -> list[str]:
    """What stands between two numbers: parts that may be headings, and last the name."""
    joined = re.sub(r"\(\s*([^\W\d_]+|%)\s*\)", r" \1 ", between)  # loss (val), Accuracy (%)
    trimmed = joined.rstrip(" \t:=│┃|'\"~≈→>-")
    return [" ".join(piece.strip(_EDGE).split()) for piece in _BREAK.split(trimmed)]


def _quantity(name: str, match: re.Match[str], heading: Split = "") -> Quantity:
    return quantity_of(
        name, match["value"], match["total"], bool(match["percent"]), heading, match[0].strip()
    )


def quantity_of(
    name: str, digits: str, total: str | None, percent: bool, heading: Split, text: str
) -> Quantity:
    """A number with its name, understood.

    Parameters
    ----------
    name
        As it stands in the log.
    digits, total, percent
        The number; of how many it is a count, where it is one; whether a percent sign follows.
    heading
        The split that stood before it.
    text
        All of the number as it stands in the log.

    Examples
    --------
    >>> quantity_of("val_acc", "78.5", None, True, "", "78.5%").value
    0.785
    """
    meaning = meaning_of(name)
    value, half_unit = float(digits), _half_unit(digits)
    is_share = meaning.quantity in ("accuracy", "error_rate")
    if total and is_share and int(total) > 0:
        value, half_unit = value / int(total), 0.0
    elif percent or "%" in name:
        value, half_unit = round(value / 100.0, 15), half_unit / 100.0
    return Quantity(
        name=name,
        quantity=meaning.quantity,
        split=meaning.split or heading,
        value=value,
        text=text,
        half_unit=half_unit,
        total=int(total) if total else None,
    )


def _half_unit(digits: str) -> float:
    mantissa, _, exponent = digits.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    # As text: a power of ten overflows where a float only becomes infinite.
    return float(f"0.5e{int(exponent or 0) - decimals}")


def _refuse_comma(token: str, name: str) -> None:
    if _COMMA_NUMBER.fullmatch(token):
        raise InputError(
            f"{name} is {token!r}, with a comma in the number: write decimals with a point, such "
            f"as {token.replace(',', '.')}."
        )


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}…")
