"""The quadratic model's parts, each against the plainest formula there is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from counterpoint import progress
from counterpoint.fit import quadratic
from counterpoint.fit.folds import Folds
from counterpoint.fit.proximal import compiling
from counterpoint.fit.proximal.batch import Batch, line_search
from counterpoint.fit.proximal.columns import descend
from counterpoint.fit.proximal.moments import moments
from counterpoint.fit.proximal.places import Places, row_weights, to_fold
from counterpoint.fit.proximal.screen import Screen
from counterpoint.fit.proximal.wave import mean_curvature
from counterpoint.fit.quadratic import minimise
from counterpoint.fit.scaling import make_design
from counterpoint.objective import loss_named, penalty_named


def example(seed, form, gaps, n=40, d=6):
    """A design of two folds and its standardised columns, with ones, by hand."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d)) + rng.normal(size=d)
    x[rng.random(x.shape) < 0.4] = 0.0
    if gaps:
        x[rng.random(x.shape) < 0.1] = np.nan
    weight = np.zeros((2, n))
    weight[0] = 1 / n
    weight[1, n // 4 :] = 1 / (n - n // 4)
    folds = Folds(weight, weight == 0, "by hand")
    data = sparse.csr_array(x) if form == "sparse" else x
    design = make_design(data, folds, standardise=True)
    trained = weight[1] > 0
    mean, deviation = np.nanmean(x[trained], axis=0), np.nanstd(x[trained], axis=0)
    missing = np.isnan(x)
    # A gap counts as the mean, in the deviation too.
    deviation *= np.sqrt((~missing[trained]).mean(axis=0))
    by_hand = np.where(missing, 0.0, (x - mean) / deviation)
    return design, np.concatenate([by_hand, np.ones((n, 1))], axis=1), rng


def softmax_hessian(x, places, probability, weight):
    """Sum over rows of weight (diag p - p pᵀ) ⊗ x xᵀ, written out."""
    rows = [
        [np.kron(np.eye(len(probability))[c], x[i]) for c in range(len(probability))]
        for i in range(len(x))
    ]
    whole = sum(
        weight[i]
        * sum(
            ((c == k) * probability[c, i] - probability[c, i] * probability[k, i])
            * np.outer(rows[i][c], rows[i][k])
            for c in range(len(probability))
            for k in range(len(probability))
        )
        for i in range(len(x))
    )
    width = x.shape[1]
    kept = np.concatenate([c * width + columns for c, columns in enumerate(places.columns)])
    return whole[np.ix_(kept, kept)]


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_moments_on_a_folds_columns_are_the_hessian(form, gaps):
    design, x, rng = example(1, form, gaps)
    loss = loss_named("log", 3)
    p = loss.curvature(rng.normal(size=(3, len(x))), np.zeros((3, len(x))))
    places = Places((np.array([0, 3, 6]), np.array([1, 6]), np.array([0, 2, 5, 6])))
    weights = row_weights(loss, p, design.train_weight[1])
    raw = moments(design, weights, 1, places, places, design.double)
    found = to_fold(raw, np.arange(places.size), design, 1, places, design.double)
    expected = softmax_hessian(x, places, p, design.train_weight[1])
    np.testing.assert_allclose(found, expected, atol=1e-12)
    some = Places((np.array([3, 6]), np.array([6]), np.array([2, 6])))
    part = moments(design, weights, 1, some, places, design.double)
    numbers = places.numbers(design.width)
    rows = np.concatenate([numbers[c, k] for c, k in enumerate(some.columns)])
    np.testing.assert_allclose(part, raw[rows], atol=1e-12)


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("outputs", [1, 3])
def test_column_by_column_ends_where_the_moments_do(outputs, form, gaps):
    design, _, rng = example(2, form, gaps)
    loss = loss_named("log", 2 if outputs == 1 else outputs)
    z = rng.normal(size=(outputs, design.n))
    curvature = loss.curvature(z, np.ones_like(z))
    weights = row_weights(loss, curvature, design.train_weight[1])
    places = Places(tuple(np.arange(design.width) for _ in range(outputs)))
    raw = moments(design, weights, 1, places, places, design.double)
    hessian = to_fold(raw, np.arange(places.size), design, 1, places, design.double)
    ridge = np.tile(np.append(np.full(design.width - 1, 0.1), 0.0), outputs)
    threshold = np.tile(np.append(np.full(design.width - 1, 0.03), 0.0), outputs)
    slope, start = 0.1 * rng.normal(size=(2, places.size))
    # Softmax does not see a shift of all intercepts: slopes along it are zero.
    last = np.arange(design.width - 1, places.size, design.width)
    slope[last] -= slope[last].mean() if outputs > 1 else 0.0
    hessian[np.diag_indices(places.size)] += ridge + 1e-12
    expected = minimise(hessian, slope, start, threshold, 1e-10)
    found = descend(design, 1, weights, places, slope, start, threshold, ridge, 1e-8)

    def value(x):
        return (
            slope @ (x - start)
            + (x - start) @ hessian @ (x - start) / 2
            + threshold @ (np.abs(x) - np.abs(start))
        )

    assert value(found) == pytest.approx(value(expected), rel=1e-6)
    inner = np.setdiff1d(np.arange(places.size), last)
    np.testing.assert_allclose(found[inner], expected[inner], rtol=1e-4, atol=1e-4)


def batch_of(loss_name, n_classes, seed, alpha):
    """One problem on random data, and its scores' random start."""
    rng = np.random.default_rng(seed)
    x, label = rng.normal(size=(60, 5)), rng.integers(n_classes, size=60)
    weight = np.full((1, 60), 1 / 60)
    design = make_design(x, Folds(weight, weight == 0, ""), False)
    loss = loss_named(loss_name, n_classes)
    target = loss.encode(label, n_classes)[None]
    fold = np.zeros(1, dtype=np.intp)
    return Batch(design, loss, penalty_named("l1"), np.array([alpha]), fold, target), rng


@pytest.mark.parametrize("seed", range(5))
def test_a_whole_step_that_stills_weights_is_taken_whole(seed):
    """The model of the squared loss is the objective: its minimiser is where the search ends."""
    batch, rng = batch_of("squared", 2, seed, alpha=0.2)
    design, fold = batch.design, batch.fold
    v = np.append(rng.normal(size=5), 0.0)[None, None]
    z = design.scores(v, fold)
    slope = design.adjoint(batch.residual(z), fold)
    hessian = design.grams(design.train_weight, fold)[0]
    threshold = np.append(np.full(5, 0.2), 0.0)
    found = minimise(hessian, slope[0, 0], v[0, 0], threshold)
    assert (found[:-1] == 0).any()
    direction = (found - v[0, 0])[None, None]
    moved = line_search(
        batch, v, z, batch.data_loss(z), slope, direction, design.scores(direction, fold)
    )
    assert moved.length == 1.0
    np.testing.assert_array_equal(moved.v[0, 0] == 0, found == 0)


def test_wrong_rows_alone_count_with_their_mean_curvature():
    batch, rng = batch_of("log", 4, 0, alpha=0.2)
    loss, target = batch.loss, batch.target[0]
    z = 10 * rng.normal(size=target.shape)
    mean, factor = mean_curvature(batch, z)
    behind = z.max(axis=0) - (z * target).sum(axis=0)
    right = behind == 0
    np.testing.assert_allclose(mean[:, right], loss.curvature(z, target)[:, right])
    np.testing.assert_array_equal(factor[right], 1.0)
    step = target * np.where(right, 0.0, behind + 1.0)
    # Between here and there the gradient changes by the mean second derivative times the step.
    change = loss.gradient(z + step, target) - loss.gradient(z, target)
    found = factor * loss.hessian_product(mean, step)
    np.testing.assert_allclose(
        (found * step).sum(axis=0)[~right], (change * step).sum(axis=0)[~right], rtol=1e-9
    )


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), rank=st.integers(1, 5), size=st.integers(2, 14))
def test_an_all_but_singular_model_is_minimised(seed, rank, size):
    """Fewer rows than weights, thresholds far below the slopes: sweeps alone would cycle."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(rank, size))
    hessian = root.T @ root
    # In the range of the Hessian, so that the model has a minimum to find.
    gradient = hessian @ rng.normal(size=size)
    hessian[np.diag_indices(size)] += 1e-12 * np.diagonal(hessian)
    threshold = np.full(size, 1e-5 * np.abs(gradient).max())
    x = minimise(hessian, gradient, np.zeros(size), threshold, 1e-3)
    slope = gradient + hessian @ x
    on = x != 0
    assert np.abs(slope + threshold * np.sign(x))[on].max(initial=0) <= 1e-2 * threshold[0]
    assert (np.abs(slope) - threshold)[~on].max(initial=0) <= 1e-2 * threshold[0]


def test_the_screen_keeps_what_it_has_and_adds_what_pulls_most():
    rng = np.random.default_rng(0)
    n, d = 10, 400
    weight = np.full((1, n), 1 / n)
    design = make_design(rng.normal(size=(n, d)), Folds(weight, weight == 0, ""), False)
    screen = Screen(design)
    pull = rng.random(d)
    needed = pull > 0.99
    assert screen.extend(pull, needed)
    kept = screen.features
    assert needed[kept].sum() == needed.sum()
    assert set(np.argsort(pull)[-len(kept) :]) == set(kept)
    assert not screen.extend(pull, needed)
    v = rng.normal(size=(1, 1, len(kept) + 1))
    wide = np.zeros((1, 1, d + 1))
    wide[..., screen.places] = v
    np.testing.assert_allclose(
        screen.design.scores(v, np.zeros(1, np.intp)), design.scores(wide, np.zeros(1, np.intp))
    )
    assert screen.extend(pull, np.ones(d, bool))
    assert screen.design is design


def test_a_first_run_says_that_it_compiles(monkeypatch, tmp_path):
    class Kernel:
        signatures = ()

        py_func = quadratic.minimise_compiled.py_func

        class stats:
            cache_path = str(tmp_path)

    said = []
    monkeypatch.setattr(quadratic, "minimise_compiled", Kernel)
    monkeypatch.setattr(progress, "note", said.append)
    compiling.say_if_compiling()
    assert len(said) == 1
    (tmp_path / "quadratic.minimise_compiled-55.py311.nbi").touch()
    compiling.say_if_compiling()
    assert len(said) == 1


def test_a_note_stays_out_of_pipes(capsys):
    progress.note("compiling")
    assert capsys.readouterr() == ("", "")
