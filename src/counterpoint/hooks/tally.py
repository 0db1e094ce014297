"""Mean loss and share of right predictions over mini-batches, at almost no cost for each."""

from __future__ import annotations

import torch

#: Scores that wait to be judged together: one by one, small batches would cost the most.
_MOST_WAITING = 1 << 18
_MOST_LOSSES = 512


class Tally:
    """Takes mini-batches as they come; says their mean loss and accuracy when asked.

    Nothing is computed or brought to the host before: what is kept is detached from the graph.

    Parameters
    ----------
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
    >>> round(tally.loss(), 3), tally.accuracy()
    (0.6, 0.75)
    """

    def __init__(self, threshold: float = 0.0) -> None:
        self.rows = 0
        self._threshold = threshold
        self._losses: list[torch.Tensor] = []
        self._weights: list[int] = []
        self._sum = 0.0
        self._waiting: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._held = 0
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
            The mean over its rows.
        rows
            How many.
        scores : tensor (rows, classes, ...) or, for two classes, (rows,) or (rows, 1); optional
        labels : tensor, optional
            Of classes (rows, ...), where negative ones are left out as ``ignore_index`` does; or
            with a share for each score.
        """
        self.rows += rows
        self._losses.append(loss.detach())
        self._weights.append(rows)
        if len(self._losses) >= _MOST_LOSSES:
            self._sum_up()
        if scores is not None and labels is not None:
            self._waiting.append((scores.detach(), labels))
            self._held += scores.numel()
            if self._held > _MOST_WAITING:
                self._judge()

    def loss(self) -> float:
        """Mean loss of a row."""
        self._sum_up()
        return self._sum / self.rows

    def accuracy(self) -> float | None:
        """Share of right predictions; None where nothing could be judged."""
        self._judge()
        return self._right / self._judged if self._judged else None

    def _sum_up(self) -> None:
        if self._losses:
            losses = torch.stack([loss.double() for loss in self._losses]).tolist()
            self._sum += sum(map(float.__mul__, losses, map(float, self._weights)))
            self._losses, self._weights = [], []

    @torch.no_grad()
    def _judge(self) -> None:
        waiting, self._waiting, self._held = self._waiting, [], 0
        for scores, labels in _joined(waiting):
            if scores.ndim == 1 or scores.shape[1] == 1:
                right, kept = (scores > self._threshold) == (labels > 0.5), labels >= 0
            else:
                true = labels if labels.ndim < scores.ndim else labels.argmax(1)
                kept = true >= 0
                right = (scores.argmax(1) == true) & kept
            self._right += int(right.sum())
            self._judged += int(kept.sum())


def _joined(pairs: list[tuple[torch.Tensor, torch.Tensor]]) -> list[tuple[torch.Tensor, ...]]:
    """The mini-batches as one, where they are of one form."""
    if len({(scores.shape[1:], labels.shape[1:]) for scores, labels in pairs}) != 1:
        return list(pairs)
    scores, labels = zip(*pairs, strict=True)
    return [(torch.cat(scores), torch.cat(labels))]
