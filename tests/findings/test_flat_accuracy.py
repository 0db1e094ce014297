from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats
from scipy.special import logsumexp

from counterpoint.findings import flat_accuracy
from counterpoint.findings.plateau import flat_range, indifferent_range, pairwise_p
from counterpoint.fit.result import SweepFit


def counted(fit: SweepFit, i: int, j: int) -> tuple[int, int, int, int]:
    """b, c, d and the rows with equal predictions, one row after the other."""
    b = c = d = same = 0
    held = fit.held_out
    for old, new, true in zip(held.predicted[i], held.predicted[j], held.label_index, strict=True):
        same += old == new
        b += old != true and new == true
        c += old == true and new != true
        d += old != true and new != true and old != new
    return b, c, d, same


def exact_p(b: int, c: int) -> float:
    return 1.0 if b + c == 0 else float(stats.binomtest(b, b + c).pvalue)


def widest_by_brute_force(fit: SweepFit) -> tuple[float, int, int]:
    """Every run of alphas, every pair in it."""
    runs = []
    for i in range(len(fit.alphas)):
        for j in range(i, len(fit.alphas)):
            pairs = (counted(fit, a, e)[:2] for a, e in combinations(range(i, j + 1), 2))
            if all(exact_p(*pair) >= 0.05 for pair in pairs):
                runs.append((round(math.log10(fit.alphas[j] / fit.alphas[i]), 9), -i, i, j))
    decades, _, i, j = max(runs)
    return decades, i, j


@pytest.mark.parametrize("name", ["breast", "digits", "breast_squared", "healthy"])
def test_the_range_is_the_widest_without_a_telling_pair(
    name: str, request: pytest.FixtureRequest
) -> None:
    fit = request.getfixturevalue(name)
    decades, i, j = widest_by_brute_force(fit)
    found = flat_range(pairwise_p(fit), fit.alphas)
    assert (found.first, found.last) == (i, j)
    assert found.decades(fit.alphas) == pytest.approx(decades)


def ends(fit: SweepFit, evidence: Any) -> tuple[int, int]:
    return tuple(
        int(np.flatnonzero(fit.alphas == evidence[key])[0]) for key in ("alpha_low", "alpha_high")
    )


@pytest.mark.parametrize("name", ["breast", "digits"])
def test_its_numbers_are_those_of_the_rows(name: str, request: pytest.FixtureRequest) -> None:
    fit = request.getfixturevalue(name)
    finding = flat_accuracy.find(fit)
    assert finding is not None
    evidence = finding.evidence
    i, j = ends(fit, evidence)
    b, c, d, same = counted(fit, i, j)
    assert (evidence["b"], evidence["c"], evidence["d"]) == (b, c, d)
    assert evidence["same_prediction"] == same
    assert evidence["mcnemar_p"] == pytest.approx(exact_p(b, c))
    difference = fit.held_out.log_loss[j] - fit.held_out.log_loss[i]
    reference = stats.ttest_1samp(difference, 0.0).confidence_interval()
    change = evidence["log_loss_change"]
    assert change["value"] == pytest.approx(difference.mean())
    assert (change["low"], change["high"]) == pytest.approx(tuple(reference))
    for number in (b, c, f"{same:,}"):
        assert str(number) in finding.explanation


def best_scaled(raw: Any, label: Any) -> tuple[float, float]:
    """The best multiplier and its log loss, by a general minimiser over its logarithm."""
    z = np.vstack([np.zeros(raw.shape[-1]), raw]) if len(raw) == 1 else raw
    true = z[label, np.arange(len(label))]

    def loss(log_factor: float) -> float:
        c = math.exp(log_factor)
        return float((logsumexp(c * z, axis=0) - c * true).mean())

    found = optimize.minimize_scalar(
        loss, bounds=(-12, 5), method="bounded", options={"xatol": 1e-10}
    )
    return math.exp(found.x), float(found.fun)


@pytest.mark.parametrize("name", ["breast", "digits"])
def test_scale_and_direction_add_up(name: str, request: pytest.FixtureRequest) -> None:
    fit = request.getfixturevalue(name)
    finding = flat_accuracy.find(fit)
    assert finding is not None
    evidence = finding.evidence
    i, j = ends(fit, evidence)
    scaled = [best_scaled(fit.held_out.raw[k], fit.held_out.label_index) for k in (i, j)]
    direction = scaled[1][1] - scaled[0][1]
    total = (fit.held_out.log_loss[j] - fit.held_out.log_loss[i]).mean()
    assert evidence["direction_part"] == pytest.approx(direction, abs=1e-8)
    assert evidence["scale_part"] == pytest.approx(total - direction, abs=1e-8)
    assert evidence["best_factor_at_ends"] == pytest.approx([s[0] for s in scaled], rel=1e-4)


def scaled_copies(fit: SweepFit, factors: Any) -> SweepFit:
    """One model at every alpha, but for the size of its raw scores."""
    held, model = fit.held_out, 7
    raw = np.stack([factor * held.raw[model] for factor in factors])
    z = np.concatenate([np.zeros_like(raw), raw], axis=1)
    loss = logsumexp(z, axis=1) - z[:, held.label_index, np.arange(held.raw.shape[-1])]
    predicted = np.repeat(held.predicted[model][None], len(factors), axis=0)
    return replace(
        fit,
        held_out=replace(held, raw=raw, predicted=predicted, log_loss=loss, own_loss=loss),
    )


def test_scale_alone_moves_the_loss_and_flips_nothing(breast: SweepFit) -> None:
    fit = scaled_copies(breast, np.geomspace(50.0, 0.5, len(breast.alphas)))
    finding = flat_accuracy.find(fit)
    assert finding is not None
    evidence = finding.evidence
    assert (evidence["alpha_low"], evidence["alpha_high"]) == (fit.alphas[0], fit.alphas[-1])
    assert (evidence["b"], evidence["c"], evidence["d"]) == (0, 0, 0)
    assert evidence["direction_part"] == pytest.approx(0.0, abs=1e-9)
    assert evidence["rows_needed"] is None
    assert "Not one of the 569 predictions differs" in finding.explanation


def test_silent_where_the_loss_stands_still_too(breast: SweepFit) -> None:
    assert flat_accuracy.find(scaled_copies(breast, np.ones(len(breast.alphas)))) is None


def test_silent_where_accuracy_moves_with_the_loss(fitted: Any) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4000, 3)) * [1.0, 30.0, 30.0]
    y = x[:, 0] + 0.1 * rng.normal(size=4000) > 0.9
    fit = fitted(x, y, alphas=np.logspace(-3, 0, 4))
    accuracy = fit.held_out.correct.mean(axis=1)
    assert (np.diff(accuracy) < -0.005).all()  # it is such a problem
    assert flat_accuracy.find(fit) is None


def test_no_split_for_a_loss_without_probabilities(breast_hinge: SweepFit) -> None:
    finding = flat_accuracy.find(breast_hinge)
    assert finding is not None
    assert finding.evidence["calibrated"] is True
    assert "scale_part" not in finding.evidence
    assert "squared hinge" in finding.title


def test_rows_needed_would_reach_the_level(digits: SweepFit) -> None:
    """That many rows with the same rates of flips give McNemar's z about 1.96 + 0.84."""
    finding = flat_accuracy.find(digits)
    assert finding is not None
    e = finding.evidence
    assert e["b"] != e["c"]
    share = e["rows_needed"] / e["n"]
    z = abs(e["b"] - e["c"]) * share / math.sqrt((e["b"] + e["c"]) * share)
    assert z == pytest.approx(stats.norm.ppf(0.975) + stats.norm.ppf(0.8), abs=0.01)


def test_the_indifferent_range_holds_the_most_accurate(breast: SweepFit) -> None:
    found = indifferent_range(breast)
    accuracy = breast.held_out.correct.mean(axis=1)
    best = int(accuracy.argmax())
    assert found.first <= best <= found.last
    for k in range(len(breast.alphas)):
        told = exact_p(*counted(breast, best, k)[:2]) < 0.05
        if found.first <= k <= found.last:
            assert not told
        if k in (found.first - 1, found.last + 1):
            assert told


@pytest.mark.parametrize(("p", "last"), [(0.051, 2), (0.049, 1)])
def test_pairs_are_told_apart_at_five_per_cent(p: float, last: int) -> None:
    pairs = np.array([[1.0, 0.5, p], [0.5, 1.0, 0.5], [p, 0.5, 1.0]])
    assert flat_range(pairs, np.array([1.0, 10.0, 100.0])).last == last


def test_a_loss_with_its_least_inside_is_measured_from_its_greatest(breast: SweepFit) -> None:
    factors = np.append(np.geomspace(40.0, 1.0, 10), [0.7, 0.5, 0.4, 0.3])
    fit = scaled_copies(breast, factors)
    losses = fit.held_out.own_loss.mean(axis=1)
    least, greatest = int(losses.argmin()), int(losses.argmax())
    assert greatest == 0 < least < len(losses) - 1
    finding = flat_accuracy.find(fit)
    assert finding is not None
    assert f"moves between {losses[least]:#.3g} and {losses[greatest]:#.3g}" in finding.title
    assert f"changes by {losses[least] - losses[greatest]:#.3g}" in finding.explanation
