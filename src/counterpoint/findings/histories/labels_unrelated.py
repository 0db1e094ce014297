"""Training is learnt, and on other rows nothing of it holds: accuracy stays at chance.

**When it appears.** Training is learnt: its accuracy ends far above chance, or, where none is
logged, its loss below half of the even guess's (where K is not known, of where it began).
Accuracy on the rows that judge ends no higher than chance and does not rise beyond its noise.
Chance is 1/K and a fifth more, for classes that are not alike. It is the commonest class's share
where accuracy begins at it and falls by five points, and the loss on the same rows is least at
first and never below what guessing that share costs (of three classes and more, where training
accuracy begins there too). Of four and more it is 1.6/K, if the loss is least at first and never
far below the even guess's.
Where K is not known, it is that of the fewest classes at which the accuracy is chance; then the
loss on the same rows must say so too: least in the first fifth of the run, and never below the even
guess over so many classes. Where no loss is logged, it is half of a training accuracy that rose, of
which the other has no part.

**What it means.** What is learnt has nothing to do with the rows that judge: shuffled or shifted
labels, labels of another file, rows preprocessed in another way, an evaluation that restores no
weights or stays in another mode.

**What to do.** Evaluate the training rows with the evaluation code. If they come out at chance
too, the evaluation is at fault; if not, the labels or the preprocessing of the other rows are, or
the training labels were random.
"""

from __future__ import annotations

import math

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.findings.once import once
from counterpoint.findings.words import figure, plain, share
from counterpoint.theory.proper_losses import PROPER_LOSSES, proper_loss_named

summary = "Training is learnt while accuracy on other rows stays at chance."

#: How far above chance the training accuracy ends, and the share of the even guess's loss (or of
#: the first) that the training loss keeps at most.
_LEARNT, _KEEPS = 0.15, 0.5
#: How far above 1/K is still chance, as a share of it: of the tuning corpus's data sets the
#: commonest class has up to 1.2/K of the rows.
_CHANCE = 1.2
#: What accuracy may rise by, for all its noise and by so many errors of its rows; and rows of which
#: fewer tell nothing of chance.
_RISES, _ERRORS, _FEWEST_ROWS = 0.03, 2.5, 50
#: A loss at chance keeps this share of the even guess's, and is least this soon.
_OF_GUESS, _SOON = 0.97, 0.2
#: So few classes may be more, of which much is known: then the least loss is not far above either.
#: In the tuning corpus chance has up to 1.10 times the even guess's loss, accuracies of 0.45 and
#: 0.57 over three classes have 1.36 and 1.56 times that of two.
_FEW_CLASSES, _MOST_OF_GUESS, _MOST_CLASSES = 5, 1.2, 1_000
#: The commonest class has a lesser share. Of more than two classes the rest is not known, and may
#: cost less than alike: 0.95 of it for shares of 0.57, 0.30 and 0.13.
_COMMONEST, _OF_ALIKE = 0.9, 0.9
#: How far training accuracy begins below that share: in the tuning corpus up to 0.09 where labels
#: are unrelated, 0.41 where some of them are wrong.
_TRAIN_BELOW = 0.12
#: What accuracy loses from there while training learns single rows: in the tuning corpus 0.08 and
#: more where labels are unrelated, 0.04 at most where it is ordinary over-fitting.
_FORGETS = 0.05
#: Classes that may be unequal: their number, what guessing gives over 1/K (the sum of squares,
#: 1.54 for the tuning set of four), and what share of the even guess's loss it keeps.
_SEVERAL, _UNEQUAL, _OF_EVEN = 4, 1.6, 0.8
#: Where neither says what chance is: a training accuracy that is much, and what the other may be of
#: where both began.
_HALF, _NO_PART = 0.5, 1.5
#: Rows that are taken where they are not counted.
_ROWS = 500


@once
def find(course: Course) -> Finding | None:
    """Find accuracy on other rows at chance beside a training that learnt."""
    train, held = course.train_accuracy, course.held_accuracy
    if held is None or held is train or len(held.finite) < 3:
        return None
    chance = _chance(course, held)
    rows = course.samples(course.held) or _ROWS
    if chance is None or rows < _FEWEST_ROWS:
        return None
    by_rows = _ERRORS * math.sqrt(2.0 * chance * (1.0 - chance) / rows)
    rises = held.end - float(held.smooth[0]) > max(_RISES, by_rows, 3.0 * held.error())
    if rises or max(held.end, float(np.median(held.finite.values))) > chance:
        return None
    if train is not None:
        if len(train.finite) < 3 or train.end < chance + _LEARNT:
            return None
        learnt = f"Training accuracy goes from {share(train.first)} to {share(train.end)}"
        title = f"Training accuracy reaches {share(train.end)}"
    else:
        loss = course.train_loss
        if loss is None or len(loss.finite) < 3 or loss.end > _KEEPS * _begin(course, loss):
            return None
        learnt = f"Training loss goes from {figure(loss.first)} to {figure(loss.end)}"
        title = f"Training loss falls to {figure(loss.end)}"
    return Finding(
        name="labels_unrelated",
        level="problem",
        title=f"{title}, {held.split} accuracy stays at chance ({share(held.end)})",
        explanation=f"{learnt}; on {held.split} rows accuracy is {share(held.first)} at first and "
        f"{share(held.end)} at the end, which is no more than guessing gives.",
        evidence={
            "train_end": None if train is None else plain(train.end),
            "held_first": plain(held.first),
            "held_end": plain(held.end),
            "classes": course.classes,
        },
        since=held.where(0),
        sure="measured",
        remedy="Evaluate the training rows with the evaluation code, before anything else.",
        instead=(
            "an evaluation bug: other preprocessing, another mode, weights not restored, labels "
            "of another order",
            "shuffled training labels, which a large model memorises",
            "rows of another source",
        ),
        doubt="The training rows' accuracy as the evaluation code measures it would settle it.",
    )


def _chance(course: Course, held: Curve) -> float | None:
    """Accuracy that chance gives, by unbalanced classes and by so many rows."""
    classes = course.classes or _implied(course, held)
    if classes is None:
        return None if course.held_loss else _left_behind(course.train_accuracy, held)
    even = 1.0 / classes
    rows = course.samples(course.held) or _ROWS
    chance = max(_CHANCE * even, even + 2.0 * math.sqrt(even * (1.0 - even) / rows))
    return max(chance, _commonest(course, held, classes), _of_unequal(course, held, classes))


def _commonest(course: Course, held: Curve, classes: int) -> float:
    """The share of the commonest class, if accuracy fell from it and the loss knew no more; else 0.

    A model that learns unrelated labels by heart says one class at first, and then each as often as
    it is there. It never knew more than a constant prediction, whose cost is that of its shares.
    """
    loss, most = course.held_loss, float(held.finite.values[: _soon(held)].max())
    if loss is None or not 1.0 / classes < most < _COMMONEST or not _begins_least(loss):
        return 0.0
    error = math.sqrt(most * (1.0 - most) / (course.samples(course.held) or _ROWS))
    if most - held.end < max(_FORGETS, _ERRORS * error):
        return 0.0  # as of classes that are alike and hard to tell apart
    if classes > 2 and not _begins_at(course, held, most):
        return 0.0
    # A binary cross-entropy of two classes may be summed over two outputs.
    name = "bce" if course.facts.get("loss") == "bce" else course.loss_name or "log"
    guess = (_OF_GUESS if classes == 2 else _OF_ALIKE) * _guess(name, most, classes)
    return most if float(loss.finite.values.min()) >= guess else 0.0


def _begins_at(course: Course, held: Curve, most: float) -> bool:
    """Whether both accuracies begin at a share: right labels among wrong ones part them."""
    train = course.train_accuracy
    return held.first > most - _RISES and (train is None or train.first > most - _TRAIN_BELOW)


def _guess(loss: str, most: float, classes: int) -> float:
    """The cost of guessing the share of the commonest class, and the rest alike."""
    others = [(1.0 - most) / (classes - 1)] * (classes - 1)
    return proper_loss_named(loss).guess([most, *others])


def _soon(curve: Curve) -> int:
    """Points of its beginning."""
    return max(2, int(_SOON * len(curve.finite)))


def _of_unequal(course: Course, held: Curve, classes: int) -> float:
    """What guessing several unequal classes gives, where the loss says no more; else 0."""
    loss = course.held_loss
    if classes < _SEVERAL or loss is None or course.loss_name is None or not _begins_least(loss):
        return 0.0
    if held.end - float(held.smooth[0]) > _RISES:
        return 0.0  # little is learnt, which few rows can't tell from chance
    guess = proper_loss_named(course.loss_name).even_guess(classes)
    least = float(loss.finite.values.min())
    return _UNEQUAL / classes if least >= _OF_EVEN * guess else 0.0


def _begins_least(loss: Curve) -> bool:
    return loss.best <= _soon(loss)


def _left_behind(train: Curve | None, held: Curve) -> float | None:
    """Half of a training accuracy that rose, which the other has no part in."""
    if train is None or train.end < _HALF or float(train.smooth.max()) - train.first < _LEARNT:
        return None
    begin = max(train.first, held.first)
    return 0.5 * train.end if float(held.smooth.max()) <= _NO_PART * begin else None


def _implied(course: Course, held: Curve) -> int | None:
    """A number of classes at which accuracy and loss of the rows that judge are both at chance."""
    loss = course.held_loss
    if loss is None or held.end <= 0.0 or not _begins_least(loss):
        return None
    named, least = course.loss_name, float(loss.finite.values.min())
    fewest, most = math.ceil(1.0 / (_CHANCE * held.end)), math.floor(_CHANCE / held.end)
    for classes in range(max(2, fewest), min(most, _MOST_CLASSES) + 1):
        for kind in [named] if named else PROPER_LOSSES:
            even = proper_loss_named(kind).even_guess(classes)
            two = min(max(float(held.smooth.max()), 0.5), _COMMONEST)
            guess = min(even, _guess(kind, two, 2)) if classes == 2 else even
            near = least <= _MOST_OF_GUESS * even or (classes >= _FEW_CLASSES and kind == "log")
            if least >= _OF_GUESS * guess and near:
                return classes
    return None


def _begin(course: Course, loss: Curve) -> float:
    """What a training loss began at, or the even guess's."""
    if course.classes is None or course.assumed_loss is None:
        return loss.first
    return proper_loss_named(course.assumed_loss).even_guess(course.classes)
