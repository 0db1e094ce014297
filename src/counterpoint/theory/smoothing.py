"""Label smoothing: what a loss over smoothed labels can be at an accuracy."""

from __future__ import annotations

import numpy as np

from counterpoint.theory.region import Range, calibrated_losses


def smoothed_log_losses(accuracy: float, smoothing: float, n_classes: int) -> Range:
    """Bounds on the log loss of a model that predicts the smoothed labels' frequencies.

    With smoothing ε a label y becomes (1 - ε) 1[j = y] + ε/K (Szegedy and others 2016,
    doi:10.1109/CVPR.2016.308), and the best prediction q of a calibrated p is (1 - ε) p + ε/K. Its
    loss over the smoothed labels is the entropy of q, whose greatest element is (1 - ε) times the
    accuracy plus ε/K on average: the band of that accuracy holds, and so does the entropy at the
    least, that of a certain p.

    Examples
    --------
    >>> low, high = smoothed_log_losses(0.99, 0.1, 10)
    >>> print(f"{low:.3f} to {high:.3f}")
    0.500 to 0.540
    """
    share = smoothing / n_classes
    low, high = calibrated_losses((1.0 - smoothing) * accuracy + share, "log", n_classes)
    # A certain p spreads what smoothing takes evenly: it attains the greatest entropy there is.
    certain = calibrated_losses(1.0 - smoothing + share, "log", n_classes).high
    return Range(np.maximum(low, certain), high)
