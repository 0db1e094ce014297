"""A sweep and several side by side: all numbers of the fits, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from counterpoint.blocks import partition
from counterpoint.data import Schema, encode_rows
from counterpoint.errors import InputError
from counterpoint.findings import Choice, Finding, compare_all
from counterpoint.fit.result import SweepFit
from counterpoint.fit.scaling import filled
from counterpoint.objective import loss_named, predicted_index
from counterpoint.scores import fit_calibration

if TYPE_CHECKING:
    import altair as alt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Sweep:
    """Models over a range of penalty strengths, with what they mean.

    Made by `sweep`; arrays run from the weakest to the strongest alpha.

    Attributes
    ----------
    fit : SweepFit
        All numbers, held-out predictions included.
    schema : Schema
        How the features come from a table's columns.
    findings : tuple of Finding
    choice : Choice
    """

    fit: SweepFit
    schema: Schema
    findings: tuple[Finding, ...]
    choice: Choice

    def __repr__(self) -> str:
        low, high = float(self.alphas[0]), float(self.alphas[-1])
        return (
            f"<Sweep of {self.fit.loss} with {self.fit.penalty_name}: {len(self.alphas)} alphas "
            f"from {low:.3g} to {high:.3g}, take {self.choice.recommended.alpha:.3g}>"
        )

    @property
    def alphas(self) -> Array:
        """Penalty strengths, (m,), ascending."""
        return self.fit.alphas

    @property
    def classes(self) -> npt.NDArray[np.generic]:
        """Labels, in the order of `predict_proba`'s columns."""
        return self.fit.classes

    @property
    def coef(self) -> Array:
        """Weights on the scale of the data passed, (m, classes or 1, features)."""
        return self.fit.coef

    @property
    def intercept(self) -> Array:
        """Intercepts, (m, classes or 1)."""
        return self.fit.intercept

    @property
    def objective(self) -> Array:
        """Training objective, data loss plus penalty, (m,)."""
        return self.fit.objective

    @property
    def data_loss(self) -> Array:
        """Weighted mean training loss, (m,)."""
        return self.fit.data_loss

    @property
    def penalty(self) -> Array:
        """Alpha times the penalty of the weights, (m,)."""
        return self.fit.penalty

    @property
    def gap(self) -> Array:
        """Certified distance of the objective to its optimum, (m,)."""
        return self.fit.gap

    @property
    def scores(self) -> pl.DataFrame:
        """Tidy table: alpha, split, fold (null: pooled), quantity, value, low, high."""
        return self.fit.scores

    def predict_proba(self, X: Any, alpha: float | None = None) -> Array:
        """Class probabilities of new rows, (n, classes).

        Parameters
        ----------
        X
            Rows with the columns that were fitted.
        alpha
            One of `alphas`, by default the recommended one. A loss without a probability link is
            calibrated on the held-out predictions of that alpha.

        Raises
        ------
        InputError
            Where columns are missing, or alpha was not fitted.
        """
        at = self.index_of(alpha)
        raw = self.decision_function(X, alpha).T
        loss = loss_named(self.fit.loss, len(self.classes))
        probability = loss.probability(raw)
        if probability is not None:
            return np.ascontiguousarray(probability.T)
        held_out = self.fit.held_out
        calibration = fit_calibration(held_out.raw[at], held_out.label_index, held_out.weight)
        return np.asarray(calibration.probability(raw))

    def predict(self, X: Any, alpha: float | None = None) -> npt.NDArray[np.generic]:
        """Predicted labels of new rows, (n,); ``alpha`` as in `predict_proba`."""
        raw = self.decision_function(X, alpha)
        labels: npt.NDArray[np.generic] = self.classes[predicted_index(raw.T)]
        return labels

    def decision_function(self, X: Any, alpha: float | None = None) -> Array:
        """Raw scores of new rows, (n, classes or 1); ``alpha`` as in `predict_proba`."""
        at = self.index_of(alpha)
        x, _ = encode_rows(self.schema, X)
        out = np.empty((x.shape[0], len(self.coef[at])))
        # In blocks: neither filling nor double precision takes a second array of X's size.
        for part in partition(len(out), 8.0 * x.shape[1]):
            out[part] = filled(x[part], self.fit.fill) @ self.coef[at].T + self.intercept[at]
        return out

    def explain(self) -> str:
        """The findings and the choice in plain words."""
        from counterpoint.report.terminal import explanation

        return explanation(self.findings)

    def plot(self) -> alt.VConcatChart:
        """Scores, objective and weights over alpha, as an Altair chart."""
        from counterpoint.report.notebook import sweep_chart

        return sweep_chart(self.fit, self.choice, self.findings)

    def report(self, path: str | Path) -> Path:
        """Write one self-contained page; returns its path.

        Raises
        ------
        InputError
            Where the file can't be written.
        """
        from counterpoint.files import write_atomically
        from counterpoint.report.page import render_page

        page = render_page([self])
        return write_atomically(Path(path), page)

    def save(self, folder: str | Path) -> Path:
        """Write scores, weights, facts and held-out predictions; `load_sweep` reads them back."""
        from counterpoint.storage import save_sweep

        return save_sweep(self, Path(folder))

    def index_of(self, alpha: Any) -> int:
        """Where an alpha stands in `alphas`; the recommended one for None.

        Raises
        ------
        InputError
            Where it was not fitted.
        """
        if alpha is not None and not isinstance(alpha, Real):
            raise InputError(f"alpha is {alpha!r}; give one of the alphas that were fitted.")
        wanted = self.choice.recommended.alpha if alpha is None else float(alpha)
        nearest = int(np.abs(self.alphas - wanted).argmin())
        if not np.isclose(self.alphas[nearest], wanted, rtol=1e-6, atol=0.0):
            raise InputError(
                f"alpha {wanted!r} was not fitted; the nearest that was is "
                f"{float(self.alphas[nearest])!r}."
            )
        return nearest


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Sweeps of several losses and penalties over the same data, folds and alphas.

    Attributes
    ----------
    sweeps : tuple of Sweep
    """

    sweeps: tuple[Sweep, ...]

    @property
    def fits(self) -> tuple[SweepFit, ...]:
        """The numbers of each sweep."""
        return tuple(s.fit for s in self.sweeps)

    @property
    def interrupted(self) -> bool:
        """Whether the work was interrupted before all was fitted."""
        return any(len(fit.pending) for fit in self.fits)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What the sweeps show together; each sweep has findings of its own."""
        return compare_all(self.fits)

    def explain(self) -> str:
        """The findings on the sweeps together, in plain words."""
        from counterpoint.report.terminal import explanation

        return explanation(self.findings)

    def plot(self) -> alt.ConcatChart:
        """The sweeps in one chart."""
        from counterpoint.report.notebook import side_by_side

        return side_by_side(self.fits)

    def report(self, path: str | Path) -> Path:
        """Write one self-contained page; returns its path."""
        from counterpoint.files import write_atomically
        from counterpoint.report.page import render_page

        page = render_page(self.sweeps, self.findings)
        return write_atomically(Path(path), page)
