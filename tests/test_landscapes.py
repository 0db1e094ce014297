"""Landscapes: the minimisers that are marked, against other libraries and trying everything."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize, minimize_scalar
from sklearn.datasets import load_breast_cancer

import counterpoint as cp
from counterpoint.objective import loss_named
from counterpoint.report.landscape_charts import landscape_chart
from counterpoint.samples import logistic_sample, parse_points
from counterpoint.theory.landscape import Plane, exact_point, point_at

FIVE = parse_points("-1:0,-0.3:0,0:1,0.9:0,1:1")


def sample(text):
    rows = logistic_sample(text)
    return rows.X, rows.y


def test_the_five_points():
    surface = cp.landscape(FIVE.X, FIVE.y).surface
    at = surface.surrogate
    assert at.a == pytest.approx(1.268, abs=5e-4)
    assert -at.b / at.a == pytest.approx(0.516, abs=5e-4)
    losses = np.logaddexp(0, -surface_target(surface) * (at.a * FIVE.X[:, 0] + at.b))
    assert losses.round(2).tolist() == [0.14, 0.30, 1.07, 0.97, 0.43]
    assert at.loss == pytest.approx(losses.mean())
    assert at.accuracy == pytest.approx(0.6)
    assert surface.exact.accuracy == pytest.approx(0.8)
    assert surface.proven
    for cut in (-0.1, 0.95):
        assert any(best.low < cut < best.high for best in surface.whole.cuts)


def surface_target(surface):
    return np.where(FIVE.y == surface.classes[1], 1.0, -1.0)


def test_accuracy_rises_while_loss_rises_on_a_hundred_rows():
    found = cp.landscape(*sample("100,0.3,0.5,0"))
    rising = next(f for f in found.findings if f.name == "rising_apart")
    (before, after), (loss_before, loss_after) = (
        rising.evidence[name] for name in ("accuracy", "loss")
    )
    assert after >= before + 0.05
    assert loss_after > loss_before
    X, y = sample("100,0.3,0.5,0")
    at = found.surface.surrogate
    moved = {"a": at.a, "b": at.b} | {
        "a" if "weight" in rising.evidence["parameter"] else "b": rising.evidence["to"]
    }
    z = moved["a"] * X[:, 0] + moved["b"]
    assert np.mean((z > 0) == y) == pytest.approx(after)
    assert np.mean(np.logaddexp(0, -(2 * y - 1) * z)) == pytest.approx(loss_after)


def test_the_minimisers_meet_on_ten_thousand_rows():
    surface = cp.landscape(*sample("10000,1,0,0")).surface
    assert surface.proven
    assert surface.distance < 0.02
    assert 0 <= surface.exact.accuracy - surface.surrogate.accuracy < 0.001


@pytest.mark.slow
def test_their_distance_shrinks_with_the_cube_root_of_the_rows():
    """Kim and Pollard (1990, doi 10.1214/aos/1176347498): 64 times the rows, a quarter as far."""
    far, near = (
        np.mean([cp.landscape(*sample(f"{n},1,0,{seed}")).surface.distance for seed in range(30)])
        for n in (100, 6400)
    )
    assert 2.5 < far / near < 6.5


@settings(max_examples=15)
@given(st.integers(0, 1000))
def test_no_point_of_the_plane_is_more_accurate(seed):
    """Two weights, the third and the intercept held: every vertex of the arrangement is tried."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(14, 3))
    y = (X.sum(axis=1) + rng.normal(size=14) > 0).astype(int)
    if len(set(y)) < 2:
        return
    surface = cp.landscape(X, y, ["x0", "x2"], alpha=1e-2).surface
    at = surface.surrogate
    # What is held, from a fit by another library.
    held = other_fit(X, y, 1e-2)
    assert (at.a, at.b) == pytest.approx((held[0], held[2]), abs=1e-4)
    offset, t = held[1] * X[:, 1] + held[3], 2 * y - 1
    best = 0
    for i in range(14):
        for j in range(i):
            two = X[[i, j]][:, [0, 2]]
            corner = np.linalg.solve(two, -offset[[i, j]])
            # Around the corner both rows take all four pairs of sides.
            off = ~np.isin(np.arange(14), [i, j])
            right = t[off] * (X[off][:, [0, 2]] @ corner + offset[off]) > 0
            best = max(best, right.sum() + 2)
    assert surface.exact.accuracy * 14 == pytest.approx(best)
    assert surface.proven


def other_fit(X, y, alpha):
    t, scale = 2 * y - 1, X.std(axis=0)

    def objective(w):
        z = X @ w[:3] + w[3]
        return np.logaddexp(0, -t * z).mean() + alpha / 2 * ((w[:3] * scale) ** 2).sum()

    return minimize(objective, np.zeros(4), method="BFGS", options={"gtol": 1e-9}).x


def test_the_map_and_the_curves_are_what_they_say():
    X, y = load_breast_cancer(return_X_y=True)
    frame = pl.DataFrame(X[:, :3], schema=["radius", "texture", "perimeter"])
    surface = cp.landscape(frame, y, ["texture", "intercept"]).surface
    assert surface.names == ("weight of texture", "intercept")
    plain = minimize_all(X[:, :3], y)
    i, j = 7, 30
    z = X[:, [0, 2]] @ plain[[0, 2]] + surface.grid.a[i] * X[:, 1] + surface.grid.b[j]
    assert surface.grid.loss[i, j] == pytest.approx(
        np.logaddexp(0, -(2 * y - 1) * z).mean(), rel=1e-3
    )
    assert surface.grid.accuracy[i, j] == pytest.approx(np.mean((z > 0) == y), abs=4 / len(y))
    for curve, point in zip(surface.curves, ("a", "b"), strict=True):
        assert curve.loss.min() == pytest.approx(surface.surrogate.loss)
        assert curve.least == getattr(surface.surrogate, point)
        assert curve.accuracy.max() <= surface.exact.accuracy + 1e-12
    assert surface.grid.loss.min() >= surface.surrogate.loss - 1e-9
    assert surface.whole.accuracy >= surface.exact.accuracy - 1e-12


def minimize_all(X, y):
    mean, scale = X.mean(axis=0), X.std(axis=0)
    rows, t = np.column_stack([(X - mean) / scale, np.ones(len(X))]), 2 * y - 1
    w = minimize(
        lambda w: np.logaddexp(0, -t * (rows @ w)).mean(), np.zeros(4), method="BFGS", tol=1e-10
    ).x
    return w[:3] / scale


@pytest.mark.parametrize("loss", ["squared", "smooth_hinge"])
def test_other_losses_have_landscapes_too(loss):
    X, y = sample("80,1,0.2,1")
    found = cp.landscape(X, y, loss=loss)
    assert found.surface.loss_name == loss
    assert found.surface.exact.accuracy >= found.surface.surrogate.accuracy


def test_separable_rows_and_one_class_best_are_no_trouble():
    apart = cp.landscape([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
    assert apart.surface.surrogate.accuracy == 1
    assert apart.surface.exact == apart.surface.surrogate
    assert [f.name for f in apart.findings] == ["surrogate_cost"]
    alone = cp.landscape([[0.0], [1.0], [2.0], [1.5]], ["a", "b", "a", "a"]).surface
    assert alone.exact.accuracy == 0.75


def test_a_column_that_follows_from_the_axes_changes_nothing():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 2))
    y = (X.sum(axis=1) + rng.normal(size=40) > 0).astype(int)
    doubled = np.column_stack([X, X @ [1.0, 2.0]])
    alone = cp.landscape(X, y, ["x0", "x1"], alpha=1e-3).surface
    held = cp.landscape(doubled, y, ["x0", "x1"], alpha=1e-3).surface
    assert held.exact.accuracy == pytest.approx(alone.exact.accuracy)
    with_all = cp.landscape(
        np.column_stack([X[:, 0], 2 * X[:, 0]]), y, ["x0", "intercept"], alpha=1e-3
    ).surface
    assert with_all.exact.accuracy == pytest.approx(cp.zero_one(X[:, :1], y).accuracy)


def test_weights_count():
    X, y = sample("50,1,0,3")
    weight = np.random.default_rng(0).integers(1, 4, size=50)
    weighted = cp.landscape(X, y, sample_weight=weight).surface
    repeated = cp.landscape(np.repeat(X, weight, axis=0), np.repeat(y, weight)).surface
    assert weighted.surrogate.loss == pytest.approx(repeated.surrogate.loss)
    assert weighted.exact.accuracy == pytest.approx(repeated.exact.accuracy)
    assert weighted.weighted
    assert not repeated.weighted


def test_what_is_said_and_drawn(tmp_path):
    found = cp.landscape(FIVE.X, FIVE.y)
    text = found.explain()
    assert "The least log loss gives away 1 row of 5" in text
    assert "2 cuts have that accuracy: from -0.300 to 0; from 0.900 to 1.00" in " ".join(
        text.split()
    )
    assert "0.600 where the loss is least, 0.800 at best" in repr(found)
    assert found.plot().to_dict()["vconcat"]
    folder = found.save(tmp_path / "new")
    assert (folder / "landscape.png").read_bytes()[1:4] == b"PNG"
    content = json.loads((folder / "landscape.json").read_text("utf-8"))
    assert content["most_accurate"]["proven"] is True
    assert np.shape(content["grid"]["loss"]) == (41, 41)


def test_a_search_that_was_cut_short_says_so(monkeypatch):
    from counterpoint import landscapes
    from counterpoint.theory.landscape import exact_point

    def unfinished(*args):
        point, _ = exact_point(*args)
        return point, 0.05

    monkeypatch.setattr(landscapes, "exact_point", unfinished)
    found = cp.landscape(*sample("60,1,0,0"))
    assert not found.surface.proven
    assert "nothing above an accuracy of 0.950 is possible" in " ".join(found.explain().split())


def test_hardly_any_time_still_gives_a_landscape():
    X, y = load_breast_cancer(return_X_y=True)
    found = cp.landscape(X[:, :5], y, ["x0", "x1"], time_limit=1e-9).surface
    assert found.exact.accuracy >= found.surrogate.accuracy
    assert found.lower_bound <= 1 - found.exact.accuracy + 1e-12
    assert np.isfinite([found.exact.a, found.exact.b]).all()


@pytest.mark.parametrize(
    ("X", "y", "options", "said"),
    [
        (np.eye(3), [0, 1, 0], {}, "there are 3 features; name two axes, such as x0 and intercept"),
        (np.eye(3), [0, 1, 0], {"axes": ["x0", "x11"]}, r"no feature 'x11' \(nearest: x1\)"),
        (np.eye(3), [0, 1, 0], {"axes": ["x0", "x0"]}, "name two different parameters"),
        (np.eye(3), [0, 1, 0], {"axes": "x0"}, "name two different parameters"),
        (np.eye(2), [0, 1], {"loss": "los"}, "loss 'los' is not known"),
        (np.eye(2), [0, 1], {"alpha": 0}, "alpha is 0"),
        (np.eye(2), [0, 1], {"alpha": "x"}, "alpha 'x' is not a number"),
        (np.eye(2), [0, 1], {"time_limit": -1}, "time_limit is -1"),
        (np.eye(3), [0, 1, 2], {"axes": ["x0", "x1"]}, "there are 3 classes"),
    ],
)
def test_what_can_t_be_used_is_refused_in_a_sentence(X, y, options, said):
    with pytest.raises(cp.InputError, match=said):
        cp.landscape(X, y, **options)


def random_plane(seed, offset_is):
    rng = np.random.default_rng(seed)
    u, v = rng.normal(size=(2, 10))
    offset = {"any": rng.normal(size=10), "nearly theirs": u - v + 0.05 * rng.normal(size=10)}
    return Plane(
        names=("a", "b"),
        u=u,
        v=v,
        offset=offset[offset_is],
        target=rng.choice([-1.0, 1.0], size=10),
        weight=np.full(10, 0.1),
    )


@pytest.mark.parametrize("offset_is", ["any", "nearly theirs"])
@pytest.mark.parametrize("seed", range(8))
def test_the_exact_point_is_the_best_of_all_cells_with_the_offset_as_it_is(seed, offset_is):
    """Whatever is held: every vertex of the arrangement of lines is tried."""
    plane, loss = random_plane(seed, offset_is), loss_named("log")
    best = 0
    for i in range(10):
        for j in range(i):
            two = np.stack([plane.u, plane.v], axis=1)[[i, j]]
            a, b = np.linalg.solve(two, -plane.offset[[i, j]])
            right = plane.target * (a * plane.u + b * plane.v + plane.offset) > 0
            right[[i, j]] = True  # around the corner both take all four pairs of sides
            best = max(best, right.sum())
    start = point_at(plane, loss, 0.0, 0.0)
    exact, bound = exact_point(plane, loss, start, 60.0)
    assert 10 * exact.accuracy == pytest.approx(best)
    assert 10 * bound == pytest.approx(10 - best)


def test_a_row_on_the_boundary_counts_as_wrong():
    plane = random_plane(0, "any")
    at_zero = replace(plane, offset=np.zeros(10))
    assert point_at(at_zero, loss_named("log"), 0.0, 0.0).accuracy == 0.0


@pytest.mark.parametrize("slope", [0.5, 5.0])
def test_of_all_scalings_of_the_exact_point_the_one_of_least_loss_is_taken(slope):
    X, y = sample(f"60,{slope},0.4,2")
    exact = cp.landscape(X, y).surface.exact
    t = 2 * y - 1

    def loss_at(c):
        return np.logaddexp(0, -t * c * (exact.a * X[:, 0] + exact.b)).mean()

    assert exact.loss == pytest.approx(loss_at(1.0))
    assert minimize_scalar(loss_at, bounds=(0.0, 50.0), method="bounded").x == pytest.approx(
        1.0, abs=0.02
    )


def test_the_standard_error_is_that_of_as_many_rows_as_the_weights_tell():
    X, y = sample("80,1,0,3")
    weight = np.where(np.arange(80) % 2, 4.0, 1.0)
    surface = cp.landscape(X, y, sample_weight=weight).surface
    n, p = weight.sum() ** 2 / (weight**2).sum(), surface.surrogate.accuracy
    assert surface.standard_error == pytest.approx(np.sqrt(p * (1 - p) / n))


def test_noise_does_not_fill_the_panel_and_the_nearest_best_is_marked():
    """On 10,000 rows accuracy hardly moves with the slope; what moves it is no standard error."""
    surface = cp.landscape(*sample("10000,1,0,0")).surface
    panel = landscape_chart(surface)["vconcat"][1]
    accuracy = panel["layer"][-1]["encoding"]["y"]
    low, high = accuracy["scale"]["domain"]
    assert high - low >= 1.99 * surface.standard_error
    curve = surface.curves[0]
    best = curve.value[curve.accuracy >= curve.accuracy.max() - 1e-12]
    marked = panel["layer"][2]["data"]["values"][0]["at"]
    nearest = np.abs(best - curve.least).min()
    assert abs(marked - curve.least) == pytest.approx(nearest, abs=0.05)
    assert "from 0.6759 to 0.6764" in " ".join(
        cp.landscape(*sample("10000,1,0,0")).explain().split()
    )
