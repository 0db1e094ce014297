"""A comparison as plain JSON values."""

from __future__ import annotations

from counterpoint.report.comparison.page import Told
from counterpoint.report.comparison.tables import (
    costliest_rows,
    difference_rows,
    part_rows,
    score_rows,
)


def plain_comparison(comparison: Told) -> dict[str, object]:
    """Everything that was found, by name."""
    both = comparison.numbers
    return {
        "models": [model.name for model in both.models],
        "classes": list(both.classes),
        "n": both.n,
        "n_effective": both.n_effective,
        "class_share": both.class_share.tolist(),
        "base_rates": dict(both.base),
        "scores": score_rows(both),
        "parts": part_rows(both),
        "differences": difference_rows(both),
        "flips": [
            {
                "model": both.models[pair.after].name,
                "against": both.models[pair.before].name,
                "b": pair.flips.b,
                "c": pair.flips.c,
                "d": pair.flips.d,
            }
            for pair in both.pairs
        ],
        "costliest": costliest_rows(both, comparison.row_names),
        "findings": [vars(finding) for finding in comparison.findings],
        "notes": list(comparison.notes),
    }
