"""What a loss knows of itself: the single source for solvers, theory and findings.

Shapes. Raw scores ``z`` and targets have shape ``(..., outputs, n)``: the shape of
``coef @ X.T``. Leading axes are problems that are fitted together. A joint loss (softmax) ties
all outputs of a row together; any other loss treats each output as a problem of its own.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LossBounds:
    """Values that bind a loss to the correctness of a prediction, per observation.

    Attributes
    ----------
    minimum, maximum
        Least and greatest value over all raw scores (``maximum`` may be infinite).
    uniform_guess
        Value when every raw score is zero.
    wrong_least
        Least value where the predicted class is wrong.
    right_greatest
        Greatest value where the predicted class is right (may be infinite).
    """

    minimum: float
    maximum: float
    uniform_guess: float
    wrong_least: float
    right_greatest: float


class Loss(ABC):
    """Cost of one prediction as a function of its raw scores z and its label.

    A subclass is one registry entry; see CONTRIBUTING for the recipe.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    formula: ClassVar[str]
    convex: ClassVar[bool] = True
    strictly_proper: ClassVar[bool]
    joint: ClassVar[bool] = False
    #: Greatest second derivative in one raw score.
    greatest_curvature: ClassVar[float]

    @abstractmethod
    def n_outputs(self, n_classes: int) -> int:
        """Raw scores that a row needs for this many classes."""

    @abstractmethod
    def encode(self, label_index: npt.NDArray[np.intp], n_classes: int) -> Array:
        """Targets of shape (outputs, n) for class indices of shape (n,)."""

    @abstractmethod
    def value(self, z: Array, target: Array) -> Array:
        """Loss per row, summed over outputs: shape (..., n)."""

    @abstractmethod
    def gradient(self, z: Array, target: Array) -> Array:
        """Derivative of the loss in z: shape (..., outputs, n)."""

    @abstractmethod
    def curvature(self, z: Array, target: Array) -> Array:
        """What `hessian_product` needs of z: shape (..., outputs, n)."""

    @abstractmethod
    def hessian_product(self, curvature: Array, u: Array) -> Array:
        """Second derivative in z times u, row by row: shape (..., outputs, n)."""

    def own_curvature(self, curvature: Array) -> Array:
        """Second derivative of each output by itself, shaped like ``curvature``."""
        return curvature

    @abstractmethod
    def conjugate(self, r: Array, target: Array) -> Array:
        """Convex conjugate sup_z <r, z> - loss(z), summed over outputs: shape (..., n).

        Infinite where r lies outside the closure of the gradient's range.
        """

    @abstractmethod
    def probability(self, z: Array) -> Array | None:
        """Class probabilities of shape (..., classes, n), or None without a probability link."""

    @abstractmethod
    def bounds(self, n_classes: int) -> LossBounds:
        """Least, greatest and guess values, and what right and wrong predictions allow."""

    @abstractmethod
    def base_rate_scores(self, class_weight: Array) -> Array:
        """Constant raw scores (outputs,) with the least mean loss for class shares (classes,)."""

    def fenchel_gap(self, z: Array, target: Array, scale: Array) -> Array:
        """Slack of Fenchel and Young's inequality at the dual point ``scale`` times the gradient.

        With r the gradient at z this is loss(z) + conjugate(scale r) - <scale r, z>: never
        negative, and zero at scale 1. Summed over outputs.

        Parameters
        ----------
        z, target
            Shape (..., outputs, n).
        scale
            In [0, 1], broadcastable to z's shape.

        Returns
        -------
        array of shape (..., n)
        """
        r = scale * self.gradient(z, target)
        slack = self.value(z, target) + self.conjugate(r, target) - (r * z).sum(axis=-2)
        return np.asarray(np.maximum(slack, 0.0))

    def base_rate_guess(self, class_weight: Array) -> float:
        """Mean loss of the best constant prediction for class shares (classes,)."""
        share = class_weight / class_weight.sum()
        n_classes = len(share)
        target = self.encode(np.arange(n_classes), n_classes)
        z = np.repeat(self.base_rate_scores(share)[:, None], n_classes, axis=1)
        value = self.value(z, target)
        return math.fsum(share[share > 0] * value[share > 0])


def predicted_index(z: Array) -> npt.NDArray[np.intp]:
    """Index of the predicted class, shape (..., n), for raw scores (..., outputs, n).

    One output predicts the second class where it is positive; more outputs predict the largest.
    """
    if z.shape[-2] == 1:
        return (z[..., 0, :] > 0).astype(np.intp)
    return np.asarray(z.argmax(axis=-2), dtype=np.intp)
