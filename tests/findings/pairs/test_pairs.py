"""What is found in pairs of a loss and an accuracy, against predictions that have them."""

from __future__ import annotations

import inspect
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpoint.findings.finding import Finding
from counterpoint.findings.pairs import GAP_FINDINGS, PAIR_FINDINGS, Pair, find_of_pairs
from counterpoint.findings.pairs.costs import clipped_greatest, is_implausible
from counterpoint.findings.pairs.hypotheses import explaining
from counterpoint.theory.proper_losses import PROPER_LOSSES
from counterpoint.theory.sampling import greatest_deviation
from predictions import any_outputs, cost


def found(pair: Pair) -> dict[str, Finding]:
    return {finding.name: finding for finding in find_of_pairs([pair])}


def names(pair: Pair) -> set[str]:
    return set(found(pair))


def hypotheses(pair: Pair) -> set[str]:
    return {each.name for each in explaining(pair)}


@pytest.mark.parametrize("name", [*PAIR_FINDINGS, *GAP_FINDINGS])
def test_each_module_documents_itself(name):
    module = {**PAIR_FINDINGS, **GAP_FINDINGS}[name]
    assert module.summary.endswith(".")
    assert "When it appears" in (inspect.getdoc(module) or "")
    assert module.__name__ == f"counterpoint.findings.pairs.{name}"


def test_the_example_of_the_theory_is_unremarkable():
    pair = Pair("log", 2, 0.4577, 0.7826)
    assert names(pair) == {"unremarkable"}
    assert [round(float(end), 3) for end in pair.band] == [0.301, 0.524]
    assert "0.301 and 0.524" in found(pair)["unremarkable"].explanation
    assert pair.uniform_guess == pytest.approx(math.log(2))


def test_a_cost_beyond_its_ceiling_is_impossible():
    """The cost that climbs while accuracy does: ten sigmoids can't cost more than 5."""
    pair = Pair("quadratic", 10, 174.71, 0.7341, samples=10_000)
    finding = found(pair)["impossible"]
    assert names(pair) == {"impossible"}
    assert finding.level == "problem"
    assert "at least 169.71 of the 174.71 is something else" in finding.explanation
    assert "penalty" in hypotheses(pair)
    assert finding.evidence["reachable_high"] == pytest.approx(0.7341 * 4.5 + 0.2659 * 5)


def test_calibrated_predictions_are_unremarkable():
    """Labels drawn from the predictions: at 95% both, hardly any sample is outside."""
    rng = np.random.default_rng(3)
    outside = 0
    for loss in PROPER_LOSSES:
        for concentration in (0.2, 1.0, 5.0):
            for n in (50, 1000):
                p = rng.dirichlet(np.full(4, concentration), size=n)
                label = (p.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
                value = cost(loss, p, label).mean()
                accuracy = float(np.mean(p.argmax(axis=1) == label))
                outside += Pair(loss, 4, value, accuracy, samples=n).place != "inside"
    assert outside <= 1


@pytest.mark.parametrize("n", [1, 2, 5, 30])
@pytest.mark.parametrize(("loss", "K"), [("log", 2), ("log", 10), ("brier", 2), ("bce", 10)])
def test_few_calibrated_predictions_raise_no_alarm(loss, K, n):
    """Nor where chance puts their accuracy below a guess's."""
    rng = np.random.default_rng(n)
    outside = 0
    for _ in range(100):
        p = rng.dirichlet(np.full(K, 20.0), size=n)
        label = (p.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
        value, right = cost(loss, p, label).mean(), float(np.mean(p.argmax(axis=1) == label))
        outside += Pair(loss, K, value, right, samples=n).place != "inside"
    assert outside <= 5


def test_no_calibrated_model_is_right_less_often_than_the_base_rates():
    pair = Pair("log", 2, 0.4, 0.8, samples=1000, prior=(0.95, 0.05))
    assert pair.place == "no band"
    assert np.isnan(pair.band.low)
    assert names(pair) == {"worse_than_guessing"}
    # On one row it may be chance.
    one = found(Pair("log", 2, 1.2, 0.0, samples=1))["unremarkable"]
    assert "by chance what it is over 1 row" in one.explanation
    assert "unknown" not in one.explanation
    assert "has a loss of 0.693;" in found(Pair("log", 2, 0.8, 0.5))["over_confident"].explanation


def test_what_a_loss_forces_allows_for_its_rounding():
    """One error in ten costs ln 2 / 10 = 0.06931… at least, which is printed as 0.0693."""
    pair = Pair("log", 2, 0.0693, samples=10, loss_rounding=5e-5)
    assert pair.forced_accuracy.low == pytest.approx(0.9)
    assert replace(pair, loss_rounding=0.0).forced_accuracy.low == 1.0
    # ln 2 is printed as 0.6931 and, upwards, as 0.694: calibrated models have it.
    assert Pair("log", 2, 0.694, loss_rounding=1e-3).calibrated_accuracy.low == pytest.approx(0.5)
    assert np.isnan(Pair("log", 2, 0.694).calibrated_accuracy.low)


@pytest.fixture
def sample():
    """Calibrated probabilities of 20,000 rows and 4 classes, and labels drawn from them."""
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.full(4, 0.3), size=20_000)
    return p, (p.cumsum(axis=1) < rng.random((len(p), 1))).sum(axis=1)


def scaled(p: np.ndarray, factor: float) -> np.ndarray:
    """Raw scores times a factor."""
    power = np.maximum(p, 1e-300) ** factor
    return power / power.sum(axis=1, keepdims=True)


def pair_of(p: np.ndarray, label: np.ndarray) -> Pair:
    value, accuracy = cost("log", p, label).mean(), float(np.mean(p.argmax(axis=1) == label))
    return Pair("log", p.shape[1], value, accuracy, samples=len(p))


def test_over_confident_predictions(sample):
    p, label = sample
    pair = pair_of(scaled(p, 6.0), label)
    assert {"over_confident", "worse_than_guessing"} <= names(pair)
    least = found(pair)["over_confident"].evidence["mistake_cost_least"]
    q = scaled(p, 6.0)
    wrong = q.argmax(axis=1) != label
    # What is proven of mistakes is true of these, and that they cost more than the even guess.
    assert math.log(4) < least <= cost("log", q, label)[wrong].mean()


def test_under_confident_predictions():
    """Right on 99 of 100 and never surer than 0.6."""
    q = np.full((1000, 10), 0.4 / 9)
    q[:, 0] = 0.6
    label = np.where(np.arange(1000) % 100 == 0, 1, 0)
    pair = pair_of(q, label)
    assert "under_confident" in names(pair)
    least = found(pair)["under_confident"].evidence["right_cost_least"]
    assert 0 < least <= -math.log(0.6)


def test_both_at_once_is_one_finding_that_doubts_the_number():
    """Unless mistakes cost 45 each, right predictions cost too much, and mistakes do anyhow."""
    finding = found(Pair("log", 2, 0.9, 0.98))["over_confident"]
    assert names(Pair("log", 2, 0.9, 0.98)) == {"over_confident", "worse_than_guessing"}
    assert "may hold more than the loss" in finding.explanation
    assert "penalty" in finding.evidence["hypotheses"]
    assert found(Pair("log", 2, 0.9, 0.9))["over_confident"].evidence["hypotheses"] == []


def test_what_a_mistake_costs_allows_for_the_accuracy_s_rounding():
    rounded = Pair("log", 2, 0.75, 0.99, loss_rounding=0.005, accuracy_rounding=0.005)
    least = found(rounded)["over_confident"].evidence["mistake_cost_least"]
    assert least == pytest.approx((0.745 - 0.985 * math.log(2)) / 0.015)
    # A wrong share of 0.015, each at the least that it may have cost, makes up the least loss.
    assert 0.985 * math.log(2) + 0.015 * least == pytest.approx(0.745)


def test_each_claim_begins_where_it_is_proven():
    # A mistake costs 2.0 or more, and 2.4 or more, where the even guess costs ln 10 = 2.30.
    for least, proven in ((2.0, False), (2.4, True)):
        pair = Pair("log", 10, 0.5 * math.log(10) + 0.5 * least, 0.5, samples=10**6)
        assert ("over_confident" in names(pair)) == proven
    # Right predictions cost 1.7 each at mistakes of 1e-7, but all rows together no more than 1.55.
    pair = Pair("log", 10, 0.6 * 1.7 - 0.4 * math.log(1e-7), 0.6)
    assert found(pair)["over_confident"].evidence["hypotheses"] == []
    # Ten sigmoids at 1e-7 each cost 161.
    for loss, name in ((150.0, "over_confident"), (170.0, "implausible")):
        assert (name in names(Pair("bce", 10, loss, 0.5))) == (name == "implausible")


def test_implausible_is_implausible_below_a_guess_too():
    assert "implausible" in names(Pair("log", 2, 174.71, 0.3))


def test_smoothed_labels_are_named(sample):
    p, label = sample
    p = np.where(p > 0.9, 1.0, p * 0 + 1e-9)
    sure = p.max(axis=1) > 0.5
    p, label = p[sure] / p[sure].sum(axis=1, keepdims=True), p[sure].argmax(axis=1)
    q = 0.9 * p + 0.1 / 4
    hot = 0.9 * np.eye(4)[label] + 0.1 / 4
    loss = -(hot * np.log(q)).sum(axis=1).mean()
    pair = Pair("log", 4, loss, 1.0, samples=len(q))
    assert "label_smoothing" in hypotheses(pair)
    assert "under_confident" in names(pair)


def test_what_a_pair_does_not_tell_is_not_told():
    pair = Pair("log", 2, 0.6, 0.7826, samples=5000)
    assert names(pair) == {"uncalibrated"}
    assert "Either its mistakes are too sure" in found(pair)["uncalibrated"].explanation


def test_less_loss_than_a_calibrated_model_has():
    """Wrong on near ties alone, certain of the rest."""
    p = np.array([[0.49, 0.51]] * 30 + [[1.0 - 1e-9, 1e-9]] * 70)
    pair = replace(pair_of(p, np.zeros(100, dtype=int)), samples=None)
    assert names(pair) == {"too_little_loss"}
    assert found(pair)["too_little_loss"].evidence["accuracy_expected_at_least"] > 0.7


def test_a_negative_loss():
    pair = Pair("log", 2, -0.4, 0.9)
    assert names(pair) == {"impossible"}
    assert "below zero" in found(pair)["impossible"].explanation


def test_next_to_no_probability_for_mistakes_is_implausible():
    pair = Pair("log", 10, 174.71, 0.7341)
    assert names(pair) == {"implausible"}
    most = 0.7341 * math.log(10) - 0.2659 * math.log(1e-7)
    assert found(pair)["implausible"].evidence["clipped_high"] == pytest.approx(most)


@pytest.mark.parametrize(
    ("hypothesis", "pair"),
    [
        ("bits", Pair("log", 2, 0.4577 / math.log(2), 0.7826, samples=10_000)),
        ("base_10", Pair("log", 2, 0.4577 / math.log(10), 0.7826, samples=10_000)),
        ("sum", Pair("log", 2, 457.7, 0.7826, samples=1000)),
        ("batch_sum", Pair("log", 2, 0.4577 * 32, 0.7826)),
        ("classes", Pair("log", 2, 1.5, 0.55, samples=10_000)),
        ("penalty", Pair("log", 2, 0.9, 0.7826)),
        ("is_brier", Pair("log", 10, 0.08, 0.93)),
        ("is_log", Pair("brier", 10, 2.1, 0.2)),
        ("output_mean", Pair("bce", 10, 0.06, 0.85)),
        ("output_sum", Pair("squared", 10, 0.2, 0.85)),
        ("halved", Pair("brier", 2, 0.16, 0.75, samples=10_000)),
        ("doubled", Pair("brier", 2, 0.7, 0.75, samples=10_000)),
    ],
)
def test_each_usual_cause_is_tried(hypothesis, pair):
    assert pair.place != "inside"
    assert hypothesis in hypotheses(pair)


def test_a_cause_that_does_not_help_is_not_named():
    pair = Pair("log", 2, 0.9, 0.7826, samples=10_000)
    assert "base_10" not in hypotheses(pair)
    assert "sum" not in hypotheses(pair)


def test_guessing():
    assert names(Pair("log", 2, 0.8, 0.5, samples=100_000)) >= {"worse_than_guessing"}
    # The shares lower the bar: 0.6 is below the even guess's 0.693, not below 0.325.
    uneven = Pair("log", 2, 0.6, 0.9, samples=10_000, prior=(0.9, 0.1))
    assert found(uneven)["worse_than_guessing"].evidence["by_loss"]
    assert "worse_than_guessing" not in names(replace(uneven, prior=None))
    majority = Pair("log", 2, 0.5, 0.7, samples=1000, prior=(0.8, 0.2))
    assert found(majority)["worse_than_guessing"].evidence["by_accuracy"]


@given(st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_known_shares_narrow_the_band_soundly(K, seed):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(rng.uniform(0.1, 3.0, K), size=30)
    share = p.mean(axis=0)
    value = -(p * np.log(np.maximum(p, 1e-300))).sum(axis=1).mean()
    pair = Pair("log", K, value, float(p.max(axis=1).mean()), prior=tuple(share / share.sum()))
    assert pair.band.low - 1e-9 <= value <= pair.band.high + 1e-9
    assert pair.band.high <= replace(pair, prior=None).band.high


def test_known_shares_lower_the_band_of_three_classes():
    """Half of the rows right where two of three classes occur: no loss above ln 2."""
    pair = Pair("log", 3, 0.9, 0.5, samples=10**6, prior=(0.5, 0.5, 0.0))
    assert pair.band.high == pytest.approx(math.log(2))
    assert pair.place == "above"
    assert replace(pair, prior=None).place == "inside"


def test_the_loss_s_error_is_the_greatest_of_the_accuracy_s_interval():
    pair = Pair("log", 2, 0.4577, 0.7826, samples=1000)
    deviations = [greatest_deviation(0.4577, a, "log", 2) for a in (0.756, 0.7826, 0.807)]
    greatest = 1.959964 * max(deviations) / math.sqrt(1000)
    assert pair.loss_error == pytest.approx(greatest, rel=5e-3)


@pytest.mark.parametrize(("loss", "side"), [(0.29, "below"), (0.535, "above")])
def test_the_loss_s_own_error_is_allowed_for_on_both_sides(loss, side):
    pair = Pair("log", 2, loss, 0.7826, samples=10**9, measured_error=0.001)
    assert pair.place == side
    assert replace(pair, measured_error=0.02).place == "inside"


def test_rounding_and_chance_are_allowed_for():
    exact = Pair("log", 2, 0.55, 0.7826, samples=10**6)
    assert exact.place == "above"
    assert replace(exact, loss_rounding=0.05).place == "inside"
    assert replace(exact, samples=100).place == "inside"
    assert "chance" in found(replace(exact, samples=100))["unremarkable"].explanation
    # The number of rows that is named as settling it does so, and half of it does not.
    rows = exact.rows_to_settle()
    assert replace(exact, samples=rows).place == "above"
    assert replace(exact, samples=rows // 2).place == "inside"
    assert Pair("log", 2, 0.4577, 0.7826).rows_to_settle() is None


def test_more_classes_named_are_the_fewest():
    pair = Pair("log", 2, 1.5, 0.55, samples=10_000)
    words = next(each.words for each in explaining(pair) if each.name == "classes")
    assert words.endswith(" at least")
    fewest = int(words.split()[-3].replace(",", ""))
    assert replace(pair, n_classes=fewest).place == "inside"
    assert replace(pair, n_classes=fewest - 1).place != "inside"


def test_no_silly_hypothesis_is_offered():
    assert "classes" not in hypotheses(Pair("log", 10, 4.0, 0.55, samples=10_000))
    known = Pair("log", 2, 1.5, 0.55, samples=10_000, prior=(0.5, 0.5))
    assert "classes" not in hypotheses(known)
    assert "classes" in hypotheses(replace(known, prior=None))
    # Of two classes it is read as log loss, so it explains nothing.
    assert "is_bce" not in hypotheses(Pair("log", 2, 0.66, 0.78))


def test_which_part_of_the_band_is_said_without_a_claim_on_single_predictions():
    """Near the upper end a quarter of a calibrated model's predictions may yet be certain."""
    words = found(Pair("log", 2, 0.4577, 0.7826))["unremarkable"].explanation
    assert "70% of the way up, from predictions that are certain or torn" in words
    torn = found(Pair("log", 10, 1.9, 0.3))["unremarkable"].explanation
    assert "from predictions that are torn between as few classes as can be" in torn
    known = Pair("log", 2, 0.4577, 0.7826, prior=(0.6, 0.4))
    assert found(known)["unremarkable"].explanation.endswith("of the way up.")


def test_near_ties_are_spoken_of_where_most_are_wrong_for_certain():
    assert "near ties" in found(Pair("log", 10, 0.5, 0.55))["too_little_loss"].explanation
    assert "near ties" not in found(Pair("log", 10, 0.9, 0.37))["too_little_loss"].explanation


def test_a_loss_is_worse_than_a_guess_beyond_chance():
    pair = Pair("log", 2, 0.7, 0.55, samples=100)
    assert "worse_than_guessing" not in names(pair)
    assert "worse_than_guessing" in names(replace(pair, samples=10**6))


def test_a_penalty_is_what_the_band_leaves():
    pair = Pair("log", 2, 0.9, 0.7826, samples=10**9)
    words = next(each.words for each in explaining(pair) if each.name == "penalty")
    # 0.9 less 0.524 and less 0.301.
    assert "of 0.376 to 0.599 in it" in words


def test_right_as_often_as_a_guess_is_not_praised():
    praise = "right more often than the even guess"
    assert praise in found(Pair("log", 2, 0.8, 0.55))["worse_than_guessing"].explanation
    assert praise not in found(Pair("log", 2, 0.8, 0.5))["worse_than_guessing"].explanation


def test_training_beside_validation():
    train, valid = Pair("log", 2, 0.4011, 0.8224, "train"), Pair("log", 2, 0.4577, 0.7826, "test")
    gap = next(f for f in find_of_pairs([train, valid]) if f.name == "gap")
    assert gap.evidence["loss_gap"] == pytest.approx(0.0566)
    assert gap.evidence["accuracy_gap"] == pytest.approx(0.0398)
    counted = replace(valid, samples=1000)
    gap = next(f for f in find_of_pairs([train, counted]) if f.name == "gap")
    # Wilson's upper end, the root above 0.7826 of (x - 0.7826)² = 1.96² x (1 - x)/1000.
    z2 = 1.959964**2 / 1000
    upper = np.roots([1 + z2, -2 * 0.7826 - z2, 0.7826**2]).max()
    assert gap.evidence["accuracy_error"] == pytest.approx(upper - 0.7826, rel=1e-4)
    assert "is more" in gap.explanation
    # All right on five rows is no proof of anything: 1.96²/(5 + 1.96²) may be wrong.
    few = replace(valid, accuracy=1.0, samples=5)
    gap = next(f for f in find_of_pairs([train, few]) if f.name == "gap")
    assert gap.evidence["accuracy_error"] == pytest.approx(3.8415 / 8.8415, rel=1e-4)
    assert "can not be told" in gap.explanation
    assert len([f for f in find_of_pairs([train]) if f.name == "gap"]) == 0


@pytest.mark.parametrize(
    ("loss", "accuracy", "word"),
    [
        (0.5, 0.9, "too sure"),
        (0.2, 0.8, "near a tie"),
        (0.2, 0.9, "averages"),
        (0.3, 0.85, "the same loss and the same accuracy"),
        (0.4, 0.84, "goes with its accuracy"),
        (0.6, 0.84, "more than a calibrated model"),
        (0.31, 0.6, "Both are worse."),
        (0.31, 0.84, "1 point less"),
    ],
)
def test_the_two_numbers_may_part_in_four_ways(loss, accuracy, word):
    train = Pair("log", 2, 0.3, 0.85, "train")
    other = Pair("log", 2, loss, accuracy, "validation")
    gap = next(f for f in find_of_pairs([train, other]) if f.name == "gap")
    assert word in f"{gap.title} {gap.explanation}"


@given(
    st.sampled_from(list(PROPER_LOSSES)),
    st.integers(2, 2000),
    st.none() | st.floats(-10, 1e6),
    st.none() | st.floats(0, 1),
    st.none() | st.integers(1, 10**9),
    st.sampled_from([0.0, 5e-5, 0.05]),
)
def test_no_pair_breaks_a_finding(loss, K, value, accuracy, samples, rounding):
    if value is None and accuracy is None:
        return
    pair = Pair(
        loss,
        K,
        value,
        accuracy,
        samples=samples,
        loss_rounding=rounding,
        accuracy_rounding=rounding,
    )
    json.dumps(pair.figures(), allow_nan=False)
    everything = find_of_pairs([replace(pair, split="train"), replace(pair, split="validation")])
    assert everything
    for finding in everything:
        json.dumps(finding.evidence, allow_nan=False)
        for text in (finding.title, finding.explanation, finding.remedy, finding.doubt):
            assert not any(word in text for word in ("nan", "None", "np.", "  ", "unknown"))
        assert finding.explanation.endswith(".")


@given(st.sampled_from(list(PROPER_LOSSES)), st.integers(2, 8), st.integers(0, 2**32 - 1))
def test_what_predictions_have_is_never_called_impossible(loss, K, seed):
    outputs = any_outputs(loss, K, 25, seed)
    label = np.random.default_rng(seed + 1).integers(0, K, 25)
    value = float(cost(loss, outputs, label).mean())
    if math.isfinite(value):
        accuracy = float(np.mean(outputs.argmax(axis=1) == label))
        assert "impossible" not in names(Pair(loss, K, value, accuracy, samples=25))


def test_each_of_several_sigmoids_may_be_clipped():
    """Ten outputs cost 161 at most where each is 1e-7 from the truth."""
    assert "implausible" not in names(Pair("bce", 10, 100.0, 0.5))
    assert "implausible" in names(Pair("bce", 10, 170.0, 0.5))


def test_what_is_implausible_or_impossible_is_so_beyond_rounding():
    most = clipped_greatest(Pair("log", 2, 1.0, 0.9))
    assert is_implausible(Pair("log", 2, most + 0.01, 0.9))
    assert not is_implausible(Pair("log", 2, most + 0.01, 0.9, loss_rounding=0.05))
    least = 0.2174 * math.log(2)
    assert Pair("log", 2, least - 0.001, 0.7826).place == "too low"
    assert Pair("log", 2, least - 0.001, 0.7826, loss_rounding=0.002).place == "below"


def test_a_sum_is_rounded_less_than_it_is():
    """100 ± 0.5 over 100 rows is 1.00 ± 0.005."""
    pair = Pair("log", 2, 100.0, 0.78, samples=100, loss_rounding=0.5)
    assert float(pair.wide_band.high) < 0.95
    assert "sum" not in hypotheses(pair)


@given(st.floats(0.6, 1.0), st.integers(30, 3000))
def test_the_wide_band_holds_the_band_of_every_accuracy_by_chance(accuracy, samples):
    pair = Pair("log", 3, None, accuracy, samples=samples, measured_error=0.0)
    for near in np.linspace(*pair.accuracy_interval, 9):
        band = Pair("log", 3, None, float(near)).band
        assert pair.wide_band.low <= band.low + 1e-12
        assert pair.wide_band.high >= band.high - 1e-12


def test_rows_that_are_not_counted_are_taken_as_many():
    pair = Pair("log", 2, 0.6, 0.7826)
    assert pair.wide_band == replace(pair, samples=100_000).wide_band


def test_no_fewer_than_thirty_rows_settle_anything():
    assert Pair("log", 2, 3.0, 0.9).rows_to_settle() == 30


def test_what_each_prediction_costs_by_hand():
    over = found(Pair("log", 2, 1.5, 0.8))["over_confident"].explanation
    # 1.5 over a fifth of the rows is 7.5 each, and exp(-7.5) = 5.53e-4.
    assert "5.53e-4 if the right ones cost nothing" in over
    under = found(Pair("log", 10, 2.0, 0.98))["under_confident"].explanation
    # 2 over 98% of the rows is 2.041 each, and exp(-2.041) = 0.130.
    assert "give the true class 0.130 to" in under


def test_a_gap_to_what_is_no_such_loss_is_none():
    train, other = Pair("brier", 2, 0.3, 0.8, "train"), Pair("brier", 2, 174.0, 0.7, "validation")
    assert "gap" not in {finding.name for finding in find_of_pairs([train, other])}


@pytest.mark.parametrize(("accuracy", "samples", "said"), [(0.47, 100, False), (0.47, 9999, True)])
def test_an_accuracy_below_guessing_by_chance_is_not_called_so(accuracy, samples, said):
    pair = Pair("log", 2, 0.7, accuracy, samples=samples)
    assert ("worse_than_guessing" in names(pair)) == said


@pytest.mark.parametrize(("samples", "said"), [(100, False), (99_999, True)])
def test_right_more_often_than_a_guess_is_said_beyond_chance(samples, said):
    explanation = found(Pair("log", 2, 3.0, 0.52, samples=samples))[
        "worse_than_guessing"
    ].explanation
    assert ("right more often than" in explanation) == said
