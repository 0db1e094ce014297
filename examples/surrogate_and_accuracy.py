"""How does a loss relate to accuracy, and why is the minimum of one not the minimum of the other?

Three answers on small data: five points that a logistic regression gets wrong though a line would
get four right; a hundred rows on which accuracy goes on rising while the loss rises; and ten
thousand on which the two minima meet. Then how fast they meet, and a case in which they never do.

Run it anywhere: `python surrogate_and_accuracy.py`. It takes about half a minute.
"""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

import counterpoint as cp

SEEDS = 20


def main() -> None:
    five_points()
    one_sample(100, slope=0.3, intercept=0.5, seed=0)
    one_sample(10_000, slope=1.0, intercept=0.0, seed=0)
    shrinking("the model is right", outliers=0.0)
    shrinking("the model is wrong, as a tenth of the zeros lie at x = 3", outliers=0.1)


def five_points() -> None:
    x, y = np.array([-1, -0.3, 0, 0.9, 1]), np.array([0, 0, 1, 0, 1])
    found = cp.landscape(x[:, None], y).surface
    slope, intercept = found.surrogate.a, found.surrogate.b
    losses = np.logaddexp(0, -(2 * y - 1) * (slope * x + intercept))
    print("Five points: x = -1, -0.3, 0, 0.9, 1 of classes 0, 0, 1, 0, 1")
    print(f"  least cross-entropy: slope {slope:.3f}, cut {-intercept / slope:.3f}")
    print("  cross-entropies:", " ".join(f"{loss:.2f}" for loss in losses))
    print(f"  accuracy there {found.surrogate.accuracy:g}, at best {found.exact.accuracy:g}: cuts")
    for cut in found.whole.cuts:
        print(f"    from {cut.low:g} to {cut.high:g}")
    for cut in (-0.1, 0.95):
        print(f"    so at {cut:g} accuracy is {np.mean((x > cut) == y):g}")
    print()


def sample(n: int, slope: float, intercept: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """x standard normal, and classes that a logistic model describes exactly."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return x[:, None], (rng.random(n) < 1 / (1 + np.exp(-slope * x - intercept))).astype(int)


def one_sample(n: int, slope: float, intercept: float, seed: int) -> None:
    surface = cp.landscape(*sample(n, slope, intercept, seed)).surface
    print(f"A sample of {n:,} with slope {slope:g} and intercept {intercept:g}")
    for name, point in (("least log loss", surface.surrogate), ("most accurate", surface.exact)):
        print(
            f"  {name:>14}: slope {point.a:.3f}, intercept {point.b:.3f}, cut "
            f"{-point.b / point.a:.3f}; log loss {point.loss:.4f}, accuracy {point.accuracy:.4f}"
        )
    along = surface.curves[1]
    start, best = int(np.argmin(along.loss)), int(np.argmax(along.accuracy))
    value, accuracy, loss = along.value, along.accuracy, along.loss
    print(
        f"  Along the intercept, from {value[start]:.3f} to {value[best]:.3f}, accuracy rises from "
        f"{accuracy[start]:.4f} to {accuracy[best]:.4f}\n"
        f"  while log loss rises from {loss[start]:.4f} to {loss[best]:.4f}.\n"
    )


def shrinking(name: str, outliers: float) -> None:
    """Distance of the two cuts, and accuracy given away, as rows are added; over many seeds."""
    print(f"Over {SEEDS} samples each, slope 1 and intercept 0: {name}")
    print("        n   distance of the cuts   accuracy given away   (mean, 95% interval)")
    for n in (100, 1_000, 10_000, 100_000):
        apart, lost = np.empty(SEEDS), np.empty(SEEDS)
        for seed in range(SEEDS):
            x, y = sample(n, 1.0, 0.0, seed)
            x[(y == 0) & (np.random.default_rng([seed]).random(n) < outliers)] = 3.0
            logistic = LogisticRegression(C=1e10).fit(x, y)
            exact = cp.zero_one(x, y)
            cut = -float(logistic.intercept_[0] / logistic.coef_[0, 0])
            apart[seed] = abs(cut - -exact.intercept / float(exact.coef[0]))
            lost[seed] = exact.accuracy - logistic.score(x, y)
        print(f"  {n:>7,}   {interval(apart):<20}   {interval(lost)}")
    print()


def interval(values: np.ndarray) -> str:
    half = 2.093 * values.std(ddof=1) / np.sqrt(len(values))  # t of 19 degrees of freedom
    return f"{values.mean():.4f} ± {half:.4f}"


if __name__ == "__main__":
    main()
