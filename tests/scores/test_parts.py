"""Parts of a score: they add up, agree with other libraries, and their intervals cover."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from scipy.optimize import minimize
from scipy.special import log_softmax, xlogy
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import log_loss

from counterpoint.scores.parts import loss_rows, part_changes, parts_of
from counterpoint.scores.proper import SCORES


def all_parts(probability, label, weight=None):
    weight = np.ones(len(label)) if weight is None else weight
    rows = loss_rows(probability, label, weight)
    return {name: parts_of(each, weight) for name, each in rows.items()}


def drawn(n, n_classes, seed, sharpen=1.0):
    """Forecasts, and labels from them; then the forecasts are sharpened."""
    rng = np.random.default_rng(seed)
    truth = rng.dirichlet(np.full(n_classes, 0.7), size=n)
    label = np.minimum((truth.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1), n_classes - 1)
    forecast = truth**sharpen
    return forecast / forecast.sum(axis=1, keepdims=True), label


@settings(max_examples=40)
@given(st.integers(2, 4), st.integers(1, 40), st.integers(0, 10**6), st.floats(0.3, 4))
def test_parts_add_up_and_none_is_negative(n_classes, n, seed, sharpen) -> None:
    forecast, label = drawn(n, n_classes, seed, sharpen)
    weight = np.random.default_rng(seed).uniform(0.5, 3, size=n)
    for name, parts in all_parts(forecast, label, weight).items():
        per_row = SCORES[name].per_observation(forecast, label)
        score = np.average(1 - per_row if name == "accuracy" else per_row, weights=weight)
        miscalibration, discrimination = parts.miscalibration.value, parts.discrimination.value
        total = miscalibration - discrimination + parts.uncertainty.value
        assert total == pytest.approx(score, rel=1e-10, abs=1e-12)
        for part in (parts.miscalibration, parts.discrimination):
            assert part.low <= part.value <= part.high or np.isnan(part.low)
        if n_classes == 2 or name != "accuracy":
            assert miscalibration >= -1e-9


@given(
    hnp.arrays(float, st.integers(3, 60), elements=st.sampled_from([0.05, 0.2, 0.5, 0.7, 0.99])),
    st.integers(0, 1000),
)
def test_two_classes_agree_with_an_isotonic_fit_by_scikit_learn(forecast, seed) -> None:
    event = np.random.default_rng(seed).integers(2, size=forecast.size)
    q = IsotonicRegression(y_min=0, y_max=1).fit(forecast, event).predict(forecast)
    base = event.mean()

    def log(p):
        return -(xlogy(event, p) + xlogy(1 - event, 1 - p)).mean()

    def brier(p):
        return 2 * ((p - event) ** 2).mean()

    parts = all_parts(np.stack([1 - forecast, forecast], axis=1), event)
    for name, score in (("log_loss", log), ("brier", brier)):
        found = parts[name]
        assert found.miscalibration.value == pytest.approx(score(forecast) - score(q), abs=1e-9)
        assert found.discrimination.value == pytest.approx(score(base) - score(q), abs=1e-9)
        assert found.uncertainty.value == pytest.approx(score(base), abs=1e-9)


def test_error_rate_of_two_classes_is_parted_by_the_best_cut() -> None:
    """Miscalibration of the error rate is what moving the cut would gain: by brute force."""
    forecast, label = drawn(300, 2, seed=5, sharpen=0.6)
    forecast[:, 1] = forecast[:, 1] * 0.8
    forecast[:, 0] = 1 - forecast[:, 1]
    cuts = np.append(np.unique(forecast[:, 1]), 2.0)
    best = min(((forecast[:, 1] >= cut) != label).mean() for cut in cuts)
    parts = all_parts(forecast, label)["accuracy"]
    error = ((forecast[:, 1] > 0.5) != label).mean()
    assert parts.miscalibration.value == pytest.approx(error - best, abs=1e-12)
    assert parts.uncertainty.value == pytest.approx(min(label.mean(), 1 - label.mean()))


def test_brier_of_many_classes_is_the_sum_of_one_against_the_rest() -> None:
    forecast, label = drawn(500, 4, seed=1, sharpen=2.0)
    parts = all_parts(forecast, label)["brier"]
    miscalibration = discrimination = 0.0
    for k in range(4):
        p, event = forecast[:, k], (label == k) * 1.0
        q = IsotonicRegression().fit(p, event).predict(p)
        miscalibration += ((p - event) ** 2).mean() - ((q - event) ** 2).mean()
        discrimination += ((event.mean() - event) ** 2).mean() - ((q - event) ** 2).mean()
    assert parts.miscalibration.value == pytest.approx(miscalibration, abs=1e-12)
    assert parts.discrimination.value == pytest.approx(discrimination, abs=1e-12)


@pytest.mark.parametrize("n", [400, 45_000])
def test_log_loss_of_many_classes_agrees_with_a_general_optimiser(n: int) -> None:
    """Also from 20,000 rows on, where the search starts with a part of them."""
    forecast, label = drawn(n, 3, seed=2, sharpen=1.7)
    logits = np.log(forecast)

    def loss(v):
        p = log_softmax(v[0] * logits + np.append(0.0, v[1:]), axis=1)
        return -p[np.arange(n), label].mean()

    best = minimize(loss, [1.0, 0.0, 0.0], tol=1e-12).fun
    parts = all_parts(forecast, label)["log_loss"]
    raw = log_loss(label, forecast)
    assert parts.miscalibration.value == pytest.approx(raw - best, abs=2e-4 / np.sqrt(n))
    assert parts.miscalibration.value > 0.03


def test_an_even_sample_and_perfect_forecasts() -> None:
    label = np.arange(90) % 3
    sure = np.eye(3)[label]
    for name, parts in all_parts(sure, label).items():
        assert parts.miscalibration.value == pytest.approx(0.0, abs=1e-12), name
        assert parts.discrimination.value == pytest.approx(parts.uncertainty.value, abs=0.02)


def test_changes_of_parts_are_differences_of_parts() -> None:
    before, label = drawn(400, 3, seed=3)
    after = before**2.5
    after /= after.sum(axis=1, keepdims=True)
    weight = np.ones(400)
    old, new = (loss_rows(p, label, weight) for p in (before, after))
    for name in SCORES:
        change = part_changes(old[name], new[name], weight)
        first, second = parts_of(old[name], weight), parts_of(new[name], weight)
        for part in ("miscalibration", "discrimination"):
            expected = getattr(second, part).value - getattr(first, part).value
            assert getattr(change, part).value == pytest.approx(expected, abs=1e-12)
    change = part_changes(old["log_loss"], new["log_loss"], weight)
    assert change.miscalibration.low > 0.1  # sharpened: surely worse calibrated
    assert change.discrimination.low <= 0 <= change.discrimination.high  # and no wiser


def test_maps_across_folds_learn_nothing_of_the_rows_they_judge() -> None:
    """The log loss of calibrated forecasts falls by about K/2n in sample, and rises by that across.

    Wilks: twice the fall is chi-squared with K degrees of freedom. Folds that each had their share
    of every class would show a fall across folds too, as the shares alone tell of the labels.
    """
    n, n_classes = 3000, 50
    falls = []
    for seed in range(8):
        forecast, label = drawn(n, n_classes, seed)
        rows = loss_rows(forecast, label, np.ones(n))["log_loss"]
        falls.append([2 * (rows.forecast - q).sum() for q in (rows.in_sample, rows.cross_fitted)])
    in_sample, across = np.mean(falls, axis=0)
    # The standard error of the mean of 8 chi-squared with 50 degrees of freedom is 3.5.
    assert in_sample == pytest.approx(n_classes, abs=11)
    assert across == pytest.approx(-n_classes * 10 / 9, abs=20)


def peer_rows():
    """Rows that are the same on every machine: no generator of random numbers."""
    i = np.arange(200)
    forecast = 0.02 + 0.96 * ((i * 37) % 101) / 101
    event = ((i * 53) % 97) / 97 < forecast**1.7
    return forecast, event.astype(float)


# model-diagnostics 1.5.0, decompose(y, p, scoring_function=LogLoss() and SquaredError()).
STORED = {
    "log_loss": (0.06480562536332268, 0.19785720898096648, 0.6687480868518094),
    "brier": (0.021129597804759287, 0.08438015873015875, 0.2379),
}


def test_figures_of_model_diagnostics() -> None:
    forecast, event = peer_rows()
    parts = all_parts(np.stack([1 - forecast, forecast], axis=1), event.astype(int))
    for name, twice in (("log_loss", 1), ("brier", 2)):
        found = parts[name]
        values = (found.miscalibration, found.discrimination, found.uncertainty)
        assert [float(v.value) / twice for v in values] == pytest.approx(STORED[name], abs=1e-9)


@pytest.mark.peer
def test_agrees_with_model_diagnostics_where_it_is_installed() -> None:
    scoring = pytest.importorskip("model_diagnostics.scoring", reason="needs model-diagnostics")
    rng = np.random.default_rng(0)
    forecast = rng.random(2000).round(3).clip(0.001, 0.999)
    event = (rng.random(2000) < forecast**1.5).astype(int)
    weight = rng.uniform(0.5, 2.0, size=2000)
    parts = all_parts(np.stack([1 - forecast, forecast], axis=1), event, weight)
    for name, score, twice in (
        ("log_loss", scoring.LogLoss(), 1),
        ("brier", scoring.SquaredError(), 2),
    ):
        theirs = scoring.decompose(
            y_obs=event, y_pred=forecast, weights=weight, scoring_function=score
        )
        found = parts[name]
        for part in ("miscalibration", "discrimination", "uncertainty"):
            ours = float(getattr(found, part).value) / twice
            assert ours == pytest.approx(float(theirs[part][0]), abs=1e-9)


def true_parts(n_classes, sharpen, name):
    """Parts for infinitely many rows: recalibration then gives the forecasts before sharpening."""
    forecast, _ = drawn(2_000_000, n_classes, seed=99, sharpen=sharpen)
    truth, _ = drawn(2_000_000, n_classes, seed=99)
    base = 1 / n_classes
    if name == "log_loss":
        score, refined = -(truth * np.log(forecast)).sum(1), -xlogy(truth, truth).sum(1)
        return (score - refined).mean(), np.log(n_classes) - refined.mean()
    score = (truth * (1 - 2 * forecast)).sum(1) + (forecast**2).sum(1)
    by_class = [one_against_rest(truth[:, k], forecast[:, k]) for k in range(n_classes)]
    refined = sum(by_class) if n_classes > 2 else 1 - (truth**2).sum(1).mean()
    return score.mean() - refined, 1 - base - refined


def one_against_rest(truth, forecast):
    """Least Brier score of one class by its own forecast alone: bins of a fine grid."""
    order = np.argsort(forecast)
    blocks = np.array_split(truth[order], 4000)
    q = np.concatenate([np.full(b.size, b.mean()) for b in blocks])
    t = truth[order]
    return (t * (1 - q) ** 2 + (1 - t) * q**2).mean()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["log_loss", "brier"])
@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("sharpen", [1.0, 1.8])
@pytest.mark.parametrize("n", [200, 2000])
def test_intervals_cover_the_parts_of_the_population(name, n_classes, sharpen, n) -> None:
    truth = true_parts(n_classes, sharpen, name)
    hits = np.zeros(2)
    repeats = 200
    for seed in range(repeats):
        forecast, label = drawn(n, n_classes, seed, sharpen)
        weight = np.ones(n)
        parts = parts_of(loss_rows(forecast, label, weight)[name], weight)
        ends = [(p.low, p.high) for p in (parts.miscalibration, parts.discrimination)]
        hits += [low - 1e-4 <= t <= high + 1e-4 for (low, high), t in zip(ends, truth, strict=True)]
    # The standard error of a coverage of 0.95 over 200 samples is 0.015.
    assert (hits / repeats > 0.95 - 3 * 0.0155).all(), hits / repeats


@pytest.mark.parametrize("n_classes", [2, 4])
def test_weights_count_as_rows_do(n_classes) -> None:
    """Rows that are wrong weigh three: what leaves the weights out anywhere is far off."""
    forecast, label = drawn(1500, n_classes, seed=7, sharpen=1.5)
    times = np.where(forecast.argmax(axis=1) == label, 1, 3)
    weighted = all_parts(forecast, label, times.astype(float))
    repeated = all_parts(np.repeat(forecast, times, axis=0), np.repeat(label, times))
    for name in SCORES:
        # Recalibration of several classes together counts one row in all of the forecast itself.
        near = 1e-3 if n_classes > 2 and name != "brier" else 1e-12
        for part in ("miscalibration", "discrimination", "uncertainty"):
            one, other = (getattr(each[name], part).value for each in (weighted, repeated))
            assert one == pytest.approx(other, abs=near), (name, part)


def student(rows, weight, confidence):
    """Limits of a weighted mean, with as many rows as the weights are worth."""
    n = weight.sum() ** 2 / (weight**2).sum()
    mean = np.average(rows, weights=weight)
    error = np.sqrt(np.average((rows - mean) ** 2, weights=weight) / (n - 1))
    half = stats.t.ppf(0.5 + confidence / 2, n - 1) * error
    return mean - half, mean + half


@pytest.mark.parametrize("confidence", [0.5, 0.95])
def test_ends_are_of_recalibration_by_the_same_rows_and_by_others(confidence) -> None:
    """By the same rows it looks better than it is, by others it is worse than the best."""
    forecast, label = drawn(300, 2, seed=11, sharpen=1.6)
    weight = np.random.default_rng(0).uniform(0.5, 2, size=300)
    rows = loss_rows(forecast, label, weight)["log_loss"]
    parts = parts_of(rows, weight, confidence)
    for part, start in ((parts.miscalibration, rows.forecast), (parts.discrimination, rows.base)):
        low = student(start - rows.cross_fitted, weight, confidence)[0]
        high = student(start - rows.in_sample, weight, confidence)[1]
        assert (part.low, part.high) == pytest.approx((max(low, 0.0), high), abs=1e-12)
    ends = (parts.uncertainty.low, parts.uncertainty.high)
    assert ends == pytest.approx(student(rows.base, weight, confidence))


@pytest.mark.parametrize("confidence", [0.5, 0.95])
def test_ends_of_changes_take_the_two_models_recalibrations_apart(confidence) -> None:
    before, label = drawn(300, 2, seed=12)
    noise = np.random.default_rng(1).normal(size=300)
    after = np.stack([before[:, 0] * np.exp(noise), before[:, 1]], axis=1)
    after /= after.sum(axis=1, keepdims=True)
    weight = np.random.default_rng(2).uniform(0.5, 2, size=300)
    old, new = (loss_rows(p, label, weight)["brier"] for p in (before, after))
    found = part_changes(old, new, weight, confidence).discrimination
    low = student(old.in_sample - new.cross_fitted, weight, confidence)[0]
    high = student(old.cross_fitted - new.in_sample, weight, confidence)[1]
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)


def test_no_part_of_forecasts_that_say_nothing_is_below_zero() -> None:
    label = np.arange(40) % 2
    for parts in all_parts(np.full((40, 2), 0.5), label).values():
        for part in (parts.miscalibration, parts.discrimination):
            assert 0 <= part.low <= part.value <= part.high


def test_no_error_on_few_rows_is_not_no_error_on_all() -> None:
    """The error rate's intervals keep their width where nothing flips: by Wilson and by flips."""
    label = np.arange(60) % 2
    parts = all_parts(np.stack([1.0 - label, label], axis=1), label)["accuracy"]
    up = stats.norm.ppf(0.975) * np.sqrt((2 / 62) / 62)  # one row of 62 either way
    assert parts.miscalibration.high == pytest.approx(up)
    assert parts.miscalibration.low == 0.0
    assert (parts.uncertainty.low, parts.uncertainty.high) == pytest.approx(
        (0.377, 0.623), abs=1e-3
    )
