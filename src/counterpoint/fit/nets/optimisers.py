"""Steps of a population: optimisers and penalties, with a strength of its own for each member.

How each penalty enters, with η the learning rate, for weights alone (biases are free):

- ``l2``: αw is added to the gradient, as torch.optim does with ``weight_decay`` = α.
- ``decay``: w ← (1 − ηα)w beside the step, as torch.optim.AdamW does with ``weight_decay`` = α.
- ``l1``: after the step on the data loss, w ← sign(w)·max(|w| − t, 0), the proximal step, which
  makes exact zeros. t is such that a point where nothing moves minimises data loss + α‖W‖₁: ηα for
  gradient descent, ηα/(1 − momentum) with momentum (whose steps add up to that many times η), and
  ηα/(√v̂ + ε) weight by weight under Adam (Yun, Lozano and Yang 2021, arXiv:2007.07804).
- ``elasticnet``: both, with α·l1_ratio and α·(1 − l1_ratio).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from counterpoint.fit.nets.gradients import Gradient
from counterpoint.fit.nets.model import Parameters
from counterpoint.fit.nets.settings import Settings

BETAS = 0.9, 0.999
EPS = 1e-8

#: Running tensors that each optimiser keeps of a parameter.
SLOTS: dict[str, tuple[str, ...]] = {
    "sgd": (),
    "momentum": ("velocity",),
    "adam": ("mean", "square"),
    "adamw": ("mean", "square"),
}


@dataclass(frozen=True)
class Pull:
    """What the penalty does in a step to one kind of parameter; tensors (members, 1, ...).

    Attributes
    ----------
    l1, ridge
        Strengths of the L1 part and of the L2 part; None where there is no such part.
    keep
        1 - rate * ridge: what is left of the weights beside a step.
    """

    l1: Tensor | None = None
    ridge: Tensor | None = None
    keep: Tensor | float = 1.0


FREE = Pull()


@dataclass
class Optimiser:
    """Steps, and what they remember.

    Attributes
    ----------
    settings
    penalised
        Names of the parameters that the penalty sees.
    alpha : tensor (members,)
    slots
        Name of a slot, then of a parameter → its running tensor, (members, ...).
    steps
        Steps done.
    """

    settings: Settings
    penalised: frozenset[str]
    alpha: Tensor
    slots: dict[str, Parameters]
    steps: int = field(default=0)
    _pulls: dict[tuple[int, float], Pull] = field(default_factory=dict, repr=False)

    @classmethod
    def fresh(
        cls, settings: Settings, penalised: tuple[str, ...], alpha: Tensor, parameters: Parameters
    ) -> Optimiser:
        """An optimiser that has done no step."""
        slots = {
            slot: {name: torch.zeros_like(value) for name, value in parameters.items()}
            for slot in SLOTS[settings.optimiser]
        }
        return cls(settings, frozenset(penalised), alpha, slots)

    def keep(self, members: Tensor) -> None:
        """Go on with some members, by index."""
        self.alpha = self.alpha[members]
        self._pulls.clear()
        for slot in self.slots.values():
            for name, value in slot.items():
                slot[name] = value[members]

    def step(self, parameters: Parameters, gradients: Mapping[str, Gradient], rate: float) -> None:
        """Move the parameters, in place, by the gradients of the data loss."""
        self.steps += 1
        for name, value in parameters.items():
            pull = self._pull(value.dim(), rate) if name in self.penalised else FREE
            threshold = self._move(name, value, gradients[name], rate, pull)
            if pull.l1 is not None:
                threshold = threshold * pull.l1
                value.sub_(torch.clamp(value, -threshold, threshold))

    def _pull(self, dimensions: int, rate: float) -> Pull:
        """The same for all steps at a rate, and kept: small tensors cost as much as large ones."""
        if (dimensions, rate) not in self._pulls:
            alpha, l1_ratio = self.alpha.view(-1, *[1] * (dimensions - 1)), self.settings.l1_ratio
            ridge = alpha * (1.0 - l1_ratio) if l1_ratio < 1.0 else None
            self._pulls[dimensions, rate] = Pull(
                l1=alpha * l1_ratio if l1_ratio > 0.0 else None,
                ridge=ridge,
                keep=1.0 if ridge is None else 1.0 - rate * ridge,
            )
        return self._pulls[dimensions, rate]

    def _move(
        self, name: str, value: Tensor, gradient: Gradient, rate: float, pull: Pull
    ) -> Tensor | float:
        """Step on the smooth part; returns the proximal step's threshold for a strength of 1."""
        if self.settings.optimiser == "sgd":
            # In the objective or beside the step: here it is the same.
            gradient.add_to(value, -rate, pull.keep)
            return rate
        ridge = pull.ridge
        if self.settings.penalty == "decay" and ridge is not None:
            value.mul_(pull.keep)
            ridge = None
        if self.settings.optimiser == "momentum":
            return self._momentum(name, value, gradient, rate, ridge)
        return self._adam(name, value, gradient, rate, ridge)

    def _momentum(
        self, name: str, value: Tensor, gradient: Gradient, rate: float, ridge: Tensor | None
    ) -> float:
        velocity, momentum = self.slots["velocity"][name], self.settings.momentum
        gradient.add_to(velocity, 1.0, keep=momentum)
        if ridge is not None:
            velocity.addcmul_(value, ridge)
        value.add_(velocity, alpha=-rate)
        return rate / (1.0 - momentum)

    def _adam(
        self, name: str, value: Tensor, gradient: Gradient, rate: float, ridge: Tensor | None
    ) -> Tensor:
        mean, square = self.slots["mean"][name], self.slots["square"][name]
        slope = gradient.dense()
        if ridge is not None:
            slope = slope.addcmul(value, ridge)
        mean.lerp_(slope, 1.0 - BETAS[0])
        square.mul_(BETAS[1]).addcmul_(slope, slope, value=1.0 - BETAS[1])
        first, second = (1.0 - beta**self.steps for beta in BETAS)
        size = square.sqrt().div_(second**0.5).add_(EPS)
        value.addcdiv_(mean, size, value=-rate / first)
        return rate / size
