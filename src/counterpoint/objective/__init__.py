"""What is minimised: losses, penalties, and other libraries' conventions of strength."""

from counterpoint.objective.losses import LOSSES, Loss, LossBounds, loss_named, predicted_index
from counterpoint.objective.penalties import PENALTIES, Penalty, penalty_named

__all__ = [
    "LOSSES",
    "PENALTIES",
    "Loss",
    "LossBounds",
    "Penalty",
    "loss_named",
    "penalty_named",
    "predicted_index",
]
