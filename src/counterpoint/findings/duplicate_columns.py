"""Columns that carry the same information, or nearly.

**When it appears.** Two columns have an absolute correlation of at least 0.999 on all rows.

**What it means.** The data can't tell which of the two deserves the weight. L2 splits it evenly
between exact copies of one scale, as two halves cost less than a whole and nothing. L1 costs the
same however the weight is split between them, so any split is a minimum and the one that is
reported is an accident of the solver. A mix splits evenly, as its L2 part does.

**What to do.** Predictions don't suffer. Drop one of each pair before reading weights.
"""

from __future__ import annotations

import numpy as np

from counterpoint.findings.chosen import choose
from counterpoint.findings.finding import Finding
from counterpoint.findings.words import count, figure, listing, strength
from counterpoint.fit.result import SweepFit

summary = "Some columns repeat each other."


def find(fit: SweepFit) -> Finding | None:
    """Name the pairs, and the weights they got at the strength that is recommended."""
    pairs = fit.facts.duplicates
    if not pairs:
        return None
    index = choose(fit).recommended.index
    column = {name: j for j, name in enumerate(fit.feature_names)}
    size = np.linalg.norm(fit.coef[index], axis=0)
    weights = [(float(size[column[a]]), float(size[column[b]])) for a, b, _ in pairs]
    exact = sum(abs(r) >= 1.0 - 1e-9 for _, _, r in pairs)
    how = {
        0.0: "L2 shares the weight out among such columns, evenly where they are copies.",
        1.0: "To L1 every split of the weight between copies costs the same, so the one reported "
        "is an accident.",
    }.get(fit.l1_ratio, "The L2 part of the mix shares the weight out among such columns.")
    first = pairs[0]
    return Finding(
        name="duplicate_columns",
        level="caution",
        title=f"{count(len(pairs), 'pair')} of columns say the same, or nearly",
        explanation=f"{listing([f'{a} and {b}' for a, b, _ in pairs])} have a correlation of at "
        f"least 0.999 in size ({exact} of them exact). {how} At alpha "
        f"{strength(float(fit.alphas[index]))} {first[0]} has weight {figure(weights[0][0])} and "
        f"{first[1]} {figure(weights[0][1])} (sizes, on the scale of the data: a copy in "
        "other units has other weights).",
        evidence={
            "pairs": [[a, b, r] for a, b, r in pairs],
            "weight_sizes": [list(pair) for pair in weights],
            "exact": exact,
            "alpha": float(fit.alphas[index]),
        },
        remedy="Predictions don't suffer. Drop one of each pair before you read the weights.",
    )
