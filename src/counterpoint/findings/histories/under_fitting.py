"""Under-fitting: training itself ends poorly and moves no more, and other rows agree.

**When it appears.** The training loss has stood over the last third, having lost less than half
of what the even guess (else the start) costs; training accuracy is under 0.8; accuracy on other
rows is no more than ten points below. A run that never learnt anything is another finding.

**What it may be instead.** Rows that can not be told apart any better: labels that are noisy by
nature.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.histories.diverging import rises_for_good
from counterpoint.findings.histories.idle import is_idle
from counterpoint.findings.histories.progress import progress_of
from counterpoint.findings.words import figure, percent, plain, share
from counterpoint.theory.proper_losses import proper_loss_named

summary = "Training itself ends poorly and moves no more."

_LEARNT = 0.5
_ACCURACY = 0.8


def find(course: Course) -> Finding | None:
    """Find a training that stands far from done."""
    loss, accuracy, held = course.train_loss, course.train_accuracy, course.held_accuracy
    if loss is None or accuracy is None or is_idle(course) or rises_for_good(loss):
        return None
    progress = progress_of(loss)
    if (
        progress is None
        or progress.late > 0.05 * max(progress.gain, 1e-12)
        or loss.quantity == "batch_loss"
    ):
        return None
    start = loss.first
    if course.classes and course.assumed_loss:
        start = min(start, proper_loss_named(course.assumed_loss).even_guess(course.classes))
    learnt = 1.0 - loss.end / start if start > 0 else 1.0
    gap = accuracy.end - held.end if held is not None else 0.0
    if learnt > _LEARNT or accuracy.end > _ACCURACY or gap > 0.1:
        return None
    return Finding(
        name="under_fitting",
        level="caution",
        title=f"Under-fitting: training stands at loss {figure(loss.end)} and accuracy "
        f"{share(accuracy.end)}",
        explanation=f"Training loss lost {percent(max(0.0, learnt))} of {figure(start)} and has "
        f"stood since {loss.where(progress.since)}"
        + (
            f"; {held.split} accuracy is {share(held.end)}, which agrees."
            if held is not None
            else "."
        ),
        evidence={"learnt": plain(learnt), "accuracy": plain(accuracy.end)},
        since=loss.where(progress.since),
        sure="likely",
        remedy="A larger model, better features, a weaker penalty, less dropout, or another rate.",
        instead=(
            "rows that can't be told apart any better: labels noisy by nature",
            "a rate so high that training stands far from its best",
            "a penalty that is too strong",
        ),
        doubt="Ten rows trained alone, without penalty, tell a model that can not learn from "
        "rows that can not be learnt.",
    )
