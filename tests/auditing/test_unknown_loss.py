"""Networks whose data loss nobody names: which it is, is found from the step."""

from __future__ import annotations

import numpy as np
import pytest

import counterpoint as cp
from auditing.textbook import Network


class Margins:
    """Squared margins of each wrong class over the right one: a loss that has no usual name."""

    sign, derivative = 1.0, True

    def __init__(self, sizes=(9, 6, 4)):
        rng = np.random.default_rng(0)
        first, hidden, last = sizes
        self.W = [rng.normal(size=(first, hidden)) / 3, rng.normal(size=(hidden, last)) / 3]
        self.b = [np.zeros(hidden), np.zeros(last)]
        self.lr, self.reg = 0.01, 0.01

    def forward(self, X):
        self.h = np.tanh(X @ self.W[0] + self.b[0])
        return self.h @ self.W[1] + self.b[1]

    def short(self, X, y):
        z, own = self.forward(X), np.arange(len(y))
        short = np.maximum(0.0, 1.0 + z - z[own, y][:, None])
        short[own, y] = 0.0
        return short

    def loss(self, X, y):
        decay = self.reg / 2 * sum((w**2).sum() for w in self.W)
        return (self.short(X, y) ** 2).sum() / len(y) + decay

    def step(self, X, y):
        error = 2.0 * self.short(X, y) / len(y)
        error[np.arange(len(y)), y] = -error.sum(axis=1)
        back = error @ self.W[1].T * (1.0 - self.h**2 if self.derivative else 1.0)
        for layer, (a, e) in enumerate(((X, back), (self.h, error))):
            slope = a.T @ e + self.sign * self.reg * self.W[layer]
            self.W[layer] -= self.lr * slope
            self.b[layer] -= self.lr * e.sum(axis=0)


class MarginsGrow(Margins):
    sign = -1.0


class MarginsDecayTwice(Margins):
    sign = 2.0


class MarginsDerivativeForgotten(Margins):
    derivative = False


def found(network, **said):
    return {f.name: f.evidence["where"] for f in cp.audit(network, **said).findings}


def test_a_loss_of_ones_own_is_held_against_the_step_as_it_is_reported():
    report = cp.audit(Margins())
    assert report.findings == ()
    assert "The reported cost is taken as it is" in str(report)


def test_a_fault_before_its_outputs_is_found():
    assert found(MarginsDerivativeForgotten()) == {"wrong_gradient": ["W[0]", "b[0]"]}


@pytest.mark.parametrize(
    ("network", "title", "strength"),
    [
        (MarginsGrow(), "The step's L2 decay is weaker than that of the reported cost", -0.02),
        (MarginsDecayTwice(), "The step has an L2 decay that is not in the reported cost", 0.01),
    ],
    ids=["weaker", "stronger"],
)
def test_the_difference_of_two_strengths_is_told(network, title, strength):
    (finding,) = cp.audit(network).findings
    assert (finding.title, finding.evidence["where"]) == (title, ["W[0]", "W[1]"])
    assert finding.evidence["strength"] == pytest.approx(strength, rel=1e-3)


class WithoutCost(Network):
    """As in the textbooks' first chapter: a step and outputs, and no cost."""

    cost = None


class WithoutCostOrDerivative(WithoutCost):
    def hidden_error(self, error, layer, a):
        return error @ self.weights[layer + 1].T


class CostAlone(Network):
    """Neither outputs nor data loss under a usual name."""

    outputs = None

    def loss_per_row(self, X, y):
        a, t = self.activations(X)[-1], self.target(y)
        return ((a - t) ** 2).sum(axis=1)

    def output_error(self, a, t):
        return 2.0 * (a - t) * a * (1 - a)

    accuracy = None


def test_without_a_cost_the_loss_is_the_one_that_the_step_descends():
    for cost, label in (("quadratic", "quadratic cost"), ("bce", "binary cross-entropy")):
        report = cp.audit(WithoutCost((9, 6, 4), cost=cost))
        assert report.findings == ()
        assert f"No cost is reported. The step descends the {label}" in str(report)


def test_a_fault_before_the_outputs_is_found_without_a_cost():
    wrong = WithoutCostOrDerivative((9, 6, 4))
    assert found(wrong) == {"wrong_gradient": ["weights[0]", "biases[0]"]}


def test_which_multiple_of_a_loss_is_meant_is_not_guessed():
    class Twice(WithoutCost):
        def slopes(self, X, y):
            return tuple([2 * g for g in part] for part in super().slopes(X, y))

    assert found(Twice((9, 6, 4))) == {}


def test_a_cost_alone():
    assert found(CostAlone((9, 6, 4), lmbda=5.0)) == {}
