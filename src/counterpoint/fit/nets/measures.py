"""What is measured of every member after an epoch; arrays (members,), in double precision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.linalg import vector_norm

from counterpoint.fit.nets.gradients import Gradient
from counterpoint.fit.nets.losses import OutputLoss
from counterpoint.fit.nets.model import Model, Parameters
from counterpoint.fit.nets.rows import Rows
from counterpoint.fit.nets.settings import Settings
from counterpoint.fit.result import HeldOut
from counterpoint.scores import SCORES

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

#: Numbers that all members' layers may hold for the rows judged at once: they stay in the cache.
AT_ONCE = 500_000


def outputs_in_blocks(
    model: Model, parameters: Parameters, rows: Rows
) -> Iterator[tuple[Tensor, Rows]]:
    """Raw outputs (members, classes, rows) in double precision, block by block."""
    members = len(next(iter(parameters.values())))
    a_row = members * (sum(v.shape[1] for v in parameters.values() if v.dim() > 1) + 1)
    size = max(1, AT_ONCE // a_row)
    for start in range(0, len(rows), size):
        part = rows.at(slice(start, start + size))
        yield model.outputs(parameters, part.x).double(), part


def judge(model: Model, parameters: Parameters, loss: OutputLoss, rows: Rows) -> dict[str, Array]:
    """Mean data loss, accuracy, log loss and Brier score of each member on some rows."""
    members = len(next(iter(parameters.values())))
    names = ["data_loss", "accuracy"]
    names += ["log_loss", "brier"] if loss.log_probability is not None else []
    totals = torch.zeros(len(names), members, dtype=torch.float64, device=rows.x.device)
    for z, part in outputs_in_blocks(model, parameters, rows):
        totals += torch.stack([value.sum(-1) for value in _per_row(loss, z, part)])
    means = totals.div_(len(rows)).cpu().numpy()
    return dict(zip(names, means, strict=True))


def _per_row(loss: OutputLoss, z: Tensor, rows: Rows) -> list[Tensor]:
    """The measures of `judge`, row by row: each (members, rows)."""
    target = rows.target.double()
    greatest, predicted = z.max(dim=1)  # NaN where one of the outputs is
    right = (predicted == rows.label).double().masked_fill_(greatest.isnan(), torch.nan)
    measured = [loss.value(z, target), right]
    if loss.log_probability is not None:
        logs = loss.log_probability(z)
        cost = -logs.gather(1, rows.label.expand(len(z), 1, -1))[:, 0]
        measured.append(cost.clamp(max=SCORES["log_loss"].greatest))
        measured.append(logs.exp_().sub_(target).square_().sum(1))
    return measured


def held_out(
    model: Model, parameters: Parameters, loss: OutputLoss, rows: Rows, index: Index
) -> HeldOut:
    """Predictions for rows that judge, and their scores.

    Parameters
    ----------
    index : array (rows,)
        Which row of the data each is.
    """
    raw, per_row = [], []
    for z, part in outputs_in_blocks(model, parameters, rows):
        raw.append(z.cpu())
        per_row.append(torch.stack(_per_row(loss, z, part)).cpu())
    z = torch.cat(raw, dim=2)
    own, _, *scores = torch.cat(per_row, dim=2).numpy()
    unknown = np.full_like(own, np.nan)
    log_loss, brier = scores or (unknown, unknown)
    return HeldOut(
        row=index,
        label_index=rows.label.cpu().numpy(),
        fold=np.zeros(len(index), dtype=np.intp),
        weight=np.ones(len(index)),
        raw=z.numpy(),
        predicted=z.argmax(1).numpy(),
        log_loss=log_loss,
        brier=brier,
        own_loss=own,
        calibrated=False,
    )


def penalty_of(
    parameters: Parameters, penalised: tuple[str, ...], settings: Settings, alpha: Tensor
) -> Array:
    """Alpha times the penalty of each member's weights."""
    total = torch.zeros(len(alpha), dtype=torch.float64, device=alpha.device)
    for name in penalised:
        weights = parameters[name].flatten(1)
        if settings.l1_ratio > 0.0:
            total += settings.l1_ratio * vector_norm(weights, 1, dim=1, dtype=torch.float64)
        if settings.l1_ratio < 1.0:
            norm = vector_norm(weights, 2, dim=1, dtype=torch.float64)
            total += 0.5 * (1.0 - settings.l1_ratio) * norm**2
    return np.asarray((total * alpha.double()).cpu().numpy())


def norms(tensors: Mapping[str, Tensor]) -> dict[str, Array]:
    """Euclidean norm of each member's tensors, by name."""
    return {
        name: vector_norm(value.flatten(1), 2, dim=1, dtype=torch.float64).cpu().numpy()
        for name, value in tensors.items()
    }


def step_measures(
    before: Parameters, after: Parameters, gradients: Mapping[str, Gradient]
) -> dict[str, Array]:
    """Norms of the data loss's gradients in a step, and its length as a share of the weights'.

    Parameters
    ----------
    before
        The parameters to measure, as they were before the step.
    """
    slopes = norms({name: gradients[name].dense() for name in before})
    moved = norms({name: after[name] - value for name, value in before.items()})
    size = norms(before)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = {name: moved[name] / size[name] for name in before}
    return {f"gradient_norm[{name}]": slope for name, slope in slopes.items()} | {
        f"update_ratio[{name}]": ratio for name, ratio in ratios.items()
    }
