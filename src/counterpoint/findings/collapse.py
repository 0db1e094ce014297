"""From some strength on the weights shrink so far that predictions fall to the base rates.

**When it appears.** The best constant prediction, the classes' shares, has data loss `base`; the
least data loss on the grid is `least`. The share of that improvement which a strength gives up is
(data loss − least) / (base − least), on the training rows. The fall begins where it first
reaches one half and stays there, and is complete from 95% on. The finding appears where one of
the two happens on the grid.

**Why accuracy falls later.** A strong penalty shrinks all weights together. The raw scores keep
much of their order while they lose their size, so that the most probable class often stays the
same long after its probability has gone down to the class's share. Accuracy comes down to the
share of the most frequent class at last.

**A grid that has collapsed as a whole.** Where not even the weakest alpha gains 1% on the base
rates, the penalty was too strong all along, or the features tell nothing. The weights tell the
two apart: under too strong a penalty they double when alpha is halved.

**What to do.** Keep to strengths below the fall.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from counterpoint.findings.chosen import choose
from counterpoint.findings.finding import Finding
from counterpoint.findings.held_out import majority_share, mean_accuracy
from counterpoint.findings.words import figure, percent, plain, share, strength
from counterpoint.fit.result import SweepFit

summary = "From some strength on the model falls to the base rates."

Array = npt.NDArray[np.float64]

BEGUN = 0.5
COMPLETE = 0.95
#: Gain on the base rates' loss under which a grid counts as collapsed from its start.
NOTHING = 0.01


def find(fit: SweepFit) -> Finding | None:
    """Find where half, and where nearly all, of the improvement on the base rates is gone."""
    if never_learns(fit):
        return _whole_grid(fit)
    base, least = fit.base_rate_loss, float(fit.data_loss.min())
    lost = lost_share(fit)
    begun, complete = _from_on(lost >= BEGUN), _from_on(lost >= COMPLETE)
    if begun is None:
        return None
    accuracy, majority = mean_accuracy(fit), majority_share(fit)
    zero = _from_on(fit.nonzero == 0)
    low = strength(float(fit.alphas[begun]))
    sentences = [
        f"From alpha {low} on, at least half of what the weakest penalties gain on the base rates "
        f"is given up: the training data loss there is {figure(float(fit.data_loss[begun]))}, "
        f"against {figure(least)} at best and {figure(base)} for the base rates. Held-out "
        f"accuracy is {share(float(accuracy[begun]))} there."
    ]
    if complete is not None:
        sentences.append(
            f"From {strength(float(fit.alphas[complete]))} on 95% is gone, with accuracy "
            f"{share(float(accuracy[complete]))}."
        )
    if zero is not None:
        sentences.append(f"From {strength(float(fit.alphas[zero]))} on every weight is zero.")
    sentences.append(
        f"At the strongest alpha accuracy is {share(float(accuracy[-1]))}; always naming the most "
        f"frequent class has {share(majority)}."
    )
    if complete is not None and accuracy[complete] > majority + 0.05:
        sentences.append(
            "Accuracy falls later than the loss, as the raw scores shrink together and keep much "
            "of their order."
        )
    inside = choose(fit).recommended.index >= begun
    return Finding(
        name="collapse",
        level="caution" if inside else "note",
        title=f"From alpha {low} on the model falls towards the base rates",
        explanation=" ".join(sentences),
        evidence=_evidence(fit, begun, complete, zero),
        remedy=f"Keep alpha below {low}." if not inside else "",
        doubt="The strength that the held-out rows speak for is itself in this range: the "
        "features may tell little, or the rows may be too few for more weight."
        if inside
        else "",
    )


def lost_share(fit: SweepFit) -> Array:
    """Share of the improvement on the base rates' loss that each alpha gives up, (m,).

    One throughout where no alpha improves on it.
    """
    least = fit.data_loss.min()
    if least >= fit.base_rate_loss:
        return np.ones(len(fit.alphas))
    return np.asarray((fit.data_loss - least) / (fit.base_rate_loss - least))


def never_learns(fit: SweepFit) -> bool:
    """Whether no alpha's training data loss gains 1% on the base rates'."""
    return bool(fit.base_rate_loss - fit.data_loss.min() < NOTHING * fit.base_rate_loss)


def _from_on(holds: npt.NDArray[np.bool_]) -> int | None:
    """First index from which on it holds to the end."""
    if not holds[-1]:
        return None
    breaks = np.flatnonzero(~holds)
    return int(breaks[-1]) + 1 if breaks.size else 0


def _evidence(
    fit: SweepFit, begun: int, complete: int | None, zero: int | None
) -> dict[str, object]:
    accuracy = mean_accuracy(fit)

    def alpha_at(index: int | None) -> float | None:
        return None if index is None else float(fit.alphas[index])

    return {
        "alpha_half": alpha_at(begun),
        "alpha_95": alpha_at(complete),
        "alpha_all_zero": alpha_at(zero),
        "accuracy_half": plain(accuracy[begun]),
        "accuracy_95": None if complete is None else plain(accuracy[complete]),
        "accuracy_strongest": plain(accuracy[-1]),
        "majority_share": majority_share(fit),
        "data_loss_least": plain(fit.data_loss.min()),
        "data_loss_half": plain(fit.data_loss[begun]),
        "base_rate_loss": plain(fit.base_rate_loss),
        "lost_share": [plain(value) for value in lost_share(fit)],
    }


def _whole_grid(fit: SweepFit) -> Finding:
    weakest, base = float(fit.data_loss[0]), fit.base_rate_loss
    if fit.nonzero[0] == 0:
        penalised, cause = True, "Every weight is zero, so it is the penalty that is too strong."
    elif _shrinks_with_alpha(fit):
        penalised = True
        cause = "The weights shrink in step with alpha, so it is the penalty that holds them down."
    else:
        penalised = False
        cause = "The weights hardly depend on alpha there, so it is the features that tell little."
    gain = max(base - weakest, 0.0) / base if base > 0 else 0.0
    return Finding(
        name="collapse",
        level="caution",
        title="No strength on the grid does better than the base rates",
        explanation=f"Even at the weakest alpha, {strength(float(fit.alphas[0]))}, the training "
        f"data loss is {figure(weakest)}, {percent(gain)} below the {figure(base)} of giving "
        f"every row the classes' shares. {cause}",
        evidence={
            "data_loss_weakest": plain(weakest),
            "base_rate_loss": plain(base),
            "held_by_penalty": penalised,
            "accuracy_weakest": plain(mean_accuracy(fit)[0]),
            "majority_share": majority_share(fit),
        },
        remedy=f"Sweep weaker strengths, from {strength(float(fit.alphas[0]) / 1e6)} on."
        if penalised
        else "Look for other features.",
    )


def _shrinks_with_alpha(fit: SweepFit) -> bool:
    """Whether the weights are in the penalty's grip at the weak end: norm close to 1/alpha.

    There W = -gradient / alpha with the gradient at zero weights.
    """
    if len(fit.alphas) == 1 or fit.weight_norm[1] == 0:
        return True
    slope = np.log(fit.weight_norm[1] / fit.weight_norm[0]) / np.log(fit.alphas[1] / fit.alphas[0])
    return bool(slope < -0.5)
