"""Columns that hold one value only.

**When it appears.** A column has the same value in every row (missing cells aside).

**What it means.** It can't tell rows apart. Its weight stays zero under every penalty, and the
intercept does its work.

**What to do.** Nothing is called for; where the column should vary, look at how it was made.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import count, listing
from counterpoint.fit.result import SweepFit

summary = "Some columns hold one value only."


def find(fit: SweepFit) -> Finding | None:
    """Name the columns."""
    names = fit.facts.constant
    if not names:
        return None
    return Finding(
        name="constant_columns",
        level="note",
        title=f"{count(len(names), 'column')} of {fit.facts.n_features} "
        f"{'holds' if len(names) == 1 else 'hold'} one value only",
        explanation=f"{listing(names)} can't tell rows apart and get no weight.",
        evidence={"columns": list(names), "n_features": fit.facts.n_features},
        remedy="Nothing, unless such a column should vary.",
    )
