"""How does a cost grow from 12 to 175 while accuracy holds? A decay of the wrong sign does it.

The textbook's network (sigmoids, quadratic cost, L2) in plain NumPy on scikit-learn's digits. It is
trained for a while without a penalty, then on with decay as it should be, or with
w <- (1 + rate * alpha) w instead, and the two parts of the cost are shown apart. The mean of
|a - y|^2 / 2 over ten sigmoids is 5 at the most: all above that has to be penalty.
Run it: python examples/blow_up.py
"""

from __future__ import annotations

from textwrap import fill

import numpy as np
from sklearn.datasets import load_digits

import counterpoint as cp

HIDDEN, BEFORE, EPOCHS, BATCH = 30, 4, 9, 10
RATE, ALPHA = 0.171, 0.007  # alpha is the textbook's lambda / n

Weights = list[np.ndarray]


def main() -> None:
    """Train with the right sign and with the wrong one."""
    rng = np.random.default_rng(0)
    shapes = ((64, HIDDEN), (HIDDEN,), (HIDDEN, 10), (10,))
    begun: Weights = [rng.normal(size=shape) for shape in shapes]
    for epoch in range(BEFORE):
        learn(begun, epoch, rate=3.0, shrink=0.0)
    for sign, name in ((1, "Decay as it should be"), (-1, "Decay of the wrong sign")):
        print(f"{name}: w <- (1 {'-' if sign > 0 else '+'} rate * alpha) w - rate * gradient")
        print("  epoch  data loss  penalty     cost  accuracy")
        weights, rows = [w.copy() for w in begun], []
        for epoch in range(EPOCHS):
            learn(weights, epoch, RATE, shrink=sign * RATE * ALPHA)
            rows.append(judged(weights))
            data_loss, penalty, accuracy = rows[-1]
            cost = data_loss + penalty
            print(f"  {epoch:5}  {data_loss:9.3f}  {penalty:7.2f}  {cost:7.2f}  {accuracy:8.3f}")
        factor = (rows[-1][1] / rows[0][1]) ** (1 / (EPOCHS - 1))
        print(f"  The penalty is multiplied by {factor:.2f} every epoch.\n")
    print(f"What the last line alone proves: cost {cost:.1f}, accuracy {accuracy:.3f}\n")
    reading = cp.read(loss=cost, accuracy=accuracy, classes=10, loss_name="quadratic")
    for finding in reading.findings:
        print(finding.title)
        print(fill(finding.explanation, 96, initial_indent="  ", subsequent_indent="  "))


def learn(weights: Weights, epoch: int, rate: float, shrink: float) -> None:
    """One epoch of the textbook's gradient descent, in place."""
    w1, b1, w2, b2 = weights
    x, target = TRAIN
    order = np.random.default_rng(epoch).permutation(len(x))
    for batch in np.array_split(order, len(x) // BATCH):
        a1 = sigmoid(x[batch] @ w1 + b1)
        a2 = sigmoid(a1 @ w2 + b2)
        error = (a2 - target[batch]) * a2 * (1 - a2) / len(batch)
        hidden = (error @ w2.T) * a1 * (1 - a1)
        for w, slope in ((w2, a1.T @ error), (w1, x[batch].T @ hidden)):
            w *= 1 - shrink
            w -= rate * slope
        b2 -= rate * error.sum(axis=0)
        b1 -= rate * hidden.sum(axis=0)


def judged(weights: Weights) -> tuple[float, float, float]:
    """Data loss, penalty and accuracy on the rows held out."""
    w1, b1, w2, b2 = weights
    x, target = TEST
    a = sigmoid(sigmoid(x @ w1 + b1) @ w2 + b2)
    data_loss = ((a - target) ** 2).sum(axis=1).mean() / 2
    penalty = ALPHA / 2 * ((w1**2).sum() + (w2**2).sum())
    accuracy = (a.argmax(axis=1) == target.argmax(axis=1)).mean()
    return float(data_loss), float(penalty), float(accuracy)


def rows() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """1,400 digits to train on and 397 to judge on, with one-hot targets."""
    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    x, target = X[order] / 16.0, np.eye(10)[y[order]]
    return (x[:1400], target[:1400]), (x[1400:], target[1400:])


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1 / (1 + e^-z), without overflow."""
    return 0.5 * (1.0 + np.tanh(z / 2.0))


TRAIN, TEST = rows()

if __name__ == "__main__":
    main()
