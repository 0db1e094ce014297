"""Memory budgets: what is decided, that it changes no answer, and that it is kept to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import counterpoint as cp
from counterpoint.errors import InputError
from counterpoint.fit import linear, scaling
from counterpoint.fit.folds import cross_validation
from counterpoint.fit.linear import fit_linear, make_problem
from counterpoint.fit.memory import (
    LEAST_JUDGED,
    MOMENTS_HELD,
    SCORES_AT_ONCE,
    UNLIMITED,
    Demand,
    Plan,
    parse_memory,
    plan,
)
from counterpoint.fit.scaling import make_design
from counterpoint.objective import penalty_named
from reference import as_problem, make_data

ALPHAS = np.array([1e-4, 1e-2, 1.0])
#: One problem at a time, nothing copied, nothing kept.
LEAST = Plan(
    single_copy=False,
    scores_at_once=1,
    row_products=0,
    rotate=False,
    closed_form=False,
    working_set=0,
)


@pytest.mark.parametrize(
    ("text", "size"),
    [("2GB", 2 * 10**9), ("500 mb", 5 * 10**8), ("1.5GiB", 3 * 2**29), (".5kB", 500), (7, 7)],
)
def test_sizes_are_read(text, size):
    assert parse_memory(text) == size


@pytest.mark.parametrize("wrong", ["", "GB", "-2GB", "0GB", "2 PB", 0, -1, 1.5, True, None])
def test_what_is_no_size_is_refused(wrong):
    with pytest.raises(InputError, match="give a size such as '2GB'"):
        parse_memory(wrong)


demands = st.builds(
    Demand,
    n=st.integers(10, 10**8),
    features=st.integers(1, 20_000),
    folds=st.integers(1, 11),
    outputs=st.integers(1, 100),
    apart=st.just(1),
    alphas=st.integers(1, 100),
    sweeps=st.integers(1, 6),
    held_out=st.integers(1, 10**8),
    dense=st.booleans(),
    one_by_one=st.booleans(),
)


@given(demands, st.integers(10**6, 10**13))
def test_the_parts_of_a_plan_fit_its_limit_and_a_refusal_names_one_that_does(demand, limit):
    try:
        chosen = plan(demand, limit)
    except InputError as error:
        words = str(error).split(" takes ")[1].split(" at the least")[0]
        assert parse_memory(words.replace(",", "")) > limit
        plan(demand, parse_memory(words.replace(",", "")))
        return
    judged = demand.held_out if chosen.judged_rows is None else chosen.judged_rows
    copy = 4 * demand.n * demand.features if chosen.single_copy else 0
    problems = max(1, chosen.scores_at_once // demand.scores)
    held = demand.base + chosen.threads * demand.thread + copy
    assert held + judged * demand.judged_row <= limit
    kept = judged * demand.kept_row + chosen.row_products
    assert held + kept + problems * demand.problem <= limit
    assert held + kept + 8 * (MOMENTS_HELD + problems) * chosen.working_set**2 <= limit
    decomposed = chosen.threads * demand.closed_form if chosen.closed_form else 0
    assert held + decomposed <= limit
    assert judged >= min(demand.held_out, LEAST_JUDGED)
    more = plan(demand, 4 * limit)
    assert more.single_copy >= chosen.single_copy
    assert more.rotate >= chosen.rotate
    assert min(more.scores_at_once, SCORES_AT_ONCE) >= chosen.scores_at_once * (not copy)


def test_without_a_limit_nothing_is_left_out():
    demand = Demand(10**7, 100, 6, 10, 1, 20, 1, 10**7, True)
    chosen = plan(demand, None)
    assert replace(chosen, scores_at_once=SCORES_AT_ONCE) == UNLIMITED
    assert chosen.scores_at_once >= 6 * 10 * 10**7


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", ["log", "squared", "squared_hinge"])
def test_a_sweep_in_least_memory_finds_the_same_fits(monkeypatch, loss, dtype, order):
    monkeypatch.setattr(scaling, "SINGLE_CELLS", 0)
    data = make_data(300, 12, 3, seed=1)
    data = replace(data, X=np.asarray(data.X * 3 + 20, dtype=dtype, order=order))
    free = as_problem(data, scale="standard")
    tight = make_problem(
        free.x, free.label_index, free.classes, free.feature_names, free.weight, free.folds,
        "standard", 0, (), LEAST,
    )  # fmt: skip
    assert np.shares_memory(tight.x, data.X)
    assert tight.design.single.dtype == np.float32
    fits = [fit_linear(p, loss, penalty_named("l2"), ALPHAS, tol=1e-9) for p in (free, tight)]
    assert all(fit.converged.all() for fit in fits)
    np.testing.assert_allclose(fits[1].objective, fits[0].objective, rtol=2e-9)
    np.testing.assert_allclose(fits[1].coef, fits[0].coef, rtol=1e-2, atol=1e-3)
    assert (
        fits[0]
        .scores.select("alpha", "split", "fold", "quantity")
        .equals(fits[1].scores.select("alpha", "split", "fold", "quantity"))
    )


@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_an_l1_sweep_in_least_memory_finds_the_same_fits(monkeypatch, form):
    monkeypatch.setattr(scaling, "SINGLE_CELLS", 0)
    free = as_problem(make_data(300, 12, 3, seed=1, form=form))
    design = make_design(free.x, free.folds, False, LEAST)
    if form == "dense":
        some = design.of_columns(np.array([0, 3]))
        assert some.single is not some.double
        assert not np.shares_memory(some.single.block(0), some.single.block(0))  # made each time
    tight = replace(free, design=design)
    fits = [fit_linear(p, "log", penalty_named("l1"), ALPHAS, tol=1e-7) for p in (free, tight)]
    assert all(fit.converged.all() for fit in fits)
    np.testing.assert_allclose(fits[1].objective, fits[0].objective, rtol=2e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_checkpoint_is_gone_on_from_with_another_budget(monkeypatch, tmp_path, dtype):
    monkeypatch.setattr(scaling, "SINGLE_CELLS", 0)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40_000, 5)).astype(dtype)
    y = (X[:, 0] + rng.logistic(size=40_000) > 0).astype(int)
    settings = {"alphas": [1e-3, 1e-2], "test": 0.5, "checkpoint": tmp_path}
    small = cp.sweep(X, y, memory="19MB", **settings)
    assert "of the held-out rows" in small.fit.scheme
    monkeypatch.setattr(linear, "fit_path", lambda task, watch: task.known)
    whole = cp.sweep(X, y, **settings)
    np.testing.assert_array_equal(whole.coef, small.coef)
    assert len(whole.fit.held_out.row) == 20_000


def test_wide_data_fit_the_same_without_rotation():
    data = make_data(30, 60, 2, seed=2)
    free = as_problem(data)
    tight = replace(free, design=replace(free.design, plan=LEAST))
    fits = [fit_linear(p, "log", penalty_named("l2"), ALPHAS, tol=1e-8) for p in (free, tight)]
    np.testing.assert_allclose(fits[1].objective, fits[0].objective, rtol=2e-8)


def test_a_sample_to_judge_on_has_each_fold_and_class_in_proportion():
    label = np.repeat([0, 1, 2], [6000, 3000, 12])
    folds = cross_validation(label, np.ones(len(label)), 4, 0, np.arange(3))
    few = folds.judged_on(900, label, seed=3)
    assert (
        few.scheme
        == f"4-fold cross-validation, judged on {few.held_out.sum():,} of the held-out rows"
    )
    assert not (few.held_out & ~folds.held_out).any()
    np.testing.assert_array_equal(few.train_weight, folds.train_weight)
    for f in folds.judging:
        counts = np.bincount(label[few.held_out[f]], minlength=3)
        np.testing.assert_allclose(counts, [150, 75, 1], atol=1)
    again, other = folds.judged_on(900, label, seed=3), folds.judged_on(900, label, seed=4)
    assert (again.held_out == few.held_out).all()
    assert (other.held_out != few.held_out).any()


def test_a_sampled_sweep_judges_within_its_interval_and_says_so():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40_000, 5))
    y = (X[:, 0] + rng.logistic(size=40_000) > 0).astype(int)
    whole = cp.sweep(X, y, alphas=[1e-3, 1e-2], cv=2)
    small = cp.sweep(X, y, alphas=[1e-3, 1e-2], cv=2, memory="25MB")
    assert "of the held-out rows" in small.fit.scheme
    assert len(small.fit.held_out.row) < 40_000
    np.testing.assert_allclose(small.objective, whole.objective, rtol=2e-6)
    sampled, true = small.fit.curve("log_loss"), whole.fit.curve("log_loss")
    assert (sampled["low"] <= true["value"]).all()
    assert (true["value"] <= sampled["high"]).all()


def test_leaving_rows_out_one_by_one_is_counted_and_judged_on_a_sample():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20_000, 20))
    y = (X[:, 0] + rng.logistic(size=20_000) > 0).astype(int)
    with pytest.raises(InputError, match=r"takes \d+ MB at the least"):
        cp.sweep(X, y, alphas=[1e-3, 1e-2], cv="alo", memory="20MB")
    whole = cp.sweep(X, y, alphas=[1e-3, 1e-2], cv="alo")
    small = cp.sweep(X, y, alphas=[1e-3, 1e-2], cv="alo", memory="41MB")
    some = np.isin(whole.fit.held_out.row, small.fit.held_out.row)
    assert 1000 <= some.sum() < 20_000
    np.testing.assert_allclose(
        small.fit.held_out.raw, whole.fit.held_out.raw[..., some], rtol=1e-2, atol=1e-3
    )


def test_a_budget_below_one_problem_is_refused_with_one_that_would_do():
    X, y = np.random.default_rng(0).normal(size=(5000, 30)), np.arange(5000) % 2
    with pytest.raises(InputError, match=r"memory is 1 MB, and this sweep takes \d+ MB at the"):
        cp.sweep(X, y, alphas=[1.0], memory="1MB")


#: Runs a sweep with so much memory beyond what the warmed-up interpreter has, mapped files aside.
LIMITED = textwrap.dedent(
    """
    import json, resource, sys
    import numpy as np
    import counterpoint as cp
    from counterpoint.sweeping import sweep_dataset
    from counterpoint.data import load_dataset
    from counterpoint.data.mapped import held_bytes
    from counterpoint.fit.memory import parse_memory

    path, penalty, memory, limit = sys.argv[1:]
    warm = np.random.default_rng(0).normal(size=(20_000, 60)).astype(np.float32)
    cp.sweep(warm, (warm[:, 0] > 0) * 1, alphas=[1e-2, 1.0], cv=2)
    lines = open("/proc/self/status").read().splitlines()
    now = 1024 * int(next(line for line in lines if line.startswith("VmData")).split()[1])
    resource.setrlimit(resource.RLIMIT_DATA, (now + parse_memory(limit),) * 2)
    given = None if memory == "none" else parse_memory(memory)
    try:
        data = load_dataset(path, target=-1, memory=given)
        side = sweep_dataset(data, ["log"], [penalty], alphas=[1e-3, 1e-1], test=0.2, memory=given)
    except MemoryError:
        print(json.dumps("out of memory"))
        sys.exit()
    fit = side.sweeps[0].fit
    print(json.dumps({
        "held": held_bytes(data.X), "size": data.X.nbytes, "gap": fit.relative_gap.tolist(),
        "objective": fit.objective.tolist(), "scheme": fit.scheme,
    }))
    """
)


def swept_within(path, memory, limit, penalty="l2"):
    command = [sys.executable, "-c", LIMITED, str(path), penalty, memory, limit]
    # Each thread more takes blocks of its own.
    threads = {**os.environ, "OPENBLAS_NUM_THREADS": "2"}
    ended = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=600, env=threads
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A table of 600 MB, and its first columns as a frame."""
    path = tmp_path_factory.mktemp("large") / "table.npy"
    rng = np.random.default_rng(0)
    n, width = 200_000, 750
    out = np.lib.format.open_memmap(path, "w+", np.float32, (n, width))
    for start in range(0, n, 10_000):
        block = rng.normal(size=(10_000, width))
        block[:, -1] = block[:, :3].sum(axis=1) + rng.logistic(size=10_000) > 0
        out[start : start + 10_000] = block
    out.flush()
    return path


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="RLIMIT_DATA as Linux has it")
def test_an_array_file_four_times_the_budget_is_swept_within_it(large):
    found = swept_within(large, "150MB", "150MB")
    assert found["held"] == 0
    assert found["size"] > 3.9 * 150e6
    assert max(found["gap"]) <= 1e-6
    # Without a budget the same memory is not enough: the limit does bind.
    assert swept_within(large, "none", "150MB") == "out of memory"


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="RLIMIT_DATA as Linux has it")
def test_a_parquet_file_larger_than_the_budget_is_swept_within_it(large, tmp_path):
    X = np.load(large, mmap_mode="r")[:100_000]
    names = [f"column {j}" for j in range(X.shape[1])]
    path = tmp_path / "table.parquet"
    pl.DataFrame(np.asarray(X), schema=names).write_parquet(path)
    found = swept_within(path, "150MB", "200MB")
    assert found["held"] == 0
    np.save(tmp_path / "same.npy", X)
    same = swept_within(tmp_path / "same.npy", "150MB", "150MB")
    np.testing.assert_allclose(found["objective"], same["objective"], rtol=2e-6)
    assert found["scheme"] == same["scheme"]


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="RLIMIT_DATA as Linux has it")
def test_an_l1_sweep_of_a_file_twice_the_budget_keeps_within_it(large, tmp_path):
    np.save(tmp_path / "half.npy", np.load(large, mmap_mode="r")[:100_000])
    found = swept_within(tmp_path / "half.npy", "150MB", "150MB", penalty="l1")
    assert found["held"] == 0
    assert found["size"] > 1.9 * 150e6
    assert max(found["gap"]) <= 1e-6


#: Grows by so much, in bytes, over the data that it holds already.
GROWTH = textwrap.dedent(
    """
    import sys
    import numpy as np
    import counterpoint as cp

    dtype, order = sys.argv[1:]
    rng = np.random.default_rng(0)
    X = np.empty((120_000, 400), dtype=dtype, order=order)
    for start in range(0, len(X), 10_000):
        X[start : start + 10_000] = rng.normal(size=(10_000, 400))
    y = (X[:, 0] + rng.logistic(size=len(X)) > 0).astype(int)
    cp.sweep(X[:5000], y[:5000], alphas=[1e-2, 1.0], cv=2)

    def resident(key):
        lines = open("/proc/self/status").read().splitlines()
        return 1024 * int(next(line for line in lines if line.startswith(key)).split()[1])

    open("/proc/self/clear_refs", "w").write("5")  # the greatest size so far is forgotten
    before = resident("VmRSS")
    cp.sweep(X, y, alphas=[1e-2, 1.0], cv=2)
    print(resident("VmHWM") - before)
    """
)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc as Linux has it")
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_data_in_memory_are_copied_once_in_single_precision(dtype, order):
    command = [sys.executable, "-c", GROWTH, dtype, order]
    threads = {**os.environ, "OPENBLAS_NUM_THREADS": "2"}
    ended = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=600, env=threads
    )
    copy = 4 * 120_000 * 400
    assert copy < int(ended.stdout) < copy + 150e6
