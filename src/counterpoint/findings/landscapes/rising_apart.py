"""Accuracy goes on rising while the loss rises too.

**When it appears.** Along one of the two parameters, from where the loss is least in one direction,
accuracy reaches a higher value further out, though the loss only grows on the way.

**What it means.** The two have their best in different places. Past its minimum the loss grows,
because it weighs how wrong each row is; accuracy counts the rows on the right side of the boundary
and nothing else. Watching one of the two says little of the other there.

**What to do.** Say which of the two you want. If probabilities matter, stop at the least loss. If
only decisions matter, choose the threshold on held-out rows, after the fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import count, figure, plain, share_of
from counterpoint.theory.landscape import Curve, Surface

summary = "Beyond the least loss, accuracy goes on rising while the loss rises."


@dataclass(frozen=True)
class Stretch:
    """From the least loss along a parameter to the nearest place of the best accuracy that way."""

    name: str
    start: float
    end: float
    loss: tuple[float, float]
    accuracy: tuple[float, float]

    @property
    def gain(self) -> float:
        """Accuracy gained on the way."""
        return self.accuracy[1] - self.accuracy[0]


def find(surface: Surface) -> Finding | None:
    """Find the stretch with the greatest gain in accuracy at a rising loss."""
    stretches = [s for curve in surface.curves for s in _stretches(curve)]
    best = max(stretches, key=lambda stretch: stretch.gain)
    if best.gain <= 1e-12:
        return None
    word = surface.loss_label.split(" (")[0]
    rows = "" if surface.weighted else f", {count(round(best.gain * surface.n), 'row')} more"
    return Finding(
        name="rising_apart",
        level="note",
        title=f"Accuracy goes on rising while the {word} rises",
        explanation=(
            f"From {figure(best.start)}, where the {word} is least, to {figure(best.end)} along "
            f"{best.name}, accuracy goes from {share_of(best.accuracy[0], surface.n)} to "
            f"{share_of(best.accuracy[1], surface.n)}{rows}, while the {word} grows from "
            f"{figure(best.loss[0])} to {figure(best.loss[1])}. The loss weighs how wrong each row "
            f"is; accuracy only counts rows on the right side.{_small(best.gain, surface)}"
        ),
        evidence={
            "parameter": best.name,
            "from": plain(best.start),
            "to": plain(best.end),
            "loss": [plain(v) for v in best.loss],
            "accuracy": [plain(v) for v in best.accuracy],
        },
        remedy="For probabilities, stop at the least loss; for decisions alone, choose the "
        "threshold on held-out rows after the fit.",
    )


def _small(gain: float, surface: Surface) -> str:
    if gain >= surface.standard_error:
        return ""
    return (
        f" The gain is within the standard error of an accuracy on so many rows, "
        f"{figure(surface.standard_error)}."
    )


def _stretches(curve: Curve) -> list[Stretch]:
    """Both ways from the least loss; a convex loss only grows on them."""
    start = int(np.flatnonzero(curve.value == curve.least)[0])
    found = []
    for way in (np.arange(start, -1, -1), np.arange(start, len(curve.value))):
        end = int(way[np.argmax(curve.accuracy[way])])
        found.append(
            Stretch(
                curve.name,
                float(curve.value[start]),
                float(curve.value[end]),
                (float(curve.loss[start]), float(curve.loss[end])),
                (float(curve.accuracy[start]), float(curve.accuracy[end])),
            )
        )
    return found
