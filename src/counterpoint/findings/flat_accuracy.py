"""The range of strengths over which held-out accuracy can't be told from constant.

**When it appears.** The widest range of neighbouring alphas is taken in which no two accuracies
differ by McNemar's exact test at 5% on the held-out rows, every pair tested on its own. (To
allow for the number of pairs would make the range wider, and is shown beside it.) The finding
appears where that range spans at least two decades, or one decade and half of the grid, while
the held-out mean of the fitted loss moves inside it by more than 5% and by more than its paired
95% interval.

**Why.** Between two models on the same rows, b predictions go from wrong to right, c from right
to wrong and d from one wrong class to another. Accuracy moves by (b − c)/n and sees nothing else.
Multiplying all raw scores by one positive number flips no prediction; it only makes the model
surer. So the change of log loss splits into a *scale* part, which the best multiplier would undo,
and a *direction* part. A weaker penalty mostly lets the scores grow.

**What to do.** Choose the strength by a proper score, such as log loss or the Brier score.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from counterpoint.findings.chosen import choose
from counterpoint.findings.finding import Finding
from counterpoint.findings.held_out import (
    Change,
    change,
    differs,
    log_loss_name,
    majority_share,
    mean_accuracy,
    mean_log_loss,
    mean_own_loss,
)
from counterpoint.findings.plateau import LEVEL, Range, flat_range, pairwise_p
from counterpoint.findings.words import (
    count,
    figure,
    interval,
    loss_word,
    p_value,
    percent,
    plain,
    plain_estimate,
    roughly,
    share,
    strength,
)
from counterpoint.fit.result import SweepFit
from counterpoint.scores import ScaleDirection, split_change
from counterpoint.scores.paired import POWER

summary = "Accuracy stands still over a range of strengths while the loss moves."

Array = npt.NDArray[np.float64]

#: Decades that make a range wide, and the relative change of loss that counts as moving.
WIDE = 2.0
MOVED = 0.05
#: Accuracy above the most frequent class's share up to which that class is mentioned.
NEAR_MAJORITY = 0.02


def find(fit: SweepFit) -> Finding | None:
    """Find the widest range of level accuracy in which the loss moves."""
    p, alphas = pairwise_p(fit), fit.alphas
    flat = flat_range(p, alphas)
    if not (_wide(flat, alphas) and _loss_moves(fit, flat)):
        return None
    moved = change(fit, flat.first, fit, flat.last)
    split = None if fit.held_out.calibrated else _split(fit, flat)
    pairs = len(alphas) * (len(alphas) - 1) // 2
    corrected = flat_range(p, alphas, LEVEL / pairs)
    low, high = _ends(flat, alphas)
    sentences = (
        _accuracy_sentence(fit, flat, moved),
        _loss_sentence(fit, flat, moved),
        "" if split is None else _split_sentence(split, low, high),
        _majority_sentence(fit, flat),
    )
    best = choose(fit).best.alpha
    return Finding(
        name="flat_accuracy",
        level="note",
        title=f"Accuracy stands still from alpha {low} to {high} while "
        f"{loss_word(fit)} {_movement(mean_own_loss(fit), flat)}",
        explanation=" ".join(filter(None, sentences)),
        evidence=_evidence(fit, flat, corrected, moved, split),
        remedy="Choose the strength by log loss or the Brier score, not by accuracy: held-out "
        f"{log_loss_name(fit)} is least at alpha {strength(best)}.",
        doubt=_doubt(fit, moved, corrected),
    )


def _wide(flat: Range, alphas: Array) -> bool:
    decades = flat.decades(alphas)
    whole = Range(0, len(alphas) - 1).decades(alphas)
    return decades >= WIDE - 1e-9 or (decades >= 1.0 - 1e-9 and decades >= whole / 2)


def _loss_moves(fit: SweepFit, flat: Range) -> bool:
    own = mean_own_loss(fit)
    if not np.isfinite(own[flat.first : flat.last + 1]).all():
        return False
    least, greatest = _extremes(own, flat)
    enough = own[greatest] - own[least] > MOVED * own[greatest]
    return bool(enough and differs(change(fit, least, fit, greatest).own_loss))


def _extremes(losses: Array, flat: Range) -> tuple[int, int]:
    """Indices of the least and the greatest loss in the range."""
    inside = losses[flat.first : flat.last + 1]
    return flat.first + int(inside.argmin()), flat.first + int(inside.argmax())


def _split(fit: SweepFit, flat: Range) -> ScaleDirection:
    held = fit.held_out
    return split_change(held.raw[flat.first], held.raw[flat.last], held.label_index, held.weight)


def _ends(flat: Range, alphas: Array) -> tuple[str, str]:
    return strength(float(alphas[flat.first])), strength(float(alphas[flat.last]))


def _movement(losses: Array, flat: Range) -> str:
    extremes = _extremes(losses, flat)
    low, high = (figure(float(losses[i])) for i in extremes)
    if extremes == (flat.last, flat.first):
        return f"falls from {high} to {low}"
    if extremes == (flat.first, flat.last):
        return f"rises from {low} to {high}"
    return f"moves between {low} and {high}"


def _accuracy_sentence(fit: SweepFit, flat: Range, moved: Change) -> str:
    low, high = _ends(flat, fit.alphas)
    accuracy = mean_accuracy(fit)[flat.first : flat.last + 1]
    least, greatest = share(float(accuracy.min())), share(float(accuracy.max()))
    level = f"is {least}" if least == greatest else f"stays between {least} and {greatest}"
    flips = moved.flips
    if moved.same == flips.n:
        ends = f"Not one of the {count(flips.n, 'prediction')} differs between the two ends."
    else:
        ends = (
            f"Between the two ends {moved.same:,} of {count(flips.n, 'prediction')} are the same; "
            f"{flips.b} went from wrong to right, {flips.c} from right to wrong"
            + (f", {flips.d} from one wrong class to another" if len(fit.classes) > 2 else "")
            + f" (McNemar {p_value(moved.p)})."
        )
    return (
        f"From alpha {low} to {high} held-out accuracy {level}, and no two strengths in between "
        f"can be told apart by it. {ends}"
    )


def _loss_sentence(fit: SweepFit, flat: Range, moved: Change) -> str:
    own, word = mean_own_loss(fit), loss_word(fit)

    def at(index: int) -> str:
        return f"{figure(float(own[index]))} at {strength(float(fit.alphas[index]))}"

    least, greatest = _extremes(own, flat)
    if {least, greatest} == {flat.first, flat.last}:
        widest = moved.own_loss
        path = f"goes from {at(flat.first)} to {at(flat.last)}, a change of"
    else:
        widest = change(fit, greatest, fit, least).own_loss
        path = (
            f"is {at(flat.first)} and {at(flat.last)}; from its greatest, {at(greatest)}, to its "
            f"least, {at(least)}, it changes by"
        )
    return f"Yet held-out {word} {path} {figure(plain(widest.value))} ({interval(widest)})."


def _split_sentence(split: ScaleDirection, low: str, high: str) -> str:
    """Scale and direction, as shares of the change where both push the same way."""
    if split.scale * split.direction > 0:
        part = percent(split.scale / split.total)
        parts = f"{part} is such scale and {percent(split.direction / split.total)} direction"
    else:
        parts = f"{figure(split.scale)} is such scale and {figure(split.direction)} direction"
    return (
        "Multiplying all raw scores of a model by one number flips no prediction; it only makes "
        f"the model more or less sure. Of the change of {figure(split.total)} in log loss between "
        f"the ends, {parts}: it would be least with the scores multiplied by "
        f"{figure(split.before.factor)} at {low} and by {figure(split.after.factor)} at {high}."
    )


def _majority_sentence(fit: SweepFit, flat: Range) -> str:
    """What of the accuracy is the most frequent class alone, where that is nearly all."""
    predicted = fit.held_out.predicted[flat.first : flat.last + 1]
    majority = majority_share(fit)
    if np.unique(predicted).size == 1:
        label = fit.classes[predicted[0, 0]]
        return (
            f"Every row is given the class {str(label)!r} all along: accuracy is that class's "
            f"share ({share(majority)}) and does not see the model at all."
        )
    if mean_accuracy(fit)[flat.first : flat.last + 1].max() > majority + NEAR_MAJORITY:
        return ""
    return f"Always naming the most frequent class has accuracy {share(majority)}."


def _doubt(fit: SweepFit, moved: Change, corrected: Range) -> str:
    low, high = _ends(corrected, fit.alphas)
    flips = moved.flips
    text = (
        f"Each pair of strengths was tested on its own; allowing for the number of pairs, level "
        f"accuracy can't be ruled out from {low} to {high}."
    )
    changed = flips.b + flips.c
    if changed:
        least = float(np.sqrt(POWER * changed) / flips.n)
        text += (
            f" With {count(changed, 'flip')} between right and wrong on {count(flips.n, 'row')} a "
            f"difference in accuracy below about {roughly(least)} would mostly go unseen."
        )
    if moved.rows_needed is not None:
        text += (
            f" If the change of {figure(float(moved.accuracy.value))} between the ends is real, it "
            f"takes about {roughly(moved.rows_needed)} held-out rows to show it."
        )
    return text


def _evidence(
    fit: SweepFit, flat: Range, corrected: Range, moved: Change, split: ScaleDirection | None
) -> dict[str, object]:
    inside = slice(flat.first, flat.last + 1)
    accuracy, log_loss, own = (
        f(fit)[inside] for f in (mean_accuracy, mean_log_loss, mean_own_loss)
    )
    evidence: dict[str, object] = {
        "alpha_low": float(fit.alphas[flat.first]),
        "alpha_high": float(fit.alphas[flat.last]),
        "decades": flat.decades(fit.alphas),
        "corrected_alpha_low": float(fit.alphas[corrected.first]),
        "corrected_alpha_high": float(fit.alphas[corrected.last]),
        "accuracy_min": float(accuracy.min()),
        "accuracy_max": float(accuracy.max()),
        "majority_share": majority_share(fit),
        "log_loss_at_ends": [plain(log_loss[0]), plain(log_loss[-1])],
        "log_loss_min": plain(log_loss.min()),
        "log_loss_max": plain(log_loss.max()),
        "fitted_loss_at_ends": [plain(own[0]), plain(own[-1])],
        "fitted_loss_change": plain_estimate(moved.own_loss),
        "calibrated": fit.held_out.calibrated,
        "rows_needed": moved.rows_needed,
        **moved.evidence(),
    }
    if split is not None:
        evidence |= {
            "scale_part": plain(split.scale),
            "direction_part": plain(split.direction),
            "best_factor_at_ends": [plain(split.before.factor), plain(split.after.factor)],
            "best_scaled_log_loss_at_ends": [plain(split.before.loss), plain(split.after.loss)],
        }
    return evidence
