"""Any module of PyTorch as a population: its parameters stacked, and `torch.func` over them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call, grad, vmap
from torch.nn.parameter import is_lazy

from counterpoint.errors import InputError
from counterpoint.fit.nets.gradients import Gradient, Whole
from counterpoint.fit.nets.losses import OutputLoss
from counterpoint.fit.nets.model import Parameters
from counterpoint.fit.nets.room import is_out_of_memory
from counterpoint.fit.nets.threads import WORTH_A_THREAD

ModuleFactory = Callable[[], torch.nn.Module]


@dataclass(frozen=True)
class Functional:
    """Members of one module class, each with parameters of its own.

    Parameters of two and more dimensions are penalised; biases and norms' scales are free. Buffers
    and frozen parameters are constants, the same in every member.

    Attributes
    ----------
    make
        Makes a module with fresh random weights.
    training, judging
        A module in either mode, of which only the code and the constants are used.
    """

    make: ModuleFactory
    training: torch.nn.Module
    judging: torch.nn.Module

    @property
    def described(self) -> str:
        return " ".join(str(self.judging).split())

    @property
    def penalised(self) -> tuple[str, ...]:
        return tuple(name for name, value in trainable(self.judging).items() if value.dim() >= 2)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {name: tuple(value.shape) for name, value in trainable(self.judging).items()}

    @property
    def constants(self) -> Parameters:
        varying = trainable(self.judging)
        state = self.judging.state_dict()
        return {name: value for name, value in state.items() if name not in varying}

    def initial(self, seeds: tuple[int, ...]) -> Parameters:
        """Parameters as the factory makes them after ``torch.manual_seed(seed)``."""
        modules = [seeded(self.make, seed) for seed in seeds]
        for seed, module in zip(seeds, modules, strict=True):
            _check_constants(self.judging, module, seed)
        made = [trainable(module) for module in modules]
        return {name: torch.stack([one[name] for one in made]).double() for name in made[0]}

    def outputs(self, parameters: Parameters, x: Tensor) -> Tensor:
        def of_one(own: Parameters) -> Tensor:
            z: Tensor = functional_call(self.judging, own, (x,))
            return z

        outputs: Tensor = vmap(of_one)(parameters)
        return outputs.mT

    def gradients(
        self, parameters: Parameters, x: Tensor, target: Tensor, loss: OutputLoss
    ) -> dict[str, Gradient]:
        def mean_loss(own: Parameters) -> Tensor:
            z = functional_call(self.training, own, (x,))
            return loss.value(z.mT[None], target).mean()

        try:
            # Each member draws its own dropout.
            slopes = vmap(grad(mean_loss), randomness="different")(parameters)
        except Exception as error:  # the code that runs here is the user's
            if is_out_of_memory(error):
                raise
            raise InputError(
                f"the module fails on a mini-batch of {len(x):,} ({_reason(error)}); try "
                f"module.train()(X[:{len(x)}]) alone, or another batch."
            ) from error
        return {name: Whole(slope) for name, slope in slopes.items()}

    def worth_a_thread(self, rows: int) -> int:
        """As for any work of PyTorch."""
        return WORTH_A_THREAD

    def to(self, device: str, dtype: torch.dtype) -> Functional:
        """The same with its constants elsewhere."""
        return Functional(
            self.make, self.training.to(device, dtype), self.judging.to(device, dtype)
        )


def functional_model(make: ModuleFactory, seed: int, classes: int, row: Tensor) -> Functional:
    """A population of what a factory makes, checked on a row.

    Parameters
    ----------
    make
    seed
        Of the module that is looked at.
    classes
        Outputs that it must have.
    row : tensor (...)
        One row of the data.

    Raises
    ------
    InputError
        The factory makes no module, or one that keeps running statistics, or that can't take such
        rows or has another number of outputs.
    """
    module = seeded(make, seed)
    for name, part in module.named_modules():
        if getattr(part, "track_running_stats", False):
            raise InputError(
                f"{name or 'the module'} is a {type(part).__name__}, whose running statistics "
                "can't be kept for many members at once; use GroupNorm or LayerNorm, or pass "
                "track_running_stats=False."
            )
    if any(is_lazy(value) for value in module.parameters()):
        raise InputError("the module has lazy layers, without weights yet; give their sizes.")
    if not trainable(module):
        raise InputError("the module has no parameter to train; give it a layer with weights.")
    model = Functional(make, copy.deepcopy(module).train(), copy.deepcopy(module).eval())
    _check_outputs(model, seed, classes, row)
    return model


def trainable(module: torch.nn.Module) -> Parameters:
    """Parameters that are not frozen, without their history."""
    return {
        name: value.detach() for name, value in module.named_parameters() if value.requires_grad
    }


def seeded(make: Any, seed: int) -> torch.nn.Module:
    """What the factory makes from a seed; PyTorch's own random state stays as it was.

    Raises
    ------
    InputError
        It makes something else than a module.
    """
    if isinstance(make, torch.nn.Module) or not callable(make):
        raise InputError(
            f"make_module is a {type(make).__name__}; pass a function without arguments that "
            "returns a new torch.nn.Module, such as lambda: torch.nn.Linear(784, 10)."
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            module = make()
        except Exception as error:
            raise InputError(
                f"make_module fails ({type(error).__name__}: {error}); it is called without "
                "arguments."
            ) from error
    if not isinstance(module, torch.nn.Module):
        raise InputError(
            f"make_module returns a {type(module).__name__}; it must return a torch.nn.Module."
        )
    return module


def _check_constants(first: torch.nn.Module, module: torch.nn.Module, seed: int) -> None:
    """Refuse buffers and frozen parameters that differ from seed to seed."""
    own, known = module.state_dict(), first.state_dict()
    if own.keys() != known.keys():
        raise InputError("make_module makes modules with other parameters each time; make it one.")
    varying = trainable(module)
    for name, value in own.items():
        if value.shape != known[name].shape:
            raise InputError(f"make_module makes {name} of another shape each time; make it one.")
        if name not in varying and not torch.equal(value.cpu(), known[name].cpu().to(value.dtype)):
            raise InputError(
                f"{name} is not trained and differs between seeds ({seed} for one); make it the "
                "same for all, or a parameter."
            )


def _check_outputs(model: Functional, seed: int, classes: int, row: Tensor) -> None:
    """Try two rows: the module must take them and have an output a class."""
    model = model.to("cpu", row.dtype)
    # TypeError, IndexError and so on: the code that runs here is the user's.
    try:
        rows = row[None].repeat_interleave(2, 0)
        shape = tuple(model.outputs(model.initial((seed,)), rows).mT.shape)
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"the module can't take rows of shape {tuple(row.shape)}, or can't be stacked "
            f"({_reason(error)}); try module(X[:2]) alone."
        ) from error
    if shape != (1, 2, classes):
        raise InputError(
            f"the module gives outputs of shape {shape[1:]} for 2 rows; with {classes} classes "
            f"every loss here needs {(2, classes)}, one raw output a class."
        )


def _reason(error: Exception) -> str:
    """What an error of the user's code says, on one line."""
    said = str(error).splitlines()
    return f"{type(error).__name__}: {said[0]}" if said else type(error).__name__
