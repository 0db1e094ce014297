"""What a caller can get wrong: one clear sentence each."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from counterpoint import nets
from counterpoint.errors import InputError
from counterpoint.fit.nets import perceptron, room

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 3)), np.arange(40) % 2


def fit(x: Any = X, y: Any = Y, **changes: Any) -> nets.Population:
    return nets.fit(x, y, **{"hidden": 3, "alphas": [1e-3], "epochs": 1, "batch": 8, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"alphas": [0.0]}, "alpha is 0.0; a strength is a positive number"),
        ({"alphas": [-1.0]}, "alpha is -1.0"),
        ({"alphas": []}, "no alpha was given"),
        ({"rate": 0.0}, r"learning rate is 0\.0; give a finite number above 0"),
        ({"rate": -1.0}, r"learning rate is -1\.0"),
        ({"rate": float("nan")}, "learning rate is nan"),
        ({"rate": "fast"}, "learning rate is 'fast'"),
        ({"rate": [0.1, 0.1]}, "rate holds 2 numbers for 1 epochs"),
        ({"batch": 33}, "batch is 33, more than the 32 training rows"),
        ({"batch": 0}, "batch is 0; give a whole number, 1 or more"),
        ({"batch": 2.5}, r"batch is 2\.5"),
        ({"epochs": 0}, "epochs is 0"),
        ({"epochs": True}, "epochs is True"),
        ({"hidden": 0}, "hidden is 0"),
        ({"hidden": "30"}, "hidden is '30'"),
        ({"loss": "mse"}, "loss 'mse' is not one of networks"),
        ({"loss": "hinge"}, "choose one of log, bce, brier, quadratic, squared"),
        ({"penalty": "ridge"}, "penalty 'ridge' is not known"),
        ({"optimizer": "adamw", "penalty": "l2"}, "its penalty is decay, not l2"),
        ({"optimizer": "rmsprop"}, "optimizer 'rmsprop' is not known"),
        ({"optimizer": "Adam"}, "nearest: adam"),
        ({"activation": "swish"}, "activation 'swish' is not known"),
        ({"schedule": "step"}, "schedule 'step' is not known"),
        ({"momentum": 1.0}, r"momentum is 1\.0; give a number from 0 to below 1"),
        ({"l1_ratio": 2.0}, r"l1_ratio is 2\.0"),
        ({"seeds": 0}, "seeds is 0"),
        ({"seeds": [1, 1]}, "give one or more, each once"),
        ({"seeds": [-1]}, "a seed is -1"),
        ({"patience": 0}, "patience is 0"),
        ({"patience": 2, "validation": None}, "there are no validation rows"),
        ({"precision": "half"}, "precision 'half' is not known"),
        ({"scale": "robust"}, "scale 'robust' is not known"),
        ({"validation": 1.5}, r"validation is 1\.5; a fraction"),
        ({"validation": "test.csv"}, "validation is a str; give a fraction"),
        ({"validation": (X,)}, r"neither a fraction nor a pair"),
        ({"validation": (X, Y + 1)}, "rows of class 2, which the training data lacks"),
        ({"validation": (X[:, :2], Y)}, "X has 2 columns and the training table had 3"),
        ({"validation": (X[:5], Y[:4])}, "validation has 5 rows and 4 labels"),
        ({"device": "tpu9"}, "device 'tpu9' can't be used"),
        ({"device": "meta"}, "device 'meta' can't be used"),
        ({"device": None}, "device is None; give the name of one"),
        ({"hidden": 10**12}, r"1 member takes about .* not enough for one; make the network smal"),
        ({"checkpoint": 7}, "checkpoint is 7"),
        ({"record": "/dev/null/x"}, "can't hold a record"),
    ],
    ids=lambda case: str(case)[:40],
)
def test_arguments(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        fit(**changes)


def with_cell(value: float) -> np.ndarray:
    x = X.copy()
    x[4, 1] = value
    return x


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (with_cell(np.nan), Y, "NaN"),
        (with_cell(np.inf), Y, "infinity"),
        (X, Y[:-1], "40 rows and y has 39 labels"),
        (X, np.zeros(40), "one class only"),
        (X, RNG.normal(size=40), "regression target"),
        (X, np.where(Y == 1, np.nan, 0.0), "missing value"),
        (np.empty((0, 3)), np.empty(0), "0 sample"),
        (np.empty((40, 0)), Y, "column|feature"),
        ([["a", "b", "c"]] * 40, Y, "number|numeric"),
        (X[:1], Y[:1], "one class only"),
        (
            X.reshape(40, 1, 3),
            Y,
            r"X has rows of shape \(1, 3\) and a perceptron takes rows of num",
        ),
    ],
)
def test_data(x: Any, y: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        fit(x, y)


def module(make: Callable[[], Any], x: Any = X, y: Any = Y, **changes: Any) -> nets.Population:
    return nets.fit_module(make, x, y, **{"alphas": [1e-3], "epochs": 1, "batch": 8, **changes})


class Frozen(torch.nn.Linear):
    """A layer with a random constant."""

    def __init__(self) -> None:
        super().__init__(3, 2)
        self.register_buffer("noise", torch.randn(2))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (torch.nn.Linear(3, 2), "make_module is a Linear; pass a function"),
        (7, "make_module is a int; pass a function"),
        (lambda: 7, "make_module returns a int"),
        (torch.nn.Linear, r"make_module fails \(TypeError"),
        (
            lambda: torch.nn.Sequential(torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 2)),
            "0 is a BatchNorm1d, whose running statistics",
        ),
        (torch.nn.Identity, "no parameter to train"),
        (lambda: torch.nn.Linear(3, 1), r"gives outputs of shape \(2, 1\) for 2 rows; .*\(2, 2\)"),
        (lambda: torch.nn.Linear(4, 2), r"can't take rows of shape \(3,\)"),
        (lambda: torch.nn.LazyLinear(2), "has lazy layers"),
        (lambda: torch.nn.LSTM(3, 2), "can't be stacked"),
        (Frozen, "noise is not trained and differs between seeds"),
    ],
    # A function's own name holds its address, which differs between processes.
    ids=lambda case: case[:30] if isinstance(case, str) else type(case).__name__,
)
def test_modules(make: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        module(make, seeds=2)


def test_a_module_that_fails_on_the_last_mini_batch_says_on_what() -> None:
    """32 rows in mini-batches of 31: one row is left, whose variance is no number."""

    def make() -> torch.nn.Module:
        norm = torch.nn.BatchNorm1d(3, track_running_stats=False)
        return torch.nn.Sequential(norm, torch.nn.Linear(3, 2))

    assert module(make).fit.epochs == 1
    with pytest.raises(InputError, match=r"fails on a mini-batch of 1 \(ValueError: Expected more"):
        module(make, batch=31)


def test_members_that_do_not_fit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    model = perceptron.Perceptron((3, 3, 2), "relu")
    monkeypatch.setattr(room, "free_bytes", lambda device: 100_000)
    with pytest.raises(InputError, match=r"100 members take about .*; give fewer") as refused:
        fit(seeds=100)
    monkeypatch.undo()
    settings = fit(seeds=1).fit.settings
    enough = int(0.9 * 100_000) // room.bytes_a_member(model, settings)
    assert f"enough for about {enough:,};" in str(refused.value)


@pytest.mark.parametrize(
    ("optimizer", "copies"), [("sgd", 4), ("momentum", 6), ("adam", 7), ("adamw", 7)]
)
def test_memory_of_a_member(optimizer: str, copies: int) -> None:
    """Weights at work, last, best and in passing; running tensors; a gradient that is written."""
    model = perceptron.Perceptron((1000, 50, 2), "relu")
    settings = fit(optimizer=optimizer).fit.settings
    weights = 1000 * 50 + 50 + 50 * 2 + 2
    assert room.bytes_a_member(model, settings) == pytest.approx(4 * copies * weights, rel=0.05)


def test_an_allocation_that_fails_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        torch.empty(2**60)

    monkeypatch.setattr(perceptron.Perceptron, "gradients", fails)
    with pytest.raises(InputError, match=r"1 members? take"):
        fit()


def test_members_are_asked_for_by_what_was_trained() -> None:
    population = fit(alphas=[1e-3, 1e-2], seeds=[3, 4])
    for asked, said in (
        ({"alpha": 0.5}, "alpha 0.5 was not trained; the nearest that was is 0.01"),
        ({"alpha": "0.5"}, "alpha is '0.5'"),
        ({"seed": 0}, "seed 0 was not trained; choose one of 3, 4"),
        ({"when": "now"}, "when 'now' is not known"),
    ):
        with pytest.raises(InputError, match=said):
            population.state_dict(**asked)
    with pytest.raises(InputError, match="X has 2 columns"):
        population.predict(X[:, :2])
    with pytest.raises(InputError, match="test accuracy was not measured"):
        population.curve("accuracy", "test")


def test_outputs_of_squared_error_are_no_probabilities() -> None:
    population = fit(loss="squared")
    assert population.predict(X).shape == (40,)
    with pytest.raises(InputError, match="are no probabilities"):
        population.predict_proba(X)


def said_without(package: str, script: str) -> str:
    """What a script prints where a package is not installed."""
    hidden = f"""
import sys
sys.modules[{package!r}] = None
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *a: None if name == {package!r} else found(name, *a)
import counterpoint as cp
"""
    command = [sys.executable, "-c", hidden + script]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return done.stdout.strip()


def test_without_pytorch_all_else_works_and_what_needs_it_says_what_to_install() -> None:
    script = """
assert len(cp.sweep([[0.], [1.], [2.], [3.]] * 5, [0, 0, 1, 1] * 5, alphas=[1.0]).alphas) == 1
for get in (lambda: cp.nets.fit, lambda: cp.torch.watch, lambda: cp.torch.audit):
    try:
        get()
    except cp.InputError as error:
        print(error)
"""
    loops = "counterpoint.torch needs PyTorch, which is not installed: pip install torch."
    assert said_without("torch", script).split("\n") == [
        "networks need torch, which is not installed: pip install 'counterpoint[torch]'.",
        loops,
        loops,
    ]


def test_without_safetensors_only_networks_are_missing() -> None:
    script = """
print(cp.torch.watch.__name__, cp.torch.audit.__name__)
try:
    cp.nets.fit
except cp.InputError as error:
    print(error)
"""
    assert said_without("safetensors", script).split("\n") == [
        "watch audit",
        "networks need safetensors, which is not installed: pip install 'counterpoint[torch]'.",
    ]


def test_sweeps_do_not_import_pytorch() -> None:
    script = """
import sys
import counterpoint as cp
cp.sweep([[0.], [1.], [2.], [3.]] * 5, [0, 0, 1, 1] * 5, alphas=[1.0])
cp.nets
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
