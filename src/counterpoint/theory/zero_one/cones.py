"""Branch and bound over cones of w, with a proven lower bound at any time.

A cone is the set of R λ with λ > 0, for D rays in the columns of R. Inside it a vector v is wrong
for certain if w·v <= 0 on every ray, and right for certain if w·v >= 0 on every ray; the weight of
the first is a lower bound. The cone with the least bound is taken next: split in two by a new ray
on the edge that most undecided vectors cross, where half of them have crossed it; or, once few are
undecided, solved by enumeration, where the cone's own faces (λ > 0) are vectors that must be right.
The new ray lies on a vector's hyperplane. So rays come to lie where hyperplanes meet, and however
many meet there, each is decided in every cone around.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from counterpoint.theory.zero_one.flags import ROUNDING, least_over_flags

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: What `explore` came back with.
DONE, PAUSED, BETTER, FULL = 0, 1, 2, 3
#: Products of a vector and a ray, each about one long, up to which they count as zero.
SNAP = 1e-11


@dataclass
class Frontier:
    """Cones that are still open, in a heap by their bounds.

    Attributes
    ----------
    rays : array (rays made room for, D)
    cones : array (cones made room for, D) of int
        Rays of each.
    bound : array (cones made room for,)
    heap : array (cones made room for,) of int
        Cones by bound, the least first.
    counts : array (3,)
        Rays and cones in use, and cones open.
    """

    rays: Array
    cones: Index
    bound: Array
    heap: Index
    counts: Index

    @property
    def least(self) -> float:
        """Least bound of the open cones; infinite where there is none."""
        return float(self.bound[self.heap[0]]) if self.counts[2] else float("inf")

    def grow(self) -> None:
        """Make room for twice as many cones."""
        for name in ("rays", "cones", "bound", "heap"):
            array = getattr(self, name)
            setattr(self, name, np.concatenate([array, np.empty_like(array)]))


def whole_space(dimensions: int, room: int = 1024) -> Frontier:
    """D + 1 cones that cover all directions: all but one of the axes and their negative sum."""
    d = dimensions
    rays = np.empty((room + d, d))
    rays[: d + 1] = np.concatenate([np.eye(d), np.full((1, d), -1.0)])
    cones = np.empty((room + d, d), dtype=np.intp)
    cones[: d + 1] = [[r for r in range(d + 1) if r != c] for c in range(d + 1)]
    heap, counts = np.arange(room + d), np.array([d + 1, d + 1, d + 1])
    return Frontier(rays, cones, np.zeros(room + d), heap, counts)


@numba.njit(cache=True, nogil=True)
def explore(
    vectors: Array,
    weight: Array,
    rays: Array,
    cones: Index,
    bound: Array,
    heap: Index,
    counts: Index,
    below: float,
    few: int,
    work: float,
) -> tuple[int, float, Array, Index, Index, float, float]:  # pragma: no cover - compiled
    """Work on the cones with the least bounds until something has to be told.

    Parameters
    ----------
    vectors : array (m, D)
    weight : array (m,)
    rays, cones, bound, heap, counts
        The parts of a `Frontier`, which are changed.
    below
        Cones whose bound is not under it are done with.
    few
        Undecided vectors up to which a cone is enumerated.
    work
        Operations after which to pause.

    Returns
    -------
    (int, float, array (D, D), array (k,), array, float, float)
        DONE: no cone is open. PAUSED, or FULL: there is no room for more. BETTER: inside the cone
        of these rays, with these vectors undecided, `least_over_flags` gives these pivots and this
        direction and a loss under ``below``.
    """
    m, d = vectors.shape
    none = np.empty(0, dtype=np.intp)
    while counts[2] > 0:
        if bound[heap[0]] >= below:
            counts[2] = 0
            break
        if counts[0] >= len(rays) or counts[1] >= len(bound):
            return FULL, below, rays[:d], none, none, 0.0, 0.0
        if work <= 0.0:
            return PAUSED, below, rays[:d], none, none, 0.0, 0.0
        cone = _pop(heap, bound, counts)
        corner = rays[cones[cone]]
        z = snapped(vectors @ corner.T)
        undecided, wrong = _decide(z, weight)
        work -= m * d * d
        if len(undecided) <= few:
            inside, noise, mass = leaf(z, undecided, weight)
            loss, pivots, x, y = least_over_flags(inside, noise, mass, below - wrong)
            work -= 10.0 * float(len(mass)) ** (d - 1)
            if loss < below - wrong:
                return BETTER, wrong + loss, corner, undecided, pivots, x, y
        else:
            _split(z, weight, undecided, cone, rays, cones, bound, heap, counts, below)
            work -= len(undecided) * d * d
    return DONE, below, rays[:d], none, none, 0.0, 0.0


@numba.njit(cache=True, nogil=True)
def snapped(z: Array) -> Array:  # pragma: no cover - compiled
    """Products of vectors and rays, zero where they are no more than rounding.

    A new ray lies on some vector's hyperplane: that it does not cross it must stay known.
    """
    m, d = z.shape
    for i in range(m):
        for j in range(d):
            if abs(z[i, j]) <= SNAP:
                z[i, j] = 0.0
    return z


@numba.njit(cache=True, nogil=True)
def leaf(
    z: Array, undecided: Index, weight: Array
) -> tuple[Array, Array, Array]:  # pragma: no cover - compiled
    """Make the problem inside one cone in λ: vectors, their noise and weights; its faces come last.

    A face that is left costs more than everything else together.
    """
    k, d = len(undecided), z.shape[1]
    vectors, noise, mass = np.zeros((k + d, d)), np.empty(k + d), np.empty(k + d)
    for at in range(k):
        i = undecided[at]
        length = np.abs(z[i]).max()
        vectors[at], noise[at], mass[at] = z[i] / length, 4.0 * d * ROUNDING / length, weight[i]
    heavy = 1.0 + weight.sum()
    for j in range(d):
        vectors[k + j, j], noise[k + j], mass[k + j] = 1.0, ROUNDING, heavy
    return vectors, noise, mass


@numba.njit(cache=True, nogil=True)
def _decide(z: Array, weight: Array) -> tuple[Index, float]:  # pragma: no cover - compiled
    """Vectors that are neither right nor wrong all over the cone, and the weight of the wrong."""
    m, d = z.shape
    undecided, k, wrong = np.empty(m, dtype=np.intp), 0, 0.0
    for i in range(m):
        low, high = z[i, 0], z[i, 0]
        for j in range(1, d):
            low, high = min(low, z[i, j]), max(high, z[i, j])
        if low >= 0.0:
            continue
        if high <= 0.0:
            wrong += weight[i]
        else:
            undecided[k] = i
            k += 1
    return undecided[:k].copy(), wrong


@numba.njit(cache=True, nogil=True)
def _split(
    z: Array,
    weight: Array,
    undecided: Index,
    cone: int,
    rays: Array,
    cones: Index,
    bound: Array,
    heap: Index,
    counts: Index,
    below: float,
) -> None:  # pragma: no cover - compiled
    """Put a ray on the most crossed edge, and the two cones that it makes on the heap."""
    d = z.shape[1]
    most, a, b = -1, 0, 1
    for i in range(d):
        for j in range(i + 1, d):
            crossing = 0
            for at in undecided:
                if z[at, i] * z[at, j] < 0.0:
                    crossing += 1
            if crossing > most:
                most, a, b = crossing, i, j
    share = _amid(z[undecided, a], z[undecided, b])
    # A ray's length means nothing; the longest coordinate is kept at one.
    ray = (1.0 - share) * rays[cones[cone, a]] + share * rays[cones[cone, b]]
    length = np.abs(ray).max()
    new = counts[0]
    rays[new] = ray / length
    counts[0] += 1
    middle = snapped(((1.0 - share) * z[:, a : a + 1] + share * z[:, b : b + 1]) / length)
    # The first child takes the parent's place.
    kept = cones[cone].copy()
    for child, replaced in ((cone, b), (counts[1], a)):
        below_child = z.copy()
        below_child[:, replaced] = middle[:, 0]
        _, wrong = _decide(below_child, weight)
        if wrong < below:
            if child == counts[1]:
                counts[1] += 1
            cones[child] = kept
            cones[child, replaced] = new
            bound[child] = wrong
            _push(heap, bound, counts, child)


@numba.njit(cache=True, nogil=True)
def _amid(za: Array, zb: Array) -> float:  # pragma: no cover - compiled
    """Share of the way from a to b at which half of the crossings are passed."""
    crossing = za * zb < 0.0
    if not crossing.any():
        return 0.5
    at = np.sort(za[crossing] / (za[crossing] - zb[crossing]))
    return float(at[len(at) // 2])


@numba.njit(cache=True, nogil=True)
def _push(
    heap: Index, bound: Array, counts: Index, cone: int
) -> None:  # pragma: no cover - compiled
    at = counts[2]
    counts[2] += 1
    heap[at] = cone
    while at > 0:
        parent = (at - 1) // 2
        if bound[heap[parent]] <= bound[heap[at]]:
            break
        heap[parent], heap[at] = heap[at], heap[parent]
        at = parent


@numba.njit(cache=True, nogil=True)
def _pop(heap: Index, bound: Array, counts: Index) -> int:  # pragma: no cover - compiled
    top = int(heap[0])
    counts[2] -= 1
    heap[0] = heap[counts[2]]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= counts[2]:
            return top
        if child + 1 < counts[2] and bound[heap[child + 1]] < bound[heap[child]]:
            child += 1
        if bound[heap[at]] <= bound[heap[child]]:
            return top
        heap[child], heap[at] = heap[at], heap[child]
        at = child
