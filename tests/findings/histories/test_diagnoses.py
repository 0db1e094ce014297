"""Each diagnosis on a course made up to show it, on one that nearly does, and on healthy ones."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import counterpoint as cp
from counterpoint.findings.histories import DIAGNOSES, course_of, diagnose_course
from findings.histories.made import falling, healthy, made

T = np.arange(40)


def names(history, **known):
    return [f.name for f in cp.diagnose(history, **known).findings]


def found(name, history, **known):
    return next(f for f in cp.diagnose(history, **known).findings if f.name == name)


def turned(epochs=40, least=14):
    """Validation loss that is least at an epoch, and rises."""
    t = np.arange(1, epochs + 1)
    return 0.5 + 0.02 * np.abs(t - least)


def with_curves(**curves):
    return made(**{**healthy(), **curves})


def with_nan():
    values = healthy()["train_loss"].copy()
    values[17:] = np.nan
    return values


def with_jump():
    values = healthy()["train_loss"].copy()
    values[25] = 4.0
    return values


rng = np.random.default_rng(5)
grows = 0.05 * 1.3**T
#: Diagnosis → courses that show it.
SHOWS = {
    "not_finite": with_curves(train_loss=with_nan()),
    "penalty_grows": made(
        train_data_loss=0 * T + 0.4, train_penalty=grows, train_accuracy=0 * T + 0.8
    ),
    "penalty_dominates": made(train_data_loss=falling(1, 0.4, 40), train_penalty=0 * T + 3.0),
    "penalty_other_n": made(
        train_data_loss=falling(1, 0.4, 40),
        train_penalty=falling(0.1, 0.2, 40),
        val_data_loss=falling(1, 0.5, 40),
        val_penalty=5 * falling(0.1, 0.2, 40),
    ),
    "diverging": made(train_loss=np.r_[falling(2.3, 1.0, 15), 1.0 + 0.4 * np.arange(1, 26)]),
    "loss_impossible": made(
        {},
        {"classes": 2, "loss": "brier"},
        val_loss=falling(30, 12, 20),
        val_accuracy=1 - falling(0.5, 0.1, 20),
    ),
    "loss_at_uniform": made(
        train_loss=math.log(10) + 0.001 * rng.normal(size=40),
        train_accuracy=0.1 + 0.002 * rng.normal(size=40),
    ),
    "accuracy_at_base_rate": made(train_loss=falling(0.72, 0.65, 40), val_accuracy=0 * T + 0.62),
    "not_learning": made(
        train_loss=0.83 + 0.003 * rng.normal(size=40),
        train_accuracy=0.38 + 0.01 * rng.normal(size=40),
    ),
    "labels_unrelated": with_curves(
        val_accuracy=0.1 + 0.005 * rng.normal(size=40), val_loss=2.4 + 0.05 * T
    ),
    "learning_rate_zero": with_curves(learning_rate=np.r_[np.full(20, 0.1), np.zeros(20)]),
    "vanishing_gradients": made(
        train_loss=0.9 + 0 * T,
        train_accuracy=0.5 + 0.01 * rng.normal(size=40),
        gradient_norm=1e-3 * 10.0 ** (-0.3 * T),
    ),
    "exploding_gradients": with_curves(gradient_norm=np.r_[np.ones(30), 500 * np.ones(10)]),
    "splits_differ": with_curves(val_loss=32 * healthy()["val_loss"]),
    "penalty_one_split": with_curves(train_loss=falling(2.3, 0.25, 40) + 0.6),
    "too_good": with_curves(val_accuracy=np.ones(40), val_loss=falling(0.1, 0.001, 40)),
    "bad_start": made({}, {"classes": 10}, train_loss=falling(40, 0.3, 40, 0.8)),
    "loss_up_accuracy_up": with_curves(val_loss=turned()),
    "over_fitting": with_curves(val_loss=turned(), val_accuracy=0.9 - 0.004 * np.abs(T + 1 - 14)),
    "generalisation_gap": with_curves(val_accuracy=1 - falling(0.9, 0.25, 40)),
    "label_noise": with_curves(
        train_accuracy=0.5 + 0.012 * T,
        val_accuracy=0.8 - 0.008 * np.abs(T - 8),
        val_loss=turned(40, 8),
    ),
    "loss_above_calibrated": made(
        {}, {"classes": 2}, val_loss=falling(0.7, 1.4, 40), val_accuracy=0.8 + 0 * T
    ),
    "loss_below_calibrated": made(
        {}, {"classes": 2}, val_loss=falling(0.7, 0.25, 40), val_accuracy=0.75 + 0 * T
    ),
    "loss_flat_accuracy_moves": made(val_loss=39 + 0 * T, val_accuracy=0.5 + 0.008 * T),
    "under_fitting": made(
        train_loss=falling(2.3, 1.5, 40, 0.5),
        train_accuracy=1 - falling(0.9, 0.55, 40, 0.5),
        val_accuracy=1 - falling(0.9, 0.56, 40, 0.5),
    ),
    "oscillating": with_curves(train_loss=0.8 + 0.4 * (-1.0) ** T + falling(1, 0, 40)),
    "spikes": with_curves(train_loss=with_jump()),
    "too_slow": made(train_loss=2.3 - 0.004 * T, train_accuracy=0.1 + 0.002 * T),
    "learning_rate_out_of_range": with_curves(learning_rate=np.full(40, 1e-9)),
    "update_ratio": with_curves(update_ratio=np.full(40, 0.5)),
    "early_warning": made(
        train_loss=np.r_[np.linspace(2, 1, 20), np.linspace(4, 9, 20)],
        train_accuracy=np.r_[np.linspace(0.5, 0.8, 30), np.linspace(0.5, 0.2, 10)],
    ),
    "noisy_evaluation": with_curves(val_accuracy=np.clip(0.85 + 0.06 * rng.normal(size=40), 0, 1)),
    "accuracy_flat_loss_moves": with_curves(
        val_loss=falling(2.0, 0.05, 40, 0.06),
        val_accuracy=np.r_[np.linspace(0.1, 0.9, 10), np.full(30, 0.9)],
    ),
    "plateau": with_curves(val_loss=falling(2.3, 0.4, 40, 0.9)),
    "still_improving": with_curves(val_loss=falling(2.3, 0.1, 40, 0.03)),
    "penalty_negligible": made(train_data_loss=falling(1, 0.4, 40), train_penalty=0 * T + 1e-6),
    "unremarkable_pair": made(val_loss=[0.4577], val_accuracy=[0.7826]),
    "too_short": made(train_loss=[1.0, 0.8], val_loss=[1.1, 0.9]),
    "train_only": made(train_loss=falling(2, 0.3, 20)),
    "final_only": made(train_loss=[0.3]),
    "appended_runs": None,
}


def test_every_diagnosis_has_a_course_that_shows_it():
    assert set(SHOWS) == set(DIAGNOSES)


@pytest.mark.parametrize("name", sorted(set(SHOWS) - {"final_only", "appended_runs"}))
def test_it_is_found_and_says_all_that_it_has_to(name):
    finding = found(name, SHOWS[name])
    assert finding.level in ("problem", "caution", "note")
    assert finding.title[-1] not in "."
    assert finding.explanation
    assert finding.sure or name == "unremarkable_pair"
    if finding.level != "note":
        assert finding.remedy
        assert finding.since


def test_summaries_and_appended_runs_are_known_by_how_they_were_read(tmp_path):
    (tmp_path / "wandb-summary.json").write_text(
        json.dumps({"loss": 0.3, "val_loss": 0.4, "_step": 49, "_runtime": 3.0, "epoch": 49})
    )
    assert "final_only" in names(cp.runs.read(tmp_path / "wandb-summary.json"))
    rows = [f"{e},{1 / (e + 1)}" for e in (*range(9), *range(9))]
    (tmp_path / "log.csv").write_text("\n".join(["epoch,loss", *rows]))
    diagnosis = cp.diagnose(cp.runs.read(tmp_path / "log.csv"))
    assert [run.findings[-1].title for run in diagnosis.runs] == [
        "Run 1 of 2 in one log",
        "Run 2 of 2 in one log",
    ]


@pytest.mark.parametrize(
    ("name", "since"),
    [
        ("not_finite", "epoch 18"),
        ("diverging", "epoch 15"),
        ("loss_up_accuracy_up", "epoch 14"),
        ("over_fitting", "epoch 14"),
        ("label_noise", "epoch 9"),
        ("spikes", "epoch 26"),
        ("learning_rate_zero", "epoch 21"),
        ("exploding_gradients", "epoch 31"),
        ("early_warning", "epoch 21"),
    ],
)
def test_since_when(name, since):
    stated, epoch = found(name, SHOWS[name]).since.split()
    assert (stated, float(epoch)) == (
        since.split()[0],
        pytest.approx(float(since.split()[1]), abs=2),
    )


@pytest.mark.parametrize("classes", [None, 10])
def test_healthy_runs_raise_no_false_alarm(classes):
    wrong = [
        f.name
        for seed in range(30)
        for f in cp.diagnose(
            made(**healthy(seed=seed, epochs=10 + 4 * seed)), classes=classes
        ).findings
        if f.level != "note"
    ]
    assert wrong == []


def test_noise_alone_is_no_trend():
    """Noise around a level that is good: neither over-fitting nor divergence, whatever is drawn."""
    wrong = []
    for seed in range(100):
        noisy = np.random.default_rng(seed)
        history = made(
            train_loss=0.2 + 0.01 * noisy.normal(size=60),
            val_loss=0.3 + 0.02 * noisy.normal(size=60),
            val_accuracy=0.92 + 0.004 * noisy.normal(size=60),
        )
        wrong += [f.name for f in cp.diagnose(history).findings if f.level != "note"]
    assert len(wrong) <= 1


def test_rising_loss_is_told_apart_by_accuracy():
    holds = with_curves(val_loss=turned())
    falls = SHOWS["over_fitting"]
    assert "over_fitting" not in names(holds)
    assert "loss_up_accuracy_up" not in names(falls)
    unknown = made(train_loss=falling(2.3, 0.2, 40), val_loss=turned())
    assert "over_fitting" in names(unknown)
    assert "confident mistakes alone" in found("over_fitting", unknown).instead[0]


def test_a_fall_of_accuracy_counts_where_so_many_rows_can_tell():
    """0.75 points: nothing on 200 rows, a fall on a million."""
    dips = with_curves(val_loss=turned(), val_accuracy=np.r_[np.full(17, 0.9), np.full(23, 0.8925)])
    assert "over_fitting" not in names(dips, samples=200)
    assert "over_fitting" in names(dips, samples=1_000_000)


def test_k_is_read_from_a_loss_that_stands_at_its_logarithm():
    finding = found("loss_at_uniform", SHOWS["loss_at_uniform"])
    assert finding.evidence["classes"] == 10
    assert "K was read from the loss" in finding.explanation
    assert "loss_at_uniform" not in names(made(train_loss=1.2 + 0 * T, train_accuracy=0.3 + 0 * T))


def test_a_sum_is_told_from_a_penalty():
    right = 1 - falling(0.5, 0.1, 30)
    mean = falling(0.3, 0.1, 30)  # Brier scores that go with those accuracies
    known = {"classes": 2, "loss": "brier"}
    assert "loss_impossible" in names(made({}, known, val_loss=64 * mean, val_accuracy=right))
    added = names(made({}, known, val_loss=10 + mean, val_accuracy=right))
    assert "penalty_dominates" in added
    assert "loss_impossible" not in added


def test_a_loss_of_another_kind_is_not_taken_for_log_loss():
    history = made({}, {"classes": 2, "loss": "focal"}, val_loss=falling(0.2, 0.02, 30),
                   val_accuracy=1 - falling(0.5, 0.25, 30))  # fmt: skip
    assert not {"loss_below_calibrated", "loss_impossible"} & set(names(history))


def test_the_order_is_by_gravity():
    levels = [f.level for f in cp.diagnose(SHOWS["label_noise"]).findings]
    assert levels == sorted(levels, key=["problem", "caution", "note"].index)


NUMBERS = st.floats(allow_nan=True, allow_infinity=True, width=32) | st.sampled_from(
    [0.0, 1.0, -1.0]
)
QUANTITIES = st.sampled_from(
    [
        "loss",
        "data_loss",
        "penalty",
        "accuracy",
        "batch_loss",
        "learning_rate",
        "gradient_norm",
        "update_ratio",
    ]
)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(0, 50),
            st.none() | st.floats(0, 50),
            st.sampled_from(["train", "validation", "test", ""]),
            QUANTITIES,
            NUMBERS,
        ),
        max_size=60,
    ),
    st.none() | st.integers(2, 1000),
    st.sampled_from([None, "log", "brier", "quadratic", "squared", "bce"]),
)
def test_whatever_is_logged_gives_plain_findings(points, classes, loss):
    history = cp.runs.History.of_points(points)
    diagnosis = cp.diagnose(history, classes=classes, loss=loss)
    json.loads(diagnosis.to_json())
    json.loads(diagnosis.to_sarif())
    assert str(diagnosis)
    assert diagnosis.findings == cp.diagnose(history, classes=classes, loss=loss).findings


def test_short_courses_of_every_length():
    for epochs in range(1, 12):
        assert diagnose_course(course_of(made(**healthy(epochs=epochs))))


def test_a_long_smooth_fall_has_no_spikes():
    steps = np.arange(1.0, 10_001.0)
    assert names(made(train_loss=2.3 / steps**0.3, val_loss=2.4 / steps**0.3)) == [
        "nothing_wrong",
        "plateau",
    ]
