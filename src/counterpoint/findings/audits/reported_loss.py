"""The reported cost is not the mean data loss of the rows it is asked for.

**When it appears.** The reported cost, at many points and on sets of two sizes, is compared with
the mean losses of the network's own outputs. Either it is a multiple of one that no name covers
(a sum, a mean over another count, another base of the logarithm), or no loss of these rows and
outputs, with penalties, makes it up. Where outputs differ between training and evaluation mode,
the cost is held against both.

**What it means.** Costs of sets of different sizes can't be compared, and a penalty beside them
has another share than the objective says. Where nothing makes it up, the cost is of other rows,
labels or parameters than one thinks.

**What to do.** Divide the sum over rows by the number of these rows, once.
"""

from __future__ import annotations

from counterpoint.findings.audits.factors import agrees, factor_in_words, present, same
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure, percent
from counterpoint.probes.decompose import Estimate
from counterpoint.probes.losses import DATA_LOSSES
from counterpoint.probes.measured import COST, Measured, Reported

summary = "The reported cost is not the mean data loss of its rows."


def find(measured: Measured) -> Finding | None:
    """Find a scale that is not one, or a cost that nothing makes up."""
    reported = measured.reported
    if reported is None or not measured.evaluation.repeatable:
        return None
    if not reported.known:
        return _unknown(measured, reported)
    if reported.in_training:
        return _in_training_mode()
    if all(agrees(scale, 1.0) for scale in reported.scale.values()):
        return None
    few, many = min(reported.scale), max(reported.scale)
    small, large = reported.scale[few], reported.scale[many]
    label = _label(reported.loss)
    return Finding(
        name="reported_loss",
        level="problem",
        title=f"The reported cost is not the mean {label}: "
        f"{_factor(measured, few, small, many, large)}",
        explanation=f"On {few} rows the reported cost holds {figure(small.value)} times the mean "
        f"{label}, on {many} rows {figure(large.value)} times.",
        evidence={
            "where": ["cost"],
            "scale_by_size": {str(size): scale.value for size, scale in reported.scale.items()},
        },
        remedy="Divide the sum over rows by the number of these rows, once.",
    )


def _in_training_mode() -> Finding:
    return Finding(
        name="reported_loss",
        level="caution",
        title="The reported cost is computed in training mode",
        explanation="The reported cost is made up of the outputs in training mode, and not of "
        "those in evaluation mode, which differ.",
        evidence={"where": ["cost"]},
        remedy="Switch to evaluation mode before evaluating, and back after.",
        doubt="A cost of the mini-batch that is trained on is rightly one of training mode.",
    )


def _label(name: str) -> str:
    return DATA_LOSSES[name].label if name in DATA_LOSSES else "data loss"


def _factor(measured: Measured, few: int, small: Estimate, many: int, large: Estimate) -> str:
    """What the factors of the mean loss on a few and on many rows have in common."""
    if not (present(small) and present(large)):
        return "it holds nothing of it"
    if same(large.value, small.value):
        return f"a factor of {factor_in_words(small.value, measured.declared)}"
    per_row = small.value / few
    if same(large.value / many, per_row):
        if same(per_row, 1.0):
            return "it is the sum over rows"
        return f"the sum over rows times {factor_in_words(per_row, measured.declared)}"
    less = round(few - few / small.value, 2)
    if less == round(many - many / large.value, 2):
        return f"it is divided by the number of rows less {figure(less)}"
    return (
        f"a factor that goes from {figure(small.value)} to {figure(large.value)} with the size of "
        "the set"
    )


def _unknown(measured: Measured, reported: Reported) -> Finding | None:
    if measured.declared.loss == COST:
        return None  # a loss of its own, and the step descends it
    return Finding(
        name="reported_loss",
        level="problem",
        title="The reported cost is not a loss of these outputs and labels",
        explanation="No usual loss of the network's outputs, with any penalty on its parameters, "
        f"makes up the reported cost: {percent(min(reported.rest, 1.0))} of it is left at best.",
        evidence={"where": ["cost"], "unexplained": reported.rest},
        remedy="See that the cost is of the rows, labels and parameters that it is asked for.",
        doubt="A loss of one's own, beside the usual ones, looks the same: give it as data_loss.",
    )
