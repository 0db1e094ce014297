"""The limit: how much of this machine's own matrix-product rate the dense sweep makes use of.

Run as a script in a process of its own (PROBLEM_FOLDER) it prints what it measured as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from problem import Problem

NAME = "limit"
#: The work whose sweep is measured, and the share of the rate that is the target.
WORK, TARGET = "mnist-softmax-l2", 0.5
#: Rows and columns of the square product that sets the rate.
SIDE = 4096


def measure(threads: int, quick: bool) -> dict[str, Any]:
    """The record of this work."""
    from data_sets import Missing
    from process import environment
    from works import WORKS

    record: dict[str, Any] = {"title": "share of the float32 matrix-product rate", "target": TARGET}
    try:
        problem = WORKS[WORK].problem(quick)
    except Missing as missing:
        return record | {"missing": str(missing)}
    with tempfile.TemporaryDirectory() as holder:
        folder = Path(holder) / "problem"
        problem.save(folder)
        done = subprocess.run(
            [sys.executable, __file__, str(folder)],
            env=environment(threads),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    measured = json.loads(done.stdout)
    print(f"  {measured['share']:.0%} of {measured['float32_rate']:.3g} flop/s", flush=True)
    return record | {"problem": problem.facts(), "threads": threads} | measured


def _measure_here(problem: Problem) -> dict[str, Any]:
    from contestants import CONTESTANTS

    contestant = CONTESTANTS["counterpoint"]
    tiny = problem.tiny()
    list(contestant.solve(contestant.prepare(tiny), tiny, contestant.ladder[0]))
    rates = {f"{kind}_rate": product_rate(np.dtype(kind)) for kind in ("float32", "float64")}
    prepared = contestant.prepare(problem)
    with counted() as count:
        list(contestant.solve(prepared, problem, contestant.ladder[0]))
    seconds = prepared.engine_seconds
    rates["float32_rate"] = max(rates["float32_rate"], product_rate(np.dtype("float32")))
    useful = count["scores"] + count["adjoint"] + count["grams"]
    share = useful / seconds / rates["float32_rate"]
    return {**rates, "useful_flops": count, "engine_seconds": seconds, "share": share}


def product_rate(dtype: np.dtype) -> float:
    """Most flop/s of a square matrix product, of five."""
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=(SIDE, SIDE)).astype(dtype) for _ in range(2))
    out = a @ b
    best = np.inf
    for _ in range(5):
        start = time.perf_counter()
        np.matmul(a, b, out=out)
        best = min(best, time.perf_counter() - start)
    return 2 * SIDE**3 / best


@contextmanager
def counted() -> Iterator[dict[str, int]]:
    """Flops of the products with X that the engine asks for within, by kind.

    Two a cell of X, output and problem for scores and adjoint, one a pair of columns and row for
    Gram matrices (half of a square product: they are symmetric).
    """
    from counterpoint.fit.fold_maps import FoldMaps as maps
    from counterpoint.fit.raw_moments import DenseMoments as moments

    count = {"scores": 0, "adjoint": 0, "grams": 0}
    originals = maps.scores, maps.sums, moments.add

    def scores(self: Any, at: int) -> Any:
        z = originals[0](self, at)
        count["scores"] += 2 * z.size * self.weights.shape[1]
        return z

    def sums(self: Any, at: int, r: Any) -> Any:
        count["adjoint"] += 2 * r.size * self.weights.shape[1]
        return originals[1](self, at, r)

    def add(self: Any, x: Any, weight: Any) -> None:
        count["grams"] += len(weight) * (x.shape[1] + 1) ** 2
        originals[2](self, x, weight)

    maps.scores, maps.sums, moments.add = scores, sums, add
    try:
        yield count
    finally:
        maps.scores, maps.sums, moments.add = originals


if __name__ == "__main__":
    print(json.dumps(_measure_here(Problem.load(Path(sys.argv[1])))))
