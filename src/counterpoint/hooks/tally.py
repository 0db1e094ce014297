"""Mean loss and share of right predictions over mini-batches, at almost no cost for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch

#: Scores that wait to be judged together: one by one, small batches would cost the most.
_MOST_SCORES = 1 << 18
_MOST_BATCHES = 64


class Tally:
    """Takes mini-batches as they come; says their mean loss and accuracy when asked.

    Nothing is computed or brought to the host before. Mini-batches like the first wait as copies,
    in memory that is used again and again: to hold on to what a loop frees at each update would
    make the system's allocator fetch and return pages all the time, which costs a small network
    percents.

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
        #: Losses, scores and labels of mini-batches like the first, and the place of each in them.
        self._memory: list[torch.Tensor] = []
        self._places: list[tuple[torch.Tensor, ...]] = []
        self._form: tuple[Any, ...] | None = None
        self._used = 0
        #: The other mini-batches, detached from the graph.
        self._waiting: list[tuple[torch.Tensor, Any, Any]] = []
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
        form = loss.shape, getattr(scores, "shape", None), getattr(labels, "shape", None)
        if form != self._form and not self._remember(form, loss, scores, labels):
            self._hold(loss, scores, labels)
            return
        parts = loss.detach(), scores.detach(), labels.detach()
        torch._foreach_copy_(self._places[self._used], parts)
        self._used += 1
        if self._used == len(self._places):
            self._sum_up()

    def _remember(self, form: tuple[Any, ...], *parts: Any) -> bool:
        """Take memory for mini-batches like the first, where there is none yet."""
        if self._form is not None or not all(isinstance(part, torch.Tensor) for part in parts):
            return False
        places = min(_MOST_BATCHES, _MOST_SCORES // max(1, parts[1].numel()))
        if places < 2:
            return False
        # Such as can be written in inference mode and out of it.
        with torch.inference_mode(False):
            self._memory = [
                torch.empty((places, *part.shape), dtype=part.dtype, device=part.device)
                for part in parts
            ]
        self._places = list(zip(*(whole.unbind() for whole in self._memory), strict=True))
        self._form = form
        return True

    def _hold(self, loss: torch.Tensor, scores: Any, labels: Any) -> None:
        if isinstance(scores, torch.Tensor):
            scores = scores.detach()
        self._waiting.append((loss.detach(), scores, labels))
        size = scores.numel() if isinstance(scores, torch.Tensor) else 1
        if len(self._waiting) * size >= _MOST_SCORES or len(self._waiting) >= _MOST_BATCHES:
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

    def absorb(self, other: Tally) -> None:
        """Take all that another one has, which is then of no more use."""
        other._sum_up()
        self._loss += other._loss
        self.rows += other.rows
        self._right += other._right
        self._judged += other._judged

    def clear(self) -> None:
        """Begin anew, in the same memory."""
        self._waiting, self._used = [], 0
        self._loss = 0.0
        self.rows = self._right = self._judged = 0

    @torch.no_grad()
    def _sum_up(self) -> None:
        if used := self._used:
            losses, scores, labels = (whole[:used] for whole in self._memory)
            rows = [_rows(labels[0])] * used
            self._add_losses(losses if losses.ndim == 1 else map(self._reduced, losses), rows)
            if self._judges(scores[0], labels[0]):
                joined = (scores, labels) if labels.ndim == 1 else (_flat(scores), _flat(labels))
                self._judge([joined])
        if waiting := self._waiting:
            rows = [_rows(scores if labels is None else labels) for _, scores, labels in waiting]
            self._add_losses(map(self._reduced, (loss for loss, *_ in waiting)), rows)
            if self._judges(*waiting[0][1:]):
                self._judge(_joined([(s, y) for _, s, y in waiting if y is not None]))
        self._used, self._waiting = 0, []

    def _add_losses(self, losses: Iterable[torch.Tensor], rows: list[int]) -> None:
        stacked = losses if isinstance(losses, torch.Tensor) else torch.stack(list(losses))
        self.rows += sum(rows)
        weights = [1] * len(rows) if self._sums else rows
        values = stacked.tolist()
        self._loss += sum(loss * weight for loss, weight in zip(values, weights, strict=True))

    def _judge(self, pairs: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> None:
        for scores, labels in pairs:
            right, judged = _judge(scores, labels, self._threshold).tolist()
            self._right += right
            self._judged += judged

    def _reduced(self, loss: torch.Tensor) -> torch.Tensor:
        if not loss.ndim:
            return loss
        return loss.sum() if self._sums else loss.mean()


def _flat(batches: torch.Tensor) -> torch.Tensor:
    """All rows of mini-batches that lie one behind the other."""
    return batches.flatten(0, 1)


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
