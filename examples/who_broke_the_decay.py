"""Who broke the decay? A public log whose cost climbs from 12 to 175, and the step behind it.

First the log alone: what its numbers prove, and what they leave open. Then the audit of a network
that behaves so. It names the lines of thought that went wrong: the sign of the decay in the update,
and the number of rows that lambda is divided by in the evaluation.
Run it: python examples/who_broke_the_decay.py
"""

from __future__ import annotations

from textwrap import fill

import numpy as np
from sklearn.datasets import load_digits

import counterpoint as cp

#: The log as it was published: quadratic cost with L2, and right ones of 10,000.
COSTS = (11.94, 16.02, 21.62, 30.96, 45.75, 67.48, 97.56, 133.33, 174.71)
RIGHT = (7397, 7381, 7431, 7498, 7669, 7691, 7574, 7503, 7341)


class Network:
    """The textbook's network of sigmoids with quadratic cost and L2; two lines of it are wrong."""

    def __init__(self, sizes: tuple[int, ...], eta: float, lmbda: float, n_train: int) -> None:
        rng = np.random.default_rng(0)
        first, hidden, last = sizes
        self.weights = [
            rng.normal(size=(first, hidden)) / first**0.5,
            rng.normal(size=(hidden, last)) / hidden**0.5,
        ]
        self.biases = [np.zeros(hidden), np.zeros(last)]
        self.eta, self.lmbda, self.n_train = eta, lmbda, n_train

    def forward(self, X: np.ndarray) -> list[np.ndarray]:
        """Inputs, hidden units and outputs."""
        found = [X]
        for w, b in zip(self.weights, self.biases, strict=True):
            found.append(0.5 * (1.0 + np.tanh((found[-1] @ w + b) / 2.0)))
        return found

    def cost(self, X: np.ndarray, y: np.ndarray) -> float:
        """The cost that is logged. Its lambda is over the rows that are evaluated: a fault."""
        data_loss = ((self.forward(X)[-1] - np.eye(10)[y]) ** 2).sum(axis=1).mean() / 2.0
        squares = sum(float((w**2).sum()) for w in self.weights)
        return float(data_loss + self.lmbda / len(y) * squares / 2.0)

    def step(self, X: np.ndarray, y: np.ndarray) -> None:
        """One mini-batch. The decay is added where it has to be taken away: the other fault."""
        x, hidden, a = self.forward(X)
        error = (a - np.eye(10)[y]) * a * (1.0 - a) / len(y)
        back = error @ self.weights[1].T * hidden * (1.0 - hidden)
        grow = 1.0 + self.eta * self.lmbda / self.n_train
        for layer, (came_in, e) in enumerate(((x, back), (hidden, error))):
            self.weights[layer] = grow * self.weights[layer] - self.eta * came_in.T @ e
            self.biases[layer] = self.biases[layer] - self.eta * e.sum(axis=0)


def main() -> None:
    """The log, its diagnosis, and the audit of a network with that behaviour."""
    print("The log\n  epoch    cost  right of 10,000")
    for epoch, (cost, right) in enumerate(zip(COSTS, RIGHT, strict=True)):
        print(f"  {epoch:5}  {cost:6.2f}  {right}")

    print("\nWhat the log alone says")
    points: list[tuple[None, float, str, str, float]] = []
    for epoch, (cost, right) in enumerate(zip(COSTS, RIGHT, strict=True)):
        points += [(None, epoch, "", "loss", cost), (None, epoch, "", "accuracy", right / 10_000)]
    log = cp.runs.History.of_points(points)
    tell(cp.diagnose(log, classes=10, loss="quadratic").findings[:1])

    X, y = load_digits(return_X_y=True)
    network = Network((64, 30, 10), eta=0.5, lmbda=5.0, n_train=len(y))
    report = cp.audit(network, X / 16.0, y)
    print("\nWhat the audit of a network with that behaviour says")
    tell(report.findings)
    print(
        "\nThe line of thought that goes wrong: 'the penalty adds lambda/n * w to the slope, so it "
        "adds to the weights'.\nThe step goes against the slope: the same term is taken away. "
        "w = (1 - eta * lambda / n) * w - eta * slope."
    )


def tell(findings: tuple[cp.Finding, ...]) -> None:
    """Each finding in a paragraph or two."""
    for finding in findings:
        print(f"  {finding.level}: {finding.title}")
        for text in (finding.explanation, finding.doubt):
            if text:
                print(fill(text, 96, initial_indent="    ", subsequent_indent="    "))


if __name__ == "__main__":
    main()
