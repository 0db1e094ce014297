"""How fast each array follows its slopes, against the rate that it should have."""

from __future__ import annotations

import numpy as np

from counterpoint.findings.audits.factors import present
from counterpoint.probes.measured import Measured, Motion, Sitting

#: Relative difference up to which two factors are the same.
SAME = 0.01


def usual_rate(sitting: Sitting) -> float | None:
    """The rate that most arrays have, in size; None where no array's is known."""
    found = [abs(m.rate.value) for m in sitting.motions if m.known and present(m.rate)]
    return float(np.median(found)) if found else None


def ratios(measured: Measured, sitting: Sitting) -> dict[int, float]:
    """Rate over the one it should have, for each array whose rate is known: index → ratio.

    It should have the declared rate; where none is declared, or rates differ from step to step,
    that of most arrays.
    """
    usual = usual_rate(sitting)
    found = {}
    for k, (motion, declared) in enumerate(
        zip(sitting.motions, measured.declared.rates, strict=True)
    ):
        wanted = usual if sitting.model == "varying" else declared or usual
        if _told(motion) and wanted:
            found[k] = motion.rate.value / (wanted * _damping(motion, wanted))
    return found


def common(measured: Measured, sitting: Sitting) -> float | None:
    """The one ratio that all arrays have but those of rate 0; None where they differ."""
    values = [ratio for ratio in ratios(measured, sitting).values() if abs(ratio) > 1e-6]
    if not values or any(not m.exact for m in sitting.motions):
        return None
    middle = float(np.median(values))
    return middle if all(abs(v - middle) <= SAME * abs(middle) for v in values) else None


def _told(motion: Motion) -> bool:
    return motion.known and np.isfinite(motion.rate.error)


def _damping(motion: Motion, wanted: float) -> float:
    """Momentum may be an average: then slopes count 1 - momentum, which is no fault."""
    left = 1.0 - motion.momentum.value
    return left if abs(motion.rate.value / wanted - left) < 1e-3 * left else 1.0
