"""Findings about models of the same rows: when each appears, and the numbers it gives."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

import counterpoint as cp
from counterpoint.findings.compared import MODEL_FINDINGS, RIVALS_FINDINGS
from counterpoint.findings.compared.words import misjudged
from counterpoint.scores.compared import Difference
from counterpoint.scores.intervals import mean_interval
from counterpoint.scores.proper import SCORES
from counterpoint.scores.scale_direction import BestScale


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@pytest.fixture(scope="module")
def data():
    """Logits of the truth, and labels drawn from them."""
    rng = np.random.default_rng(0)
    z = 1.5 * rng.normal(size=3000)
    return z, (rng.random(3000) < sigmoid(z)).astype(int)


def found(result, name):
    matches = [finding for finding in result.findings if finding.name == name]
    assert len(matches) == 1, [finding.name for finding in result.findings]
    finding = matches[0]
    json.dumps(finding.evidence, allow_nan=False)
    return finding


def rivals(result):
    return [f.name for f in result.findings if f.name in RIVALS_FINDINGS]


def test_the_same_decisions_with_another_sureness(data) -> None:
    z, y = data
    result = cp.compare(sigmoid(z), sigmoid(3 * z), y_true=y, names=["fair", "sure"])
    finding = found(result, "same_accuracy")
    assert finding.evidence["better"] == "fair"
    assert finding.evidence["b"] == finding.evidence["c"] == 0
    assert "better for fair" in finding.title
    # All of the change is scale: one multiplier makes one model of the other.
    first, second = finding.evidence["best_factors"]
    assert first / second == pytest.approx(3.0, rel=1e-6)
    assert finding.evidence["direction_part"] == 0.0
    assert "recalibrate sure" in finding.remedy
    assert found(result, "miscalibrated").evidence["model"] == "sure"
    assert "over-confident" in finding.explanation


def test_right_more_often_and_worse_in_loss(data) -> None:
    z, y = data
    rng = np.random.default_rng(1)
    weak = sigmoid(0.45 * (z + 2.0 * rng.normal(size=z.size)))
    result = cp.compare(weak, sigmoid(6 * z), y_true=y, names=["weak", "sharp"])
    finding = found(result, "accuracy_against_loss")
    assert finding.level == "caution"
    assert finding.title.startswith("sharp is right more often than weak")
    assert "over-confident" in finding.title
    assert rivals(result) == ["accuracy_against_loss"]
    backwards = cp.compare(sigmoid(6 * z), weak, y_true=y, names=["sharp", "weak"])
    assert found(backwards, "accuracy_against_loss").title == finding.title


def test_better_in_everything(data) -> None:
    z, y = data
    noisy = sigmoid(0.5 * (z + 2 * np.random.default_rng(2).normal(size=z.size)))
    result = cp.compare(noisy, sigmoid(z), y_true=y, names=["old", "new"])
    finding = found(result, "one_is_better")
    assert finding.title == "new is better than old by accuracy, log loss and Brier score"
    assert rivals(result) == ["one_is_better"]


def test_what_noise_can_not_tell_says_how_many_rows_would(data) -> None:
    z, y = (each[:150] for each in data)
    other = z + 0.1 * np.random.default_rng(3).normal(size=z.size)
    result = cp.compare(sigmoid(z), sigmoid(other), y_true=y)
    finding = found(result, "within_noise")
    assert rivals(result) == ["within_noise"]
    change = finding.evidence["log_loss_change"]
    # By the formula, from scipy's standard error.
    losses = [-np.log(np.where(y == 1, p, 1 - p)) for p in (sigmoid(z), sigmoid(other))]
    difference = losses[1] - losses[0]
    needed = 150 * 7.849 * (stats.sem(difference) / difference.mean()) ** 2 + 1.96**2 / 2
    assert change["rows_needed"] == pytest.approx(needed, rel=1e-3)
    assert change["p"] == pytest.approx(stats.ttest_rel(losses[1], losses[0]).pvalue)


def test_log_loss_and_brier_score_disagree(data) -> None:
    z, y = data
    blunt = sigmoid(0.3 * z)
    sharp = sigmoid(z)
    sharp[np.flatnonzero(y == 1)[:20]] = 1e-12  # a few very wrong rows
    result = cp.compare(blunt, sharp, y_true=y, names=["blunt", "sharp"])
    finding = found(result, "losses_disagree")
    assert finding.title == "Log loss is better for blunt, the Brier score for sharp"


def test_few_rows_hold_much_of_the_loss(data) -> None:
    z, y = data
    p = sigmoid(8 * np.where(y == 1, 1.0, -1.0))
    p[:5] = np.where(y[:5] == 1, 1e-9, 1 - 1e-9)
    result = cp.compare(p, sigmoid(z), y_true=y, names=["sure", "fair"])
    finding = found(result, "few_rows_rule")
    loss = -np.log(np.where(y == 1, p, 1 - p))
    expected = np.sort(loss)[-10:].sum() / loss.sum()
    assert finding.evidence["share"] == pytest.approx(expected, rel=1e-6)
    assert sorted(finding.evidence["rows"])[:5] == [0, 1, 2, 3, 4]


def test_zeros_for_the_truth(data) -> None:
    z, y = data
    hard = (z > 0).astype(float)
    result = cp.compare(sigmoid(z), hard, y_true=y, names=["soft", "hard"])
    finding = found(result, "infinite_loss")
    assert finding.level == "problem"
    assert finding.evidence["rows"] == int((hard != y).sum())
    assert result.findings[0] == finding


def test_columns_the_wrong_way_round(data) -> None:
    z, y = data
    result = cp.compare(sigmoid(z), sigmoid(-z), y_true=y, names=["right", "turned"])
    finding = found(result, "below_base_rates")
    assert finding.evidence["model"] == "turned"
    assert "which class each column is of" in finding.remedy


def test_every_pair_has_exactly_one_verdict(data) -> None:
    """Whatever the models are, each is told from the first, or not, and once."""
    z, y = data
    rng = np.random.default_rng(5)
    for seed in range(12):
        n = int(rng.integers(20, 600))
        models = [
            sigmoid(rng.uniform(0.2, 5) * (z[:n] + rng.uniform(0, 2) * rng.normal(size=n)))
            for _ in range(3)
        ]
        result = cp.compare(*models, y_true=y[:n])
        verdicts = [f for f in result.findings if f.name in RIVALS_FINDINGS]
        single = [f for f in verdicts if f.name != "losses_disagree"]
        by_model = [f.evidence["model"] for f in single]
        disagree = [f.evidence["model"] for f in verdicts if f.name == "losses_disagree"]
        assert len(by_model) == len(set(by_model)), seed
        assert set(by_model) | set(disagree) == {"B", "C"}, seed


def test_every_finding_has_a_summary_and_documentation() -> None:
    for name, module in {**RIVALS_FINDINGS, **MODEL_FINDINGS}.items():
        assert module.__name__.endswith(name)
        assert module.summary.endswith(".")
        assert "**When it appears.**" in module.__doc__


def test_no_claim_of_sureness_that_noise_may_make(data) -> None:
    """Forecasts that are the truth are hardly ever called over- or under-confident."""
    z, y = data
    called = [
        misjudged(cp.compare(sigmoid(z[part]), y_true=y[part]).numbers.models[0].study.scale)
        for part in np.split(np.arange(3000), 60)
    ]
    assert sum(word != "" for word in called) <= 8  # of 60, 5% are expected


@pytest.mark.parametrize(("c", "word"), [(3.0, "over"), (0.4, "under")])
def test_sureness_that_is_more_than_noise_is_claimed(data, c: float, word: str) -> None:
    z, y = data
    result = cp.compare(sigmoid(z), sigmoid(c * z), y_true=y, names=["A", "B"])
    assert f"B is {word}-confident" in found(result, "same_accuracy").explanation
    assert "A is about as sure as it should be" in found(result, "same_accuracy").explanation


@pytest.mark.parametrize("constant", [0.5, 0.505])
def test_a_constant_near_the_shares_is_not_worse_than_they(constant: float) -> None:
    y = np.repeat([0, 1], [495, 505])
    result = cp.compare(np.full(1000, constant), y_true=y)
    assert not [f for f in result.findings if f.name == "below_base_rates"]
    assert found(cp.compare(np.full(1000, 0.7), y_true=y), "below_base_rates")


def test_base_rates_of_one_class_know_the_answer() -> None:
    p = np.random.default_rng(0).random((200, 2))
    p /= p.sum(axis=1, keepdims=True)
    result = cp.compare(p, y_true=[1] * 200, classes=[0, 1])
    assert not {f.name for f in result.findings} & {"below_base_rates", "miscalibrated"}


def test_the_same_table_twice_is_said(data) -> None:
    z, y = data
    twice = np.stack([1 - sigmoid(z), sigmoid(z)], axis=1)
    finding = found(cp.compare(sigmoid(z), twice, y_true=y), "within_noise")
    assert finding.title == "A and B give every true class the same probability"


def test_weight_of_infinite_rows_is_their_own() -> None:
    p = np.array([0.0, *[0.5] * 299])
    weight = np.array([10.0, *[1.0] * 299])
    result = cp.compare(p, y_true=[1, 0, *[1] * 298], sample_weight=weight)
    said = 10.0 * SCORES["log_loss"].greatest / 309.0
    assert f"about {said:.1f} is that convention" in found(result, "infinite_loss").explanation


def test_scores_that_are_silent_are_named_as_they_are_written() -> None:
    """Eight rows are won by a hair; how sure the models are elsewhere is noise."""
    weak, sharp = np.random.default_rng(0).uniform(0.55, 0.99, size=(2, 300))
    weak[:8] = 0.49
    finding = found(cp.compare(weak, sharp, y_true=[*[1] * 299, 0]), "one_is_better")
    assert finding.doubt == "By log loss and Brier score they can't be told apart."


def test_a_model_that_is_right_less_often_is_not_the_one_called_sure(data) -> None:
    z, y = data
    timid = sigmoid(0.15 * (z + 2.0 * np.random.default_rng(1).normal(size=z.size)))
    for order in (1, -1):
        models, names = [timid, sigmoid(6 * z)][::order], ["timid", "sharp"][::order]
        finding = found(cp.compare(*models, y_true=y, names=names), "accuracy_against_loss")
        assert finding.title.startswith("sharp is right more often than timid")
        assert finding.title.endswith("it is over-confident")


@pytest.mark.parametrize("excess", [0.98, 1.02])
def test_base_rates_are_granted_what_hindsight_gives_them(excess: float) -> None:
    """Wilks: twice n times what K - 1 fitted shares gain is chi-squared, n as weights count it."""
    label, weight = np.arange(300) % 3, np.where(np.arange(300) < 150, 1.0, 3.0)
    share = np.bincount(label, weight) / weight.sum()
    n = weight.sum() ** 2 / (weight**2).sum()
    loss = -(share * np.log(share)).sum() + excess * stats.chi2.ppf(0.95, 2) / (2 * n)
    # Every row's true class has the same probability: the loss has no spread.
    p = np.where(np.eye(3)[label] == 1, np.exp(-loss), (1 - np.exp(-loss)) / 2)
    names = [f.name for f in cp.compare(p, y_true=label, sample_weight=weight).findings]
    assert ("below_base_rates" in names) == (excess > 1)


def test_a_loss_that_chance_may_have_raised_is_not_called_worse_than_base_rates() -> None:
    y = np.arange(10) % 2
    p = np.where(np.arange(10) < 5, 0.99, 0.05)
    result = cp.compare(np.where(y == 1, p, 1 - p), y_true=y)
    assert float(result.numbers.models[0].scores["log_loss"].value) > 1.4
    assert "below_base_rates" not in [f.name for f in result.findings]


def test_only_an_accuracy_below_guessing_questions_the_columns(data) -> None:
    z, y = data
    weak = np.random.default_rng(3).normal(size=z.size) + 0.05 * z
    finding = found(cp.compare(sigmoid(8 * weak), y_true=y), "below_base_rates")
    assert finding.remedy == "Recalibrate it, or give the base rates."


@pytest.mark.parametrize(
    ("n", "share", "said"), [(400, 0.52, True), (400, 0.48, False), (199, 0.9, False)]
)
def test_few_rows_rule_half_of_the_loss_of_enough_rows(n: int, share: float, said: bool) -> None:
    """Ten rows cost so much that they hold the share; the others cost 0.2 each."""
    dear = 0.2 * (n - 10) * share / (1 - share) / 10
    p = np.exp(-np.where(np.arange(n) < 10, dear, 0.2))
    y = np.arange(n) % 2
    names = [f.name for f in cp.compare(np.where(y == 1, p, 1 - p), y_true=y).findings]
    assert ("few_rows_rule" in names) == said


def test_a_gain_of_a_few_percent_is_worth_saying(data) -> None:
    z, y = data
    result = cp.compare(sigmoid(1.7 * z), y_true=y)
    loss = result.numbers.models[0].scores["log_loss"].value
    least = result.numbers.models[0].study.parts["log_loss"].miscalibration.low
    assert 0.01 < least / loss < 0.1
    assert found(result, "miscalibrated")


def test_what_is_direction_is_not_promised_to_recalibration(data) -> None:
    z, y = data
    shuffled = z * np.exp(np.random.default_rng(4).normal(size=z.size))
    for times in (1, 6):  # direction alone, and beside a scale that is more
        result = cp.compare(sigmoid(z), sigmoid(times * shuffled), y_true=y)
        finding = found(result, "same_accuracy")
        assert finding.remedy == (
            "Prefer A; recalibrating B would not make up for all of the difference."
        )
    assert finding.evidence["scale_part"] > finding.evidence["direction_part"] > 0


def test_losses_that_disagree_where_accuracy_is_the_same_are_one_finding(data) -> None:
    z, y = data
    sharp = sigmoid(z)
    sharp[np.flatnonzero((y == 1) & (z < 0))[:20]] = 1e-12  # wrong before
    assert rivals(cp.compare(sigmoid(0.3 * z), sharp, y_true=y)) == ["losses_disagree"]


@pytest.mark.parametrize(
    ("factor", "error", "word"),
    [
        (0.95, 1e-3, ""),
        (0.85, 1e-3, "over-confident"),
        (1.15, 1e-3, "under-confident"),
        (0.85, 0.1, ""),
    ],
)
def test_sureness_that_does_not_matter_is_not_claimed(factor, error, word) -> None:
    assert misjudged(BestScale(factor, loss=0.5, standard_error=error)) == word


def test_models_that_differ_by_little_are_not_called_the_same() -> None:
    p = np.random.default_rng(0).uniform(0.1, 0.9, size=50)
    finding = found(cp.compare(p, p + 1e-5, y_true=np.arange(50) % 2), "within_noise")
    assert finding.title == "50 rows can't tell A and B apart"


@pytest.mark.parametrize(("p", "told"), [(0.049, True), (0.05, False), (0.051, False)])
def test_five_percent_is_the_level(p: float, told: bool) -> None:
    estimate = mean_interval([1.0, 2.0])
    assert Difference(estimate, p, p, "paired t", None, 1.0).told_apart == told


def test_a_loss_that_is_infinite_is_one_finding(data) -> None:
    """What its log loss is beyond that says more of the convention than of the model."""
    z, y = data
    hard = np.where(np.arange(z.size) < 5, 1 - y, np.where(y == 1, 0.8, 0.2))
    result = cp.compare(hard, y_true=y)
    assert [f.name for f in result.findings] == ["infinite_loss"]
    turned = cp.compare(np.where(np.arange(z.size) < 2500, 1 - y, y).astype(float), y_true=y)
    assert "which class each column is of" in found(turned, "below_base_rates").remedy
