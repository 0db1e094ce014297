"""Sweeping: fit over alphas, score, and find what it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from counterpoint.arguments import (
    Asked,
    check_names,
    check_settings,
    checkpoint_folder,
    given_grid,
    given_test,
    problem_of,
)
from counterpoint.data import Dataset, dataset_from_arrays
from counterpoint.findings import choose, find_all
from counterpoint.fit.device import check_device, placed
from counterpoint.fit.grid import GRID_SIZE, grid_below, stilling_alpha
from counterpoint.fit.leave_one_out import check_leave_one_out
from counterpoint.fit.linear import Problem, fit_linear, problems_of
from counterpoint.fit.memory import parse_memory
from counterpoint.fit.result import SweepFit
from counterpoint.fit.task import Path as FittedPath
from counterpoint.objective import Penalty, loss_named, penalty_named
from counterpoint.progress import progress_bar
from counterpoint.sweeps import SideBySide, Sweep

Array = npt.NDArray[np.float64]


def sweep(
    X: Any,
    y: Any,
    loss: str = "log",
    penalty: str = "l2",
    alphas: Any = None,
    l1_ratio: float = 0.5,
    cv: Any = 5,
    scale: str = "none",
    sample_weight: Any = None,
    seed: int = 0,
    tol: float = 1e-6,
    *,
    test: Any = None,
    memory: str | int | None = None,
    checkpoint: str | Path | None = None,
    device: str | None = None,
) -> Sweep:
    """Fit a linear classifier over a range of penalty strengths, and say what happened.

    Parameters
    ----------
    X : array, SciPy sparse or pandas or Polars frame, (n, features)
        A frame may have categories, strings, booleans and missing values.
    y : array (n,)
        Labels of two or more classes, numbers or strings.
    loss, penalty
        Names of the registries: ``log``, ``squared``, …; ``l2``, ``l1``, ``elasticnet``.
    alphas
        Strengths in the convention  mean loss + alpha * penalty; by default a grid found from
        the data.
    l1_ratio
        Share of L1 in the elastic net.
    cv : int, ``alo``, splitter, or an iterable of (train rows, held-out rows)
        A number of stratified folds, shuffled by ``seed``; or approximate leave-one-out, which
        judges each row by one Newton step from the fit on all rows to the fit without it (L2
        penalty only); or a scikit-learn splitter that needs no groups; or the splits themselves.
    scale : ``none`` or ``standard``
        Whether columns are divided by their deviation, fold by fold on training rows.
    sample_weight : array (n,)
        Weights in fitting and in validation scores.
    seed
        Of the folds.
    tol
        Relative distance to the optimum that each fit is to be certified at.
    test : float, or (X, y) or (X, y, weights)
        A fraction to hold out, or rows to judge on, instead of cross-validation.
    memory
        Bytes, or a size such as ``2GB``: what the sweep may take beyond the data passed. Within
        it the same fits are found with more passes over the data, and where the held-out
        predictions would not fit, they are judged on a sample. By default as much as serves speed.
    checkpoint
        A folder to keep finished fits in, every ten seconds and when the work is interrupted. The
        same call goes on from there. Without one, too, an interruption (Ctrl-C) returns the
        alphas that are finished, with the finding ``interrupted``.
    device
        PyTorch's name of an accelerator, such as ``cuda``, to multiply dense data on. The fits
        are certified as ever; they agree with those made without one to within ``tol``.

    Returns
    -------
    Sweep

    Raises
    ------
    InputError
        For anything wrong with what was passed: one sentence says what, where and what to do.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> result = sweep(X, y, alphas=[1e-3, 1e-2, 1e-1], scale="standard")
    >>> result.coef.shape, bool((result.gap <= 1e-6 * result.objective).all())
    ((3, 3, 4), True)
    """
    return sweep_all(
        X,
        y,
        [loss],
        [penalty],
        alphas=alphas,
        l1_ratio=l1_ratio,
        cv=cv,
        scale=scale,
        sample_weight=sample_weight,
        seed=seed,
        tol=tol,
        test=test,
        memory=memory,
        checkpoint=checkpoint,
        device=device,
    ).sweeps[0]


def sweep_all(
    X: Any,
    y: Any,
    losses: Sequence[str],
    penalties: Sequence[str],
    *,
    alphas: Any = None,
    l1_ratio: float = 0.5,
    cv: Any = 5,
    scale: str = "none",
    sample_weight: Any = None,
    seed: int = 0,
    tol: float = 1e-6,
    test: Any = None,
    memory: str | int | None = None,
    checkpoint: str | Path | None = None,
    device: str | None = None,
) -> SideBySide:
    """Sweep every pair of a loss and a penalty over the same data, folds and alphas.

    Parameters as in `sweep`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> both = sweep_all(X, y, ["log", "squared"], ["l2"], alphas=[1e-2, 1.0])
    >>> [s.fit.loss for s in both.sweeps]
    ['log', 'squared']
    """
    dataset = dataset_from_arrays(X, y, sample_weight)
    return sweep_dataset(
        dataset,
        losses,
        penalties,
        alphas=alphas,
        l1_ratio=l1_ratio,
        cv=cv,
        scale=scale,
        seed=seed,
        tol=tol,
        test=given_test(dataset, test),
        memory=memory,
        checkpoint=checkpoint,
        device=device,
    )


def sweep_dataset(
    dataset: Dataset,
    losses: Sequence[str],
    penalties: Sequence[str],
    *,
    alphas: Any = None,
    l1_ratio: float = 0.5,
    cv: Any = 5,
    scale: str = "none",
    seed: int = 0,
    tol: float = 1e-6,
    test: float | Dataset | None = None,
    memory: str | int | None = None,
    checkpoint: str | Path | None = None,
    device: str | None = None,
) -> SideBySide:
    """`sweep_all` for a table that was read by `counterpoint.data`.

    Parameters as in `sweep`; ``test`` may be a Dataset with the same schema.
    """
    check_settings(l1_ratio, scale, seed, tol)
    losses = check_names(losses, "loss")
    chosen = [penalty_named(name, l1_ratio) for name in check_names(penalties, "penalty")]
    n_classes = len(np.unique(dataset.y))
    for name in losses:
        loss_named(name, n_classes)
    grid = None if alphas is None else given_grid(alphas)
    asked = Asked(
        losses=losses,
        fits=len(losses) * len(chosen),
        alphas=GRID_SIZE if grid is None else len(grid),
        memory=None if memory is None else parse_memory(memory),
    )
    if device is not None:
        check_device(device)
    problem = problem_of(dataset, cv, test, scale, int(seed), asked)
    if device is not None:
        problem = replace(problem, design=placed(problem.design, device))
    if grid is None:
        grid = grid_below(max(_stilling(problem, name, p) for name in losses for p in chosen))
    pairs = [(name, penalty) for name in losses for penalty in chosen]
    if problem.folds.one_by_one:
        for name, p in pairs:
            loss = loss_named(name, n_classes)
            check_leave_one_out(problem.design, loss, p, n_classes, len(grid))
    folder = None if checkpoint is None else checkpoint_folder(checkpoint)
    fits = _fit_pairs(problem, pairs, grid, float(tol), folder)
    return SideBySide(tuple(Sweep(f, dataset.schema, find_all(f), choose(f)) for f in fits))


def _fit_pairs(
    problem: Problem,
    pairs: list[tuple[str, Penalty]],
    grid: Array,
    tol: float,
    folder: Path | None,
) -> list[SweepFit]:
    """Fit every pair of a loss and a penalty, or up to where the work is interrupted."""
    fits: list[SweepFit] = []
    sizes = [problems_of(problem, name, grid) for name, _ in pairs]
    with progress_bar(sum(sizes)) as show:
        for at, (name, penalty) in enumerate(pairs):

            def watch(path: FittedPath, before: int = sum(sizes[:at])) -> None:
                done = int(path.finished.all(axis=1).sum())
                show(before + int(path.finished.sum()), f"Fitting: {done} of {len(grid)} alphas")

            file = None if folder is None else folder / f"{name}-{penalty.name}.npz"
            try:
                fits.append(fit_linear(problem, name, penalty, grid, tol, watch, file))
            except KeyboardInterrupt:
                if not fits:
                    raise
                break
            if len(fits[-1].pending):
                break
    return fits


def _stilling(problem: Problem, loss_name: str, penalty: Penalty) -> float:
    n_classes = len(problem.classes)
    loss = loss_named(loss_name, n_classes)
    targets = loss.encode(problem.label_index, n_classes)
    return stilling_alpha(problem.design, loss, penalty, targets)
