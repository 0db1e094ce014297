"""`counterpoint sweep`: every option does what the library does when asked for the same."""

from __future__ import annotations

import bz2
import gzip
import lzma

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import dump_svmlight_file
from sklearn.metrics import accuracy_score, log_loss

import counterpoint as cp

ALPHAS = [1e-2, 1e-1, 1.0]
QUICK = ("--target", "y", "--alphas", "0.01,0.1,1", "--out", "result")


@pytest.fixture(autouse=True)
def no_charts(monkeypatch):
    """Numbers are what is looked at here, and charts take longer than all of them."""
    monkeypatch.setattr("counterpoint.report.folder.write_report", lambda *_, **__: None)


def swept(run, *arguments):
    """The sweep that a command leaves in its folder."""
    ended = run("sweep", *arguments)
    assert (ended.status, ended.err) == (0, "")
    return cp.load_sweep("result")


def same(one, other):
    for name in ("alphas", "coef", "intercept", "objective"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9, atol=1e-12)
    assert one.scores.equals(other.scores)


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ([], {}),
        (["--scale", "none"], {"scale": "none"}),
        (["--cv", "3", "--seed", "7"], {"cv": 3, "seed": 7}),
        (["--cv", "alo"], {"cv": "alo"}),
        (["--test", "0.25"], {"test": 0.25}),
        (
            ["--loss", "squared_hinge", "--penalty", "l1"],
            {"loss": "squared_hinge", "penalty": "l1"},
        ),
        (
            ["--penalty", "elasticnet", "--l1-ratio", "0.2", "--tol", "1e-8"],
            {"penalty": "elasticnet", "l1_ratio": 0.2, "tol": 1e-8},
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_options_are_the_library_s(run, frame, table, options, asked):
    expected = cp.sweep(
        frame.drop("y"), frame["y"], alphas=ALPHAS, **({"scale": "standard"} | asked)
    )
    same(swept(run, table, *QUICK, *options), expected)


def test_weights_and_left_out_columns(run, frame, tmp_path):
    weight = np.random.default_rng(1).uniform(0.1, 2.0, frame.height)
    wide = frame.with_columns(w=pl.Series(weight), key=pl.arange(100, 160).cast(pl.String) + "x")
    wide.write_parquet(tmp_path / "wide.parquet")
    found = swept(run, "wide.parquet", *QUICK, "--weight", "w", "--drop", "key, d")
    expected = cp.sweep(
        frame.select("a", "b", "c"),
        frame["y"],
        alphas=ALPHAS,
        scale="standard",
        sample_weight=weight,
    )
    same(found, expected)
    assert found.fit.feature_names == ("a", "b", "c")


def delimited(separator, **how):
    return lambda frame, path: frame.write_csv(path, separator=separator, **how)


def compressed(opened):
    def write(frame, path):
        with opened(path, "wb") as file:
            file.write(frame.write_csv().encode())

    return write


@pytest.mark.parametrize(
    ("name", "write", "options"),
    [
        ("t.tsv", delimited("\t"), []),
        ("t.txt", delimited(";"), ["--separator", ";"]),
        ("t.data", delimited(",", include_header=False), ["--columns", "a,b,c,d,y"]),
        ("t.csv.gz", compressed(gzip.open), []),
        ("t.csv.bz2", compressed(bz2.open), []),
        ("t.csv.xz", compressed(lzma.open), []),
        ("t.parquet", pl.DataFrame.write_parquet, []),
        ("t.arrow", pl.DataFrame.write_ipc, []),
        ("t.jsonl", pl.DataFrame.write_ndjson, []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_format_holds_the_same_table(run, frame, tmp_path, name, write, options):
    write(frame, tmp_path / name)
    found = swept(run, name, *QUICK, *options)
    expected = cp.sweep(frame.drop("y"), frame["y"], alphas=ALPHAS, scale="standard")
    same(found, expected)
    assert found.fit.feature_names == ("a", "b", "c", "d")


def test_a_table_without_names(run, frame, tmp_path):
    frame.write_csv(tmp_path / "bare.csv", include_header=False)
    found = swept(run, "bare.csv", "--no-header", *QUICK, "--target", "-1")
    assert found.fit.feature_names == ("column_0", "column_1", "column_2", "column_3")
    same(found, cp.sweep(frame.drop("y"), frame["y"], alphas=ALPHAS, scale="standard"))


def test_a_compressed_libsvm_file(run, frame, tmp_path):
    X, y = frame.drop("y").to_numpy(), (frame["y"] == "yes").to_numpy().astype(int)
    with bz2.open(tmp_path / "t.libsvm.bz2", "wb") as file:
        dump_svmlight_file(X, y, file, zero_based=False)
    found = swept(run, "t.libsvm.bz2", "--alphas", "0.01,0.1,1", "--out", "result")
    expected = cp.sweep(X, y, alphas=ALPHAS, scale="standard")
    np.testing.assert_allclose(found.objective, expected.objective, rtol=2e-6)
    assert found.classes.tolist() == [0, 1]


def test_a_built_in_table_and_a_range_of_alphas(run):
    found = swept(run, "sklearn:iris", "--alphas", "1e-3:10:5", "--out", "result")
    np.testing.assert_allclose(found.alphas, [1e-3, 1e-2, 1e-1, 1, 10])
    assert found.fit.facts.n == 150
    assert len(found.classes) == 3


def test_without_alphas_a_grid_is_found_that_reaches_the_base_rates(run, table):
    found = swept(run, table, "--target", "y", "--out", "result")
    assert len(found.alphas) == 31
    assert found.data_loss[-1] > 0.7 * found.fit.base_rate_loss > found.data_loss[0]


def test_a_test_file_judges_what_the_table_trained(run, frame, tmp_path):
    colours = pl.Series(["red", "blue"] * 30)
    whole = frame.with_columns(colour=colours)
    train, test = whole.head(40), whole.tail(20)
    test = test.with_columns(colour=pl.Series(["green", *test["colour"][1:]]))
    train.write_csv(tmp_path / "train.csv")
    test.write_csv(tmp_path / "test.csv")
    found = swept(run, "train.csv", *QUICK, "--test", "test.csv")
    assert any("green" in note for note in found.fit.facts.notes)
    judged = found.scores.filter(pl.col("split") == "validation", pl.col("fold").is_null())
    for alpha in found.alphas:
        probability = found.predict_proba(test.drop("y"), alpha)
        expected = {
            "accuracy": accuracy_score(test["y"], found.predict(test.drop("y"), alpha)),
            "log_loss": log_loss(test["y"], probability),
        }
        for quantity, value in expected.items():
            here = judged.filter(quantity=quantity, alpha=alpha)["value"].item()
            assert here == pytest.approx(value, rel=1e-9)
    alone = cp.sweep(train.drop("y"), train["y"], alphas=ALPHAS, scale="standard", cv=2)
    np.testing.assert_allclose(found.objective, alone.objective, rtol=2e-6)


def test_a_test_file_with_a_class_of_its_own_is_refused(run, frame, table, tmp_path):
    frame.with_columns(y=pl.lit("maybe")).write_csv(tmp_path / "test.csv")
    ended = run("sweep", table, *QUICK, "--test", "test.csv")
    assert ended.status == 2
    assert "class maybe" in ended.err


def test_the_seed_makes_the_folds(run, table, tmp_path):
    def scores(seed, out):
        run("sweep", table, *QUICK, "--seed", seed, "--out", out)
        return [(tmp_path / out / name).read_bytes() for name in ("scores.parquet", "weights.npz")]

    first, again, other = scores(3, "one"), scores(3, "two"), scores(4, "three")
    assert first == again
    assert first[0] != other[0]


def test_an_array_file_with_its_labels_beside_it(run, tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3)).astype(np.float32)
    y = (X[:, 0] + rng.logistic(size=200) > 0).astype(int)
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "labels.npy", y)
    grid = ("--alphas", "0.01,0.1,1", "--out", "result")
    left = swept(run, "x.npy", "--labels", "labels.npy", *grid, "--memory", "1GB")
    same(left, cp.sweep(X, y, alphas=ALPHAS, scale="standard"))
    np.save(tmp_path / "both.npy", np.column_stack([X, y]))
    same(left, swept(run, "both.npy", "--target", "-1", *grid))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("t.parquet", "--target", "y", "--memory", "lots"), "give a size such as"),
        (("t.parquet", "--target", "y", "--memory", "100kB"), "this sweep takes"),
        (("t.csv", "--target", "y", "--memory", "1kB"), "save it as .npy or as Parquet"),
        (("t.csv", "--target", "y", "--memory", "1GB", "--test", "t.csv"), "a second file"),
        (("t.csv", "--labels", "y.npy"), "not an .npy file"),
    ],
)
def test_memory_that_can_not_do_is_refused_in_a_line(run, tmp_path, arguments, said):
    rng = np.random.default_rng(0)
    table = pl.DataFrame(rng.normal(size=(300, 4)), schema=list("abcd"))
    table = table.with_columns(y=(pl.col("a") > 0).cast(pl.Int8))
    table.write_csv(tmp_path / "t.csv")
    table.write_parquet(tmp_path / "t.parquet")
    ended = run("sweep", *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err
    assert ended.err.count("\n") == 1
