"""What can be told of a training from its PyTorch criterion, and from what it is called with."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import torch

from counterpoint.errors import InputError
from counterpoint.hooks.tally import Tally
from counterpoint.runs.facts import Fact

#: Criteria whose loss is of classes → what that loss is called.
_LOSSES = {
    "CrossEntropyLoss": "log",
    "NLLLoss": "log",
    "BCEWithLogitsLoss": "log",
    "BCELoss": "log",
    "MSELoss": "squared",
    "MultiMarginLoss": None,
}


#: Called with a loss and with what the criterion was called with: scores and labels.
Listener = Callable[..., None]


class _Overheard:
    """A module's ``forward``, with listeners.

    A forward hook would do the same, but where there is any PyTorch calls the module on a path of
    its own, which costs a small network a percent. A copy or a saved module has its class's
    ``forward`` again, and is not overheard.
    """

    def __init__(self, module: torch.nn.Module) -> None:
        self.listeners: list[Listener] = []
        self._module, self._forward = module, module.forward
        self._was_patched = "forward" in module.__dict__

    def __call__(self, *args: Any, **named: Any) -> Any:
        loss = self._forward(*args, **named)
        if named:  # target= may stand before input=
            args = inspect.signature(self._forward).bind(*args, **named).args
        for listener in self.listeners:
            listener(loss, *args[:2])
        return loss

    def forget(self, listener: Listener) -> None:
        """Let go of a listener, and with the last one of the module."""
        self.listeners = [other for other in self.listeners if other != listener]
        # Who put a forward of his own around this one keeps it.
        if not self.listeners and self._module.__dict__.get("forward") is self:
            del self._module.forward
            if self._was_patched:
                self._module.forward = self._forward

    def __reduce__(self) -> tuple[Any, ...]:
        return getattr, (self._module, "forward")


class Criterion:
    """A criterion as far as a record is concerned.

    Parameters
    ----------
    module
        None where the loss comes from elsewhere: then labels given are those of classes.

    Raises
    ------
    InputError
        It is something else, such as a function.
    """

    def __init__(self, module: torch.nn.Module | None) -> None:
        if module is not None and not isinstance(module, torch.nn.Module):
            raise InputError(
                f"criterion is a {type(module).__name__}, which can't be listened to: pass a "
                "module such as torch.nn.CrossEntropyLoss(), or none and each loss to batch()."
            )
        self.module = module
        self._name = type(module).__name__
        self._sums = getattr(module, "reduction", "mean") == "sum"
        self._judges: bool | None = True if module is None else None
        if module is not None and self._name not in _LOSSES:
            self._judges = False

    def overhear(self, listener: Listener) -> Callable[[], None]:
        """Hand every call's loss to a listener, with what the criterion was called with.

        Returns
        -------
        callable
            Ends it. A second time does nothing.
        """
        if self.module is None:
            return lambda: None
        forward = self.module.__dict__.get("forward")
        if not isinstance(forward, _Overheard):
            forward = _Overheard(self.module)
            self.module.forward = forward
        forward.listeners.append(listener)
        return lambda: forward.forget(listener)

    def tally(self) -> Tally:
        """An empty tally for mini-batches of it."""
        return Tally(self._sums, 0.5 if self._name == "BCELoss" else 0.0, self._is_of_classes)

    def facts(self, scores: Any, labels: Any) -> dict[str, Fact]:
        """What one mini-batch tells of the whole training.

        Examples
        --------
        >>> criterion = Criterion(torch.nn.CrossEntropyLoss(label_smoothing=0.1))
        >>> criterion.facts(torch.zeros(2, 10), torch.tensor([3, 4]))
        {'classes': 10, 'loss': 'log', 'label_smoothing': 0.1}
        """
        if not self._is_of_classes(scores, labels):
            return {}
        columns = scores.shape[1] if scores.ndim > 1 else 1
        facts: dict[str, Fact] = {"classes": max(2, columns)}
        # The mean over K > 1 sigmoids has no name of its own, and a weighted mean is no loss of
        # the classes that an accuracy is of.
        weighted = any(getattr(self.module, w, None) is not None for w in ("weight", "pos_weight"))
        many = self._name.startswith("BCE") and columns > 1
        if not weighted and not many and (loss := _LOSSES.get(self._name)):
            facts["loss"] = loss
        if smoothing := getattr(self.module, "label_smoothing", 0.0):
            facts["label_smoothing"] = smoothing
        return facts

    def _is_of_classes(self, scores: Any, labels: Any) -> bool:
        """Whether scores and labels can be compared, settled by the first that come."""
        if not isinstance(scores, torch.Tensor) or not isinstance(labels, torch.Tensor):
            self._judges = False
        elif self._judges is None:
            self._judges = bool(scores.ndim) and _are_classes(self._name, scores, labels)
        return bool(self._judges)


@torch.no_grad()
def _are_classes(criterion: str, scores: torch.Tensor, labels: torch.Tensor) -> bool:
    """Whether a criterion's labels are of classes, and not of many yes-or-no questions a row."""
    if not labels.is_floating_point():
        return scores.ndim == labels.ndim + 1
    if scores.shape != labels.shape:
        return False
    if scores.ndim == 1 or scores.shape[1] == 1:
        return criterion.startswith("BCE")
    shares = labels.sum(dim=1)
    return bool(((shares - 1.0).abs() < 1e-3).all() and (labels >= 0.0).all())
