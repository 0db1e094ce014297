"""Networks that behave otherwise in training than in evaluation, and hidden states."""

from __future__ import annotations

import numpy as np
import pytest

import counterpoint as cp
from auditing.textbook import Network


class Normalised:
    """One hidden layer, normalised over the batch in training, by running means in evaluation."""

    whole_slope = True

    def __init__(self, sizes=(9, 6, 4)):
        rng = np.random.default_rng(0)
        first, hidden, last = sizes
        self.params = {
            "W1": rng.normal(size=(first, hidden)) / 3,
            "gamma1": np.ones(hidden),
            "beta1": np.zeros(hidden),
            "W2": rng.normal(size=(hidden, last)) / 3,
            "b2": np.zeros(last),
        }
        self.mean, self.var, self.lr = np.zeros(hidden), np.ones(hidden), 0.1

    def forward(self, X, training=False):
        p = self.params
        z = X @ p["W1"]
        mean, var = (z.mean(axis=0), z.var(axis=0)) if training else (self.mean, self.var)
        if training:
            self.mean, self.var = 0.9 * self.mean + 0.1 * mean, 0.9 * self.var + 0.1 * var
        self.size = np.sqrt(var + 1e-5)
        self.n = (z - mean) / self.size
        self.h = np.tanh(self.n * p["gamma1"] + p["beta1"])
        e = np.exp(self.h @ p["W2"] + p["b2"])
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, X, y):
        return -np.log(self.forward(X)[np.arange(len(y)), y]).mean()

    def train_step(self, X, y):
        p = self.params
        error = (self.forward(X, training=True) - np.eye(4)[y]) / len(y)
        back = error @ p["W2"].T * (1 - self.h**2)
        through = back * p["gamma1"]
        if self.whole_slope:
            through = through - through.mean(axis=0) - self.n * (through * self.n).mean(axis=0)
        slopes = {
            "W1": X.T @ (through / self.size),
            "gamma1": (back * self.n).sum(axis=0),
            "beta1": back.sum(axis=0),
            "W2": self.h.T @ error,
            "b2": error.sum(axis=0),
        }
        for name, slope in slopes.items():
            p[name] -= self.lr * slope


class MeansTakenForConstants(Normalised):
    """The slopes of mean and variance are left out."""

    whole_slope = False


class ReportedInTraining(Normalised):
    """Means are kept as they were, but those of the batch are used."""

    def loss(self, X, y):
        kept = self.mean, self.var
        p = self.forward(X, training=True)[np.arange(len(y)), y]
        self.mean, self.var = kept
        return -np.log(p).mean()


class SteppedInEvaluation(Normalised):
    """The step uses running means where those of the batch are meant."""

    whole_slope, stepping = False, False

    def forward(self, X, training=False):
        return super().forward(X, training=training and not self.stepping)

    def train_step(self, X, y):
        self.stepping = True
        super().train_step(X, y)
        self.stepping = False


class ModesUnseen(Normalised):
    """Nothing tells training from evaluation."""

    def forward(self, X):
        return super().forward(X)

    def train_step(self, X, y):
        self.forward = lambda X, training: Normalised.forward(self, X, training=True)
        super().train_step(X, y)
        del self.forward


class Dropout(Network):
    """Dropout of the inputs by a generator of its own, unless it is told to evaluate."""

    def __init__(self, sizes):
        super().__init__(sizes, cost="bce")
        self.training, self.rng = True, np.random.default_rng(0)

    def activations(self, X):
        if self.training:
            X = X * (self.rng.uniform(size=X.shape) < 0.5) * 2
        return super().activations(X)


class DropoutOff(Dropout):
    """It switches to evaluation where it evaluates."""

    def cost(self, X, y):
        self.training = False
        cost = super().cost(X, y)
        self.training = True
        return cost

    def accuracy(self, X, y):
        self.training = False
        accuracy = super().accuracy(X, y)
        self.training = True
        return accuracy


def found(network):
    return {f.name: f.evidence["where"] for f in cp.audit(network).findings}


def test_a_normalisation_with_an_argument_for_its_mode():
    assert found(Normalised()) == {}
    assert found(MeansTakenForConstants()) == {"wrong_gradient": ["W1"]}
    assert found(ReportedInTraining()) == {"reported_loss": ["cost"]}


def test_a_step_in_evaluation_mode():
    report = cp.audit(SteppedInEvaluation())
    assert [f.title for f in report.findings] == ["The step is taken in evaluation mode"]


def test_dropout_that_evaluation_switches_off_is_no_fault():
    report = cp.audit(DropoutOff((9, 6, 4)))
    assert report.findings == ()
    assert "random numbers of its own" in str(report)


def test_dropout_in_evaluation():
    said = {"not_repeatable": ["cost"], "accuracy_elsewhere": ["accuracy"]}
    assert found(Dropout((9, 6, 4))) == said


def test_outputs_that_depend_on_more_than_the_parameters_are_not_held_against_the_step():
    report = cp.audit(ModesUnseen())
    assert report.findings == ()
    assert "changes more than these parameters" in str(report)
    assert report.to_dict()["step"]["slopes_comparable"] is False


@pytest.mark.parametrize("name", ["Dropout", "BatchNormalization"])
@pytest.mark.peer
def test_modes_of_keras(name):
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    layer = keras.layers.Dropout(0.5) if name == "Dropout" else keras.layers.BatchNormalization()
    parts = [keras.layers.Dense(6, "tanh"), layer, keras.layers.Dense(4, "softmax")]
    model = keras.Sequential([keras.layers.Input((9,)), *parts])
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    X, y = rng.uniform(size=(60, 9)).astype(np.float32), rng.permutation(np.arange(60) % 4)
    assert cp.audit(model, X, y, rate=0.1, alpha=0.0).findings == ()
