"""The second-order model of each problem, and the direction that minimises it.

Small working sets get the exact Hessian at each step. A large one takes moments formed at a
neighbour: another fold, a stronger alpha, an earlier step. A step then converges linearly, and
costs but the shared passes over the data; moments are formed anew where it converges badly.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from counterpoint.fit.memory import WORKING_SET
from counterpoint.fit.proximal.batch import Batch
from counterpoint.fit.proximal.columns import descend
from counterpoint.fit.proximal.moments import moments
from counterpoint.fit.proximal.places import Places, RowWeights, row_weights, to_fold
from counterpoint.fit.quadratic import make_definite, minimise
from counterpoint.fit.threads import in_threads

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

#: Multiplications up to which a problem's own moments are formed at each step.
OWN_LIMIT = 50_000_000
#: Weights of a working set beyond which the model is minimised column by column, not by moments:
#: on sparse data, where outputs are tied there, and on dense data.
SPARSE_LIMIT, SPARSE_TIED_LIMIT = 2500, 700
DENSE_LIMIT = WORKING_SET
#: Share of the violation that a step with borrowed moments may leave; beyond, they are renewed.
SLOW = 0.25
#: Share of the model's first violation that its minimiser may leave.
INNER = 1e-3
INNER_COLUMNS = 3e-1


@dataclass
class Reference:
    """Moments formed at one problem, for it and its neighbours to use.

    Attributes
    ----------
    alpha, fold
        Of the problem.
    features : array
        Features of the design that the columns stand for, so that they outlive a change of it.
    raw : array (places.size, places.size)
    """

    alpha: float
    fold: int
    weights: RowWeights
    places: Places
    raw: Array


@dataclass
class References:
    """All moments that are kept, by output where outputs are apart."""

    kept: dict[int, list[Reference]] = field(default_factory=dict)

    def nearest(self, output: int, alpha: float) -> Reference | None:
        """The reference formed at the nearest strength, the latest of those as near."""
        known = self.kept.get(output, [])
        return min(reversed(known), key=lambda r: abs(np.log(r.alpha / alpha)), default=None)

    def keep(self, output: int, reference: Reference) -> None:
        # Paths flow from strong to weak: what was formed longest ago serves least.
        self.kept[output] = [*self.kept.get(output, [])[-2:], reference]

    def renumber(self, before: Index, after: Index) -> None:
        """Go over to a wider set of columns of the design (features, ascending)."""
        number = np.append(np.searchsorted(after, before), len(after))
        for known in self.kept.values():
            for r in known:
                r.places = Places(tuple(number[c] for c in r.places.columns))


def working_sets(v: Array, violation: Array) -> Mask:
    """Weights that are not zero, intercepts, and the worst violators: as many again and ten.

    All arrays (problems, outputs, width).
    """
    working = v != 0
    working[..., -1] = True
    candidates = (violation > 0) & ~working
    most = np.maximum(10 * v.shape[1], 2 * working.sum(axis=(1, 2)))
    for i in np.flatnonzero(candidates.sum(axis=(1, 2)) > most):
        output, column = np.nonzero(candidates[i])
        rest = np.argpartition(violation[i, output, column], -most[i])[: -most[i]]
        candidates[i, output[rest], column[rest]] = False
    return np.asarray(working | candidates)


@dataclass(frozen=True)
class Look:
    """What a step knows of one problem.

    Attributes
    ----------
    index
        Of the problem in its batch.
    factor : array (n,)
        Of each row's curvature.
    """

    batch: Batch
    index: int
    output: int
    v: Array
    slope: Array
    curvature: Array
    factor: Array | float
    working: Mask

    @property
    def alpha(self) -> float:
        return float(self.batch.alpha[self.index])

    @property
    def fold(self) -> int:
        return int(self.batch.fold[self.index])

    def weights(self) -> RowWeights:
        train = self.batch.design.train_weight[self.fold]
        return row_weights(self.batch.loss, self.curvature, train * self.factor)


def directions(
    looks: list[Look], references: References, last: list[Reference | None], slow: Mask
) -> tuple[Array, list[Reference | None]]:
    """The model's minimiser less v, for each problem; and the moments that each has borrowed.

    Parameters
    ----------
    last
        Moments that each problem's last step took.
    slow
        Whether they have served it badly.
    """
    chosen = [_choose(*each, references) for each in zip(looks, last, slow, strict=True)]
    tasks = list(zip(looks, chosen, strict=True))
    for reference in {id(r): r for r in chosen if r is not None}.values():
        # Once for all that borrow it: each widening passes over the data.
        users = [look for look, r in tasks if r is reference]
        _widen(reference, users[0], np.any([look.working for look in users], axis=0))
    out = np.empty((len(looks), *looks[0].v.shape))
    for i, found in enumerate(in_threads(lambda task: _direction(*task), tasks)):
        out[i] = found
    return out, chosen


def _choose(
    look: Look, last: Reference | None, slow: bool, references: References
) -> Reference | None:
    """Moments to borrow, formed here where need be; None where the own are cheap."""
    size = int(look.working.sum())
    if _cost(look, size) <= OWN_LIMIT or _by_columns(look):
        return None
    # Where outputs are tied, moments change too fast along alpha for a neighbour to lend them.
    joint = look.batch.loss.joint
    known = last if joint else references.nearest(look.output, look.alpha)
    if known is None or (slow and known is last):
        places, weights, design = _places(look.working), look.weights(), look.batch.design
        raw = moments(design, weights, look.fold, places, places, design.single)
        known = Reference(look.alpha, look.fold, weights, places, raw)
        if not joint:
            references.keep(look.output, known)
    return known


def _cost(look: Look, size: int) -> float:
    """Multiplications that moments of so many weights take, about."""
    design = look.batch.design
    return float(design.n * (design.density * size) ** 2)


def _widen(reference: Reference, look: Look, needed: Mask) -> None:
    """Add the places that are missing: the others stay as they are."""
    design, places = look.batch.design, _places(needed)
    pairs = list(zip(places.columns, reference.places.columns, strict=True))
    fresh = [np.setdiff1d(mine, known) for mine, known in pairs]
    if not any(len(f) for f in fresh):
        return
    intercept = np.array([design.width - 1])
    # The intercept is in every set: what is formed of it twice is one row.
    added = Places(tuple(np.union1d(f, intercept) for f in fresh))
    union = Places(tuple(np.union1d(*pair) for pair in pairs))
    right = union
    if len(pairs) == 1 and 3 * union.size > design.width:
        # All columns of a block of rows as they lie: gathering most of them costs more.
        right = Places(tuple(np.arange(design.width) for _ in pairs))
    block = moments(design, reference.weights, reference.fold, added, right, design.single)
    if right is not union:
        inside = right.numbers(design.width)
        block = block[:, np.concatenate([inside[c, k] for c, k in enumerate(union.columns)])]
    whole = np.zeros((union.size, union.size))
    numbers = union.numbers(design.width)
    old = np.concatenate([numbers[c, k] for c, k in enumerate(reference.places.columns)])
    new = np.concatenate([numbers[c, k] for c, k in enumerate(added.columns)])
    whole[np.ix_(old, old)] = reference.raw
    whole[new] = block
    whole[:, new] = block.T
    reference.places, reference.raw = union, whole


def _places(working: Mask) -> Places:
    return Places(tuple(np.flatnonzero(row) for row in working))


def _direction(look: Look, reference: Reference | None) -> Array:
    """The model's minimiser over the working set, less v."""
    v, working = look.v, look.working
    design, fold, places = look.batch.design, look.fold, _places(working)
    threshold = np.full(places.size, look.alpha * look.batch.penalty.l1_ratio)
    ridge = np.full(places.size, look.alpha * look.batch.penalty.l2_ratio)
    threshold[places.intercepts] = ridge[places.intercepts] = 0.0
    start = v[working]
    slope = look.slope[working] + ridge * start
    if reference is None and _by_columns(look):
        weights = look.weights()
        found = descend(
            design, fold, weights, places, slope, start, threshold, ridge, INNER_COLUMNS
        )
    else:
        hessian = _hessian(look, reference, places)
        rough = reference is not None and design.single is not design.double
        unit = np.broadcast_to(design.second_moments[fold], v.shape)[working]
        make_definite(hessian, ridge, unit, 3e-6 if rough else 1e-12)
        found = minimise(hessian, slope, start, threshold, INNER)
    direction = np.zeros_like(v)
    direction[working] = found - start
    return direction


def _by_columns(look: Look) -> bool:
    design, limit = look.batch.design, DENSE_LIMIT
    if design.sparse:
        limit = SPARSE_TIED_LIMIT if look.batch.loss.joint else SPARSE_LIMIT
    if design.sparse or design.plan.single_copy:  # there is room for X by its columns
        limit = min(limit, design.plan.working_set)
    return bool(look.working.sum() > limit)


def _hessian(look: Look, reference: Reference | None, places: Places) -> Array:
    """Hessian of the data loss over some places."""
    design = look.batch.design
    if reference is None:
        raw = moments(design, look.weights(), look.fold, places, places, design.double)
        return to_fold(raw, np.arange(places.size), design, look.fold, places, design.double)
    numbers = reference.places.numbers(design.width)
    kept = np.concatenate([numbers[c, k] for c, k in enumerate(places.columns)])
    return to_fold(reference.raw, kept, design, look.fold, places, design.single)
