"""Trains one recipe with PyTorch, and keeps what it logs apart from what is true.

The log's numbers may be faulty, partial and noisy. The truth is measured in evaluation mode,
without penalty, smoothing or units, on all training and all held-out rows, after every epoch.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from recipes import Recipe
from sources import Rows, rows_of

Series = npt.NDArray[np.float64]
ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


@dataclass(frozen=True)
class Trace:
    """One training: what it could log, and what was true, an entry an epoch.

    Attributes
    ----------
    logged
        ``train/loss`` and so on; losses of rows are data losses here, in the log's unit.
    train_loss, train_accuracy
        On the training rows, with the labels that were trained on.
    held_losses, held_right : arrays (epochs, rows)
        Of each held-out row, with its true label and without a leak.
    commonest : share of held-out rows that get the commonest prediction
    penalty : alpha/2 times the squared norm
    even_loss, base_loss
        The least loss of a constant prediction: all classes alike, and the training rows' shares.
    base_rate
        Of the commonest class among held-out rows.
    rows : the counts ``train``, ``validation`` and ``classes``
    """

    logged: dict[str, Series]
    train_loss: Series
    train_accuracy: Series
    held_losses: npt.NDArray[np.float64]
    held_right: npt.NDArray[np.bool_]
    commonest: Series
    penalty: Series
    even_loss: float
    base_loss: float
    base_rate: float
    rows: dict[str, int]

    @property
    def epochs(self) -> int:
        return len(self.train_loss)


def row_losses(name: str, z: Tensor, y: Tensor, smoothing: float = 0.0) -> Tensor:
    """Loss of each row; its natural value, for sums over outputs the sum."""
    if name == "log":
        return F.cross_entropy(z, y, reduction="none", label_smoothing=smoothing)
    target = F.one_hot(y, z.shape[1]).to(z.dtype)
    if name == "brier":
        return (F.softmax(z, 1) - target).square().sum(1)
    if name == "quadratic":
        return (torch.sigmoid(z) - target).square().sum(1) / 2
    if name == "bce":
        return F.binary_cross_entropy_with_logits(z, target, reduction="none").sum(1)
    raise ValueError(name)


def constant_loss(name: str, shares: npt.NDArray[np.float64]) -> float:
    """Loss of predicting these shares for every row, which are the labels' own."""
    p = shares[shares > 0]
    if name == "log":
        return float(-(p * np.log(p)).sum())
    if name == "bce":
        q = p[p < 1]
        return float(-(q * np.log(q) + (1 - q) * np.log1p(-q)).sum())
    whole = float((shares * (1 - shares)).sum())
    return whole if name == "brier" else whole / 2


def network(recipe: Recipe, features: int, classes: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    width = features
    for units in recipe.hidden:
        layers.append(nn.Linear(width, units))
        if recipe.batch_norm:
            layers.append(nn.BatchNorm1d(units))
        layers.append(ACTIVATIONS[recipe.activation]())
        if recipe.dropout:
            layers.append(nn.Dropout(recipe.dropout))
        width = units
    layers.append(nn.Linear(width, classes))
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for layer in linear:
            layer.weight.mul_(recipe.first_scale)
        for layer in linear[:-1]:
            layer.bias.add_(recipe.first_bias)
    return nn.Sequential(*layers)


def optimiser_of(recipe: Recipe, weights: list[Tensor]) -> torch.optim.Optimizer:
    if recipe.optimiser == "adam":
        return torch.optim.Adam(weights, lr=recipe.rate, fused=True)
    if recipe.optimiser == "rmsprop":
        return torch.optim.RMSprop(weights, lr=recipe.rate)
    momentum = 0.9 if recipe.optimiser == "momentum" else 0.0
    return torch.optim.SGD(weights, lr=recipe.rate, momentum=momentum, fused=True)


def rate_in(recipe: Recipe, epoch: int) -> float:
    """The learning rate of an epoch, counted from 0."""
    done = epoch / recipe.epochs
    course = {
        "constant": 1.0,
        "step": 0.1 ** (int(done >= 0.5) + int(done >= 0.75)),
        "cosine": (1 + math.cos(math.pi * done)) / 2,
        "linear": 1 - done,
        "warmup": min(1.0, (epoch + 1) / max(1, recipe.epochs // 10)),
        "restarts": (1 + math.cos(math.pi * ((3 * done) % 1))) / 2,
    }[recipe.schedule]
    return recipe.rate * course * dict(recipe.events).get(epoch, 1.0)


class Training:
    """One recipe at work.

    Parameters
    ----------
    recipe
    rows
        As they are drawn; the recipe's faults are put into copies of them here.
    """

    def __init__(self, recipe: Recipe, rows: Rows) -> None:
        self.recipe, self.rows = recipe, rows
        self.rng = np.random.default_rng([recipe.seed, 1])
        torch.manual_seed(recipe.seed)
        y = self._flipped(rows.y, recipe.flipped)
        self.y = torch.from_numpy(y)
        self.x = self._inputs(rows.x, y)
        honest = np.full(len(rows.held_y), -1)
        self.held_x, self.held_y = self._inputs(rows.held_x, honest), torch.from_numpy(rows.held_y)
        shown = slice(0, recipe.validation_rows)
        self.shown_x = self._inputs(rows.held_x[shown], rows.held_y[shown])
        self.shown_y = torch.from_numpy(
            self._flipped(rows.held_y[shown], recipe.flipped_validation)
        )
        self.net = network(recipe, self.x.shape[1], rows.classes)
        self.weights = [p for p in self.net.parameters() if p.ndim > 1]
        self.optimiser = optimiser_of(recipe, list(self.net.parameters()))

    def _flipped(self, y: npt.NDArray[np.int64], share: float) -> npt.NDArray[np.int64]:
        """Labels, a share of which is drawn anew among those that there are."""
        which = self.rng.random(len(y)) < share
        y = y.copy()
        y[which] = self.rng.permutation(y)[which] if share >= 1 else self.rng.choice(y, which.sum())
        return y

    def _inputs(self, x: npt.NDArray[np.float32], leaked: npt.NDArray[np.int64]) -> Tensor:
        recipe = self.recipe
        if recipe.leak:
            told = np.zeros((len(x), self.rows.classes), np.float32)
            known = leaked >= 0
            told[known, leaked[known]] = recipe.leak
            x = np.hstack([x, told])
        return torch.from_numpy(x * np.float32(recipe.input_scale) + np.float32(recipe.input_shift))

    def squared_norm(self) -> float:
        with torch.no_grad():
            return float(sum(weight.double().square().sum() for weight in self.weights))

    def epoch(self, rate: float, has_bad_batch: bool) -> dict[str, float]:
        """One pass over the training rows: means over its batches, in training mode."""
        recipe = self.recipe
        self.net.train()
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        shrink = 1 - rate * recipe.alpha * recipe.decay_factor
        order = torch.from_numpy(self.rng.permutation(len(self.y)))
        sums = np.zeros(3)
        batches = [b for b in order.split(recipe.batch) if len(b) > 1 or not recipe.batch_norm]
        before = [weight.detach().clone() for weight in self.weights]
        for batch in batches:
            bad = has_bad_batch and batch is batches[len(batches) // 2]
            z = self.net(self.x[batch] * (100.0 if bad else 1.0))
            losses = row_losses(recipe.loss, z, self.y[batch], recipe.label_smoothing)
            self.optimiser.zero_grad()
            losses.mean().backward()
            if recipe.logging.gradients:
                grads = [p.grad for p in self.net.parameters() if p.grad is not None]
                sums[2] += float(nn.utils.get_total_norm(grads)) * len(batch)
            last = batch is batches[-1]
            if last and recipe.logging.weights:
                before = [weight.detach().clone() for weight in self.weights]
            self.optimiser.step()
            if recipe.alpha:
                with torch.no_grad():
                    for weight in self.weights:
                        weight.mul_(shrink)
            sums[0] += float(losses.detach().sum())
            sums[1] += int((z.detach().argmax(1) == self.y[batch]).sum())
        seen = sum(map(len, batches))
        change = [
            (weight.detach() - old).square().sum()
            for weight, old in zip(self.weights, before, strict=True)
        ]
        norm = math.sqrt(max(self.squared_norm(), 0.0))
        return {
            "train/loss": sums[0] / seen,
            "train/accuracy": sums[1] / seen,
            "gradient_norm": sums[2] / seen,
            "weight_norm": norm,
            "update_ratio": math.sqrt(float(sum(change))) / norm if norm else math.nan,
            "learning_rate": rate,
        }

    def measured(self, x: Tensor, y: Tensor, smoothing: float = 0.0) -> tuple[Tensor, Tensor]:
        """Losses and predictions of rows, in the mode the network is in."""
        with torch.no_grad():
            z = self.net(x)
            return row_losses(self.recipe.loss, z, y, smoothing).double(), z.argmax(1)

    def shown(self) -> tuple[float, float]:
        """Loss and accuracy of the validation rows, as the log has them."""
        recipe = self.recipe
        x, y = self.shown_x, self.shown_y
        if recipe.redraw:
            pick = torch.from_numpy(self.rng.choice(len(self.held_y), recipe.redraw))
            x, y = self.held_x[pick], self.held_y[pick]
        self.net.train(recipe.validation_mode == "training")
        losses, predicted = self.measured(x, y, recipe.label_smoothing)
        self.net.eval()
        return float(losses.mean()), float((predicted == y).double().mean())


def train(recipe: Recipe) -> Trace:
    """Train a recipe to its end, or until its patience is over."""
    rows = rows_of(recipe.data_set, recipe.train_rows, recipe.seed)
    work = Training(recipe, rows)
    logged: dict[str, list[float]] = {}
    truth: dict[str, list[object]] = {}
    for record, true in _epochs(work):
        for name, value in record.items():
            logged.setdefault(name, []).append(value)
        for name, found in true.items():
            truth.setdefault(name, []).append(found)
    shares = np.bincount(rows.y, minlength=rows.classes) / len(rows.y)
    even = float(
        row_losses(recipe.loss, torch.zeros(1, rows.classes), torch.zeros(1, dtype=torch.long))
    )
    return Trace(
        logged={name: np.array(values) for name, values in logged.items()},
        **{name: np.array(values) for name, values in truth.items()},
        even_loss=even,
        base_loss=constant_loss(recipe.loss, shares),
        base_rate=float(np.bincount(rows.held_y).max() / len(rows.held_y)),
        rows={
            "train": len(rows.y),
            "validation": recipe.redraw or len(work.shown_y),
            "classes": rows.classes,
        },
    )


def _epochs(work: Training) -> Iterator[tuple[dict[str, float], dict[str, object]]]:
    recipe = work.recipe
    best, waited = math.inf, 0
    for epoch in range(recipe.epochs):
        record = work.epoch(rate_in(recipe, epoch), epoch in recipe.bad_batches)
        work.net.eval()
        losses, predicted = work.measured(work.x, work.y)
        loss, accuracy = float(losses.mean()), float((predicted == work.y).double().mean())
        if not recipe.logging.running:
            smoothed = work.measured(work.x, work.y, recipe.label_smoothing)[0]
            record |= {"train/loss": float(smoothed.mean()), "train/accuracy": accuracy}
        shown_loss, shown_accuracy = work.shown()
        record |= {"validation/loss": shown_loss, "validation/accuracy": shown_accuracy}
        record["train/loss"] *= recipe.train_unit
        record["validation/loss"] *= recipe.validation_unit
        held, held_predicted = work.measured(work.held_x, work.held_y)
        yield (
            record,
            {
                "train_loss": loss,
                "train_accuracy": accuracy,
                "held_losses": held.numpy(),
                "held_right": (held_predicted == work.held_y).numpy(),
                "commonest": float(held_predicted.bincount().max()) / len(held_predicted),
                "penalty": recipe.alpha / 2 * work.squared_norm(),
            },
        )
        best, waited = (shown_loss, 0) if shown_loss < best else (best, waited + 1)
        if recipe.patience and waited >= recipe.patience:
            return
