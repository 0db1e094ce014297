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
from reference import least_objective, make_data, written_out_objective

ALPHAS = (0.01, 0.1)
L1_RATIO = {"l2": 0.0, "l1": 1.0, "elasticnet": 0.4}
SHAPES = {"tall": (80, 5), "wide": (30, 50)}
#: How near the weights are to be, as a share of the largest.
NEAR = 1e-6


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
    rest = [model.fit(X, np.where(y == c, 1.0, -1.0), weight) for c in [positive[0]]]
    fits = []
    for c in positive:
        model.fit(X, np.where(y == c, 1.0, -1.0), sample_weight=weight)
        fits.append((model.coef_.copy(), model.intercept_))
    del rest
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
    assert (result.fit.relative_gap <= 1e-13).all()
    return result


def as_they_see_it(data, scale):
    """Dense X as it is penalised, and what its columns were divided by."""
    X = data.X.toarray() if sparse.issparse(data.X) else data.X
    if scale == "none":
        return X, np.ones(X.shape[1])
    scaler = StandardScaler().fit(X, sample_weight=data.weight)
    return X / scaler.scale_, scaler.scale_


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
    data = make_data(n, d, n_classes, seed=1, weighted=weighted, form=form)
    result = swept(data, loss, penalty, scale)
    X, divisor = as_they_see_it(data, scale)
    for i, alpha in enumerate(ALPHAS):
        theirs = THEIRS[loss](penalty, alpha, X, data.y, data.weight)
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
        assert mine <= yours + result.gap[i] + 4 * np.finfo(float).eps * mine
