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
from counterpoint import comparison
from counterpoint.report.comparison.words import adjusted_note
from counterpoint.scores.paired import holm


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


@pytest.mark.parametrize("n_classes", [2, 3])
def test_every_figure_of_weighted_rows_is_that_of_repeated_ones(n_classes) -> None:
    """Where a step forgets the weights, its figure is another."""
    rng = np.random.default_rng(n_classes)
    y = rng.integers(n_classes, size=400)
    z = rng.normal(size=(3, 400, n_classes)) + 1.2 * np.eye(n_classes)[y]
    models = [np.exp(each) / np.exp(each).sum(axis=1, keepdims=True) for each in z]
    times = np.where(models[1].argmax(axis=1) == y, 1, 3)
    weighted = cp.compare(*models, y_true=y, sample_weight=times).numbers
    repeated = cp.compare(
        *(np.repeat(p, times, axis=0) for p in models), y_true=np.repeat(y, times)
    ).numbers
    assert weighted.base == pytest.approx(repeated.base)
    for one, other in zip(weighted.models, repeated.models, strict=True):
        for name, score in one.scores.items():
            assert score.value == pytest.approx(other.scores[name].value)
            for part in ("miscalibration", "discrimination", "uncertainty"):
                left, right = (getattr(each.study.parts[name], part).value for each in (one, other))
                assert left == pytest.approx(right, abs=2e-3 if n_classes > 2 else 1e-9)
        assert one.study.scale.factor == pytest.approx(other.study.scale.factor, rel=1e-6)
        np.testing.assert_allclose(
            one.study.reliability.observed, other.study.reliability.observed, atol=1e-12
        )
        np.testing.assert_allclose(
            one.study.reliability.bars, other.study.reliability.bars, atol=1e-12
        )
    for one, other in zip(weighted.pairs, repeated.pairs, strict=True):
        for name, change in one.changes.items():
            assert change.estimate.value == pytest.approx(other.changes[name].estimate.value)
        assert one.study.split.direction == pytest.approx(other.study.split.direction, rel=1e-6)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_changes_lead_from_the_first_model_to_each_other(n_classes) -> None:
    rng = np.random.default_rng(5)
    y = rng.integers(n_classes, size=500)
    z = (
        rng.normal(size=(3, 500, n_classes))
        + np.array([2.0, 1.0, 0.3])[:, None, None] * np.eye(n_classes)[y]
    )
    models = [np.exp(each) / np.exp(each).sum(axis=1, keepdims=True) for each in z]
    numbers = cp.compare(*models, y_true=y).numbers
    losses = [-np.log(p[np.arange(500), y]) for p in models]
    for pair, after in zip(numbers.pairs, (1, 2), strict=True):
        change = losses[after].mean() - losses[0].mean()
        assert pair.changes["log_loss"].estimate.value == pytest.approx(change)
        assert pair.study.split.total == pytest.approx(change)
        for name, parts in pair.study.parts.items():
            first, second = (numbers.models[i].study.parts[name] for i in (0, after))
            for part in ("miscalibration", "discrimination"):
                expected = getattr(second, part).value - getattr(first, part).value
                assert getattr(parts, part).value == pytest.approx(expected, abs=1e-12)


def test_reliability_is_of_the_second_class_or_of_the_predicted_one() -> None:
    rng = np.random.default_rng(6)
    p = rng.random(300) * 0.4  # the second class is never likely
    y = (rng.random(300) < p**2).astype(int)
    curve = cp.compare(p, y_true=y).numbers.models[0].study.reliability
    assert curve.forecast.max() < 0.4
    assert curve.observed.max() < 0.4
    three = rng.dirichlet(np.ones(3), size=300)
    curve = cp.compare(three, y_true=rng.integers(3, size=300)).numbers.models[0].study.reliability
    assert curve.forecast.min() == pytest.approx(three.max(axis=1).min())


def test_the_split_is_of_the_log_loss_that_is_shown() -> None:
    """Probabilities of 1e-100 are far below a double's digits, and count in full."""
    p = np.tile([0.9, 0.2, 1e-100, 0.6], 25)
    y = np.tile([1, 0, 1, 0], 25)
    (pair,) = cp.compare(np.full(100, 0.5), p, y_true=y).numbers.pairs
    assert pair.study.split.total == pytest.approx(pair.changes["log_loss"].estimate.value)


def test_the_costliest_rows_keep_their_place_among_blocks(monkeypatch) -> None:
    monkeypatch.setattr(comparison, "partition", lambda n, _: (slice(0, 30), slice(30, n)))
    p = np.full(100, 0.5)
    p[70] = 0.01
    result = cp.compare(np.stack([1 - p, p], axis=1), y_true=np.ones(100, int), classes=[0, 1])
    assert result.costliest["row"][0] == 71
    assert [row.row for row in result.numbers.models[0].costliest] == [70, *range(9)]


def test_weights_that_differ_have_no_mcnemar_test(iris) -> None:
    X, y, models = iris
    weight = np.random.default_rng(0).uniform(0.5, 2, size=len(y))
    weighted = cp.compare(*models, X=X, y_true=y, sample_weight=weight).numbers.pairs[0]
    equal = cp.compare(*models, X=X, y_true=y, sample_weight=np.full(150, 0.1)).numbers.pairs[0]
    assert weighted.changes["accuracy"].test == "paired t"
    assert equal.changes["accuracy"].test == "McNemar"


def test_several_models_against_one_are_tested_together() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=400)
    models = [1 / (1 + np.exp(-(2 * y - 1 + rng.normal(size=400)))) for _ in range(7)]
    together = cp.compare(*models, y_true=y)
    p = together.differences.filter(quantity="log_loss")
    alone = [
        cp.compare(models[0], other, y_true=y).numbers.pairs[0].changes["log_loss"]
        for other in models[1:]
    ]
    assert [each.p for each in alone] == [each.p_alone for each in alone]
    assert p["p_alone"].to_list() == pytest.approx([each.p for each in alone])
    assert p["p"].to_list() == pytest.approx(holm([each.p for each in alone]))
    assert "adjusted for the 6 models that are set against A (Holm)" in adjusted_note(
        together.numbers
    )
    assert adjusted_note(cp.compare(*models[:2], y_true=y).numbers) == ""
