"""Mean loss and share of right predictions over mini-batches, at almost no cost for each."""

from __future__ import annotations

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

    Attributes
    ----------
    rows : int
        Predictions so far.

    Examples
    --------
    >>> tally = Tally()
    >>> tally.add(torch.tensor(0.5), 3, torch.tensor([[2.0, 1.0]] * 3), torch.tensor([0, 0, 1]))
    >>> tally.add(torch.tensor(0.9), 1, torch.tensor([[2.0, 1.0]]), torch.tensor([0]))
    >>> {name: round(mean, 3) for name, mean in tally.means().items()}
    {'data_loss': 0.6, 'accuracy': 0.75}
    """

    def __init__(self, sums: bool = False, threshold: float = 0.0) -> None:
        self.rows = 0
        self._sums, self._threshold = sums, threshold
        self._waiting: list[tuple[torch.Tensor, int, Any, Any]] = []
        self._most = 1
        self._loss = 0.0
        self._right = self._judged = 0

    def add(
        self,
        loss: torch.Tensor,
        rows: int,
        scores: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
    ) -> None:
        """Take one mini-batch.

        Parameters
        ----------
        loss : tensor of one number
        rows
            How many it is over.
        scores : tensor (rows, classes, ...) or, for two classes, (rows,) or (rows, 1); optional
        labels : tensor, with scores
            Of classes (rows, ...), where negative ones are left out as ``ignore_index`` does; or
            with a share for each score.
        """
        self._waiting.append(
            (loss.detach(), rows, None if scores is None else scores.detach(), labels)
        )
        if len(self._waiting) >= self._most:
            size = 1 if scores is None else max(1, scores.numel())
            self._most = min(_MOST_BATCHES, 1 + _MOST_SCORES // size)
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
        losses = torch.stack([loss for loss, *_ in waiting]).double().tolist()
        rows = [each for _, each, *_ in waiting]
        self.rows += sum(rows)
        weights = [1] * len(rows) if self._sums else rows
        self._loss += sum(loss * weight for loss, weight in zip(losses, weights, strict=True))
        for scores, labels in _joined([(s, y) for *_, s, y in waiting if s is not None]):
            right, judged = _judge(scores, labels, self._threshold).tolist()
            self._right += right
            self._judged += judged


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
    if len({(scores.shape[1:], labels.shape[1:]) for scores, labels in pairs}) != 1:
        return pairs
    scores, labels = zip(*pairs, strict=True)
    return [(torch.cat(scores), torch.cat(labels))]
