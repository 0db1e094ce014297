"""A member of a population is what it would be alone, and what a plain loop of PyTorch makes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from counterpoint import nets
from counterpoint.fit.nets.activations import ACTIVATIONS
from counterpoint.fit.nets.losses import OUTPUT_LOSSES
from counterpoint.fit.nets.perceptron import Perceptron
from counterpoint.fit.nets.train import row_order

N, FEATURES, CLASSES, BATCH, EPOCHS = 50, 6, 3, 8, 4
ALPHAS, SEEDS = (1e-3, 3e-2), (4, 9)
RATES = {"sgd": 0.2, "momentum": 0.02, "adam": 0.01, "adamw": 0.01}
COMBINATIONS = [
    (optimiser, penalty)
    for optimiser in ("sgd", "momentum", "adam")
    for penalty in ("l2", "l1", "elasticnet", "decay")
] + [("adamw", "decay")]


def data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(N, FEATURES))
    return x, (x[:, :CLASSES] + 0.5 * rng.normal(size=(N, CLASSES))).argmax(axis=1)


def fitted(**changes: Any) -> nets.Population:
    settings: dict[str, Any] = {
        "hidden": (5,),
        "alphas": ALPHAS,
        "seeds": SEEDS,
        "epochs": EPOCHS,
        "batch": BATCH,
        "activation": "tanh",
        "validation": None,
        "precision": "double",
        "seed": 2,
        "l1_ratio": 0.3,
    }
    return nets.fit(*data(), **{**settings, **changes})


def optimiser_of(
    name: str, plain: torch.nn.Module, penalty: str, alpha: float, rate: float
) -> torch.optim.Optimizer:
    """One of torch.optim, with the L2 part of the penalty as its weight decay; biases are free."""
    share = {"l2": 1.0, "elasticnet": 0.7, "decay": float(name == "adamw")}.get(penalty, 0.0)
    weights = [p for p in plain.parameters() if p.dim() > 1]
    biases = [p for p in plain.parameters() if p.dim() == 1]
    groups = [
        {"params": weights, "weight_decay": alpha * share},
        {"params": biases, "weight_decay": 0.0},
    ]
    if name in ("sgd", "momentum"):
        return torch.optim.SGD(groups, lr=rate, momentum=0.9 if name == "momentum" else 0.0)
    return {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[name](groups, lr=rate)


def shrink(
    plain: torch.nn.Module, optimiser: torch.optim.Optimizer, name: str, pull: float
) -> None:
    """The proximal step of L1, in the metric of the step that was done."""
    for weight in (p for p in plain.parameters() if p.dim() > 1):
        threshold: Any = optimiser.param_groups[0]["lr"] * pull
        if name == "momentum":
            threshold = threshold / (1 - 0.9)
        if name == "adam":
            state = optimiser.state[weight]
            second = state["exp_avg_sq"] / (1 - 0.999 ** state["step"].item())
            threshold = threshold / (second.sqrt() + 1e-8)
        with torch.no_grad():
            weight.copy_(weight.sign() * (weight.abs() - threshold).clamp(min=0.0))


def plain_loop(
    optimiser_name: str,
    penalty: str,
    loss: str,
    activation: str,
    alpha: float,
    seed: int,
    rates: list[float] | None = None,
) -> dict[str, torch.Tensor]:
    x, y = (torch.from_numpy(part) for part in data())
    target = F.one_hot(y, CLASSES).double()
    first = Perceptron((FEATURES, 5, CLASSES), activation).initial((seed,))
    plain = torch.nn.Sequential(
        torch.nn.Linear(FEATURES, 5), ACTIVATIONS[activation].module(), torch.nn.Linear(5, CLASSES)
    ).double()
    plain.load_state_dict({name: value[0] for name, value in first.items()})
    rates = rates or [RATES[optimiser_name]] * EPOCHS
    optimiser = optimiser_of(optimiser_name, plain, penalty, alpha, rates[0])
    for epoch, rate in enumerate(rates):
        for group in optimiser.param_groups:
            group["lr"] = rate
        for rows in torch.from_numpy(row_order(2, epoch, N)).split(BATCH):
            optimiser.zero_grad()
            z = plain(x[rows])
            if loss == "log":  # written as anybody would
                F.cross_entropy(z, y[rows]).backward()
            else:
                OUTPUT_LOSSES[loss].value(z.T[None], target[rows].T).mean().backward()
            if penalty == "decay" and optimiser_name != "adamw":
                with torch.no_grad():
                    for weight in (p for p in plain.parameters() if p.dim() > 1):
                        weight.mul_(1 - rate * alpha)
            optimiser.step()
            if penalty in ("l1", "elasticnet"):
                share = 1.0 if penalty == "l1" else 0.3
                shrink(plain, optimiser, optimiser_name, alpha * share)
    return plain.state_dict()


def check(population: nets.Population, expected: dict[str, torch.Tensor], *member: Any) -> None:
    own = population.state_dict(*member, when="last")
    assert list(own) == list(expected)
    for name, value in expected.items():
        torch.testing.assert_close(own[name], value, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("optimiser", "penalty"), COMBINATIONS)
def test_every_optimiser_and_penalty_is_a_plain_loop(optimiser: str, penalty: str) -> None:
    population = fitted(optimizer=optimiser, penalty=penalty, rate=RATES[optimiser])
    for alpha in ALPHAS:
        for seed in SEEDS:
            expected = plain_loop(optimiser, penalty, "log", "tanh", alpha, seed)
            check(population, expected, alpha, seed)


@pytest.mark.parametrize("loss", sorted(OUTPUT_LOSSES))
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_every_loss_and_activation_is_a_plain_loop(loss: str, activation: str) -> None:
    population = fitted(loss=loss, activation=activation, rate=RATES["sgd"])
    expected = plain_loop("sgd", "l2", loss, activation, ALPHAS[1], SEEDS[0])
    check(population, expected, ALPHAS[1], SEEDS[0])


@pytest.mark.parametrize(("optimiser", "penalty"), COMBINATIONS)
def test_a_member_alone_ends_as_among_others(optimiser: str, penalty: str) -> None:
    choice: dict[str, Any] = {"optimizer": optimiser, "penalty": penalty, "hidden": (5, 4)}
    together = fitted(**choice)
    alone = fitted(**choice, alphas=[ALPHAS[1]], seeds=[SEEDS[1]])
    member = ALPHAS[1], SEEDS[1]
    check(together, alone.state_dict(*member, when="last"), *member)
    for split, quantity in together.fit.history.columns:
        of_both = together.curve(quantity, split)[:, 1, 1], alone.curve(quantity, split)[:, 0, 0]
        np.testing.assert_allclose(*of_both, rtol=1e-7, atol=1e-12)


def test_single_precision_differs_by_rounding_alone() -> None:
    double, single = fitted(), fitted(precision="single")
    for name, value in double.state_dict(ALPHAS[0], SEEDS[0]).items():
        own = single.state_dict(ALPHAS[0], SEEDS[0])[name]
        assert own.dtype == torch.float32
        torch.testing.assert_close(own.double(), value, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "adam"])
def test_the_rate_follows_its_course(optimiser: str) -> None:
    first = RATES[optimiser]
    linear = [first * share for share in (1.0, 0.75, 0.5, 0.25)]
    cosine = [first * (1 + np.cos(np.pi * epoch / EPOCHS)) / 2 for epoch in range(EPOCHS)]
    for schedule, rates in (("linear", linear), ("cosine", cosine)):
        expected = plain_loop(
            optimiser, "elasticnet", "log", "tanh", ALPHAS[1], SEEDS[0], rates=rates
        )
        choice: dict[str, Any] = {"optimizer": optimiser, "penalty": "elasticnet"}
        for population in (
            fitted(**choice, rate=first, schedule=schedule),
            fitted(**choice, rate=rates),
        ):
            check(population, expected, ALPHAS[1], SEEDS[0])


def test_rows_come_in_another_order_in_each_epoch_and_for_each_seed() -> None:
    orders = [tuple(row_order(seed, epoch, 30)) for seed in (0, 1) for epoch in (0, 1)]
    assert len(set(orders)) == 4
    assert all(sorted(order) == list(range(30)) for order in orders)
    assert orders[0] == tuple(row_order(0, 0, 30))


@pytest.mark.slow
@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "adam"])
def test_proximal_steps_end_at_the_minimum_of_the_stated_objective(optimiser: str) -> None:
    """For a linear model and full batches: where L1's optimality conditions hold."""
    alpha = 0.05
    population = fitted(
        hidden=(),
        alphas=[alpha],
        seeds=[0],
        penalty="l1",
        optimizer=optimiser,
        batch=N,
        epochs=800,
        schedule="linear",
        rate={"sgd": 0.5, "momentum": 0.1, "adam": 0.03}[optimiser],
    )
    weight, bias = population.state_dict(alpha, when="last").values()
    x, y = data()
    z = torch.from_numpy(x) @ weight.T + bias
    residual = z.softmax(-1) - F.one_hot(torch.from_numpy(y), CLASSES)
    slope = (residual.T @ torch.from_numpy(x) / N).numpy()
    w = weight.numpy()
    assert (w == 0).any()
    assert slope[w != 0] == pytest.approx(-alpha * np.sign(w[w != 0]), abs=1e-3)
    assert np.abs(slope[w == 0]).max() <= alpha + 1e-3
    assert residual.mean(0).numpy() == pytest.approx(0.0, abs=1e-3)
