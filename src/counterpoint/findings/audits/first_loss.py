"""The first loss is far above that of an even guess.

**When it appears.** The data loss of the network as it was given is more than twice that of
giving every class the same probability.

**What it means.** Of a fresh network: its first weights are so large that it is sure of itself
before it has seen anything, and the first epochs are spent on unlearning that. Of a trained one:
it was given on other data.

**What to do.** Scale the first weights by one over the root of the number of inputs.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import figure
from counterpoint.probes.measured import Measured

summary = "The first loss is far above that of an even guess."

#: How many times the even guess's loss.
FAR = 2.0


def find(measured: Measured) -> Finding | None:
    """Find a network that starts far above the even guess."""
    first, even = measured.sanity.first_loss, measured.sanity.uniform_loss
    if first is None or even is None or first <= FAR * even:
        return None
    return Finding(
        name="first_loss",
        level="note",
        title=f"The first loss is {figure(first)}, far above an even guess's {figure(even)}",
        explanation=f"The network as it was given has a data loss of {figure(first)}; giving every "
        f"class the same probability has {figure(even)}.",
        evidence={"where": ["start"], "first_loss": first, "even_guess": even},
        remedy="Scale the first weights by one over the root of the number of inputs.",
        doubt="A trained network that is given other data starts high as well.",
    )
