"""Networks of other shapes and names; what is missing is said in one sentence."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import counterpoint as cp
from auditing import correct
from auditing.textbook import Network, sigmoid
from counterpoint.errors import InputError


class Columns:
    """The textbook's own interface: columns, lists of pairs, settings as arguments."""

    def __init__(self, sizes=(9, 6, 4), seed=0):
        rng = np.random.default_rng(seed)
        self.biases = [rng.normal(size=(b, 1)) for b in sizes[1:]]
        self.weights = [rng.normal(size=(b, a)) / 3 for a, b in pairwise(sizes)]

    def feedforward(self, a):
        for b, w in zip(self.biases, self.weights, strict=True):
            a = sigmoid(w @ a + b)
        return a

    def update_mini_batch(self, mini_batch, eta, lmbda, n):
        by_bias = [np.zeros(b.shape) for b in self.biases]
        by_weight = [np.zeros(w.shape) for w in self.weights]
        for x, y in mini_batch:
            hidden = sigmoid(self.weights[0] @ x + self.biases[0])
            error = sigmoid(self.weights[1] @ hidden + self.biases[1]) - y
            back = self.weights[1].T @ error * hidden * (1 - hidden)
            for layer, (e, a) in enumerate(((back, x), (error, hidden))):
                by_bias[layer] += e
                by_weight[layer] += e @ a.T
        rate = eta / len(mini_batch)
        self.weights = [
            (1 - eta * lmbda / n) * w - rate * g
            for w, g in zip(self.weights, by_weight, strict=True)
        ]
        self.biases = [b - rate * g for b, g in zip(self.biases, by_bias, strict=True)]

    def total_cost(self, data, lmbda, n):
        cost = 0.0
        for x, y in data:
            a = self.feedforward(x)
            cost -= float(np.sum(y * np.log(a) + (1 - y) * np.log(1 - a))) / len(data)
        return cost + lmbda / n / 2 * sum(float((w**2).sum()) for w in self.weights)

    def accuracy(self, data):
        return sum(self.feedforward(x).argmax() == y.argmax() for x, y in data)


class CopiesOnly:
    """Parameters by getter and setter, single precision, softmax and ReLU, labels as numbers."""

    def __init__(self):
        rng = np.random.default_rng(0)
        self._held = {
            "W1": rng.normal(size=(8, 7)).astype(np.float32) / 3,
            "b1": np.zeros(7, np.float32),
            "W2": rng.normal(size=(7, 3)).astype(np.float32) / 3,
            "b2": np.zeros(3, np.float32),
        }
        self.lr, self.weight_decay = 0.2, 0.02

    def get_params(self):
        return {name: array.copy() for name, array in self._held.items()}

    def set_params(self, values):
        self._held = dict(values)

    def forward(self, X):
        p = self._held
        self.hidden = np.maximum(X @ p["W1"] + p["b1"], 0)
        z = self.hidden @ p["W2"] + p["b2"]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, X, y):
        decay = sum((self._held[w] ** 2).sum() for w in ("W1", "W2"))
        return -np.log(self.forward(X)[np.arange(len(y)), y]).mean() + 0.01 * decay

    def train_step(self, X, y):
        p = self._held
        error = self.forward(X)
        error[np.arange(len(y)), y] -= 1
        error /= len(y)
        back = error @ p["W2"].T * (self.hidden > 0)
        slopes = {
            "W1": X.T @ back + self.weight_decay * p["W1"],
            "b1": back.sum(axis=0),
            "W2": self.hidden.T @ error + self.weight_decay * p["W2"],
            "b2": error.sum(axis=0),
        }
        self._held = {name: p[name] - self.lr * slopes[name] for name in p}


class AdamNetwork(Network):
    """Adam, with what its authors recommend."""

    def step(self, X, y):
        by_weight, by_bias = self.slopes(X, y)
        if not hasattr(self, "moments"):
            self.moments = [[np.zeros_like(v) for v in self.velocity] for _ in range(2)]
            self.t = 0
        self.t += 1
        for p, m, v, g in zip(
            self.weights + self.biases, *self.moments, by_weight + by_bias, strict=True
        ):
            m += 0.1 * (g - m)
            v += 0.001 * (g**2 - v)
            p -= self.eta * m / (1 - 0.9**self.t) / (np.sqrt(v / (1 - 0.999**self.t)) + 1e-8)


class DropoutNetwork(Network):
    """Dropout in training alone, from the global generator."""

    def slopes(self, X, y):
        kept = np.random.uniform(size=X.shape) < 0.8  # noqa: NPY002
        return super().slopes(X * kept / 0.8, y)


def test_the_textbooks_own_interface():
    report = cp.audit(Columns(), rate=0.5, lmbda=5.0, n_train=500)
    assert report.findings == ()
    assert "data: one sample a column, labels as one-hot vectors" in report.notes
    assert report.measured.sittings[0].motions[0].l2.value == pytest.approx(0.01, rel=1e-6)


def test_parameters_by_getter_and_setter_in_single_precision():
    assert cp.audit(CopiesOnly()).findings == ()


@pytest.mark.parametrize("kind", [AdamNetwork, DropoutNetwork])
def test_other_steps_that_are_right(kind):
    assert cp.audit(kind((9, 6, 4), eta=0.01)).findings == ()


class LabelsOneHotInTraining(Columns):
    """The textbook's own: the accuracy takes labels as numbers, training one-hot vectors."""

    def accuracy(self, data):
        return sum(int(self.feedforward(x).argmax() == y) for x, y in data)


class AccuracyOfAnotherKind(Columns):
    """What is called so takes something else: it is left out."""

    def accuracy(self, model, path):
        raise OSError


def test_an_accuracy_has_a_way_of_its_own_to_be_asked():
    said = {"rate": 0.5, "lmbda": 5.0, "n_train": 500}
    report = cp.audit(LabelsOneHotInTraining(), **said)
    assert report.findings == ()
    assert report.measured.evaluation.accuracy is not None
    report = cp.audit(AccuracyOfAnotherKind(), **said)
    assert report.findings == ()
    assert report.measured.evaluation.accuracy is None


def test_arrays_of_arrays_are_lists():
    network = Columns()
    network.weights = np.array([*network.weights, None], dtype=object)[:-1]
    assert cp.audit(network, rate=0.5, lmbda=5.0, n_train=500).findings == ()


def test_functions_in_place_of_methods():
    rng = np.random.default_rng(0)
    held = {"W": rng.normal(size=(6, 3)) / 3, "b": np.zeros(3)}

    class Plain:
        params = held

    def forward(X):
        e = np.exp(X @ held["W"] + held["b"])
        return e / e.sum(axis=1, keepdims=True)

    def step(X, y):
        error = (forward(X) - np.eye(3)[y]) / len(y)
        held["W"] -= 0.1 * X.T @ error
        held["b"] -= 0.1 * error.sum(axis=0)

    class Shared(Plain):
        def __deepcopy__(self, memo):
            return self

    report = cp.audit(Shared(), outputs=forward, step=step, rate=0.1, alpha=0.0)
    assert report.findings == ()


PERCEPTRONS = [right for right in correct.ALL if "MLPClassifier" in right.kind]


@pytest.mark.parametrize(
    "right",
    [
        pytest.param(right, marks=() if right.name == "solver sgd" else pytest.mark.slow)
        for right in PERCEPTRONS
    ],
    ids=lambda right: right.name,
)
def test_the_perceptron_of_scikit_learn_is_right(right):
    assert right.findings((8, 6, 3), 0) == right.expected


@pytest.mark.slow
def test_kinks_before_a_step_with_memory_are_no_fault():
    """Nesterov's step has two slopes in it, and units of ReLU may turn between either."""
    assert PERCEPTRONS[0].findings((64, 30, 10), 1) == []


def test_adam_of_scikit_learn_has_its_penalty_inside():
    from sklearn.datasets import load_iris
    from sklearn.neural_network import MLPClassifier

    X, y = load_iris(return_X_y=True)
    report = cp.audit(MLPClassifier((12,), alpha=1.0, random_state=0), X / 8, y)
    assert [f.name for f in report.findings] == ["adaptive_decay"]
    assert report.findings[0].evidence["strength"] == pytest.approx(1.0 / 11, rel=1e-3)


def test_the_network_itself_is_left_as_it_is():
    network = Network((9, 6, 4))
    before = [w.copy() for w in network.weights]
    cp.audit(network)
    assert all(map(np.array_equal, before, network.weights))


def test_the_same_seed_gives_the_same_report():
    network = Network((9, 6, 4), lmbda=3.0)
    assert repr(cp.audit(network, seed=4)) == repr(cp.audit(network, seed=4))


def test_a_report_is_text_and_json():
    report = cp.audit(Network((9, 6, 4), lmbda=3.0))
    assert "gradient descent" in str(report)
    assert "Nothing is wrong" in str(report)
    assert report.to_dict()["findings"] == []
    assert '"findings": []' in report.to_json()


class NoStep:
    weights, biases = [np.zeros((3, 2))], [np.zeros(2)]

    def cost(self, X, y):
        return 0.0


class Whole:
    weights, biases = [np.zeros((3, 2), int)], [np.zeros(2)]


class NotFinite(Network):
    def __init__(self):
        super().__init__((3, 2))
        self.weights[0][0, 0] = np.nan


class NoCost:
    weights, biases = [np.zeros((3, 2))], [np.zeros(2)]

    def step(self, X, y):
        pass


class Raises(NoStep):
    def step(self, X, y):
        raise ZeroDivisionError("of its own")


class AsksForRate:
    weights, biases = [np.zeros((3, 2))], [np.zeros(2)]

    def cost(self, X, y):
        return 0.0

    def update_mini_batch(self, mini_batch, eta):
        pass


class AsksForStrength(NoCost):
    def cost(self, X, y, weight_decay):
        return 0.0


class ColumnsThatFail:
    """Takes a sample a column alone, and has a fault of its own there."""

    weights, biases = [np.zeros((2, 9))], [np.zeros((2, 1))]

    def outputs(self, X):
        return self.weights[0] @ X + self.biases[0]

    def cost(self, X, y):
        return float(self.outputs(X).sum())

    def step(self, X, y):
        raise KeyError("of columns")


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (AsksForRate(), r"update_mini_batch\(\) of AsksForRate asks for eta.*pass rate="),
        (AsksForStrength(), r"cost\(\) of .* asks for weight_decay.*--alpha"),
        (ColumnsThatFail(), r"a sample a row \(ValueError: .*nor a column \(.*of columns"),
        (object(), "no parameters that can be found"),
        (3, "no parameters that can be found"),
        (NoStep(), "NoStep has no method for one update"),
        (NoCost(), "NoCost reports no cost"),
        (Raises(), "ZeroDivisionError: of its own"),
        (Whole(), "Whole.weights holds whole numbers"),
        (NotFinite(), r"weights\[0\] holds NaN"),
    ],
    ids=[
        "no rate",
        "no strength",
        "columns",
        "object",
        "number",
        "no step",
        "no cost",
        "raises",
        "whole",
        "not finite",
    ],
)
def test_what_is_missing_is_said(network, said):
    with pytest.raises(InputError, match=said):
        cp.audit(network)


@pytest.mark.parametrize(
    ("X", "y", "said"),
    [
        (np.ones((40, 9)), None, "labels are missing"),
        (np.ones((40, 9)), np.zeros(40), "1 classes"),
        (np.ones((40, 9)), np.arange(39) % 2, "39 labels"),
        (np.full((40, 9), np.nan), np.arange(40) % 2, "NaN"),
        ([["a"] * 9] * 40, np.arange(40) % 2, "no number"),
        (np.ones((4, 9)), np.arange(4) % 2, "4 rows"),
        (np.ones((40, 5)), np.arange(40) % 2, "5 features"),
    ],
)
def test_rows_that_do_not_fit(X, y, said):
    with pytest.raises(InputError, match=said):
        cp.audit(Network((9, 6, 4)), X, y)


@pytest.mark.parametrize(
    "said", [{"rate": float("nan")}, {"alpha": "0.1"}, {"l1_ratio": 2.0, "alpha": 0.1}], ids=str
)
def test_settings_that_can_not_be(said):
    with pytest.raises(InputError):
        cp.audit(Network((9, 6, 4)), **said)
