"""The least 0-1 loss of a linear classifier: exact, or between proven bounds."""

from counterpoint.theory.zero_one.classifier import best_classifier
from counterpoint.theory.zero_one.cuts import Cut
from counterpoint.theory.zero_one.problem import least_zero_one
from counterpoint.theory.zero_one.result import ZeroOne

__all__ = ["Cut", "ZeroOne", "best_classifier", "least_zero_one"]
