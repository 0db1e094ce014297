"""Each strength convention fitted in its own library, or by its own update, to the same weights.

The reference minimises mean loss + alpha * Omega straight from its optimality conditions and
knows nothing of any library.
"""

import itertools

import numpy as np
import pytest
from scipy.optimize import root
from scipy.special import expit
from sklearn import linear_model, svm

from counterpoint.objective import strength

ALPHA = 0.07
ROWS, FEATURES = 40, 3
RNG = np.random.default_rng(7)
X = RNG.normal(size=(ROWS, FEATURES))
X = (X - X.mean(axis=0)) / X.std(axis=0)
Y = (X @ [1.5, -0.6, 0.1] + 0.4 + 1.5 * RNG.normal(size=ROWS) > 0).astype(float)
T = 2 * Y - 1
WEIGHTS = RNG.uniform(0.2, 3.0, size=ROWS)
ONES = np.ones(ROWS)


def log_slope(z):
    """Derivative of the log loss in the raw score."""
    return expit(z) - Y


def squared_slope(z):
    """Derivative of (t - z)^2 / 2."""
    return z - T


def squared_hinge_slope(z):
    """Derivative of max(0, 1 - t z)^2."""
    return -2 * T * np.maximum(0, 1 - T * z)


def gradient(slope, w, b, weight=ONES):
    """Gradient of the mean loss in the weights and in the intercept."""
    r = weight * slope(X @ w + b) / weight.sum()
    return X.T @ r, r.sum()


def optimum(slope, alpha=ALPHA, l1_ratio=0.0, weight=ONES, intercept=True):
    """Weights and intercept: the sign pattern, of all there are, that is optimal."""
    for pattern in itertools.product((-1.0, 0.0, 1.0), repeat=FEATURES):
        signs = np.array(pattern)
        on = signs != 0

        def conditions(theta, signs=signs, on=on):
            w = np.zeros(FEATURES)
            w[on] = theta[:-1]
            by_w, by_b = gradient(slope, w, theta[-1] if intercept else 0.0, weight)
            by_w = by_w + alpha * (l1_ratio * signs + (1 - l1_ratio) * w)
            return np.append(by_w[on], by_b if intercept else theta[-1])

        found = root(conditions, np.zeros(on.sum() + 1), tol=1e-14).x
        w = np.zeros(FEATURES)
        w[on] = found[:-1]
        off = np.abs(gradient(slope, w, found[-1], weight)[0][~on])
        if np.all(np.sign(w) == signs) and np.all(off <= alpha * l1_ratio):
            assert np.abs(conditions(found)).max() < 1e-12
            return np.append(w, found[-1])
    raise AssertionError("no sign pattern is optimal")


def assert_same(w, b, reference):
    theirs = np.append(np.ravel(w), b)
    assert np.abs(theirs - reference).max() <= 1e-5 * np.abs(reference).max()


def there(name, n=ROWS, learning_rate=None):
    return strength.from_alpha(ALPHA, name, n=n, learning_rate=learning_rate)


def settle(step, start, tolerance=1e-13):
    """Repeat an update until it moves nothing."""
    state = start
    for _ in range(100_000):
        moved = step(state)
        if np.abs(moved - state).max() < tolerance:
            return moved
        state = moved
    raise AssertionError("the update did not settle")


def soft_threshold(w, size):
    return np.sign(w) * np.maximum(np.abs(w) - size, 0)


@pytest.mark.parametrize("weight", [None, WEIGHTS], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("l1_ratio", [0.0, 0.4, 1.0])
def test_logistic_regression(l1_ratio, weight):
    n = ROWS if weight is None else weight.sum()
    solver = "newton-cholesky" if l1_ratio == 0 else "saga"
    model = linear_model.LogisticRegression(
        C=there("LogisticRegression", n=n),
        l1_ratio=l1_ratio,
        solver=solver,
        tol=1e-12,
        max_iter=100_000,
        random_state=0,
    ).fit(X, Y, sample_weight=weight)
    reference = optimum(log_slope, l1_ratio=l1_ratio, weight=ONES if weight is None else weight)
    assert_same(model.coef_, model.intercept_, reference)


@pytest.mark.parametrize("weight", [None, WEIGHTS], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("penalty", ["l2", "l1"])
def test_linear_svc(penalty, weight):
    n = ROWS if weight is None else weight.sum()
    model = svm.LinearSVC(
        C=there("LinearSVC", n=n),
        penalty=penalty,
        dual=False,
        fit_intercept=False,
        tol=1e-9,
        max_iter=100_000,
        random_state=0,
    ).fit(X, Y, sample_weight=weight)
    reference = optimum(
        squared_hinge_slope,
        l1_ratio=float(penalty == "l1"),
        weight=ONES if weight is None else weight,
        intercept=False,
    )
    assert_same(model.coef_, 0.0, reference)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("loss", "slope"),
    [
        ("log_loss", log_slope),
        ("squared_error", squared_slope),
        ("squared_hinge", squared_hinge_slope),
    ],
)
def test_sgd_classifier(loss, slope, weighted):
    # At a constant step it settles a distance proportional to the step away from the optimum:
    # two steps, one half the other, extrapolate to none.
    coarse, fine = (
        linear_model.SGDClassifier(
            loss=loss,
            alpha=there("SGDClassifier"),
            learning_rate="constant",
            eta0=eta,
            shuffle=False,
            tol=None,
            max_iter=80_000,
        ).fit(X, Y, sample_weight=WEIGHTS if weighted else None)
        for eta in (1e-4, 5e-5)
    )
    # The convention's note: its sample weights leave the penalty as it is.
    alpha = ALPHA * ROWS / WEIGHTS.sum() if weighted else ALPHA
    reference = optimum(slope, alpha=alpha, weight=WEIGHTS if weighted else ONES)
    w, b = 2 * fine.coef_ - coarse.coef_, 2 * fine.intercept_ - coarse.intercept_
    assert_same(w, b, reference)


@pytest.mark.parametrize("weight", [None, WEIGHTS], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("kind", [linear_model.Ridge, linear_model.RidgeClassifier])
def test_ridge(kind, weight):
    n = ROWS if weight is None else weight.sum()
    model = kind(alpha=there(f"sklearn.{kind.__name__}", n=n)).fit(X, T, sample_weight=weight)
    reference = optimum(squared_slope, weight=ONES if weight is None else weight)
    assert_same(model.coef_, model.intercept_, reference)


@pytest.mark.parametrize("weight", [None, WEIGHTS], ids=["unweighted", "weighted"])
def test_lasso_and_elastic_net(weight):
    for name, l1_ratio in (("Lasso", 1.0), ("ElasticNet", 0.3)):
        settings = {"tol": 1e-14, "max_iter": 100_000}
        if name == "ElasticNet":
            settings["l1_ratio"] = l1_ratio
        model = getattr(linear_model, name)(alpha=there(name), **settings)
        model.fit(X, T, sample_weight=weight)
        reference = optimum(
            squared_slope, l1_ratio=l1_ratio, weight=ONES if weight is None else weight
        )
        assert_same(model.coef_, model.intercept_, reference)


@pytest.mark.parametrize("l1_ratio", [0.0, 0.4, 1.0])
def test_glmnet_by_its_published_algorithm(l1_ratio):
    # Friedman, Hastie, Tibshirani 2010 (doi 10.18637/jss.v033.i01), equations 15 to 18.
    lam = there("glmnet")

    def cycle(state):
        z = X @ state[:-1] + state[-1]
        p = expit(z)
        v = p * (1 - p)
        working = z + (Y - p) / v

        def coordinate_pass(inner):
            inner = inner.copy()
            for j in range(FEATURES):
                partial = working - X @ inner[:-1] - inner[-1] + X[:, j] * inner[j]
                inner[j] = soft_threshold(np.mean(v * X[:, j] * partial), lam * l1_ratio) / (
                    np.mean(v * X[:, j] ** 2) + lam * (1 - l1_ratio)
                )
            inner[-1] = np.sum(v * (working - X @ inner[:-1])) / v.sum()
            return inner

        return settle(coordinate_pass, state)

    found = settle(cycle, np.zeros(FEATURES + 1))
    assert_same(found[:-1], found[-1], optimum(log_slope, l1_ratio=l1_ratio))


@pytest.mark.parametrize(
    ("name", "l1_ratio"),
    [("spark.mllib", 0.0), ("spark.mllib", 0.4), ("keras.l2", 0.0), ("keras.l1", 1.0)],
)
def test_spark_and_keras_by_their_written_out_objectives(name, l1_ratio):
    strength_there = there(name)
    absolute, square = {  # the objective's coefficients of ||w||_1 and ||w||^2
        "spark.mllib": (strength_there * l1_ratio, strength_there * (1 - l1_ratio) / 2),
        "keras.l2": (0.0, strength_there),
        "keras.l1": (strength_there, 0.0),
    }[name]
    eta = 0.5

    def proximal_gradient_step(state):
        by_w, by_b = gradient(log_slope, state[:-1], state[-1])
        w = state[:-1] - eta * (by_w + 2 * square * state[:-1])
        return np.append(soft_threshold(w, eta * absolute), state[-1] - eta * by_b)

    found = settle(proximal_gradient_step, np.zeros(FEATURES + 1))
    assert_same(found[:-1], found[-1], optimum(log_slope, l1_ratio=l1_ratio))


def decoupled_step(state, eta=0.3):
    by_w, by_b = gradient(log_slope, state[:-1], state[-1])
    shrink = there("sgd.decoupled_decay", learning_rate=eta)
    return np.append((1 - shrink) * state[:-1] - eta * by_w, state[-1] - eta * by_b)


def nielsen_step(state, eta=0.3):
    z = X @ state[:-1] + state[-1]
    nabla_w, nabla_b = X.T @ log_slope(z), log_slope(z).sum()  # summed over the batch, all rows
    lmbda = there("nielsen.network2")
    w = (1 - eta * (lmbda / ROWS)) * state[:-1] - (eta / ROWS) * nabla_w
    return np.append(w, state[-1] - (eta / ROWS) * nabla_b)


@pytest.mark.parametrize("step", [decoupled_step, nielsen_step])
def test_updates_written_out_settle_at_the_optimum(step):
    found = settle(step, np.zeros(FEATURES + 1))
    assert_same(found[:-1], found[-1], optimum(log_slope))


def train_in_torch(optimiser, weight_decay, steps, mean_squared_error=False, **settings):
    """Full-batch training with a learning rate that falls to zero; the bias is free of decay."""
    torch = pytest.importorskip("torch")
    features, labels = torch.tensor(X), torch.tensor(Y)
    w = torch.zeros(FEATURES, dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    groups = [{"params": [w], "weight_decay": weight_decay}, {"params": [b], "weight_decay": 0.0}]
    optimiser = getattr(torch.optim, optimiser)(groups, **settings)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda k: 1e-6 ** (k / steps))
    for _ in range(steps):
        optimiser.zero_grad()
        z = features @ w + b
        if mean_squared_error:
            loss = torch.nn.functional.mse_loss(z, 2 * labels - 1)
        else:
            loss = torch.nn.functional.binary_cross_entropy_with_logits(z, labels)
        loss.backward()
        optimiser.step()
        schedule.step()
    return w.detach().numpy(), b.item()


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_torch_sgd(momentum):
    weight_decay = there("torch.SGD.weight_decay")
    w, b = train_in_torch("SGD", weight_decay, 2000, lr=0.5, momentum=momentum)
    assert_same(w, b, optimum(log_slope))


def test_mean_squared_error_without_a_half_halves_alpha():
    weight_decay = 2 * there("torch.SGD.weight_decay")
    w, b = train_in_torch("SGD", weight_decay, 2000, lr=0.2, mean_squared_error=True)
    assert_same(w, b, optimum(squared_slope))


def implied_alphas(w, b):
    """The alpha that each weight's own optimality condition would need."""
    return -gradient(log_slope, w, b)[0] / w


def test_full_batch_adam_settles_where_its_refusal_says():
    w, b = train_in_torch("Adam", there("torch.SGD.weight_decay"), 3000, lr=0.05)
    assert_same(w, b, optimum(log_slope))


def test_adamw_balances_each_weight_differently():
    w, b = train_in_torch("AdamW", 2.0, 3000, lr=0.05)
    alphas = implied_alphas(w, b)
    assert np.abs(w).max() <= 0.5 + 1e-6  # AdamW bounds each |w| by 1 / weight_decay
    assert np.abs(alphas).max() > 10 * np.abs(alphas).min()


@pytest.mark.parametrize(("batch_size", "least", "most"), [(1, 1e-3, 1.0), (ROWS, 0.0, 1e-5)])
def test_mini_batch_adam_balances_each_weight_differently(batch_size, least, most):
    # Adam's update in NumPy, with PyTorch's default betas and a learning rate that falls to zero.
    w, m, v = np.zeros(FEATURES + 1), np.zeros(FEATURES + 1), np.zeros(FEATURES + 1)
    design = np.column_stack([X, ONES])
    decay = np.append(np.full(FEATURES, ALPHA), 0.0)
    steps = 400 * ROWS
    for k in range(steps):
        rows = np.arange(k * batch_size, (k + 1) * batch_size) % ROWS
        slopes = expit(design[rows] @ w) - Y[rows]
        g = design[rows].T @ slopes / batch_size + decay * w
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        w = w - 0.02 * 1e-4 ** (k / steps) * m / (np.sqrt(v) + 1e-8)
    spread = np.ptp(implied_alphas(w[:-1], w[-1])) / ALPHA
    assert least <= spread <= most


def test_no_fit_is_met_by_the_wrong_strength():
    # The tolerance of these proofs is far below what a factor of two in alpha would do.
    right, wrong = optimum(log_slope), optimum(log_slope, alpha=2 * ALPHA)
    assert np.abs(right - wrong).max() > 0.1 * np.abs(right).max()
