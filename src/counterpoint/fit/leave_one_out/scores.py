"""Approximate leave-one-out: each row's raw scores without it, from the fit on all rows.

Leaving row i out takes its weight w_i away, and the other weights are made to sum to 1 again. So
a refit minimises, up to a factor, F - w_i loss_i - w_i alpha |W|²/2 with F the objective of the
fit on all rows. One Newton step on that, taken from the fit, ends at the raw scores

    z_i + (I - w_i B D)⁻¹ (w_i B g + X_i A⁻¹ (w_i alpha W - ∇F)),   B = X_i A⁻¹ X_iᵀ.

Here g and D are the loss's gradient and Hessian in row i's raw scores, X_i maps the weights to
these, and A is F's Hessian with the ridge (1 - w_i) alpha: one factor of A serves every row (Rad
and Maleki 2020, arXiv 1801.10243). For a quadratic loss the step is exact. ∇F is what is left of
the gradient where the fit stopped: with it, a fit that stopped early costs no accuracy here.

Standardised columns would have other deviations without the row. With x̃ the row's scaled cells
that makes the ridge (1 - E) alpha with E = x̃² w_i / (1 - w_i), column by column: alpha (E - w_i)
times W and the step joins the right-hand side, in two rounds of a fixed point. Missing cells stay
at the mean of all rows.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt

from counterpoint.errors import InputError
from counterpoint.fit.design import Design
from counterpoint.fit.leave_one_out.model import Fit, Rows
from counterpoint.fit.leave_one_out.steps import newton_steps
from counterpoint.fit.threads import in_threads
from counterpoint.objective import Loss, Penalty

Array = npt.NDArray[np.float64]

#: Operations that a path may take: some ten minutes of two cores.
OPERATIONS_LIMIT = 2e13
#: Weights that a Hessian may tie together: each array of its size takes 200 MB.
WEIGHTS_LIMIT = 5000
#: Cells of X, which is held as the reported fit scales it: 2 GB.
CELLS_LIMIT = 250_000_000


def check_leave_one_out(
    design: Design, loss: Loss, penalty: Penalty, n_classes: int, n_alphas: int
) -> None:
    """Refuse what `leave_one_out_scores` can't do, or not in minutes.

    Raises
    ------
    InputError
        For a penalty with an L1 part, and where the work or the memory exceeds the limits.
    """
    if penalty.l1_ratio:
        raise InputError(
            f"cv is 'alo', and approximate leave-one-out is for the L2 penalty, not for "
            f"{penalty.label}; take that penalty, or folds such as cv=5."
        )
    n, features = _n_rows(design), design.width - 1
    outputs = loss.n_outputs(n_classes)
    tied = _tied(design, loss, outputs)
    work = _operations(design, loss, outputs, n_alphas)
    if work > OPERATIONS_LIMIT or tied > WEIGHTS_LIMIT or n * features > CELLS_LIMIT:
        raise InputError(
            f"cv is 'alo', which for {n:,} rows, {features:,} features, {n_classes} classes and "
            f"{n_alphas} alphas takes {work:.0e} operations on matrices of {tied:,} by {tied:,}, "
            f"and is limited to {OPERATIONS_LIMIT:.0e}, {WEIGHTS_LIMIT:,} and {CELLS_LIMIT:,} "
            "cells; use folds such as cv=5."
        )


def leave_one_out_scores(
    design: Design,
    loss: Loss,
    alphas: Array,
    targets: Array,
    v: Array,
    raw: Array,
    standardised: bool,
) -> Array:
    """Approximate raw scores of each training row by the fit without it.

    Parameters
    ----------
    design
        Its fold 0 is the fit on all rows.
    alphas : array (m,)
    targets : array (outputs, n)
    v : array (m, outputs, width)
        Fold 0's fits under the L2 penalty.
    raw : array (m, outputs, n)
        Their raw scores.
    standardised
        Whether columns are divided by their deviation, in which each row has a part.

    Returns
    -------
    array (m, outputs, n), with the raw scores of rows without weight as they are.
    """
    counted = design.train_weight[0] > 0
    rows = _rows(design, standardised)
    gradient = design.adjoint(
        loss.gradient(raw, targets) * design.train_weight[0], np.zeros(len(v), dtype=np.intp)
    )
    gradient[..., :-1] += alphas[:, None, None] * v[..., :-1]
    floor = np.minimum(design.intercept_ridge(alphas, 0), 1e-3 * loss.greatest_curvature)
    groups = [slice(None)] if loss.joint else [slice(k, k + 1) for k in range(len(targets))]
    places = list(product(range(len(v)), groups))

    def steps(place: tuple[int, slice]) -> Array:
        a, outputs = place
        fit = Fit(
            loss,
            targets[outputs, counted],
            raw[a, outputs][:, counted],
            v[a, outputs],
            gradient[a, outputs],
            float(alphas[a]),
            float(floor[a]),
        )
        return newton_steps(rows, fit)

    out = raw.copy()
    for (a, outputs), step in zip(places, in_threads(steps, places), strict=True):
        out[a, outputs][:, counted] += step
    return out


def _rows(design: Design, standardised: bool) -> Rows:
    counted = design.train_weight[0] > 0
    weight = design.train_weight[0, counted]
    x = design.scaled(0)[counted]
    shed = None
    if standardised:
        shed = x**2 * (weight / (1.0 - weight))[:, None]
        # A column that is constant without the row would be left as it is, with its ridge.
        shed = np.where(shed < 1.0 - 1e-9, shed, weight[:, None])
    basis = None
    if x.shape[1] > len(x):
        # Under L2 the weights are combinations of rows: n coordinates say all there is to say.
        basis = np.linalg.qr(x.T)[0].T
        x = x @ basis.T
    return Rows(np.concatenate([x, np.ones((len(x), 1))], axis=1), basis, weight, shed)


def _n_rows(design: Design) -> int:
    return int(np.count_nonzero(design.train_weight[0]))


def _tied(design: Design, loss: Loss, outputs: int) -> int:
    """Weights that a Hessian ties together: of all contrasts of a joint loss, or of an output."""
    return min(design.width, _n_rows(design) + 1) * (outputs - 1 if loss.joint else 1)


def _operations(design: Design, loss: Loss, outputs: int, n_alphas: int) -> float:
    """Of the Hessians, the rows' products with their factors, and these factors."""
    tied = float(_tied(design, loss, outputs))
    hessians = n_alphas * (1 if loss.joint else outputs)
    return hessians * (2.0 * _n_rows(design) * tied**2 + tied**3)
