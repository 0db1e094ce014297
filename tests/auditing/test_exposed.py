"""Gradients that the code exposes: they say where a fault lies, and never make one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import counterpoint as cp
from auditing.broken import CASES, SIZES, Case, name_of
from auditing.test_broken import CORRECT, SMALL
from auditing.test_forms import Columns
from auditing.textbook import Network

#: Findings that a gradient can say something of.
TOLD = (
    *("wrong_gradient", "step_scale", "other_loss"),
    *("decay_sign", "decay_strength", "decay_kind", "decay_on_biases"),
)
FAULTS = [case for case in CASES if case.finding in TOLD]
OF_DECAY = [case for case in FAULTS if case.finding.startswith("decay_")]
#: One of each finding, that is tried each time; the others are slow tests.
QUICK = (
    *("FirstLayerClimbs", "SumForMean-cost=bce", "OutputDerivativeForgotten"),
    *("DecayTwice-momentum=0.9", "SignForWeight", "BiasesDecay"),
)


def some(cases):
    """Each case as a parameter, slow unless it is one of the quick ones."""
    return [
        pytest.param(c, id=name_of(c), marks=() if name_of(c) in QUICK else pytest.mark.slow)
        for c in cases
    ]


def clean(net: Network) -> Network:
    """A correct network with the same parameters."""
    own = Network([len(net.weights[0]), *map(len, net.biases)], cost=net.kind)
    vars(own).update({name: vars(net)[name] for name in vars(own)})
    return own


def own_slopes(net, X, y):
    return net.slopes(X, y)


def right_slopes(net, X, y):
    return clean(net).slopes(X, y)


def with_penalty(of, net, X, y):
    """Gradients of the whole cost, with the decay that ``of`` has."""
    by_weight, by_bias = clean(net).slopes(X, y)
    return (
        [g + of.decay(w) for g, w in zip(by_weight, net.weights, strict=True)],
        [g + of.bias_decay(b) for g, b in zip(by_bias, net.biases, strict=True)],
    )


def own_whole(net, X, y):
    return with_penalty(net, net, X, y)


def right_whole(net, X, y):
    return with_penalty(clean(net), net, X, y)


def exposing(kind: type, gradients, name: str = "gradients") -> Any:
    return type(kind.__name__, (kind,), {name: gradients})


def audited(case: Case, gradients, sizes, seed=0):
    network = replace(case, kind=exposing(case.kind, gradients)).make(sizes, seed)
    return cp.audit(network, seed=seed)


def fault_in(report, case: Case) -> object:
    found = {finding.name: finding for finding in report.findings}[case.finding]
    return found.evidence["fault_in"]


# Where the fault lies, both ways


def lies_in_own(case: Case) -> str:
    """A gradient of the data loss alone knows nothing of decay."""
    return "update" if case in OF_DECAY else "gradient"


@pytest.mark.parametrize("case", some(FAULTS))
def test_a_fault_that_the_gradient_shows_lies_there(case):
    assert fault_in(audited(case, own_slopes, SMALL), case) == lies_in_own(case)


@pytest.mark.parametrize("case", some(FAULTS))
def test_beside_a_right_gradient_the_update_is_at_fault(case):
    assert fault_in(audited(case, right_slopes, SMALL), case) == "update"


#: A step that reads the number of rows, or the array itself, is another at another decay.
WHOLE = [case for case in OF_DECAY if case.kind.__name__ != "LambdaOverBatch"]


@pytest.mark.parametrize("case", some(WHOLE))
def test_a_wrong_penalty_in_the_gradient_lies_there(case):
    whole = fault_in(audited(case, own_whole, SMALL), case)
    # A penalty that is missing from both is the update's to add, for all that is known.
    missing = case.kind.__name__ in ("DecayForgotten", "DecayOfFirstLayerOnly")
    assert whole == ("update" if missing else "gradient")


#: Of biases the penalty is none: the whole cost has the data loss's gradient there.
OF_WEIGHTS = [case for case in OF_DECAY if case.finding != "decay_on_biases"]


@pytest.mark.parametrize("case", some(OF_WEIGHTS))
def test_beside_a_right_penalty_in_the_gradient_the_update_is_at_fault(case):
    assert fault_in(audited(case, right_whole, SMALL), case) == "update"


@pytest.mark.slow
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("case", FAULTS, ids=name_of)
def test_larger_networks(case, sizes):
    assert fault_in(audited(case, own_slopes, sizes, seed=1), case) == lies_in_own(case)
    assert fault_in(audited(case, right_slopes, sizes, seed=1), case) == "update"


# Ways to hand gradients over


def per_sample(net, X, y):
    return [net.slopes(X[i : i + 1], y[i : i + 1]) for i in range(len(y))]


def stacked(net, X, y):
    each = per_sample(net, X, y)
    return tuple(
        [np.stack([one[part][layer] for one in each]) for layer in range(len(net.biases))]
        for part in (0, 1)
    )


def summed(net, X, y):
    return tuple([g * len(y) for g in part] for part in net.slopes(X, y))


def downhill(net, X, y):
    return tuple([-g for g in part] for part in net.slopes(X, y))


def biases_first(net, X, y):
    by_weight, by_bias = net.slopes(X, y)
    return [b[:, None] for b in by_bias], by_weight


def layers(net, X, y):
    return list(zip(*net.slopes(X, y), strict=True))


def from_the_outputs(net, X, y):
    return layers(net, X, y)[::-1]


def by_name(net, X, y):
    by_weight, by_bias = net.slopes(X, y)
    named = {f"dweights[{k}]": g for k, g in enumerate(by_weight)}
    return named | {f"dbiases[{k}]": g for k, g in enumerate(by_bias)} | {"hidden": by_weight[0]}


def with_loss(net, X, y):
    return float(net.data_part(X, y)), net.slopes(X, y)


def as_objects(net, X, y):
    found = []
    for part in net.slopes(X, y):
        kept = np.empty(len(part), dtype=object)
        kept[:] = part
        found.append(kept)
    return found


def left_behind(net, X, y):
    net.dW, net.db = net.slopes(X, y)


WAYS = {
    "own_whole": own_whole,
    **{
        way.__name__: way
        for way in (
            *(own_slopes, per_sample, stacked, summed, downhill, biases_first, layers),
            *(from_the_outputs, by_name, with_loss, as_objects, left_behind),
        )
    },
}
FACTORS = {"summed": 11.0, "downhill": -1.0}
FORGOTTEN = next(case for case in CASES if case.kind.__name__ == "HiddenDerivativeForgotten")
SQUARE = (5, 4, 4, 3)


@pytest.mark.parametrize("name", WAYS)
def test_every_way_is_understood(name):
    report = cp.audit(exposing(Network, WAYS[name])(SQUARE, lmbda=5.0))
    assert report.findings == ()
    for sitting in report.measured.sittings:
        assert all(own.exact and own.followed for own in sitting.exposed)
        found = [own.factor.value for own in sitting.exposed]
        assert found == pytest.approx([FACTORS.get(name, 1.0)] * 6, rel=1e-3)
    strength = report.measured.sittings[0].exposed[0].l2.value
    assert strength == pytest.approx(0.01 if name == "own_whole" else 0.0, abs=1e-6)
    assert "gradients: gradients()" in report.notes


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in WAYS if name != "own_whole"])
def test_every_way_says_where_a_fault_lies(name):
    assert fault_in(audited(FORGOTTEN, WAYS[name], SQUARE), FORGOTTEN) == "gradient"


@pytest.mark.slow
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("options", CORRECT, ids=str)
def test_correct_code_is_met_with_silence(options, sizes):
    for seed, way in enumerate((own_slopes, right_whole, summed, downhill, per_sample)):
        network = exposing(Network, way)(sizes, seed=seed, **options)
        assert cp.audit(network, seed=seed).findings == ()


class Backprop(Columns):
    """The textbook's: of one sample in columns, biases first."""

    back = True

    def backprop(self, x, y):
        hidden = 1 / (1 + np.exp(-self.weights[0] @ x - self.biases[0]))
        error = 1 / (1 + np.exp(-self.weights[1] @ hidden - self.biases[1])) - y
        back = self.weights[1].T @ error * (hidden * (1 - hidden) if self.back else 1.0)
        return [back, error], [back @ x.T, error @ hidden.T]


def test_back_propagation_of_one_sample():
    said = {"rate": 0.5, "lmbda": 5.0, "n_train": 500}
    report = cp.audit(Backprop(), **said)
    assert report.findings == ()
    assert "gradients: backprop(), one sample at a time" in report.notes
    assert "The gradient that the code exposes is 1.00 x slope." in str(report)
    assert [own["factor"] for own in report.to_dict()["step"]["exposed"]] == pytest.approx(
        [1.0] * 4
    )
    # A gradient that the step does not use is wrong at no cost.
    network = Backprop()
    network.back = False
    report = cp.audit(network, **said)
    assert report.findings == ()
    assert "it is unlike the slopes in weights[0] and biases[0]" in " ".join(str(report).split())


class KeepsGradients(Network):
    """Attributes after a step, and a method of another kind that has the usual name."""

    turned = 1.0

    def step(self, X, y):
        self.weight_gradients, self.bias_gradients = self.slopes(X, y)
        before = [w.copy() for w in self.weights]
        super().step(X, y)
        for w, was in zip(self.weights, before, strict=True):
            w[...] = was + self.turned * (w - was)

    def backward(self, output_error):
        raise AssertionError


def test_gradients_that_a_step_leaves_behind():
    report = cp.audit(KeepsGradients(SMALL))
    assert report.findings == ()
    assert "gradients: attributes after a step" in report.notes
    network = KeepsGradients(SMALL)
    network.turned = -1.0
    found = cp.audit(network).findings[0]
    assert (found.name, found.evidence["fault_in"]) == ("wrong_gradient", "update")
    assert "the fault lies in what the update does with it" in found.explanation


def test_stale_attributes_are_no_gradients():
    class Stale(Network):
        def __init__(self, sizes):
            super().__init__(sizes)
            self.dW = [np.ones_like(w) for w in self.weights]
            self.db = [np.ones_like(b) for b in self.biases]

    report = cp.audit(Stale(SMALL))
    assert report.findings == ()
    assert not report.measured.exposes


def test_arrays_by_the_name_of_their_parameter():
    class Named:
        def __init__(self):
            rng = np.random.default_rng(0)
            self.W1, self.b1, self.lr = rng.normal(size=(6, 3)) / 3, np.zeros(3), 0.2
            self.W1_grad, self.b1_grad = np.zeros((6, 3)), np.zeros(3)

        def forward(self, X):
            e = np.exp(X @ self.W1 + self.b1)
            return e / e.sum(axis=1, keepdims=True)

        def step(self, X, y):
            error = (self.forward(X) - np.eye(3)[y]) / len(y)
            self.W1_grad, self.b1_grad = X.T @ error, error.sum(axis=0)
            self.W1 -= self.lr * self.W1_grad
            self.b1 -= self.lr * self.b1_grad

    report = cp.audit(Named(), alpha=0.0)
    assert report.findings == ()
    assert [t.name for t in report.measured.tensors] == ["W1", "b1"]
    assert all(own.exact for own in report.measured.sittings[0].exposed)


def test_a_function_in_place_of_a_method():
    network = Network(SMALL)
    report = cp.audit(network, gradients=lambda X, y: summed(network, X, y))
    # It is of the network that was given, whose copy is audited: unlike, and of no consequence.
    assert report.findings == ()
    assert not any(own.exact for own in report.measured.sittings[0].exposed)


# What does harm


def crashes(net, X, y):
    raise ZeroDivisionError("of its own")


def too_few(net, X, y):
    return net.slopes(X, y)[0][:1]


def trains(net, X, y):
    found = net.slopes(X, y)
    net.step(X, y)
    return found


def not_finite(net, X, y):
    return tuple([g * np.nan for g in part] for part in net.slopes(X, y))


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (crashes, "ZeroDivisionError: of its own"),
        (too_few, "where the parameters have other shapes"),
        (trains, "gradients() changes the parameters"),
        (not_finite, "gradients() gives zeros or NaN"),
        (lambda net, X, y: None, "nothing where the parameters have"),
    ],
)
@pytest.mark.parametrize("options", [{}, {"lmbda": 5.0, "momentum": 0.9}], ids=str)
def test_what_can_not_be_used_is_left_out_and_said(options, way, said):
    report = cp.audit(exposing(Network, way)(SMALL, **options))
    (note,) = [note for note in report.notes if note.startswith("gradients")]
    assert said in note
    assert note.endswith("left out")
    plain = cp.audit(Network(SMALL, **options))
    assert report.measured == plain.measured


def test_a_gradient_that_fails_later_is_left_out():
    def once(net, X, y):
        if len(y) > 7:
            raise ValueError
        return net.slopes(X, y)

    report = cp.audit(exposing(Network, once)(SMALL))
    assert report.findings == ()
    assert "The gradient that the code exposes failed at other points" in str(report)


def test_side_effects_beside_the_parameters_do_no_harm():
    def spoils(net, X, y):
        found = net.slopes(X, y)
        net.velocity = [np.full_like(v, 1e3) for v in net.velocity]
        net.eta, net.kind = 7.0, "bce"
        np.random.seed(0)  # noqa: NPY002
        return found

    options = {"lmbda": 5.0, "momentum": 0.9}
    report = cp.audit(exposing(Network, spoils)(SMALL, **options))
    plain = cp.audit(exposing(Network, own_slopes)(SMALL, **options))
    assert report.findings == ()
    assert report.measured == plain.measured
