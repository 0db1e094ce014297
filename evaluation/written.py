"""What of a trace stands in the log: which series, with the penalty in them or beside them."""

from __future__ import annotations

from dataclasses import dataclass

from recipes import Recipe
from training import Series, Trace


@dataclass(frozen=True)
class Written:
    """The numbers of a log, before any format.

    Attributes
    ----------
    series : ``train/loss`` and so on → an entry an epoch
        Of ``train`` and ``validation``: ``loss`` or ``data_loss`` and ``penalty``, ``accuracy``.
        Without a split: ``learning_rate``, ``gradient_norm``, ``weight_norm``, ``update_ratio``.
    steps_per_epoch
    rows : the counts ``train``, ``validation`` and ``classes``
    """

    series: dict[str, Series]
    steps_per_epoch: int
    rows: dict[str, int]

    @property
    def epochs(self) -> int:
        return len(next(iter(self.series.values())))


def written(recipe: Recipe, trace: Trace) -> Written:
    """The series that the recipe's logging keeps."""
    log = recipe.logging
    series: dict[str, Series] = {}
    splits = [s for s, kept in (("train", log.train), ("validation", log.validation)) if kept]
    for split in splits:
        loss = trace.logged[f"{split}/loss"]
        penalty = trace.penalty * (
            recipe.validation_penalty_factor if split == "validation" else 1.0
        )
        if log.penalty == "apart":
            series |= {f"{split}/data_loss": loss, f"{split}/penalty": penalty}
        elif log.penalty == "both" or log.penalty == split:
            series[f"{split}/loss"] = loss + penalty
        else:
            series[f"{split}/loss"] = loss
        if log.accuracy:
            series[f"{split}/accuracy"] = trace.logged[f"{split}/accuracy"]
    beside = {
        "learning_rate": log.rate,
        "gradient_norm": log.gradients,
        "weight_norm": log.weights,
        "update_ratio": log.weights,
    }
    series |= {name: trace.logged[name] for name, kept in beside.items() if kept}
    steps = -(-trace.rows["train"] // recipe.batch)
    return Written(series, steps, trace.rows)
