"""Chains: each compiled part against the plainest formula, and whole paths against the batch."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from counterpoint.fit.certificate import relative_gap
from counterpoint.fit.folds import Folds
from counterpoint.fit.newton import held_curvature
from counterpoint.fit.proximal import chain_step, chains, sparse_path
from counterpoint.fit.proximal import path as proximal_path
from counterpoint.fit.proximal.held import hessian, no_moments, renew, widened
from counterpoint.fit.proximal.margin import derivatives, margin_of, slack, value
from counterpoint.fit.proximal.view import add_scores, gradient
from counterpoint.fit.scaling import make_design
from counterpoint.fit.task import PathTask
from counterpoint.fit.threads import shared_threads
from counterpoint.objective import LOSSES, loss_named, penalty_named

TOL = 1e-6


def data(seed, n=60, d=12):
    """Rows with zeros, labels that hang on two columns, and two folds."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d)) + 0.3
    x[rng.random(x.shape) < 0.5] = 0.0
    label = (x[:, 0] - x[:, 1] + rng.normal(size=n) > 0).astype(int)
    weight = np.zeros((2, n))
    weight[0] = 1 / n
    weight[1, n // 4 :] = 1 / (n - n // 4)
    return x, label, Folds(weight, weight == 0, "by hand")


def a_task(seed, form="dense", loss="log", penalty="l1", classes=2, alphas=None, **size):
    x, label, folds = data(seed, **size)
    if classes > 2:
        label = label + (x[:, 2] > 0.5)
    design = make_design(sparse.csr_array(x) if form == "sparse" else x, folds, standardise=True)
    chosen = loss_named(loss, classes)
    alphas = np.geomspace(0.3, 3e-4, 25) if alphas is None else alphas
    targets = chosen.encode(label, classes)
    return PathTask(design, chosen, penalty_named(penalty), targets, alphas, TOL)


def a_view(form, seed=3, fold=1):
    """A fold's view, and its columns by hand."""
    task = a_task(seed, form)
    view = chains._view(task.design, chains._columns(task.design), fold, task.targets[0])
    return view, np.concatenate([task.design.scaled(fold), np.ones((60, 1))], axis=1)


def relative(path):
    return relative_gap(path.gap, path.data_loss + path.penalty)


@pytest.mark.parametrize("name", LOSSES)
def test_compiled_losses_are_the_registrys(name):
    loss = loss_named(name)
    m = np.concatenate([np.linspace(-4, 4, 81), [-700.0, -40.0, 40.0, 700.0]])
    compiled = margin_of(loss)
    first, second = np.transpose([derivatives(compiled, each) for each in m])
    np.testing.assert_allclose(first, loss.phi_prime(m), rtol=1e-14, atol=1e-300)
    np.testing.assert_allclose([value(compiled, each) for each in m], loss.phi(m), rtol=1e-13)
    # At a kink any second derivative between those of its sides will do.
    smooth = ~np.isin(m.round(9), [-1, 0, 1, 2])
    np.testing.assert_allclose(second[smooth], loss.phi_second(m)[smooth], rtol=1e-13)
    for scale in (0.3, 0.999):
        expected = [loss.fenchel_gap(np.full((1, 1), e), np.ones((1, 1)), scale)[0] for e in m]
        found = [slack(compiled, each, scale) for each in m]
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-14)


@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_a_view_makes_the_folds_scaled_columns(form):
    view, x = a_view(form)
    rng = np.random.default_rng(0)
    columns, by, r = np.array([0, 5, 7, 12]), rng.normal(size=4), rng.normal(size=60)
    z, out = np.ones(60), np.zeros(13)
    add_scores(view, columns, by, z)
    np.testing.assert_allclose(z, 1 + x[:, columns] @ by, atol=1e-12)
    gradient(view, columns, r, out)
    expected = np.zeros(13)
    expected[columns] = x[:, columns].T @ r
    np.testing.assert_allclose(out, expected, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from([0.0, 0.1]))
def test_held_moments_keep_within_their_share(seed, share):
    view, x = a_view("sparse")
    rng = np.random.default_rng(seed)
    held, columns = no_moments(view), np.array([12])
    for _ in range(4):
        columns = np.union1d(columns, rng.integers(0, 12, 3))
        curvature = rng.random(60) * rng.integers(0, 2, 60)
        held = widened(held, view, columns)
        renew(held, curvature, share)
        wanted = rng.permutation(columns)
        change = hessian(held, view, wanted) - x[:, wanted].T @ (curvature[:, None] * x[:, wanted])
        bound = share * x[:, wanted].T @ (curvature[:, None] * x[:, wanted])
        # In every direction: bound - change and bound + change are positive semidefinite.
        assert np.linalg.eigvalsh(bound - change).min() >= -1e-9
        assert np.linalg.eigvalsh(bound + change).min() >= -1e-9


@pytest.mark.parametrize("penalty", ["l1", "elasticnet"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_chains_end_where_the_batch_does(form, loss, penalty, monkeypatch):
    task = a_task(5, form, loss, penalty)
    chained = task.beginning()
    chains.follow_chains(task, chained, lambda path: None)
    # Losses with kinks may leave a few to the batch.
    assert (relative(chained) <= TOL).mean() >= (1.0 if loss in ("log", "squared") else 0.9)
    monkeypatch.setattr(proximal_path, "suits", lambda task: False)
    batch = sparse_path(task, lambda path: None)
    difference = chained.data_loss + chained.penalty - batch.data_loss - batch.penalty
    done = chained.finished
    rounding = 1e-13 * chained.data_loss
    assert (np.abs(difference) <= np.maximum(chained.gap, batch.gap) + rounding)[done].all()


def test_wide_data_and_strengths_close_together():
    task = a_task(7, alphas=np.geomspace(0.3, 0.01, 60), n=30, d=300)
    path = task.beginning()
    chains.follow_chains(task, path, lambda path: None)
    assert (relative(path) <= TOL).all()


@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_columns_without_a_value_have_no_weight(form):
    x, _, folds = data(19)
    nothing = np.zeros_like(x)
    design = make_design(sparse.csr_array(nothing) if form == "sparse" else nothing, folds, True)
    task = replace(a_task(19), design=design)
    path = sparse_path(task, lambda path: None)
    assert (path.v[..., :-1] == 0).all()
    assert (relative(path) <= TOL).all()


def test_outputs_apart_have_a_chain_each():
    task = a_task(9, "sparse", "squared_hinge", classes=3)
    path = sparse_path(task, lambda path: None)
    assert path.v.shape[1] == 6
    assert (relative(path) <= TOL).all()


@pytest.mark.parametrize("reach", [0, 7])
def test_what_a_chain_leaves_the_batch_fits(reach, monkeypatch):
    task, follow = a_task(11), chains.follow

    def short(view, loss, l1, ridge, tol, start, v, z):
        return follow(view, loss, l1[:reach], ridge[:reach], tol, start, v, z)

    monkeypatch.setattr(chains, "follow", short)
    seen = []
    path = sparse_path(task, lambda path: seen.append(path.finished.sum()))
    assert seen[0] == reach * task.shape[1]
    assert (relative(path) <= TOL).all()


def test_an_interrupt_keeps_the_strong_alphas_and_the_rest_follows(monkeypatch):
    task = a_task(13)
    monkeypatch.setattr(chains, "CELLS_AT_A_TIME", 0)

    def stop(path):
        raise KeyboardInterrupt

    path = sparse_path(task, stop)
    assert path.finished[: chains.LINKS].all()
    assert not path.finished[chains.LINKS :].any()
    whole = sparse_path(replace(task, known=path), lambda path: None)
    np.testing.assert_array_equal(whole.v[: chains.LINKS], path.v[: chains.LINKS])
    assert (relative(whole) <= TOL).all()


def test_the_same_answer_with_one_thread_or_two():
    task = a_task(15, "sparse")
    found = []
    for threads in (1, 2):
        with shared_threads(threads):
            found.append(sparse_path(task, lambda path: None))
    np.testing.assert_array_equal(found[0].v, found[1].v)
    np.testing.assert_array_equal(found[0].gap, found[1].gap)


def test_where_chains_serve():
    task = a_task(17)
    assert chains.suits(task)
    tight = replace(task.design, plan=replace(task.design.plan, row_products=1000))
    assert not chains.suits(replace(task, design=tight))
    assert not chains.suits(replace(task, loss=loss_named("log", 3)))


@pytest.mark.parametrize("loss", ["log", "smooth_hinge"])
def test_weights_of_a_chain_that_gave_up_do_not_reach_the_batch(monkeypatch, loss):
    def give_up(task, path, watch):
        path.v[:] = 1e12

    task = a_task(5, loss=loss, n=40, d=300, alphas=np.geomspace(0.3, 0.1, 4))
    whole = sparse_path(task, lambda path: None)
    monkeypatch.setattr(proximal_path, "follow_chains", give_up)
    path = sparse_path(task, lambda path: None)
    assert (relative(path) <= TOL).all()
    np.testing.assert_allclose(
        path.data_loss + path.penalty, whole.data_loss + whole.penalty, rtol=3 * TOL
    )


@pytest.mark.parametrize("length", [0.1, 1.0])
@pytest.mark.parametrize("loss", ["squared_hinge", "smooth_hinge"])
def test_a_chain_holds_the_curvature_that_the_batch_holds(loss, length):
    view, _ = a_view("dense")
    rng = np.random.default_rng(0)
    n, held = len(view.weight), rng.uniform(size=len(view.weight))
    z, dz = rng.normal(0.0, 2.0, (2, n))
    fit = chain_step.Fit(np.zeros(1), z, np.zeros(n), np.zeros(n), held.copy(), np.zeros(1))
    chosen = loss_named(loss)
    chain_step.hold_curvature(view, margin_of(chosen), fit, dz, length)
    target = view.target[None]
    expected = held_curvature(chosen, z[None], dz[None], target, length, held[None])
    np.testing.assert_allclose(fit.met, expected[0], rtol=1e-12)
