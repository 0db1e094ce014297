"""What a run of the corpus is made of: how it is trained, and what of it is written down."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Logging:
    """What of a run is written down, and what its reader is told.

    Attributes
    ----------
    format
        One of `formats.FORMATS`.
    running
        Training numbers are means over the epoch's mini-batches, in training mode, as Keras and
        Lightning have them; otherwise they are measured after the epoch.
    train, accuracy, validation
        Whether these are in the log.
    penalty
        ``none`` (losses are data losses), ``train`` (in the training loss alone), ``both``,
        ``apart`` (logged beside the data loss).
    rate, gradients, weights
        Whether learning rate, gradient norm, and weight norm with update ratio are in the log.
    told
        Which facts the reader of the log gets: of ``classes``, ``loss``, ``samples``.
    """

    format: str = "keras_csv"
    running: bool = True
    train: bool = True
    accuracy: bool = True
    validation: bool = True
    penalty: str = "none"
    rate: bool = False
    gradients: bool = False
    weights: bool = False
    told: tuple[str, ...] = ("classes", "loss", "samples")


@dataclass(frozen=True)
class Recipe:
    """How a run is trained. The defaults are those of a plain healthy run.

    Attributes
    ----------
    kind
        Of `healthy.HEALTHY` or `faults.FAULTS`.
    alpha
        Strength of the L2 penalty in what is reported: alpha/2 times the squared norm.
    decay_factor
        What the update does of alpha: 1 is right, -1 has the wrong sign, others the wrong n.
    validation_penalty_factor
        Of the penalty reported for the validation rows: other than 1, it is scaled by another n.
    loss : ``log``, ``brier``, ``quadratic`` or ``bce``
    events
        (epoch, multiple of the learning rate in it).
    bad_batches
        Epochs in which one mini-batch's inputs are a hundred times too large.
    flipped
        Share of training labels that are drawn anew, before training.
    flipped_validation
        The same for the validation rows that are logged.
    leak
        Strength at which the label is among the inputs, of all rows.
    input_scale, input_shift
        Of inputs after they were standardised.
    first_scale, first_bias
        Multiple of the usual first weights; first biases of hidden layers.
    redraw
        Rows drawn anew for each epoch's evaluation; 0 keeps the same ones.
    validation_mode : ``evaluation`` or ``training``
    validation_unit, train_unit
        What the logged data loss is multiplied by (a sum, a mean over outputs, bits).
    patience
        Epochs without a better logged validation loss after which training stops; 0 for none.
    appended
        Further runs, from other seeds, in the same log.
    """

    kind: str
    data_set: str
    seed: int
    hidden: tuple[int, ...] = (32,)
    activation: str = "relu"
    loss: str = "log"
    optimiser: str = "adam"
    rate: float = 0.003
    schedule: str = "constant"
    batch: int = 32
    epochs: int = 40
    train_rows: int = 600
    validation_rows: int = 400
    alpha: float = 0.0
    decay_factor: float = 1.0
    validation_penalty_factor: float = 1.0
    dropout: float = 0.0
    batch_norm: bool = False
    label_smoothing: float = 0.0
    events: tuple[tuple[int, float], ...] = ()
    bad_batches: tuple[int, ...] = ()
    flipped: float = 0.0
    flipped_validation: float = 0.0
    leak: float = 0.0
    input_scale: float = 1.0
    input_shift: float = 0.0
    first_scale: float = 1.0
    first_bias: float = 0.0
    redraw: int = 0
    validation_mode: str = "evaluation"
    validation_unit: float = 1.0
    train_unit: float = 1.0
    patience: int = 0
    appended: int = 0
    logging: Logging = field(default_factory=Logging)
