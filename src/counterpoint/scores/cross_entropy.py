"""The cross-entropy of softmax(scale·z_k + offset_k) against target distributions, and its minimum.

A convex function of K parameters: the scale and all offsets but the first, which is 0.
"""

from __future__ import annotations

import numpy as np

from counterpoint.scores.arrays import FloatArray

NEGLIGIBLE = 1e-25
"""Decrease of the mean cross-entropy that no further step is taken for."""

CELLS_AT_ONCE = 65_536
"""Scores that are worked on together: their temporary arrays stay near the core."""

DAMPING = 1e-12
"""Added to the Hessian's diagonal, so that a score that does not vary leaves it invertible. It
shortens steps by a hair and leaves the minimum where it is."""


def minimise(
    scores: FloatArray,
    target: FloatArray,
    weight: FloatArray,
    start: FloatArray,
    negligible: float = NEGLIGIBLE,
) -> FloatArray:
    """Minimise the mean cross-entropy over (scale, offset_2, …, offset_K) by Newton's method.

    Parameters
    ----------
    scores : array of shape (K, n)
        Of about unit size.
    target : array of shape (K, n)
        A distribution for each row.
    weight : array of shape (n,)
        Summing to one.
    start : array of shape (K,)
    negligible : float
        Decrease of the mean cross-entropy that no further step is taken for.

    Returns
    -------
    array of shape (K,)

    Examples
    --------
    >>> scores = np.array([[0.0, 0.0], [-1.0, 1.0]])
    >>> target = np.array([[0.75, 0.25], [0.25, 0.75]])
    >>> minimise(scores, target, np.array([0.5, 0.5]), np.zeros(2)).round(6)
    array([1.098612, 0.      ])
    """
    greatest = float(np.abs(scores).max())
    parameters = start
    value, gradient, curvature = _derivatives(parameters, scores, target, weight)
    # All probabilities alike cost log K: a start that is worse, or overflows, is no start.
    if start.any() and not value <= np.log(len(scores)):
        parameters = np.zeros_like(start)
        value, gradient, curvature = _derivatives(parameters, scores, target, weight)
    before = np.inf
    for _ in range(100):
        step = np.linalg.solve(curvature, gradient)
        decrease = float(gradient @ step)
        # Twice the greatest change of a logit: the curvature changes by at most that share, so
        # that after a full step the decrease left is of the order of decrease · reach².
        reach = 2.0 * (abs(step[0]) * greatest + np.abs(step[1:]).max())
        if decrease * min(1.0, reach) ** 2 < negligible:
            return parameters - step
        if decrease < 1e-12 and decrease >= before:  # all that is left is rounding
            break
        before = decrease
        size = 1.0
        while size > 1e-10:
            trial = parameters - size * step
            derivatives = _derivatives(trial, scores, target, weight)
            # Near the minimum the decrease drowns in the value's rounding: allow for that much.
            if derivatives[0] <= value * (1.0 + 1e-15) - 1e-4 * size * decrease:
                break
            size *= 0.5
        else:
            break
        parameters = trial
        value, gradient, curvature = derivatives
    return parameters


def _derivatives(
    parameters: FloatArray, scores: FloatArray, target: FloatArray, weight: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    """Mean cross-entropy, its gradient (K,) and its Hessian (K, K), block by block of rows."""
    n_classes, n = scores.shape
    value, gradient = 0.0, np.zeros(n_classes)
    curvature = np.zeros((n_classes, n_classes))
    size = max(CELLS_AT_ONCE // n_classes, 1)
    for first in range(0, n, size):
        z, t, w = (part[..., first : first + size] for part in (scores, target, weight))
        probability = parameters[0] * z
        probability[1:] += parameters[1:, np.newaxis]
        probability -= probability.max(axis=0)
        likely = np.einsum("kn,kn->n", t, probability)
        np.exp(probability, out=probability)
        total = probability.sum(axis=0)
        probability /= total
        value += float(w @ (np.log(total) - likely))
        weighted = probability * w
        residual = weighted - t * w
        gradient[0] += np.vdot(residual, z)
        gradient[1:] += residual[1:].sum(axis=1)
        deviation = z - np.einsum("kn,kn->n", probability, z)
        curvature[1:, 1:] -= weighted[1:] @ probability[1:].T
        curvature[1:, 1:] += np.diag(weighted[1:].sum(axis=1))
        weighted *= deviation
        curvature[0, 0] += np.vdot(weighted, deviation)
        curvature[0, 1:] += weighted[1:].sum(axis=1)
    curvature[1:, 0] = curvature[0, 1:]
    curvature[np.diag_indices(n_classes)] += DAMPING
    return value, gradient, curvature
