"""Kinds of healthy runs: a plain one drawn at random, and what is changed in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from recipes import Logging, Recipe

Change = Callable[[Recipe, np.random.Generator], Recipe]

#: Learning rates at which an optimiser does well on standardised inputs.
RATES = {
    "sgd": (0.03, 0.2),
    "momentum": (0.005, 0.03),
    "adam": (0.001, 0.006),
    "rmsprop": (0.0005, 0.002),
}
#: The gradient of these losses is smaller or larger than that of the cross-entropy.
LOSS_RATES = {"log": 1.0, "brier": 1.0, "quadratic": 3.0, "bce": 0.7}
FORMATS = (
    "keras_csv",
    "keras_text",
    "lightning_csv",
    "hugging_face",
    "textbook_text",
    "textbook_json",
    "json_lines",
    "recorder",
    "pytorch_text",
    "fastai",
    "wide_csv",
)
#: Most updates of a run; the batch grows where there would be more.
MOST_UPDATES = 1500


def plain(data_set: str, seed: int, rng: np.random.Generator) -> Recipe:
    """A healthy run drawn at random: sizes, loss, optimiser, length and what is logged."""
    optimiser = str(rng.choice(list(RATES)))
    loss = str(rng.choice(list(LOSS_RATES), p=[0.55, 0.15, 0.15, 0.15]))
    low, high = RATES[optimiser]
    rate = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    factor = LOSS_RATES[loss] if optimiser in ("sgd", "momentum") else 1.0
    layers = int(rng.choice([0, 1, 1, 1, 2]))
    recipe = Recipe(
        kind="plain",
        data_set=data_set,
        seed=seed,
        hidden=tuple(int(rng.choice([8, 16, 32, 64])) for _ in range(layers)),
        activation=str(rng.choice(["relu", "relu", "tanh"])),
        loss=loss,
        optimiser=optimiser,
        rate=float(f"{rate * factor:.2g}"),
        batch=int(rng.choice([8, 16, 32, 64])),
        epochs=int(np.exp(rng.uniform(np.log(8), np.log(200)))),
        train_rows=int(rng.choice([200, 400, 800, 1200])),
        validation_rows=int(rng.choice([100, 200, 500, 1000])),
        logging=logging(rng),
    )
    return within_updates(recipe)


def within_updates(recipe: Recipe) -> Recipe:
    """The same with a batch so large that there are at most `MOST_UPDATES` updates."""
    batch = recipe.batch
    while recipe.train_rows / batch * recipe.epochs > MOST_UPDATES and batch < 256:
        batch *= 2
    return replace(recipe, batch=batch)


def logging(rng: np.random.Generator) -> Logging:
    """What is written down of a run: most logs have both splits and an accuracy."""
    told = ("classes", "loss", "samples") if rng.random() < 0.7 else ()
    return Logging(
        format=str(rng.choice(FORMATS)),
        running=bool(rng.random() < 0.6),
        accuracy=bool(rng.random() < 0.88),
        validation=bool(rng.random() < 0.92),
        rate=bool(rng.random() < 0.3),
        gradients=bool(rng.random() < 0.2),
        weights=bool(rng.random() < 0.15),
        told=told,
    )


def _penalised(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    alpha = float(10 ** rng.uniform(-4, -2.5))
    kept = replace(recipe.logging, penalty=str(rng.choice(["none", "train", "both", "apart"])))
    return replace(recipe, alpha=alpha, logging=kept)


def _smoothed(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    return replace(recipe, loss="log", label_smoothing=float(rng.choice([0.05, 0.1])))


def _scheduled(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    schedule = str(rng.choice(["step", "cosine", "linear", "warmup"]))
    kept = replace(recipe.logging, rate=bool(rng.random() < 0.6))
    return replace(recipe, schedule=schedule, epochs=max(recipe.epochs, 20), logging=kept)


def _restarted(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    return replace(_scheduled(recipe, rng), schedule="restarts", epochs=max(recipe.epochs, 30))


def _few_rows(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    return replace(recipe, validation_rows=int(rng.choice([20, 30, 50])))


def _stopped_early(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    kept = replace(recipe.logging, validation=True)
    return replace(recipe, patience=int(rng.choice([3, 5, 8])), epochs=150, logging=kept)


def _with_dropout(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    return replace(recipe, hidden=(64,), dropout=float(rng.choice([0.2, 0.4])))


def _with_batch_norm(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    return replace(recipe, hidden=(32, 32), batch_norm=True, batch=max(recipe.batch, 16))


def _train_only(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    kept = replace(
        recipe.logging, validation=False, format=str(rng.choice([*FORMATS, "scikit_learn"]))
    )
    return replace(recipe, logging=kept)


def _short(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    return replace(recipe, epochs=int(rng.integers(1, 6)))


def _final_only(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    kept = replace(recipe.logging, format="wandb_summary", validation=True)
    return replace(recipe, logging=kept)


def _noisy_rows(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Some labels are wrong, as they are in real tables; everything else is right."""
    return replace(recipe, flipped=float(rng.uniform(0.02, 0.08)))


def _well_fitted(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Many rows, few weights, a length that suits: no over-fitting to speak of."""
    return replace(recipe, train_rows=1500, hidden=(16,), validation_rows=1500, epochs=30, batch=32)


#: Kind → what is changed in a plain run.
HEALTHY: dict[str, Change] = {
    "plain": lambda recipe, rng: recipe,
    "well_fitted": _well_fitted,
    "penalised": _penalised,
    "label_smoothing": _smoothed,
    "schedule": _scheduled,
    "warm_restarts": _restarted,
    "few_validation_rows": _few_rows,
    "early_stopping": _stopped_early,
    "dropout": _with_dropout,
    "batch_norm": _with_batch_norm,
    "train_only": _train_only,
    "short": _short,
    "final_only": _final_only,
    "a_few_wrong_labels": _noisy_rows,
}
