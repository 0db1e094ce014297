"""Faults that are put into a run: each changes a plain recipe in which nothing is wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from healthy import LOSS_RATES, Change
from recipes import Logging, Recipe


def _log(recipe: Recipe, **changes: object) -> Logging:
    return replace(recipe.logging, **changes)  # type: ignore[arg-type]


def _penalty_shown(recipe: Recipe, rng: np.random.Generator, *how: str) -> Logging:
    return _log(recipe, penalty=str(rng.choice(how)))


def _plain_descent(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Gradient descent, in which decay and penalty are the same thing."""
    rate = float(rng.uniform(0.05, 0.15)) * LOSS_RATES[recipe.loss]
    return replace(recipe, optimiser="sgd", rate=rate, epochs=int(rng.integers(12, 80)))


def _beside(rng: np.random.Generator) -> str:
    """A format that holds whatever is logged."""
    return str(rng.choice(["keras_csv", "lightning_csv", "json_lines", "recorder", "pytorch_text"]))


def _learns_by_heart(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Few rows, many weights, many epochs."""
    return replace(
        recipe,
        hidden=(128,),
        activation="relu",
        optimiser="adam",
        rate=0.01,
        batch=32,
        train_rows=int(rng.choice([120, 200])),
        epochs=int(rng.integers(50, 140)),
        validation_rows=1000,
    )


def _wrong_sign(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    recipe = _plain_descent(recipe, rng)
    # Growth of the weights by a factor of 1.05 to 1.3 an epoch.
    updates = max(1.0, recipe.train_rows / recipe.batch)
    alpha = float(np.log(rng.uniform(1.05, 1.3)) / updates / recipe.rate)
    shown = _penalty_shown(recipe, rng, "apart", "apart", "both", "train", "none")
    return replace(
        recipe, alpha=alpha, decay_factor=-1.0, epochs=min(recipe.epochs, 40), logging=shown
    )


def _wrong_n_in_update(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """The decay is divided by the size of a mini-batch instead of that of the training set."""
    recipe = _plain_descent(recipe, rng)
    alpha = float(10 ** rng.uniform(-2.5, -1.5))
    return replace(
        recipe,
        alpha=alpha,
        decay_factor=recipe.train_rows / recipe.batch,
        logging=_penalty_shown(recipe, rng, "apart", "both", "train"),
    )


def _wrong_n_in_report(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """The validation penalty is divided by the validation rows' number."""
    recipe = _plain_descent(recipe, rng)
    shown = _log(recipe, validation=True, penalty=str(rng.choice(["apart", "apart", "both"])))
    recipe = replace(recipe, validation_rows=min(recipe.validation_rows, 200), train_rows=800)
    factor = 800 / recipe.validation_rows
    return replace(
        recipe,
        alpha=float(10 ** rng.uniform(-3, -2)),
        validation_penalty_factor=factor,
        logging=shown,
    )


def _too_strong(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    recipe = _plain_descent(recipe, rng)
    alpha = float(rng.uniform(0.1, 1.5)) / LOSS_RATES[recipe.loss]
    return replace(
        recipe, alpha=alpha, logging=_penalty_shown(recipe, rng, "apart", "both", "train", "none")
    )


def _dominates(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Wide first weights under a reported penalty that the update hardly follows."""
    shown = _penalty_shown(recipe, rng, "apart", "apart", "both", "train")
    return replace(
        recipe, hidden=(64,), alpha=float(rng.uniform(0.05, 0.5)), decay_factor=0.0, logging=shown
    )


def _negligible(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    return replace(
        recipe, alpha=float(10 ** rng.uniform(-9, -7)), logging=_log(recipe, penalty="apart")
    )


def _one_split(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    shown = _log(recipe, penalty="train", validation=True, accuracy=True, format=_beside(rng))
    return replace(recipe, alpha=float(10 ** rng.uniform(-1.5, -0.8)), logging=shown)


def _rate_too_high(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    factor = float(10 ** rng.uniform(1.2, 2.5))
    return replace(recipe, rate=recipe.rate * factor, epochs=max(recipe.epochs, 12))


def _oscillation(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Full batches beyond or at the edge of stability, or far too large steps of Adam."""
    recipe = replace(recipe, epochs=int(rng.integers(20, 120)), logging=_log(recipe, train=True))
    if rng.random() < 0.5:
        rate = float(np.exp(rng.uniform(np.log(10), np.log(80)))) * LOSS_RATES[recipe.loss]
        return replace(recipe, hidden=(), optimiser="sgd", rate=rate, batch=2000)
    if rng.random() < 0.25:
        rate = float(rng.uniform(1.5, 8.0)) * LOSS_RATES[recipe.loss]
        return replace(recipe, optimiser="momentum", rate=rate, batch=256)
    return replace(recipe, optimiser="adam", rate=float(rng.uniform(0.05, 0.3)), batch=64)


def _rate_too_low(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    factor = float(10 ** rng.uniform(-2.6, -1.5))
    return replace(
        recipe,
        rate=recipe.rate * factor,
        epochs=int(rng.integers(10, 50)),
        logging=_log(recipe, rate=bool(rng.random() < 0.4)),
    )


def _rate_zero(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    return replace(
        recipe,
        rate=0.0,
        epochs=int(rng.integers(6, 30)),
        logging=_log(recipe, rate=bool(rng.random() < 0.6)),
    )


def _rate_absurd(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    low = bool(rng.random() < 0.5)
    rate = float(10 ** rng.uniform(-9, -7.5)) if low else float(10 ** rng.uniform(1.3, 2.5))
    shown = _log(recipe, rate=True, format=_beside(rng))
    return replace(recipe, rate=rate, epochs=max(8, recipe.epochs // 2), logging=shown)


def _shuffled(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Labels out of step with their rows, learnt by heart."""
    recipe = _learns_by_heart(recipe, rng)
    return replace(recipe, flipped=1.0, logging=_log(recipe, validation=True, accuracy=True))


def _shuffled_validation(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    shown = _log(recipe, validation=True)
    return replace(recipe, flipped_validation=1.0, epochs=max(recipe.epochs, 15), logging=shown)


def _label_noise(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    recipe = _learns_by_heart(recipe, rng)
    shown = _log(recipe, validation=True, accuracy=True, format=_beside(rng))
    return replace(recipe, flipped=float(rng.uniform(0.25, 0.5)), logging=shown)


def _leak(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    return replace(
        recipe,
        leak=float(rng.uniform(4, 10)),
        optimiser="adam",
        rate=0.01,
        epochs=max(20, recipe.epochs),
        logging=_log(recipe, validation=True, accuracy=True),
    )


def _training_mode(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    recipe = replace(recipe, validation_mode="training", logging=_log(recipe, validation=True))
    if rng.random() < 0.5:
        return replace(recipe, hidden=(64,), dropout=float(rng.choice([0.5, 0.7])))
    return replace(recipe, hidden=(32, 32), batch_norm=True, batch=max(recipe.batch, 16))


def _validation_unit(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """The validation loss is a sum over a batch, a mean over outputs, or in bits."""
    unit = float(rng.choice([0.1, 1 / 32, 1.4427, 32, 100]))
    shown = _log(recipe, validation=True, accuracy=True)
    return replace(recipe, validation_unit=unit, logging=shown)


def _both_units(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Both losses are divided or multiplied by the same number too many."""
    unit = float(rng.choice([0.01, 1 / 32, 32, 128]))
    shown = _log(recipe, accuracy=True, told=("classes", "loss", "samples"))
    return replace(recipe, validation_unit=unit, train_unit=unit, logging=shown)


def _bad_first(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    return replace(
        recipe, first_scale=float(rng.uniform(8, 40)), hidden=(64, 32), activation="relu"
    )


def _dead(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    return replace(
        recipe,
        activation="relu",
        hidden=(32,),
        first_bias=-60.0,
        epochs=int(rng.integers(8, 50)),
    )


def _unnormalised(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    return replace(
        recipe,
        input_scale=float(10 ** rng.uniform(1.3, 2.5)),
        input_shift=float(rng.choice([0, 100])),
        epochs=max(10, recipe.epochs),
    )


def _appended(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    form = str(rng.choice(["keras_csv", "keras_text", "json_lines", "wide_csv", "pytorch_text"]))
    return replace(
        recipe, appended=1, epochs=min(60, recipe.epochs), logging=_log(recipe, format=form)
    )


def _over_fitting(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Few rows, many weights, many epochs."""
    return replace(
        recipe,
        hidden=(64, 64) if rng.random() < 0.4 else (64,),
        optimiser="adam",
        rate=float(rng.uniform(0.003, 0.01)),
        train_rows=int(rng.choice([60, 100, 200, 300])),
        epochs=int(rng.integers(60, 200)),
        batch=32,
        validation_rows=1000,
        logging=_log(recipe, validation=True),
    )


def _over_confident(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    recipe = _over_fitting(recipe, rng)
    loss = "log" if rng.random() < 0.8 else "bce"
    return replace(recipe, loss=loss, flipped=float(rng.choice([0, 0.05])))


def _not_a_number(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    epoch = int(rng.integers(2, max(3, recipe.epochs - 2)))
    return replace(recipe, events=((epoch, np.inf),), epochs=max(recipe.epochs, 6))


def _divergence(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Healthy until some epoch; from then on the rate is far too high."""
    epochs = max(recipe.epochs, 16)
    begin = int(rng.integers(epochs // 3, epochs * 2 // 3))
    factor = float(10 ** rng.uniform(2, 3.5))
    return replace(
        recipe,
        loss=str(rng.choice(["log", "bce"])),
        hidden=(),
        optimiser="sgd",
        rate=0.1,
        epochs=epochs,
        events=tuple((epoch, factor) for epoch in range(begin, epochs)),
        logging=_log(recipe, gradients=bool(rng.random() < 0.5)),
    )


def _spikes(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Two epochs have a mini-batch of unscaled rows; means over the epoch show it."""
    epochs = int(rng.integers(25, 90))
    at = rng.choice(np.arange(8, epochs - 6, 6), 2, replace=False)
    return replace(
        recipe,
        loss=str(rng.choice(["log", "bce"])),  # the others are bounded
        optimiser="adam",
        rate=0.002,
        epochs=epochs,
        bad_batches=tuple(int(epoch) for epoch in sorted(at)),
        logging=_log(recipe, running=True),
    )


def _plateau(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    epochs = int(rng.integers(40, 160))
    stop = int(rng.integers(epochs // 5, epochs // 2))
    return replace(
        recipe,
        hidden=(16,),
        train_rows=1200,
        epochs=epochs,
        events=tuple((epoch, 1e-3) for epoch in range(stop, epochs)),
    )


def _redrawn(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    shown = _log(recipe, validation=True, accuracy=True)
    return replace(
        recipe, redraw=int(rng.choice([15, 25, 40])), epochs=max(20, recipe.epochs), logging=shown
    )


def _vanishing(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """Many layers of sigmoids; or saturated outputs, whose quadratic cost has no slope left."""
    if rng.random() < 0.5:
        return replace(
            recipe,
            hidden=(32,),
            activation="sigmoid",
            loss="quadratic",
            optimiser="sgd",
            rate=0.1,
            first_scale=float(10 ** rng.uniform(4, 5)),
            epochs=int(rng.integers(8, 40)),
            logging=_log(recipe, gradients=True, format=_beside(rng)),
        )
    return replace(
        recipe,
        hidden=(16,) * int(rng.integers(6, 10)),
        activation="sigmoid",
        optimiser="sgd",
        rate=0.05,
        epochs=int(rng.integers(8, 40)),
        logging=_log(recipe, gradients=bool(rng.random() < 0.7)),
    )


def _exploding(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    return replace(
        recipe,
        hidden=(32,) * 4,
        activation="relu",
        loss=str(rng.choice(["log", "bce"])),  # of the others the gradient is bounded
        first_scale=float(rng.uniform(11, 18)),
        optimiser="sgd",
        rate=float(10 ** rng.uniform(-7, -5)),
        epochs=int(rng.integers(8, 40)),
        logging=_log(recipe, gradients=True, format=_beside(rng)),
    )


def _too_small(recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """One or two units between inputs and outputs, for what needs more."""
    hidden = (1,) if rng.random() < 0.7 else (2,)
    return replace(
        recipe,
        hidden=hidden,
        activation="tanh",
        optimiser="adam",
        rate=0.02,
        epochs=max(recipe.epochs, 60),
    )


#: Fault → what is changed in a plain run.
FAULTS: dict[str, Change] = {
    "wrong_sign_decay": _wrong_sign,
    "wrong_n_in_update": _wrong_n_in_update,
    "wrong_n_in_report": _wrong_n_in_report,
    "penalty_too_strong": _too_strong,
    "penalty_dominates": _dominates,
    "penalty_negligible": _negligible,
    "penalty_in_one_split": _one_split,
    "rate_too_high": _rate_too_high,
    "oscillation": _oscillation,
    "rate_too_low": _rate_too_low,
    "rate_zero": _rate_zero,
    "rate_absurd": _rate_absurd,
    "shuffled_labels": _shuffled,
    "shuffled_validation_labels": _shuffled_validation,
    "label_noise": _label_noise,
    "leak": _leak,
    "evaluation_in_training_mode": _training_mode,
    "validation_unit": _validation_unit,
    "both_units": _both_units,
    "bad_initialisation": _bad_first,
    "dead_relu": _dead,
    "unnormalised_input": _unnormalised,
    "appended_runs": _appended,
    "over_fitting": _over_fitting,
    "over_confidence": _over_confident,
    "not_a_number": _not_a_number,
    "divergence": _divergence,
    "spikes": _spikes,
    "plateau": _plateau,
    "redrawn_validation": _redrawn,
    "vanishing_gradients": _vanishing,
    "exploding_gradients": _exploding,
    "too_small_a_network": _too_small,
}

#: Data sets whose rows a network of a hundred units learns by heart.
_WIDE = frozenset(
    {
        *("digits", "wide", "spambase", "rare", "waves", "shells", "many", "three", "answers"),
        *("mixture", "signs", "mnist", "a9a"),
        *("madelon", "words", "letters", "charts", "counts"),
        *("leukaemia", "news", "zipf", "tails", "sums", "shifted"),
    }
)
_MANY_CLASSES = frozenset(
    {
        *("digits", "wide", "blobs", "unequal", "waves", "shells", "many", "mixture", "mnist"),
        *("segments", "letters", "charts", "counts", "news", "zipf", "sums", "shifted"),
    }
)
#: Fault → the data sets on which it shows; all of them where it is not here.
ON: dict[str, frozenset[str]] = {
    **dict.fromkeys(("label_noise", "shuffled_labels", "over_fitting", "over_confidence"), _WIDE),
    "leak": _WIDE,
    "too_small_a_network": _MANY_CLASSES,
}
