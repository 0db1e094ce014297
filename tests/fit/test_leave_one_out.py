"""Approximate leave-one-out against refits, closed forms and the plainest Newton step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.linear_model import LogisticRegression

import counterpoint as cp
from counterpoint.fit.folds import approximate_leave_one_out, given_splits
from counterpoint.fit.leave_one_out import leave_one_out_scores
from counterpoint.fit.linear import fit_linear
from counterpoint.fit.threads import shared_threads
from counterpoint.objective import LOSSES, loss_named, penalty_named
from reference import Data, as_problem, make_data

L2 = penalty_named("l2")
ALPHAS = 10.0 ** np.arange(-4, 3)


def problem(data, scale="none"):
    classes, index = np.unique(data.y, return_inverse=True)
    return as_problem(
        data, folds=approximate_leave_one_out(index, data.weight, classes), scale=scale
    )


def approximate(data, loss_name, alphas=ALPHAS, scale="none", tol=1e-13):
    return fit_linear(problem(data, scale), loss_name, L2, alphas, tol).held_out


def on_all_rows(data, loss_name, alphas, scale="none"):
    """What `leave_one_out_scores` takes: the design, the loss and the fits on all rows."""
    made = problem(data, scale)
    fit = fit_linear(made, loss_name, L2, alphas, 1e-13)
    loss = loss_named(loss_name, len(data.classes))
    targets = loss.encode(made.label_index, len(data.classes))
    intercept = fit.intercept + fit.coef @ made.design.fill(0)
    v = np.concatenate([fit.coef * made.design.scale[0], intercept[..., None]], axis=-1)
    raw = fit.coef @ data.X.T + fit.intercept[..., None]
    return made.design, loss, alphas, targets, v, raw


def refitted(data, loss_name, alphas=ALPHAS, scale="none", tol=1e-12):
    """The same by n fits, each without a row."""
    classes, index = np.unique(data.y, return_inverse=True)
    everyone = np.arange(len(index))
    splits = [(np.delete(everyone, i), [i]) for i in np.flatnonzero(data.weight)]
    folds = given_splits(index, data.weight, splits, classes)
    fit = fit_linear(as_problem(data, folds=folds, scale=scale), loss_name, L2, alphas, tol)
    assert fit.converged.all()
    return fit.held_out


def without_shift(raw, joint):
    """Softmax's raw scores are known up to a shift of all outputs."""
    return raw - raw.mean(axis=-2, keepdims=True) if joint else raw


def dense(X):
    return X.toarray() if sparse.issparse(X) else np.asarray(X)


def some_without_weight(data):
    data.weight[2 * len(data.classes) + 1 :: 5] = 0.0
    return data


@pytest.mark.parametrize("shape", [(60, 4), (25, 40)], ids=["tall", "wide"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_squared_loss_has_its_exact_leave_one_out_scores(shape, weighted, n_classes):
    """Against n weighted ridge regressions, each by one linear system."""
    data = some_without_weight(make_data(*shape, n_classes, seed=1, weighted=weighted))
    found = approximate(data, "squared", tol=1e-6)  # the step makes up for an early stop
    targets = loss_named("squared", n_classes).encode(
        np.searchsorted(data.classes, data.y), n_classes
    )
    x = np.column_stack([data.X - data.X.mean(axis=0), np.ones(len(data.y))])
    penalised = np.diag(np.append(np.ones(shape[1]), 0.0))
    for a, alpha in enumerate(ALPHAS):
        for place, i in enumerate(found.row):
            share = np.where(np.arange(len(x)) == i, 0.0, data.weight)
            share /= share.sum()
            system = (x.T * share) @ x + alpha * penalised
            exact = x[i] @ np.linalg.solve(system, (x.T * share) @ targets.T)
            np.testing.assert_allclose(found.raw[a, :, place], exact, rtol=1e-8, atol=1e-8)


def plain_newton_step(data, loss_name, alpha, coef, intercept, row):
    """Raw scores of a row after one Newton step on the objective without it, written out."""
    n_classes = len(data.classes)
    loss = loss_named(loss_name, n_classes)
    target = loss.encode(np.searchsorted(data.classes, data.y), n_classes)
    x = np.column_stack([dense(data.X), np.ones(len(data.y))])
    share = np.where(np.arange(len(x)) == row, 0.0, data.weight)
    share = share / share.sum()
    v = np.column_stack([coef, intercept])
    outputs, width = v.shape
    ridge = np.append(np.full(width - 1, alpha), 0.0)
    z = v @ x.T
    gradient = (loss.gradient(z, target) * share) @ x + ridge * v
    curvature = loss.curvature(z, target)
    hessian = np.empty((outputs * width, outputs * width))
    for k in range(outputs):
        for j in range(width):
            u = np.zeros((outputs, width))
            u[k, j] = 1.0
            product = (loss.hessian_product(curvature, u @ x.T) * share) @ x + ridge * u
            hessian[:, k * width + j] = product.ravel()
    step = np.linalg.lstsq(hessian, gradient.ravel(), rcond=1e-13)[0].reshape(outputs, width)
    return (v - step) @ x[row]


@pytest.mark.parametrize("form", ["dense", "sparse", "wide", "weighted"])
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("loss_name", LOSSES)
def test_a_score_is_one_newton_step_from_the_fit(loss_name, n_classes, form):
    n, d = (20, 30) if form == "wide" else (50, 3)
    kind = "sparse" if form == "sparse" else "dense"
    data = make_data(n, d, n_classes, seed=3, weighted=form == "weighted", form=kind)
    alphas = np.array([1e-2, 1.0])
    fit = fit_linear(problem(data), loss_name, L2, alphas, 1e-9)
    joint = loss_named(loss_name, n_classes).joint
    for a, alpha in enumerate(alphas):
        for row in range(0, n, 7):
            expected = plain_newton_step(data, loss_name, alpha, fit.coef[a], fit.intercept[a], row)
            np.testing.assert_allclose(
                without_shift(fit.held_out.raw[a, :, [row]].T, joint)[:, 0],
                without_shift(expected[:, None], joint)[:, 0],
                rtol=1e-6,
                atol=1e-7,
            )


@pytest.mark.parametrize("scale", ["none", "standard"])
@pytest.mark.parametrize(
    ("loss_name", "n_classes", "form"),
    [
        ("log", 2, "dense"),
        ("log", 2, "sparse"),
        ("log", 4, "dense"),
        ("squared_hinge", 2, "dense"),
        ("huber", 3, "dense"),
    ],
)
def test_scores_and_their_means_are_near_those_of_refits(loss_name, n_classes, form, scale):
    data = some_without_weight(make_data(120, 4, n_classes, seed=5, weighted=True, form=form))
    alphas = np.array([1e-4, 1e-2, 1.0, 100.0])
    found = approximate(data, loss_name, alphas, scale)
    true = refitted(data, loss_name, alphas, scale)
    kept = fit_linear(problem(data, scale), loss_name, L2, alphas, 1e-12)
    np.testing.assert_array_equal(found.row, true.row)
    joint = loss_named(loss_name, n_classes).joint
    x, share = dense(data.X), found.weight / found.weight.sum()
    for a, rel in enumerate([0.2, 0.05, 0.01, 0.01]):
        trained = kept.coef[a] @ x[found.row].T + kept.intercept[a][:, None]
        moved = without_shift(true.raw[a] - trained, joint)
        error = without_shift(true.raw[a] - found.raw[a], joint)
        # Most of what leaving a row out does is found, the more so the stronger the penalty.
        most = 0.5 if alphas[a] < 1e-3 else 0.3
        assert (error**2 @ share).sum() <= most**2 * (moved**2 @ share).sum()
        assert share @ found.own_loss[a] == pytest.approx(share @ true.own_loss[a], rel=rel)
        assert share @ found.correct[a] == pytest.approx(share @ true.correct[a], abs=0.03)


@pytest.mark.parametrize("scale", ["none", "standard"])
def test_wide_rows_are_near_refits(scale):
    data = make_data(30, 60, 3, seed=2)
    found, true = (judge(data, "log", ALPHAS[::2], scale) for judge in (approximate, refitted))
    assert found.own_loss.mean(axis=1) == pytest.approx(true.own_loss.mean(axis=1), rel=0.05)
    assert (found.predicted == true.predicted).mean() > 0.97


def test_against_refits_of_scikit_learn():
    """Another library, another convention: C = 1 / (alpha n), on n - 1 rows."""
    data = make_data(200, 3, 2, seed=8)
    alpha = 0.1
    found = approximate(data, "log", np.array([alpha]))
    for row in range(0, 200, 10):
        rest = np.delete(np.arange(200), row)
        model = LogisticRegression(C=1 / (alpha * len(rest)), tol=1e-10)
        model.fit(data.X[rest], data.y[rest])
        expected = model.decision_function(data.X[[row]])
        assert found.raw[0, 0, row] == pytest.approx(expected[0], rel=0.02, abs=0.01)


@pytest.mark.parametrize(("loss_name", "n_classes"), [("log", 2), ("log", 3)])
def test_the_error_shrinks_faster_than_the_move(loss_name, n_classes):
    """A row's share of the fit is of order 1/n, the Newton step's error of order 1/n²."""
    errors = []
    for n in (40, 160):
        data = make_data(n, 3, n_classes, seed=4, signal=0.7)
        alphas = np.array([1e-2])
        found, true = approximate(data, loss_name, alphas), refitted(data, loss_name, alphas)
        joint = loss_named(loss_name, n_classes).joint
        errors.append(np.abs(without_shift(found.raw - true.raw, joint)).mean())
    assert errors[1] < errors[0] / 8


@pytest.mark.parametrize("scale", ["none", "standard"])
@pytest.mark.parametrize("loss_name", ["log", "squared"])
def test_rows_without_weight_are_as_if_left_out(loss_name, scale):
    data = some_without_weight(make_data(50, 4, 3, seed=6, weighted=True))
    kept = data.weight > 0
    rest = Data(data.X[kept], data.y[kept], data.weight[kept])
    spoilt = np.where(kept[:, None], data.X, 1e9)
    with_them = approximate(Data(spoilt, data.y, data.weight), loss_name, scale=scale)
    without = approximate(rest, loss_name, scale=scale)
    np.testing.assert_array_equal(with_them.row, np.flatnonzero(kept))
    np.testing.assert_allclose(with_them.raw, without.raw, rtol=1e-6, atol=1e-7)


def test_standardised_columns_lose_the_row_from_their_deviation():
    """A rare indicator has a deviation that hangs on few rows; the correction follows it."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    X[:, 2] = 0.0
    X[[3, 10, 17, 30, 44], 2] = 1.0
    y = (X[:, 0] + 2 * X[:, 2] + rng.normal(size=60) > 0).astype(int)
    data = Data(X, y, np.ones(60))
    alphas = np.array([0.1, 1.0])
    true = refitted(data, "squared", alphas, "standard").raw
    fitted = on_all_rows(data, "squared", alphas, "standard")
    kept_scale = leave_one_out_scores(*fitted, standardised=False)
    rare = np.flatnonzero(X[:, 2])
    found = leave_one_out_scores(*fitted, standardised=True)
    corrected = np.abs(found - true)[..., rare].max()
    assert corrected < 0.1 * np.abs(kept_scale - true)[..., rare].max()


@pytest.mark.parametrize("scale", ["none", "standard"])
def test_a_column_of_one_row_says_nothing_without_it(scale):
    rng = np.random.default_rng(1)
    X = np.column_stack([rng.normal(size=40), np.zeros(40)])
    X[7, 1] = 1.0
    y = (X[:, 0] + rng.normal(size=40) > 0).astype(int)
    alphas = np.array([1e-3, 0.1])
    found = approximate(Data(X, y, np.ones(40)), "squared", alphas, scale)
    true = refitted(Data(X, y, np.ones(40)), "squared", alphas, scale)
    np.testing.assert_allclose(found.raw[..., 7], true.raw[..., 7], rtol=0.02)


def test_interpolating_fits_keep_their_digits():
    """Wide and all but unpenalised: 1 - w B D is near nothing. Against kernel ridge regression."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(30, 80))
    y = rng.permutation(np.repeat([0, 1], 15))
    target = np.where(y == 1, 1.0, -1.0)
    alpha = 1e-9
    found = approximate(Data(X, y, np.ones(30)), "squared", np.array([alpha]), tol=1e-6)
    ones = np.ones(30)
    for i in range(30):
        rest = np.delete(np.arange(30), i)
        kernel = X[rest] @ X[rest].T + alpha * 29 * np.eye(29)
        solved = np.linalg.solve(kernel, np.column_stack([target[rest], ones[rest]]))
        b = solved[:, 0].sum() / solved[:, 1].sum()
        exact = X[i] @ X[rest].T @ (solved[:, 0] - b * solved[:, 1]) + b
        assert found.raw[0, 0, i] == pytest.approx(exact, rel=1e-4, abs=1e-4)


@pytest.mark.slow
@settings(max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(12, 50),
    d=st.integers(1, 60),
    n_classes=st.integers(2, 4),
    loss_name=st.sampled_from(sorted(LOSSES)),
    size=st.sampled_from([1e-8, 1.0, 1e8]),
    oddity=st.sampled_from(["none", "constant", "duplicate", "weights", "separable", "pair"]),
    scale=st.sampled_from(["none", "standard"]),
)
def test_any_data_get_finite_scores(seed, n, d, n_classes, loss_name, size, oddity, scale):
    data = make_data(n, d, n_classes, seed, weighted=oddity == "weights")
    X, y = data.X, data.y.copy()
    if oddity == "constant":
        X[:, 0] = 7.0
    if oddity == "duplicate" and d > 1:
        X[:, -1] = X[:, 0]
    if oddity == "separable":
        X[:, 0] = 3.0 * y + 0.1 * X[:, 0]
    if oddity == "pair":  # a class of two rows
        y[(y == 0) & (np.arange(n) >= 2 * n_classes)] = 1
    unit = 1.0 if scale == "standard" else size**2
    alphas = np.array([1e-10, 1e-5, 1.0]) * unit
    found = approximate(Data(X * size, y, data.weight), loss_name, alphas, scale, tol=1e-6)
    assert np.isfinite(found.raw).all()
    assert found.raw.shape[-1] == np.count_nonzero(data.weight)


@pytest.mark.parametrize("standardised", [False, True])
def test_one_thread_or_two_give_the_same_answer(standardised, monkeypatch):
    monkeypatch.setattr("counterpoint.fit.threads.threads_given", lambda: 2)
    fitted = on_all_rows(make_data(400, 30, 4, seed=9), "log", ALPHAS)
    with shared_threads(1):
        alone = leave_one_out_scores(*fitted, standardised)
    with shared_threads(2):
        np.testing.assert_array_equal(alone, leave_one_out_scores(*fitted, standardised))


def test_missing_cells_are_near_refits_that_fill_anew():
    data = make_data(60, 4, 2, seed=10)
    data.X[::7, 1] = np.nan
    found, true = approximate(data, "log"), refitted(data, "log")
    assert found.own_loss.mean(axis=1) == pytest.approx(true.own_loss.mean(axis=1), rel=0.02)


def test_a_sweep_says_how_it_was_judged(tmp_path):
    data = make_data(60, 3, 3, seed=11)
    result = cp.sweep(data.X, data.y, alphas=[1e-3, 1e-1, 10.0], cv="alo")
    assert result.fit.scheme == "approximate leave-one-out"
    validation = result.scores.filter(split="validation")
    assert validation["fold"].unique().sort().to_list() == [None, 0]
    assert result.choice.standard_error_from == "rows"
    assert result.fit.converged.all()
    again = cp.load_sweep(result.save(tmp_path / "saved"))
    np.testing.assert_array_equal(again.fit.held_out.raw, result.fit.held_out.raw)
    assert again.scores.equals(result.scores)
    assert "approximate leave-one-out" in result.report(tmp_path / "page.html").read_text("utf-8")


def test_losses_without_probabilities_are_calibrated_on_other_rows():
    data = make_data(300, 3, 2, seed=12)
    both = cp.sweep_all(data.X, data.y, ["log", "squared"], ["l2"], alphas=[0.01, 0.1], cv="alo")
    log_loss, calibrated = (s.choice.best.log_loss for s in both.sweeps)
    assert [s.choice.calibrated for s in both.sweeps] == [False, True]
    assert calibrated == pytest.approx(log_loss, rel=0.05)
    assert both.sweeps[1].predict_proba(data.X).shape == (300, 2)


def test_a_classifier_may_be_chosen_by_it():
    data = make_data(90, 3, 3, seed=13)
    model = cp.SweepClassifier(alphas=[1e-3, 1e-1], cv="alo").fit(data.X, data.y)
    swept = cp.sweep(data.X, data.y, alphas=[1e-3, 1e-1], cv="alo", tol=model.tol)
    assert model.alpha_ == swept.choice.recommended.alpha
    np.testing.assert_array_equal(model.coef_, swept.coef[swept.index_of(model.alpha_)])


@pytest.mark.parametrize("penalty", ["l1", "elasticnet"])
def test_penalties_with_an_l1_part_are_refused(penalty):
    data = make_data(40, 3, 2)
    with pytest.raises(cp.InputError, match=r"is for the L2 penalty.*cv=5"):
        cp.sweep_all(data.X, data.y, ["log"], ["l2", penalty], cv="alo", alphas=[0.1])


def test_a_class_of_one_row_is_refused():
    X = np.arange(10.0)[:, None]
    with pytest.raises(cp.InputError, match="class '1' has one row"):
        cp.sweep(X, (np.arange(10) == 3).astype(int), cv="alo")


def test_work_beyond_the_limit_is_refused_before_any_fit():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(1500, 1200)), rng.integers(0, 9, 1500)
    with pytest.raises(cp.InputError, match=r"1,500 rows, 1,200 features, 9 classes.*cv=5"):
        cp.sweep(X, y, cv="alo")
