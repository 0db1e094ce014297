"""What a person can get wrong: one clear line, status 2, and nothing done."""

from __future__ import annotations

import polars as pl
import pytest

QUICK = ("--target", "y", "--alphas", "0.01,1")


def refused(run, tmp_path, *arguments):
    """The one line that a refused command says, checked for what every refusal has in common."""
    before = sorted(tmp_path.iterdir())
    ended = run(*arguments, "--out", "result")
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.startswith("counterpoint: ")
    assert ended.err.count("\n") == 1
    assert ended.err.endswith("\n")
    assert "Traceback" not in ended.err
    assert sorted(tmp_path.iterdir()) == before
    return ended.err


def with_cell(frame, column, row, value):
    cells = frame[column].to_list()
    cells[row] = value
    return frame.with_columns(pl.Series(column, cells))


def one_class(frame):
    return frame.with_columns(y=pl.lit("no"))


def missing_target(frame):
    return with_cell(frame, "y", 5, None)


def infinite_cell(frame):
    return with_cell(frame, "b", 2, float("inf"))


def constant_features(frame):
    return frame.with_columns(pl.lit(1.0).alias(name) for name in "abcd")


def fewer_rows_than_folds(frame):
    return frame.group_by("y", maintain_order=True).head(2)


def lonely_class(frame):
    return with_cell(frame, "y", 7, "maybe")


def identifiers(frame):
    return frame.with_columns(key=pl.Series([f"row {i}" for i in range(frame.height)]))


def regression_target(frame):
    return frame.with_columns(y="a")


def no_rows(frame):
    return frame.head(0)


@pytest.mark.parametrize(
    ("spoil", "parts"),
    [
        (one_class, ["'y'", "one class only", "60 rows"]),
        (missing_target, ["'y'", "1 missing value", "row 6"]),
        (infinite_cell, ["'b'", "inf", "row 3"]),
        (constant_features, ["All 4 feature columns are constant"]),
        (fewer_rows_than_folds, ["5 folds", "4 rows", "at most 4"]),
        (lonely_class, ["'maybe'", "one row"]),
        (identifiers, ["'key'", "--drop"]),
        (regression_target, ["'y'", "regression"]),
        (no_rows, ["no rows"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_table_that_nothing_can_be_learned_from(run, frame, tmp_path, spoil, parts):
    spoil(frame).write_csv(tmp_path / "spoilt.csv")
    line = refused(run, tmp_path, "sweep", "spoilt.csv", *QUICK)
    assert all(part in line for part in parts), line


@pytest.mark.parametrize(
    ("weight", "said"), [(-1.0, "-1"), (None, "nan"), (float("nan"), "nan"), (float("inf"), "inf")]
)
def test_a_weight_that_is_none(run, frame, tmp_path, weight, said):
    weighted = with_cell(frame.with_columns(w=pl.lit(1.0)), "w", 20, weight)
    weighted.write_csv(tmp_path / "weighted.csv")
    line = refused(run, tmp_path, "sweep", "weighted.csv", *QUICK, "--weight", "w")
    assert f"'w' is {said} in data row 21" in line


@pytest.mark.parametrize(
    ("name", "content", "parts"),
    [
        ("empty.csv", "", ["empty.csv is empty"]),
        ("ragged.csv", "a,b,y\n1,2,no\n3,yes\n", ["ragged.csv", "line 3", "2 cells"]),
        ("table.xlsx", "a,y\n1,2\n", ["table.xlsx", ".csv", ".parquet", ".libsvm"]),
        ("semicolons.csv", "a y\n1 no\n2 yes\n", ["one column", "--separator"]),
        ("bad.libsvm", "1 1:0.5\n-1 nonsense\n", ["bad.libsvm", "line 2"]),
        ("garbage.parquet", "this is no Parquet", ["garbage.parquet"]),
        ("garbage.csv.gz", "this is no gzip", ["garbage.csv.gz"]),
    ],
)
def test_a_file_that_can_not_be_read(run, tmp_path, name, content, parts):
    (tmp_path / name).write_text(content)
    target = () if name.endswith("libsvm") else ("--target", "y")
    line = refused(run, tmp_path, "sweep", name, *target)
    assert all(part in line for part in parts), line


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["nowhere.csv", *QUICK], ["no file nowhere.csv"]),
        ([".", *QUICK], [".csv"]),
        (["sklearn:mnist"], ["sklearn:mnist", "sklearn:digits"]),
        (["sklearn:iris", "--target", "species"], ["--target"]),
        (["table.csv"], ["--target", "'a', 'b', 'c', 'd', 'y'"]),
        (["table.csv", "--target", "yy"], ["'yy'", "did you mean 'y'"]),
        (["table.csv", "--target", "9"], ["no column 9", "0 to 4"]),
        (["table.csv", *QUICK, "--weight", "z"], ["'z'", "--weight"]),
        (["table.csv", *QUICK, "--drop", "z"], ["'z'", "--drop"]),
        (["table.csv", *QUICK, "--drop", "y"], ["'y'", "target"]),
        (["table.csv", *QUICK, "--columns", "a,b"], ["2 column names", "5 columns"]),
        (["table.csv", *QUICK, "--separator", "ab"], ["'ab'", "one plain character"]),
        (["bare.csv", *QUICK], ["--no-header", "--columns"]),
        (["table.csv", *QUICK, "--test", "nowhere.csv"], ["no file nowhere.csv"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_table_or_column_that_is_not_there(run, frame, table, tmp_path, arguments, parts):
    frame.write_csv(tmp_path / "bare.csv", include_header=False)
    line = refused(run, tmp_path, "sweep", *arguments)
    assert all(part in line for part in parts), line


@pytest.mark.parametrize(
    ("option", "value", "parts"),
    [
        ("--alphas", "0", ["0", "positive"]),
        ("--alphas", "-1", ["-1", "positive"]),
        ("--alphas", "nan", ["nan", "positive"]),
        ("--alphas", "inf", ["inf", "positive"]),
        ("--alphas", "1e-3,weak", ["'weak'", "not a number"]),
        ("--alphas", ",", ["no alpha"]),
        ("--alphas", "1e-3:1", ["1e-3:1", "START:STOP:COUNT"]),
        ("--alphas", "1e-3:1:many", ["START:STOP:COUNT"]),
        ("--alphas", "0:1:5", ["positive"]),
        ("--loss", "logg", ["'logg'", "nearest: log", "squared_hinge"]),
        ("--loss", "log,hinge", ["'hinge'", "log, squared"]),
        ("--loss", ",", ["--loss is empty"]),
        ("--penalty", "l3", ["'l3'", "l2, l1, elasticnet"]),
        ("--l1-ratio", "0.3", ["--l1-ratio", "elasticnet"]),
        ("--cv", "1", ["cv is 1", "at least 2"]),
        ("--cv", "61", ["61 folds", "at most 60"]),
        ("--cv", "loo", ["'loo'", "alo for approximate leave-one-out"]),
        ("--scale", "minmax", ["'minmax'", "none, standard"]),
        ("--seed", "-1", ["seed is -1"]),
        ("--tol", "0", ["tol is 0.0"]),
        ("--tol", "nan", ["tol is nan"]),
        ("--test", "1.5", ["1.5", "between 0 and 1"]),
        ("--test", "0", ["0", "between 0 and 1"]),
        ("--test", "nan", ["nan", "between 0 and 1"]),
    ],
)
def test_an_option_out_of_range(run, table, tmp_path, option, value, parts):
    line = refused(run, tmp_path, "sweep", table, "--target", "y", option, value)
    assert all(part in line for part in parts), line


def test_an_l1_ratio_out_of_range(run, table, tmp_path):
    elastic = ("--penalty", "elasticnet", "--l1-ratio", "2")
    assert "between 0" in refused(run, tmp_path, "sweep", table, *QUICK, *elastic)


def test_memory_that_is_not_enough(run, table, tmp_path, monkeypatch):
    def fit(*_, **__):
        raise MemoryError("Unable to allocate 745 GiB")

    monkeypatch.setattr("counterpoint.sweeping.fit_linear", fit)
    assert "745 GiB" in refused(run, tmp_path, "sweep", table, *QUICK)


def test_approximate_leave_one_out_of_an_l1_penalty(run, table, tmp_path):
    line = refused(run, tmp_path, "sweep", table, *QUICK, "--cv", "alo", "--penalty", "l1")
    assert "is for the L2 penalty" in line


def test_two_ways_to_judge(run, table, tmp_path):
    line = refused(run, tmp_path, "sweep", table, *QUICK, "--cv", "3", "--test", "0.25")
    assert "--cv and --test" in line


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_place_that_can_not_be_written_is_refused_before_the_work(
    run, table, tmp_path, monkeypatch, as_json
):
    def read(*_, **__):
        raise AssertionError("the table was read before the folder was looked at")

    monkeypatch.setattr("counterpoint.data.load_dataset", read)
    for out, said in (
        (table, "is a file"),
        (table / "deeper", "is a file"),
        (tmp_path / ("long" * 100), "can't be written"),
        ("", "--out is empty"),
    ):
        ended = run("sweep", table, *QUICK, "--out", out, *as_json)
        assert (ended.status, ended.out) == (2, "")
        assert said in ended.err
        assert ended.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [table]


def test_a_refusal_leaves_standard_output_empty_for_json_too(run, table, tmp_path):
    assert "'z'" in refused(run, tmp_path, "sweep", table, "--target", "z", "--json")


def test_names_from_a_file_can_not_write_to_the_terminal(run, tmp_path):
    (tmp_path / "hostile.csv").write_text('"\x1b[2J\nboo",y\n1,no\n2,yes\n')
    line = refused(run, tmp_path, "sweep", "hostile.csv", "--target", "z")
    assert "\x1b" not in line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sweep"], "TABLE"),
        (["sweep", "table.csv", "--traget", "y"], "--target"),
        (["sweep", "table.csv", "--seed", "1.5"], "--seed"),
        (["sweep", "table.csv", "more.csv"], "more.csv"),
        (["sweep", "table.csv", "--target"], "--target"),
        (["swep", "table.csv"], "swep"),
        (["convert"], "VALUE"),
        (["convert", "weak"], "VALUE"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistyped_command(run, tmp_path, arguments, said):
    ended = run(*arguments)
    assert (ended.status, ended.out) == (2, "")
    last = ended.err.strip().splitlines()[-1]
    assert last.startswith("Error: "), ended.err
    assert said in last
    assert len(ended.err.splitlines()) <= 4
    assert "Traceback" not in ended.err
    assert list(tmp_path.iterdir()) == []
