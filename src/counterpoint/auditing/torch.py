"""The audit of a PyTorch loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from counterpoint.auditing.result import Audit
from counterpoint.auditing.rows import BATCH, LOOKED_AT
from counterpoint.auditing.subjects.torch import Loop, torch_subject
from counterpoint.errors import InputError
from counterpoint.findings.audits import find_in_audit
from counterpoint.probes.measured import Declared
from counterpoint.probes.measuring import measure

__all__ = ["audit"]


def audit(
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    loss_fn: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    batch: tuple[torch.Tensor, torch.Tensor],
    *,
    step: Callable[[torch.Tensor, torch.Tensor], object] | None = None,
    reported: Callable[[torch.Tensor, torch.Tensor], Any] | None = None,
    accuracy: Callable[[torch.Tensor, torch.Tensor], Any] | None = None,
    weight_decay: float | None = None,
    l1: float | None = None,
    n_train: int | None = None,
    seed: int = 0,
) -> Audit:
    """Audit a PyTorch loop: find out whether its step descends the objective that is meant.

    Model and optimiser are used as they are, the optimiser with an empty history, and put back as
    they were. Dropout layers are switched off while slopes are measured.

    Parameters
    ----------
    model, optimizer
        As the loop uses them.
    loss_fn
        The mean data loss, of the model's outputs and targets: without penalties.
    batch
        Rows and targets, from which mini-batches are drawn; 22 rows at least, 64 are better.
    step
        The loop's own step on rows and targets, where it is more than ``zero_grad``, ``backward``
        of ``loss_fn`` and ``optimizer.step``.
    reported
        What the loop reports of rows and targets: a function. It is asked in training mode, as it
        is after a step: it has to switch modes itself, as the loop does.
    accuracy
        The accuracy it reports, likewise.
    weight_decay, l1
        The strengths that are meant: objective = data loss + weight_decay/2 ‖W‖² + l1 ‖W‖₁, over
        weights alone.
    n_train
        Rows of the training set.
    seed
        Of the points, rows and coordinates that are looked at.

    Returns
    -------
    Audit

    Raises
    ------
    InputError
        The batch is too small, or no function is given where one is needed.

    Examples
    --------
    >>> _ = torch.manual_seed(0)
    >>> model = torch.nn.Linear(4, 3)
    >>> x, y = torch.rand(64, 4), torch.arange(64) % 3
    >>> sgd = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.01)
    >>> report = audit(model, sgd, torch.nn.CrossEntropyLoss(), (x, y), weight_decay=0.01)
    >>> [finding.name for finding in report.findings]  # PyTorch decays all that it is given
    ['decay_on_biases']
    >>> print(f"{report.findings[0].evidence['l2']:.3f}")
    0.010
    """
    x, y = batch
    if len(x) != len(y) or len(x) < 2 * BATCH:
        raise InputError(
            f"the batch has {len(x)} rows and {len(y)} targets: the audit needs as many targets as "
            f"rows, and {2 * BATCH} or more."
        )
    for name, function in (("reported", reported), ("accuracy", accuracy), ("step", step)):
        if function is not None and not callable(function):
            raise InputError(f"{name} is {function!r}: pass a function of rows and targets.")
    loop = Loop(model, optimizer, loss_fn, (x[:LOOKED_AT], y[:LOOKED_AT]))
    subject = torch_subject(loop, step, reported, accuracy)
    declared = _declared(loop, weight_decay, l1, n_train)
    before = loop.save()
    try:
        loop.forget()
        measured = measure(subject, loop.rows(), declared, seed)
    finally:
        loop.restore(before)
    notes = (f"rate {declared.rates[0]:g}",) if declared.rates and declared.rates[0] else ()
    return Audit(find_in_audit(measured), measured, (*subject.read_as, *notes))


def _declared(
    loop: Loop, weight_decay: float | None, l1: float | None, n_train: int | None
) -> Declared:
    """What the optimiser's groups and the caller say."""
    group_of = {id(p): group for group in loop.optimizer.param_groups for p in group["params"]}
    groups = [group_of.get(id(p), {}) for p in loop.parameters]
    first = next((group for group in groups if group), {})
    said = weight_decay is not None or l1 is not None
    labels = loop.rows()[1]
    return Declared(
        rates=tuple(_number(group.get("lr")) for group in groups),
        l2=(weight_decay or 0.0) if said else None,
        l1=(l1 or 0.0) if said else None,
        momentum=_number(first.get("momentum")),
        optimiser=type(loop.optimizer).__name__.lower(),
        loss="own",
        n_train=n_train,
        n_batch=BATCH,
        n_outputs=int(labels.max()) + 1,
        betas=tuple(first.get("betas", (0.9, 0.999))),
        epsilon=float(first.get("eps", 1e-8)),
        penalty_reported=False,
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
