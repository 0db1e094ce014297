"""What a path's strengths start from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import counterpoint as cp
from counterpoint.fit import path, schedule
from counterpoint.fit.schedule import schedule_of
from counterpoint.fit.task import PathTask
from counterpoint.objective import loss_named, penalty_named
from reference import as_problem, make_data

#: Some are coarse throughout, some have tens of fine rows.
GRIDS = st.tuples(st.integers(1, 60), st.floats(0.5, 12), st.integers(0, 2**31)).map(
    lambda shape: 10.0 ** -np.cumsum(irregular(*shape))
)


def irregular(count, decades, seed):
    """Steps of unlike length over so many decades, about."""
    return np.random.default_rng(seed).uniform(0.3, 1.7, count) * decades / count


@given(GRIDS)
def test_every_row_is_coarse_or_lies_between_coarse_ones(alphas):
    found, rows = schedule_of(alphas), np.arange(len(alphas))
    assert {0, rows[-1]} <= set(found.coarse)
    assert found.parent[0] == 0
    for row in rows[1:]:
        assert found.parent[row] == max(c for c in found.coarse if c < row)
        assert row in found.heirs[found.parent[row]]
        if row not in found.coarse:
            assert min(found.sources[row]) < row < max(found.sources[row])
    # No row waits for one that waits for it.
    assert all(set(found.sources[row]) <= set(found.coarse) for row in rows)
    assert all(max(found.sources[row], default=-1) < row for row in found.coarse)


@given(GRIDS, st.lists(st.floats(-2, 2), min_size=4, max_size=4))
def test_fine_rows_start_on_a_cubic_in_log_alpha(alphas, coefficients):
    found, log = schedule_of(alphas), np.log10(alphas)
    for row in np.setdiff1d(np.arange(len(alphas)), found.coarse):
        cubic = np.polynomial.Polynomial(coefficients[: len(found.sources[row])])
        start = found.shares(row) @ cubic(log[found.sources[row]])
        scale = np.abs(found.shares(row)) @ np.abs(cubic(log[found.sources[row]]))
        assert start == pytest.approx(cubic(log[row]), abs=1e-9 * max(scale, 1.0))


def test_coarse_rows_start_on_a_line_that_ends_at_four_times_its_length():
    found = schedule_of(np.array([1.0, 0.1, 0.01, 1e-9]))
    assert len(found.sources[0]) == 0
    np.testing.assert_allclose(found.shares(1), [1.0])
    np.testing.assert_allclose(found.shares(2), [-1.0, 2.0])
    np.testing.assert_allclose(found.shares(3), [-4.0, 5.0])


def test_a_grid_without_fine_steps_has_no_fine_rows():
    assert len(schedule_of(np.geomspace(1.0, 1e-6, 18)).coarse) == 18
    assert len(schedule_of(np.geomspace(1.0, 1e-6, 35)).coarse) == 18
    assert len(schedule_of(np.ones(1)).coarse) == 1


@pytest.mark.parametrize("loss", ["log", "squared_hinge", "huber"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_fine_grid_is_certified_and_agrees_with_a_grid_of_coarse_rows_alone(
    loss, n_classes, monkeypatch
):
    data = make_data(200, 6, n_classes, seed=2)
    alphas = np.geomspace(10.0, 1e-6, 57)
    found = cp.sweep(data.X, data.y, loss=loss, alphas=alphas, cv=3, tol=1e-8).fit
    monkeypatch.setattr(schedule, "APART", 0.0)
    plain = cp.sweep(data.X, data.y, loss=loss, alphas=alphas, cv=3, tol=1e-8).fit
    for fit in (found, plain):
        assert (fit.relative_gap <= 1e-8).all()
    objective, other = (fit.data_loss + fit.penalty for fit in (found, plain))
    np.testing.assert_allclose(objective, other, rtol=2e-8)


def test_a_fine_grid_takes_few_more_rounds_than_a_coarse_one(monkeypatch):
    data = make_data(400, 6, 3, seed=2)
    problem, loss = as_problem(data), loss_named("log", 3)
    targets = loss.encode(problem.label_index, 3)
    problems, step = [], path._step

    def counted(state, batch, at, *rest):
        problems.append(len(at[0]))
        step(state, batch, at, *rest)

    monkeypatch.setattr(path, "_step", counted)
    rounds = []
    for count in (16, 76):
        alphas = np.geomspace(10.0, 1e-5, count)
        problems.clear()
        task = PathTask(problem.design, loss, penalty_named("l2"), targets, alphas, 1e-6)
        assert path.smooth_path(task, lambda _: None).finished.all()
        rounds.append(len(problems))
    assert rounds[1] < 1.25 * rounds[0]
