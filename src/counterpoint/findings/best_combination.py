"""Which loss and penalty did best, and which can't be told from it.

**When it appears.** With two or more fits to the same rows and folds. Each takes part at the
strength that *choice* recommends for it, and the one with the least held-out log loss leads.

**Told apart.** The leader's log loss is set against each other's, paired by row. With k − 1 such
comparisons each interval has confidence 1 − 0.05/(k − 1) (Bonferroni), so that all of them hold
together in 95% of cases. Those whose interval reaches zero can't be told from the leader. Beside
the runner-up McNemar's test says whether the two differ in accuracy.

**Calibrated losses.** A loss without probabilities of its own is judged by calibrated ones. That
repairs its scale on the other folds' held-out rows, which a log loss does not enjoy.

**What to do.** Among those that can't be told apart, take what suits you otherwise: the fewest
weights, the simplest penalty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from counterpoint.findings.chosen import StrengthScores, choose
from counterpoint.findings.finding import Finding
from counterpoint.findings.held_out import Change, change, differs
from counterpoint.findings.words import (
    combination,
    count,
    figure,
    interval,
    listing,
    p_value,
    plain,
    plain_estimate,
    roughly,
    share,
    strength,
)
from counterpoint.fit.result import SweepFit
from counterpoint.scores import Estimate, paired_difference

summary = "Which loss and penalty did best, and which can't be told from it."


@dataclass(frozen=True)
class Contender:
    """A fit at the strength recommended for it, and how it compares with the leader."""

    fit: SweepFit
    point: StrengthScores
    behind: Estimate

    @property
    def name(self) -> str:
        """Loss and penalty."""
        return combination(self.fit)


def find(fits: Sequence[SweepFit]) -> Finding | None:
    """Rank the fits by held-out log loss and say which can't be told from the first."""
    contenders = rank(fits)
    if len(contenders) < 2:
        return None
    leader, second = contenders[:2]
    duel = change(leader.fit, leader.point.index, second.fit, second.point.index)
    equal = [c for c in contenders[1:] if not differs(c.behind)]
    worse = [c for c in contenders[1:] if differs(c.behind)]
    calibrated = {c.fit.held_out.calibrated for c in contenders}
    return Finding(
        name="best_combination",
        level="note",
        title=_title(leader, equal, len(contenders)),
        explanation=" ".join(
            filter(
                None,
                [
                    _leader_sentence(leader),
                    _duel_sentence(leader, second, duel),
                    _groups_sentence(equal, worse),
                ],
            )
        ),
        evidence={
            "ranking": [_row(contender) for contender in contenders],
            "cannot_be_told_apart": [c.name for c in equal],
            "confidence": _confidence(len(contenders)),
            "against_runner_up": duel.evidence(),
        },
        remedy="Among those that can't be told apart take what suits you otherwise: the fewest "
        "weights, or the simplest penalty."
        if equal
        else "",
        doubt=_doubt(duel, calibrated == {True, False}),
    )


def rank(fits: Sequence[SweepFit]) -> list[Contender]:
    """Each fit at its recommended strength, the least held-out log loss first."""
    points = [(fit, choose(fit).recommended) for fit in fits]
    points = [(fit, point) for fit, point in points if point.log_loss is not None]
    points.sort(key=lambda pair: pair[1].log_loss or 0.0)
    if not points:
        return []
    first, best = points[0]
    return [
        Contender(
            fit,
            point,
            paired_difference(
                first.held_out.log_loss[best.index],
                fit.held_out.log_loss[point.index],
                fit.held_out.weight,
                _confidence(len(points)),
            ),
        )
        for fit, point in points
    ]


def _confidence(contenders: int) -> float:
    return 1.0 - 0.05 / max(contenders - 1, 1)


def _title(leader: Contender, equal: list[Contender], contenders: int) -> str:
    if not equal:
        return f"{_upper(leader.name)} does best"
    if len(equal) == contenders - 1:
        return "No combination can be told from the best"
    return f"{_upper(leader.name)} does best, and {len(equal)} can't be told from it"


def _leader_sentence(leader: Contender) -> str:
    return (
        f"{_upper(leader.name)} has the least held-out log loss, {figure(leader.point.log_loss)} "
        f"at alpha {strength(leader.point.alpha)}, with accuracy {share(leader.point.accuracy)}."
    )


def _duel_sentence(leader: Contender, second: Contender, duel: Change) -> str:
    flips = duel.flips
    return (
        f"Next is {second.name}, {figure(plain(duel.log_loss.value))} above it "
        f"({interval(duel.log_loss)}, paired). The two predict the same on {duel.same:,} of "
        f"{count(flips.n, 'held-out row')}; {leader.name} alone is right on {flips.c} and "
        f"{second.name} alone on {flips.b} (McNemar {p_value(duel.p)})."
    )


def _groups_sentence(equal: list[Contender], worse: list[Contender]) -> str:
    parts = []
    if equal:
        parts.append(
            f"Can't be told from the best by log loss: {listing([c.name for c in equal])}."
        )
    if worse:
        parts.append(f"Worse beyond chance: {listing([c.name for c in worse])}.")
    return " ".join(parts)


def _doubt(duel: Change, mixed: bool) -> str:
    text = (
        "Every strength was picked on the rows that judge it here. Rows that took no part, or "
        "folds made with other seeds, would show how stable the order is."
    )
    if duel.rows_needed is not None:
        text += (
            f" To tell the first two by accuracy would take about {roughly(duel.rows_needed)} "
            "held-out rows, if their difference is real."
        )
    if mixed:
        text += (
            " Losses without probabilities are judged after calibration, which repairs their "
            "scale; the others are judged as they are."
        )
    return text


def _row(contender: Contender) -> dict[str, object]:
    point = contender.point
    return {
        "loss": contender.fit.loss,
        "penalty": contender.fit.penalty_name,
        "l1_ratio": contender.fit.l1_ratio,
        "alpha": point.alpha,
        "log_loss": point.log_loss,
        "brier": point.brier,
        "accuracy": point.accuracy,
        "nonzero": point.nonzero,
        "calibrated": contender.fit.held_out.calibrated,
        "behind": plain_estimate(contender.behind),
    }


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]
