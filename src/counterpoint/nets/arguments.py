"""What a caller passes to train networks: checked, and made into settings."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any, TypedDict

import numpy as np

from counterpoint.arguments import given_grid
from counterpoint.errors import InputError
from counterpoint.fit.nets.activations import ACTIVATIONS
from counterpoint.fit.nets.losses import output_loss_named
from counterpoint.fit.nets.settings import OPTIMISERS, PENALTIES, SCHEDULES, Settings

#: Strengths, and learning rates by optimiser, where none are given.
ALPHAS = tuple(10.0**k for k in np.arange(-6.0, -0.5, 0.5))
RATES = {"sgd": 0.1, "momentum": 0.01, "adam": 1e-3, "adamw": 1e-3}
PRECISIONS = ("single", "double")


class Training(TypedDict, total=False):
    """Arguments that `fit` and `fit_module` share; see `fit`."""

    loss: str
    penalty: str | None
    alphas: Any
    l1_ratio: float
    seeds: Any
    epochs: int
    batch: int
    optimizer: str
    rate: Any
    momentum: float
    schedule: str
    patience: int | None
    seed: int
    precision: str


def make_settings(
    *,
    loss: str = "log",
    penalty: str | None = None,
    alphas: Any = None,
    l1_ratio: float = 0.5,
    seeds: Any = 1,
    epochs: int = 30,
    batch: int = 32,
    optimizer: str = "sgd",
    rate: Any = None,
    momentum: float = 0.9,
    schedule: str = "constant",
    patience: int | None = None,
    seed: int = 0,
    precision: str = "single",
) -> Settings:
    """Settings from what `counterpoint.nets.fit` takes, which says what each is.

    Raises
    ------
    InputError
        Naming the argument, what it is and what it may be.
    """
    optimiser = one_of(optimizer, "optimizer", OPTIMISERS)
    penalty = one_of(penalty or ("decay" if optimiser == "adamw" else "l2"), "penalty", PENALTIES)
    if optimiser == "adamw" and penalty != "decay":
        raise InputError(
            f"adamw shrinks weights beside its steps, so its penalty is decay, not {penalty}; "
            "take optimizer adam for a penalty in the objective."
        )
    epochs = whole(epochs, "epochs", 1)
    return Settings(
        loss=output_loss_named(loss).name,
        penalty=penalty,
        l1_ratio=_l1_ratio(penalty, l1_ratio),
        alphas=tuple(given_grid(ALPHAS if alphas is None else alphas).tolist()),
        seeds=_seeds(seeds),
        optimiser=optimiser,
        rates=_rates(RATES[optimiser] if rate is None else rate, schedule, epochs),
        batch=whole(batch, "batch", 1),
        momentum=_between(momentum, "momentum", 0.0, 1.0),
        patience=None if patience is None else whole(patience, "patience", 1),
        order_seed=whole(seed, "seed", 0),
        double=one_of(precision, "precision", PRECISIONS) == "double",
    )


def hidden_sizes(hidden: Any) -> tuple[int, ...]:
    """Units of each hidden layer; none for a linear model."""
    sizes = hidden if isinstance(hidden, Iterable) and not isinstance(hidden, str) else [hidden]
    return tuple(whole(size, "hidden", 1) for size in sizes)


def activation_named(name: Any) -> str:
    """A name of `ACTIVATIONS`."""
    return one_of(name, "activation", ACTIVATIONS)


def one_of(name: Any, what: str, known: Iterable[str]) -> str:
    """A name that is known.

    Raises
    ------
    InputError
        It is none of them.
    """
    names = list(known)
    if isinstance(name, str) and name in names:
        return name
    near = difflib.get_close_matches(str(name).lower(), names, n=1)
    hint = f" (nearest: {near[0]})" if near else ""
    raise InputError(f"{what} {name!r} is not known{hint}; choose one of {', '.join(names)}.")


def whole(value: Any, what: str, least: int) -> int:
    """A whole number from ``least`` on.

    Raises
    ------
    InputError
        It is none.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least:
        raise InputError(f"{what} is {value!r}; give a whole number, {least} or more.")
    return int(value)


def _between(value: Any, what: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not low <= float(value) < high:
        raise InputError(f"{what} is {value!r}; give a number from {low:g} to below {high:g}.")
    return float(value)


def _l1_ratio(penalty: str, l1_ratio: Any) -> float:
    if not isinstance(l1_ratio, Real) or not 0 <= float(l1_ratio) <= 1:
        raise InputError(
            f"l1_ratio is {l1_ratio!r}; it must lie between 0 (all L2) and 1 (all L1)."
        )
    return {"l1": 1.0, "elasticnet": float(l1_ratio)}.get(penalty, 0.0)


def _seeds(seeds: Any) -> tuple[int, ...]:
    """A number of seeds, or the seeds themselves."""
    if isinstance(seeds, Iterable) and not isinstance(seeds, str):
        given = [whole(seed, "a seed", 0) for seed in seeds]
        if not given or len(set(given)) < len(given):
            raise InputError(f"seeds are {given!r}; give one or more, each once.")
        return tuple(given)
    return tuple(range(whole(seeds, "seeds", 1)))


def _rates(rate: Any, schedule: Any, epochs: int) -> tuple[float, ...]:
    """The learning rate of each epoch.

    ``linear`` goes to zero in even steps, r (1 - e/E) in epoch e of E, counted from 0; ``cosine``
    is r (1 + cos(pi e/E))/2.
    """
    course = one_of(schedule, "schedule", SCHEDULES)
    if isinstance(rate, Sequence | np.ndarray) and not isinstance(rate, str):
        if len(rate) != epochs or course != "constant":
            raise InputError(
                f"rate holds {len(rate)} numbers for {epochs} epochs; give one an epoch (and no "
                "schedule), or a single number."
            )
        return tuple(_rate(value) for value in rate)
    first = _rate(rate)
    share = np.arange(epochs) / epochs
    shape = {
        "constant": share * 0 + 1,
        "linear": 1 - share,
        "cosine": (1 + np.cos(np.pi * share)) / 2,
    }
    return tuple((first * shape[course]).tolist())


def _rate(value: Any) -> float:
    known = isinstance(value, Real) and not isinstance(value, bool)
    if not known or not 0 < float(value) < math.inf:
        raise InputError(f"the learning rate is {value!r}; give a finite number above 0.")
    return float(value)
