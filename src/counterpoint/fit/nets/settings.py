"""How a population is trained: every setting in one place, checked, in plain JSON values."""

from __future__ import annotations

from dataclasses import dataclass

#: Optimisers and what each does, for people.
OPTIMISERS = {
    "sgd": "w ← w − rate · gradient",
    "momentum": "v ← momentum · v + gradient, w ← w − rate · v",
    "adam": "Adam (Kingma and Ba 2015), betas 0.9 and 0.999, eps 1e-8",
    "adamw": "Adam with decoupled decay (Loshchilov and Hutter 2019)",
}
#: Penalties and what each does, for people.
PENALTIES = {
    "l2": "alpha/2 ‖W‖² in the objective",
    "l1": "alpha ‖W‖₁ by a proximal step",
    "elasticnet": "alpha (l1_ratio ‖W‖₁ + (1 - l1_ratio)/2 ‖W‖²), its L1 part by a proximal step",
    "decay": "w ← (1 − rate · alpha) w beside each step",
}
#: Courses of the learning rate over the epochs.
SCHEDULES = ("constant", "linear", "cosine")


@dataclass(frozen=True)
class Settings:
    """Everything but data and network that decides a training.

    Attributes
    ----------
    loss, penalty, optimiser
        Names of `OUTPUT_LOSSES`, `PENALTIES` and `OPTIMISERS`.
    l1_ratio
        Share of L1: 1 for ``l1``, 0 for ``l2`` and ``decay``.
    alphas : tuple of float, ascending
    seeds : tuple of int
        Of the members' first weights: each alpha starts from each of them.
    rates : tuple of float
        Learning rate of each epoch.
    batch
        Rows of a mini-batch.
    momentum
        Of ``momentum``.
    patience : int or None
        Epochs without a better validation score after which a member stops.
    order_seed
        Of the order of rows.
    double
        Whether the members are held in double precision.
    """

    loss: str
    penalty: str
    l1_ratio: float
    alphas: tuple[float, ...]
    seeds: tuple[int, ...]
    optimiser: str
    rates: tuple[float, ...]
    batch: int
    momentum: float
    patience: int | None
    order_seed: int
    double: bool

    @property
    def epochs(self) -> int:
        """Epochs, at the most."""
        return len(self.rates)

    @property
    def members(self) -> tuple[tuple[float, int], ...]:
        """Alpha and seed of each member; seeds run fastest."""
        return tuple((alpha, seed) for alpha in self.alphas for seed in self.seeds)

    @property
    def has_objective(self) -> bool:
        """Whether the steps descend data loss + alpha * penalty for a fixed penalty.

        Decoupled decay does so under plain gradient descent alone, where it is the L2 penalty.
        """
        return self.penalty != "decay" or self.optimiser == "sgd"
