"""The limit: how much of this machine's own matrix-product rate the dense sweep makes use of.

Run as a script in a process of its own (PROBLEM_FOLDER) it prints what it measured as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
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
    """Flops of the products that the engine asks of its design within, by kind.

    Two a cell of x, output and problem for scores and adjoint, one a pair of columns and row for
    grams (half of a square product: they are symmetric). An engine that works past these three
    methods of `Design` has to report its own counts here.
    """
    from counterpoint.fit.design import Design

    count = {"scores": 0, "adjoint": 0, "grams": 0}

    def products(self: Any, values: np.ndarray, *rest: Any) -> int:
        return 2 * self.x.size * int(np.prod(values.shape[:-1]))

    def pairs(self: Any, row_weight: np.ndarray, fold: Any, columns: Any = None) -> int:
        width = self.width if columns is None else len(columns) + 1
        return int(np.count_nonzero(row_weight)) * width * width

    originals = {"scores": Design.scores, "adjoint": Design.adjoint, "grams": Design.grams}
    flops: dict[str, Callable[..., int]] = {"scores": products, "adjoint": products, "grams": pairs}

    def counting(name: str) -> Callable[..., Any]:
        def method(self: Any, *arguments: Any) -> Any:
            count[name] += flops[name](self, *arguments)
            return originals[name](self, *arguments)

        return method

    for name in originals:
        setattr(Design, name, counting(name))
    try:
        yield count
    finally:
        for name, original in originals.items():
            setattr(Design, name, original)


if __name__ == "__main__":
    print(json.dumps(_measure_here(Problem.load(Path(sys.argv[1])))))
