"""What can be known of a training beside its numbers. Every fact is optional."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from counterpoint.errors import InputError

#: A fact as it is kept: plain JSON, flat.
Fact = str | int | float | bool | None


class Kind(NamedTuple):
    """What a fact is, and which values it can take.

    Attributes
    ----------
    meaning
    is_kind
        ``whole`` (a whole number), ``number`` or ``text``.
    least
        The least value of a number.
    """

    meaning: str
    is_kind: str
    least: float = 0.0


#: The facts that the findings know. Others are kept as they are.
FACTS: dict[str, Kind] = {
    "classes": Kind("number of classes K", "whole", 2),
    "train_samples": Kind("rows of the training split", "whole", 1),
    "validation_samples": Kind("rows of the validation split", "whole", 1),
    "test_samples": Kind("rows of the test split", "whole", 1),
    "loss": Kind("which loss is minimised, such as `log` or `quadratic`", "text"),
    "alpha": Kind("strength of the penalty: objective = data loss + alpha·penalty", "number"),
    "penalty": Kind("which penalty, such as `l2`", "text"),
    "weight_decay": Kind("the optimiser's decay, as its own convention has it", "number"),
    "decay_kind": Kind(
        "`coupled` where that decay is in the objective, `decoupled` where it is in none", "text"
    ),
    "optimiser": Kind("which optimiser, such as `sgd`", "text"),
    "learning_rate": Kind("at the start", "number"),
    "momentum": Kind("of the optimiser", "number"),
    "batch_size": Kind("rows a step", "whole", 1),
    "label_smoothing": Kind("share of the label that is spread over all classes", "number"),
    "epochs": Kind("how many were planned", "whole", 0),
    "steps_per_epoch": Kind("updates an epoch", "whole", 1),
    "seed": Kind("of the random numbers", "whole", -math.inf),
}

#: What settings are called elsewhere → the fact that they are.
_ALIASES = {
    "classes": "num_classes n_classes nb_classes nc number_of_classes",
    "train_samples": "num_train_samples n_train train_size num_examples",
    "validation_samples": "num_val_samples n_val val_size eval_samples",
    "test_samples": "num_test_samples n_test test_size",
    "loss": "loss_function loss_fn loss_type loss_name criterion objective",
    "alpha": "l2_strength",
    "penalty": "regularizer regularization",
    "weight_decay": "wd l2_regularization",
    "optimiser": "optimizer optim optimizer_name optimizer_class_name optimizer_type",
    "learning_rate": "lr initial_lr init_lr base_lr lr0 learning_rate_init eta",
    "batch_size": "train_batch_size per_device_train_batch_size batchsize batch bs",
    "label_smoothing": "label_smoothing_factor smoothing ls_smoothing",
    "epochs": "num_epochs n_epochs max_epochs num_train_epochs epoch_count total_epochs",
    "steps_per_epoch": "steps_in_epoch num_batches",
    "seed": "random_seed random_state",
}
_SAME = {alias: name for name, aliases in _ALIASES.items() for alias in aliases.split()}
_SAME |= {name: name for name in FACTS}


def fact_named(setting: str) -> str:
    """The fact that a setting of another program is; empty where it is none of `FACTS`.

    Examples
    --------
    >>> fact_named("num_classes"), fact_named("Optimizer"), fact_named("dropout")
    ('classes', 'optimiser', '')
    """
    return _SAME.get(setting.strip().lower().replace("-", "_").replace(" ", "_"), "")


def checked_facts(facts: Mapping[str, Any]) -> dict[str, Fact]:
    """Facts as plain JSON values; those that `FACTS` names are held to their kind.

    Parameters
    ----------
    facts
        Name → value. NumPy's numbers become Python's; what is None is left out. What other
        programs call ``num_classes`` or ``lr`` is the fact it stands for, unless that is given too.

    Raises
    ------
    InputError
        A value is not of its kind, or nothing that JSON can hold.

    Examples
    --------
    >>> checked_facts({"classes": 10.0, "loss": "log", "alpha": None, "dataset": "digits"})
    {'classes': 10, 'loss': 'log', 'dataset': 'digits'}
    >>> checked_facts({"optimizer": "sgd", "lr": 0.5})
    {'optimiser': 'sgd', 'learning_rate': 0.5}
    """
    known = {}
    for given, fact in facts.items():
        name = fact_named(str(given)) or str(given)
        if fact is not None and (name == given or facts.get(name) is None):
            known[name] = _checked(name, fact)
    return known


def _checked(name: str, value: Any) -> Fact:
    kind = FACTS.get(name)
    if kind is None:
        if isinstance(value, str | bool | int | float):
            return value
        number = _number(value)
        return str(value) if number is None else number
    if kind.is_kind == "text":
        return str(value)
    number = _number(value)
    whole = number is not None and math.isfinite(number) and number == int(number)
    fits = number is not None and number >= kind.least and (whole or kind.is_kind == "number")
    if number is None or not fits:
        wanted = "a whole number" if kind.is_kind == "whole" else "a number"
        least = "" if kind.least == -math.inf else f" from {kind.least:g}"
        raise InputError(f"{name} is {value!r}: pass {wanted}{least}.")
    return int(number) if kind.is_kind == "whole" else number


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None
