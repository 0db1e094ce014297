"""PyTorch loops, right and wrong, and what the audit has to say of the wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import torch
from torch import nn

import counterpoint as cp

Sizes = tuple[int, ...]
#: Makes a step of rows and targets for a model and its optimiser.
MakesStep = Callable[[nn.Module, torch.optim.Optimizer], Callable[..., None]]

LOSS = nn.CrossEntropyLoss()
SMALL: Sizes = (5, 4, 3)


def rows(sizes: Sizes = SMALL, n: int = 96):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(n, sizes[0], generator=generator), torch.arange(n) % sizes[-1]


# Models


def model(
    sizes: Sizes = SMALL, seed: int = 0, between: Callable[[int], Sequence[Any]] = lambda n: ()
):
    """Linear layers with tanh; ``between`` makes what stands between layer and tanh."""
    torch.manual_seed(seed)
    layers: list[nn.Module] = []
    for a, b in pairwise(sizes[:-1]):
        layers += [nn.Linear(a, b), *between(b), nn.Tanh()]
    return nn.Sequential(*layers, nn.Linear(*sizes[-2:]))


def layer_normalised(sizes, seed):
    return model(sizes, seed, lambda n: (nn.LayerNorm(n),))


def batch_normalised(sizes, seed):
    return model(sizes, seed, lambda n: (nn.BatchNorm1d(n),))


def with_dropout(sizes, seed):
    return model(sizes, seed, lambda n: (nn.Dropout(0.5),))


class Cut(nn.Module):
    """The last layer's errors do not flow back."""

    def __init__(self, sizes, seed):
        super().__init__()
        torch.manual_seed(seed)
        self.first, self.last = nn.Linear(sizes[0], sizes[1]), nn.Linear(sizes[1], sizes[-1])

    def forward(self, x):
        return self.last(torch.tanh(self.first(x)).detach())


# Optimisers


def weights(net):
    return [p for p in net.parameters() if p.ndim > 1]


def of_weights(net, decay):
    """Groups by which weights alone decay."""
    return [
        {"params": weights(net), "weight_decay": decay},
        {"params": [p for p in net.parameters() if p.ndim < 2], "weight_decay": 0.0},
    ]


def sgd(net, **options):
    return torch.optim.SGD(net.parameters(), lr=0.1, **options)


def adam(net):
    return torch.optim.Adam(net.parameters(), lr=1e-3)


def last_layer_alone(net):
    return torch.optim.SGD(list(net.parameters())[-2:], lr=0.1)


OPTIMISERS: dict[str, Callable[[nn.Module], torch.optim.Optimizer]] = {
    "SGD": sgd,
    "momentum": lambda net: sgd(net, momentum=0.9),
    "Nesterov": lambda net: sgd(net, momentum=0.9, nesterov=True),
    "Adam": adam,
    "AdamW": lambda net: torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.0),
}
DECAYING: dict[str, Callable[[nn.Module], torch.optim.Optimizer]] = {
    "SGD": lambda net: torch.optim.SGD(of_weights(net, 0.01), lr=0.1),
    "momentum": lambda net: torch.optim.SGD(of_weights(net, 0.01), lr=0.1, momentum=0.9),
    "Nesterov": lambda net: torch.optim.SGD(
        of_weights(net, 0.01), lr=0.1, momentum=0.9, nesterov=True
    ),
    "AdamW": lambda net: torch.optim.AdamW(of_weights(net, 0.01), lr=1e-3),
}


# Steps


def steps(
    loss: Callable[..., torch.Tensor] = lambda net, x, y: LOSS(net(x), y),
    before: Callable[[torch.optim.Optimizer], None] = lambda optimiser: optimiser.zero_grad(),
    between: Callable[[nn.Module], object] = lambda net: None,
) -> MakesStep:
    """Steps with a loss of their own, and something done before, or between slopes and update."""

    def made(net, optimiser):
        def step(x, y):
            net.train()
            before(optimiser)
            loss(net, x, y).backward()
            between(net)
            optimiser.step()

        return step

    return made


def scaled(factor):
    return steps(lambda net, x, y: factor * LOSS(net(x), y))


def penalised(strength, power=2, over=weights):
    """A penalty of the loop's own: strength/2 |W|^2, or strength |W|_1."""

    def loss(net, x, y):
        if power == 2:
            return LOSS(net(x), y) + strength / 2 * sum((p**2).sum() for p in over(net))
        return LOSS(net(x), y) + strength * sum(p.abs().sum() for p in over(net))

    return steps(loss)


def shuffled(net, x, y):
    return LOSS(net(x), y.roll(1))


def evaluating(net, optimiser):
    """A step in evaluation mode."""

    def step(x, y):
        net.eval()
        optimiser.zero_grad()
        LOSS(net(x), y).backward()
        optimiser.step()

    return step


def slowing(net, optimiser):
    """A schedule: each step's rate is nine tenths of the last one's."""
    inner, first = steps()(net, optimiser), optimiser.param_groups[0]["lr"]

    def step(x, y):
        inner(x, y)
        rate = 0.9 * optimiser.param_groups[0]["lr"]
        optimiser.param_groups[0]["lr"] = rate if rate > 1e-3 * first else first

    return step


def mix(slope):
    """Add to each unit's slope that of another."""
    slope.add_(slope.flip(0))


never_zeroed = steps(before=lambda optimiser: None)
first_layer_lost = steps(between=lambda net: net[0].weight.grad.zero_())
first_layer_turned = steps(between=lambda net: net[0].weight.grad.neg_())
first_layer_mixed = steps(between=lambda net: mix(net[0].weight.grad))
clipped = steps(between=lambda net: nn.utils.clip_grad_norm_(net.parameters(), 1e-2))


# Reports


def reports(switch=True, extra=lambda net: 0.0, loss=LOSS):
    """What a loop reports: a loss, in evaluation mode or not, and something beside it."""

    def made(net):
        def reported(x, y):
            net.train(not switch)
            return float(loss(net(x), y)) + float(extra(net))

        return reported

    return made


def penalty(strength):
    return lambda net: strength / 2 * sum((w**2).sum() for w in weights(net))


@dataclass(frozen=True)
class Loop:
    """A loop, what is declared of it, and what has to be said: nothing, or a finding and its place.

    A place is ``first``, ``weights`` or ``biases`` for the names of such parameters, or itself.
    """

    name: str
    finding: str = ""
    where: tuple[str, ...] = ()
    net: Callable[[Sizes, int], nn.Module] = model
    optimiser: Callable[[nn.Module], torch.optim.Optimizer] = sgd
    step: MakesStep | None = None
    reported: Callable[[nn.Module], Callable[..., float]] | None = None
    said: dict[str, float] = field(default_factory=lambda: {"weight_decay": 0.0})

    def found(self, sizes: Sizes = SMALL, seed: int = 0) -> dict[str, list[str]]:
        """Findings of an audit, each with its place."""
        net = self.net(sizes, seed)
        optimiser = self.optimiser(net)
        report = cp.torch.audit(
            *(net, optimiser, LOSS, rows(sizes)),
            step=self.step(net, optimiser) if self.step else None,
            reported=self.reported(net) if self.reported else None,
            seed=seed,
            **self.said,
        )
        return {finding.name: finding.evidence["where"] for finding in report.findings}

    def named(self, found: dict[str, list[str]], sizes: Sizes = SMALL) -> bool:
        """Whether the fault is among what was found, at its place."""
        names = [name for name, _ in self.net(sizes, 0).named_parameters()]
        groups = {
            "first": names[:1],
            "first layer": names[:2],
            "weights": [n for n in names if n.endswith("weight")],
            "biases": [n for n in names if n.endswith("bias")],
        }
        wanted = {own for place in self.where for own in groups.get(place, [place])}
        return self.finding in found and wanted <= set(found[self.finding])


HUNDREDTH = {"weight_decay": 0.01}

CORRECT: tuple[Loop, ...] = (
    *(Loop(name, optimiser=made) for name, made in OPTIMISERS.items()),
    *(
        Loop(f"{name}, layers normalised", net=layer_normalised, optimiser=made)
        for name, made in OPTIMISERS.items()
    ),
    *(
        Loop(f"{name}, decay of weights", optimiser=made, said=HUNDREDTH)
        for name, made in DECAYING.items()
    ),
    Loop("SGD, batch normalised", net=batch_normalised, reported=reports()),
    Loop("SGD, dropout", net=with_dropout, reported=reports()),
    Loop("SGD, norm of the slopes limited", step=clipped),
    Loop("SGD, a schedule of the rate", step=slowing),
    Loop("SGD, penalty in the loss", step=penalised(0.01), said=HUNDREDTH),
    Loop(
        "SGD, penalty in loss and report",
        step=penalised(0.01),
        reported=reports(extra=penalty(0.01)),
        said=HUNDREDTH,
    ),
    Loop(
        "momentum, data loss reported",
        optimiser=DECAYING["momentum"],
        reported=reports(),
        said=HUNDREDTH,
    ),
)

BROKEN: tuple[Loop, ...] = (
    Loop("slopes never reset", "momentum_differs", ("step",), step=never_zeroed),
    Loop("a loss scale of 128", "step_scale", ("step",), step=scaled(128.0)),
    Loop("SGD climbs", "step_scale", ("step",), step=scaled(-1.0)),
    Loop("Adam climbs", "step_scale", ("step",), step=scaled(-1.0), optimiser=adam),
    Loop("first layer's slope lost", "wrong_gradient", ("first",), step=first_layer_lost),
    Loop(
        "first layer's slope lost under Adam",
        *("wrong_gradient", ("first",)),
        step=first_layer_lost,
        optimiser=adam,
    ),
    Loop("first layer's sign", "wrong_gradient", ("first",), step=first_layer_turned),
    Loop(
        "a fault before a normalisation",
        *("wrong_gradient", ("first",)),
        net=batch_normalised,
        step=first_layer_mixed,
    ),
    Loop(
        "first layers not given to the optimiser",
        *("wrong_gradient", ("first layer",)),
        optimiser=last_layer_alone,
    ),
    Loop("a layer cut off", "wrong_gradient", ("first layer",), net=Cut),
    Loop("labels of other rows", "row_order", ("step",), step=steps(shuffled)),
    Loop(
        "decay of twice the strength",
        *("decay_strength", ("weights",)),
        step=penalised(0.02),
        said=HUNDREDTH,
    ),
    Loop(
        "decay of the wrong sign", "decay_sign", ("weights",), step=penalised(-0.01), said=HUNDREDTH
    ),
    Loop("decay forgotten", "decay_strength", ("weights",), said=HUNDREDTH),
    Loop("L1 for L2", "decay_kind", ("weights",), step=penalised(0.01, 1), said=HUNDREDTH),
    Loop(
        "L2 through Adam",
        *("adaptive_decay", ("weights",)),
        optimiser=adam,
        step=penalised(0.01),
        said=HUNDREDTH,
    ),
    Loop(
        "biases decay too",
        *("decay_on_biases", ("biases",)),
        step=penalised(0.01, 2, lambda net: list(net.parameters())),
        said=HUNDREDTH,
    ),
    Loop(
        "normalisations decay too",
        *("decay_on_biases", ("1.weight",)),
        net=layer_normalised,
        optimiser=lambda net: sgd(net, weight_decay=0.01),
        said=HUNDREDTH,
    ),
    Loop(
        "reported penalty of twice the strength",
        *("reported_penalty", ("cost",)),
        optimiser=DECAYING["SGD"],
        reported=reports(extra=penalty(0.02)),
        said=HUNDREDTH,
    ),
    Loop(
        "reported loss is the sum over rows",
        *("reported_loss", ("cost",)),
        reported=reports(loss=nn.CrossEntropyLoss(reduction="sum")),
    ),
    Loop(
        "dropout at work in evaluation",
        *("not_repeatable", ("cost",)),
        net=with_dropout,
        reported=reports(switch=False),
    ),
    Loop(
        "normalisation learns in evaluation",
        *("not_repeatable", ("cost",)),
        net=batch_normalised,
        reported=reports(switch=False),
    ),
    Loop(
        "steps in evaluation mode",
        *("other_loss", ("step",)),
        net=batch_normalised,
        step=evaluating,
        reported=reports(),
    ),
)
