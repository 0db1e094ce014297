"""No score tells two models apart on these rows.

**When it appears.** Neither McNemar's test of the flips nor the paired t tests of log loss and
Brier score give a difference at 5%.

**Why.** The rows are too few for a difference of this size, or there is none. For each score stands
how many rows would show a difference as large as the one seen, in four samples of five at 5%: it is
taken as real, which is itself uncertain, and the rows as independent and like these.

**What to do.** Judge on more rows, or choose by something else: cost, speed, simplicity.
"""

from __future__ import annotations

from counterpoint.findings.compared.words import (
    LOSSES,
    SCORE_LABELS,
    evidence,
    flips_sentence,
    needed,
    rivals,
    sentence,
)
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import count, plain, roughly
from counterpoint.scores.compared import Compared, Difference, PairScores

summary = "No score tells two models apart; how many rows would."

#: Differences below this are rounding.
ROUNDING = 1e-12


def find(both: Compared, pair: PairScores) -> Finding | None:
    """Find a pair that can't be told apart."""
    if any(found.told_apart for found in pair.changes.values()):
        return None
    first, second = rivals(both, pair)
    if all(abs(found.estimate.value) < ROUNDING > found.least_shown for found in _losses(pair)):
        return _the_same(both, pair)
    return Finding(
        name="within_noise",
        level="note",
        title=f"{count(both.n, 'row')} can't tell {first} and {second} apart",
        explanation=" ".join(
            [flips_sentence(both, pair), *(sentence(both, pair, name) for name in pair.changes)]
        ),
        evidence=evidence(both, pair),
        remedy="Judge on more rows, or choose by something else than these scores.",
        doubt=" ".join(filter(None, [_rows(both, pair), _least(pair)])),
    )


def _losses(pair: PairScores) -> list[Difference]:
    return [pair.changes[name] for name in LOSSES]


def _the_same(both: Compared, pair: PairScores) -> Finding:
    first, second = rivals(both, pair)
    return Finding(
        name="within_noise",
        level="note",
        title=f"{first} and {second} give every true class the same probability",
        explanation=f"{flips_sentence(both, pair)} Their losses are the same row by row.",
        evidence=evidence(both, pair),
        remedy="If they are not meant to be one model, check that it isn't the same table twice.",
    )


def _rows(both: Compared, pair: PairScores) -> str:
    wanted = [
        f"{rows} by {SCORE_LABELS[name]}"
        for name, found in pair.changes.items()
        if (rows := needed(found, both.n))
    ]
    if not wanted:
        return ""
    return (
        f"If the difference seen is real, it would show in {'; '.join(wanted)} (80% power at 5%, "
        "rows like these)."
    )


def _least(pair: PairScores) -> str:
    """Differences that these rows would have shown."""
    known = {
        SCORE_LABELS[name]: found.least_shown
        for name, found in pair.changes.items()
        if plain(found.least_shown) and found.least_shown > 0
    }
    if not known:
        return ""
    parts = ", ".join(f"{roughly(value)} in {name}" for name, value in known.items())
    return f"These rows would mostly have shown a difference of {parts}."
