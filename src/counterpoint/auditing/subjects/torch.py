"""A PyTorch model with its optimiser and loop as a subject."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch

from counterpoint.probes.subject import Array, Kind, Labels, Subject, Tensor

Step = Callable[[torch.Tensor, torch.Tensor], object]
Number = Callable[[torch.Tensor, torch.Tensor], Any]

_NORMS = (
    torch.nn.modules.batchnorm._NormBase,
    torch.nn.LayerNorm,
    torch.nn.GroupNorm,
)
_DROPOUTS = (torch.nn.modules.dropout._DropoutNd,)


class Loop:
    """A model, its optimiser and its data, and a twin in double precision for the slopes.

    A row of the audit is its number in the batch, and so is a target that is no class.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        optimizer: torch.optim.Optimizer,
        loss_fn: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
        batch: tuple[torch.Tensor, torch.Tensor],
    ) -> None:
        self.model, self.optimizer, self.loss_fn = model, optimizer, loss_fn
        self.x, self.y = batch
        self.names = [name for name, p in model.named_parameters() if p.requires_grad]
        own = dict(model.named_parameters())
        self.parameters = [own[name] for name in self.names]
        self.twin = copy.deepcopy(model).double()
        self.twin.train()
        _silence(self.twin)
        doubled = dict(self.twin.named_parameters())
        self.doubled = [doubled[name] for name in self.names]
        self._kept: tuple[Array, Labels, tuple[torch.Tensor, torch.Tensor]] | None = None
        self.classes = self.y.ndim == 1 and not self.y.is_floating_point()

    def rows(self) -> tuple[Array, Labels]:
        """Numbers of the rows, and their labels."""
        numbers = np.arange(len(self.x), dtype=np.float64)[:, None]
        labels = self.y.cpu().numpy() if self.classes else np.arange(len(self.x))
        return numbers, labels.astype(np.int64)

    def tensors_of(self, X: Array, y: Labels) -> tuple[torch.Tensor, torch.Tensor]:
        """Rows and targets by their numbers."""
        x = self.x[torch.as_tensor(X[:, 0].astype(np.int64), device=self.x.device)]
        number = torch.as_tensor(y, device=self.y.device)
        return x, number.to(self.y.dtype) if self.classes else self.y[number]

    def read(self) -> list[Array]:
        return [_seen(p.detach()) for p in self.parameters]

    def write(self, values: Sequence[Array]) -> None:
        with torch.no_grad():
            for own, value in zip(self.parameters, values, strict=True):
                own.copy_(torch.as_tensor(value))
        self._match()

    def poke(self, k: int, index: int, value: float) -> None:
        with torch.no_grad():
            self.doubled[k].view(-1)[index] = value

    def data_loss(self, X: Array, y: Labels) -> float:
        x, target = self._doubled_rows(X, y)
        with torch.no_grad():
            return float(self.loss_fn(self.twin(x), target))

    def _doubled_rows(self, X: Array, y: Labels) -> tuple[torch.Tensor, torch.Tensor]:
        """Rows and targets in double precision; those of the last call are kept for the next."""
        if self._kept is None or self._kept[0] is not X or self._kept[1] is not y:
            x, target = self.tensors_of(X, y)
            self._kept = X, y, (_doubled(x), _doubled(target))
        return self._kept[2]

    def evaluated_loss(self, X: Array, y: Labels) -> float:
        """The data loss in evaluation mode, with the running means that the model has."""
        with torch.no_grad():
            own = dict(self.model.named_buffers())
            for name, buffer in self.twin.named_buffers():
                buffer.copy_(own[name])
        self.twin.eval()
        try:
            return self.data_loss(X, y)
        finally:
            self.twin.train()

    def step(self, step: Step | None, X: Array, y: Labels) -> None:
        x, target = self.tensors_of(X, y)
        with silenced(self.model):
            (step or self.usual_step)(x, target)
        self._match()

    def usual_step(self, x: torch.Tensor, target: torch.Tensor) -> None:
        self.model.train()
        self.optimizer.zero_grad()
        self.loss_fn(self.model(x), target).backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()

    def _match(self) -> None:
        """Give the twin the model's parameters."""
        with torch.no_grad():
            for own, twin in zip(self.parameters, self.doubled, strict=True):
                twin.copy_(own)

    def number(self, function: Number, X: Array, y: Labels) -> float:
        """What a function of the user's says of these rows, asked in training mode."""
        self.model.train()
        with torch.no_grad():
            return float(function(*self.tensors_of(X, y)))

    def buffers(self) -> dict[str, Array]:
        return {name: b.detach().cpu().numpy().copy() for name, b in self.model.named_buffers()}

    def save(self) -> object:
        with torch.no_grad():
            held = {name: value.clone() for name, value in self.model.state_dict().items()}
        return (
            held,
            copy.deepcopy(self.optimizer.state_dict()),
            [None if p.grad is None else p.grad.clone() for p in self.parameters],
            torch.get_rng_state(),
            np.random.get_state(),  # noqa: NPY002 (a stranger's loop may use it)
            self.model.training,
        )

    def restore(self, saved: Any) -> None:
        held, optimizer, grads, chance, numpy_chance, training = saved
        with torch.no_grad():
            for name, value in self.model.state_dict().items():
                value.copy_(held[name])
        self._match()
        self.optimizer.load_state_dict(copy.deepcopy(optimizer))
        for p, grad in zip(self.parameters, grads, strict=True):
            p.grad = None if grad is None else grad.clone()
        torch.set_rng_state(chance)
        np.random.set_state(numpy_chance)  # noqa: NPY002
        self.model.train(training)

    def forget(self) -> None:
        """An optimiser without history, as it was when it was made."""
        self.optimizer.state.clear()
        for p in self.parameters:
            p.grad = None


def torch_subject(
    loop: Loop, step: Step | None, reported: Number | None, accuracy: Number | None
) -> Subject:
    """The loop as the audit uses it."""
    tensors = _tensors(loop)
    return Subject(
        tensors=tensors,
        read=loop.read,
        write=loop.write,
        poke=loop.poke,
        step=lambda X, y: loop.step(step, X, y),
        save=loop.save,
        restore=loop.restore,
        stir=_stir,
        cost=None if reported is None else lambda X, y: loop.number(reported, X, y),
        data_loss=loop.data_loss,
        evaluated_loss=loop.evaluated_loss,
        accuracy=None if accuracy is None else lambda X, y: loop.number(accuracy, X, y),
        buffers=loop.buffers,
        resolution=max(float(torch.finfo(p.dtype).eps) for p in loop.parameters),
        read_as=(
            f"parameters: {len(tensors)} arrays of {type(loop.model).__name__} that are learned",
            f"step: {'the one given' if step else 'zero_grad, backward and step'} with "
            f"{type(loop.optimizer).__name__}",
        ),
    )


def _tensors(loop: Loop) -> tuple[Tensor, ...]:
    owners = {
        id(p): (owner, name)
        for owner in loop.model.modules()
        for name, p in owner.named_parameters(recurse=False)
    }
    found, layers = [], list[int]()
    for name, p in zip(loop.names, loop.parameters, strict=True):
        owner, own_name = owners[id(p)]
        if id(owner) not in layers:
            layers.append(id(owner))
        kind: Kind = (
            "norm" if isinstance(owner, _NORMS) else "bias" if "bias" in own_name else "weight"
        )
        found.append(Tensor(name, kind, layers.index(id(owner)) + 1, tuple(p.shape)))
    return tuple(found)


def _seen(parameter: torch.Tensor) -> Array:
    """Its numbers, without a copy where NumPy has their type."""
    known = parameter.dtype in (torch.float32, torch.float64)
    return np.asarray((parameter if known else parameter.float()).cpu().numpy())


def _doubled(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.double() if tensor.is_floating_point() else tensor


def _stir(seed: int) -> None:
    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002


def _silence(model: torch.nn.Module) -> list[tuple[Any, float]]:
    """Set every dropout's share to 0; the shares that they had."""
    shares = [(m, m.p) for m in model.modules() if isinstance(m, _DROPOUTS)]
    for module, _ in shares:
        module.p = 0.0
    return shares


@contextlib.contextmanager
def silenced(model: torch.nn.Module) -> Iterator[None]:
    """Without dropout: slopes of a random loss can't be set against a step."""
    shares = _silence(model)
    try:
        yield
    finally:
        for module, share in shares:
            module.p = share
