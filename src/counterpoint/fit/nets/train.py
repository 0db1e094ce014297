"""Training a population: epochs of shared mini-batches, measures after each, members that stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from counterpoint.fit.nets.history import History, Measured
from counterpoint.fit.nets.losses import OutputLoss
from counterpoint.fit.nets.measures import judge, norms, penalty_of, step_measures
from counterpoint.fit.nets.model import Model, Parameters
from counterpoint.fit.nets.optimisers import Optimiser
from counterpoint.fit.nets.rows import Rows
from counterpoint.fit.nets.settings import Settings
from counterpoint.progress import noted_interrupt

Index = npt.NDArray[np.intp]
Array = npt.NDArray[np.float64]

#: Training rows, drawn once by the seed, that stand for all of them in the measures of an epoch.
JUDGED = 2000


@dataclass(frozen=True)
class Task:
    """What is trained on what.

    Attributes
    ----------
    model, loss, settings
    train : Rows
    judged : Rows
        Training rows that are measured on.
    validation : Rows or None
    """

    model: Model
    loss: OutputLoss
    settings: Settings
    train: Rows
    judged: Rows
    validation: Rows | None


@dataclass
class State:
    """How far a training is, as it stands after an epoch. Members run alpha by alpha.

    Attributes
    ----------
    parameters, optimiser
        Of the members at work.
    active : array
        Their indices.
    last, best : Parameters
        Of all members: as they are, and at their best validation score so far.
    score, best_epoch, last_epoch : arrays (members,)
        That score, its epoch, and the last epoch that the member took part in.
    history : History
    """

    parameters: Parameters
    optimiser: Optimiser
    active: Index
    last: Parameters
    best: Parameters
    score: Array
    best_epoch: Index
    last_epoch: Index
    history: History

    @property
    def epoch(self) -> int:
        """Epochs done: the history has one more, from before the first step."""
        return len(self.history.values) - 1


def start(task: Task) -> State:
    """Members before their first step: all alphas of a seed start from the same weights."""
    settings = task.settings
    dtype, device = task.train.x.dtype, task.train.x.device
    every = np.tile(np.arange(len(settings.seeds)), len(settings.alphas))
    parameters = {
        name: value[torch.from_numpy(every)].to(device, dtype)
        for name, value in task.model.initial(settings.seeds).items()
    }
    members = len(settings.members)
    alpha = torch.tensor([a for a, _ in settings.members], dtype=dtype, device=device)
    state = State(
        parameters=parameters,
        optimiser=Optimiser.fresh(settings, task.model.penalised, alpha, parameters),
        active=np.arange(members),
        last=_copied(parameters),
        best=_copied(parameters),
        score=np.full(members, np.inf),
        best_epoch=np.zeros(members, dtype=np.intp),
        last_epoch=np.zeros(members, dtype=np.intp),
        history=History(_columns(task)),
    )
    keep_epoch(task, state, {})
    return state


def train(task: Task, state: State, watch: Callable[[State], None]) -> None:
    """Go on from a state to the end, in place; ``watch`` sees it after every epoch.

    A `KeyboardInterrupt` leaves ``last``, ``best`` and the history as of the last whole epoch.
    """
    with torch.no_grad():
        while state.epoch < task.settings.epochs and len(state.active):
            last_step = run_epoch(task, state)
            with noted_interrupt() as asked:  # what is kept of an epoch is kept as a whole
                keep_epoch(task, state, last_step)
                _let_go(task, state)
                watch(state)
            if asked():
                raise KeyboardInterrupt


def run_epoch(task: Task, state: State) -> dict[str, Array]:
    """One pass over the training rows; returns the measures of its last step."""
    settings, train, weights = task.settings, task.train, task.model.penalised
    rate = settings.rates[state.epoch]
    order = torch.from_numpy(row_order(settings.order_seed, state.epoch, len(train)))
    order = order.to(train.x.device)
    with torch.random.fork_rng():  # what a module of one's own draws, such as dropout
        torch.manual_seed(_module_seed(settings.order_seed, state.epoch))
        for begin in range(0, len(train), settings.batch):
            rows = order[begin : begin + settings.batch]
            x, target = train.x[rows], train.target[:, rows]
            gradients = task.model.gradients(state.parameters, x, target, task.loss)
            if begin + settings.batch >= len(train):
                before = {name: state.parameters[name].clone() for name in weights}
            state.optimiser.step(state.parameters, gradients, rate)
    return step_measures(before, state.parameters, gradients)


def row_order(seed: int, epoch: int, rows: int) -> npt.NDArray[np.int64]:
    """The order of rows in an epoch: it hangs on nothing but the seed and the epoch."""
    return np.random.default_rng([seed, epoch]).permutation(rows)


def _module_seed(seed: int, epoch: int) -> int:
    return int(np.random.default_rng([seed, epoch, 1]).integers(2**63))


def keep_epoch(task: Task, state: State, of_steps: dict[str, Array]) -> None:
    """Measure the members at work, and note their weights and who did better than before."""
    measured = measure(task, state.parameters, state.optimiser.alpha)
    measured |= {("train", name): value for name, value in of_steps.items()}
    epoch = state.epoch + 1
    score = measured[("validation", "log_loss")] if _has_log_loss(task) else None
    if score is None and task.validation is not None:
        score = measured[("validation", "data_loss")]
    if score is None:
        score = np.full(len(state.active), -float(epoch))  # the last epoch counts as the best
    better = score < state.score[state.active]
    _copy_members(state.best, state.parameters, state.active, better)
    _copy_members(state.last, state.parameters, state.active, np.ones(len(better), dtype=bool))
    state.score[state.active[better]] = score[better]
    state.best_epoch[state.active[better]] = epoch
    state.last_epoch[state.active] = epoch
    state.history.add(measured, state.active, len(task.settings.members))


def _has_log_loss(task: Task) -> bool:
    return task.validation is not None and task.loss.log_probability is not None


def measure(task: Task, parameters: Parameters, alpha: Tensor) -> Measured:
    """Everything measured of members but their steps."""
    measured: Measured = {}
    splits = {"train": task.judged, "validation": task.validation}
    for split, rows in splits.items():
        if rows is not None:
            scores = judge(task.model, parameters, task.loss, rows)
            measured |= {(split, name): value for name, value in scores.items()}
    if task.settings.has_objective:
        penalty = penalty_of(parameters, task.model.penalised, task.settings, alpha)
        measured["train", "penalty"] = penalty
        measured["train", "objective"] = measured["train", "data_loss"] + penalty
    sizes = norms({name: parameters[name] for name in task.model.penalised})
    return measured | {("train", f"weight_norm[{name}]"): size for name, size in sizes.items()}


def _columns(task: Task) -> tuple[tuple[str, str], ...]:
    """(split, quantity) of all that is measured."""
    scores = ["data_loss", "accuracy"]
    scores += ["log_loss", "brier"] if task.loss.log_probability is not None else []
    parts = ["penalty", "objective"] if task.settings.has_objective else []
    kinds = ("weight_norm", "gradient_norm", "update_ratio")
    sizes = [f"{kind}[{name}]" for kind in kinds for name in task.model.penalised]
    train = [("train", name) for name in [*scores, *parts, *sizes]]
    held_out = [] if task.validation is None else [("validation", name) for name in scores]
    return (*train, *held_out)


def _let_go(task: Task, state: State) -> None:
    """Take out of the batch who waited long enough for a better score, or is no longer finite."""
    finite = torch.stack([v.flatten(1).isfinite().all(1) for v in state.parameters.values()])
    stays = finite.all(0).cpu().numpy()
    if task.settings.patience is not None:
        waited = state.epoch - state.best_epoch[state.active]
        stays &= waited < task.settings.patience
    if stays.all():
        return
    members = torch.from_numpy(np.flatnonzero(stays)).to(task.train.x.device)
    state.parameters = {name: value[members] for name, value in state.parameters.items()}
    state.optimiser.keep(members)
    state.active = state.active[stays]


def _copied(parameters: Parameters) -> Parameters:
    return {name: value.clone() for name, value in parameters.items()}


def _copy_members(
    into: Parameters, parameters: Parameters, active: Index, chosen: npt.NDArray[np.bool_]
) -> None:
    """Copy the parameters of some of the members at work to their places among all."""
    if not chosen.any():
        return
    here, there = torch.from_numpy(np.flatnonzero(chosen)), torch.from_numpy(active[chosen])
    for name, value in parameters.items():
        into[name][there.to(value.device)] = value[here.to(value.device)]


def judged_rows(seed: int, rows: int) -> Index:
    """Which training rows stand for all in the measures of an epoch, ascending."""
    if rows <= JUDGED:
        return np.arange(rows)
    return np.sort(np.random.default_rng([seed, 2]).choice(rows, JUDGED, replace=False))
