"""The same weights and objective as scikit-learn's solvers, taken to high precision.

Each fit is asked of `counterpoint.sweep` with alpha, and of scikit-learn with its own parameter,
converted by `counterpoint.strength`: so solver and conventions are held to account together.
"""

import numpy as np
import pytest
from scipy import sparse
from sklearn import linear_model, svm
from sklearn.preprocessing import StandardScaler

import counterpoint as cp
from counterpoint.objective import penalty_named
from reference import Data, least_objective, make_data, written_out_objective

ALPHAS = (0.01, 0.1)
L1_RATIO = {"l2": 0.0, "l1": 1.0, "elasticnet": 0.4}
SHAPES = {"tall": (80, 5), "wide": (30, 50)}
#: How near the weights are to be, as a share of the largest.
NEAR = 1e-6
#: What summing an objective's terms in another order may change.
ROUNDING = 1e-14


def converted(alpha, model, weight):
    return cp.strength.from_alpha(alpha, f"sklearn.{model}", n=weight.sum())


def logistic_regression(penalty, alpha, X, y, weight):
    model = linear_model.LogisticRegression(
        C=converted(alpha, "LogisticRegression", weight),
        l1_ratio=L1_RATIO[penalty],
        solver="newton-cholesky" if penalty == "l2" else "saga",
        tol=1e-13 if penalty == "l2" else 1e-10,
        max_iter=200_000,
        random_state=0,
    ).fit(X, y, sample_weight=weight)
    return model.coef_, model.intercept_


def least_squares(penalty, alpha, X, y, weight):
    """One against the rest on targets of -1 and +1: a model of scikit-learn's a penalty."""
    if penalty == "l2":
        strength = converted(alpha, "RidgeClassifier", weight)
        model = linear_model.RidgeClassifier(alpha=strength, solver="svd")
        model.fit(X, y, sample_weight=weight)
        return model.coef_, model.intercept_
    classes = np.unique(y)
    positive = classes[1:] if len(classes) == 2 else classes
    settings = {"tol": 1e-14, "max_iter": 500_000}
    if penalty == "l1":
        model = linear_model.Lasso(converted(alpha, "Lasso", weight), **settings)
    else:
        strength = converted(alpha, "ElasticNet", weight)
        model = linear_model.ElasticNet(strength, l1_ratio=L1_RATIO[penalty], **settings)
    fits = []
    for c in positive:
        model.fit(X, np.where(y == c, 1.0, -1.0), sample_weight=weight)
        fits.append((model.coef_.copy(), model.intercept_))
    return np.array([w for w, _ in fits]), np.array([b for _, b in fits])


THEIRS = {"log": logistic_regression, "squared": least_squares}


def swept(data, loss, penalty, scale="none"):
    result = cp.sweep(
        data.X,
        data.y,
        loss,
        penalty,
        alphas=ALPHAS,
        l1_ratio=L1_RATIO["elasticnet"],
        cv=2,
        scale=scale,
        sample_weight=data.weight,
        tol=1e-13,
    )
    assert (result.fit.relative_gap <= 1e-12).all()
    return result


def columns_as_penalised(data, scale):
    """Dense columns on the scale that the penalty sees, and what they were divided by."""
    X = data.X.toarray() if sparse.issparse(data.X) else data.X
    divisor = np.ones(X.shape[1])
    if scale == "standard":
        divisor = StandardScaler().fit(X, sample_weight=data.weight).scale_
    return X / divisor, divisor


def fitted_centred(fit, penalty, alpha, X, y, weight):
    """Their fit on centred columns, which their solvers need for precision; for X as it is."""
    mean = X.mean(axis=0)
    coef, intercept = fit(penalty, alpha, X - mean, y, weight)
    return coef, intercept - coef @ mean


def assert_same_model(ours, theirs, joint):
    """Weights and intercepts; softmax ones up to a constant added to every intercept."""
    (w, b), (v, c) = ours, theirs
    if joint:
        b, c = b - b.mean(), c - c.mean()
    assert np.abs(w - v).max() <= NEAR * np.abs(v).max()
    assert np.abs(b - c).max() <= NEAR * max(np.abs(c).max(), np.abs(v).max())


@pytest.mark.parametrize("scale", ["none", "standard"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("penalty", L1_RATIO)
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("loss", THEIRS)
def test_agrees_with_scikit_learn(loss, n_classes, penalty, weighted, form, shape, scale):
    n, d = SHAPES[shape]
    data = make_data(n, d, n_classes, seed=6, weighted=weighted, form=form)
    result = swept(data, loss, penalty, scale)
    X, divisor = columns_as_penalised(data, scale)
    for i, alpha in enumerate(ALPHAS):
        theirs = fitted_centred(THEIRS[loss], penalty, alpha, X, data.y, data.weight)
        ours = result.coef[i] * divisor, result.intercept[i]
        joint = loss == "log" and n_classes > 2
        assert_same_model(ours, theirs, joint)
        mine, yours = (
            written_out_objective(
                loss, penalty_named(penalty, 0.4), alpha, X, data.y, data.weight, *model
            )
            for model in (ours, theirs)
        )
        assert result.objective[i] == pytest.approx(mine, rel=1e-12)
        # Theirs can't be below the optimum, which ours is as near as its certificate says.
        assert mine <= yours + result.gap[i] + ROUNDING * mine


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("penalty", ["l2", "l1"])
def test_agrees_with_linear_svc_where_no_intercept_is_wanted(penalty, weighted, form, shape):
    """liblinear penalises the intercept; rows with their mirror images want none by symmetry."""
    half = make_data(*SHAPES[shape], 2, seed=6, weighted=weighted, form=form)
    stack = sparse.vstack if form == "sparse" else np.concatenate
    data = Data(
        X=stack([half.X, -half.X]),
        y=np.concatenate([half.y, 1 - half.y]),
        weight=np.tile(half.weight, 2),
    )
    result = swept(data, "squared_hinge", penalty)
    for i, alpha in enumerate(ALPHAS):
        theirs = svm.LinearSVC(
            C=converted(alpha, "LinearSVC", data.weight),
            penalty=penalty,
            dual=False,
            fit_intercept=False,
            tol=1e-10,
            max_iter=1_000_000,
            random_state=0,
        ).fit(data.X, data.y, sample_weight=data.weight)
        ours = result.coef[i], result.intercept[i]
        assert_same_model(ours, (theirs.coef_, np.zeros(1)), joint=False)
        yours = written_out_objective(
            "squared_hinge",
            penalty_named(penalty),
            alpha,
            data.X,
            data.y,
            data.weight,
            theirs.coef_,
            np.zeros(1),
        )
        assert result.objective[i] <= yours + result.gap[i] + ROUNDING * yours


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("penalty", L1_RATIO)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_squared_hinge_with_an_intercept_agrees_with_scipy(n_classes, penalty, form, shape):
    data = make_data(*SHAPES[shape], n_classes, seed=6, weighted=True, form=form)
    result = swept(data, "squared_hinge", penalty)
    for i, alpha in enumerate(ALPHAS):
        least = least_objective(
            "squared_hinge", penalty_named(penalty, 0.4), alpha, data.X, data.y, data.weight
        )
        assert result.objective[i] <= least + result.gap[i] + ROUNDING * least
        assert least <= result.objective[i] * (1 + 1e-7)


CONVENTIONS = {
    "LogisticRegression": ("log", "l2"),
    "LinearSVC": ("squared_hinge", "l2"),
    "SGDClassifier": ("log", "l2"),
    "Ridge": ("squared", "l2"),
    "RidgeClassifier": ("squared", "l2"),
    "Lasso": ("squared", "l1"),
    "ElasticNet": ("squared", "elasticnet"),
}


def fitted_in_their_convention(name, alpha, X, y, weight):
    """Weights of scikit-learn's model for a parameter converted from alpha."""
    strength = converted(alpha, name, weight)
    if name == "SGDClassifier":
        # Its sample weights leave the penalty as it is: the convention's note.
        return stochastic_gradient(strength * weight.mean(), X, y, weight)
    model = {
        "LogisticRegression": lambda: linear_model.LogisticRegression(C=strength, tol=1e-10),
        # The intercept's column is so large that its weight, which is penalised, is next to none.
        "LinearSVC": lambda: svm.LinearSVC(
            C=strength, dual=False, intercept_scaling=1e4, tol=1e-12, max_iter=100_000
        ),
        "Ridge": lambda: linear_model.Ridge(strength),
        "RidgeClassifier": lambda: linear_model.RidgeClassifier(strength),
        "Lasso": lambda: linear_model.Lasso(strength, tol=1e-12),
        "ElasticNet": lambda: linear_model.ElasticNet(strength, l1_ratio=0.4, tol=1e-12),
    }[name]()
    model.fit(X, y, sample_weight=weight)
    return np.append(model.coef_, model.intercept_)


def stochastic_gradient(strength, X, y, weight):
    """A constant step settles off the optimum in proportion to it: two extrapolate to none."""
    coarse, fine = (
        linear_model.SGDClassifier(
            loss="log_loss",
            alpha=strength,
            learning_rate="constant",
            eta0=step,
            shuffle=False,
            tol=None,
            max_iter=40_000,
        ).fit(X, y, sample_weight=weight)
        for step in (2e-4, 1e-4)
    )
    return 2 * np.append(fine.coef_, fine.intercept_) - np.append(coarse.coef_, coarse.intercept_)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", CONVENTIONS)
def test_every_scikit_learn_convention_through_a_sweep(name, weighted):
    loss, penalty = CONVENTIONS[name]
    data = make_data(40, 3, 2, seed=6, weighted=weighted)
    X, y = StandardScaler().fit_transform(data.X), 2 * data.y - 1
    alpha = 0.07
    result = cp.sweep(X, y, loss, penalty, [alpha], 0.4, cv=2, sample_weight=data.weight, tol=1e-13)
    ours = np.append(result.coef[0], result.intercept[0])
    theirs = fitted_in_their_convention(name, alpha, X, y, data.weight)
    assert np.abs(ours - theirs).max() <= 1e-5 * np.abs(theirs).max()
