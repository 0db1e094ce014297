"""What was measured of each member after each epoch."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

Array = npt.NDArray[np.float64]

#: (split, quantity) → (members,)
Measured = dict[tuple[str, str], Array]


@dataclass
class History:
    """Measures by epoch; epoch 0 is before the first step.

    Attributes
    ----------
    columns
        (split, quantity) of each column.
    values : list of arrays (columns, members), one an epoch
        NaN where nothing was measured: before the first step, and after a member has stopped.
    """

    columns: tuple[tuple[str, str], ...]
    values: list[Array] = field(default_factory=list)

    def add(self, measured: Measured, active: npt.NDArray[np.intp], members: int) -> None:
        """Append an epoch's measures of the members that are at work, by index."""
        values = np.full((len(self.columns), members), np.nan)
        for at, column in enumerate(self.columns):
            if column in measured:
                values[at, active] = measured[column]
        self.values.append(values)

    def curve(self, split: str, quantity: str) -> Array:
        """One quantity, (epochs + 1, members)."""
        at = self.columns.index((split, quantity))
        return np.stack([values[at] for values in self.values])

    def has(self, split: str, quantity: str) -> bool:
        """Whether that was measured."""
        return (split, quantity) in self.columns


def tidy(
    history: History, members: tuple[tuple[float, int], ...], last_epoch: npt.NDArray[np.intp]
) -> pl.DataFrame:
    """A row a number: alpha, seed, epoch, split, quantity, value.

    Parameters
    ----------
    members
        Alpha and seed of each.
    last_epoch : array (members,)
        After which it took no step.
    """
    values = np.stack(history.values)  # (epochs + 1, columns, members)
    epoch, column, member = (axis.ravel() for axis in np.indices(values.shape))
    alpha, seed = (np.array(part) for part in zip(*members, strict=True))
    split, quantity = (np.array(part) for part in zip(*history.columns, strict=True))
    frame = pl.DataFrame(
        {
            "alpha": alpha[member],
            "seed": seed[member],
            "epoch": epoch,
            "split": split[column],
            "quantity": quantity[column],
            "value": values.ravel(),
        }
    )
    of_a_step = np.char.startswith(quantity, "gradient") | np.char.startswith(quantity, "update")
    measured = (epoch <= last_epoch[member]) & ((epoch > 0) | ~of_a_step[column])
    return frame.filter(pl.Series(measured)).sort("alpha", "seed", "epoch", maintain_order=True)
