"""A population of networks against its peers: `python benchmarks/nets.py [--threads 1]`.

32 members 784-30-10, sigmoids, softmax cross-entropy, L2 at 32 strengths, plain gradient descent,
in single precision, on the same mini-batches of random rows. All start from the same weights and
end with the same, which is checked. Times are microseconds by the clock a step for all members
together, the least of several rounds. Each runs in a process of its own: threads of one that wait
for work would take the cores of the next. The floor is the five matrix products by PyTorch.

Then what recording costs beside an epoch of 50,000 rows in mini-batches of ten: all measures, and
of these the scores of 2,000 training rows and of 10,000 validation rows; the records on disk; and
the checkpoint's share, at one in ten seconds.

Results are written to results/nets.json.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch.func import functional_call, grad, stack_module_state, vmap
from torch.nn import functional as F

from counterpoint.fit.nets import train
from counterpoint.fit.nets.checkpoint import INTERVAL, Checkpoint
from counterpoint.fit.nets.losses import output_loss_named
from counterpoint.fit.nets.measures import judge
from counterpoint.fit.nets.optimisers import Optimiser
from counterpoint.fit.nets.perceptron import Perceptron
from counterpoint.fit.nets.population import Split, make_task
from counterpoint.fit.nets.settings import Settings
from counterpoint.nets.arguments import make_settings
from counterpoint.nets.recording import Recording, facts_of

RESULTS = Path(__file__).with_name("results") / "nets.json"
MEMBERS, SIZES, RATE = 32, (784, 30, 10), 0.1
ALPHAS = np.geomspace(1e-6, 1e-1, MEMBERS)
MODEL = Perceptron(SIZES, "sigmoid")
FIRST = {name: value.float() for name, value in MODEL.initial(tuple(range(MEMBERS))).items()}

#: Takes rows (rows, 784), their classes, and those as ones and zeros, (classes, rows).
Step = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], None]
#: Takes the weights to start from; gives the step, and what the weights have become.
Contestant = Callable[[], tuple[Step, Callable[[], dict[str, torch.Tensor]]]]


def plain_module(member: int) -> torch.nn.Sequential:
    module = torch.nn.Sequential(
        torch.nn.Linear(784, 30), torch.nn.Sigmoid(), torch.nn.Linear(30, 10)
    )
    module.load_state_dict({name: value[member] for name, value in FIRST.items()})
    return module


def loop(fused: bool) -> Contestant:
    def make() -> tuple[Step, Callable[[], dict[str, torch.Tensor]]]:
        modules = [plain_module(member) for member in range(MEMBERS)]
        optimisers = [
            torch.optim.SGD(
                [
                    {"params": [m[0].weight, m[2].weight], "weight_decay": float(alpha)},
                    {"params": [m[0].bias, m[2].bias]},
                ],
                lr=RATE,
                fused=fused or None,
            )
            for m, alpha in zip(modules, ALPHAS, strict=True)
        ]

        def step(x: torch.Tensor, y: torch.Tensor, target: torch.Tensor) -> None:
            with torch.enable_grad():
                for module, optimiser in zip(modules, optimisers, strict=True):
                    optimiser.zero_grad()
                    F.cross_entropy(module(x), y).backward()
                    optimiser.step()

        def weights() -> dict[str, torch.Tensor]:
            return stack_module_state(modules)[0]

        return step, weights

    return make


def vmapped(compiled: bool) -> Contestant:
    def make() -> tuple[Step, Callable[[], dict[str, torch.Tensor]]]:
        base = plain_module(0)
        parameters = {name: value.clone() for name, value in FIRST.items()}
        alpha = {n: torch.tensor(ALPHAS).float().view(-1, 1, 1) for n in ("0.weight", "2.weight")}

        def loss(own: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return F.cross_entropy(functional_call(base, own, (x,)), y)

        def update(now: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> None:
            slopes = vmap(grad(loss), in_dims=(0, None, None))(now, x, y)
            for name, value in now.items():
                slope = slopes[name]
                if name in alpha:
                    slope = slope + alpha[name] * value
                value.sub_(slope, alpha=RATE)

        chosen = torch.compile(update) if compiled else update
        return lambda x, y, target: chosen(parameters, x, y), lambda: parameters

    return make


def textbook() -> tuple[Step, Callable[[], dict[str, torch.Tensor]]]:
    """NumPy as in the textbook: a network after another, a matrix of the mini-batch each."""
    nets = [[FIRST[name][m].numpy().copy() for name in FIRST] for m in range(MEMBERS)]
    shrinks = (1.0 - RATE * ALPHAS).astype("f4")

    def step(x: torch.Tensor, y: torch.Tensor, target: torch.Tensor) -> None:
        rows, truth = x.numpy(), target.T.numpy()
        for net, shrink in zip(nets, shrinks, strict=True):
            w1, b1, w2, b2 = net
            a = 1.0 / (1.0 + np.exp(-(rows @ w1.T + b1)))
            z = a @ w2.T + b2
            p = np.exp(z - z.max(axis=1, keepdims=True))
            error = (p / p.sum(axis=1, keepdims=True) - truth) / len(rows)
            hidden = (error @ w2) * a * (1.0 - a)
            w2 *= shrink
            w2 -= np.float32(RATE) * (error.T @ a)
            b2 -= np.float32(RATE) * error.sum(axis=0)
            w1 *= shrink
            w1 -= np.float32(RATE) * (hidden.T @ rows)
            b1 -= np.float32(RATE) * hidden.sum(axis=0)

    def weights() -> dict[str, torch.Tensor]:
        return {
            n: torch.from_numpy(np.stack([net[i] for net in nets])) for i, n in enumerate(FIRST)
        }

    return step, weights


def counterpoint() -> tuple[Step, Callable[[], dict[str, torch.Tensor]]]:
    settings = Settings(
        "log", "l2", 0.0, tuple(ALPHAS), (0,), "sgd", (RATE,), 10, 0.9, None, 0, False
    )
    parameters = {name: value.clone() for name, value in FIRST.items()}
    alpha = torch.tensor(ALPHAS).float()
    optimiser = Optimiser.fresh(settings, MODEL.penalised, alpha, parameters)
    loss = output_loss_named("log")

    def step(x: torch.Tensor, y: torch.Tensor, target: torch.Tensor) -> None:
        optimiser.step(parameters, MODEL.gradients(parameters, x, target, loss), RATE)

    return step, lambda: parameters


def floor() -> tuple[Step, Callable[[], dict[str, torch.Tensor]]]:
    """The five products on tensors of the right shapes, and nothing else."""
    w1, w2 = FIRST["0.weight"].view(-1, 784).clone(), FIRST["2.weight"].clone()

    def step(x: torch.Tensor, y: torch.Tensor, target: torch.Tensor) -> None:
        hidden = x @ w1.mT
        a = hidden.view(MEMBERS, len(x), 30)
        z = w2 @ a.mT
        w2.baddbmm_(z, a, alpha=1e-9)
        _ = z.mT @ w2
        w1.addmm_(hidden.mT, x, alpha=1e-9)

    return step, dict


CONTESTANTS: dict[str, Contestant] = {
    "counterpoint": counterpoint,
    "five products": floor,
    "plain loop": loop(fused=False),
    "loop with fused SGD": loop(fused=True),
    "vmap(grad)": vmapped(compiled=False),
    "compiled vmap(grad)": vmapped(compiled=True),
    "NumPy as in the textbook": textbook,
}


def largest_difference(weights: dict[str, torch.Tensor], own: dict[str, torch.Tensor]) -> float:
    """Of all weights, as a share of the largest."""
    return max(float((weights[n] - own[n]).abs().max() / own[n].abs().max()) for n in weights)


def alone(
    name: str, batch: int, steps: int, rounds: int, threads: int, folder: str
) -> float | None:
    """Microseconds a step of one contestant; its weights after all steps go into the folder."""
    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    rng = np.random.default_rng(0)
    rows = torch.from_numpy(rng.random((steps, batch, 784), dtype="f4"))
    labels = torch.from_numpy(rng.integers(0, 10, (steps, batch)))
    targets = F.one_hot(labels, 10).float().mT.contiguous()
    batches = list(zip(rows, labels, targets, strict=True))
    step, weights = CONTESTANTS[name]()
    try:
        for work in batches:
            step(*work)
    except RuntimeError as error:  # without a C++ compiler nothing can be compiled
        print(f"{name} is left out: {str(error).splitlines()[0]}")
        return None
    save_file({n: v.detach().clone() for n, v in weights().items()}, Path(folder) / name)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for work in batches:
            step(*work)
        times.append((time.perf_counter() - start) / steps * 1e6)
    return min(times)


def measure(
    batch: int, steps: int, rounds: int, threads: int
) -> dict[str, dict[str, float | None]]:
    """Times of all, and how far their weights are from ours."""
    found: dict[str, dict[str, float | None]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in CONTESTANTS:
            with multiprocessing.get_context("spawn").Pool(1) as process:
                took = process.apply(alone, (name, batch, steps, rounds, threads, folder))
            if took is None:
                continue
            weights, own = (load_file(Path(folder) / of) for of in (name, "counterpoint"))
            found[name] = {
                "microseconds": round(took, 1),
                "difference": largest_difference(weights, own) if weights else None,
            }
    return found


def recording() -> dict[str, float]:
    """Milliseconds of an epoch's steps, and of all that is done after it; least of three epochs."""
    rng = np.random.default_rng(0)
    n, held = 50_000, 10_000
    split = Split(
        *(rng.random((n, 784), dtype="f4"), rng.integers(0, 10, n)),
        *(rng.random((held, 784), dtype="f4"), rng.integers(0, 10, held)),
        *(np.arange(held), np.arange(10)),
    )
    settings = make_settings(alphas=ALPHAS, batch=10, rate=RATE)
    task = make_task(MODEL, split, settings, "cpu")
    state = train.start(task)
    took: dict[str, float] = {}

    def timed(name: str, function: Callable[..., Any], *arguments: Any) -> Any:
        start = time.perf_counter()
        result = function(*arguments)
        seconds = time.perf_counter() - start
        took[name] = min(1e3 * seconds, took.get(name, np.inf))
        return result

    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Checkpoint(Path(folder) / "state", task)
        facts = facts_of(settings, 10, n, held)
        with Recording(Path(folder), settings, facts, n // 10) as record:
            record.watch(state)
            for _ in range(3):
                last_step = timed("steps", train.run_epoch, task, state)
                timed("all measures", train.keep_epoch, task, state, last_step)
                for name, rows in (("training", task.judged), ("validation", task.validation)):
                    timed(f"- of {name} rows", judge, MODEL, state.parameters, task.loss, rows)
                timed("record", record.watch, state)
                timed("checkpoint", checkpoint.write, state)
    took["checkpoint"] *= min(1.0, took["steps"] / 1e3 / INTERVAL)
    return {name: round(value, 1) for name, value in took.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--batches", type=int, nargs="+", default=[10, 100])
    asked = parser.parse_args()
    record: dict[str, object] = {"torch": torch.__version__, "processor": platform.machine()}
    for threads in asked.threads:
        for batch in asked.batches:
            what = f"batch {batch}, {threads} thread{'s' * (threads > 1)}"
            found = record[what] = measure(batch, asked.steps, asked.rounds, threads)
            ours = found["counterpoint"]["microseconds"]
            assert ours is not None
            print(what)
            for name, row in found.items():
                time_of = row["microseconds"]
                assert time_of is not None
                apart = "" if row["difference"] is None else f", differs by {row['difference']:.1e}"
                print(f"  {name:26} {time_of:9,.0f} us, {time_of / ours:5.2f} x{apart}", flush=True)
    torch.set_num_threads(1)
    with torch.no_grad():
        spent = record["recording, milliseconds an epoch"] = recording()
    print("an epoch of 50,000 rows, and what is done after it")
    for name, milliseconds in spent.items():
        print(f"  {name:26} {milliseconds:9,.1f} ms, {milliseconds / spent['steps']:7.2%}")
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
