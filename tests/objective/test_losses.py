"""Every loss of the registry against finite differences, brute force and closed forms.

The properties follow scikit-learn's list in sklearn/_loss/tests/test_loss.py.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special
from sklearn.metrics import log_loss

from counterpoint.errors import InputError
from counterpoint.objective import LOSSES, Loss, loss_named, predicted_index

CASES = [(name, n_classes) for name in LOSSES for n_classes in (2, 3, 5)]
each_loss = pytest.mark.parametrize(("name", "n_classes"), CASES)


def problem(loss: Loss, n_classes: int, seed: int, n: int = 40, size: float = 2.0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, n_classes, n)
    z = size * rng.normal(size=(loss.n_outputs(n_classes), n))
    return z, loss.encode(labels, n_classes), labels


def smooth_here(loss: Loss, z, target, step: float):
    """Rows where no kink of a piecewise loss lies within ``step`` of the margin."""
    if loss.joint:
        return np.ones(z.shape[-1], dtype=bool)
    margin = target * z
    kinks = np.array([-1.0, 0.0, 1.0, 2.0])
    return (np.abs(margin[..., None] - kinks).min(axis=-1) > 2 * step).all(axis=0)


# Values at specific points, each by hand from the formula.
POINTS = [
    ("log", 2, [[0.0]], 1, math.log(2)),
    ("log", 2, [[2.0]], 0, math.log(1 + math.exp(2.0))),
    ("log", 2, [[800.0]], 0, 800.0),
    ("log", 2, [[40.0]], 1, math.exp(-40.0)),
    ("log", 3, [[0.0], [0.0], [0.0]], 2, math.log(3)),
    ("log", 3, [[1.0], [2.0], [3.0]], 0, math.log(1 + math.e + math.e**2)),
    ("log", 3, [[-1000.0], [0.0], [-1000.0]], 0, 1000.0),
    ("log", 3, [[0.0], [-50.0], [-60.0]], 0, math.exp(-50) + math.exp(-60)),
    ("squared", 2, [[0.25]], 1, 0.5 * 0.75**2),
    ("squared", 2, [[3.0]], 1, 2.0),
    ("squared", 3, [[1.0], [-1.0], [0.0]], 0, 0.5),
    ("squared_hinge", 2, [[0.5]], 1, 0.25),
    ("squared_hinge", 2, [[3.0]], 1, 0.0),
    ("squared_hinge", 2, [[3.0]], 0, 16.0),
    ("huber", 2, [[0.5]], 1, 0.125),
    ("huber", 2, [[-2.0]], 1, 2.5),
    ("huber", 2, [[4.0]], 1, 2.5),
    ("modified_huber", 2, [[0.0]], 1, 1.0),
    ("modified_huber", 2, [[-3.0]], 1, 12.0),
    ("smooth_hinge", 2, [[0.5]], 1, 0.125),
    ("smooth_hinge", 2, [[-1.0]], 1, 1.5),
    ("smooth_hinge", 2, [[2.0]], 1, 0.0),
]


@pytest.mark.parametrize(("name", "n_classes", "z", "label", "value"), POINTS)
def test_value_at_a_point(name, n_classes, z, label, value):
    loss = loss_named(name, n_classes)
    target = loss.encode(np.array([label]), n_classes)
    assert loss.value(np.array(z), target)[0] == pytest.approx(value, rel=1e-14, abs=0)


@pytest.mark.parametrize("n_classes", [2, 3, 7])
def test_log_is_scikit_learns_log_loss(n_classes):
    loss = loss_named("log", n_classes)
    z, target, labels = problem(loss, n_classes, 0, n=200)
    probability = loss.probability(z)
    assert probability.shape == (n_classes, 200)
    np.testing.assert_allclose(probability.sum(axis=0), 1.0, rtol=1e-14)
    reference = log_loss(labels, probability.T, labels=np.arange(n_classes))
    assert loss.value(z, target).mean() == pytest.approx(reference, rel=1e-12)
    if n_classes > 2:
        np.testing.assert_allclose(probability, special.softmax(z, axis=0), rtol=1e-13)
    else:
        np.testing.assert_allclose(probability[1], special.expit(z[0]), rtol=1e-13)


@each_loss
@given(seed=st.integers(0, 10**6))
def test_gradient_is_the_slope_of_the_value(name, n_classes, seed):
    loss = loss_named(name, n_classes)
    z, target, _ = problem(loss, n_classes, seed, n=12)
    gradient = loss.gradient(z, target)
    step = 1e-5
    inside = smooth_here(loss, z, target, step)
    for output in range(len(z)):
        move = np.zeros_like(z)
        move[output] = step
        slope = (loss.value(z + move, target) - loss.value(z - move, target)) / (2 * step)
        np.testing.assert_allclose(gradient[output][inside], slope[inside], rtol=1e-6, atol=1e-8)


@each_loss
@given(seed=st.integers(0, 10**6))
def test_hessian_product_is_the_slope_of_the_gradient(name, n_classes, seed):
    loss = loss_named(name, n_classes)
    z, target, _ = problem(loss, n_classes, seed, n=12)
    u = np.random.default_rng(seed + 1).normal(size=z.shape)
    product = loss.hessian_product(loss.curvature(z, target), u)
    step = 1e-6
    inside = smooth_here(loss, z, target, 10 * step * np.abs(u).max())
    change = loss.gradient(z + step * u, target) - loss.gradient(z - step * u, target)
    np.testing.assert_allclose(product[:, inside], change[:, inside] / (2 * step), 1e-4, 1e-7)


@each_loss
@given(seed=st.integers(0, 10**6), t=st.floats(0, 1))
def test_convex_along_every_line(name, n_classes, seed, t):
    loss = loss_named(name, n_classes)
    assert loss.convex
    z, target, _ = problem(loss, n_classes, seed)
    other, _, _ = problem(loss, n_classes, seed + 1)
    between = loss.value(t * z + (1 - t) * other, target)
    chord = t * loss.value(z, target) + (1 - t) * loss.value(other, target)
    assert (between <= chord + 1e-12 * (1 + chord)).all()


@each_loss
@given(seed=st.integers(0, 10**6), scale=st.floats(0, 1))
def test_fenchel_gap_is_never_negative_and_zero_at_one(name, n_classes, seed, scale):
    loss = loss_named(name, n_classes)
    z, target, _ = problem(loss, n_classes, seed)
    gap = loss.fenchel_gap(z, target, np.array(scale))
    generic = Loss.fenchel_gap(loss, z, target, np.array(scale))
    assert (gap >= 0).all()
    np.testing.assert_allclose(gap, generic, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(loss.fenchel_gap(z, target, np.array(1.0)), 0.0, atol=1e-13)


@each_loss
def test_conjugate_by_brute_force(name, n_classes):
    """Where the gradient at some z is r, the conjugate at r is <r, z> - loss(z)."""
    loss = loss_named(name, n_classes)
    z, target, _ = problem(loss, n_classes, 3, n=25)
    r = loss.gradient(z, target)
    closed = loss.conjugate(r, target)
    np.testing.assert_allclose(closed, (r * z).sum(axis=0) - loss.value(z, target), 1e-9, 1e-12)
    half = 0.5 * r
    for row in range(5):
        column = target[:, row : row + 1]

        def negative(x, column=column, row=row):
            at = x[:, None]
            return float(loss.value(at, column)[0] - half[:, row] @ x)

        best = optimize.minimize(negative, np.zeros(len(z)), method="BFGS", options={"gtol": 1e-9})
        assert loss.conjugate(half, target)[row] == pytest.approx(-best.fun, abs=1e-5)


@pytest.mark.parametrize("name", [n for n in LOSSES if n != "squared"])
def test_conjugate_is_infinite_outside_the_gradients_range(name):
    loss = loss_named(name, 2)
    target = loss.encode(np.array([1]), 2)
    assert loss.conjugate(np.array([[0.1]]) * (20 if name == "huber" else 1), target)[0] == math.inf


@each_loss
@given(seed=st.integers(0, 10**6))
def test_bounds_hold(name, n_classes, seed):
    loss = loss_named(name, n_classes)
    bounds = loss.bounds(n_classes)
    z, target, labels = problem(loss, n_classes, seed, size=5.0)
    value = loss.value(z, target)
    wrong = predicted_index(z) != labels
    assert (value >= bounds.minimum).all()
    assert (value <= bounds.maximum).all()
    assert (value[wrong] >= bounds.wrong_least - 1e-12).all()
    assert (value[~wrong] <= bounds.right_greatest + 1e-12).all()
    zero = loss.value(np.zeros_like(z), target)
    np.testing.assert_allclose(zero, bounds.uniform_guess, rtol=1e-14)


@each_loss
def test_wrong_least_is_attained(name, n_classes):
    """A search over wrong predictions comes down to the bound: it is no looser than it need be."""
    loss = loss_named(name, n_classes)
    labels = np.zeros(200_000, dtype=int)
    rng = np.random.default_rng(0)
    z = rng.normal(size=(loss.n_outputs(n_classes), len(labels))) * rng.uniform(0, 2, len(labels))
    if n_classes > 2:
        z[2:] -= 1.0 if not loss.joint else 40.0
        z[1] = z[0] + np.abs(rng.normal(size=len(labels))) * 0.01
    wrong = predicted_index(z) != labels
    value = loss.value(z, loss.encode(labels, n_classes))[wrong]
    if n_classes <= 3 or loss.joint:
        assert value.min() <= loss.bounds(n_classes).wrong_least + 0.05 * (1 + (n_classes > 2))


@pytest.mark.slow
@each_loss
@given(seed=st.integers(0, 10**6))
def test_base_rate_guess_is_the_best_constant(name, n_classes, seed):
    loss = loss_named(name, n_classes)
    share = np.random.default_rng(seed).dirichlet(np.ones(n_classes)) + 0.02
    share /= share.sum()
    target = loss.encode(np.arange(n_classes), n_classes)

    def mean(constant):
        z = np.repeat(np.asarray(constant)[:, None], n_classes, axis=1)
        return float(share @ loss.value(z, target))

    start = np.zeros(loss.n_outputs(n_classes))
    best = optimize.minimize(
        mean, start, method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 4000}
    )
    guess = loss.base_rate_guess(share)
    assert guess <= best.fun + 1e-9
    if n_classes == 2:
        assert guess == pytest.approx(best.fun, abs=1e-7)


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_base_rate_log_loss_is_the_entropy(n_classes):
    share = np.arange(1, n_classes + 1) / np.arange(1, n_classes + 1).sum()
    guess = loss_named("log", n_classes).base_rate_guess(share)
    assert guess == pytest.approx(special.entr(share).sum(), rel=1e-13)


@each_loss
def test_perfect_prediction_is_the_minimum(name, n_classes):
    loss = loss_named(name, n_classes)
    _, target, _ = problem(loss, n_classes, 1)
    perfect = (
        60.0 * target
        if name in ("log", "squared_hinge", "modified_huber", "smooth_hinge")
        else target
    )
    assert loss.value(perfect, target).max() <= 1e-20


@each_loss
def test_leading_axes_are_problems_of_their_own(name, n_classes):
    loss = loss_named(name, n_classes)
    z, target, _ = problem(loss, n_classes, 0)
    stack = np.stack([z, 2 * z, -z])
    for method in ("value", "gradient", "curvature"):
        together = getattr(loss, method)(stack, target)
        for i, one in enumerate(stack):
            np.testing.assert_array_equal(together[i], getattr(loss, method)(one, target))


@pytest.mark.parametrize("n_classes", [2, 4])
def test_log_stays_exact_where_the_model_is_sure(n_classes):
    """Far in the tail loss, wrong mass and curvature are e^-m to full relative precision."""
    loss = loss_named("log", n_classes)
    margin = np.array([40.0, 100.0, 300.0, 700.0])
    z = np.zeros((loss.n_outputs(n_classes), 4))
    z[0] = margin
    label = np.full(4, 1 if n_classes == 2 else 0)
    target = loss.encode(label, n_classes)
    tail = np.exp(-margin) * (1 if n_classes == 2 else n_classes - 1)
    np.testing.assert_allclose(loss.value(z, target), tail, rtol=1e-12)
    np.testing.assert_allclose(np.abs(loss.gradient(z, target)[0]), tail, rtol=1e-12)


def test_unknown_loss_names_the_nearest_and_lists_all():
    with pytest.raises(InputError, match=r"'sqared'.*nearest: squared.*squared_hinge"):
        loss_named("sqared")
