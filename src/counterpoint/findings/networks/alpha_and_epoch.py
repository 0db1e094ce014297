"""Which strength, and which epoch, the validation rows speak for.

**When it appears.** Where there are validation rows and a loss with probabilities.

**How.** Log loss is a strictly proper score: it sees every change of the probabilities, where
accuracy sees those alone that move a prediction over the edge. Each member is taken at the epoch
of its least validation log loss; of these the least is named, and its margin over the runner-up
alpha, paired by row. Of several seeds the best stands for its alpha.

**What to do.** Take that member at that epoch. Both were picked by the score that is shown for
them, which makes the score a little too good. Where the least lies at the last epoch, or at an end
of the alphas, it is no minimum yet: train longer, or widen the range.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure, interval, plain, plain_estimate, share, strength
from counterpoint.fit.nets.result import PopulationFit
from counterpoint.scores import mean_interval, paired_difference

summary = "Which strength and which epoch to take: the least validation log loss."


def find(fit: PopulationFit) -> Finding | None:
    """Name the member and the epoch of the least validation log loss."""
    if fit.validation is None or not fit.history.has("validation", "log_loss"):
        return None
    held, (member, epoch) = fit.validation.best, fit.chosen
    if np.isnan(fit.score[member]):  # none was ever finite
        return None
    alpha, seed = fit.settings.members[member]
    loss = mean_interval(held.log_loss[member], held.weight)
    accuracy = float(held.correct[member].mean())
    many_seeds = len(fit.settings.seeds) > 1
    which = f"alpha {strength(alpha)}" + (f", seed {seed}" if many_seeds else "")
    sentences = [
        f"Validation log loss is least for {which} after epoch {epoch}: "
        f"{figure(plain(loss.value))} ({interval(loss)}), with accuracy {share(accuracy)} and "
        f"Brier score {figure(plain(held.brier[member].mean()))}."
    ]
    evidence: dict[str, object] = {
        "alpha": alpha,
        "seed": seed,
        "epoch": epoch,
        "log_loss": plain_estimate(loss),
        "accuracy": accuracy,
        "brier": plain(held.brier[member].mean()),
    }
    others = [fit.best_seed(a) for a, other in enumerate(fit.settings.alphas) if other != alpha]
    if others:
        second = min(others, key=lambda m: (np.isnan(fit.score[m]), fit.score[m]))
        extra = paired_difference(held.log_loss[member], held.log_loss[second], held.weight)
        rival = strength(fit.settings.members[second][0])
        told = "more" if extra.low > 0 else "more, which can't be told from nothing"
        sentences.append(
            f"The next best alpha, {rival}, has {figure(plain(extra.value))} {told} "
            f"({interval(extra)}, paired)."
        )
        evidence["next_best"] = {"alpha": fit.settings.members[second][0]} | plain_estimate(extra)
    sentences += _seeds(fit, alpha) + _accuracy(fit, member) + _edges(fit, alpha, epoch)
    return Finding(
        name="alpha_and_epoch",
        level="note",
        title=f"Take {which} after epoch {epoch}",
        explanation=" ".join(sentences),
        evidence=evidence,
        remedy=f"Use {which}, with the weights of epoch {epoch} (kept as 'best').",
        doubt="Alpha and epoch were picked by the score shown for them, which makes it a little "
        "too good. Rows that took no part in the choice would settle by how much.",
    )


def _seeds(fit: PopulationFit, alpha: float) -> list[str]:
    """How far the seeds of that alpha lie apart."""
    if len(fit.settings.seeds) == 1:
        return []
    first = fit.settings.alphas.index(alpha) * len(fit.settings.seeds)
    scores = fit.score[first : first + len(fit.settings.seeds)]
    low, high = figure(plain(np.nanmin(scores))), figure(plain(np.nanmax(scores)))
    return [f"Over the {len(scores)} seeds of this alpha the least log loss is {low} to {high}."]


def _accuracy(fit: PopulationFit, member: int) -> list[str]:
    """What accuracy alone would have chosen, where that is another epoch."""
    curve = fit.history.curve("validation", "accuracy")[:, member]
    top = int(np.nanargmax(curve))
    if curve[top] <= curve[fit.best_epoch[member]]:
        return []
    return [f"Accuracy alone is highest after epoch {top}, {share(float(curve[top]))}."]


def _edges(fit: PopulationFit, alpha: float, epoch: int) -> list[str]:
    """Where the least lies at an end of what was tried."""
    told = []
    if epoch == fit.epochs:
        told.append("That is the last epoch: log loss may go on falling, so train longer.")
    if len(fit.alphas) > 1 and alpha in (fit.alphas[0], fit.alphas[-1]):
        end = "weakest" if alpha == fit.alphas[0] else "strongest"
        told.append(f"It is the {end} alpha that was tried: a {end[:-3]}er one may do better.")
    return told
