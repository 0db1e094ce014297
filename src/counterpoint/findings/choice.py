"""The strength that the held-out rows speak for.

Two strengths are named. The first has the least held-out log loss, a strictly proper score: in
expectation it is least for the true probabilities, and unlike accuracy it sees every change of
them. The second is the strongest whose log loss is within one standard error of that (Breiman,
Friedman, Olshen and Stone 1984, section 3.4.3): as good as the data can tell, with smaller
weights. The standard error comes from the spread over the folds where there are three or more,
else from the spread over the held-out rows.

The rule compares two means as if they were unpaired. The same rows judge both strengths, so the
paired difference says more, and it decides which of the two is recommended: the stronger one
where the paired 95% interval of its extra log loss reaches down to zero, else the one with the
least log loss.

Of the log loss at the strength to take, the part that recalibration would mend is named
(miscalibration), and what the features tell of what is uncertain without them (discrimination).

Both were picked by the scores that are shown for them, which makes those scores a little too
good: rows that took no part in the choice would show by how much.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from counterpoint.findings.chosen import Choice, StrengthScores, choose
from counterpoint.findings.finding import Finding
from counterpoint.findings.held_out import (
    log_loss_name,
    log_loss_parts,
    majority_share,
    mean_accuracy,
)
from counterpoint.findings.held_out_pair import within_band
from counterpoint.findings.words import (
    count,
    figure,
    interval,
    plain,
    plain_estimate,
    share,
    strength,
)
from counterpoint.fit.result import SweepFit
from counterpoint.scores import Estimate, paired_difference
from counterpoint.scores.parts import Parts

summary = "Which strength to take: the least log loss, and the strongest as good."


def find(fit: SweepFit) -> Finding | None:
    """Name the strengths, what they cost, and what accuracy alone would have said."""
    if len(fit.alphas) == 1:
        return None
    choice = choose(fit)
    gain = gain_over_base_rates(fit, choice.best.index)
    best, name = choice.best, log_loss_name(fit)
    # Infinite where a class has no training row: the base rates rule it out.
    parts = log_loss_parts(fit, choice.recommended.index)
    useful = bool(gain.low > 0 or np.isposinf(gain.value))
    sentences = [
        f"Held-out {name} is least at alpha {strength(best.alpha)}: {figure(best.log_loss)} "
        f"({_range(best.log_loss_low, best.log_loss_high)}), with accuracy "
        f"{share(best.accuracy)} and Brier score {figure(best.brier)}.",
        _against_base_rates(gain),
        within_band(fit, best.index),
        _one_se_sentence(fit, choice),
        _parts_sentence(choice.recommended, parts),
        _accuracy_alone(fit, choice),
    ]
    return Finding(
        name="choice",
        level="note" if useful else "caution",
        title=f"Take alpha {strength(choice.recommended.alpha)}"
        if useful
        else "No strength is shown to beat the base rates on held-out rows",
        explanation=" ".join(filter(None, sentences)),
        evidence={
            **asdict(choice),
            "gain_over_base_rates": plain_estimate(gain),
            "log_loss_parts": {name: plain_estimate(part) for name, part in vars(parts).items()},
        },
        remedy=f"Use alpha {strength(choice.recommended.alpha)}: {choice.reason}."
        if useful
        else "Don't rely on the probabilities of any of these models.",
        doubt="The strength was picked by the scores shown for it, so they are a little too good. "
        "Rows that took no part in the choice would settle by how much.",
    )


def gain_over_base_rates(fit: SweepFit, index: int) -> Estimate:
    """Held-out log loss of the training base rates minus the fit's, paired by row."""
    held = fit.held_out
    with np.errstate(divide="ignore"):
        constant = -np.log(fit.facts.class_share / fit.facts.class_share.sum())
    return paired_difference(held.log_loss[index], constant[held.label_index], held.weight)


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "no interval can be given"
    return f"95% interval {figure(low)} to {figure(high)}"


def _one_se_sentence(fit: SweepFit, choice: Choice) -> str:
    if choice.best.index == len(fit.alphas) - 1:
        return "The grid holds no stronger alpha."
    if choice.one_se.index == choice.best.index:
        return "No stronger alpha on the grid is within one standard error of it."
    point = choice.one_se
    return (
        f"The strongest alpha within one standard error of it ({figure(choice.standard_error)}, "
        f"from the spread over {choice.standard_error_from}) is {strength(point.alpha)}: "
        f"{figure(point.log_loss)}, accuracy {share(point.accuracy)}."
    )


def _against_base_rates(gain: Estimate) -> str:
    value = plain(gain.value)
    if value is None:
        return ""
    if gain.low > 0:
        return f"Giving every row the base rates costs {figure(value)} more."
    if gain.high < 0:
        return (
            f"Giving every row the base rates does better, by {figure(-value)} "
            f"(difference {figure(value)}, {interval(gain)})."
        )
    return (
        "That can't be told from giving every row the base rates "
        f"(difference {figure(value)}, {interval(gain)})."
    )


def _parts_sentence(point: StrengthScores, parts: Parts) -> str:
    """How much of the log loss recalibration would mend, and how much the features tell."""
    least = plain(parts.miscalibration.low)
    gain = f"recalibration would take off {figure(least)} or more" if least else "it may be none"
    return (
        f"Of the log loss at {strength(point.alpha)}, {figure(plain(parts.miscalibration.value))} "
        f"is miscalibration ({interval(parts.miscalibration)}: {gain}); the features tell "
        f"{figure(plain(parts.discrimination.value))} of the "
        f"{figure(plain(parts.uncertainty.value))} that is uncertain without them."
    )


def _accuracy_alone(fit: SweepFit, choice: Choice) -> str:
    low, high = choice.indifferent_low, choice.indifferent_high
    majority = f"Always naming the most frequent class has accuracy {share(majority_share(fit))}."
    if low == high:
        return majority
    inside = int(((fit.alphas >= low) & (fit.alphas <= high)).sum())
    taken = choice.recommended.alpha
    outside = ""
    if not low <= taken <= high:
        outside = (
            f" The strength to take, {strength(taken)}, lies outside of these: its accuracy is "
            f"{share(choice.recommended.accuracy)}, against {share(mean_accuracy(fit).max())} at "
            "most. Log loss and accuracy part here."
        )
    return (
        f"Accuracy alone can't choose among {count(inside, 'strength')}, from {strength(low)} to "
        f"{strength(high)}.{outside} {majority}"
    )
