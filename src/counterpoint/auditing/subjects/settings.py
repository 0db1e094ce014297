"""What a network says of its own training: rate, strength, momentum, by the usual names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real
from typing import Any

import numpy as np

from counterpoint.auditing.subjects import names
from counterpoint.errors import InputError
from counterpoint.probes.subject import Tensor


@dataclass(frozen=True)
class Said:
    """What the caller says; None where nothing is said. See `counterpoint.audit`."""

    rate: float | None = None
    alpha: float | None = None
    l1_ratio: float | None = None
    lmbda: float | None = None
    momentum: float | None = None
    n_train: int | None = None
    loss: str = ""


@dataclass(frozen=True)
class Settings:
    """What is taken as declared, and how it was read."""

    rate: float | None
    l2: float | None
    l1: float | None
    momentum: float | None
    n_train: int | None
    lmbda: float | None
    notes: tuple[str, ...]

    def arguments(self) -> dict[str, Any]:
        """Values for a method's arguments, by every usual name."""
        values = {
            "rate": self.rate,
            "lmbda": self.lmbda if self.lmbda is not None else self.l2,
            "alpha": self.l2,
            "momentum": self.momentum,
            "n_train": self.n_train,
        }
        return {
            name: values[setting]
            for setting, wanted in names.SETTINGS.items()
            if values[setting] is not None
            for name in wanted
        }


def settings_of(network: Any, said: Said, n_rows: int | None) -> Settings:
    """Take what the caller says; else attributes of the network.

    Parameters
    ----------
    network
    said
    n_rows
        Rows of the data that were given, which are taken for the training set where nobody says how
        many that has; None where the data are made up.
    """
    rate, rate_name = _number(said.rate, network, names.RATE)
    momentum, _ = _number(said.momentum, network, names.MOMENTUM)
    n_train, n_name = _number(said.n_train, network, names.N_TRAIN)
    n_train = n_train if n_train is not None else n_rows
    lmbda, lmbda_name = _number(said.lmbda, network, () if said.alpha is not None else names.LAMBDA)
    # Where no rate has its own name, alpha may be the rate, as in some courses.
    alphas = names.ALPHA if rate is not None and lmbda is None else ()
    alpha, alpha_name = _number(said.alpha, network, alphas)
    notes = [f"rate {rate:g} from {rate_name}"] if rate is not None else []
    strength = alpha
    if lmbda is not None and alpha is None:
        if n_train is None:
            notes.append(f"{lmbda_name} {lmbda:g} is not used: n_train is not known")
        else:
            strength = lmbda / n_train
            notes.append(
                f"alpha {strength:g} from {lmbda_name} {lmbda:g} over {n_train:,.0f} training rows"
            )
    elif alpha is not None:
        notes.append(f"alpha {alpha:g} from {alpha_name}")
    l2, l1 = _split(strength, said, network, lmbda, n_train)
    if momentum is not None:
        notes.append(f"momentum {momentum:g}")
    if n_train is not None and n_name:
        notes.append(f"{n_train:,.0f} training rows from {n_name}")
    whole = None if n_train is None else int(n_train)
    return Settings(rate, l2, l1, momentum, whole, lmbda, tuple(notes))


def _split(
    strength: float | None, said: Said, network: Any, lmbda: float | None, n_train: float | None
) -> tuple[float | None, float | None]:
    """L2 and L1 strength: by l1_ratio, or by an attribute of its own for L1."""
    if said.l1_ratio is not None:
        if not 0.0 <= said.l1_ratio <= 1.0:
            raise InputError(f"l1_ratio is {said.l1_ratio:g}: pass a number from 0 (L2) to 1 (L1).")
        whole = strength or 0.0
        return whole * (1.0 - said.l1_ratio), whole * said.l1_ratio
    own, _ = _number(None, network, () if said.alpha is not None else names.L1)
    if own is not None and lmbda is not None:
        own = own / n_train if n_train else None
    if strength is None and own is None:
        return None, None
    return strength or 0.0, own or 0.0


def _number(said: float | None, network: Any, wanted: Sequence[str]) -> tuple[float | None, str]:
    """What the caller says, or the first attribute of these names that is a number."""
    if said is not None:
        return _finite(said), "what was said"
    parts = network if isinstance(network, Mapping) else None
    for name in wanted:
        value: Any = getattr(network, name, None) if parts is None else parts.get(name)
        if _is_number(value):
            return float(value), f"the attribute {name}"
    return None, ""


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, (bool, np.bool_))


def _finite(said: object) -> float:
    if not _is_number(said) or not np.isfinite(float(said)):  # type: ignore[arg-type]
        raise InputError(f"{said!r} is no finite number: say rate, alpha and the like as one.")
    return float(said)  # type: ignore[arg-type]


def shape_of_data(tensors: Sequence[Tensor]) -> tuple[int, int] | None:
    """Number of features and of outputs, from the shapes of dense layers; None where unclear."""
    weights = [t.shape for t in tensors if t.kind == "weight" and len(t.shape) == 2]
    biases = [max(t.shape) for t in tensors if t.kind == "bias"]
    if not weights:
        return None
    if len(weights) == 1:
        outputs = biases[0] if biases else min(weights[0])
        return weights[0][1] if weights[0][0] == outputs else weights[0][0], outputs
    first, last = weights[0], weights[-1]
    forward = all(a[1] == b[0] for a, b in pairwise(weights))
    backward = all(a[0] == b[1] for a, b in pairwise(weights))
    if forward and not (backward and biases and biases[0] != first[1]):
        return first[0], last[1]
    return (first[1], last[0]) if backward else None
