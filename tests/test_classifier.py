"""SweepClassifier as a scikit-learn citizen: its own checks, composition, inputs and weights."""

import io

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    LeaveOneGroupOut,
    RepeatedStratifiedKFold,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import counterpoint as cp

ALPHAS = [1e-3, 1e-2, 1e-1]
QUICK = {"alphas": ALPHAS, "cv": 3}


@parametrize_with_checks([cp.SweepClassifier()])
def test_passes_scikit_learns_own_checks(estimator, check):
    check(estimator)


# The checks hold weighted rows against repeated ones to 1e-7, which is beyond what the default
# tolerance promises where the solver stops as soon as it is certified.
@pytest.mark.slow
@parametrize_with_checks(
    [
        cp.SweepClassifier(loss="squared", alphas=ALPHAS, tol=1e-13),
        cp.SweepClassifier(penalty="l1", alphas=ALPHAS, tol=1e-13),
        cp.SweepClassifier(select="one_se", alphas=ALPHAS),
    ]
)
def test_passes_scikit_learns_own_checks_in_other_forms(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def cancer():
    X, y = load_breast_cancer(return_X_y=True)
    return StandardScaler().fit_transform(X), y


def table(n=90, seed=0):
    """A frame with a number that misses cells, a category, text, a boolean; and its labels."""
    rng = np.random.default_rng(seed)
    number = rng.normal(size=n)
    kind = rng.choice(["red", "green", "blue"], n)
    y = (number + (kind == "red") + 0.5 * rng.normal(size=n) > 0.3).astype(int)
    frame = pl.DataFrame(
        {
            "number": pl.Series(number).set(pl.Series(rng.random(n) < 0.2), None),
            "kind": pl.Series(kind.tolist(), dtype=pl.Categorical),
            "text": pl.Series(rng.choice(["u", "v", None], n).tolist(), dtype=pl.String),
            "flag": rng.random(n) < 0.5,
        }
    )
    return frame, y


# --- what is fitted, and what the methods give back -------------------------------------------


@pytest.mark.parametrize("select", ["recommended", "best", "one_se"])
def test_is_the_sweeps_model_at_the_chosen_alpha(iris, select):
    X, y = iris
    model = cp.SweepClassifier(select=select, random_state=3, **QUICK).fit(X, y)
    result = cp.sweep(X, y, alphas=ALPHAS, cv=3, seed=3, tol=model.tol)
    chosen = getattr(result.choice, select)
    assert model.alpha_ == chosen.alpha
    np.testing.assert_array_equal(model.coef_, result.coef[chosen.index])
    np.testing.assert_array_equal(model.intercept_, result.intercept[chosen.index])
    # coef_ and intercept_ are all of the model: on the scale of the X that was passed.
    raw = X @ model.coef_.T + model.intercept_
    np.testing.assert_allclose(model.decision_function(X), raw, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(
        model.predict_proba(X), np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True), rtol=1e-10
    )
    np.testing.assert_array_equal(model.predict(X), raw.argmax(axis=1))


def test_shapes_for_two_classes_and_for_more(cancer, iris):
    for (X, y), columns, decision in ((cancer, 1, (569,)), (iris, 3, (150, 3))):
        model = cp.SweepClassifier(scale="standard", **QUICK).fit(X, y)
        assert model.coef_.shape == (columns, X.shape[1])
        assert model.intercept_.shape == (columns,)
        assert model.decision_function(X).shape == decision
        assert model.decision_function(X[:1]).shape == (1, *decision[1:])
        probability = model.predict_proba(X)
        assert probability.shape == (len(X), len(np.unique(y)))
        np.testing.assert_allclose(probability.sum(axis=1), 1.0, rtol=1e-12)
    two = cp.SweepClassifier(**QUICK).fit(*cancer)
    expected = 1 / (1 + np.exp(-two.decision_function(cancer[0])))
    np.testing.assert_allclose(two.predict_proba(cancer[0])[:, 1], expected, rtol=1e-10)


@pytest.mark.parametrize(
    "names",
    [
        np.array(["no", "yes"]),
        np.array(["no", "yes"], dtype=object),
        np.array([False, True]),
        np.array([7, -3]),
        np.array([0, 1], dtype=np.uint8),
        np.array([-1.0, 1.0]),
    ],
    ids=lambda names: str(names.dtype),
)
def test_labels_come_back_as_they_went_in(cancer, names):
    X, y = cancer
    model = cp.SweepClassifier(**QUICK).fit(X, names[y])
    predicted = model.predict(X)
    assert model.classes_.dtype == names.dtype
    assert predicted.dtype == names.dtype
    np.testing.assert_array_equal(model.classes_, np.sort(names))
    assert model.score(X, names[y]) > 0.95
    second = model.predict_proba(X)[:, 1] > 0.5
    np.testing.assert_array_equal(predicted == model.classes_[1], second)


@pytest.mark.parametrize(
    "as_column", [pl.Series, pd.Series, lambda y: pd.Series(y).astype("category"), list]
)
def test_labels_of_any_container(iris, as_column):
    X, y = iris
    names = load_iris().target_names[y]
    model = cp.SweepClassifier(**QUICK).fit(X, as_column(names))
    assert model.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert model.score(X, names) > 0.9


def test_a_loss_without_probabilities_has_no_predict_proba(cancer):
    X, y = cancer
    model = cp.SweepClassifier(loss="squared_hinge", **QUICK).fit(X, y)
    assert not hasattr(model, "predict_proba")
    assert hasattr(cp.SweepClassifier(), "predict_proba")
    np.testing.assert_array_equal(model.predict(X), model.decision_function(X) > 0)
    calibrated = model.sweep_.predict_proba(X, model.alpha_)
    np.testing.assert_allclose(calibrated.sum(axis=1), 1.0, rtol=1e-12)


def test_fewer_rows_of_a_class_than_folds():
    X = np.random.default_rng(0).normal(size=(40, 3))
    y = np.array([0] * 37 + [1] * 3)
    model = cp.SweepClassifier(alphas=ALPHAS).fit(X, y)
    assert model.sweep_.fit.scheme == "3-fold cross-validation"
    # Rows without weight are no rows.
    weight = np.ones(40)
    weight[39] = 0.0
    model.fit(X, y, sample_weight=weight)
    assert model.sweep_.fit.scheme == "2-fold cross-validation"


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"select": "worst"}, "recommended, best, one_se"),
        ({"loss": "hinges"}, "choose one of log"),
        ({"penalty": "l3"}, "choose one of l2"),
        ({"scale": "robust"}, "choose one of none, standard"),
        ({"alphas": [-1.0]}, "a strength is a positive"),
        ({"cv": "five"}, "number of folds"),
        ({"cv": 1}, "at least 2 folds"),
        ({"tol": 0.0}, "between 1e-14 and 1"),
    ],
)
def test_wrong_parameters_are_named_at_fit(iris, parameters, match):
    with pytest.raises(cp.InputError, match=match):
        cp.SweepClassifier(**parameters).fit(*iris)


def test_random_state_seeds_the_folds(iris):
    def folds(random_state):
        model = cp.SweepClassifier(alphas=ALPHAS, random_state=random_state).fit(*iris)
        return model.sweep_.fit.held_out.fold

    np.testing.assert_array_equal(folds(1), folds(1))
    assert (folds(1) != folds(2)).any()
    same = [folds(np.random.RandomState(5)) for _ in range(2)]
    np.testing.assert_array_equal(*same)
    assert folds(None).shape == (150,)


# --- composition ------------------------------------------------------------------------------


def test_pipeline_grid_search_and_clone(cancer):
    X, y = load_breast_cancer(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), cp.SweepClassifier(**QUICK))
    search = GridSearchCV(
        pipeline,
        {"sweepclassifier__penalty": ["l2", "l1"], "sweepclassifier__select": ["best", "one_se"]},
        cv=2,
        scoring="neg_log_loss",
        error_score="raise",
    ).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_estimator_[-1].penalty == search.best_params_["sweepclassifier__penalty"]
    assert search.score(X, y) > -0.1
    assert cross_val_score(pipeline, X, y, cv=2).min() > 0.95


def test_clone_and_set_params_leave_nothing_behind(iris):
    X, y = iris
    model = cp.SweepClassifier(**QUICK).fit(X, y)
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        copy.predict(X)
    again = model.set_params(alphas=[0.5, 5.0], loss="squared").fit(X[:, :2], y)
    assert again is model
    assert model.coef_.shape == (3, 2)
    assert model.alpha_ in (0.5, 5.0)
    assert model.n_features_in_ == 2
    with pytest.raises(ValueError, match="not_a_parameter"):
        model.set_params(not_a_parameter=1)


def test_survives_joblib(cancer):
    X, y = cancer
    model = cp.SweepClassifier(**QUICK).fit(X, y)
    stored = io.BytesIO()
    joblib.dump(model, stored)
    stored.seek(0)
    np.testing.assert_array_equal(joblib.load(stored).predict_proba(X), model.predict_proba(X))


def test_sample_weight_is_routed_through_a_pipeline_and_a_search(cancer):
    X, y = cancer
    weight = np.random.default_rng(0).integers(0, 3, len(y)).astype(float)
    weight[:40] = 1.0
    with config_context(enable_metadata_routing=True):
        model = cp.SweepClassifier(**QUICK).set_fit_request(sample_weight=True)
        pipeline = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), model)
        pipeline.fit(X, y, sample_weight=weight)
        model.set_score_request(sample_weight=True)
        search = GridSearchCV(model, {"select": ["best"]}, cv=2)
        search.fit(X, y, sample_weight=weight)
    direct = cp.SweepClassifier(**QUICK).fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(pipeline[-1].coef_, direct.coef_, rtol=1e-6)
    best = clone(direct).set_params(select="best").fit(X, y, sample_weight=weight)
    np.testing.assert_array_equal(search.best_estimator_.coef_, best.coef_)


# --- containers -------------------------------------------------------------------------------


@pytest.mark.parametrize("container", [pd.DataFrame, pl.DataFrame, np.asfortranarray, list])
def test_every_dense_container_gives_the_same_model(iris, container):
    X, y = iris
    expected = cp.SweepClassifier(**QUICK).fit(X, y)
    columns = {f"f{j}": X[:, j] for j in range(4)}
    X_of_kind = container(columns if container in (pd.DataFrame, pl.DataFrame) else X)
    model = cp.SweepClassifier(**QUICK).fit(X_of_kind, y)
    np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-12)
    np.testing.assert_allclose(model.predict_proba(X_of_kind), expected.predict_proba(X), rtol=1e-9)
    if container in (pd.DataFrame, pl.DataFrame):
        assert model.feature_names_in_.tolist() == list(columns)


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dok", "dia", "bsr"])
@pytest.mark.parametrize("kind", ["array", "matrix"])
def test_every_sparse_format_gives_the_dense_model(form, kind):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 6)) * (rng.random((60, 6)) < 0.4)
    y = (X[:, 0] + X[:, 1] + 0.3 * rng.normal(size=60) > 0).astype(int)
    tight = {**QUICK, "tol": 1e-13}
    expected = cp.SweepClassifier(**tight).fit(X, y)
    S = getattr(sparse, f"{form}_{kind}")(X)
    model = cp.SweepClassifier(**tight).fit(S, y)
    np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(model.predict_proba(S), expected.predict_proba(X), rtol=1e-6)


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_categories_text_booleans_and_missing_cells(library):
    frame, y = table()
    X = frame if library == "polars" else pd.DataFrame(frame.to_dict(as_series=False))
    model = cp.SweepClassifier(**QUICK).fit(X, y)
    assert model.n_features_in_ == 4
    assert model.feature_names_in_.tolist() == frame.columns
    # One weight for the number and the flag, one a level for the rest.
    assert model.coef_.shape == (1, 2 + 3 + 3)
    assert model.score(X, y) > 0.7
    # By hand: missing numbers at the mean of those present, levels as indicators.
    number = frame["number"].fill_null(frame["number"].mean()).to_numpy()
    levels = [frame["kind"].cast(pl.String) == level for level in ("blue", "green", "red")]
    texts = [frame["text"] == level for level in ("u", "v")] + [frame["text"].is_null()]
    indicators = [column.fill_null(False).to_numpy() for column in (*levels, *texts)]
    by_name = dict(zip(model.sweep_.fit.feature_names, model.coef_[0], strict=True))
    order = ["kind=blue", "kind=green", "kind=red", "text=u", "text=v", "text=(missing)"]
    raw = model.intercept_ + number * by_name["number"] + frame["flag"].to_numpy() * by_name["flag"]
    raw += sum(column * by_name[name] for column, name in zip(indicators, order, strict=True))
    np.testing.assert_allclose(model.decision_function(X), raw, rtol=1e-10, atol=1e-12)


def test_rows_of_another_frame_are_checked():
    frame, y = table()
    model = cp.SweepClassifier(**QUICK).fit(frame, y)
    unseen = frame.with_columns(pl.lit("violet").cast(pl.Categorical).alias("kind"))
    assert model.predict(unseen).shape == (90,)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame.drop("kind"))


# --- weights ----------------------------------------------------------------------------------


def weighted_problem(n_classes, seed=0):
    """Rows in four groups with integer weights, zero among them."""
    rng = np.random.default_rng(seed)
    n = 120
    X = rng.normal(size=(n, 4))
    y = (X @ rng.normal(size=(4, n_classes)) + rng.gumbel(size=(n, n_classes))).argmax(axis=1)
    return X, y, rng.integers(0, 4, n), rng.integers(0, 4, n)


@pytest.mark.parametrize("scale", ["none", "standard"])
@pytest.mark.parametrize("penalty", ["l2", "l1"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_integer_weights_are_repeated_rows(n_classes, penalty, scale):
    X, y, group, weight = weighted_problem(n_classes)
    repeated = np.repeat(np.arange(len(y)), weight)
    parameters = {
        "penalty": penalty,
        "alphas": ALPHAS,
        "tol": 1e-13,
        "scale": scale,
        "select": "best",
    }
    splits = list(LeaveOneGroupOut().split(X, y, group))
    weighted = cp.SweepClassifier(cv=splits, **parameters).fit(X, y, sample_weight=weight)
    splits = list(LeaveOneGroupOut().split(X[repeated], y[repeated], group[repeated]))
    longer = cp.SweepClassifier(cv=splits, **parameters).fit(X[repeated], y[repeated])
    assert weighted.alpha_ == longer.alpha_
    np.testing.assert_allclose(weighted.sweep_.coef, longer.sweep_.coef, rtol=1e-6, atol=1e-7)
    # Every score, pooled and of each fold; intervals count weighted rows by their effective
    # number instead.
    theirs = longer.sweep_.scores
    ours = weighted.sweep_.scores
    columns = ["alpha", "split", "fold", "quantity"]
    assert ours.select(columns).equals(theirs.select(columns))
    scored = ~ours["quantity"].is_in(["gap"]).to_numpy()
    np.testing.assert_allclose(
        ours["value"].to_numpy()[scored], theirs["value"].to_numpy()[scored], rtol=1e-6
    )


@pytest.mark.parametrize("loss", ["log", "squared_hinge"])
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("given", [True, False])
def test_weight_zero_is_a_row_left_out(n_classes, given, loss):
    X, y, group, weight = weighted_problem(n_classes, seed=1)
    kept = weight > 0
    X[~kept] *= 1e3  # what it holds must not matter

    def fitted(rows):
        splits = list(LeaveOneGroupOut().split(X[rows], y[rows], group[rows]))
        model = cp.SweepClassifier(loss, alphas=ALPHAS, cv=splits if given else 4, tol=1e-14)
        return model.fit(X[rows], y[rows], sample_weight=weight[rows])

    everything, fewer = fitted(np.ones(len(y), dtype=bool)), fitted(kept)
    np.testing.assert_allclose(everything.sweep_.coef, fewer.sweep_.coef, rtol=1e-6, atol=1e-8)
    assert everything.alpha_ == fewer.alpha_
    held, shorter = everything.sweep_.fit.held_out, fewer.sweep_.fit.held_out
    np.testing.assert_array_equal(held.row, np.flatnonzero(kept)[shorter.row])
    np.testing.assert_array_equal(held.fold, shorter.fold)
    np.testing.assert_allclose(held.log_loss, shorter.log_loss, rtol=1e-6, atol=1e-8)
    ours, theirs = (m.sweep_.scores.filter(split="validation") for m in (everything, fewer))
    for column in ("value", "low", "high"):
        np.testing.assert_allclose(
            ours[column].to_numpy().astype(float),
            theirs[column].to_numpy().astype(float),
            rtol=1e-6,
            atol=1e-8,
        )


def test_weights_decide_what_the_validation_scores_say():
    """A held-out row that weighs 1000 decides its fold's accuracy alone."""
    X, y, group, _ = weighted_problem(2)
    weight = np.ones(len(y))
    model = cp.SweepClassifier(cv=list(LeaveOneGroupOut().split(X, y, group)), alphas=[1e-2])
    held = model.fit(X, y).sweep_.fit.held_out
    row = int(held.row[~held.correct[0]][0])
    fold = int(held.fold[held.row == row][0])

    def accuracy(weight):
        scores = model.fit(X, y, sample_weight=weight).sweep_.scores
        chosen = scores.filter(split="validation", fold=fold, quantity="accuracy")
        return chosen["value"].item()

    before = accuracy(weight)
    weight[row] = 1e6
    assert before > 0.5
    assert accuracy(weight) < 1e-3


# --- splitters --------------------------------------------------------------------------------


def test_cv_takes_a_splitter_as_its_splits(iris):
    X, y = iris
    splitter = StratifiedKFold(4, shuffle=True, random_state=0)
    by_splitter = cp.sweep(X, y, alphas=ALPHAS, cv=splitter)
    by_pairs = cp.sweep(X, y, alphas=ALPHAS, cv=splitter.split(X, y))
    assert by_splitter.scores.equals(by_pairs.scores)
    for fold, (_, held_out) in enumerate(splitter.split(X, y), start=1):
        held = by_splitter.fit.held_out
        np.testing.assert_array_equal(held.row[held.fold == fold], held_out)


def test_repeated_splits_are_refused(iris):
    """Intervals, tests and calibration count each held-out row as one observation."""
    splitter = RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0)
    with pytest.raises(cp.InputError, match="holds row 0 out more than once"):
        cp.sweep(*iris, alphas=ALPHAS, cv=splitter)


@pytest.mark.parametrize("cv", [GroupKFold(3), StratifiedKFold(200)])
def test_a_splitter_that_cannot_split_says_so(iris, cv):
    with pytest.raises(cp.InputError, match="can't split these rows"):
        cp.sweep(*iris, alphas=ALPHAS, cv=cv)


def test_folds_are_scikit_learns_model_fold_by_fold(cancer):
    """An independent reference for the classifier as a whole: the same scores by a plain loop."""
    X, y = cancer
    splitter = StratifiedKFold(3)
    result = cp.SweepClassifier(alphas=[1e-2], cv=splitter, tol=1e-12).fit(X, y).sweep_
    for fold, (train, test) in enumerate(splitter.split(X, y), start=1):
        model = LogisticRegression(
            C=cp.strength.from_alpha(1e-2, "sklearn.LogisticRegression", n=len(train)),
            solver="newton-cholesky",
            tol=1e-12,
        ).fit(X[train], y[train])
        ours = result.scores.filter(split="validation", fold=fold, quantity="log_loss")
        p = model.predict_proba(X[test])[np.arange(len(test)), y[test]]
        assert ours["value"].item() == pytest.approx(-np.log(p).mean(), rel=1e-7)
