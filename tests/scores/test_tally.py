"""Sums over rows of several models: by brute force, and the same in blocks."""

from __future__ import annotations

import numpy as np
import pytest

from counterpoint.scores.compared import compared
from counterpoint.scores.paired import flips
from counterpoint.scores.proper import SCORES
from counterpoint.scores.table import score_table
from counterpoint.scores.tally import COSTLIEST, tally


@pytest.fixture
def models():
    rng = np.random.default_rng(0)
    first, second = rng.dirichlet(np.ones(3), size=(2, 500))
    return [first, second, 0.5 * first + 0.5 * second], rng.integers(3, size=500)


@pytest.fixture(params=["equal", "weighted"])
def weight(request):
    rng = np.random.default_rng(1)
    return np.ones(500) if request.param == "equal" else rng.integers(0, 3, size=500).astype(float)


def test_blocks_give_what_the_whole_gives(models, weight) -> None:
    probabilities, label = models
    whole = tally(probabilities, label, weight)
    total = None
    for start in (0, 100, 101, 400):
        part = slice(start, {0: 100, 100: 101, 101: 400, 400: 500}[start])
        each = tally([p[part] for p in probabilities], label[part], weight[part], start)
        total = each if total is None else total + each
    np.testing.assert_allclose(total.scores.mean, whole.scores.mean, rtol=1e-12)
    np.testing.assert_allclose(total.scores.spread, whole.scores.spread, rtol=1e-10)
    np.testing.assert_allclose(total.changes.spread, whole.changes.spread, rtol=1e-10)
    np.testing.assert_array_equal(total.flips, whole.flips)
    assert total.costliest == whole.costliest


def test_scores_are_those_of_one_model_alone(models, weight) -> None:
    probabilities, label = models
    both = compared("abc", "xyz", tally(probabilities, label, weight))
    for model, p in zip(both.models, probabilities, strict=True):
        alone = score_table(label, p, sample_weight=weight, classes=[0, 1, 2])
        for row in alone.iter_rows(named=True):
            found = model.scores[row["quantity"]]
            assert found.value == pytest.approx(row["value"], rel=1e-12)
            assert found.low == pytest.approx(row["low"], rel=1e-9)
            assert found.high == pytest.approx(row["high"], rel=1e-9)


def test_flips_and_costliest_rows_by_brute_force(models, weight) -> None:
    probabilities, label = models
    found = tally(probabilities, label, weight)
    kept = weight > 0
    old = probabilities[0].argmax(1)[kept]
    for i, p in enumerate(probabilities[1:]):
        expected = flips(old, p.argmax(1)[kept], label[kept])
        assert found.flips[i].tolist() == [expected.b, expected.c, expected.d]
    loss = SCORES["log_loss"].per_observation(probabilities[1], label)
    rows = np.argsort(-(loss * weight), kind="stable")[:COSTLIEST]
    worst = found.costliest[1]
    assert [r.row for r in worst] == rows.tolist()
    assert [r.log_loss[1] for r in worst] == pytest.approx(loss[rows].tolist())
    assert worst[0].predicted[1] == probabilities[1][rows[0]].argmax()


def test_zeros_for_the_truth_are_counted() -> None:
    p = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    found = tally([p, np.full((3, 2), 0.5)], np.array([1, 1, 0]), np.ones(3))
    assert found.ruled_out.tolist() == [1, 0]


def test_base_rates_by_hand(models) -> None:
    _, label = models
    share = np.bincount(label) / 500
    both = compared("a", "xyz", tally([np.tile(share, (500, 1))], label, np.ones(500)))
    for name, base in both.base.items():
        assert base == pytest.approx(float(both.models[0].scores[name].value), rel=1e-12)


def test_gains_and_losses_come_back_from_their_moments() -> None:
    """With weights the shares that flipped are recovered from mean and mean square."""
    rng = np.random.default_rng(2)
    first, second = rng.dirichlet(np.ones(2), size=(2, 60))
    label, weight = rng.integers(2, size=60), rng.uniform(0.5, 2, size=60)
    both = compared("ab", "xy", tally([first, second], label, weight))
    right = [(p.argmax(1) == label).astype(float) for p in (first, second)]
    change = right[1] - right[0]
    gained, lost = (np.average(change == s, weights=weight) for s in (1, -1))
    n = weight.sum() ** 2 / (weight**2).sum()
    up, down = (n * gained + 1) / (n + 2), (n * lost + 1) / (n + 2)
    half = 1.959964 * np.sqrt((up + down - (up - down) ** 2) / (n + 2))
    found = both.pairs[0].changes["accuracy"]
    assert found.test == "paired t"
    assert found.estimate.low == pytest.approx(up - down - half, abs=1e-6)
    assert found.estimate.value == pytest.approx(gained - lost, abs=1e-12)


def test_what_is_small_is_not_ruled_out() -> None:
    p = np.array([[1.0, 1e-200], [1.0, 0.0]])
    assert tally([p], np.array([1, 1]), np.ones(2)).ruled_out.tolist() == [1]


def test_each_model_is_set_against_the_first(models, weight) -> None:
    probabilities, label = models
    found = tally(probabilities, label, weight)
    for j, score in enumerate(SCORES.values()):
        first, _, third = (score.per_observation(p, label) for p in probabilities)
        expected = np.average(third - first, weights=weight)
        assert found.changes.mean[1, j] == pytest.approx(expected, abs=1e-12)


def test_weights_of_classes_and_of_what_was_ruled_out_add_up_over_blocks() -> None:
    p = np.array([[1.0, 0.0], [1.0, 0.0], [0.5, 0.5], [1.0, 0.0]])
    label, weight = np.array([1, 0, 1, 1]), np.array([2.0, 3.0, 5.0, 7.0])
    found = tally([p[:2]], label[:2], weight[:2]) + tally([p[2:]], label[2:], weight[2:], 2)
    assert found.class_weight.tolist() == [3.0, 14.0]
    assert found.ruled_out_weight.tolist() == [9.0]
    assert [(row.row, row.weight) for row in found.costliest[0][:3]] == [
        (3, 7.0),
        (0, 2.0),
        (2, 5.0),
    ]
    both = compared("a", "xy", found)
    assert both.base["brier"] == pytest.approx(1 - (3 / 17) ** 2 - (14 / 17) ** 2)
