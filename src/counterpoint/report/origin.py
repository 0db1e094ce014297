"""How a sweep came about, in words and numbers a reader can check."""

from __future__ import annotations

import platform
from importlib.metadata import version

from counterpoint.findings.words import count, listing, strength
from counterpoint.fit.result import SweepFit
from counterpoint.report.subject import penalty_label

_SCALES = {
    "standard": "columns divided by their standard deviation on the rows that train",
    "none": "columns as they came",
}


def data_in_short(fit: SweepFit) -> str:
    """Size of the data, and what judges the fits, in one line."""
    facts = fit.facts
    size = (
        count(facts.n, "row"),
        count(facts.n_features, "feature"),
        count(len(fit.classes), "class", "classes"),
    )
    return f"{', '.join(size)}; {fit.scheme}"


def scale_in_words(fit: SweepFit) -> str:
    """What was done to the columns before the fits."""
    return _SCALES.get(fit.scale, fit.scale)


def data_facts(fit: SweepFit) -> dict[str, str]:
    """Name and value of what is known of the data."""
    facts = fit.facts
    classes = [
        f"{label} ({number:,} rows)"
        for label, number in zip(fit.classes, facts.class_count, strict=True)
    ]
    known = {
        "Rows": f"{facts.n:,}",
        "Features": f"{facts.n_features:,}",
        f"{len(classes)} classes": listing(classes),
        "Judged by": fit.scheme,
        "Seed": str(fit.seed),
        "Scale": scale_in_words(fit),
    }
    if facts.missing_cells:
        known["Missing"] = (
            count(facts.missing_cells, "cell") + ", filled with the mean of the rows that train"
        )
    if facts.constant:
        known["Constant columns"] = listing(facts.constant)
    return known


def fit_facts(fit: SweepFit) -> dict[str, str]:
    """Name and value of what was fitted."""
    low, high = strength(float(fit.alphas[0])), strength(float(fit.alphas[-1]))
    return {
        "Minimised": f"mean {fit.loss_label} + alpha × {penalty_label(fit)} penalty; the "
        "intercept is not penalised",
        "Alphas": f"{len(fit.alphas)}, from {low} to {high}",
        "Certified": f"{int(fit.converged.sum())} of {len(fit.alphas)} to a relative distance of "
        f"{strength(fit.tol)} from the optimum, in every fold",
    }


def versions(*more: str) -> dict[str, str]:
    """Name and version of what did the work, and of more libraries."""
    libraries = ("counterpoint", "numpy", "scipy", "numba", "scikit-learn", *more)
    made_with = ", ".join(f"{name} {version(name)}" for name in libraries)
    return {"Made with": f"{made_with}, Python {platform.python_version()}"}
