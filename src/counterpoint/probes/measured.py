"""What was measured of a training step and of the reported numbers: all that findings know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from counterpoint.probes.decompose import Estimate
from counterpoint.probes.subject import Tensor

#: Name of the loss that is meant, but in evaluation mode.
EVALUATED = "evaluated"
#: Name of the reported cost as it is, penalties and all, where it stands for the data loss.
COST = "cost"


@dataclass(frozen=True)
class Declared:
    """What the code, or its user, says the training does. None where nothing is said.

    Attributes
    ----------
    rates
        Learning rate, array by array.
    l2, l1
        Strengths: the objective is the data loss + l2/2 ‖W‖² + l1 ‖W‖₁.
    momentum
    optimiser
        Such as ``adam``; empty where it is not known.
    loss
        A key of `DATA_LOSSES`, or empty.
    n_train, n_batch
        Rows that are trained on, and rows of a mini-batch in the audit.
    n_outputs
    betas, epsilon
        Adam's, where it is Adam; its authors' values where nothing is said.
    penalty_reported
        Whether the reported cost is meant to hold the penalty, where there is one.
    """

    rates: tuple[float | None, ...]
    l2: float | None
    l1: float | None
    momentum: float | None
    optimiser: str
    loss: str
    n_train: int | None
    n_batch: int
    n_outputs: int
    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8
    penalty_reported: bool = True


@dataclass(frozen=True)
class Motion:
    """What moves one array of parameters, found from its movements.

    Attributes
    ----------
    tensor
    rate
        Of the slopes of the data loss.
    decay, l1_decay
        Shares by which a step shrinks a weight, and amounts by which it pulls one towards zero.
    momentum
    rest
        Share of the movement that these do not explain.
    exact
        Whether that share is within the errors of measurement.
    still
        It never moved.
    spare
        Equations beyond coefficients; at 0 nothing is said of it.
    form
        Of a movement that is not explained: ``transposed``, ``per unit``, ``per input`` or empty.
    unit_factors
        Of the form ``per unit``: movement over slope, unit by unit, for one row.
    inner_l2
        Strength of an L2 whose slope goes through an adaptive optimiser.
    """

    tensor: Tensor
    rate: Estimate
    decay: Estimate
    l1_decay: Estimate
    momentum: Estimate
    rest: float
    exact: bool
    still: bool
    spare: int
    form: str = ""
    unit_factors: tuple[float, ...] = ()
    inner_l2: float = 0.0

    @property
    def known(self) -> bool:
        """Whether its coefficients can be relied on."""
        return self.exact and not self.still and self.spare > 0

    def strength(self, share: Estimate) -> Estimate:
        """A decay as a strength of the objective: per unit of the rate."""
        rate = abs(self.rate.value)
        if rate <= 4.0 * self.rate.error or rate == 0.0:
            return Estimate(0.0, float("inf"))
        value = share.value / rate
        return Estimate(value, share.error / rate + abs(value) * self.rate.error / rate)

    @property
    def l2(self) -> Estimate:
        beside = self.strength(self.decay)
        return Estimate(beside.value + self.inner_l2, beside.error)

    @property
    def l1(self) -> Estimate:
        return self.strength(self.l1_decay)


@dataclass(frozen=True)
class Exposed:
    """What the code's own gradient of one array is: factor · (slope + l2 · w + l1 · sign(w)).

    Attributes
    ----------
    factor
        By which it is the slope of the mean data loss: -1 and the number of rows are usual.
    l2, l1
        Strengths of the penalty that it holds; 0 for a gradient of the data loss alone.
    exact, followed
        Whether that explains it to the errors of measurement, and the step moves along it.
    """

    factor: Estimate
    l2: Estimate
    l1: Estimate
    exact: bool
    followed: bool


@dataclass(frozen=True)
class Sitting:
    """One independent measurement: rows, parameters and coordinates of its own.

    Attributes
    ----------
    motions
        One an array.
    model
        ``plain``, ``momentum``, ``lagged``, ``varying`` (a rate of its own each step) or ``adam``:
        what explains the movements best.
    other_loss
        Another loss whose slopes explain what those of the reported one do not, or `EVALUATED`;
        empty where there is none.
    descent
        Derivative along the update, by its length, of the data loss and the penalty that the
        step itself has; negative is down.
    order
        Share by which the update changes with the order of rows; NaN where no slope is steep.
    labels, chance
        The same with every label changed, and with the random numbers alone, as under dropout.
    carried
        Share by which the data loss differs after a step at the same parameters: running means.
    exposed
        The code's own gradient, array by array; empty where it exposes none.
    """

    motions: tuple[Motion, ...]
    model: str
    other_loss: str
    descent: Estimate
    order: float
    labels: float
    chance: float
    carried: float
    exposed: tuple[Exposed, ...] = ()

    @property
    def random(self) -> bool:
        """Whether the step has random numbers of its own."""
        return self.chance > 1e-4

    @property
    def comparable(self) -> bool:
        """Whether slopes can be held against the step at all."""
        return not self.random and self.carried <= 1e-6


@dataclass(frozen=True)
class Reported:
    """What the reported cost is made of: scale · data loss + penalties.

    Attributes
    ----------
    loss
        A key of `DATA_LOSSES`; empty where none of them makes the cost up.
    named
        That multiple's own name, where it has one.
    unit
        The multiple of the loss that counts as 1.
    scale
        For each size of the set: the factor of the mean data loss, in that unit.
    l2
        For each size and each array: c where the penalty has c/2 ‖w‖².
    l1
        For each size: c where it has c ‖W‖₁ over weights.
    unsquared
        For each size: c where it has c ‖w‖ (not squared), summed over arrays.
    rest
        Share of the cost's variation that is not explained.
    in_training
        It is of outputs in training mode, and not of those in evaluation mode.
    """

    loss: str
    named: str
    unit: float
    scale: Mapping[int, Estimate]
    l2: Mapping[int, tuple[Estimate, ...]]
    l1: Mapping[int, Estimate]
    unsquared: Mapping[int, Estimate]
    rest: float
    in_training: bool = False

    @property
    def known(self) -> bool:
        return bool(self.loss)


@dataclass(frozen=True)
class Evaluation:
    """What evaluating does, apart from giving a number.

    Attributes
    ----------
    spread
        Share by which the same cost of the same rows differs from call to call.
    moves
        What evaluating changes: names of parameters.
    accuracy, accuracy_of_outputs
        Reported accuracy, and that of the outputs' largest, of the same rows.
    """

    spread: float
    moves: tuple[str, ...]
    accuracy: float | None
    accuracy_of_outputs: float | None

    @property
    def repeatable(self) -> bool:
        """Whether the same cost comes out the same, but for rounding."""
        return self.spread <= 1e-9


@dataclass(frozen=True)
class Sanity:
    """Short training runs.

    Attributes
    ----------
    first_loss, uniform_loss
        Data loss of the network as it came, and that of the even guess.
    before, after
        Data loss of one small batch before and after steps on it alone; one pair a sitting.
    steps
    """

    first_loss: float | None
    uniform_loss: float | None
    before: tuple[float, ...]
    after: tuple[float, ...]
    steps: int


@dataclass(frozen=True)
class Measured:
    """Everything that an audit measured.

    Attributes
    ----------
    declared
        With the data loss that was found, where none is declared.
    guessed
        Nobody says which the data loss is: it is the one whose slopes explain most of the step.
    sittings
        At least two; a finding has to show in each.
    reported
        None where no cost is reported.
    evaluation, sanity
    sampled, parameters
        Numbers whose slopes were measured, and how many there are.
    exposes
        Whether there are gradients of the code's own.
    """

    tensors: tuple[Tensor, ...]
    declared: Declared
    guessed: bool
    sittings: tuple[Sitting, ...]
    reported: Reported | None
    evaluation: Evaluation
    sanity: Sanity
    sampled: int
    parameters: int
    exposes: bool = False
