"""Text that programs print while they train, by pattern, line after line."""

from __future__ import annotations

from collections.abc import Iterable

from counterpoint.runs.gather import Gatherer
from counterpoint.runs.names import NAMES, Meaning
from counterpoint.runs.readers.text_log import TextLog, is_measured
from counterpoint.runs.source import Source

name = "text"
summary = (
    "what Keras (old and new), fastai, scikit-learn, XGBoost, LightGBM, CatBoost, Hugging Face, "
    "Lightning and PyTorch scripts print, a textbook's `Epoch 3: 9234 / 10000`, and free text"
)


def recognises(source: Source) -> bool:
    """Whether some line of the beginning names a loss, an accuracy or an error with a number."""
    head = source.text
    if not head or head.lstrip()[:1] == "\x00":
        return False
    probe = Gatherer({label: Meaning("loss", "") for label in source.explained})
    log = TextLog(probe)
    for line in head.split("\n")[:-1] if source.size > len(source.head) else head.split("\n"):
        log.line(line)
        if _tells(probe):
            return True
    log.end()
    return _tells(probe)


def read(source: Source, gathered: Gatherer) -> None:
    """Read every line."""
    log = TextLog(gathered)
    gathered.ending = log.end
    for block in source.blocks():
        log.block(block)
    log.end()


def read_lines(lines: Iterable[str], gathered: Gatherer) -> None:
    """Read lines from wherever they come, such as the outputs of a notebook."""
    log = TextLog(gathered)
    for line in lines:
        log.line(line)
    log.end()


def _tells(probe: Gatherer) -> bool:
    """Whether what was gathered is of a training: a loss or a share, or a metric of named rows."""
    return any(
        is_measured(quantity) or (split and quantity not in NAMES)
        for run in probe.runs
        for split, quantity in run.series
        if run.series[split, quantity].is_placed() or is_measured(quantity)
    )
