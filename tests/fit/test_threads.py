"""The cores that were given are used, no others, and the answer does not depend on them."""

from dataclasses import replace

import joblib
import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import counterpoint as cp
from counterpoint import blocks
from counterpoint.fit import linear, scaling
from counterpoint.fit.threads import in_threads, shared_threads, sums_in_threads, threads_given
from counterpoint.objective import penalty_named
from reference import as_problem, make_data


def blas_threads():
    return max(p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas")


def test_what_blas_is_limited_to_is_what_is_given():
    with threadpool_limits(1, user_api="blas"):
        assert threads_given() == 1


def test_each_task_has_one_blas_thread():
    before = blas_threads()
    with shared_threads():
        assert set(in_threads(lambda _: blas_threads(), range(4))) == {1}
    assert blas_threads() == before


def test_a_joblib_worker_keeps_to_its_share():
    counts = joblib.Parallel(n_jobs=2)(joblib.delayed(threads_given)() for _ in range(2))
    assert max(counts) <= max(1, joblib.cpu_count() // 2)


def test_results_and_sums_keep_the_order_of_the_tasks():
    values = np.random.default_rng(0).normal(size=200) * 10.0 ** np.arange(-100, 100)
    with shared_threads():
        assert list(in_threads(lambda v: v, values)) == values.tolist()
        (total,) = sums_in_threads(lambda v: (np.array([v]),), values)
    expected = np.zeros(1)
    for value in values:
        expected += value
    assert total == expected


def test_an_error_in_a_task_comes_out():
    with shared_threads(), pytest.raises(ZeroDivisionError):
        list(in_threads(lambda v: 1 / v, [1, 0]))


@pytest.mark.parametrize("penalty", ["l2", "l1"])
@pytest.mark.parametrize("loss", ["log", "squared", "squared_hinge"])
@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_the_answer_is_the_same_with_one_thread_or_two(loss, penalty, form, monkeypatch):
    monkeypatch.setattr(linear, "SMALL", 0)
    monkeypatch.setattr(blocks, "BLOCK_ROWS", (64, 64))
    monkeypatch.setattr(scaling, "SINGLE_CELLS", 0)
    data = make_data(300, 6, 3, seed=3, form=form)
    alphas = [1e-4, 1e-2, 1.0]
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            fit = cp.sweep(data.X, data.y, loss=loss, penalty=penalty, alphas=alphas, cv=3).fit
        assert fit.converged.all()
        found.append((fit.coef, fit.gap, fit.held_out.raw))
    for one, two in zip(*found, strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(("n_folds", "threads"), [(3, 1), (9, 1), (40, 7)])
def test_small_data_wait_for_no_second_thread_unless_there_are_many_folds(
    n_folds, threads, monkeypatch
):
    asked = []

    def watched(most):
        asked.append(most)
        return shared_threads(most)

    data = make_data(50, 5000, 2, seed=1)
    problem = as_problem(data, n_folds)
    plan = replace(problem.design.plan, threads=7)
    problem = replace(problem, design=replace(problem.design, plan=plan))
    monkeypatch.setattr(linear, "shared_threads", watched)
    linear.fit_linear(problem, "log", penalty_named("l2"), np.array([1.0]), tol=1e-4)
    assert asked == [threads, threads]
