"""`fit` and `fit_module`: from what a caller passes to a `Population`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import torch

from counterpoint.arguments import checkpoint_folder
from counterpoint.data import Dataset
from counterpoint.errors import InputError
from counterpoint.findings.words import figure
from counterpoint.fit.nets.functional import ModuleFactory, functional_model
from counterpoint.fit.nets.model import Model
from counterpoint.fit.nets.perceptron import Perceptron
from counterpoint.fit.nets.population import Split, fit_population
from counterpoint.fit.nets.settings import Settings
from counterpoint.fit.nets.train import State
from counterpoint.nets.arguments import Training, activation_named, hidden_sizes, make_settings
from counterpoint.nets.population import Population
from counterpoint.nets.recording import Recording, facts_of, steps_per_epoch
from counterpoint.nets.rows import Inputs, row_shape, split_arrays, split_dataset
from counterpoint.progress import progress_bar

CHECKPOINT = "population.safetensors"


def fit(
    X: Any,
    y: Any,
    hidden: Any = (30,),
    *,
    activation: str = "relu",
    validation: Any = 0.2,
    scale: str = "none",
    device: str = "cpu",
    checkpoint: str | Path | None = None,
    record: str | Path | None = None,
    **training: Unpack[Training],
) -> Population:
    """Train multilayer perceptrons over a range of penalty strengths, all in one go.

    Every alpha starts from the weights of each seed; all members see the same mini-batches.

    Parameters
    ----------
    X : array, SciPy sparse or pandas or Polars frame, (n, features)
        A frame may have categories, strings, booleans and missing values.
    y : array (n,)
        Labels of two or more classes, numbers or strings. A network has an output a class.
    hidden
        Units of each hidden layer: a number, or several; () for a linear model.
    activation : ``sigmoid``, ``tanh``, ``relu`` or ``gelu``
    validation : float, (X, y) or None
        A fraction to hold out, stratified, or rows to judge on.
    scale : ``none`` or ``standard``
        Whether columns are centred and divided by their deviation, both of the training rows.
    device
        Of PyTorch, such as ``cuda``.
    checkpoint
        A folder to keep the state in, every ten seconds, and to go on from. On the CPU, with the
        same number of threads, a training that was killed ends as one that was not, bit for bit.
    record
        A folder to write each member's history into while it is trained, as `counterpoint.record`
        does: it is whole up to a crash, and `counterpoint.runs.read` reads it.
    loss : ``log``, ``bce``, ``brier``, ``quadratic`` or ``squared``
        Softmax cross-entropy (the default), binary cross-entropy summed over sigmoids, Brier score
        of the softmax, half the squared error of sigmoids, mean squared error of linear outputs.
    penalty : ``l2``, ``l1``, ``elasticnet`` or ``decay``
        Of the weights; biases are free. In the objective, the L1 part by proximal steps; or
        w <- (1 - rate alpha) w beside each step. By default ``l2``, and ``decay`` for adamw, which
        takes no other.
    alphas
        Strengths in the convention  mean loss + alpha * penalty; by default 1e-6 to 0.1.
    l1_ratio : float, 0.5
        Share of L1 in the elastic net.
    seeds : int, 1, or iterable of int
        How many first weights each alpha is trained from, or their seeds.
    epochs : int, 30
    batch : int, 32
        Rows of a mini-batch; the last of an epoch has what is left.
    optimizer : ``sgd``, ``momentum``, ``adam`` or ``adamw``
    rate : float, or one for each epoch
        Learning rate; by default 0.1 for sgd, 0.01 for momentum, 0.001 for adam and adamw.
    momentum : float, 0.9
        Of the optimizer of that name.
    schedule : ``constant``, ``linear`` or ``cosine``
        Course of the learning rate over the epochs; the last two end near zero.
    patience : int or None
        Epochs without a better validation log loss after which a member stops.
    seed : int, 0
        Of the rows held out and of their order in each epoch.
    precision : ``single`` or ``double``

    Returns
    -------
    Population

    Raises
    ------
    InputError
        For anything wrong with what was passed: one sentence says what, where and what to do.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> population = fit(X, y, hidden=8, alphas=[1e-4, 1e-2], seeds=3, scale="standard")
    >>> population.curve("accuracy").shape
    (31, 2, 3)
    """
    settings = make_settings(**training)
    if row_shape(X) is not None:
        raise InputError(
            f"X has rows of shape {row_shape(X)} and a perceptron takes rows of numbers; pass "
            "X.reshape(len(X), -1), or use fit_module."
        )
    rows = split_arrays(X, y, validation, settings.order_seed, scale)
    return _perceptrons(rows, hidden, activation, settings, device, checkpoint, record)


def fit_dataset(
    dataset: Dataset,
    hidden: Any = (30,),
    *,
    activation: str = "relu",
    validation: float | Dataset | None = 0.2,
    scale: str = "none",
    device: str = "cpu",
    checkpoint: str | Path | None = None,
    record: str | Path | None = None,
    **training: Unpack[Training],
) -> Population:
    """`fit` for a table that was read by `counterpoint.data`.

    Parameters as in `fit`; ``validation`` may be a Dataset with the same schema.
    """
    settings = make_settings(**training)
    rows = split_dataset(dataset, validation, settings.order_seed, scale)
    return _perceptrons(rows, hidden, activation, settings, device, checkpoint, record)


def _perceptrons(
    rows: tuple[Split, Inputs],
    hidden: Any,
    activation: Any,
    settings: Settings,
    device: str,
    checkpoint: str | Path | None,
    record: str | Path | None,
) -> Population:
    split, inputs = rows
    features = int(np.prod(split.x.shape[1:]))
    sizes = (features, *hidden_sizes(hidden), len(split.classes))
    model = Perceptron(sizes, activation_named(activation))
    return _trained(model, split, inputs, settings, device, checkpoint, record)


def fit_module(
    make_module: ModuleFactory,
    X: Any,
    y: Any,
    *,
    validation: Any = 0.2,
    scale: str = "none",
    device: str = "cpu",
    checkpoint: str | Path | None = None,
    record: str | Path | None = None,
    **training: Unpack[Training],
) -> Population:
    """Train modules of your own over a range of penalty strengths, all in one go.

    Parameters
    ----------
    make_module
        A function without arguments that returns a new ``torch.nn.Module`` with random weights;
        it is called after ``torch.manual_seed(s)`` for each seed s. The module takes (rows, ...)
        and returns raw outputs (rows, classes): no softmax or sigmoid at its end. Layers that keep
        running statistics, such as BatchNorm, are refused. Parameters of two and more dimensions
        are penalised. Dropout draws for each member on its own, so that a member trained alone
        draws otherwise.
    X : array (n, ...), or as `fit` takes it
    y, validation, scale, device, checkpoint, record, training
        As `fit` takes them.

    Returns
    -------
    Population

    Raises
    ------
    InputError
        As `fit`; and where the module can't be stacked, or its outputs don't fit the classes.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> make = lambda: torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(),
    ...                                    torch.nn.Linear(8, 3))
    >>> population = fit_module(make, X, y, alphas=[1e-4, 1e-2], epochs=5, optimizer="adam")
    >>> sorted(population.state_dict(1e-4))
    ['0.bias', '0.weight', '2.bias', '2.weight']
    """
    settings = make_settings(**training)
    split, inputs = split_arrays(X, y, validation, settings.order_seed, scale)
    row = torch.tensor(split.x[0], dtype=torch.float64)
    model = functional_model(make_module, settings.seeds[0], len(split.classes), row)
    return _trained(model, split, inputs, settings, device, checkpoint, record)


def _trained(
    model: Model,
    split: Split,
    inputs: Inputs,
    settings: Settings,
    device: str,
    checkpoint: str | Path | None,
    record: str | Path | None,
) -> Population:
    """Train, with a bar on the terminal, and say what happened."""
    if settings.batch > len(split.x):
        raise InputError(
            f"batch is {settings.batch:,}, more than the {len(split.x):,} training rows; "
            "give a smaller one."
        )
    if settings.patience is not None and not len(split.validation_x):
        raise InputError(
            "patience waits for a better validation score, and there are no validation rows; "
            "give some, or leave patience out."
        )
    _check_device(device)
    file = None if checkpoint is None else checkpoint_folder(checkpoint) / CHECKPOINT
    with progress_bar(settings.epochs) as show, ExitStack() as stack:
        watchers = [_bar(show)]
        if record is not None:
            facts = facts_of(settings, len(split.classes), len(split.x), len(split.validation_x))
            recording = Recording(
                Path(record), settings, facts, steps_per_epoch(settings, len(split.x))
            )
            watchers.append(stack.enter_context(recording).watch)

        def watch(state: State) -> None:
            for each in watchers:
                each(state)

        fitted = fit_population(model, split, settings, device, watch, file)
    return Population(model, fitted, inputs)


def _check_device(device: Any) -> None:
    if not isinstance(device, (str, torch.device)):
        raise InputError(f"device is {device!r}; give the name of one, such as cpu or cuda.")
    try:
        torch.zeros(1, device=device).cpu()
    except (RuntimeError, AssertionError, TypeError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"device {device!r} can't be used ({reason}); take cpu.") from None


def _bar(show: Callable[[int, str], None]) -> Callable[[State], None]:
    """What the bar says of each epoch: the two parts for the most accurate member, and all ends."""

    def watch(state: State) -> None:
        history = state.history
        split = "validation" if history.has("validation", "accuracy") else "train"
        at = dict(zip(history.columns, history.values[-1], strict=True))
        accuracy, data_loss = at[split, "accuracy"], at["train", "data_loss"]
        if np.isnan(accuracy).all():
            show(state.epoch, "no member is finite")
            return
        best = int(np.nanargmax(accuracy))
        penalty = at.get(("train", "penalty"))
        parts = figure(data_loss[best]) + ("" if penalty is None else f" + {figure(penalty[best])}")
        worst = f"{np.nanmin(accuracy):.3f} to " if len(accuracy) > 1 else ""
        show(state.epoch, f"loss {parts}, accuracy {worst}{accuracy[best]:.3f}")

    return watch
