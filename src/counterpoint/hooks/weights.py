"""What is measured of PyTorch weights and of the optimiser that moves them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch

from counterpoint.hooks.settings import MOST_COPIED
from counterpoint.runs.facts import Fact

#: Optimisers whose decay shrinks the weights beside the step: it is in no objective.
_DECOUPLED = {"AdamW", "Adafactor", "Muon", "Lion", "LAMB", "AdamW8bit", "PagedAdamW8bit"}
#: Optimisers that add weight_decay·w to the gradient: that of weight_decay/2·‖w‖².
_COUPLED = {"ASGD", "Adadelta", "Adagrad", "Adam", "Adamax", "NAdam", "RAdam", "RMSprop", "SGD"}


def decay_kind(optimizer: torch.optim.Optimizer) -> str:
    """How an optimiser's ``weight_decay`` acts.

    Returns
    -------
    str
        ``coupled``: weight_decay/2·‖w‖² is in the objective, though not in the printed loss.
        ``decoupled``: the weights shrink beside the step, and it is in no objective. Empty where
        it is zero or where the optimiser is not known.

    Examples
    --------
    >>> weights = [torch.ones(2, requires_grad=True)]
    >>> decay_kind(torch.optim.SGD(weights, lr=0.1, weight_decay=0.01))
    'coupled'
    >>> decay_kind(torch.optim.AdamW(weights)), decay_kind(torch.optim.Adam(weights))
    ('decoupled', '')
    """
    if not any(group.get("weight_decay") for group in optimizer.param_groups):
        return ""
    name = type(optimizer).__name__
    said = optimizer.param_groups[0].get("decoupled_weight_decay")
    if said is not None:
        return "decoupled" if said else "coupled"
    return "decoupled" if name in _DECOUPLED else "coupled" if name in _COUPLED else ""


def facts_of(optimizer: torch.optim.Optimizer) -> dict[str, Fact]:
    """What is known of a training from its optimiser.

    Examples
    --------
    >>> facts_of(torch.optim.SGD([torch.ones(2, requires_grad=True)], lr=0.1, weight_decay=0.01))
    {'optimiser': 'sgd', 'learning_rate': 0.1, 'weight_decay': 0.01, 'decay_kind': 'coupled', \
'penalty': 'l2', 'alpha': 0.01}
    """
    first = optimizer.param_groups[0]
    kind = decay_kind(optimizer)
    decays = {float(group.get("weight_decay", 0.0)) for group in optimizer.param_groups}
    facts: dict[str, Fact] = {
        "optimiser": type(optimizer).__name__.lower(),
        # A schedule that warms up has set the rate to nothing by now, and keeps what was asked for.
        "learning_rate": float(first.get("initial_lr", first["lr"])) if "lr" in first else None,
        "momentum": float(first["momentum"]) if first.get("momentum") else None,
        "weight_decay": max(decays) if any(decays) else None,
        "decay_kind": kind or None,
    }
    if kind == "coupled":
        facts["penalty"] = "l2"
        if len(decays - {0.0}) == 1:
            facts["alpha"] = max(decays)
    return {name: fact for name, fact in facts.items() if fact is not None}


class Weights:
    """Measures the weights that an optimiser moves, before and after one of its updates.

    Parameters
    ----------
    optimizer
    model
    penalty
        Model → what the user adds to the loss: one number.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        model: torch.nn.Module,
        penalty: Callable[[Any], Any] | None = None,
    ) -> None:
        self._optimizer = optimizer
        self._model, self._penalty = model, penalty
        self._kind = decay_kind(optimizer)
        self._before: list[torch.Tensor] = []
        self._norm = math.nan
        self._added: list[float] = []

    def facts(self) -> dict[str, Fact]:
        """As `facts_of` the optimiser, whose decay may not be all of the penalty."""
        facts = facts_of(self._optimizer)
        if self._penalty is not None:
            facts.pop("alpha", None)
        return facts

    @torch.no_grad()
    def added(self) -> float:
        """What the user adds to the loss, with the weights as they are now."""
        return 0.0 if self._penalty is None else float(self._penalty(self._model))

    def mean_added(self) -> float:
        """What the user added on average since this was last asked, as far as it was measured."""
        measured, self._added = self._added, self._added[-1:]
        return sum(measured) / len(measured) if measured else self.added()

    @torch.no_grad()
    def before_update(self) -> dict[str, float]:
        """Norms of weights and gradient, penalty, decay and learning rate, as they are now.

        Keeps a copy of the weights for `after_update`.
        """
        groups = self._optimizer.param_groups
        params = [p for group in groups for p in group["params"]]
        gradients = [p.grad for p in params if p.grad is not None]
        norms = norms_of([*params, *gradients])
        squares, begin = [], 0
        for group in groups:
            end = begin + len(group["params"])
            squares.append(sum(norm**2 for norm in norms[begin:end]))
            begin = end
        self._norm = math.sqrt(sum(squares))
        self._copy(params)
        found = {"weight_norm": self._norm}
        if gradients:
            found["gradient_norm"] = math.hypot(*norms[len(params) :])
        if "lr" in groups[0]:
            found["learning_rate"] = float(groups[0]["lr"])
        return found | self._penalties([float(g.get("weight_decay", 0.0)) for g in groups], squares)

    def _copy(self, params: list[torch.Tensor]) -> None:
        """Keep the weights as they are, in the same memory each time: to ask for it costs most."""
        if list(map(_form, params)) != list(map(_form, self._before)):
            few = sum(p.numel() for p in params) <= MOST_COPIED
            self._before = [torch.empty_like(p) for p in params] if few else []
        for before, param in zip(self._before, params, strict=False):
            before.copy_(param)

    def _penalties(self, decays: list[float], squares: list[float]) -> dict[str, float]:
        """What is in the objective beside the data loss, and what the optimiser takes away."""
        decay = 0.5 * sum(each * square for each, square in zip(decays, squares, strict=True))
        if self._kind == "decoupled":
            found = {"decoupled_decay": decay}
        else:
            found = {"penalty": decay} if self._kind else {}
        if self._penalty is not None:
            self._added.append(self.added())
            found["penalty"] = found.get("penalty", 0.0) + self._added[-1]
        return found

    @torch.no_grad()
    def after_update(self) -> dict[str, float]:
        """How far the update moved the weights, as a share of their norm."""
        params = [p for group in self._optimizer.param_groups for p in group["params"]]
        if len(self._before) != len(params) or not self._norm > 0.0:
            return {}
        moved = norms_of(b.sub_(p) for p, b in zip(params, self._before, strict=True))
        return {"update_ratio": math.hypot(*moved) / self._norm}


def norms_of(tensors: Iterable[torch.Tensor]) -> list[float]:
    """Euclidean norm of each tensor, brought to the host at once.

    Examples
    --------
    >>> norms_of([torch.tensor([3.0, 4.0]), torch.zeros(2, 2)])
    [5.0, 0.0]
    """
    norms = [torch.linalg.vector_norm(_dense(tensor)) for tensor in tensors]
    if len({(norm.device, norm.dtype) for norm in norms}) > 1:
        norms = [norm.to("cpu", torch.float64) for norm in norms]
    found: list[float] = torch.stack(norms).tolist() if norms else []
    return found


def _form(tensor: torch.Tensor) -> tuple[Any, ...]:
    return tensor.shape, tensor.dtype, tensor.device


def _dense(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.layout != torch.strided:
        tensor = tensor.coalesce().values()
    # Sums of squares in half precision overflow at 65,504.
    return tensor.float() if tensor.dtype in (torch.float16, torch.bfloat16) else tensor
