"""PyTorch loops: each fault named with its place, correct loops met with silence."""

from __future__ import annotations

import pytest
import torch

import counterpoint as cp
from auditing import loops
from auditing.broken import SIZES
from counterpoint.errors import InputError

#: Correct loops that are tried each time; the others are slow tests.
QUICK = ("Nesterov, decay of weights", "SGD, batch normalised")


def seconds(loop):
    return () if loop.name in QUICK else pytest.mark.slow


@pytest.mark.parametrize(
    "loop", [pytest.param(loop, marks=seconds(loop), id=loop.name) for loop in loops.CORRECT]
)
def test_correct_loops_are_met_with_silence(loop):
    assert loop.found() == {}


@pytest.mark.parametrize("loop", loops.BROKEN, ids=lambda loop: loop.name)
def test_a_fault_of_the_loop_is_named_with_its_place(loop):
    found = loop.found()
    assert loop.named(found), found


@pytest.mark.slow
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("loop", [*loops.CORRECT, *loops.BROKEN], ids=lambda loop: loop.name)
def test_larger_loops(loop, sizes):
    found = loop.found(sizes, seed=1)
    assert loop.named(found, sizes) if loop.finding else found == {}, found


def test_a_plain_step_needs_no_function():
    net = loops.model()
    report = cp.torch.audit(net, loops.sgd(net), loops.LOSS, loops.rows())
    assert report.findings == ()
    assert report.notes[1] == "step: zero_grad, backward and step with SGD"


def test_the_strength_that_is_recovered():
    net = loops.model()
    optimiser = loops.DECAYING["momentum"](net)
    report = cp.torch.audit(net, optimiser, loops.LOSS, loops.rows(), weight_decay=0.01)
    motion = report.measured.sittings[0].motions[0]
    assert motion.l2.value == pytest.approx(0.01, rel=1e-2)
    assert motion.momentum.value == pytest.approx(0.9, rel=1e-3)


def test_everything_is_put_back():
    net = loops.model()
    optimiser = torch.optim.Adam(net.parameters())
    loops.steps()(net, optimiser)(*loops.rows())
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
        cp.torch.audit(net, loops.sgd(net), loops.LOSS, (x[:5], y[:5]))
    with pytest.raises(InputError, match=r"reported is 2\.3: pass a function"):
        cp.torch.audit(net, loops.sgd(net), loops.LOSS, (x, y), reported=2.3)
