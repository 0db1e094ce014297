"""PyTorch loops: each fault named with its place, correct loops met with silence."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import counterpoint as cp
from auditing import loops
from counterpoint.errors import InputError


def found(net, optimiser, step=None, **said):
    made = step(net, optimiser) if step else None
    report = cp.torch.audit(net, optimiser, loops.LOSS, loops.rows(), step=made, **said)
    return {finding.name: finding.evidence["where"] for finding in report.findings}


@pytest.mark.parametrize("norm", [False, True], ids=["plain", "normalised"])
@pytest.mark.parametrize("name", loops.OPTIMISERS)
def test_correct_loops_are_met_with_silence(name, norm):
    net = loops.model(norm=norm)
    optimiser = loops.OPTIMISERS[name](net.parameters())
    assert found(net, optimiser, weight_decay=0.0) == {}


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_decay_of_weights_alone_is_right(momentum):
    net = loops.model()
    optimiser = torch.optim.SGD(loops.groups(net, 0.01), lr=0.1, momentum=momentum)
    assert found(net, optimiser, weight_decay=0.01) == {}


def test_decay_beside_adam_is_right():
    net = loops.model()
    optimiser = torch.optim.AdamW(loops.groups(net, 0.1), lr=1e-3)
    assert found(net, optimiser, weight_decay=0.1) == {}


def test_a_limit_to_the_norm_is_no_fault():
    net = loops.model()
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    assert found(net, optimiser, loops.clipped, weight_decay=0.0) == {}


def test_dropout_is_no_fault():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 4))
    assert found(net, torch.optim.SGD(net.parameters(), lr=0.1), weight_decay=0.0) == {}


def sgd(net):
    return torch.optim.SGD(net.parameters(), lr=0.1)


def adam(net):
    return torch.optim.Adam(net.parameters(), lr=1e-3)


FAULTS = {
    "never zeroed": (loops.never_zeroed, sgd, 0.0, "momentum_differs", ["step"]),
    "loss scale": (loops.scaled(128.0), sgd, 0.0, "step_scale", ["step"]),
    "climbs": (loops.scaled(-1.0), sgd, 0.0, "step_scale", ["step"]),
    "climbs under Adam": (loops.scaled(-1.0), adam, 0.0, "step_scale", ["step"]),
    "first layer lost": (loops.first_layer_lost, sgd, 0.0, "wrong_gradient", ["0.weight"]),
    "lost under Adam": (loops.first_layer_lost, adam, 0.0, "wrong_gradient", ["0.weight"]),
    "first layer turned": (loops.first_layer_turned, sgd, 0.0, "wrong_gradient", ["0.weight"]),
    "decay twice": (
        *(loops.penalised(0.02), sgd, 0.01, "decay_strength"),
        ["0.weight", "2.weight"],
    ),
    "decay of the wrong sign": (
        *(loops.penalised(-0.01), sgd, 0.01, "decay_sign"),
        ["0.weight", "2.weight"],
    ),
    "decay forgotten": (None, sgd, 0.01, "decay_strength", ["0.weight", "2.weight"]),
    "L1 for L2": (loops.penalised(0.01, 1), sgd, 0.01, "decay_kind", ["0.weight", "2.weight"]),
    "L2 through Adam": (
        *(loops.penalised(0.01), adam, 0.01, "adaptive_decay"),
        ["0.weight", "2.weight"],
    ),
    "biases too": (
        *(loops.penalised(0.01, 2, lambda net: list(net.parameters())), sgd, 0.01),
        *("decay_on_biases", ["0.bias", "2.bias"]),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_loop_is_named(name):
    step, optimiser, decay, finding, where = FAULTS[name]
    net = loops.model()
    there = found(net, optimiser(net), step, weight_decay=decay)
    assert there.get(finding) == where, there


def test_a_layer_that_the_optimiser_was_not_given():
    net = loops.model()
    optimiser = torch.optim.SGD(net[2].parameters(), lr=0.1)
    assert found(net, optimiser) == {"wrong_gradient": ["0.weight", "0.bias"]}


def test_a_layer_cut_off_from_the_slopes():
    class Cut(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.first, self.last = nn.Linear(12, 16), nn.Linear(16, 4)

        def forward(self, x):
            return self.last(torch.tanh(self.first(x)).detach())

    net = Cut()
    assert found(net, sgd(net)) == {"wrong_gradient": ["first.weight", "first.bias"]}


def test_a_fault_before_a_normalisation_over_the_batch():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(12, 16), nn.BatchNorm1d(16), nn.Tanh(), nn.Linear(16, 4))

    def turned(net, optimiser):
        def step(x, y):
            optimiser.zero_grad()
            loops.LOSS(net(x), y).backward()
            net[0].weight.grad.add_(net[0].weight.grad.flip(0))
            optimiser.step()

        return step

    assert found(net, sgd(net), turned)["wrong_gradient"] == ["0.weight"]


def evaluated(net, switch, extra=lambda net: 0.0):
    def reported(x, y):
        if switch:
            net.eval()
        return float(loops.LOSS(net(x), y)) + float(extra(net))

    return reported


def test_reporting_the_data_loss_by_itself_is_right():
    net = loops.model()
    optimiser = torch.optim.SGD(loops.groups(net, 0.01), lr=0.1)
    assert found(net, optimiser, weight_decay=0.01, reported=evaluated(net, switch=True)) == {}


def test_a_reported_penalty_of_twice_the_strength():
    net = loops.model()
    optimiser = torch.optim.SGD(loops.groups(net, 0.01), lr=0.1)
    double = evaluated(net, True, lambda n: 0.01 * sum((w**2).sum() for w in loops.weights(n)))
    there = found(net, optimiser, weight_decay=0.01, reported=double)
    assert there == {"reported_penalty": ["cost"]}


@pytest.mark.parametrize("layer", [nn.Dropout(0.5), nn.BatchNorm1d(16)], ids=["dropout", "norm"])
def test_modes_mixed_in_evaluation(layer):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(12, 16), layer, nn.Tanh(), nn.Linear(16, 4))
    assert "not_repeatable" in found(net, sgd(net), reported=evaluated(net, switch=False))
    assert "not_repeatable" not in found(net, sgd(net), reported=evaluated(net, switch=True))


def test_everything_is_put_back():
    net = loops.model()
    optimiser = torch.optim.Adam(net.parameters())
    loops.usual(net, optimiser)(*loops.rows())
    before = {k: v.clone() for k, v in net.state_dict().items()}
    state = [s["exp_avg"].clone() for s in optimiser.state.values()]
    chance = torch.get_rng_state()
    cp.torch.audit(net, optimiser, loops.LOSS, loops.rows())
    assert all(torch.equal(before[k], v) for k, v in net.state_dict().items())
    after = [s["exp_avg"] for s in optimiser.state.values()]
    assert all(map(torch.equal, state, after))
    assert torch.equal(chance, torch.get_rng_state())


def test_what_can_not_be_audited_is_said():
    net = loops.model()
    x, y = loops.rows()
    with pytest.raises(InputError, match="22 or more"):
        cp.torch.audit(net, sgd(net), loops.LOSS, (x[:5], y[:5]))
    with pytest.raises(InputError, match=r"reported is 2\.3: pass a function"):
        cp.torch.audit(net, sgd(net), loops.LOSS, (x, y), reported=2.3)
