"""The lines of a text log: where each stands, and which of its numbers count."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from counterpoint.errors import InputError
from counterpoint.runs.gather import Gatherer
from counterpoint.runs.line import LONGEST, TEXTBOOK, Quantity, plain_text, quantities_in
from counterpoint.runs.names import NAMES, SPLITS, Meaning, Split, heading_of, words_of
from counterpoint.runs.places import Place, place_of
from counterpoint.runs.readers.bars import Bar, Bars, drawings
from counterpoint.runs.readers.habits import (
    PRINTS_TRAINING_BARE,
    announces_best,
    is_maximised,
    is_remark,
    kind_of,
    last_value,
    own_part,
    rewritten,
)
from counterpoint.runs.readers.printed_table import PrintedTable
from counterpoint.runs.readers.rows import WORTH, AlikeRows, Row, alike_rows, label_of
from counterpoint.runs.readers.settings import facts_in
from counterpoint.runs.readers.shapes import Parsed, Shapes
from counterpoint.runs.readers.stretch import Found
from counterpoint.runs.series import Array

#: Quantities of free text that are worth keeping, beside those of the table of names.
_METRICS = re.compile(
    r"loss|acc|accuracy|err|error|auc|f1|precision|recall|r2|mae|mse|rmse|perplexity|ppl|norm|map"
    r"|iou|dice|kappa|mcc|entropy|nll|top1|top5|acc5|score|objective|ndcg\d*|l1|l2"
)
_KEPT = {"loss", "accuracy", "error_rate", *NAMES} - {"time", "epoch", "step", "run"}
#: Logs are pasted into comments.
_COMMENT = re.compile(r"^\s*#+ +")
#: What is announced so begins here: "Evaluating on the test set ..."
_GOES_ON = re.compile(r"(?:\.\.|\u2026)\s*$")
#: Rows of a shape whose followers were looked at in vain before no more are.
_MOST_IN_VAIN = 50
#: Lines from which it is plain whose log it is.
_ENOUGH = 1_000


@lru_cache(maxsize=4096)
def _is_metric(label: str) -> bool:
    words = words_of(label)
    return len(words) <= 5 and any(_METRICS.fullmatch(word) for word in words)


def is_measured(quantity: str) -> bool:
    """Whether a quantity is a loss, an accuracy or an error rate, of all rows or of a batch."""
    return quantity.removeprefix("batch_") in ("loss", "data_loss", "accuracy", "error_rate")


def parse(plain: str, heading: Split) -> Parsed:
    """The place and the numbers that one line says.

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
    place = place_of(rewritten(plain))
    if TEXTBOOK.fullmatch(plain):
        return place, quantities_in(plain)
    # A heading ends where the next place begins.
    goes_on = not place.is_said or plain[:1].isspace()
    phase = _split_named(place.phase)
    found = quantities_in(place.rest, phase or (heading if goes_on else ""))
    return place, [replace(each, split=each.split or phase) for each in found]


class TextLog:
    """What is known so far while lines come in.

    Parameters
    ----------
    gathered
        Where the numbers go.
    """

    def __init__(self, gathered: Gatherer) -> None:
        self._gathered = gathered
        self._here = Place("")
        self._heading: Split = ""
        self._bars = Bars(gathered)
        self._passed = 0
        self._shapes = Shapes(parse)
        self._table = PrintedTable(gathered)
        self._kinds: Counter[str] = Counter()
        #: Whether it was this log that named the kind.
        self._named = False
        self._facts: dict[str, str] = {}
        self._skip_next = False
        #: What a summary at the end says, for a log that says nothing else.
        self._summary: list[str] = []
        #: The rows that the last loss of this place was of, where it said so.
        self._of: Split = ""
        #: The last line, where it was one row of numbers; what is known of rows of its shape.
        self._row: Row | None = None
        self._rows: dict[int, AlikeRows] = {}
        self._last: dict[Meaning, tuple[tuple[float | None, int | None], tuple[str, ...]]] = {}

    def line(self, raw: str) -> None:
        """Read one line, which may be drawn over itself."""
        for drawing in drawings(raw):
            if len(drawing) <= LONGEST:
                self._drawing(own_part(_COMMENT.sub("", plain_text(drawing))))

    def block(self, text: str) -> None:
        """Read many lines, each with its end: the same as line by line, and faster."""
        begin = 0
        while begin < len(text):
            end = text.find("\n", begin)
            raw = text[begin:end].rstrip("\r")
            begin = end + 1
            self.line(raw)
            row, self._row = self._row, None
            if row is not None:
                begin = self._read_on(raw, row, text, begin)

    def _read_on(self, raw: str, row: Row, text: str, begin: int) -> int:
        """Read the lines of the same shape that follow a row; where the next one begins."""
        rows = self._rows.get(id(row.shape))
        if rows is None:
            rows = self._rows[id(row.shape)] = alike_rows(raw, row, self._gathered)
        if rows.stretch is None or rows.in_vain > _MOST_IN_VAIN or not self._is_settled(row, rows):
            return begin
        found = rows.stretch.read(text, begin)
        count = 0 if found is None else self._add_columns(row, rows, found)
        rows.in_vain = 0 if count else rows.in_vain + 1
        if found is None or count == found.rows:
            return begin if found is None else found.end
        for _ in range(count):
            begin = text.index("\n", begin) + 1
        return begin

    def _is_settled(self, row: Row, rows: AlikeRows) -> bool:
        """Whether another line like this one changes nothing but the numbers and the place."""
        return (
            self._bars.held is None
            and not self._facts
            and not self._skip_next
            and not self._table.is_open
            and self._heading == row.heading
            and rows.facts <= self._gathered.run.facts.keys()
            and all(self._last.get(m, ((), ()))[1] == rows.labels for m in rows.meanings)
        )

    def _add_columns(self, row: Row, rows: AlikeRows, found: Found) -> int:
        """Hand over a stretch; how many of its lines were taken."""
        here, places = self._here, found.places

        def column(name: str, otherwise: float | None) -> Array:
            known = math.nan if otherwise is None else otherwise
            return np.asarray(places.get(name, [known] * found.rows), dtype=np.float64)

        # A step goes on with the epoch that was said before; an epoch begins without a step.
        steps = column("step", None if "epoch" in places else here.step)
        if "step" in places and "epoch" not in places:
            steps = steps + self._passed
        values = [np.asarray(each, dtype=np.float64) for each in found.values]
        return self._gathered.columns(rows.meanings, steps, column("epoch", here.epoch), values)

    def end(self) -> None:
        """Read what was held back."""
        self._commit()
        summary, self._summary = self._summary, []
        if summary and not self._gathered.run.series:
            self._count_kind("Weights & Biases summary")
            self._add([each for line in summary for each in quantities_in(line)])
        if self._facts:
            self._gathered.facts(self._facts)

    def _drawing(self, plain: str) -> None:
        if self._table.take(plain):
            self._commit()
            self._count_kind(self._table.kind)
            return
        if last := last_value(plain):
            self._summary.append(last)
            return
        if not WORTH.search(plain):
            self._heading = "" if not plain.strip() else self._heading
            return
        if self._skip_next or is_remark(plain):
            self._skip_next = announces_best(plain)
            return
        self._facts |= facts_in(plain) | self._facts
        heading = self._heading
        try:
            place, said = self._shapes.parse(plain, heading)
        except InputError as error:
            self._gathered.note(f"a line is left out: {error}")
            return
        if heading and self._is_here(place):
            said = [replace(each, split=each.split or heading) for each in said]
        found = self._worth_keeping(said, place)
        if place.bar is None or place.epoch is not None:
            self._move(place)
        found = self._of_rows_before(found)
        if not found:
            self._take_heading(plain, place)
            return
        if self._kinds.total() < _ENOUGH:
            self._count_kind(kind_of(plain) or "text")
        if place.bar is not None:
            self._hold(Bar(place, found))
        else:
            found = self._bars.of_evaluation(found, place)
            self._commit()
            self._gathered.run.maximised |= is_maximised(plain)
            self._add(found)
            if self._kinds.total() >= _ENOUGH and self._shapes.last is not None:
                self._row = Row(self._shapes.last, plain, heading, place, said, found)

    def _count_kind(self, kind: str) -> None:
        """Say which program's log it is: the one that most lines are of so far."""
        self._kinds[kind] += 1
        if self._named or not self._gathered.kind:
            self._named = True
            kind = self._kinds.most_common(1)[0][0]
            self._gathered.kind = kind
            self._gathered.home = "train" if kind in PRINTS_TRAINING_BARE else ""

    def _worth_keeping(self, said: list[Quantity], place: Place) -> list[Quantity]:
        """Numbers that a log is read for."""
        explained = self._gathered.explains
        kept = [q for q in said if q.quantity in _KEPT or _is_metric(q.name) or explained(q.name)]
        if place.is_said or self._here.is_said:
            return kept
        # Before the first place, what is not measured is a setting.
        tells = any(is_measured(each.quantity) or explained(each.name) for each in kept)
        return kept if tells else []

    def _of_rows_before(self, found: list[Quantity]) -> list[Quantity]:
        """A lone accuracy below ``Test loss=0.9`` is of the same rows."""
        losses = [each.split for each in found if each.quantity == "loss"]
        if losses:
            self._of = losses[-1]
            return found
        shares = ("accuracy", "error_rate")
        return [
            replace(each, split=each.split or self._of) if each.quantity in shares else each
            for each in found
        ]

    def _is_here(self, place: Place) -> bool:
        """Whether a place is said again, so that what was announced before it goes on."""
        same = place.epoch is not None and place.epoch == self._here.epoch
        return same and place.step in (None, self._here.step) and place.bar is None

    def _move(self, place: Place) -> None:
        """Go on to the place that a line gives."""
        if not place.is_said:
            return
        self._heading = self._of = ""
        if place.epoch is not None:
            if place.epoch != self._here.epoch or place.bar is None:
                self._commit()
                self._bars.begin_epoch()
            self._here, self._passed = replace(place, rest=""), 0
            if place.epochs:
                self._facts["epochs"] = str(place.epochs)
            return
        last, step = self._here.step, (place.step or 0) + self._passed
        if self._here.epoch is None and place.steps and last is not None and step < last:
            # Batches are counted anew and no epoch is named: steps go on.
            self._passed += place.steps
            step += place.steps
        self._here = replace(self._here, step=step, steps=place.steps)

    def _take_heading(self, plain: str, place: Place) -> None:
        told = ":" in plain or _GOES_ON.search(plain) or len(plain.split()) < 4
        heading = heading_of(plain) if told else ""
        if heading:
            self._heading = heading
        elif not plain.startswith((" ", "\t")) and not place.is_said:
            self._heading = ""

    def _hold(self, bar: Bar) -> None:
        """Keep a bar until it is known whether the same one is drawn again."""
        if self._bars.held is not None and not bar.draws_again(self._bars.held):
            self._commit()
        self._bars.held = bar

    def _commit(self) -> None:
        """Add the numbers of the bar that was held back."""
        if self._bars.held is not None:
            self._add(self._bars.release(self._here.epoch, self._facts))

    def _add(self, found: Sequence[Quantity]) -> None:
        """Hand over the numbers of one line, at the place that has been reached."""
        last = {label_of(each): each for each in found}
        labels, found = tuple(last), list(last.values())
        step, epoch = self._here.step, self._here.epoch
        for each, label, meaning in zip(
            found, labels, self._gathered.meanings(labels), strict=True
        ):
            meaning = Meaning(meaning.quantity, meaning.split or each.split)
            if self._is_repeat(meaning, labels):
                self._gathered.note(
                    f"{label}: said again after its epoch, in another form; left out"
                )
                continue
            series = self._gathered.point(meaning, each.value, step, epoch, label)
            if series is not None:
                series.percent |= "%" in each.text or "%" in each.name
                series.total = each.total or series.total
        if self._facts:
            self._gathered.facts(self._facts)
            self._facts = {}

    def _is_repeat(self, meaning: Meaning, labels: tuple[str, ...]) -> bool:
        """Whether a line of another form than before says something of the same place again.

        What is printed after a training, such as a classification report, is of other rows or of
        another model than the log's last epoch.
        """
        place = (self._here.epoch, self._here.step)
        before = self._last.get(meaning)
        if before is not None and before[0] == place and before[1] != labels:
            return True
        self._last[meaning] = (place, labels)
        return False


def _split_named(phase: str) -> Split:
    return SPLITS.get(phase.lower(), "")
