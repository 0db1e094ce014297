"""Losses of one raw score against a target of -1 or +1; one against the rest for more classes.

All formulas are in the margin m = target * z.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from counterpoint.objective.losses.base import Array, Loss, LossBounds


def _x_log_x(x: Array) -> Array:
    positive = np.where(x > 0, x, 1.0)
    return positive * np.log(positive)


class MarginLoss(Loss):
    """A convex loss phi of the margin m = t z, with t in {-1, +1}."""

    #: Range of the dual variable u = -phi'(m); the conjugate is infinite outside of it.
    dual_range: ClassVar[tuple[float, float]]

    @abstractmethod
    def phi(self, m: Array) -> Array:
        """Loss as a function of the margin."""

    @abstractmethod
    def phi_prime(self, m: Array) -> Array:
        """First derivative in the margin."""

    @abstractmethod
    def phi_second(self, m: Array) -> Array:
        """Second derivative in the margin (a generalised one where it jumps)."""

    @abstractmethod
    def phi_conjugate(self, u: Array) -> Array:
        """Conjugate of phi at -u, for u inside `dual_range`."""

    def n_outputs(self, n_classes: int) -> int:
        return 1 if n_classes == 2 else n_classes

    def encode(self, label_index: npt.NDArray[np.intp], n_classes: int) -> Array:
        if n_classes == 2:
            return np.where(label_index == 1, 1.0, -1.0)[None, :]
        return np.where(np.arange(n_classes)[:, None] == label_index[None, :], 1.0, -1.0)

    def value(self, z: Array, target: Array) -> Array:
        return np.asarray(self.phi(target * z).sum(axis=-2))

    def gradient(self, z: Array, target: Array) -> Array:
        return target * self.phi_prime(target * z)

    def curvature(self, z: Array, target: Array) -> Array:
        return self.phi_second(target * z)

    def hessian_product(self, curvature: Array, u: Array) -> Array:
        return curvature * u

    def conjugate(self, r: Array, target: Array) -> Array:
        u = -target * r
        low, high = self.dual_range
        inside = (u >= low) & (u <= high)
        value = np.where(inside, self.phi_conjugate(np.clip(u, low, high)), np.inf)
        return np.asarray(value.sum(axis=-2))

    def probability(self, z: Array) -> Array | None:
        return None

    def bounds(self, n_classes: int) -> LossBounds:
        at_zero = float(self.phi(np.zeros(1))[0])
        # A wrong prediction among K > 2 classes has some z_k >= z_y; by convexity the two
        # outputs together cost least where both are zero.
        wrong_least = at_zero if n_classes == 2 else 2 * at_zero
        monotone = self.dual_range[0] >= 0
        return LossBounds(
            minimum=0.0,
            maximum=math.inf,
            uniform_guess=self.n_outputs(n_classes) * at_zero,
            wrong_least=wrong_least,
            right_greatest=at_zero if monotone and n_classes == 2 else math.inf,
        )

    def base_rate_scores(self, class_weight: Array) -> Array:
        share = class_weight / class_weight.sum()
        positive = share[1:] if len(share) == 2 else share
        return np.array([self._best_constant(float(p)) for p in positive])

    def _best_constant(self, p: float) -> float:
        """Constant z that minimises p phi(z) + (1 - p) phi(-z), by bisection on its slope."""

        def slope(z: float) -> float:
            at = self.phi_prime(np.array([z, -z]))
            return float(p * at[0] - (1 - p) * at[1])

        low, high = -40.0, 40.0  # e^-40 is below float64's resolution for every loss here
        for _ in range(100):
            middle = (low + high) / 2
            if slope(middle) > 0:
                high = middle
            else:
                low = middle
        return (low + high) / 2


class Logistic(MarginLoss):
    """Logistic loss log(1 + e^-m): the log loss of two classes.

    Examples
    --------
    >>> import numpy as np
    >>> Logistic().value(np.zeros((1, 1)), np.ones((1, 1))).round(4)
    array([0.6931])
    """

    name = "log"
    label = "log loss (logistic)"
    formula = "log(1 + e^(-m))"
    strictly_proper = True
    greatest_curvature = 0.25
    dual_range = (0.0, 1.0)

    def phi(self, m: Array) -> Array:
        # logaddexp(0, -m), in half its time.
        return np.log1p(np.exp(-np.abs(m))) - np.minimum(m, 0.0)

    def phi_prime(self, m: Array) -> Array:
        # e^-|m| never overflows, and keeps full relative precision in the far right tail.
        e = np.exp(-np.abs(m))
        return -np.where(m >= 0, e, 1.0) / (1.0 + e)

    def phi_second(self, m: Array) -> Array:
        e = np.exp(-np.abs(m))
        return e / (1.0 + e) ** 2

    def phi_conjugate(self, u: Array) -> Array:
        return _x_log_x(u) + _x_log_x(1.0 - u)

    def fenchel_gap(self, z: Array, target: Array, scale: Array) -> Array:
        # KL divergence of (s u, 1 - s u) from (u, 1 - u): free of the cancellation that the
        # generic form suffers where the loss is tiny. -log(1 - u) is the loss itself.
        m = target * z
        u = -self.phi_prime(m)
        s = np.broadcast_to(scale, u.shape)
        slack = u * _x_log_x(s) + (1.0 - s * u) * (np.log1p(-s * u * (s < 1)) + self.phi(m))
        return np.asarray(np.where(s < 1, np.maximum(slack, 0.0), 0.0).sum(axis=-2))

    def probability(self, z: Array) -> Array:
        return -self.phi_prime(np.concatenate([z, -z], axis=-2))

    def base_rate_scores(self, class_weight: Array) -> Array:
        share = class_weight / class_weight.sum()
        with np.errstate(divide="ignore"):
            return np.array([np.log(share[1]) - np.log(share[0])])


class Squared(MarginLoss):
    """Squared error on targets of -1 and +1, (1 - m)^2 / 2 = (t - z)^2 / 2.

    Examples
    --------
    >>> import numpy as np
    >>> Squared().value(np.array([[0.5]]), np.ones((1, 1)))
    array([0.125])
    """

    name = "squared"
    label = "squared error"
    formula = "(1 - m)^2 / 2"
    strictly_proper = False
    greatest_curvature = 1.0
    dual_range = (-math.inf, math.inf)

    def phi(self, m: Array) -> Array:
        return 0.5 * (1.0 - m) ** 2

    def phi_prime(self, m: Array) -> Array:
        return m - 1.0

    def phi_second(self, m: Array) -> Array:
        return np.ones_like(m)

    def phi_conjugate(self, u: Array) -> Array:
        return 0.5 * u**2 - u


class SquaredHinge(MarginLoss):
    """Squared hinge max(0, 1 - m)^2, as in scikit-learn's LinearSVC.

    Examples
    --------
    >>> import numpy as np
    >>> SquaredHinge().value(np.array([[0.5]]), np.ones((1, 1)))
    array([0.25])
    """

    name = "squared_hinge"
    label = "squared hinge"
    formula = "max(0, 1 - m)^2"
    strictly_proper = False
    greatest_curvature = 2.0
    dual_range = (0.0, math.inf)

    def phi(self, m: Array) -> Array:
        return np.maximum(0.0, 1.0 - m) ** 2

    def phi_prime(self, m: Array) -> Array:
        return -2.0 * np.maximum(0.0, 1.0 - m)

    def phi_second(self, m: Array) -> Array:
        return np.where(m < 1.0, 2.0, 0.0)

    def phi_conjugate(self, u: Array) -> Array:
        return 0.25 * u**2 - u


class Huber(MarginLoss):
    """Huber's loss of the residual 1 - m = t (t - z), with threshold 1.

    Squared error for residuals up to 1, linear beyond, on both sides (Huber 1964,
    doi 10.1214/aoms/1177703732).

    Examples
    --------
    >>> import numpy as np
    >>> Huber().value(np.array([[-3.0]]), np.ones((1, 1)))
    array([3.5])
    """

    name = "huber"
    label = "Huber"
    formula = "r^2 / 2 where |r| <= 1, else |r| - 1/2; r = 1 - m"
    strictly_proper = False
    greatest_curvature = 1.0
    dual_range = (-1.0, 1.0)

    def phi(self, m: Array) -> Array:
        r = np.abs(1.0 - m)
        return np.where(r <= 1.0, 0.5 * r**2, r - 0.5)

    def phi_prime(self, m: Array) -> Array:
        return np.clip(m - 1.0, -1.0, 1.0)

    def phi_second(self, m: Array) -> Array:
        return np.where(np.abs(1.0 - m) <= 1.0, 1.0, 0.0)

    def phi_conjugate(self, u: Array) -> Array:
        return 0.5 * u**2 - u


class ModifiedHuber(MarginLoss):
    """Squared hinge that goes on linearly below m = -1 (Zhang 2004).

    Source: doi 10.1214/aos/1079120130. Its population minimiser is 2p - 1 clipped, which gives
    the probability link (z + 1) / 2; that is proper, not strictly.

    Examples
    --------
    >>> import numpy as np
    >>> ModifiedHuber().value(np.array([[-2.0]]), np.ones((1, 1)))
    array([8.])
    """

    name = "modified_huber"
    label = "modified Huber"
    formula = "max(0, 1 - m)^2 where m >= -1, else -4m"
    strictly_proper = False
    greatest_curvature = 2.0
    dual_range = (0.0, 4.0)

    def phi(self, m: Array) -> Array:
        return np.where(m >= -1.0, np.maximum(0.0, 1.0 - m) ** 2, -4.0 * m)

    def phi_prime(self, m: Array) -> Array:
        return np.clip(2.0 * (m - 1.0), -4.0, 0.0)

    def phi_second(self, m: Array) -> Array:
        return np.where((m >= -1.0) & (m < 1.0), 2.0, 0.0)

    def phi_conjugate(self, u: Array) -> Array:
        return 0.25 * u**2 - u


class SmoothHinge(MarginLoss):
    """Hinge rounded off between m = 0 and m = 1 (Rennie and Srebro 2005).

    Examples
    --------
    >>> import numpy as np
    >>> SmoothHinge().value(np.array([[0.0]]), np.ones((1, 1)))
    array([0.5])
    """

    name = "smooth_hinge"
    label = "smooth hinge"
    formula = "1/2 - m where m <= 0, (1 - m)^2 / 2 where 0 < m < 1, else 0"
    strictly_proper = False
    greatest_curvature = 1.0
    dual_range = (0.0, 1.0)

    def phi(self, m: Array) -> Array:
        return np.where(m <= 0.0, 0.5 - m, 0.5 * np.maximum(0.0, 1.0 - m) ** 2)

    def phi_prime(self, m: Array) -> Array:
        return np.clip(m - 1.0, -1.0, 0.0)

    def phi_second(self, m: Array) -> Array:
        return np.where((m >= 0.0) & (m < 1.0), 1.0, 0.0)

    def phi_conjugate(self, u: Array) -> Array:
        return 0.5 * u**2 - u
