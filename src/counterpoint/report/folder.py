"""A report in a folder: the page, and its charts as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from counterpoint.errors import InputError
from counterpoint.files import write_atomically
from counterpoint.findings.finding import Finding
from counterpoint.report.charts import objective_chart, scores_chart, weights_chart
from counterpoint.report.export import save_chart
from counterpoint.report.marks import marks_of
from counterpoint.report.page import render_page
from counterpoint.report.side_by_side import side_by_side_chart
from counterpoint.report.subject import Subject


def write_report(
    folder: Path,
    subjects: Sequence[Subject],
    comparisons: Sequence[Finding] = (),
    *,
    title: str = "Counterpoint sweep",
    origin: Mapping[str, str] | None = None,
) -> Path:
    """Write ``report.html`` and the charts, as PNG and SVG, into a folder.

    One sweep has the charts ``scores``, ``objective`` and ``weights``. Several have
    ``side_by_side``, and each its own ``scores-LOSS-PENALTY``.

    Parameters
    ----------
    folder
        Made where it is missing.
    subjects, comparisons, title, origin
        As `render_page` takes them.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        The folder can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder} can't be made ({error.strerror}): choose another folder."
        raise InputError(message) from error
    page = render_page(subjects, comparisons, title=title, origin=origin)
    if len(subjects) == 1:
        fit, marks = subjects[0].fit, marks_of(subjects[0].choice, subjects[0].findings)
        save_chart(scores_chart(fit, marks), folder / "scores")
        save_chart(objective_chart(fit, marks), folder / "objective")
        save_chart(weights_chart(fit, marks), folder / "weights")
    else:
        save_chart(side_by_side_chart([s.fit for s in subjects]), folder / "side_by_side")
        for subject in subjects:
            marks = marks_of(subject.choice, subject.findings)
            name = f"scores-{subject.fit.loss}-{subject.fit.penalty_name}"
            save_chart(scores_chart(subject.fit, marks), folder / name)
    return write_atomically(folder / "report.html", page)
