"""Losses of a network's outputs. Values are those of the registries of losses to fit and to read.

Shapes: outputs ``z`` (members, classes, rows), targets (classes, rows) with a 1 for the row's class
and 0 elsewhere. The formulas and their bounds stand in `counterpoint.theory.proper_losses`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor
from torch.nn.functional import log_softmax, logsigmoid, softmax

from counterpoint.errors import InputError

#: Axis of the classes.
CLASSES = -2


@dataclass(frozen=True)
class OutputLoss:
    """One loss of raw outputs.

    Attributes
    ----------
    name, label
        As in `counterpoint.theory.proper_losses.PROPER_LOSSES`.
    value
        Loss of each row, (members, rows).
    derivative
        Of that in the outputs, shaped like them.
    log_probability
        Logarithms of the class probabilities, shaped like the outputs; None where the loss has no
        probability link.
    """

    name: str
    label: str
    value: Callable[[Tensor, Tensor], Tensor]
    derivative: Callable[[Tensor, Tensor], Tensor]
    log_probability: Callable[[Tensor], Tensor] | None


def _softmax(z: Tensor) -> Tensor:
    return softmax(z, dim=CLASSES)


def _log_softmax(z: Tensor) -> Tensor:
    return log_softmax(z, dim=CLASSES)


def _shares_of_sigmoids(z: Tensor) -> Tensor:
    """Separate sigmoids, divided by their sum: a distribution with the same order."""
    return _log_softmax(logsigmoid(z))


def _brier_value(z: Tensor, target: Tensor) -> Tensor:
    return ((_softmax(z) - target) ** 2).sum(CLASSES)


def _brier_derivative(z: Tensor, target: Tensor) -> Tensor:
    # d/dz_k sum_j (p_j - t_j)^2 = 2 p_k (r_k - sum_j p_j r_j) with r = p - t.
    p = _softmax(z)
    r = p - target
    return 2.0 * p * (r - (p * r).sum(CLASSES, keepdim=True))


def _quadratic_derivative(z: Tensor, target: Tensor) -> Tensor:
    a = torch.sigmoid(z)
    return (a - target) * a * (1.0 - a)


_ALL = (
    OutputLoss(
        "log",
        "softmax cross-entropy",
        value=lambda z, target: -(_log_softmax(z) * target).sum(CLASSES),
        derivative=lambda z, target: _softmax(z).sub_(target),
        log_probability=_log_softmax,
    ),
    OutputLoss(
        "bce",
        "binary cross-entropy summed over sigmoids",
        # -t ln a - (1 - t) ln(1 - a) = -ln(1 - a) - t z, and 1 - a is the sigmoid of -z. PyTorch's
        # softplus(z) is cut off to z from 20 on, with an error of 2e-9.
        value=lambda z, target: -(logsigmoid(-z) + target * z).sum(CLASSES),
        derivative=lambda z, target: torch.sigmoid(z).sub_(target),
        log_probability=_shares_of_sigmoids,
    ),
    OutputLoss(
        "brier",
        "Brier score of the softmax",
        value=_brier_value,
        derivative=_brier_derivative,
        log_probability=_log_softmax,
    ),
    OutputLoss(
        "quadratic",
        "quadratic cost of sigmoids",
        value=lambda z, target: 0.5 * ((torch.sigmoid(z) - target) ** 2).sum(CLASSES),
        derivative=_quadratic_derivative,
        log_probability=_shares_of_sigmoids,
    ),
    OutputLoss(
        "squared",
        "mean squared error of linear outputs",
        value=lambda z, target: ((z - target) ** 2).mean(CLASSES),
        derivative=lambda z, target: (z - target).mul_(2.0 / z.shape[CLASSES]),
        log_probability=None,
    ),
)

OUTPUT_LOSSES: Mapping[str, OutputLoss] = MappingProxyType({loss.name: loss for loss in _ALL})
"""Every loss that networks are trained on, by name."""


def output_loss_named(name: object) -> OutputLoss:
    """The loss of that name.

    Raises
    ------
    InputError
        If none has it.

    Examples
    --------
    >>> z = torch.zeros(1, 10, 1)
    >>> round(output_loss_named("log").value(z, torch.eye(10)[:, :1]).item(), 4)
    2.3026
    """
    if not isinstance(name, str) or name not in OUTPUT_LOSSES:
        near = difflib.get_close_matches(str(name).lower(), OUTPUT_LOSSES, n=1)
        hint = f" (nearest: {near[0]})" if near else ""
        raise InputError(
            f"loss {name!r} is not one of networks{hint}; choose one of {', '.join(OUTPUT_LOSSES)}."
        )
    return OUTPUT_LOSSES[name]
