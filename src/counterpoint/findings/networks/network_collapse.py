"""From some strength on the networks name the most frequent class alone.

**When it appears.** At the last epoch every member of the strongest alphas gives every validation
row one and the same class.

**Why.** The penalty has shrunk the weights until inputs hardly reach the outputs; the biases,
which are free, settle at the base rates. The same shows where training has not begun to move: then
it is the weak strengths too.

**What to do.** Keep to weaker strengths. Where all alphas collapse, look at the learning rate and
the scale of the columns first.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import share, strength
from counterpoint.fit.nets.result import PopulationFit

summary = "From some strength on the networks name one class for every row."


def find(fit: PopulationFit) -> Finding | None:
    """Find the weakest alpha from which on every member names one class."""
    if fit.validation is None:
        return None
    held = fit.validation.last
    one_class = (held.predicted == held.predicted[:, :1]).all(axis=1)
    finite = np.isfinite(held.raw).all(axis=(1, 2))
    dead = (one_class & finite).reshape(len(fit.alphas), -1).all(axis=1)
    from_here = np.flatnonzero(np.logical_and.accumulate(dead[::-1])[::-1])
    if not len(from_here):
        return None
    first = int(from_here[0])
    alpha = strength(float(fit.alphas[first]))
    most = float(held.correct.mean(axis=1)[first * len(fit.settings.seeds)])
    whole = first == 0
    return Finding(
        name="network_collapse",
        level="problem" if whole else "caution",
        title="At every strength the networks name one class for every row"
        if whole
        else f"From alpha {alpha} on the networks name one class for every row",
        explanation=f"{'At every alpha' if whole else f'From alpha {alpha} on'} each validation "
        f"row gets the same class, so that accuracy is that class's share, {share(most)}.",
        evidence={"alpha": float(fit.alphas[first]), "accuracy": most},
        remedy="Scale the columns, change the learning rate, or train longer."
        if whole
        else f"Keep to strengths below {alpha}.",
        doubt="Too strong a penalty and too timid a start look alike here; the weight norms over "
        "the epochs tell them apart."
        if whole
        else "",
    )
