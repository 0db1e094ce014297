"""A training with PyTorch, recorded: `watch` hangs itself on the optimiser and the criterion."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import torch

from counterpoint.errors import InputError
from counterpoint.hooks.criterion import Criterion
from counterpoint.hooks.settings import EVERY, FOLDER, HEARD, checked_every, make_ready
from counterpoint.hooks.tally import Tally
from counterpoint.hooks.weights import Weights
from counterpoint.runs.facts import checked_facts
from counterpoint.runs.names import SPLITS
from counterpoint.runs.recorder import Recorder, record

#: Updates with a row while there are few, beside the first.
_EARLY = (2, 5, 10, 20, 50, 100)
#: In place of a split: an evaluation that takes gradients in vain, or training in evaluation mode.
#: If the gradient is asked for before the next update, it is training.
_UNDECIDED = ""


class Watch:
    """Records one training. Made by `watch`; to be used in a ``with`` statement, or closed.

    Attributes
    ----------
    step : int
        Updates so far.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        optimizer: torch.optim.Optimizer,
        criterion: Criterion,
        weights: Weights,
        every: int,
        start: Callable[[dict[str, Any]], Recorder],
        step: int,
    ) -> None:
        self.step = step
        self._model, self._criterion, self._weights = model, criterion, weights
        self._every, self._due = every, step + 1
        #: Updates before the mini-batches that the next row is the mean of.
        self._heard_from = step
        self._start = start
        self._recorder: Recorder | None = None
        self._measured: dict[str, float] = {}
        #: Mini-batches of training since the last row; those of each evaluation at hand.
        self._trained = criterion.tally()
        self._evaluated: dict[str, Tally] = {}
        #: Rows that an evaluation is said to be of, while it goes on.
        self._split: str | None = None
        #: Whether a gradient was taken of what the model said in evaluation mode.
        self._learns_in_evaluation = False
        self._optimizer = optimizer
        self._after = optimizer.register_step_post_hook(self._after_update)
        self._turn_away = criterion.overhear(self.batch)
        self._listen_before()

    def batch(self, data_loss: torch.Tensor, scores: Any = None, labels: Any = None) -> None:
        """Take one mini-batch's loss, where it does not come from a criterion that is watched.

        Parameters
        ----------
        data_loss : tensor of one number
            Its mean over the rows, without any penalty.
        scores : tensor (rows, classes), optional
        labels : tensor (rows,), optional
            With both, the accuracy is recorded too.
        """
        try:
            may_train = data_loss.requires_grad and self._split is None
        except AttributeError as error:
            raise InputError(
                f"the loss is a {type(data_loss).__name__}: what a criterion returns or batch() is "
                "handed must be the tensor itself, before .item() and not among others."
            ) from error
        training = may_train and self._model.training
        if training and self.step < self._heard_from:
            return
        if self._recorder is None:
            self._record(self._criterion.facts(scores, labels))
        if training:
            tally = self._trained
        else:
            split = _UNDECIDED if may_train else self._split or "validation"
            tally = self._evaluated.setdefault(split, self._criterion.tally())
            if may_train:
                data_loss.register_hook(self._take_for_training)  # type: ignore[no-untyped-call]
        tally.add(data_loss, scores, labels)

    def _take_for_training(self, _: torch.Tensor) -> None:
        self._learns_in_evaluation = True

    def log(self, *, split: str | None = None, **quantities: Any) -> None:
        """Write down numbers of your own, at the step that has been reached.

        Parameters
        ----------
        split, **quantities
            As in `counterpoint.runs.Recorder.log`.
        """
        self._record().log(step=self.step, split=split, **quantities)

    @contextmanager
    def evaluating(self, split: str) -> Iterator[None]:
        """Say of which rows the evaluation within is: ``train``, ``validation`` or ``test``.

        Without it, all that is evaluated between two updates is one pass over the validation rows.
        Within it nothing is training, whatever mode the model is in.
        """
        if split not in SPLITS:
            raise InputError(f"split is {split!r}: pass train, validation or test.")
        before, self._split = self._split, SPLITS[split]
        try:
            yield
        finally:
            self._split = before

    def close(self) -> None:
        """Write down what is left, and let go of the model. A second time does nothing."""
        for hook in (self._after, self._before):
            hook.remove()
        self._turn_away()
        if self._recorder is not None:
            if os.getpid() == self._process:  # What waits in a forked child is its parent's.
                self._write_evaluations(self.step)
                self._write_training({})
            self._recorder.close()
            atexit.unregister(self.close)
            self._recorder = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _listen_before(self) -> None:
        """Hear of the next update before it is made. Of each one that would cost too much."""
        hook = self._optimizer.register_step_pre_hook(self._before_update)
        self._before = hook

    def _before_update(self, _: Any, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        self._measured = self._weights.before_update()
        if any(map(callable, (*args[1:], *named.values()))):
            # The optimiser's closure has yet to compute the gradient of this update.
            self._measured.pop("gradient_norm", None)

    def _after_update(self, *_: Any) -> None:
        self.step += 1
        if self._evaluated:
            self._write_evaluations(self.step - 1)
        if self.step >= self._due:
            self._before.remove()
            self._due = _next_due(self.step, self._every)
            self._heard_from = self._due - HEARD
            self._write_training(self._measured | self._weights.after_update())
        if self.step == self._due - 1:
            self._listen_before()

    def _write_training(self, measured: dict[str, float]) -> None:
        """One row: the mean over the mini-batches since the last, and what was measured now."""
        row = self._trained.means() | measured
        self._trained.clear()
        if row:
            self._record().log(step=self.step, split="train", **row)

    def _write_evaluations(self, step: int) -> None:
        if undecided := self._evaluated.pop(_UNDECIDED, None):
            if not self._learns_in_evaluation:
                self._evaluated.setdefault("validation", self._criterion.tally()).absorb(undecided)
            elif step >= self._heard_from:
                self._trained.absorb(undecided)
            self._learns_in_evaluation = False
        for split, tally in self._evaluated.items():
            means = tally.means()
            self._record().log(step=step, split=split, **means, rows=tally.rows)
        self._evaluated = {}

    def _record(self, facts: dict[str, Any] | None = None) -> Recorder:
        """The record, begun when the first numbers come: they tell the number of classes."""
        if self._recorder is None:
            self._recorder, self._process = self._start(facts or {}), os.getpid()
            # After the recorder's own, and so run before it when the program ends.
            atexit.register(self.close)
        return self._recorder


def _next_due(step: int, every: int) -> int:
    """The next update with a row: soon at first, as most happens there, then at every so many.

    Examples
    --------
    >>> [_next_due(step, 200) for step in (1, 2, 5, 50, 100, 200)]
    [2, 5, 10, 100, 200, 400]
    """
    early = (due for due in _EARLY if step < due < every)
    return next(early, step - step % every + every)


def watch(
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    criterion: torch.nn.Module | None = None,
    *,
    folder: str | os.PathLike[str] = FOLDER,
    penalty: Callable[[torch.nn.Module], Any] | None = None,
    every: int = EVERY,
    resume_after_step: int | None = None,
    **facts: Any,
) -> Watch:
    """Record a training with PyTorch while your own loop runs it.

    At updates 1, 2, 5, 10, 20, 50, 100 and every 200th, one row: the mean data loss and accuracy of
    the mini-batches of the last 25 updates (of none before the last row), the penalty, the norms of
    weights and gradient, how far the update moved the weights, and the learning rate. Calls of the
    criterion without gradients, or in evaluation mode with gradients that nobody takes, are one
    evaluation from one update to the next, recorded with its number of rows.

    Parameters
    ----------
    model
    optimizer
        Counts the steps. Its ``weight_decay`` is told apart: that of SGD or Adam is
        weight_decay/2 times the sum of squares in the objective, recorded as ``penalty``; that of
        AdamW is in no objective, recorded as ``decoupled_decay``.
    criterion
        The module that gives the data loss, such as ``torch.nn.CrossEntropyLoss()``. Without it
        hand each loss to `Watch.batch`.
    folder
        Of the record; each call of this function is a run of its own in it.
    penalty
        Model → what your loop adds to the data loss. It is called for recorded rows only.
    every
        Updates from one row to the next.
    resume_after_step, **facts
        As in `counterpoint.record`. ``train_samples`` and the like can't be seen from here.

    Returns
    -------
    Watch

    Raises
    ------
    InputError
        The folder can't be written, ``every`` is not from 1, or a fact is not of its kind.

    Examples
    --------
    >>> import tempfile
    >>> import counterpoint as cp
    >>> _ = torch.manual_seed(0)
    >>> model, criterion = torch.nn.Linear(4, 3), torch.nn.CrossEntropyLoss()
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.01)
    >>> x, y = torch.ones(6, 4), torch.tensor([0, 1, 2, 0, 1, 2])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with cp.torch.watch(model, optimizer, criterion, folder=folder):
    ...         for _ in range(3):
    ...             optimizer.zero_grad()
    ...             criterion(model(x), y).backward()
    ...             _ = optimizer.step()
    ...     [history] = cp.runs.read(folder)
    >>> history.facts["classes"], history.facts["decay_kind"]
    (3, 'coupled')
    >>> history.series("train", "data_loss")["step"].to_list()
    [1, 2, 3]
    """
    checked_every(every)
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise InputError(
            f"optimizer is a {type(optimizer).__name__}, none of torch.optim: "
            "pass model, optimizer and criterion, in this order."
        )
    found, weights = Criterion(criterion), Weights(optimizer, model, penalty)
    known = weights.facts() | checked_facts(facts)

    def start(seen: dict[str, Any]) -> Recorder:
        said = {**seen, **known}
        return record(folder, resume_after_step=resume_after_step, **said)

    make_ready(folder)
    return Watch(model, optimizer, found, weights, every, start, resume_after_step or 0)
