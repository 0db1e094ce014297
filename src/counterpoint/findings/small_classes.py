"""Classes with too few rows for the folds.

**When it appears.** Cross-validation with F folds holds some class of fewer than 2F rows; or a
single set of held-out rows holds fewer than five rows of some class.

**What it means.** A class with fewer rows than folds is missing from some folds' held-out rows;
with one or two a fold, what is learned of it and how it is judged hang on single rows. One row
moves that class's recall by one over its held-out rows.

**What to do.** Fewer folds, more rows of that class, or a class merged with a neighbour. Read the
scores as being about the other classes.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import count, listing, percent
from counterpoint.fit.result import SweepFit

summary = "Some classes have too few rows for the folds."

FEW_HELD_OUT = 5
#: Of all folds together.
FEW_POOLED = 10


def find(fit: SweepFit) -> Finding | None:
    """Name the classes, their rows, and how many of them judge."""
    held = fit.held_out
    folds = np.unique(held.fold).size
    judged = np.bincount(held.label_index, minlength=len(fit.classes))
    least = min(2 * folds, FEW_POOLED) if folds > 1 else FEW_HELD_OUT
    small = np.flatnonzero(judged < least)
    if not small.size:
        return None
    small = small[np.argsort(judged[small], kind="stable")]
    names = [f"{str(fit.classes[k])!r} ({judged[k]})" for k in small]
    missing = int((judged[small] < folds).sum())
    if folds == 1:
        consequence = "There is one set of held-out rows, so these few are all that judge them."
    elif missing:
        consequence = (
            f"There are {folds} folds: {missing} of these classes {'is' if missing == 1 else 'are'}"
            " missing from the held-out rows of one fold or more."
        )
    else:
        consequence = f"There are {folds} folds, so each judges them by one row or two."
    return Finding(
        name="small_classes",
        level="caution",
        title=f"{count(small.size, 'class has', 'classes have')} too few rows to be judged well",
        explanation=f"Held-out rows of these classes are few (number in brackets): "
        f"{listing(names)}. {consequence} One row more or less moves the share of them that is "
        f"found by {percent(1.0 / max(int(judged[small].min()), 1))}.",
        evidence={
            "classes": [str(fit.classes[k]) for k in small],
            "held_out_rows": [int(judged[k]) for k in small],
            "rows": [int(fit.facts.class_count[k]) for k in small],
            "folds": int(folds),
        },
        remedy="Use fewer folds, add rows of these classes, or merge them with others.",
        doubt="More rows of these classes would settle how well they are told apart.",
    )
