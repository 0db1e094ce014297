"""What accuracy guessing may give on the rows that judge, as far as a log tells."""

from __future__ import annotations

import math
from collections.abc import Iterator

from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.curve import Curve
from counterpoint.theory.proper_losses import PROPER_LOSSES, proper_loss_named

#: How far above 1/K is still chance, as a share of it: of most of the tuning corpus's data sets the
#: commonest class has up to 1.2/K of the rows.
UNALIKE = 1.2
#: What accuracy may rise by for all its noise.
RISES = 0.03
#: Errors of the rows that a fall has to exceed.
ERRORS = 2.5
#: Rows that are taken where they are not counted.
ROWS = 500
#: How far above chance a training accuracy is that has learnt.
LEARNT = 0.15
#: A loss at chance keeps this share of the even guess's, and is least this soon.
_OF_GUESS, _SOON = 0.97, 0.2
#: So few classes may be more, of which much is known: then neither the least loss nor the first of
#: training is far above theirs. In the tuning corpus chance has up to 1.10 times the even guess's
#: loss, accuracies of 0.45 and 0.57 over three classes have 1.36 and 1.56 times that of two.
_FEW_CLASSES, _MOST_OF_GUESS, _MOST_CLASSES = 5, 1.2, 1_000
#: The commonest class has a lesser share. Of more than two classes the rest is not known, and may
#: cost less than alike: 0.95 of it for shares of 0.57, 0.30 and 0.13. What is learnt by heart from
#: few rows may by chance be worth as much: 0.93 for two classes, from 120 rows.
_COMMONEST, _OF_SHARES = 0.9, 0.9
#: How far training accuracy begins below that share: in the tuning corpus up to 0.09 where labels
#: are unrelated, 0.41 where some of them are wrong.
_TRAIN_BELOW = 0.12
#: What accuracy loses from there while training learns single rows: in the tuning corpus 0.08 and
#: more where labels are unrelated, 0.04 at most where it is ordinary over-fitting.
_FORGETS = 0.05
#: Classes that may be unequal: their number, what guessing gives over 1/K (the sum of squares,
#: 1.54 for the tuning set of four), and what share of the even guess's loss it keeps.
_SEVERAL, _UNEQUAL, _OF_EVEN = 4, 1.6, 0.8
#: What accuracy over them may rise by at most, if its rows are few.
_MOST_BY_ROWS = 0.05
#: Where neither says what chance is: a training accuracy that is much, and what the other may be of
#: where both began.
_HALF, _NO_PART = 0.5, 1.5


def chances(course: Course, held: Curve) -> Iterator[float]:
    """Accuracies that guessing may give, by unequal classes and by so many rows.

    One, where the number of classes is known; else one for each number that accuracy and loss
    allow, the most classes first.

    Parameters
    ----------
    course
    held
        The accuracy of the rows that judge.
    """
    if course.classes is None and course.held_loss is None:
        alone = _left_behind(course.train_accuracy, held)
        yield from () if alone is None else (alone,)
    for classes in [course.classes] if course.classes else _implied(course, held):
        unequal = (_commonest(course, held, classes), _of_unequal(course, held, classes))
        yield max(1.0 / classes + _spread(course, classes), *unequal)


def guess_of(loss: str, most: float, classes: int) -> float:
    """The cost of guessing the share of the commonest class, and the rest alike.

    Examples
    --------
    >>> round(guess_of("brier", 0.6, 3), 3)
    0.56
    """
    others = [(1.0 - most) / (classes - 1)] * (classes - 1)
    return proper_loss_named(loss).guess([most, *others])


def _spread(course: Course, classes: int) -> float:
    """How far from 1/K chance is: classes may be unequal, and rows are drawn, apart from that."""
    even, rows = 1.0 / classes, course.samples(course.held) or ROWS
    return math.hypot((UNALIKE - 1.0) * even, 2.0 * math.sqrt(even * (1.0 - even) / rows))


def _commonest(course: Course, held: Curve, classes: int) -> float:
    """The share of the commonest class, if accuracy fell from it and the loss knew no more; else 0.

    A model that learns unrelated labels by heart says one class at first, and then each as often as
    it is there. It never knew more than a constant prediction, whose cost is that of its shares.
    """
    loss, most = course.held_loss, float(held.finite.values[: _soon(held)].max())
    if loss is None or not 1.0 / classes < most < _COMMONEST or not _begins_least(loss):
        return 0.0
    error = math.sqrt(most * (1.0 - most) / (course.samples(course.held) or ROWS))
    if most - held.end < max(_FORGETS, ERRORS * error):
        return 0.0  # as of classes that are alike and hard to tell apart
    if classes > 2 and not _begins_at(course, held, most):
        return 0.0
    # A binary cross-entropy of two classes may be summed over two outputs.
    name = "bce" if course.facts.get("loss") == "bce" else course.loss_name or "log"
    guess = _OF_SHARES * guess_of(name, most, classes)
    return most if float(loss.finite.values.min()) >= guess else 0.0


def _begins_at(course: Course, held: Curve, most: float) -> bool:
    """Whether both accuracies begin at a share: right labels among wrong ones part them."""
    train = course.train_accuracy
    return held.first > most - RISES and (train is None or train.first > most - _TRAIN_BELOW)


def _soon(curve: Curve) -> int:
    """Points of its beginning."""
    return max(2, int(_SOON * len(curve.finite)))


def _of_unequal(course: Course, held: Curve, classes: int) -> float:
    """What guessing several unequal classes gives, where the loss says no more; else 0."""
    loss = course.held_loss
    if classes < _SEVERAL or loss is None or course.loss_name is None or not _begins_least(loss):
        return 0.0
    even, rows = 1.0 / classes, course.samples(course.held) or ROWS
    by_rows = min(_MOST_BY_ROWS, 2.0 * math.sqrt(2.0 * even * (1.0 - even) / rows))
    if held.end - max(even, float(held.smooth[0])) > max(RISES, by_rows):
        return 0.0  # little is learnt, which few rows can't tell from chance
    guess = proper_loss_named(course.loss_name).even_guess(classes)
    least = float(loss.finite.values.min())
    return _UNEQUAL * even if least >= _OF_EVEN * guess else 0.0


def _begins_least(loss: Curve) -> bool:
    return loss.best <= _soon(loss)


def _left_behind(train: Curve | None, held: Curve) -> float | None:
    """Half of a training accuracy that rose, which the other has no part in."""
    if train is None or train.end < _HALF or float(train.smooth.max()) - train.first < LEARNT:
        return None
    begin = max(train.first, held.first)
    return 0.5 * train.end if float(held.smooth.max()) <= _NO_PART * begin else None


def _implied(course: Course, held: Curve) -> list[int]:
    """Numbers of classes at which accuracy and loss of the rows that judge are both at chance."""
    loss = course.held_loss
    if loss is None or held.end <= 0.0 or not _begins_least(loss):
        return []
    most = min(math.ceil(2.0 / held.end), _MOST_CLASSES)
    return [k for k in range(most, 1, -1) if _may_be_of(course, held, loss, k)]


def _may_be_of(course: Course, held: Curve, loss: Curve, classes: int) -> bool:
    """Whether accuracy and loss may be those of guessing so many classes."""
    spread = _spread(course, classes)
    if abs(held.end - 1.0 / classes) > spread:
        return False
    two = min(max(float(held.smooth.max()), 0.5), _COMMONEST)
    if classes == 2 and two > 0.5 + spread and not _begins_at(course, held, two):
        return False
    train, least = course.train_loss, float(loss.finite.values.min())
    begins = max(least, least if train is None else train.first)
    for kind in [course.loss_name] if course.loss_name else PROPER_LOSSES:
        proper = proper_loss_named(kind)
        even = proper.even_guess(classes)
        guess = min(even, guess_of(kind, two, 2)) if classes == 2 else even
        many = kind == "log" and max(_FEW_CLASSES, math.ceil(1.0 / (UNALIKE * held.end))) <= classes
        if least >= _OF_GUESS * guess and (many or begins <= _MOST_OF_GUESS * even):
            return True
    return False
