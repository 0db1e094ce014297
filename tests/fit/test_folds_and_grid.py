"""Folds, grids and the facts of the data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.svm import l1_min_c

from counterpoint.errors import InputError
from counterpoint.fit.facts import SKETCH, duplicate_columns, spread
from counterpoint.fit.folds import cross_validation, given_splits, held_out_fraction, hold_out
from counterpoint.fit.grid import check_alphas, grid_below, parse_alphas, stilling_alpha
from counterpoint.fit.linear import fit_linear
from counterpoint.objective import LOSSES, loss_named, penalty_named
from reference import as_problem, make_data


@given(seed=st.integers(0, 10**6), n_folds=st.integers(2, 6), n_classes=st.integers(2, 4))
def test_folds_are_stratified_and_hold_each_row_out_once(seed, n_folds, n_classes):
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.repeat(np.arange(n_classes), 2), rng.integers(0, n_classes, 30)])
    folds = cross_validation(labels, np.ones(len(labels)), n_folds, seed, np.arange(n_classes))
    assert not folds.held_out[0].any()
    assert (folds.train_weight[0] > 0).all()
    np.testing.assert_array_equal(folds.held_out[1:].sum(axis=0), 1)
    np.testing.assert_allclose(folds.train_weight.sum(axis=1), 1.0)
    assert (folds.train_weight[folds.held_out] == 0).all()
    sizes = folds.held_out[1:].sum(axis=1)
    assert sizes.max() - sizes.min() <= 1
    for c in range(n_classes):
        counts = folds.held_out[1:, labels == c].sum(axis=1)
        assert counts.max() - counts.min() <= 1


def test_same_seed_same_folds():
    labels = np.arange(50) % 3
    one, two, other = (
        cross_validation(labels, np.ones(50), 5, seed, np.arange(3)).held_out for seed in (7, 7, 8)
    )
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


@pytest.mark.parametrize(
    ("labels", "n_folds", "message"),
    [
        ([0, 1, 0, 1], 5, "5 folds were asked of 4 rows"),
        ([0, 0, 0, 1], 2, "class '1' has one row"),
        ([0, 1, 0, 1], 1, "at least 2 folds"),
    ],
)
def test_impossible_folds(labels, n_folds, message):
    labels = np.array(labels)
    with pytest.raises(InputError, match=message):
        cross_validation(labels, np.ones(len(labels)), n_folds, 0, np.arange(2))


def test_a_fold_without_weight_or_class_is_refused():
    labels = np.array([0, 1] * 6)
    weight = np.ones(12)
    weight[2:] = 0.0
    with pytest.raises(InputError, match="has one row"):
        cross_validation(labels, weight, 2, 0, np.arange(2))
    with pytest.raises(InputError, match="fewer than two classes"):
        hold_out(labels, np.ones(12), labels == 1, np.arange(2))
    with pytest.raises(InputError, match="weigh nothing"):
        hold_out(labels, np.where(np.arange(12) < 2, 0.0, 1.0), np.arange(12) < 2, np.arange(2))


def test_given_splits_are_used_as_given():
    labels = np.array([0, 1] * 6)
    splits = [(np.arange(6), np.arange(6, 9)), (np.arange(3, 12), np.arange(3))]
    folds = given_splits(labels, np.ones(12), splits, np.arange(2))
    np.testing.assert_array_equal(np.flatnonzero(folds.train_weight[1]), np.arange(6))
    np.testing.assert_array_equal(np.flatnonzero(folds.held_out[2]), np.arange(3))
    with pytest.raises(InputError, match="both trains on row 3"):
        given_splits(labels, np.ones(12), [(np.arange(6), np.array([3]))], np.arange(2))
    with pytest.raises(InputError, match="does not fit 12 rows"):
        given_splits(labels, np.ones(12), [(np.arange(6), np.array([12]))], np.arange(2))
    with pytest.raises(InputError, match="no pair"):
        given_splits(labels, np.ones(12), [], np.arange(2))


def test_a_held_out_fraction_keeps_the_classes():
    labels = np.array([0] * 80 + [1] * 20)
    mask = held_out_fraction(labels, np.ones(100), 0.25, 0)
    assert mask[:80].sum() == 20
    assert mask[80:].sum() == 5
    for fraction in (0.0, 1.0, -1.0, float("nan")):
        with pytest.raises(InputError, match="between 0 and 1"):
            held_out_fraction(labels, np.ones(100), fraction, 0)


def test_parse_alphas():
    np.testing.assert_allclose(parse_alphas("1e-12:1e3:31"), np.logspace(-12, 3, 31))
    np.testing.assert_array_equal(parse_alphas("1, 0.1,0.1"), [0.1, 1.0])
    for text, message in [
        ("1e-3:1", "START:STOP:COUNT"),
        ("1:2:x", "START:STOP:COUNT"),
        ("1:2:1", "START:STOP:COUNT"),
        ("abc", "'abc'.*not a number"),
        ("0:1:3", "positive"),
        ("-1", "positive"),
        ("nan", "positive"),
        ("inf", "positive"),
        (",", "no alpha"),
    ]:
        with pytest.raises(InputError, match=message):
            parse_alphas(text)
    with pytest.raises(InputError, match="not a number"):
        check_alphas(["x"])


@pytest.mark.parametrize("loss_name", LOSSES)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_stilling_alpha_of_l1_is_where_the_first_weight_appears(loss_name, n_classes):
    data = make_data(80, 5, n_classes, seed=1, weighted=True)
    problem = as_problem(data, 2)
    loss, penalty = loss_named(loss_name, n_classes), penalty_named("l1")
    targets = loss.encode(problem.label_index, n_classes)
    greatest = stilling_alpha(problem.design, loss, penalty, targets)
    fit = fit_linear(problem, loss_name, penalty, np.array([0.98, 1.02]) * greatest, tol=1e-9)
    assert fit.nonzero[0] > 0
    assert fit.nonzero[1] == 0


def test_stilling_alpha_of_logistic_l1_is_scikit_learns():
    data = make_data(80, 5, 2, seed=1)
    X = data.X - data.X.mean(axis=0)
    problem = as_problem(type(data)(X, data.y, data.weight), 2)
    loss = loss_named("log", 2)
    targets = loss.encode(problem.label_index, 2)
    z0 = loss.base_rate_scores(np.bincount(data.y) / 80)
    p = 1 / (1 + np.exp(-z0))
    by_hand = np.abs(X.T @ (data.y - p) / 80).max()
    ours = stilling_alpha(problem.design, loss, penalty_named("l1"), targets)
    assert ours == pytest.approx(by_hand, rel=1e-9)
    # scikit-learn's bound has no intercept: the residuals of the zero model, not of base rates.
    assert 1 / (80 * l1_min_c(X, data.y, loss="log")) == pytest.approx(
        np.abs(X.T @ (data.y - 0.5) / 80).max(), rel=1e-6
    )


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_default_grid_ends_where_l2_has_stilled_the_weights(scale):
    data = make_data(150, 6, 3, seed=3)
    problem = as_problem(type(data)(data.X * scale, data.y, data.weight), 2)
    loss, penalty = loss_named("log", 3), penalty_named("l2")
    targets = loss.encode(problem.label_index, 3)
    grid = grid_below(stilling_alpha(problem.design, loss, penalty, targets))
    fit = fit_linear(problem, "log", penalty, grid[[0, -1]], tol=1e-6)
    gained = (fit.base_rate_loss - fit.data_loss) / fit.base_rate_loss
    assert gained[1] < 0.5 * gained[0]


def repeats(x, names, used=None):
    used = np.ones(x.shape[0], dtype=bool) if used is None else used
    return duplicate_columns(x, names, used, spread(x, used))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("order", ["C", "F"])
def test_long_columns_are_compared_as_numpy_compares_them(dtype, order):
    rng = np.random.default_rng(0)
    n = 4 * SKETCH + 17
    x = rng.normal(size=(n, 40)).astype(dtype)
    x[:, 1] = x[:, 0] + 0.02 * rng.normal(size=n)
    x[:, 2] = 3.0 - 2.0 * x[:, 0] + 0.1 * rng.normal(size=n)
    x[:, 3:6] = 0.0
    x[5, 3:6] = 1e4, 1e4, -7.0
    x[9, 4] = 1.0
    x[:, 7] = 1e6 + x[:, 6]
    used = rng.random(n) < 0.7
    used[[5, 9]] = True
    x[~used, 0] = 1e9
    found = repeats(np.asarray(x, order=order), tuple(map(str, range(40))), used)
    expected = np.corrcoef(x[used].astype(float), rowvar=False)
    pairs = np.argwhere(np.triu(np.abs(expected) >= 0.999, k=1))
    assert {(int(a), int(b)) for a, b, _ in found} == {(int(a), int(b)) for a, b in pairs}
    assert len(found) >= 5
    for a, b, r in found:
        assert r == pytest.approx(expected[int(a), int(b)], abs=1e-9)


@pytest.mark.parametrize("n", [12, 300, SKETCH, SKETCH + 1, 2 * SKETCH])
@pytest.mark.parametrize("seed", range(4))
def test_near_repeats_are_told_from_others_as_numpy_tells_them(n, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 25)) * 10.0 ** rng.integers(-6, 7, 25) + rng.choice([0, -1e6], 25)
    for _ in range(4):
        a, b = rng.choice(25, 2, replace=False)
        noise = rng.choice([0, 0.03, 0.043, 0.06]) * x[:, a].std() * rng.normal(size=n)
        x[:, b] = rng.choice([-3, 0.5]) * (x[:, a] + noise) + 7
    used = np.ones(n, dtype=bool)
    used[10:] = rng.random(n - 10) > (0.3 if seed % 2 else -1)
    x[~used] *= 1e3
    r = np.abs(np.corrcoef(x[used], rowvar=False))
    expected = {(int(a), int(b)) for a, b in np.argwhere(np.triu(r >= 0.999, k=1))}
    found = repeats(x, tuple(map(str, range(25))), used)
    assert {(int(a), int(b)) for a, b, _ in found} == expected


def test_duplicates_and_constants():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 6))
    x[:, 1] = -2 * x[:, 0] + 3
    x[:, 2] = x[:, 3] + 1e-4 * rng.normal(size=100)
    x[:, 5] = 4.0
    names = tuple("abcdef")
    pairs = repeats(x, names)
    assert pairs[0] == ("a", "b", -1.0)
    assert pairs[1][:2] == ("c", "d")
    assert 0.999 < pairs[1][2] < 1
    assert len(pairs) == 2
    np.testing.assert_array_equal(
        spread(x, np.ones(100, dtype=bool)).constant, [False] * 5 + [True]
    )
    reference = np.corrcoef(x[:, 2], x[:, 3])[0, 1]
    assert pairs[1][2] == pytest.approx(reference, abs=1e-10)
    s = sparse.csr_array(np.where(rng.random((100, 4)) < 0.5, 0, rng.normal(size=(100, 4))))
    twice = sparse.csr_array(sparse.hstack([s, 3 * s[:, [1]]]))
    assert [p[:2] for p in repeats(twice, tuple("abcde"))] == [("b", "e")]
    x[3, 0] = np.nan
    assert ("c", "d") in [p[:2] for p in repeats(x, names)]
    assert repeats(x[:, :1], ("a",)) == ()
