"""The benchmark's judge, schedule and report: on small data, with what is installed anyway."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from counterpoint.objective import Penalty
from reference import make_data, written_out_objective

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.fixture
def bench(monkeypatch):
    """Imports a module of the benchmark, which is a folder of scripts."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module


@pytest.mark.parametrize("loss", ["log", "squared"])
@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_objective_is_the_one_written_out(bench, loss, n_classes, form):
    data = make_data(60, 5, n_classes, form=form)
    rng = np.random.default_rng(1)
    train = np.ones((3, 60), dtype=bool)
    train[1, ::3] = train[2, 1::3] = False
    alphas = np.array([0.3, 0.01])
    x = sparse.csr_matrix(data.X) if form == "sparse" else data.X
    problem = bench("problem").Problem(x, data.y, loss, 0.4, alphas, train)
    coef = rng.normal(size=(2, 3, problem.outputs, 5)) * 3
    intercept = rng.normal(size=(2, 3, problem.outputs))
    intercept[1, 2] = np.nan
    found = bench("objective").objectives(problem, coef, intercept)
    for a, alpha in enumerate(alphas):
        for f, rows in enumerate(train):
            if np.isnan(intercept[a, f]).any():
                assert np.isnan(found[a, f])  # a fit that was not delivered
                continue
            expected = written_out_objective(
                *(loss, Penalty(0.4), alpha, data.X[rows], data.y[rows], data.weight[rows]),
                *(coef[a, f], intercept[a, f]),
            )
            assert found[a, f] == pytest.approx(expected, rel=1e-12)


def test_objective_of_huge_scores_is_finite(bench):
    problem = bench("problem").Problem(
        np.array([[1e5], [-1e5]]),
        np.array([0, 1]),
        "log",
        0.0,
        np.array([1e-20]),
        np.ones((1, 2), bool),
    )
    value = bench("objective").objectives(problem, np.ones((1, 1, 1, 1)), np.zeros((1, 1, 1)))
    assert value[0, 0] == pytest.approx(1e5)


def test_a_fold_trains_on_all_but_its_part_of_every_class(bench):
    label = np.repeat([0, 1, 2], [10, 20, 30])
    train = bench("works").training_rows(label, 5)
    assert train[0].all()
    assert ((~train[1:]).sum(axis=0) == 1).all()
    for held_out in ~train[1:]:
        assert np.bincount(label[held_out]).tolist() == [2, 4, 6]


def test_at_the_stilling_strength_no_weight_pays(bench):
    """Each one-sided slope of the objective at the base rates is then 0 or more, and one is 0."""
    data = make_data(80, 6, 2)
    alpha = bench("works").stilling(data.X, data.y, 0.5)
    share = data.y.mean()
    intercept = np.log(share / (1 - share))

    def objective(w):
        return written_out_objective(
            *("log", Penalty(0.5), alpha, data.X, data.y, data.weight),
            *(w[None], np.array([intercept])),
        )

    step = 1e-6
    at_rest = objective(np.zeros(6))
    slopes = [(objective(s * step * e) - at_rest) / step for e in np.eye(6) for s in (-1, 1)]
    assert min(slopes) == pytest.approx(0, abs=1e-4)


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """One work run by the command, with scikit-learn alone beside Counterpoint."""
    folder = tmp_path_factory.mktemp("results")
    command = [sys.executable, BENCHMARKS / "run.py", "--quick", "--threads", "1"]
    command += ["--works", "digits-softmax-l2,pcmac-l1", "--peers", "scikit-learn,celer"]
    subprocess.run(
        [*command, "--limit", "60", "--results", folder, "--environments", folder / "none"],
        env=os.environ | {"COUNTERPOINT_SHARED": str(folder), "PIP_NO_INDEX": "1"},
        check=True,
    )
    return json.loads((folder / "quick.json").read_text())


@pytest.mark.slow
def test_one_work_end_to_end(quick):
    work = quick["digits-softmax-l2"]
    ours, peer = work["contestants"]["counterpoint"], work["contestants"]["scikit-learn"]
    assert ours["status"] == "reached"
    assert ours["worst"] <= work["goal"]
    assert len(ours["seconds"]) == 1
    assert ours["fits"] == peer["fits"] == ours["fits_asked"]
    assert work["best_known_proven_within"]["holds"]
    assert work["best_known_proven_within"]["relative"] <= 2e-6
    assert peer["ladder"][0]["worst"] > peer["ladder"][-1]["worst"] > -1e-15
    assert work["contestants"]["celer"]["status"] == "not supported"


@pytest.mark.slow
def test_a_work_without_its_data_says_so(quick):
    assert "PCMAC" in quick["pcmac-l1"]["missing"]


@pytest.mark.slow
def test_results_tell_nothing_of_where_they_come_from(quick):
    text = json.dumps(quick)
    assert str(Path.home()) not in text
    assert str(BENCHMARKS.parent) not in text
    assert not re.search(rf"\b{re.escape(os.uname().nodename)}\b", text)


@pytest.mark.slow
def test_the_report_is_drawn_from_the_results_alone(bench, quick, tmp_path):
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "benchmarks.md"
    page.write_text("a\n<!-- benchmark: summary -->\nold\n<!-- /benchmark -->\nb\n")
    bench("report").write(quick, {}, tmp_path)
    text = page.read_text()
    assert "| digits, softmax L2 |" in text
    assert "old" not in text
    assert text.startswith("a\n")
    assert text.endswith("<!-- /benchmark -->\nb\n")
    assert (tmp_path / "docs" / "images" / "benchmark-speed.png").stat().st_size > 5000


def _contest(bench, monkeypatch, runs, repeats=1, limit=600.0):
    """A contest whose runs are made up: distances above 1.0 and seconds, by name and tolerance."""
    contest, Contestant = bench("contest"), bench("contestants").Contestant
    Outcome = bench("process").Outcome
    problem = bench("problem").Problem(
        *(np.eye(4), np.array([0, 1, 0, 1]), "log", 0.0),
        *(np.array([1.0]), np.ones((1, 4), dtype=bool)),
    )
    asked = []

    def run_child(contestant, python, problem, folder, tolerance, limit, threads):
        asked.append((contestant.name, tolerance))
        above, seconds = runs[contestant.name][tolerance]
        status = "done" if seconds <= limit else "over the limit"
        facts = {"seconds": seconds} if status == "done" else {}
        objective = np.array([[1.0 + above if status == "done" else np.nan]])
        floor = np.array([[1.0 if contestant.name == "ours" else np.nan]])
        return Outcome(tolerance, status, None, facts, objective, floor, None)

    monkeypatch.setattr(contest, "run_child", run_child)
    contestants = [
        Contestant(name, name, None, (), tuple(rungs), lambda facts: None, None, None)
        for name, rungs in runs.items()
    ]
    settings = contest.Settings(repeats, limit, 1, BENCHMARKS)
    records = list(contest.contest(problem, contestants, settings))
    # Who is stopped after the first run has its figures.
    assert list(records[0]["contestants"]) == [next(iter(runs))]
    return records[-1], asked


def test_the_loosest_setting_that_gets_there_counts_and_is_repeated(bench, monkeypatch):
    runs = {
        "ours": {1e-6: (0.0, 2.0)},
        "peer": {1e-2: (1e-3, 1.0), 1e-4: (5e-7, 3.0), 1e-6: (0.0, 9.0)},
        "far": {1e-2: (1e-3, 1.0), 1e-4: (1e-5, 5.0)},
    }
    record, asked = _contest(bench, monkeypatch, runs, repeats=3)
    peer, far = record["contestants"]["peer"], record["contestants"]["far"]
    assert (peer["status"], peer["tolerance"], peer["seconds"]) == ("reached", 1e-4, [3.0] * 3)
    assert (far["status"], far["tolerance"]) == ("not reached", 1e-4)
    assert far["worst"] == pytest.approx(1e-5)
    assert ("peer", 1e-6) not in asked
    # In turn: nobody runs twice before the others have run again.
    assert [name for name, _ in asked[-4:]] == ["ours", "peer"] * 2
    assert record["best_known_proven_within"] == {"relative": 0.0, "holds": True}


def test_a_better_optimum_sends_those_who_had_arrived_further(bench, monkeypatch):
    runs = {"first": {1e-2: (5e-6, 1.0), 1e-4: (0.0, 2.0)}, "second": {1e-2: (0.0, 1.0)}}
    record, asked = _contest(bench, monkeypatch, runs)
    assert asked == [("first", 1e-2), ("second", 1e-2), ("first", 1e-4)]
    assert record["contestants"]["first"]["seconds"] == [2.0]


def test_the_limit_ends_a_run_and_a_climb(bench, monkeypatch):
    runs = {
        "ours": {1e-6: (0.0, 2.0)},
        "slow": {1e-2: (1e-3, 70.0), 1e-4: (1e-5, 80.0), 1e-6: (0.0, 90.0)},
        "endless": {1e-2: (1e-3, 101.0)},
    }
    record, asked = _contest(bench, monkeypatch, runs, limit=100.0)
    slow, endless = record["contestants"]["slow"], record["contestants"]["endless"]
    assert ("slow", 1e-6) not in asked
    assert (slow["status"], slow["seconds"]) == ("not reached", [80.0])
    assert "not tried" in slow["reason"]
    assert (endless["status"], endless["seconds"], endless["worst"]) == ("over the limit", [], None)


def test_an_objective_below_a_certified_floor_is_told(bench, monkeypatch):
    runs = {"ours": {1e-6: (0.0, 2.0)}, "peer": {1e-2: (-1e-4, 1.0)}}
    record, _ = _contest(bench, monkeypatch, runs)
    assert record["best_known_proven_within"]["holds"] is False


def _record(label, status, seconds, worst):
    return {"label": label, "status": status, "seconds": seconds, "worst": worst}


def test_the_fastest_peer_is_one_that_gets_there(bench):
    summary = bench("summary")
    work = {
        "limit_seconds": 600.0,
        "targets": [{"times": 3, "peer": None}, {"times": 3, "peer": "slow"}],
        "contestants": {
            "quick": _record("Quick", "not reached", [0.1], 1e-3),
            "steady": _record("Steady", "reached", [9.0, 8.0, 30.0], 1e-7),
            "counterpoint": _record("Counterpoint", "reached", [2.0, 2.0, 4.0], 1e-7),
            "slow": _record("Slow", "over the limit", [], None),
        },
    }
    assert summary.best_peer(work).name == "steady"
    fastest, named = summary.comparisons(work)
    assert (fastest.times, fastest.at_least, fastest.met) == (4.5, False, True)
    assert (named.times, named.at_least, named.met) == (300.0, True, True)
    work["contestants"]["counterpoint"]["status"] = "not reached"
    assert [each.met for each in summary.comparisons(work)] == [False, False]


@pytest.mark.parametrize(("fits", "said"), [(1, "1 of 30 fits"), (30, "2e-12 above")])
def test_a_few_good_fits_are_not_drawn_as_a_good_time(bench, fits, said):
    record = {"fits": fits, "fits_asked": 30}
    row = bench("summary").Row("quick", "Quick", "not reached", 2.5, 2e-12, record)
    bar = bench("charts")._bar(row, 60.0)
    assert (bar["text"], bar["kind"]) == (f"2.5, {said}", "a peer that does not")


def test_every_second_of_a_profile_is_in_one_part(bench):
    profiled = bench("profiled")
    package = profiled.PACKAGE
    chain, design, numpy = (
        (f"{package}{os.path.join('fit', 'proximal', 'chain.py')}", 1, "follow"),
        (f"{package}{os.path.join('fit', 'design.py')}", 2, "scores"),
        ("~", 0, "<built-in method numpy.matmul>"),
    )
    wrapper, thread = ("threading.py", 3, "run"), ("functools.py", 4, "call")
    # function: (calls, calls, own seconds, seconds with those called, {caller: the same})
    stats = {
        thread: (1, 1, 0.25, 10.0, {}),
        chain: (1, 1, 2.0, 6.0, {thread: (1, 1, 2.0, 6.0)}),
        design: (1, 1, 0.5, 4.0, {thread: (1, 1, 0.5, 4.0)}),
        wrapper: (2, 2, 0.125, 3.0, {design: (2, 2, 0.125, 3.0)}),
        numpy: (3, 3, 4.0, 4.0, {chain: (1, 1, 1.0, 1.0), wrapper: (2, 2, 3.0, 3.0)}),
    }
    seconds = profiled.by_part(argparse.Namespace(stats=stats))
    assert seconds == {
        "chains (one compiled call a path)": 3.0,
        "products with the data": 3.625,
        profiled.REST: 0.25,
    }


def test_parts_of_a_profile_are_modules_that_there_are(bench):
    profiled = bench("profiled")
    modules = [
        path.relative_to(profiled.PACKAGE).as_posix()
        for path in Path(profiled.PACKAGE).rglob("*.py")
    ]
    for beginnings in profiled.PARTS.values():
        for beginning in beginnings:
            assert any(module.startswith(beginning) for module in modules)
