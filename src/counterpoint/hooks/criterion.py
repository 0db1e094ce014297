"""What can be told of a training from its PyTorch criterion, and from what it is called with."""

from __future__ import annotations

from typing import Any

import torch

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


class Criterion:
    """A criterion as far as a record is concerned.

    Parameters
    ----------
    module
        None where the loss comes from elsewhere: then labels given are those of classes.
    """

    def __init__(self, module: torch.nn.Module | None) -> None:
        self.module = module
        self._name = type(module).__name__
        self._sums = getattr(module, "reduction", "mean") == "sum"
        self._judges: bool | None = True if module is None else None
        if module is not None and self._name not in _LOSSES:
            self._judges = False

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
        # The mean over K > 1 sigmoids has no name of its own.
        loss = None if self._name.startswith("BCE") and columns > 1 else _LOSSES.get(self._name)
        if loss:
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
