"""Gradients have vanished while the loss is not low.

**When it appears.** The median gradient norm over the second half is under 1e-5, of all weights
or of one layer, and the training loss has lost less than half of where it began.

**Why.** Saturated or dead units, a depth without short-cuts, or an output that is cut off from
the loss. Gradients that shrink because the loss has gone to zero are as they should be.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.histories.course import Course
from counterpoint.findings.words import figure, plain

summary = "Gradients have vanished while the loss is not low."

_LEAST = 1e-5


def find(course: Course) -> Finding | None:
    """Find gradient norms that are next to nothing."""
    loss = course.train_loss
    if loss is None or loss.end < 0.5 * loss.first:
        return None
    for norm in course.named("gradient_norm"):
        late = float(np.median(norm.last(0.5).finite.values))
        if len(norm.finite) < 3 or not late < _LEAST:
            continue
        layer = norm.quantity.removeprefix("gradient_norm").strip("_")
        return Finding(
            name="vanishing_gradients",
            level="problem",
            title=f"Gradients{f' of {layer}' if layer else ''} have vanished: norm {figure(late)} "
            f"at a loss of {figure(loss.end)}",
            explanation=f"The norm goes from {figure(norm.first)} to {figure(norm.end)}, while "
            f"the loss goes from {figure(loss.first)} to {figure(loss.end)} only.",
            evidence={"norm": plain(late), "loss": plain(loss.end)},
            since=norm.where(int(np.argmax(norm.finite.values < 10.0 * _LEAST))),
            sure="measured",
            remedy="Another activation or initialisation, short-cuts or normalisation, scaled "
            "inputs; check that the outputs reach the loss.",
            instead=(
                "dead or saturated units",
                "weights that are not part of the graph",
                "a loss scaled by a small number",
            ),
            doubt="The norms by layer tell where it begins.",
        )
    return None
