"""The diagnoses that runs are labelled with: their names, how grave, and which say the same."""

from __future__ import annotations

#: Diagnosis → ``problem`` (something is wrong), ``caution`` or ``note``.
DIAGNOSES: dict[str, str] = {
    **dict.fromkeys(
        [
            "loss_impossible",
            "accuracy_at_base_rate",
            "loss_at_uniform",
            "penalty_grows",
            "penalty_other_n",
            "not_finite",
            "diverging",
            "not_learning",
            "labels_unrelated",
            "learning_rate_zero",
        ],
        "problem",
    ),
    **dict.fromkeys(
        [
            "loss_up_accuracy_up",
            "over_fitting",
            "generalisation_gap",
            "loss_flat_accuracy_moves",
            "loss_above_calibrated",
            "loss_below_calibrated",
            "splits_differ",
            "penalty_dominates",
            "penalty_one_split",
            "spikes",
            "oscillating",
            "too_slow",
            "under_fitting",
            "too_good",
            "noisy_evaluation",
            "bad_start",
            "learning_rate_out_of_range",
            "vanishing_gradients",
            "exploding_gradients",
            "update_ratio",
            "early_warning",
            "label_noise",
        ],
        "caution",
    ),
    **dict.fromkeys(
        [
            "accuracy_flat_loss_moves",
            "penalty_negligible",
            "plateau",
            "too_short",
            "still_improving",
            "train_only",
            "final_only",
            "not_a_run",
            "appended_runs",
            "nothing_wrong",
        ],
        "note",
    ),
}

#: Diagnosis → others that say as much of the same run.
ALSO: dict[str, tuple[str, ...]] = {
    "accuracy_at_base_rate": ("not_learning", "loss_at_uniform"),
    "loss_at_uniform": ("not_learning", "accuracy_at_base_rate", "too_slow"),
    # Of a run that creeps, that it creeps says as much as that it is where it began.
    "not_learning": (
        "accuracy_at_base_rate",
        "loss_at_uniform",
        "learning_rate_zero",
        "too_slow",
    ),
    "label_noise": ("over_fitting",),
    "generalisation_gap": ("over_fitting", "loss_up_accuracy_up", "label_noise"),
    "still_improving": ("too_slow",),
    "diverging": ("penalty_grows", "not_finite"),
    "loss_above_calibrated": ("loss_impossible", "penalty_dominates"),
    # A loss that only a penalty explains is said to hold one.
    "loss_impossible": ("penalty_dominates", "penalty_grows", "penalty_one_split"),
    "loss_below_calibrated": ("loss_impossible", "splits_differ"),
    "penalty_one_split": ("splits_differ",),
    "penalty_dominates": ("loss_impossible", "penalty_grows"),
    "bad_start": ("diverging",),
    # Of a loss that flies apart and comes back to a greater height, either word is right.
    "oscillating": ("diverging",),
    "under_fitting": ("not_learning", "accuracy_at_base_rate", "loss_at_uniform"),
    "labels_unrelated": ("splits_differ",),
    "splits_differ": (
        *("loss_impossible", "labels_unrelated"),
        *("loss_above_calibrated", "loss_below_calibrated"),
    ),
    "learning_rate_zero": ("not_learning",),
}

#: A wreck shows many signs at once.
WRECKED = ("not_finite", "diverging", "bad_start")
SIGNS_OF_WRECK = frozenset(
    [
        "not_finite",
        "diverging",
        "spikes",
        "oscillating",
        "bad_start",
        "early_warning",
        "loss_above_calibrated",
        "splits_differ",
        "over_fitting",
        "generalisation_gap",
        "loss_up_accuracy_up",
        "accuracy_flat_loss_moves",
        "loss_flat_accuracy_moves",
        "not_learning",
        "accuracy_at_base_rate",
        "loss_at_uniform",
        "under_fitting",
        "noisy_evaluation",
        "plateau",
        "too_slow",
        "vanishing_gradients",
        "label_noise",
        "loss_impossible",
        "still_improving",
        "loss_below_calibrated",
    ]
)

_STUCK = frozenset({"not_learning", "accuracy_at_base_rate", "loss_at_uniform"})
APART = frozenset({"over_fitting", "loss_up_accuracy_up", "generalisation_gap"})
_WILD = frozenset({"diverging", "oscillating", "bad_start", "not_finite", "spikes"}) | _STUCK
#: Fault → diagnoses of which at least one shows it. Where the log requires none, it is invisible.
EXPECTED: dict[str, frozenset[str]] = {
    "wrong_sign_decay": frozenset(
        {"penalty_grows", "penalty_dominates", "loss_impossible", "diverging"}
    ),
    "wrong_n_in_update": frozenset({"under_fitting", "penalty_dominates"}) | _STUCK,
    "wrong_n_in_report": frozenset({"penalty_other_n"}),
    "penalty_too_strong": frozenset({"under_fitting", "penalty_dominates"}) | _STUCK,
    "penalty_dominates": frozenset({"penalty_dominates", "loss_impossible"}),
    "penalty_negligible": frozenset({"penalty_negligible"}),
    "penalty_in_one_split": frozenset({"penalty_one_split"}),
    "rate_too_high": _WILD | {"under_fitting"},
    "oscillation": _WILD | {"under_fitting"},
    "rate_too_low": frozenset({"too_slow", "learning_rate_out_of_range"}) | _STUCK,
    "rate_zero": frozenset({"learning_rate_zero"}) | _STUCK,
    "rate_absurd": frozenset({"learning_rate_out_of_range"}),
    "shuffled_labels": frozenset({"labels_unrelated"}) | _STUCK,
    "shuffled_validation_labels": frozenset({"labels_unrelated", "splits_differ"}),
    "label_noise": APART | {"label_noise"},
    "leak": frozenset({"too_good"}),
    "evaluation_in_training_mode": frozenset({"splits_differ"}),
    "validation_unit": frozenset({"splits_differ", "loss_impossible"}),
    "both_units": frozenset({"loss_impossible", "loss_above_calibrated", "bad_start"}),
    "bad_initialisation": frozenset({"bad_start"}),
    "dead_relu": _STUCK | {"under_fitting"},
    "unnormalised_input": frozenset({"bad_start", "under_fitting"}) | _WILD,
    "appended_runs": frozenset({"appended_runs"}),
    "over_fitting": APART,
    "over_confidence": APART,
    "not_a_number": frozenset({"not_finite"}),
    "divergence": frozenset({"diverging", "not_finite"}),
    "spikes": frozenset({"spikes"}),
    "plateau": frozenset({"plateau"}),
    "redrawn_validation": frozenset({"noisy_evaluation"}),
    "vanishing_gradients": frozenset({"vanishing_gradients", "under_fitting"}) | _STUCK,
    "exploding_gradients": frozenset({"exploding_gradients"}),
    "too_small_a_network": frozenset({"under_fitting"}),
}
