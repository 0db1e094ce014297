"""Log loss of more than two classes: softmax, all outputs tied together."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from counterpoint.objective.losses.base import Array, Loss, LossBounds


class Softmax(Loss):
    """Cross-entropy log(sum_j e^z_j) - z_y, for K classes.

    Examples
    --------
    >>> import numpy as np
    >>> loss = Softmax()
    >>> target = loss.encode(np.array([2]), 3)
    >>> loss.value(np.zeros((3, 1)), target).round(4)
    array([1.0986])
    """

    name = "log"
    label = "log loss (softmax)"
    formula = "log(sum_j e^(z_j)) - z_y"
    strictly_proper = True
    joint = True
    greatest_curvature = 0.25

    def n_outputs(self, n_classes: int) -> int:
        return n_classes

    def encode(self, label_index: npt.NDArray[np.intp], n_classes: int) -> Array:
        return np.asarray(
            (np.arange(n_classes)[:, None] == label_index[None, :]).astype(np.float64)
        )

    def value(self, z: Array, target: Array) -> Array:
        s = z - (z * target).sum(axis=-2, keepdims=True)
        top = s.max(axis=-2)
        others = (np.exp(s - top[..., None, :]) * (1.0 - target)).sum(axis=-2)
        # s_y = 0. Where it is the greatest, log1p keeps a tiny loss exact; elsewhere the label's
        # own term e^(-top) is added before the logarithm.
        return np.asarray(
            np.where(top == 0.0, np.log1p(others), top + np.log(others + np.exp(-top)))
        )

    def gradient(self, z: Array, target: Array) -> Array:
        wrong = self.curvature(z, target) * (1.0 - target)
        # p_y - 1 as minus the sum of the others: exact where p_y rounds to one.
        return np.asarray(wrong - target * wrong.sum(axis=-2, keepdims=True))

    def curvature(self, z: Array, target: Array) -> Array:
        """Probabilities p: the second derivative is diag(p) - p p^T."""
        p = np.exp(z - z.max(axis=-2, keepdims=True))
        p /= p.sum(axis=-2, keepdims=True)
        return np.asarray(p)

    def hessian_product(self, curvature: Array, u: Array) -> Array:
        mean = (curvature * u).sum(axis=-2, keepdims=True)
        return np.asarray(curvature * (u - mean))

    def own_curvature(self, curvature: Array) -> Array:
        # p (1 - p), with 1 - p as the sum of the others: not lost where p is nearly one.
        others = 1.0 - np.eye(curvature.shape[-2])
        return np.asarray(curvature * (others @ curvature))

    def conjugate(self, r: Array, target: Array) -> Array:
        p = r + target  # the conjugate is the negative entropy of p, where p is a distribution
        entropy = np.where(p > 0, p * np.log(np.where(p > 0, p, 1.0)), 0.0).sum(axis=-2)
        tolerance = 1e-12
        inside = (p >= -tolerance).all(axis=-2) & (np.abs(p.sum(axis=-2) - 1) <= tolerance)
        return np.where(inside, entropy, np.inf)

    def fenchel_gap(self, z: Array, target: Array, scale: Array) -> Array:
        # KL divergence of s p + (1 - s) e_y from p. With q = 1 - p_y and -log p_y the loss, it
        # is q s log s + (1 - s q)(log(1 - s q) + loss): no cancellation where the loss is tiny.
        s = np.asarray(scale, dtype=np.float64)
        s = s[..., 0, :] if s.ndim >= 2 else s
        q = (self.curvature(z, target) * (1.0 - target)).sum(axis=-2)
        s = np.broadcast_to(s, q.shape)
        log_s = np.log(np.where(s > 0, s, 1.0))
        kept = np.maximum(1.0 - s * q, 0.0)
        log_kept = np.log1p(-np.where(kept > 0, s * q, 0.0))
        slack = q * s * log_s + kept * (log_kept + self.value(z, target))
        return np.where(s < 1, np.maximum(slack, 0.0), 0.0)

    def probability(self, z: Array) -> Array:
        return self.curvature(z, z)

    def bounds(self, n_classes: int) -> LossBounds:
        return LossBounds(
            minimum=0.0,
            maximum=math.inf,
            uniform_guess=math.log(n_classes),
            wrong_least=math.log(2.0),  # wrong means p_y <= 1/2
            right_greatest=math.log(n_classes),  # right means p_y >= 1/K
        )

    def base_rate_scores(self, class_weight: Array) -> Array:
        share = class_weight / class_weight.sum()
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(share))
