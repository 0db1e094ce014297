"""Validation loss turns and rises for good, while validation accuracy holds or rises.

**When it appears.** The held-out loss is least in the course of the run and ends higher, beyond
its own noise, while the training loss does not rise, and accuracy on the same rows is not lower
than at that moment beyond its noise.

**Why.** Training goes on to raise margins of rows that are right already. Predictions keep their
order, so accuracy stands or rises, while each row that is wrong is wrong with more conviction and
costs more. This is not the over-fitting that lowers accuracy: what is lost is calibration.

**What to do.** Take the weights of the least loss if probabilities matter, or divide the raw
scores by one temperature found on validation rows, which flips no prediction. If accuracy is all
that matters, go on.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.idle import is_idle
from counterpoint.findings.histories.turn import turn_of
from counterpoint.findings.histories.words import called, capital
from counterpoint.findings.words import figure, percent, plain, share

summary = "Validation loss rises while validation accuracy holds or rises: mistakes grow confident."


def find(course: Course) -> Finding | None:
    """Find a turn of the loss in which accuracy does not fall."""
    turn = turn_of(course)
    if turn is None or turn.accuracy_change is None or turn.accuracy_falls or is_idle(course):
        return None
    accuracy = course.held_accuracy
    assert accuracy is not None
    rises = turn.accuracy_change > 2.0 * turn.accuracy_error
    begin, end = turn.start, turn.loss.end
    mistakes = 1.0 - accuracy.end
    per_mistake = turn.rise / mistakes if mistakes > 0.0 else None
    cost = (
        f" If mistakes carry the rise, each costs {figure(per_mistake)} more on average."
        if per_mistake is not None
        else ""
    )
    return Finding(
        name="loss_up_accuracy_up",
        level="caution",
        title=f"From {turn.where} on {called(turn.loss)} rises from {figure(begin)} to "
        f"{figure(end)} while accuracy {'rises' if rises else 'holds'}",
        explanation=f"{capital(called(turn.loss))} is least at {turn.where} ({figure(begin)}) and "
        f"ends at {figure(end)}, {percent(turn.rise / begin) if begin else figure(turn.rise)} "
        "higher. Accuracy on the same rows goes from "
        f"{share(accuracy.end - turn.accuracy_change)} to {share(accuracy.end)} "
        f"meanwhile{_training(turn.train_change)}. The model does not get worse at naming the "
        f"class, it grows surer, and its mistakes cost more.{cost}",
        evidence={
            "least_at": turn.loss.place(turn.best),
            "least": plain(begin),
            "end": plain(end),
            "accuracy_change": plain(turn.accuracy_change),
            "accuracy_error": plain(turn.accuracy_error),
            "train_change": None if turn.train_change is None else plain(turn.train_change),
        },
        since=turn.where,
        sure="measured",
        remedy=f"For probabilities take the weights of {turn.where}, or divide the raw scores by "
        "one temperature found on validation rows (it flips no prediction). For accuracy alone "
        "nothing is lost.",
        instead=(
            "a few wrongly labelled validation rows that carry most of the loss",
            "over-fitting in its first epochs, before accuracy shows it",
        ),
        doubt="Whether the rise is scale alone: validation loss after dividing the raw scores by "
        "their best temperature would settle it. The list of the costliest rows tells of wrong "
        "labels.",
    )


def _training(change: float | None) -> str:
    if change is None:
        return ""
    return f", and training loss {'falls by ' + percent(-change) if change < 0 else 'stands'}"
