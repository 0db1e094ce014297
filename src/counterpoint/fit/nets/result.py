"""What training a population gave: plain numbers, and nothing that judges them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from counterpoint.fit.nets.history import History
from counterpoint.fit.nets.settings import Settings
from counterpoint.fit.result import HeldOut

if TYPE_CHECKING:  # findings read results without PyTorch
    from counterpoint.fit.nets.model import Parameters

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

When = Literal["last", "best"]


@dataclass(frozen=True)
class Validation:
    """Predictions for the validation rows, members where sweeps have alphas.

    Attributes
    ----------
    last, best : HeldOut
        Of the weights at each member's last epoch, and at its best. Without probabilities their
        log loss and Brier score are NaN.
    """

    last: HeldOut
    best: HeldOut

    def at(self, when: When) -> HeldOut:
        """The predictions at that time."""
        return self.last if when == "last" else self.best


@dataclass(frozen=True)
class PopulationFit:
    """Networks that were trained together. Members run alpha by alpha, seeds fastest.

    Attributes
    ----------
    settings
    network
        What the network is, in words.
    classes
        Labels, in the order of the outputs.
    class_count : array (classes,)
        Training rows of each class.
    features, train_rows : int
    judged_rows : int
        Training rows that the measures of an epoch are taken on.
    history : History
    last, best : Parameters
        Of all members, on the CPU.
    constants : Parameters
        Buffers and frozen parameters, the same for all.
    best_epoch, last_epoch : arrays (members,)
    validation : Validation or None
    epochs
        Epochs done.
    interrupted
        Whether that is less than was asked for, and not for patience.
    """

    settings: Settings
    network: str
    classes: npt.NDArray[np.generic]
    class_count: Index
    features: int
    train_rows: int
    judged_rows: int
    history: History
    last: Parameters
    best: Parameters
    constants: Parameters
    best_epoch: Index
    last_epoch: Index
    validation: Validation | None
    epochs: int
    interrupted: bool

    @property
    def alphas(self) -> Array:
        """Penalty strengths, ascending."""
        return np.array(self.settings.alphas)

    @property
    def chosen_by(self) -> tuple[str, str]:
        """Split and quantity that epochs and members are chosen by: log loss, where there is one.

        A loss without probabilities is judged by itself.
        """
        split = "validation" if self.validation is not None else "train"
        has_log_loss = self.history.has(split, "log_loss")
        return split, "log_loss" if has_log_loss else "data_loss"

    def parameters(self, when: When) -> Parameters:
        """Weights and biases at that time."""
        return self.last if when == "last" else self.best

    def curve(self, quantity: str, split: str = "validation") -> Array:
        """One quantity, (epochs + 1, alphas, seeds)."""
        values = self.history.curve(split, quantity)
        return values.reshape(len(values), len(self.settings.alphas), len(self.settings.seeds))

    @property
    def score(self) -> Array:
        """What each member is chosen by, at its best epoch, (members,); NaN where it never was."""
        split, quantity = self.chosen_by
        curve = self.history.curve(split, quantity)
        return np.asarray(curve[self.best_epoch, np.arange(curve.shape[1])])

    @property
    def chosen(self) -> tuple[int, int]:
        """Member and epoch with the least of what is chosen by."""
        member = int(np.argmin(np.nan_to_num(self.score, nan=np.inf)))
        return member, int(self.best_epoch[member])

    def best_seed(self, alpha_index: int) -> int:
        """The member of an alpha with the least of what is chosen by."""
        seeds = len(self.settings.seeds)
        own = self.score[alpha_index * seeds : (alpha_index + 1) * seeds]
        return alpha_index * seeds + int(np.argmin(np.nan_to_num(own, nan=np.inf)))
