"""Rules on both sides of their thresholds: a course that shows it, and its neighbour that does not.

Each pair differs in the one thing that the rule goes by.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import counterpoint as cp
from counterpoint.runs.history import History
from findings.histories.made import falling, healthy, made

T = np.arange(40)
SWING = (-1.0) ** T


def names(facts, **curves):
    return {f.name for f in cp.diagnose(made({}, facts, **curves)).findings}


def learnt(**others):
    """Training that is learnt, whatever other rows do."""
    return {
        "train_loss": falling(0.7, 0.01, 40),
        "train_accuracy": 1 - falling(0.4, 0.01, 40),
        **others,
    }


def at_chance(level, loss, rises=0.0):
    return {"val_accuracy": level + rises * T / 39, "val_loss": loss + 0.04 * T}


def right_at(level, loss):
    """Other rows that have learnt, and end there."""
    return {"val_accuracy": 1 - falling(0.7, 1 - level, 40), "val_loss": falling(1, loss, 40)}


TWO = {"classes": 2, "loss": "log"}
FALLS = {"train_loss": falling(1.0, 0.4, 40)}
#: Training loss above validation loss.
ALIKE = {"train_loss": healthy()["val_loss"] + 0.4, "val_loss": healthy()["val_loss"]}
#: Predictions of the commoner class, which has four fifths of the rows.
COMMONER = {
    "train_loss": falling(1.1, 0.5, 40),
    "train_accuracy": 0.79 + 0.01 * SWING,
    "val_accuracy": 0.8 + 0 * T,
}
LEFT_ALONE = {"val_accuracy": 0.8 + 0 * T, "val_loss": 0.51 + 0.001 * T}
#: A validation loss that rises from its least, but not by much more than it jumps.
TURNS = (
    1.0017,
    0.8271,
    0.6904,
    0.5678,
    0.5372,
    0.5111,
    0.5142,
    0.5185,
    0.5602,
    0.5083,
    0.6254,
    0.5971,
    0.6411,
    0.6356,
)
#: Steps that are too long: the least is where one of them happened to end.
SWINGS = np.array([
    1.08, 0.94, 1.04, 0.84, 0.80, 0.95, 0.88, 0.72, 0.87, 0.64, 0.46,
    0.33, 0.36, 0.73, 0.96, 0.66, 0.84, 0.86, 0.94, 1.09, 0.69,
])  # fmt: skip
FOUR = {"classes": 4, "loss": "log"}
LETTERS = {"classes": 26, "loss": "bce", "train_samples": 800}
HUNDRED = {"validation_samples": 100}
HELD_TWO = {**TWO, "validation_samples": 500}
#: One class has 0.94 of the rows, and every row gets it.
NEARLY_ALL = {"train_accuracy": 0.94 + 0 * T, "val_accuracy": 0.95 + 0 * T}
#: Shares of one class, another and a third.
IN_TURN = np.array([0.0375, 0.04, 0.0475])[np.arange(40) * 7 % 3]
#: An accuracy that is learnt within ten epochs, and a rate that is cut to nothing then.
ROSE = np.minimum(0.3 + 0.056 * T, 0.86)
FROZEN = np.maximum(0.6 - 0.01 * T, 0.5)
RISING = np.r_[0.25, 0.39 + 0.001 * T[1:]]
#: Two classes, 0.58 of the other rows right.
BY_HEART = {"train_accuracy": 1 - falling(0.4, 0.01, 40), "val_accuracy": 0.58 + 0 * T}
#: Every validation row is right, and training has one mistake in five hundred.
ALL_RIGHT = {
    "train_accuracy": 0.998 + 0 * T,
    "val_accuracy": 1 + 0 * T,
    "val_loss": falling(0.5, 0.004, 40),
}


def swinging(spread):
    """What falls to next to nothing and swings in proportion, one value thrice as high."""
    swings = np.exp(spread * np.array([1, -1, 1, 0, -1] * 8)[:39])
    return 0.1 * 0.8 ** np.arange(39) * swings * np.where(np.arange(39) == 5, 3, 1)


OVER_FITS = {"train_loss": falling(0.7, 0.003, 40), "val_accuracy": 0.55 + 0 * T}
BY_HEART_AT_ONCE = {
    "train_accuracy": 1 - falling(0.3, 0, 40),
    "val_loss": falling(7, 4.5, 40),
    "val_accuracy": 0.88 + 0 * T,
}
#: Diagnosis → (facts, curves that show it), (facts, curves that do not).
PAIRS = {
    "labels_unrelated: chance of two classes": (
        "labels_unrelated",
        (TWO, learnt(**at_chance(0.53, 0.75))),
        (TWO, learnt(**at_chance(0.53, 0.75, rises=0.2))),
    ),
    "labels_unrelated: the commoner class has 0.8, and the loss was never below its guess": (
        "labels_unrelated",
        (TWO, learnt(**at_chance(0.8, 0.51, rises=-0.1))),
        (TWO, learnt(**at_chance(0.8, 0.40, rises=-0.1))),
    ),
    "labels_unrelated: from the commonest of three classes to a guess by shares": (
        "labels_unrelated",
        (
            {"classes": 3, "loss": "log"},
            {
                **learnt(**at_chance(0.56, 1.0, rises=-0.1)),
                "train_accuracy": 1 - falling(0.45, 0.01, 40),
            },
        ),
        (  # labels of which some are right: training begins below other rows
            {"classes": 3, "loss": "log"},
            {
                **learnt(**at_chance(0.56, 1.0, rises=-0.1)),
                "train_accuracy": 1 - falling(0.65, 0.01, 40),
            },
        ),
    ),
    "labels_unrelated: K read from accuracy and loss": (
        "labels_unrelated",
        ({}, learnt(**at_chance(0.34, 1.15))),
        ({}, learnt(**at_chance(0.34, 1.50))),  # of ten classes, say: a third is learnt
    ),
    "labels_unrelated: up from below chance to chance is no rise": (
        "labels_unrelated",
        ({"classes": 10, "loss": "log"}, learnt(**at_chance(0.03, 2.4, rises=0.08))),
        ({"classes": 10, "loss": "log"}, learnt(**at_chance(0.03, 2.4, rises=0.18))),
    ),
    "labels_unrelated: unequal classes and few rows at once": (
        "labels_unrelated",
        (
            {"classes": 3, "loss": "log", "validation_samples": 72},
            learnt(**at_chance(0.458, 1.15)),
        ),
        (
            {"classes": 3, "loss": "log", "validation_samples": 2000},
            learnt(**at_chance(0.458, 1.15)),
        ),
    ),
    "labels_unrelated: learnt is a loss below what guessing the commonest class costs": (
        "labels_unrelated",
        (
            {"classes": 6, "loss": "log"},
            {"train_loss": falling(0.6, 0.2, 40), **at_chance(0.88, 0.55, rises=-0.14)},
        ),
        (
            {"classes": 6, "loss": "log"},
            {"train_loss": falling(0.6, 0.5, 40), **at_chance(0.88, 0.55, rises=-0.14)},
        ),
    ),
    "labels_unrelated: two classes, if training begins at the commoner one's share, too": (
        "labels_unrelated",
        (
            {},
            {
                "train_loss": falling(0.6, 0.03, 40),
                "train_accuracy": 1 - falling(0.25, 0.02, 40),
                **at_chance(0.75, 0.57, rises=-0.17),
            },
        ),
        (  # over-fitting of six classes
            {},
            {
                "train_loss": falling(0.6, 0.03, 40),
                "train_accuracy": 1 - falling(0.62, 0.02, 40),
                **at_chance(0.75, 0.57, rises=-0.17),
            },
        ),
    ),
    "accuracy_at_base_rate: one class's share, then another's": (
        "accuracy_at_base_rate",
        ({}, {"train_loss": 1.11 - 0.0003 * T, "train_accuracy": np.where(T < 30, 0.25, 0.41)}),
        ({}, {"train_loss": 1.11 - 0.0003 * T, "train_accuracy": np.where(T < 30, 0.55, 0.60)}),
    ),
    "too_slow: a binary cross-entropy that is summed over two outputs": (
        "too_slow",
        (
            {"classes": 2, "loss": "bce"},
            {
                "train_loss": 1.37 - 0.008 * T,
                "val_loss": 1.38 - 0.008 * T,
                "val_accuracy": 0.6 + 0.008 * T,
            },
        ),
        (
            {"classes": 2, "loss": "bce"},
            {
                "train_loss": 1.37 - 0.024 * T,
                "val_loss": 1.38 - 0.024 * T,
                "val_accuracy": 0.6 + 0.008 * T,
            },
        ),
    ),
    "too_slow: a loss on another scale than it is said to have": (
        "too_slow",
        (
            {"classes": 2, "loss": "log"},
            {
                "train_loss": 0.02 - 0.0001 * T,
                "train_accuracy": 0.65 + 0.005 * T,
                "val_loss": 0.02 - 0.0001 * T,
            },
        ),
        (
            {"classes": 2, "loss": "log"},
            {
                "train_loss": 0.02 - 0.0004 * T,
                "train_accuracy": 0.65 + 0.005 * T,
                "val_loss": 0.02 - 0.0004 * T,
            },
        ),
    ),
    "label_noise: few rows' accuracy may fall while their loss still does": (
        "label_noise",
        (
            {},
            {
                "train_accuracy": 0.6 + 0.01 * T,
                "val_accuracy": 0.9 - 0.005 * np.maximum(T - 6, 0),
                "val_loss": 0.4 + 0.02 * np.abs(T - 6),
            },
        ),
        (
            {},
            {
                "train_accuracy": 0.6 + 0.01 * T,
                "val_accuracy": 0.9 - 0.005 * np.maximum(T - 6, 0),
                "val_loss": 1.0 - 0.02 * T,
            },
        ),
    ),
    "diverging: up from its least, and not a swing that ends high": (
        "diverging",
        ({}, {"train_loss": np.array([1.1, 0.9, 0.4, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])}),
        ({}, {"train_loss": SWINGS}),
    ),
    "oscillating: it may end high": (
        "oscillating",
        ({}, {"train_loss": SWINGS}),
        ({}, {"train_loss": np.sort(SWINGS)[::-1]}),
    ),
    "oscillating: to the end, and not until it settles": (
        "oscillating",
        ({}, {"train_loss": 0.8 + 0.4 * SWING}),
        ({}, {"train_loss": np.where(T < 24, 0.8 + 0.4 * SWING, 0.5 + 0.001 * SWING)}),
    ),
    "oscillating: a swing may take five points": (
        "oscillating",
        ({}, {"train_loss": 0.8 + 0.4 * np.sin(2 * np.pi * T / 5.5)}),
        ({}, {"train_loss": 0.8 + 0.4 * np.sin(2 * np.pi * T / 10)}),
    ),
    "oscillating: beside what it gained, in which a jump on the way has no part": (
        "oscillating",
        ({}, {"train_loss": np.where((T > 15) & (T < 21), 30.0, 0.9 - 0.012 * T + 0.1 * SWING)}),
        ({}, {"train_loss": np.where((T > 15) & (T < 21), 30.0, 0.9 - 0.012 * T + 0.005 * SWING)}),
    ),
    "exploding_gradients: growing at a steady pace": (
        "exploding_gradients",
        ({}, {"train_loss": falling(1, 0.5, 40), "gradient_norm": 0.5 * 1.15**T}),
        ({}, {"train_loss": falling(1, 0.5, 40), "gradient_norm": 0.5 * 1.05**T}),
    ),
    "not_learning: a loss alone that lost a fifth of its first has learnt": (
        "not_learning",
        ({}, {"train_loss": np.where(T < 1, 1.10, 1.0)}),
        ({}, {"train_loss": np.where(T < 1, 1.25, 1.0)}),
    ),
    "labels_unrelated: without a training accuracy its loss tells": (
        "labels_unrelated",
        (TWO, {"train_loss": falling(0.7, 0.1, 40), **at_chance(0.5, 0.8)}),
        (TWO, {"train_loss": falling(0.7, 0.6, 40), **at_chance(0.5, 0.8)}),
    ),
    "bad_start: sigmoids that say one half of each class are no bad start": (
        "bad_start",
        ({"classes": 12, "loss": "quadratic"}, {"train_loss": falling(5.0, 0.2, 40)}),
        ({"classes": 12, "loss": "quadratic"}, {"train_loss": falling(1.5, 0.2, 40)}),
    ),
    "bad_start: it stays, at an accuracy that is a guess": (
        "bad_start",
        (TWO, {"train_loss": 900 * 0.985**T, "train_accuracy": 0.55 + 0.001 * T}),
        (TWO, {"train_loss": 900 * 0.985**T, "train_accuracy": 0.85 + 0.001 * T}),  # another scale
    ),
    "penalty_grows: steadily, once fresh weights have settled": (
        "penalty_grows",
        ({}, {"train_data_loss": falling(1, 0.4, 40), "train_penalty": 0.1 * 1.1**T + 0.02 * T}),
        ({}, {"train_data_loss": falling(1, 0.4, 40), "train_penalty": 0.1 + 0.02 * T}),
    ),
    "penalty_grows: not where the rest of the loss falls by far more": (
        "penalty_grows",
        ({}, {"train_data_loss": 0.5 - 0.0005 * T, "train_penalty": 0.001 * 1.1**T}),
        ({}, {"train_data_loss": 0.5 - 0.011 * T, "train_penalty": 0.001 * 1.1**T}),
    ),
    "penalty_grows: not where a penalty that is not logged would make predictions fail": (
        "penalty_grows",
        ({"classes": 10}, {"train_loss": 40 * 1.2**T, "train_accuracy": 0.8 + 0 * T}),
        ({"classes": 10}, {"train_loss": 40 * 1.2**T, "train_accuracy": 0.8 - 0.015 * T}),
    ),
    "penalty_grows: not by a factor of 1e5 each epoch": (
        "penalty_grows",
        ({}, {"train_data_loss": 1 + 0 * T[:6], "train_penalty": 50.0 ** T[:6]}),
        ({}, {"train_data_loss": 1 + 0 * T[:6], "train_penalty": 1e5 ** T[:6]}),
    ),
    "turn: 1.6% are more than 10,000 rows rise by on their own": (
        "loss_up_accuracy_up",
        (
            {"validation_samples": 10_000},
            learnt(val_loss=1 + 0.0007 * np.abs(T - 16), val_accuracy=0.6 + 0.001 * T),
        ),
        (
            {"validation_samples": 200},
            learnt(val_loss=1 + 0.0007 * np.abs(T - 16), val_accuracy=0.6 + 0.001 * T),
        ),
    ),
    "turn: a penalty makes the training loss rise, accuracy rises too": (
        "loss_up_accuracy_up",
        (
            {},
            {
                "train_loss": 2 + 0.03 * T,
                "train_accuracy": 0.5 + 0.012 * T,
                "val_loss": 1 + 0.02 * np.abs(T - 9),
                "val_accuracy": 0.5 + 0.002 * T,
            },
        ),
        (
            {},
            {
                "train_loss": 2 + 0.03 * T,
                "train_accuracy": 0.5 + 0 * T,
                "val_loss": 1 + 0.02 * np.abs(T - 9),
                "val_accuracy": 0.5 + 0.002 * T,
            },
        ),
    ),
    "diverging: an exponential rises most at its end": (
        "diverging",
        ({}, {"train_loss": np.r_[falling(2, 1, 10), 1.4 ** np.arange(30)]}),
        ({}, {"train_loss": np.r_[falling(2, 1, 10), np.ones(29), 3.0]}),
    ),
    "too_good: one row in a thousand": (
        "too_good",
        ({}, {"val_accuracy": 0.999 + 0 * T, "val_loss": falling(0.03, 0.002, 40)}),
        ({}, {"val_accuracy": 0.997 + 0 * T, "val_loss": falling(0.03, 0.002, 40)}),
    ),
    "penalty_negligible: printed as nothing": (
        "penalty_negligible",
        ({}, {"train_data_loss": falling(1, 0.4, 40), "train_penalty": 0.0 * T}),
        ({}, {"train_data_loss": falling(1, 0.4, 40), "train_penalty": 0.01 + 0.0 * T}),
    ),
    "not_learning: no weight moves": (
        "not_learning",
        (TWO, {"train_loss": 0.5441 - 1e-6 * T, "train_accuracy": 0.84 + 0 * T}),
        (TWO, {"train_loss": 0.5441 - 4e-3 * T, "train_accuracy": 0.84 + 1e-3 * T}),
    ),
    "not_learning: swings, never below the even guess": (
        "not_learning",
        (
            {"classes": 3, "loss": "log"},
            {"train_loss": 1.18 + 0.07 * SWING, "train_accuracy": 0.33 + 0.01 * (T % 3)},
        ),
        (
            {"classes": 3, "loss": "log"},
            {"train_loss": 1.08 + 0.07 * SWING, "train_accuracy": 0.33 + 0.01 * (T % 3)},
        ),
    ),
    "splits_differ: from the start, and not grown to": (
        "splits_differ",
        (TWO, learnt(val_loss=2.0 + 0 * T, val_accuracy=0.97 + 0 * T)),
        (TWO, learnt(val_loss=0.1 + 0.05 * T, val_accuracy=0.97 + 0 * T)),
    ),
    "too_slow: far above what K makes of done": (
        "too_slow",
        ({"classes": 10, "loss": "log"}, {"train_loss": 2.9 - 0.03 * T}),
        ({"classes": 10, "loss": "log"}, {"train_loss": 2.9 - 0.048 * T}),
    ),
    "too_slow: half of the guess, where other rows lose as much": (
        "too_slow",
        (
            {"classes": 10, "loss": "log"},
            {"train_loss": 2.3 - 0.025 * T, "val_loss": 2.3 - 0.024 * T},
        ),
        (
            {"classes": 10, "loss": "log"},
            {"train_loss": 2.3 - 0.025 * T, "val_loss": 2.3 - 0.018 * T},
        ),
    ),
    "too_slow: not where next to nothing of it holds for other rows": (
        "too_slow",
        ({}, {"train_loss": 2.3 - 0.01 * T, "val_loss": 2.3 - 0.002 * T}),
        ({}, {"train_loss": 2.3 - 0.01 * T, "val_loss": 2.3 - 0.0005 * T}),
    ),
    "too_slow: many are right that began as a guess, and the loss has not followed": (
        "too_slow",
        (
            {},
            {
                "train_loss": 0.69 - 0.007 * T,
                "val_loss": 0.69 - 0.007 * T,
                "val_accuracy": 0.93 - falling(0.35, 0, 40),
            },
        ),
        (
            {},
            {
                "train_loss": 0.69 - 0.007 * T,
                "val_loss": 0.69 - 0.007 * T,
                "val_accuracy": 0.93 - falling(0.15, 0, 40),
            },
        ),
    ),
    "too_slow: not where the last quarter stands": (
        "too_slow",
        ({}, {"train_loss": np.minimum(2.3 - 0.01 * T, 2.1 - 0.006 * (T - 20))}),
        ({}, {"train_loss": np.where(T < 30, 2.3 - 0.01 * T, 2.0 - 0.002 * (T - 30))}),
    ),
    "label_noise: more than thirty rows fall by": (
        "label_noise",
        (
            {"validation_samples": 3_000},
            {"train_accuracy": 0.6 + 0.008 * T, "val_accuracy": 0.8 - 0.002 * np.abs(T - 5)},
        ),
        (
            {"validation_samples": 30},
            {"train_accuracy": 0.6 + 0.008 * T, "val_accuracy": 0.8 - 0.002 * np.abs(T - 5)},
        ),
    ),
    "plateau: early enough, where training still gains": (
        "plateau",
        ({}, {"train_loss": 1 - 0.01 * T, "val_loss": falling(1, 0.5, 40, 0.4)}),
        ({}, {"train_loss": 1 - 0.01 * T, "val_loss": falling(1, 0.5, 40, 0.18)}),
    ),
    "accuracy_at_base_rate: both splits have a class's share alike": (
        "accuracy_at_base_rate",
        (
            {},
            {
                "train_loss": falling(0.7, 0.67, 40),
                "train_accuracy": 0.62 + 0 * T,
                "val_accuracy": 0.60 + 0 * T,
            },
        ),
        (
            {},
            {
                "train_loss": falling(0.7, 0.67, 40),
                "train_accuracy": 0.72 + 0 * T,
                "val_accuracy": 0.55 + 0 * T,
            },
        ),
    ),
    "accuracy_at_base_rate: a constant prediction costs its entropy at least": (
        "accuracy_at_base_rate",
        (TWO, {"train_loss": falling(0.56, 0.53, 40), "train_accuracy": 0.8 + 0 * T}),
        (TWO, {"train_loss": falling(0.44, 0.42, 40), "train_accuracy": 0.8 + 0 * T}),
    ),
    "accuracy_at_base_rate: at what two shares cost, from twice as much": (
        "accuracy_at_base_rate",
        (TWO, {"train_loss": falling(1.05, 0.528, 40, 0.6), "train_accuracy": 0.78 + 0 * T}),
        (TWO, {"train_loss": falling(1.05, 0.528, 40, 0.6), "train_accuracy": 0.82 + 0 * T}),
    ),
    "accuracy_at_base_rate: a share is not negative": (
        "accuracy_at_base_rate",
        (TWO, {"train_loss": falling(0.7, 0.69, 40), "train_accuracy": 0.45 + 0 * T}),
        (TWO, {"train_loss": falling(0.7, 0.69, 40), "train_accuracy": -0.45 + 0 * T}),
    ),
    "plateau: a dozen points, where training still gains": (
        "plateau",
        ({}, {"train_loss": 1 - 0.02 * T[:22], "val_loss": falling(1, 0.5, 22, 0.42)}),
        ({}, {"train_loss": 1 - 0.02 * T[:20], "val_loss": falling(1, 0.5, 20, 0.42)}),
    ),
    "oscillating: by a tenth of its level": (
        "oscillating",
        ({}, {"train_loss": (0.5 + falling(0.8, 0, 40)) * (1 + 0.05 * SWING)}),
        ({}, {"train_loss": (0.5 + falling(0.8, 0, 40)) * (1 + 0.03 * SWING)}),
    ),
    "learning_rate_zero: the loss does not fall at it": (
        "learning_rate_zero",
        ({}, {"learning_rate": 0.0 * T, "train_loss": 0.9 + 0.01 * SWING}),
        ({}, {"learning_rate": 0.0 * T, "train_loss": 0.9 - 0.01 * T}),  # rounded
    ),
    "loss_impossible: always, and not blown up to": (
        "loss_impossible",
        (TWO, {"val_loss": falling(90, 20, 40), "val_accuracy": 0.9 + 0 * T}),
        (TWO, {"val_loss": 0.3 + 0.5 * T, "val_accuracy": 0.9 + 0 * T}),
    ),
    "loss_flat_accuracy_moves: there and back": (
        "loss_flat_accuracy_moves",
        ({}, {"val_loss": 3 + 0 * T, "val_accuracy": 0.5 + 0.1 * np.sin(T / 6)}),
        ({}, {"val_loss": 3 + 0 * T, "val_accuracy": 0.5 + 0.02 * np.sin(T / 6)}),
    ),
    "loss_flat_accuracy_moves: jumps of so many rows are no chance": (
        "loss_flat_accuracy_moves",
        ({"validation_samples": 1_000}, {"val_loss": 3 + 0 * T, "val_accuracy": 0.4 + 0.1 * SWING}),
        ({"validation_samples": 50}, {"val_loss": 3 + 0 * T, "val_accuracy": 0.4 + 0.1 * SWING}),
    ),
    "accuracy_at_base_rate: at what shares of 0.94 and 0.06 cost, by a loss that is not named": (
        "accuracy_at_base_rate",
        ({}, NEARLY_ALL | {"train_loss": falling(0.6, 0.227, 40), "val_loss": 0.198 + 0 * T}),
        ({}, NEARLY_ALL | {"train_loss": falling(0.6, 0.17, 40), "val_loss": 0.15 + 0 * T}),
    ),
    "accuracy_at_base_rate: shares of 26 classes by turns, at what 1/26 costs": (
        "accuracy_at_base_rate",
        (LETTERS, {"train_accuracy": IN_TURN, "train_loss": falling(14, 4.3, 40, 0.2)}),
        (LETTERS, {"train_accuracy": IN_TURN, "train_loss": falling(14, 3.9, 40, 0.2)}),
    ),
    "accuracy_at_base_rate: no level that it rose to, and then froze": (
        "accuracy_at_base_rate",
        ({}, {"train_accuracy": 0.86 + 0 * T, "train_loss": FROZEN, "val_accuracy": 0.86 + 0 * T}),
        ({}, {"train_accuracy": ROSE, "train_loss": FROZEN, "val_accuracy": ROSE}),
    ),
    "accuracy_at_base_rate: two classes are more than one row apart": (
        "accuracy_at_base_rate",
        (HUNDRED, {"val_loss": 1.2 - 0.001 * T, "val_accuracy": 0.3 + 0.04 * (T % 3 == 0)}),
        (HUNDRED, {"val_loss": 1.2 - 0.001 * T, "val_accuracy": 0.3 + 0.01 * (T % 3 == 0)}),
    ),
    "bad_start: one class's share is no proof of another scale": (
        "bad_start",
        (TWO, {"train_loss": 1500 - 2.0 * T, "train_accuracy": 0.93 + 0 * T}),
        (TWO, {"train_loss": 1500 - 2.0 * T, "train_accuracy": 0.8 + 0.13 * T / 40}),
    ),
    "bad_start: a loss that breaks does not stay": (
        "bad_start",
        (FOUR, {"train_loss": [6e13] + [math.nan] * 39, "train_accuracy": RISING}),
        (FOUR, {"train_loss": [6e13] + [5e13] * 39, "train_accuracy": RISING}),
    ),
    "bad_start: 18 is what 26 sigmoids cost that say 1/2, and 70 is not": (
        "bad_start",
        ({}, {"train_loss": falling(70, 2, 40), "train_accuracy": 0.04 + 0.02 * T}),
        ({}, {"train_loss": falling(18, 2, 40), "train_accuracy": 0.04 + 0.02 * T}),
    ),
    "labels_unrelated: a loss on other rows that falls to the end knows them": (
        "labels_unrelated",
        (HELD_TWO, BY_HEART | {"val_loss": 0.7 + 0.01 * T}),
        (HELD_TWO, BY_HEART | {"val_loss": 0.7 - 0.001 * T}),
    ),
    "labels_unrelated: a loss that was below the even guess's knew something": (
        "labels_unrelated",
        (HELD_TWO, BY_HEART | {"val_loss": 0.69 + 0.02 * T}),
        (HELD_TWO, BY_HEART | {"val_loss": 0.63 + 0.02 * T}),
    ),
    "loss_above_calibrated: above the even guess's, at an accuracy below 1/K": (
        "loss_above_calibrated",
        (TWO, {"val_loss": 1.1 + 0 * T, "val_accuracy": 0.36 + 0 * T}),
        (TWO, {"val_loss": 0.7 + 0 * T, "val_accuracy": 0.36 + 0 * T}),
    ),
    "penalty_dominates: accuracy moves beside a number that stays": (
        "penalty_dominates",
        ({}, {"train_loss": 60 - 0.05 * T, "train_accuracy": 0.6 + 0.2 * T / 40}),
        ({}, {"train_loss": 60 - 0.05 * T, "train_accuracy": 0.6 + 0.02 * T / 40}),
    ),
    "penalty_grows: a millionth of the loss drives nothing": (
        "penalty_grows",
        ({}, {"train_data_loss": 0.4 + 0 * T, "train_penalty": 1e-2 * 1.03**T}),
        ({}, {"train_data_loss": 0.4 + 0 * T, "train_penalty": 1e-6 * 1.03**T}),
    ),
    "penalty_one_split: more than the mistakes can cost that training alone makes": (
        "penalty_one_split",
        ({}, ALL_RIGHT | {"train_loss": 0.5 + falling(0.5, 0.011, 40)}),
        ({}, ALL_RIGHT | {"train_loss": falling(0.5, 0.011, 40)}),
    ),
    "spikes: above where the loss fell from": (
        "spikes",
        ({}, {"train_loss": np.r_[1, 0.2, 0.1, 0.1, 0.25, falling(0.1, 0.08, 35)]}),
        ({}, {"train_loss": np.r_[1, 0.8, 0.6, 0.1, 0.25, falling(0.1, 0.08, 35)]}),
    ),
    "spikes: more than a loss swings by in proportion to itself": (
        "spikes",
        ({}, {"train_loss": np.r_[1, swinging(0.01)]}),
        ({}, {"train_loss": np.r_[1, swinging(0.2)]}),
    ),
    "splits_differ: a hundredfold at once, whatever it grows to": (
        "splits_differ",
        ({}, OVER_FITS | {"val_loss": 69 + 3.0 * T}),
        ({}, OVER_FITS | {"val_loss": 0.69 + 0.03 * T}),
    ),
    "splits_differ: a tenth at once, though the training loss passes it": (
        "splits_differ",
        ({}, {"train_loss": falling(0.25, 0.036, 40), "val_loss": 0.026 + 0.0004 * T}),
        ({}, {"train_loss": falling(0.25, 0.036, 40), "val_loss": 0.26 + 0.004 * T}),
    ),
    "splits_differ: mistakes that cost more in training are not clipped": (
        "splits_differ",
        ({}, BY_HEART_AT_ONCE | {"train_loss": falling(0.65, 1e-7, 40)}),
        ({}, BY_HEART_AT_ONCE | {"train_loss": falling(6.5, 1e-7, 40)}),
    ),
    "penalty_one_split: half above, not a quarter": (
        "penalty_one_split",
        ({}, {**healthy(), "train_loss": healthy()["val_loss"] + 0.4}),
        ({}, {**healthy(), "train_loss": healthy()["val_loss"] + 0.08}),
    ),
    "penalty_one_split: not where next to nothing is right, as of a regression": (
        "penalty_one_split",
        ({}, {**ALIKE, "train_accuracy": 0.5 + 0 * T, "val_accuracy": 0.5 + 0 * T}),
        ({}, {**ALIKE, "train_accuracy": 0.01 + 0 * T, "val_accuracy": 0.01 + 0 * T}),
    ),
    "not_learning: a small fall that is steady is none": (
        "not_learning",
        ({}, {"train_loss": 1 + 0.002 * SWING}),
        ({}, {"train_loss": 1 - 0.0004 * T}),
    ),
    "accuracy_at_base_rate: a loss that was never below its cost, whatever training does": (
        "accuracy_at_base_rate",
        (TWO, {**COMMONER, "val_loss": 0.51 + 0.001 * T}),
        (TWO, {**COMMONER, "val_loss": 0.40 + 0.001 * T}),
    ),
    "accuracy_at_base_rate: the rest of seven classes costs more than of two": (
        "accuracy_at_base_rate",
        ({"classes": 7}, {**COMMONER, "val_loss": 0.86 + 0.001 * T}),
        ({"classes": 7}, {**COMMONER, "val_loss": 0.80 + 0.001 * T}),
    ),
    "accuracy_at_base_rate: not of a loss that is on its way down": (
        "accuracy_at_base_rate",
        (TWO, {**COMMONER, "val_loss": 0.62 - 0.001 * T}),
        (TWO, {**COMMONER, "val_loss": 0.72 - 0.005 * T}),
    ),
    "accuracy_at_base_rate: not where training's loss tells its rows apart": (
        "accuracy_at_base_rate",
        (TWO, {"train_loss": falling(1.1, 0.5, 40), **LEFT_ALONE}),
        (TWO, {"train_loss": falling(1.1, 0.4, 40), **LEFT_ALONE}),
    ),
    "accuracy_at_base_rate: none at all, while the loss falls": (
        "accuracy_at_base_rate",
        ({}, {"val_loss": falling(0.08, 0.01, 40), "val_accuracy": 0 * T}),
        ({}, {"val_loss": falling(0.08, 0.01, 40), "val_accuracy": 0.2 + 0 * T}),
    ),
    "not_finite: gradients at the end, and not of one step": (
        "not_finite",
        ({}, {**FALLS, "gradient_norm": np.where(T > 36, np.nan, 1.0)}),
        ({}, {**FALLS, "gradient_norm": np.where(T == 20, np.nan, 1.0)}),
    ),
    "generalisation_gap: a training loss that leaves few rows wrong": (
        "generalisation_gap",
        ({}, {**right_at(0.8, 0.7), "train_loss": falling(1, 0.03, 40)}),
        ({}, {**right_at(0.8, 0.7), "train_loss": falling(1, 0.10, 40)}),
    ),
    "generalisation_gap: not of a loss that is less than its mistakes would cost": (
        "generalisation_gap",
        ({}, {**right_at(0.8, 0.15), "train_loss": falling(1, 0.03, 40)}),
        ({}, {**right_at(0.8, 0.13), "train_loss": falling(1, 0.03, 40)}),
    ),
    "train_only: validation rows that never gave a number are there": (
        "train_only",
        ({}, FALLS),
        ({}, {**FALLS, "val_loss": np.nan + T}),
    ),
    "over_fitting: a rise near its noise, where training goes on to fall": (
        "over_fitting",
        ({}, {"train_loss": falling(1, 0.1, 14, 0.2), "val_loss": TURNS}),
        ({}, {"train_loss": falling(1, 0.1, 14, 2.0), "val_loss": TURNS}),
    ),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_one_side_shows_it_and_the_other_does_not(pair):
    name, (facts, curves), (others, neighbours) = PAIRS[pair]
    assert name in names(facts, **curves)
    assert name not in names(others, **neighbours)


def test_a_regression_with_an_accuracy_has_no_problem():
    curves = {"val_loss": falling(0.08, 0.01, 40), "val_accuracy": 0 * T}
    assert not [f for f in cp.diagnose(made(**curves)).findings if f.level == "problem"]


def test_nothing_is_learnt_is_not_said_of_the_end_of_a_longer_log():
    stands = 3.0 + 0.005 * SWING[:8]
    whole, end = (
        History.of_points(
            [(None, float(first + i), "train", "loss", value) for i, value in enumerate(stands)]
        )
        for first in (1, 31)
    )
    assert "not_learning" in {f.name for f in cp.diagnose(whole).findings}
    assert "not_learning" not in {f.name for f in cp.diagnose(end).findings}


def test_a_log_of_one_epoch_is_judged_by_its_steps():
    loss = np.where(T > 20, np.nan, 1.0 - T / 50)
    points = [(100 * (i + 1), 1.0, "train", "loss", value) for i, value in enumerate(loss)]
    [found] = [f for f in cp.diagnose(History.of_points(points)).findings if f.level == "problem"]
    assert (found.name, found.since) == ("not_finite", "step 2,200")


def test_nan_before_anything_was_measured_is_no_problem():
    begins, breaks = (
        {f.name: f.level for f in cp.diagnose(made(train_loss=loss)).findings}
        for loss in (np.where(T < 10, np.nan, 1 - T / 50), np.where(T > 30, np.nan, 1 - T / 50))
    )
    assert begins["not_finite"] == "caution"
    assert breaks["not_finite"] == "problem"


def test_a_log_without_a_loss_is_not_said_to_be_well():
    [found] = cp.diagnose(History.of_points([(None, 1.0, "test", "auc", 0.8)])).findings
    assert "next to nothing was judged" in found.title


def test_the_bound_of_a_constant_prediction_is_its_entropy():
    """The costs above lie on both sides of the entropy of 0.8 and 0.2."""
    entropy = -0.8 * math.log(0.8) - 0.2 * math.log(0.2)
    assert 0.42 < 0.97 * entropy < 0.53
