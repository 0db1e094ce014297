"""A scikit-learn classifier that sweeps over alpha and predicts with the chosen one."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import assert_all_finite, check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from counterpoint.data.frames import is_frame
from counterpoint.errors import InputError
from counterpoint.objective import loss_named, predicted_index
from counterpoint.sweeping import sweep
from counterpoint.sweeps import Sweep

Array = npt.NDArray[np.float64]

SELECT = ("recommended", "best", "one_se")
FLOATS = (np.float64, np.float32)


def _has_probabilities(model: SweepClassifier) -> bool:
    return loss_named(model.loss).probability(np.zeros((1, 1))) is not None


class SweepClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Linear classifier with its penalty strength chosen by a sweep.

    Parameters
    ----------
    loss, penalty, alphas, l1_ratio, cv, scale, tol, memory
        As in `counterpoint.sweep`. With fewer rows of a class than folds there are as many folds
        as that class has rows. ``tol`` is tighter, so that a weight of two and a repeated row
        give the same predictions.
    select : ``recommended``, ``best`` or ``one_se``
        ``best`` is the alpha least in held-out log loss; ``one_se`` the strongest within one
        standard error of it; ``recommended`` is ``one_se`` where its extra log loss can't be told
        from zero, else ``best``.
    random_state : int, RandomState or None
        Seed of the folds.

    Attributes
    ----------
    sweep_ : Sweep
        Everything the sweep found.
    alpha_ : float
        The chosen strength.
    classes_, coef_, intercept_
        As in scikit-learn's linear classifiers, at the chosen strength.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = SweepClassifier(alphas=[1e-3, 1e-2]).fit(X, y)
    >>> model.coef_.shape, round(model.score(X, y), 2)
    ((3, 4), 0.99)
    """

    def __init__(
        self,
        loss: str = "log",
        penalty: str = "l2",
        alphas: Any = None,
        l1_ratio: float = 0.5,
        cv: Any = 5,
        scale: str = "none",
        select: str = "recommended",
        tol: float = 1e-9,
        random_state: Any = 0,
        memory: str | int | None = None,
    ) -> None:
        self.loss = loss
        self.penalty = penalty
        self.alphas = alphas
        self.l1_ratio = l1_ratio
        self.cv = cv
        self.scale = scale
        self.select = select
        self.tol = tol
        self.random_state = random_state
        self.memory = memory

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> SweepClassifier:
        """Sweep over alpha on (X, y) and keep the chosen model."""
        if self.select not in SELECT:
            raise InputError(f"select is {self.select!r}; choose one of {', '.join(SELECT)}.")
        X = self._matrix(X, reset=True)
        if y is None:
            raise InputError("SweepClassifier requires y to be passed, but the target y is None.")
        y = column_or_1d(y, warn=True)
        assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        check_consistent_length(X, y)
        self.classes_, label_index = np.unique(y, return_inverse=True)
        weighted = label_index
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
            weighted = label_index[sample_weight > 0]
        self.sweep_: Sweep = sweep(
            X,
            y,
            self.loss,
            self.penalty,
            alphas=self.alphas,
            l1_ratio=self.l1_ratio,
            cv=self._folds(np.bincount(weighted, minlength=len(self.classes_))),
            scale=self.scale,
            sample_weight=sample_weight,
            seed=self._seed(),
            tol=self.tol,
            memory=self.memory,
        )
        self.alpha_ = getattr(self.sweep_.choice, self.select).alpha
        at = self.sweep_.index_of(self.alpha_)
        self.coef_ = self.sweep_.coef[at]
        self.intercept_ = self.sweep_.intercept[at]
        return self

    def predict(self, X: Any) -> npt.NDArray[np.generic]:
        """Predicted labels, (n,)."""
        rows = self._rows(X)
        raw = self.sweep_.decision_function(rows, self.alpha_)
        labels: npt.NDArray[np.generic] = self.classes_[predicted_index(raw.T)]
        return labels

    @available_if(_has_probabilities)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Array:
        """Class probabilities, (n, classes); for a loss with a probability link only.

        Calibration moves the border between classes, so calibrated probabilities would not agree
        with `predict`: ``sweep_.predict_proba`` has them.
        """
        rows = self._rows(X)
        return self.sweep_.predict_proba(rows, self.alpha_)

    def decision_function(self, X: Any) -> Array:
        """Raw scores: (n,) for two classes, else (n, classes)."""
        rows = self._rows(X)
        raw = self.sweep_.decision_function(rows, self.alpha_)
        return raw[:, 0] if raw.shape[1] == 1 else raw

    def _folds(self, class_count: npt.NDArray[np.intp]) -> Any:
        if not isinstance(self.cv, (int, np.integer)) or class_count.min() < 2:
            return self.cv
        return min(int(self.cv), int(class_count.min()))

    def _seed(self) -> int:
        if isinstance(self.random_state, Integral):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _rows(self, X: Any) -> Any:
        check_is_fitted(self)
        return self._matrix(X, reset=False)

    def _matrix(self, X: Any, reset: bool) -> Any:
        """Matrices by scikit-learn's own rules; frames by Counterpoint's, which take categories."""
        if is_frame(X):
            return validate_data(self, X, reset=reset, skip_check_array=True)
        return validate_data(self, X, reset=reset, accept_sparse="csr", dtype=FLOATS)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
