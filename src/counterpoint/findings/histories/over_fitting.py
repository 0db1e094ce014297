"""Over-fitting: the validation loss turns and rises, and accuracy falls with it.

**When it appears.** The held-out loss is least in the course of the run and ends higher, beyond
its own noise, while the training loss does not rise; and accuracy on the same rows falls beyond
its noise, or is not logged. Where accuracy holds it is another finding: mistakes that grow
confident.

**What to do.** Take the weights of the epoch named. Penalise more, use more data or augmentation,
or a smaller model.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.turn import turn_of
from counterpoint.findings.histories.words import called, capital
from counterpoint.findings.once import once
from counterpoint.findings.words import figure, percent, plain, share

summary = "Validation loss turns and rises, and accuracy falls or is not logged."


@once
def find(course: Course) -> Finding | None:
    """Find a turn of the loss in which accuracy falls or is unknown."""
    turn = turn_of(course)
    if turn is None or not (turn.accuracy_change is None or turn.accuracy_falls):
        return None
    begin, end = turn.start, turn.loss.end
    accuracy = course.held_accuracy
    if turn.accuracy_change is None or accuracy is None:
        also = " No accuracy of these rows is logged."
    else:
        also = (
            f" Accuracy on the same rows falls from {share(accuracy.end - turn.accuracy_change)} "
            f"to {share(accuracy.end)}."
        )
    train = turn.train_change
    going = (
        f" Training loss {'falls by ' + percent(-train) if train < 0 else 'stands'} meanwhile."
        if train is not None
        else ""
    )
    return Finding(
        name="over_fitting",
        level="caution",
        title=f"Over-fitting from {turn.where} on: {called(turn.loss)} rises from {figure(begin)} "
        f"to {figure(end)}",
        explanation=f"{capital(called(turn.loss))} is least at {turn.where}.{also}{going} What is "
        "learnt after that holds for the training rows alone.",
        evidence={
            "least_at": turn.loss.place(turn.best),
            "least": plain(begin),
            "end": plain(end),
            "accuracy_change": turn.accuracy_change,
            "train_change": train,
        },
        since=turn.where,
        sure="measured",
        remedy=f"Take the weights of {turn.where}; penalise more, add data or augmentation, or "
        "make the model smaller.",
        instead=("confident mistakes alone: log the accuracy to tell",)
        if turn.accuracy_change is None
        else ("training labels that are partly wrong and are being memorised",),
        doubt="Accuracy on the validation rows beside the loss would tell whether predictions "
        "get worse or only surer."
        if turn.accuracy_change is None
        else "",
    )
