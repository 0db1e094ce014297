"""PyTorch loops, right and wrong."""

from __future__ import annotations

import torch
from torch import nn

LOSS = nn.CrossEntropyLoss()
DECAY = 0.01


def rows(n=96, d=12, k=4):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(n, d, generator=generator), torch.arange(n) % k


def model(seed=0, norm=False, hidden=16):
    torch.manual_seed(seed)
    layers = [nn.Linear(12, hidden), *([nn.LayerNorm(hidden)] if norm else []), nn.Tanh()]
    return nn.Sequential(*layers, nn.Linear(hidden, 4))


def weights(net):
    return [p for p in net.parameters() if p.ndim > 1]


def groups(net, decay):
    """Decay of weights alone."""
    return [
        {"params": weights(net), "weight_decay": decay},
        {"params": [p for p in net.parameters() if p.ndim < 2], "weight_decay": 0.0},
    ]


OPTIMISERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=1e-3),
    "adamw": lambda p: torch.optim.AdamW(p, lr=1e-3, weight_decay=0.0),
}


def usual(net, optimiser):
    def step(x, y):
        net.train()
        optimiser.zero_grad()
        LOSS(net(x), y).backward()
        optimiser.step()

    return step


def never_zeroed(net, optimiser):
    def step(x, y):
        LOSS(net(x), y).backward()
        optimiser.step()

    return step


def scaled(factor):
    def made(net, optimiser):
        def step(x, y):
            optimiser.zero_grad()
            (factor * LOSS(net(x), y)).backward()
            optimiser.step()

        return step

    return made


def penalised(strength, power=2, over=weights):
    """A penalty of the loop's own: strength/2 |W|^2, or strength |W|_1."""

    def made(net, optimiser):
        def step(x, y):
            optimiser.zero_grad()
            if power == 2:
                penalty = strength / 2 * sum((p**2).sum() for p in over(net))
            else:
                penalty = strength * sum(p.abs().sum() for p in over(net))
            (LOSS(net(x), y) + penalty).backward()
            optimiser.step()

        return step

    return made


def first_layer_lost(net, optimiser):
    def step(x, y):
        optimiser.zero_grad()
        LOSS(net(x), y).backward()
        net[0].weight.grad.zero_()
        optimiser.step()

    return step


def first_layer_turned(net, optimiser):
    def step(x, y):
        optimiser.zero_grad()
        LOSS(net(x), y).backward()
        net[0].weight.grad.neg_()
        optimiser.step()

    return step


def clipped(net, optimiser):
    def step(x, y):
        optimiser.zero_grad()
        LOSS(net(x), y).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1e-2)
        optimiser.step()

    return step
