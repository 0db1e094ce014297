"""Several models on the same rows: their scores, how they differ, and how well that is known.

The first model is the one that the others are compared with. What is a sum over rows comes from a
`Tally`, and is there for a table of any length; the parts of a score, its reliability and the
split into scale and direction need all rows at hand, and come from `study`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from counterpoint.scores.arrays import FloatArray
from counterpoint.scores.intervals import Estimate, mean_estimate
from counterpoint.scores.moments import Moments
from counterpoint.scores.paired import (
    Flips,
    difference_p,
    flip_difference,
    holm,
    least_shown,
    mcnemar,
    rows_to_show,
)
from counterpoint.scores.proper import SCORES
from counterpoint.scores.studies import PairStudy, Study
from counterpoint.scores.table import score_estimate
from counterpoint.scores.tally import CostlyRow, Tally


@dataclass(frozen=True)
class ModelScores:
    """One model.

    Attributes
    ----------
    name : str
    scores : mapping
        An estimate for each of `SCORES`.
    costliest : tuple of CostlyRow
        Its rows of greatest log loss, the worst first.
    ruled_out, ruled_out_weight : int, float
        Rows whose true class was given a probability of 0, and their weight.
    study : Study or None
        None where rows were read in blocks.
    """

    name: str
    scores: Mapping[str, Estimate]
    costliest: tuple[CostlyRow, ...]
    ruled_out: int
    ruled_out_weight: float
    study: Study | None


@dataclass(frozen=True)
class Difference:
    """A score of one model minus that of another, on the same rows.

    Attributes
    ----------
    estimate : Estimate
        For accuracy Bonett and Price's interval, for losses Student's.
    p : float
        Of the hypothesis that there is no difference. Where several models are set against the
        first, adjusted for their number (`holm`).
    p_alone : float
        The same, had there been no other model.
    test : str
        ``McNemar``, exact, for the accuracy of rows of equal weight; else ``paired t``.
    rows_needed : int or None
        Rows that would show a difference of this size; see `rows_to_show`.
    least_shown : float
        The difference that these rows would show four times in five.
    """

    estimate: Estimate
    p: float
    p_alone: float
    test: Literal["McNemar", "paired t"]
    rows_needed: int | None
    least_shown: float

    @property
    def told_apart(self) -> bool:
        """Whether the difference can be told from noise at 5%."""
        return self.p < 0.05


@dataclass(frozen=True)
class PairScores:
    """A later model against the first.

    Attributes
    ----------
    before, after : int
        Which models.
    flips : Flips
    changes : mapping
        A `Difference` for each of `SCORES`, after minus before.
    study : PairStudy or None
    """

    before: int
    after: int
    flips: Flips
    changes: Mapping[str, Difference]
    study: PairStudy | None


@dataclass(frozen=True)
class Compared:
    """Models side by side on the same rows.

    Attributes
    ----------
    classes : tuple of str
        In the order of the probabilities' columns.
    n : int
        Rows that count (those of weight 0 do not).
    n_effective : float
        Rows of equal weight that tell as much.
    weight : float
        Sum of the rows' weights.
    class_share : array of shape (K,)
    base : mapping
        Score of giving every row these shares, for each of `SCORES`.
    models : tuple of ModelScores
    pairs : tuple of PairScores
        Each later model against the first.
    """

    classes: tuple[str, ...]
    n: int
    n_effective: float
    weight: float
    class_share: FloatArray
    base: Mapping[str, float]
    models: tuple[ModelScores, ...]
    pairs: tuple[PairScores, ...]

    def share_of_loss(self, model: int, row: CostlyRow) -> float:
        """Share of a model's summed log loss that one row holds; 0 where there is no loss."""
        total = float(self.models[model].scores["log_loss"].value) * self.weight
        return row.weight * row.log_loss[model] / total if total > 0.0 else 0.0


def compared(
    names: Sequence[str],
    classes: Sequence[str],
    tally: Tally,
    studies: Sequence[Study] = (),
    pair_studies: Sequence[PairStudy] = (),
) -> Compared:
    """Put together what sums and studies say of the models.

    Parameters
    ----------
    names, classes
        Of the models, and of the probabilities' columns.
    tally : Tally
    studies, pair_studies
        One a model, and one a later model; or none.

    Examples
    --------
    >>> from counterpoint.scores.tally import tally
    >>> y, p = np.array([0, 1, 1, 1]), np.array([[0.9, 0.1], [0.4, 0.6], [0.4, 0.6], [0.2, 0.8]])
    >>> sharper = p**2 / (p**2).sum(axis=1, keepdims=True)
    >>> both = compared(["a", "b"], ["no", "yes"], tally([p, sharper], y, np.ones(4)))
    >>> print(f"{both.pairs[0].changes['log_loss'].estimate.value:.3f}", both.pairs[0].flips.b)
    -0.135 0
    """
    share = tally.class_weight / tally.class_weight.sum()
    models = tuple(
        ModelScores(
            name=name,
            scores={
                score.name: score_estimate(score, _one(tally.scores, (i, j)))
                for j, score in enumerate(SCORES.values())
            },
            costliest=tally.costliest[i],
            ruled_out=int(tally.ruled_out[i]),
            ruled_out_weight=float(tally.ruled_out_weight[i]),
            study=studies[i] if studies else None,
        )
        for i, name in enumerate(names)
    )
    pairs = tuple(
        _pair(tally, i, pair_studies[i] if pair_studies else None) for i in range(len(names) - 1)
    )
    pairs = _adjusted(pairs)
    return Compared(
        classes=tuple(classes),
        n=tally.scores.n,
        n_effective=tally.scores.n_effective,
        weight=tally.scores.weight,
        class_share=share,
        base=_base(share),
        models=models,
        pairs=pairs,
    )


def _base(share: FloatArray) -> Mapping[str, float]:
    """Scores of giving every row the classes' shares: each class's score, weighted by its share."""
    present = np.flatnonzero(share)
    rows = np.broadcast_to(share, (present.size, share.size))
    return {
        name: float(share[present] @ score.per_observation(rows, present))
        for name, score in SCORES.items()
    }


def _pair(tally: Tally, i: int, found: PairStudy | None) -> PairScores:
    b, c, d = (int(count) for count in tally.flips[i])
    changes = {}
    for j, score in enumerate(SCORES.values()):
        moments = _one(tally.changes, (i, j))
        changes[score.name] = (
            _hits_change(moments, b, c) if score.zero_one else _loss_change(moments)
        )
    flips = Flips(b, c, d, tally.changes.n, float(tally.changes.mean[i, 0]))
    return PairScores(before=0, after=i + 1, flips=flips, changes=changes, study=found)


def _adjusted(pairs: tuple[PairScores, ...]) -> tuple[PairScores, ...]:
    """Each score's p-values adjusted for the number of models that are set against the first."""
    by_score = {
        name: holm([pair.changes[name].p_alone for pair in pairs])
        for name in (pairs[0].changes if pairs else ())
    }
    return tuple(
        replace(
            pair,
            changes={
                name: replace(found, p=by_score[name][i]) for name, found in pair.changes.items()
            },
        )
        for i, pair in enumerate(pairs)
    )


def _hits_change(moments: Moments, b: int, c: int) -> Difference:
    """Change of accuracy: shares of gained and lost rows follow from mean and mean square."""
    n = moments.n_effective
    square = float(moments.spread / moments.weight + moments.mean**2)
    gained, lost = (0.5 * (square + sign * float(moments.mean)) for sign in (1.0, -1.0))
    plain, equal = mean_estimate(moments), moments.n - n < 1e-9 * moments.n
    p = mcnemar(b, c) if equal else difference_p(plain)
    return Difference(
        estimate=flip_difference(max(gained, 0.0), max(lost, 0.0), n),
        p=p,
        p_alone=p,
        test="McNemar" if equal else "paired t",
        rows_needed=rows_to_show(plain, moments.n),
        least_shown=least_shown(plain),
    )


def _loss_change(moments: Moments) -> Difference:
    estimate = mean_estimate(moments)
    p = difference_p(estimate)
    return Difference(
        estimate=estimate,
        p=p,
        p_alone=p,
        test="paired t",
        rows_needed=rows_to_show(estimate, moments.n),
        least_shown=least_shown(estimate),
    )


def _one(moments: Moments, at: tuple[int, int]) -> Moments:
    """One quantity's moments out of many."""
    return replace(
        moments, mean=np.asarray(moments.mean[at]), spread=np.asarray(moments.spread[at])
    )
