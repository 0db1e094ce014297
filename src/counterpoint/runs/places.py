"""Where in its training a line of text stands: epoch, step, how far a progress bar is."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: What stands where a place was, so that the words before it and after it stay apart.
_GAP = " ; "

_NUMBER = r"0*(\d{1,15})"
_OF = r"(?:\s*(?:/|\bof\b)\s*(\d{1,15}))?"
#: What other languages call an epoch and a step.
_ELSEWHERE = (
    (re.compile(rf"\u7b2c\s*{_NUMBER}\s*(?:\u4e2a\s*)?(?:\u8f6e|epoch)"), r"epoch \1 "),  # 第 3 轮
    (re.compile(rf"\u8bad\u7ec3\u6b21\u6570\s*:?\s*{_NUMBER}"), r"step \1 "),  # 训练次数: 100
)
_EPOCH = re.compile(
    r"(?:\b(?P<at>at|after|for|in|on)\s+)?(?<![A-Za-z_])(?:epochs?|episodes?|ep)\b"
    rf"(?:\((?P<phase>\w+)\))?[\s:#=.'\"\-]*[\[(]?\s*{_NUMBER}"
    rf"(?P<part>\.\d+)?{_OF}\s*[\])]?(?![\w%])",
    re.IGNORECASE,
)
_STEP = re.compile(
    # Not the batch of "words/batch".
    r"(?:\b(?P<at>at|after|for|in|on)\s+)?(?<![A-Za-z_/])(?:(?:global|training|train)[_ ])?"
    r"(?:steps?|iterations?|iterates?|iters?|it|batch(?:es)?|mini-?batch(?:es)?|rounds?|updates?)\b"
    rf"[\s:#=.'\"]*[\[(]?\s*{_NUMBER}{_OF}\s*[\])]?(?![\w.%])",
    re.IGNORECASE,
)
#: [640/60000 (1%)], and the [10/196] of "Epoch: [0][10/196]".
_SHARE = re.compile(rf"\[\s*{_NUMBER}\s*/\s*(\d{{1,15}})\s*(?:\(\s*[\d.]+\s*%\s*\)\s*)?\]")
#: Test: [10/40]: an evaluation that goes on, as the training examples of PyTorch print it.
_EVALUATION = re.compile(
    rf"\b(?:test|val|valid|validation|eval|evaluation)\s*:?\s*\[\s*{_NUMBER}\s*/\s*{_NUMBER}\s*\](?!\[)",
    re.IGNORECASE,
)
#: [10] of the boosting libraries; 10: of CatBoost.
_ROUND = re.compile(rf"^\s*(?:\[\s*{_NUMBER}\s*\](?=\s*\S)|{_NUMBER}:\s+(?=learn|test))")
#: [10] of XGBoost behind the time, or the name of a logger.
_ROUND_LATER = re.compile(rf"\[\s*{_NUMBER}\s*\](?=\s+[\w@.]+-[\w@.\-]+:\s*[\d.+\-])")
#: [1, 2000] of PyTorch's tutorial, and the [3/300][10/1251] of vision transformers.
_BOTH = re.compile(
    rf"^\s*\[\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\]"
    rf"|\[{_NUMBER}/(\d{{1,15}})\]\[{_NUMBER}/(\d{{1,15}})\]"
)
#: Train: 3 [ 50/1251 of timm.
_TIMM = re.compile(rf"^\s*(train|val|valid|test|eval)\w*:\s*{_NUMBER}\s*(?=\[)", re.IGNORECASE)
_KERAS_BAR = re.compile(
    r"^\s*(\d{1,15})/(\d{1,15}|Unknown)\s*(?:\[[=>.\-#]*\]|[━╸╺─ ]*[━╸╺─]+[━╸╺─ ]*|(?=-\s))"
)
_TQDM = re.compile(
    r"(?:[^%|]*:\s*)?\d{1,3}%\s?\|[^|]*\|\s*(\d{1,15})/(\d{1,15})\s*\[[^\],]*(?:,\s*[\d.?]+\s*\w+/\w+)?"
)
#: Epochs: 30%|: a bar of which each drawing is an epoch.
_OVER_EPOCHS = re.compile(r"(?i)epochs?\s*:?\s*\d+%\s?\|")
_SPENT = re.compile(
    r"\b(?:ETA|eta)\b:?\s*\S+|\b\d+(?:\.\d+)?\s*(?:[mµun]?s|sec|min|h)\b(?:/(?:step|epoch|sample))?"
)


@dataclass(frozen=True)
class Place:
    """Where a line stands, as far as it says so itself.

    Attributes
    ----------
    epoch, epochs
        Its epoch, and of how many.
    step, steps
        Its step, and of how many.
    bar
        How far a progress bar on it is, and of how much.
    pending
        Whether that bar says how long it will take: it will be drawn again.
    evaluates
        Whether that bar is an evaluation's, of which the last line alone counts.
    phase
        ``train`` or ``val`` where the epoch says so.
    rest
        The line without all that.
    """

    rest: str
    epoch: float | None = None
    epochs: int | None = None
    step: int | None = None
    steps: int | None = None
    bar: tuple[int, int] | None = None
    pending: bool = False
    evaluates: bool = False
    phase: str = ""

    @property
    def is_said(self) -> bool:
        """Whether the line says anything of where it stands."""
        return self.epoch is not None or self.step is not None


def place_of(line: str) -> Place:
    """Take the place out of a plain line.

    Examples
    --------
    >>> place = place_of("Epoch [3/10], Step [100/600], Loss: 2.15")
    >>> place.epoch, place.epochs, place.step, place.rest.strip(" ;,")
    (3.0, 10, 100, 'Loss: 2.15')
    >>> place_of("Minibatch loss at step 500: 1.57").rest
    'Minibatch loss  : 1.57'
    """
    if not line.isascii():
        for sign, form in _ELSEWHERE:
            line = sign.sub(form, line)
    rest, bar = _without_bar(line)
    evaluates = bar is None and (match := _EVALUATION.search(rest)) is not None
    if evaluates and match is not None:
        bar = int(match[1]), int(match[2])
        rest = rest[: match.start()] + match[0].partition("[")[0] + _GAP + rest[match.end() :]
    epoch = epochs = step = steps = None
    phase = ""
    if bar is not None and is_over_epochs(line):
        (done, epochs), bar = bar, None
        epoch = float(done)
    elif match := _EPOCH.search(rest):
        epoch = float(match[3] + (match["part"] or ""))
        epochs, phase = _whole(match[5]), match["phase"] or ""
        rest = _cut(rest, match)
    elif match := _TIMM.match(rest):
        epoch, phase = float(match[2]), match[1]
        rest = _cut(rest, match)
    elif match := _BOTH.search(rest):
        epoch, epochs = float(match[1] or match[3]), _whole(match[4])
        step, steps = int(match[2] or match[5]), _whole(match[6])
        rest = _cut(rest, match)
    if match := _STEP.search(rest):
        step, steps = int(match[2]), _whole(match[3])
        rest = _cut(rest, match)
    elif match := _SHARE.search(rest):
        step, steps = int(match[1]), int(match[2])
        rest = _cut(rest, match)
    elif step is None and (match := _ROUND.match(rest)):
        step = int(match[1] or match[2])
        rest = _cut(rest, match)
    elif step is None and (match := _ROUND_LATER.search(rest)):
        step = int(match[1])
        rest = _cut(rest, match)
    pending = bar is not None and "ETA" in rest
    rest = _SPENT.sub(_GAP, rest)
    return Place(rest, epoch, epochs, step, steps, bar, pending, evaluates, phase)


def is_evaluation(line: str) -> bool:
    """Whether a line is some batches of an evaluation."""
    return _EVALUATION.search(line) is not None


def is_over_epochs(line: str) -> bool:
    """Whether a line is a bar of which each drawing is an epoch."""
    return _OVER_EPOCHS.search(line) is not None


def _without_bar(line: str) -> tuple[str, tuple[int, int] | None]:
    match = _KERAS_BAR.match(line) or _TQDM.search(line)
    if match is None:
        return line, None
    whole = int(match[1]) if match[2] == "Unknown" else int(match[2])
    return line[: match.start()] + _keep(match[0]) + line[match.end() :], (int(match[1]), whole)


def _cut(text: str, match: re.Match[str]) -> str:
    """Text without a place. ``Loss at step 5: 0.3`` goes on with the name before it."""
    said_of_the_name = "at" in match.re.groupindex and match["at"]
    return text[: match.start()] + (" " if said_of_the_name else _GAP) + text[match.end() :]


def _keep(bar: str) -> str:
    """What tqdm writes before its bar, such as ``Epoch 3:``."""
    before = re.match(r"[^%|]*:(?=\s*\d{1,3}%)", bar)
    return (before[0] if before else "") + _GAP


def _whole(digits: str | None) -> int | None:
    return None if digits is None else int(digits)
