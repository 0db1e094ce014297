"""An audit as text: what moves each array, what the cost is made of, and findings in words."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure, listing, percent, plain
from counterpoint.probes.decompose import Estimate
from counterpoint.probes.losses import DATA_LOSSES
from counterpoint.probes.measured import COST, Measured, Motion, Reported
from counterpoint.report.pair_text import WIDTH, finding_lines
from counterpoint.text import printable


def audit_text(measured: Measured, findings: Sequence[Finding], notes: Sequence[str]) -> str:
    """Everything, for a terminal or a notebook."""
    lines: list[str] = []
    for note in notes:
        lines += textwrap.wrap(f"Read: {printable(note)}", WIDTH, subsequent_indent="  ")
    lines += ["", *_step_lines(measured), "", *_cost_lines(measured)]
    if findings:
        lines += finding_lines(findings)
    else:
        lines += ["", "Nothing is wrong with what was looked at."]
    return "\n".join(lines)


def audit_figures(measured: Measured) -> dict[str, Any]:
    """The measurements as plain JSON values."""
    return {
        "parameters": measured.parameters,
        "slopes_measured": measured.sampled,
        "model": [sitting.model for sitting in measured.sittings],
        "arrays": [_motion_figures(motion) for motion in measured.sittings[0].motions],
        "exposed": [
            _exposed_figures(measured, k) for k in range(len(measured.sittings[0].exposed))
        ],
        "slopes_comparable": all(sitting.comparable for sitting in measured.sittings),
        "descent": [plain(sitting.descent.value) for sitting in measured.sittings],
        "cost": None
        if measured.reported is None
        else _reported_figures(measured, measured.reported),
        "first_loss": measured.sanity.first_loss,
        "loss_of_even_guess": measured.sanity.uniform_loss,
    }


def _motion_figures(motion: Motion) -> dict[str, Any]:
    parts = {
        "rate": motion.rate,
        "l2": motion.l2,
        "l1": motion.l1,
        "momentum": motion.momentum,
    }
    return {
        "name": motion.tensor.name,
        "kind": motion.tensor.kind,
        "layer": motion.tensor.layer,
        **{name: plain(e.value) for name, e in parts.items()},
        **{f"{name}_error": plain(e.error) for name, e in parts.items()},
        "unexplained": plain(motion.rest),
        "explained": motion.exact,
    }


def _exposed_figures(measured: Measured, k: int) -> dict[str, Any]:
    own = measured.sittings[0].exposed[k]
    return {
        "name": measured.tensors[k].name,
        "factor": plain(own.factor.value),
        "l2": plain(own.l2.value),
        "l1": plain(own.l1.value),
        "explained": own.exact,
        "followed": own.followed,
    }


def _reported_figures(measured: Measured, reported: Reported) -> dict[str, Any]:
    return {
        "loss": reported.named if reported.known else None,
        "scale": {str(n): plain(e.value) for n, e in reported.scale.items()},
        "l2": {
            str(n): {t.name: plain(e.value) for t, e in zip(measured.tensors, c, strict=True)}
            for n, c in reported.l2.items()
        },
        "l1": {str(n): plain(e.value) for n, e in reported.l1.items()},
        "unexplained": plain(reported.rest),
    }


def _step_lines(measured: Measured) -> list[str]:
    sitting = measured.sittings[0]
    if _limits(measured):
        return _limits(measured)
    models = {
        "plain": "gradient descent",
        "momentum": "gradient descent with momentum",
        "lagged": "gradient descent with momentum",
        "varying": "gradient descent with a rate of its own at each step",
        "adam": "Adam",
    }
    rows = [("", "rate", "L2", "L1", "momentum", "unexplained")]
    rows += [
        (
            motion.tensor.name,
            _number(motion.rate, motion),
            _number(motion.l2, motion),
            _number(motion.l1, motion),
            _number(motion.momentum, motion),
            "within errors" if motion.exact else percent(motion.rest),
        )
        for motion in sitting.motions
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [f"What moves the parameters: {models[sitting.model]}"]
    lines += [
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.append(
        f"  {measured.sampled:,} slopes by central differences, over steps from "
        f"{len(measured.sittings)} points, of {measured.parameters:,} parameters."
    )
    return [*lines, *_exposed_lines(measured)]


def _exposed_lines(measured: Measured) -> list[str]:
    """What the code's own gradients are, where it exposes them."""
    if not measured.exposes:
        return []
    pairs = list(zip(measured.tensors, measured.sittings[0].exposed, strict=False))
    unlike = [tensor.name for tensor, own in pairs if not own.exact]
    factors = sorted({_value(own.factor) for _, own in pairs if own.exact})
    strengths = sorted({_value(own.l2) for t, own in pairs if own.exact and t.kind == "weight"})
    said = [f"{' or '.join(factors)} x slope"] if factors else []
    if strengths not in ([], ["0"]):
        said[0] += f", with L2 {' or '.join(strengths)}"
    if unlike:
        said.append(f"unlike the slopes in {listing(unlike)}")
    text = f"is {'; it is '.join(said)}." if pairs else "failed at other points: it was left out."
    return textwrap.wrap(
        f"The gradient that the code exposes {text}",
        WIDTH,
        initial_indent="  ",
        subsequent_indent="  ",
    )


def _limits(measured: Measured) -> list[str]:
    """Why slopes were not held against the step, where they were not."""
    found = []
    if any(sitting.random for sitting in measured.sittings):
        found.append(
            "The step has random numbers of its own, as dropout has: it was not held against the "
            "slopes of the loss. Switch them off to have that done."
        )
    elif not all(sitting.comparable for sitting in measured.sittings):
        found.append(
            "A step changes more than these parameters, as running means of a normalisation or "
            "parameters that were not found: it was not held against the slopes of the loss."
        )
    return [
        line
        for text in found
        for line in textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")
    ]


def _number(estimate: Estimate, motion: Motion) -> str:
    if not motion.known or not math.isfinite(estimate.error):
        return "-"
    return "0" if abs(estimate.value) <= max(5.0 * estimate.error, 1e-9) else figure(estimate.value)


def _cost_lines(measured: Measured) -> list[str]:
    reported, loss = measured.reported, measured.declared.loss
    if loss == COST:
        return [
            "The reported cost is taken as it is, with its penalty: it is no usual loss of outputs."
        ]
    if reported is None:
        descended = f" The step descends the {DATA_LOSSES[loss].label}." if measured.guessed else ""
        return [f"No cost is reported.{descended}"]
    if not reported.known:
        return [f"The reported cost is no known loss: {percent(min(reported.rest, 1.0))} is left."]
    lines = ["What the reported cost is made of"]
    for size, scale in sorted(reported.scale.items()):
        l2 = [
            e
            for t, e in zip(measured.tensors, reported.l2[size], strict=True)
            if t.kind == "weight"
        ]
        values = sorted({_value(e) for e in l2})
        lines.append(
            f"  on {size} rows: {_value(scale)} x {reported.named}, L2 {' or '.join(values)}, "
            f"L1 {_value(reported.l1[size])}"
        )
    return lines


def _value(estimate: Estimate) -> str:
    return (
        "0" if abs(estimate.value) <= max(5.0 * estimate.error, 1e-12) else figure(estimate.value)
    )
