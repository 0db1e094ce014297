"""What is measured: proper scores, their intervals, and the comparison of two models.

`counterpoint.scores(y_true, probability)` is `score_table`: this package is callable. Names are
imported at first use: an interval of one share must not wait for tables.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from counterpoint.lazy import lazy_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import ArrayLike

    from counterpoint.scores.calibration import (
        Calibration,
        cross_fitted_probabilities,
        fit_calibration,
    )
    from counterpoint.scores.intervals import (
        Estimate,
        fold_standard_error,
        mean_interval,
        proportion_interval,
    )
    from counterpoint.scores.paired import Flips, flips, mcnemar, paired_difference
    from counterpoint.scores.proper import SCORES, Score
    from counterpoint.scores.scale_direction import (
        BestScale,
        ScaleDirection,
        best_scale,
        split_change,
    )
    from counterpoint.scores.table import score_interval, score_table

_HOMES = {
    "SCORES": ("counterpoint.scores.proper", "SCORES"),
    "BestScale": ("counterpoint.scores.scale_direction", "BestScale"),
    "Calibration": ("counterpoint.scores.calibration", "Calibration"),
    "Estimate": ("counterpoint.scores.intervals", "Estimate"),
    "Flips": ("counterpoint.scores.paired", "Flips"),
    "ScaleDirection": ("counterpoint.scores.scale_direction", "ScaleDirection"),
    "Score": ("counterpoint.scores.proper", "Score"),
    "best_scale": ("counterpoint.scores.scale_direction", "best_scale"),
    "cross_fitted_probabilities": ("counterpoint.scores.calibration", "cross_fitted_probabilities"),
    "fit_calibration": ("counterpoint.scores.calibration", "fit_calibration"),
    "flips": ("counterpoint.scores.paired", "flips"),
    "fold_standard_error": ("counterpoint.scores.intervals", "fold_standard_error"),
    "mcnemar": ("counterpoint.scores.paired", "mcnemar"),
    "mean_interval": ("counterpoint.scores.intervals", "mean_interval"),
    "paired_difference": ("counterpoint.scores.paired", "paired_difference"),
    "proportion_interval": ("counterpoint.scores.intervals", "proportion_interval"),
    "score_interval": ("counterpoint.scores.table", "score_interval"),
    "score_table": ("counterpoint.scores.table", "score_table"),
    "split_change": ("counterpoint.scores.scale_direction", "split_change"),
}

__getattr__, __dir__ = lazy_names(globals(), _HOMES)

__all__ = [
    "SCORES",
    "BestScale",
    "Calibration",
    "Estimate",
    "Flips",
    "ScaleDirection",
    "Score",
    "best_scale",
    "cross_fitted_probabilities",
    "fit_calibration",
    "flips",
    "fold_standard_error",
    "mcnemar",
    "mean_interval",
    "paired_difference",
    "proportion_interval",
    "score_interval",
    "score_table",
    "split_change",
]


class _CallableModule(ModuleType):
    # `counterpoint.scores(...)` is the public call, and Python binds that same name to this
    # package as soon as any module of it is imported. A module whose class has __call__ is both,
    # in whatever order things are imported.
    def __call__(
        self,
        y_true: ArrayLike,
        probability: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        classes: Sequence[object] | ArrayLike | None = None,
        confidence: float = 0.95,
    ) -> pl.DataFrame:
        """Scores of one prediction as a table; see `score_table`."""
        from counterpoint.scores.table import score_table

        return score_table(
            y_true,
            probability,
            sample_weight=sample_weight,
            classes=classes,
            confidence=confidence,
        )


sys.modules[__name__].__class__ = _CallableModule
