"""What a linear sweep found: plain numbers, and nothing that judges them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from counterpoint.fit.certificate import relative_gap

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class HeldOut:
    """Predictions for rows that did not train the model that makes them.

    Attributes
    ----------
    row : array (N,)
        Which row of the data each is.
    label_index : array (N,)
    fold : array (N,)
        The fold that held it out.
    weight : array (N,)
        Sample weight.
    raw : array (alphas, outputs, N)
        Raw scores.
    predicted : array (alphas, N)
        Class indices.
    log_loss, brier : array (alphas, N)
        Per row. From the loss's own probabilities, or calibrated ones where it has none.
    own_loss : array (alphas, N)
        The loss that was fitted, per row.
    calibrated : bool
        Whether probabilities come from calibration on the other folds' held-out rows.
    """

    row: Index
    label_index: Index
    fold: Index
    weight: Array
    raw: Array
    predicted: Index
    log_loss: Array
    brier: Array
    own_loss: Array
    calibrated: bool

    @property
    def correct(self) -> Mask:
        """Whether each prediction is right, (alphas, N)."""
        return np.asarray(self.predicted == self.label_index)


@dataclass(frozen=True)
class DataFacts:
    """What the findings need to know of the data.

    Attributes
    ----------
    n, n_features : int
        Rows that train or judge, and columns.
    class_count : array (classes,)
        Those rows of each class.
    class_share : array (classes,)
        Share of the training weight.
    held_out_share : array (classes,)
        Share of the held-out weight.
    duplicates : tuple of (column, column, correlation)
        Pairs of columns that carry the same information, or nearly, on the training rows.
    constant : tuple of column names
        With one value on the training rows.
    missing_cells : int
    notes : tuple of sentences from reading the data
    """

    n: int
    n_features: int
    class_count: Index
    class_share: Array
    held_out_share: Array
    duplicates: tuple[tuple[str, str, float], ...]
    constant: tuple[str, ...]
    missing_cells: int
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SweepFit:
    """Fits over alphas, their certificates and their scores. Rows run from weak to strong alpha.

    Attributes
    ----------
    loss, penalty_name, l1_ratio
        What was fitted; ``l1_ratio`` is 0 for L2 and 1 for L1.
    alphas : array (m,), ascending
    classes : array (classes,)
        Labels, in the order of outputs and probabilities.
    coef : array (m, classes or 1, features)
    intercept : array (m, classes or 1)
        On the scale of the data as it came.
    data_loss, penalty, gap : array (m,)
        Parts of the training objective, and the certified distance to its optimum.
    weight_norm : array (m,)
        Euclidean norm of the weights that the penalty sees (on scaled columns).
    nonzero : array (m,) of int
        Weights that are not zero.
    train_margin : array (m,)
        Least difference, over training rows, of the label's raw score and the greatest other:
        positive proves that the classes are separable.
    fold_relative_gap : array (m, folds)
        Certified gap as a share of the objective, for each fold that judges.
    scores : DataFrame
        alpha, split, fold, quantity, value, low, high.
    fill : array (features,)
        What a missing cell counts as in the reported fit.
    pending : array
        Alphas that were asked for and not finished, ascending: the work was interrupted.
    """

    loss: str
    loss_label: str
    penalty_name: str
    l1_ratio: float
    alphas: Array
    classes: npt.NDArray[np.generic]
    feature_names: tuple[str, ...]
    coef: Array
    intercept: Array
    data_loss: Array
    penalty: Array
    gap: Array
    weight_norm: Array
    nonzero: Index
    train_margin: Array
    greatest_weight: Array
    fold_relative_gap: Array
    scores: pl.DataFrame
    held_out: HeldOut
    facts: DataFacts
    fill: Array
    pending: Array
    base_rate_loss: float
    tol: float
    scale: str
    scheme: str
    seed: int

    @property
    def objective(self) -> Array:
        """Data loss plus penalty, (m,)."""
        return self.data_loss + self.penalty

    @property
    def relative_gap(self) -> Array:
        """Certified gap of the reported fits as a share of their objective, (m,)."""
        return relative_gap(self.gap, self.objective)

    @property
    def converged(self) -> Mask:
        """Alphas at which the reported fit and every fold meet the tolerance, (m,)."""
        worst = np.maximum(self.relative_gap, self.fold_relative_gap.max(axis=1, initial=0.0))
        return np.asarray(worst <= self.tol)

    def curve(self, quantity: str, split: str = "validation") -> pl.DataFrame:
        """One pooled quantity over alpha: columns alpha, value, low, high, ascending in alpha."""
        chosen = self.scores.filter(
            (pl.col("quantity") == quantity) & (pl.col("split") == split) & pl.col("fold").is_null()
        )
        return chosen.select("alpha", "value", "low", "high").sort("alpha")
