"""Comparison as a whole: every way in, the same figures as other libraries, and the way out."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss
from sklearn.naive_bayes import GaussianNB

import counterpoint as cp


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    models = [LogisticRegression(C=0.01).fit(X, names), GaussianNB().fit(X, names)]
    return X, names, models


def value(table: pl.DataFrame, model: str, quantity: str) -> float:
    return table.row(by_predicate=(pl.col("model") == model) & (pl.col("quantity") == quantity))[2]


def test_scores_are_scikit_learns(iris) -> None:
    X, y, models = iris
    weight = np.random.default_rng(0).uniform(0.5, 2, size=len(y))
    result = cp.compare(*models, X=X, y_true=y, sample_weight=weight, names=["lr", "nb"])
    for name, model in zip(["lr", "nb"], models, strict=True):
        p = model.predict_proba(X)
        expected = {
            "accuracy": accuracy_score(y, model.predict(X), sample_weight=weight),
            "log_loss": log_loss(y, p, sample_weight=weight),
            "brier": brier_score_loss(y, p, sample_weight=weight, labels=model.classes_),
        }
        for quantity, score in expected.items():
            assert value(result.scores, name, quantity) == pytest.approx(score, rel=1e-9)
    parts = result.parts.filter(pl.col("quantity") == "log_loss").group_by("model").agg("value")
    assert parts.height == 2


def test_arrays_frames_files_and_classifiers_give_the_same(iris, tmp_path) -> None:
    X, y, models = iris
    arrays = [model.predict_proba(X) for model in models]
    frames = [
        pl.DataFrame(p, schema=[f"p_{c}" for c in models[0].classes_]).with_columns(
            label=pl.Series(y)
        )
        for p in arrays
    ]
    paths = [tmp_path / f"{name}.parquet" for name in "AB"]
    for frame, path in zip(frames, paths, strict=True):
        frame.write_parquet(path)
    ways = [
        cp.compare(*models, X=X, y_true=y),
        cp.compare(*arrays, y_true=y),
        cp.compare(*frames),
        cp.compare(frames[0].to_pandas(), arrays[1], target="label"),
        cp.compare(*paths),
    ]
    for way in ways[1:]:
        assert way.differences.equals(ways[0].differences)
        assert way.parts.equals(ways[0].parts)
        assert [f.title for f in way.findings] == [f.title for f in ways[0].findings]


def test_rows_in_blocks_give_the_same_sums(iris, tmp_path) -> None:
    X, y, models = iris
    paths = []
    for i, model in enumerate(models):
        p = model.predict_proba(X)
        frame = pl.DataFrame(p, schema=list(model.classes_)).with_columns(label=pl.Series(y))
        paths.append(tmp_path / f"{i}.parquet")
        pl.concat([frame] * 20).write_parquet(paths[-1])
    whole, blocks = cp.compare(*paths), cp.compare(*paths, memory=1000)
    assert blocks.parts.is_empty()
    for table in ("scores", "costliest"):
        left, right = getattr(whole, table), getattr(blocks, table)
        for column in left.columns:
            if left[column].dtype.is_float():
                np.testing.assert_allclose(left[column], right[column], rtol=1e-10)
            else:
                assert left[column].equals(right[column])
    changes = whole.differences.filter(pl.col("p").is_not_null())
    np.testing.assert_allclose(changes["p"], blocks.differences["p"], rtol=1e-8)
    assert "blocks" in blocks.notes[-1]


def test_rows_of_weight_zero_count_for_nothing(iris) -> None:
    X, y, models = iris
    weight = (np.arange(150) % 3 > 0).astype(float)
    kept = weight > 0
    with_zeros = cp.compare(*models, X=X, y_true=y, sample_weight=weight)
    without = cp.compare(*models, X=X[kept], y_true=y[kept])
    assert with_zeros.scores.equals(without.scores)
    np.testing.assert_allclose(with_zeros.parts["value"], without.parts["value"], atol=1e-12)


def test_one_answer_whatever_the_threads(iris) -> None:
    X, y, models = iris
    first, again = (cp.compare(*models, X=X, y_true=y) for _ in range(2))
    assert first.parts.equals(again.parts)


def test_explain_plot_and_report(iris, tmp_path) -> None:
    X, y, models = iris
    result = cp.compare(*models, X=X, y_true=y, names=["lr", "nb"])
    assert result.findings[0].title in result.explain().replace("\n", " ")
    assert result.plot().to_dict()["vconcat"]
    page = result.report(tmp_path / "page.html").read_text()
    assert "lr against nb" in page
    assert repr(result) == "<Comparison of lr, nb on 150 rows>"
    assert result.costliest["model"].to_list()[:1] == ["lr"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda X, y, m: cp.compare(), "nothing to compare"),
        (lambda X, y, m: cp.compare(*m, y_true=y), "A is a classifier: pass X"),
        (lambda X, y, m: cp.compare(RidgeClassifier(), m[0], y_true=y), "has no predict_proba"),
        (lambda X, y, m: cp.compare(*m, X=X, y_true=y, names=["a"]), "names are"),
        (lambda X, y, m: cp.compare(*m, X=X, y_true=y[:9]), "9 labels for 150"),
        (lambda X, y, m: cp.compare(m[0], [0.5] * 150, X=X, y_true=y), "no column for class"),
        (lambda X, y, m: cp.compare("none.csv", "two.csv"), "no file none.csv"),
        (lambda X, y, m: cp.compare(*m, X=X, y_true=y, sample_weight=[0] * 150), "all zero"),
    ],
)
def test_bad_input_is_named(iris, call, message: str) -> None:
    with pytest.raises(cp.InputError, match=message):
        call(*iris)
