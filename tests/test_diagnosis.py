"""`counterpoint.diagnose`: the textbook's log, the object, and every real log of the index."""

from __future__ import annotations

import csv
import json
import math

import numpy as np
import pytest

import counterpoint as cp
from counterpoint.errors import InputError

COSTS = [11.94, 16.02, 21.62, 30.96, 45.75, 67.48, 97.56, 133.33, 174.71]
RIGHT = [7397, 7381, 7431, 7498, 7669, 7691, 7574, 7503, 7341]
TEXTBOOK = "".join(
    f"Epoch {epoch} done! Cost: {cost}. Accuracy {right} / 10000\n"
    for epoch, (cost, right) in enumerate(zip(COSTS, RIGHT, strict=True))
)


@pytest.fixture
def textbook(tmp_path):
    (tmp_path / "pasted").write_text(TEXTBOOK)
    [history] = cp.runs.read(tmp_path / "pasted")
    return history


def test_the_textbooks_log_is_a_penalty_that_grows(textbook):
    """Half the squared distance of ten sigmoids can not exceed 5."""
    diagnosis = cp.diagnose(textbook, classes=10, loss="quadratic")
    finding = diagnosis.findings[0]
    assert (finding.name, finding.level, finding.sure) == ("penalty_grows", "problem", "proven")
    assert "at least 169.7 of 174.7 is penalty" in finding.explanation
    assert "hides" in finding.explanation
    # The penalty is between cost - greatest and cost - least of the data loss at that accuracy.
    ends = [(COSTS[-1] - 5) / COSTS[0], COSTS[-1] / (COSTS[0] - 5)]
    assert ends[0] ** (1 / 8) < finding.evidence["factor"] < ends[1] ** (1 / 8)
    assert finding.evidence["decay_in_force"] == pytest.approx(
        math.log(finding.evidence["factor"]) / 2
    )
    assert finding.instead[0].startswith("decay of the wrong sign")
    assert finding.instead[1].startswith("decay of the wrong scale")
    assert "Two sizes n" in finding.doubt
    assert "10,000" in finding.doubt
    assert "norm of the weights by layer" in finding.doubt
    assert diagnosis.exit_code == 1


def test_without_the_loss_no_ceiling_is_claimed(textbook):
    finding = cp.diagnose(textbook).findings[0]
    assert (finding.name, finding.sure) == ("penalty_grows", "likely")
    assert "if the rest is a mean log loss" in finding.explanation


def test_one_epoch_is_too_short_and_unremarkable(tmp_path):
    line = "loss: 0.4011 - acc: 0.8224 - val_loss: 0.4577 - val_acc: 0.7826\n"
    (tmp_path / "log").write_text(line)
    diagnosis = cp.diagnose(cp.runs.read(tmp_path / "log"))
    assert [finding.name for finding in diagnosis.findings] == [
        "nothing_wrong",
        "unremarkable_pair",
        "too_short",
    ]
    assert (diagnosis.severity, diagnosis.exit_code) == ("note", 0)


def test_levels_in_sarif_are_those_of_the_standard(textbook):
    report = json.loads(cp.diagnose(textbook, classes=10, loss="quadratic").to_sarif())
    assert report["version"] == "2.1.0"
    results = report["runs"][0]["results"]
    rules = [rule["id"] for rule in report["runs"][0]["tool"]["driver"]["rules"]]
    assert {result["level"] for result in results} <= {"error", "warning", "note"}
    assert results[0]["level"] == "error"
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in results)


def test_several_runs_are_each_judged_by_themselves(textbook):
    both = cp.diagnose([textbook, textbook])
    assert len(both.runs) == 2
    assert both.runs[0].findings == both.runs[1].findings
    many = str(cp.diagnose([textbook] * 9))
    assert many.startswith("9 runs: 9 with a problem")
    assert "4 more have a problem" in many


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"loss": "focal"}, "focal"),
        ({"classes": 1}, "classes is 1"),
        ({"samples": 0}, "samples is 0"),
    ],
)
def test_what_can_not_be_is_said_in_one_sentence(textbook, given, said):
    with pytest.raises(InputError, match=said):
        cp.diagnose(textbook, **given)
    with pytest.raises(InputError, match="no run"):
        cp.diagnose([])
    with pytest.raises(InputError, match="read the log first"):
        cp.diagnose(["log.csv"])


def test_long_histories_are_thinned_not_cut():
    rng = np.random.default_rng(0)
    epochs = 10_000
    turn = np.abs(np.arange(epochs) - 4_000) / 4_000
    points = [
        (step, None, split, "loss", value)
        for split, values in (
            ("train", np.exp(-np.arange(epochs) / 3_000)),
            ("validation", 0.5 + turn + 0.02 * rng.normal(size=epochs)),
        )
        for step, value in enumerate(values)
    ]
    [finding] = [
        finding
        for finding in cp.diagnose(cp.runs.History.of_points(points)).findings
        if finding.name == "over_fitting"
    ]
    assert float(finding.evidence["least_at"]) == pytest.approx(4_000, rel=0.05)


#: Symptom of the index → findings that name it.
NAMED_BY = {
    "overfitting": {"over_fitting", "loss_up_accuracy_up", "generalisation_gap", "label_noise"},
    "val_loss_up_val_acc_up": {"loss_up_accuracy_up"},
    "plateau": {"plateau"},
    "too_good": {"too_good"},
    "not_learning": {"not_learning", "loss_at_uniform", "accuracy_at_base_rate"},
    "nan": {"not_finite"},
    "oscillating": {"oscillating", "noisy_evaluation", "over_fitting"},
    "loss_scale_mismatch": {"splits_differ"},
    "bug": {"labels_unrelated", "splits_differ"},
    "mixed": {"penalty_dominates", "loss_flat_accuracy_moves", "loss_impossible"},
    "gap_train_only": {"generalisation_gap", "train_only"},
    "divergence": {"diverging"},
    "diverging": {"diverging"},
    "underfitting": {"under_fitting"},
    "too_slow": {"too_slow"},
    "spikes": {"spikes"},
}
#: What the index says of logs that show nothing wrong, or too little.
NO_SYMPTOM = {"healthy", "too_short", "train_only", "final_only", "not_a_run"}
GOAL = 0.9


def test_real_logs_of_the_index(shared_data):
    """No error on a healthy run, and nine of ten symptoms named."""
    logs = shared_data.parent / "logs"
    if not logs.is_dir():
        pytest.skip("needs the real logs beside the data sets")
    alarms, named, missed = [], 0, []
    with (logs / "INDEX.csv").open(newline="") as index:
        rows = list(csv.DictReader(index))
    for row in rows:
        try:
            diagnosis = cp.diagnose(cp.runs.read(logs / row["file"]))
        except InputError:
            assert row["symptom"] in NO_SYMPTOM
            continue
        names = {finding.name for finding in diagnosis.findings}
        if row["symptom"] == "healthy" and diagnosis.severity == "problem":
            alarms.append(row["file"])
        if row["symptom"] not in NO_SYMPTOM:
            hit = bool(names & NAMED_BY[row["symptom"]])
            named += hit
            missed += [] if hit else [(row["file"], row["symptom"], names)]
    assert alarms == []
    assert named >= GOAL * (named + len(missed)), missed
