"""Courses of training made up by formula."""

from __future__ import annotations

import numpy as np

from counterpoint.runs.history import History

SPLITS = {"train": "train", "val": "validation", "test": "test"}


def made(epochs=None, facts=None, **curves):
    """A history of curves named ``train_loss``, ``val_accuracy``, ``learning_rate`` and so on."""
    points = []
    for name, values in curves.items():
        head, _, rest = name.partition("_")
        split, quantity = (SPLITS[head], rest) if head in SPLITS else ("", name)
        points += [
            (None, float(epoch), split, quantity, float(value))
            for epoch, value in enumerate(values, start=1)
        ]
    return History.of_points(points, name="made", facts=facts)


def falling(start, end, epochs, rate=0.15):
    """An exponential from one level to another."""
    return end + (start - end) * np.exp(-rate * np.arange(epochs))


def healthy(epochs=40, classes=10, seed=0, noise=0.01):
    """Loss and accuracy that fall and rise together on both splits, with noise."""
    rng = np.random.default_rng(seed)
    guess = np.log(classes)
    curves = {
        "train_loss": falling(guess, 0.25, epochs),
        "train_accuracy": 1 - falling(1 - 1 / classes, 0.07, epochs),
        "val_loss": falling(guess, 0.32, epochs),
        "val_accuracy": 1 - falling(1 - 1 / classes, 0.09, epochs),
    }
    return {
        name: values * (1 + noise * rng.normal(size=epochs))
        if "loss" in name
        else np.clip(values + 0.3 * noise * rng.normal(size=epochs), 0, 1)
        for name, values in curves.items()
    }
