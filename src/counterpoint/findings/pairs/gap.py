"""What lies between the training rows and others.

**When it appears.** Both have a loss and an accuracy.

**What it means.** Some gap is the rule: a model fits the rows it was trained on better. The two
numbers may part in four ways. *Both worse*: over-fitting, or rows that are harder; the band says
whether the model still knows how sure it may be. *Loss worse, accuracy not*: often the model has
become too sure, not less able. *Accuracy worse, loss not*: often predictions near a tie have
flipped. *Neither worse*: the training numbers are averages over an epoch in which the model still
learned, with dropout or augmentation that the other rows are spared (Keras prints these).
"""

from __future__ import annotations

import math

from counterpoint.findings.finding import Finding
from counterpoint.findings.pairs.pair import Pair, Place
from counterpoint.findings.pairs.words import accuracy_figure, headed, loss_figure
from counterpoint.findings.words import count, figure, plain

summary = "What the gap between training rows and others says."

#: What goes on where both are worse, by where the loss stands at its accuracy.
_WORSE: dict[Place, str] = {
    "inside": ", as they are for most models; the loss is still one that goes with its accuracy, "
    "so nothing says that the model has become too sure",
    "above": ", and the loss is more than a calibrated model of that accuracy has",
}


def find(train: Pair, other: Pair) -> Finding | None:
    """Compare training with validation or test rows."""
    if not (train.whole and other.whole) or train.loss_name != other.loss_name:
        return None
    if any(pair.place in ("too low", "too high") for pair in (train, other)):
        return None
    more_loss = other.known_loss - train.known_loss
    less_accuracy = train.known_accuracy - other.known_accuracy
    error = _error(train, other)
    told = error is None or abs(less_accuracy) > error
    sentences = [
        f"From training to {other.split} rows the loss goes from {loss_figure(train.known_loss)} "
        f"to {loss_figure(other.known_loss)}, and accuracy from "
        f"{accuracy_figure(train.known_accuracy)} to {accuracy_figure(other.known_accuracy)}.",
        _meaning(more_loss, less_accuracy, other),
    ]
    if error is not None:
        sentences.append(
            f"On {count(other.samples or 0, 'row')}, chance alone moves the accuracy by up to "
            f"{figure(error)} (at 95%): the gap in it "
            f"{'is more' if told else 'can not be told from that'}."
        )
    return Finding(
        name="gap",
        level="note",
        title=headed(other, _title(more_loss, less_accuracy)),
        explanation=" ".join(sentences),
        evidence={
            "loss_gap": plain(more_loss),
            "accuracy_gap": plain(less_accuracy),
            "accuracy_error": None if error is None else plain(error),
        },
        doubt="Training numbers may be averages over an epoch, with dropout on. The final weights "
        "evaluated on the training rows would settle how much of the gap is real.",
    )


def _error(train: Pair, other: Pair) -> float | None:
    """How far chance alone may part the accuracies, as far as rows are counted, at 95%.

    From each Wilson interval the end that is towards the other accuracy (Newcombe 1998, method 10).
    """
    if other.samples is None:
        return None
    falls = other.known_accuracy < train.known_accuracy
    ends = ((other, 1 if falls else 0), (train, 0 if falls else 1))
    counted = [(pair, end) for pair, end in ends if pair.samples is not None]
    return math.hypot(*(pair.accuracy_interval[end] - pair.known_accuracy for pair, end in counted))


def _title(more_loss: float, less_accuracy: float) -> str:
    loss = f"{figure(abs(more_loss))} {'more' if more_loss > 0 else 'less'} loss"
    points = f"{100 * abs(less_accuracy):.3g}"
    accuracy = (
        f"{points} point{'' if points == '1' else 's'} {'less' if less_accuracy > 0 else 'more'} "
        "accuracy"
    )
    return (
        f"against training {loss if more_loss else 'the same loss'} and "
        f"{accuracy if less_accuracy else 'the same accuracy'}"
    )


def _meaning(more_loss: float, less_accuracy: float, other: Pair) -> str:
    if more_loss > 0 and less_accuracy > 0:
        return f"Both are worse{_WORSE.get(other.place, '')}."
    if more_loss > 0:
        return (
            "The loss is worse and accuracy is not, as where a model is too sure on new rows and "
            "not less able: the mean probability of the predicted class beside the accuracy would "
            "tell."
        )
    if less_accuracy > 0:
        return (
            "Accuracy is worse and the loss is not, as where predictions near a tie have flipped."
        )
    return (
        "Neither is worse than in training, as where training numbers are averages over an epoch, "
        "or are taken with dropout or augmentation."
    )
