"""Mean loss and share of right predictions over mini-batches, at almost no cost for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

#: Scores that wait to be judged together: one by one, small batches would cost the most.
_MOST_SCORES = 1 << 18
_MOST_BATCHES = 256


class Tally:
    """Takes mini-batches as they come; says their mean loss and accuracy when asked.

    Nothing is computed or brought to the host before: what is kept is detached from the graph.

    Parameters
    ----------
    sums
        Whether a loss is the sum over its rows, and not their mean.
    threshold
        Score above which the second of two classes is predicted, where there is one score a row.
    judges
        Scores and labels of a mini-batch → whether they are of classes.

    Attributes
    ----------
    rows : int
        Predictions that have been summed up.

    Examples
    --------
    >>> tally = Tally()
    >>> tally.add(torch.tensor(0.5), torch.tensor([[2.0, 1.0]] * 3), torch.tensor([0, 0, 1]))
    >>> tally.add(torch.tensor(0.9), torch.tensor([[2.0, 1.0]]), torch.tensor([0]))
    >>> {name: round(mean, 3) for name, mean in tally.means().items()}
    {'data_loss': 0.6, 'accuracy': 0.75}
    """

    def __init__(
        self,
        sums: bool = False,
        threshold: float = 0.0,
        judges: Callable[[Any, Any], bool] = lambda scores, labels: labels is not None,
    ) -> None:
        self.rows = 0
        self._sums, self._threshold, self._judges = sums, threshold, judges
        self._waiting: list[tuple[torch.Tensor, Any, Any]] = []
        self._most = 1
        self._loss = 0.0
        self._right = self._judged = 0

    def add(self, loss: torch.Tensor, scores: Any = None, labels: Any = None) -> None:
        """Take one mini-batch.

        Parameters
        ----------
        loss : tensor
            Of one number, or of one a row.
        scores : tensor (rows, classes, ...) or, for two classes, (rows,) or (rows, 1); optional
        labels : tensor, optional
            Of classes (rows, ...), where negative ones are left out as ``ignore_index`` does; or
            with a share for each score.
        """
        if isinstance(scores, torch.Tensor):
            scores = scores.detach()
        self._waiting.append((loss.detach(), scores, labels))
        if len(self._waiting) >= self._most:
            size = scores.numel() if isinstance(scores, torch.Tensor) else 1
            self._most = min(_MOST_BATCHES, 1 + _MOST_SCORES // max(1, size))
            if len(self._waiting) >= self._most:
                self._sum_up()

    def means(self) -> dict[str, float]:
        """``data_loss`` of a row and, where predictions were judged, ``accuracy``; empty before."""
        self._sum_up()
        found = {}
        if self.rows:
            found["data_loss"] = self._loss / self.rows
        if self._judged:
            found["accuracy"] = self._right / self._judged
        return found

    @torch.no_grad()
    def _sum_up(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        rows = [_rows(scores if labels is None else labels) for _, scores, labels in waiting]
        reduced = [self._reduced(loss) if loss.ndim else loss for loss, *_ in waiting]
        losses = torch.stack(reduced).double().tolist()
        self.rows += sum(rows)
        weights = [1] * len(rows) if self._sums else rows
        self._loss += sum(loss * weight for loss, weight in zip(losses, weights, strict=True))
        if self._judges(*waiting[0][1:]):
            for scores, labels in _joined([(s, y) for _, s, y in waiting if y is not None]):
                right, judged = _judge(scores, labels, self._threshold).tolist()
                self._right += right
                self._judged += judged

    def _reduced(self, loss: torch.Tensor) -> torch.Tensor:
        return loss.sum() if self._sums else loss.mean()


def _rows(given: Any) -> int:
    """Predictions of a mini-batch, from its labels or its scores."""
    return len(given) if isinstance(given, torch.Tensor) and given.ndim else 1


def _judge(scores: torch.Tensor, labels: torch.Tensor, threshold: float) -> torch.Tensor:
    """How many predictions are right, of how many."""
    if scores.ndim == 1 or scores.shape[1] == 1:
        labels = labels > 0.5
        return torch.stack([((scores > threshold) == labels).sum(), (labels >= 0).sum()])
    true = labels if labels.ndim < scores.ndim else labels.argmax(1)
    # No prediction is negative, so what is left out is never right.
    return torch.stack([(scores.argmax(1) == true).sum(), (true >= 0).sum()])


def _joined(
    pairs: list[tuple[torch.Tensor, torch.Tensor]],
) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The mini-batches as one, where they are of one form."""
    scores, labels = zip(*pairs, strict=True)
    try:
        return [(torch.cat(scores), torch.cat(labels))]
    except RuntimeError:  # Sequences of different lengths: to compare all shapes first costs more.
        return pairs
