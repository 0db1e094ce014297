"""The least 0-1 loss against a mixed-integer program: `python benchmarks/zero_one.py`.

The peer is HiGHS through scipy.optimize.milp. For each row one binary variable says that it may be
wrong: minimise their sum subject to t (w·x + b) >= margin - M·wrong, with |w|, |b| <= 1 on
standardised columns and M the most that such weights can make of the row. The margin (1e-4) lets
the program miss classifiers that pass a row more narrowly; it can only find as many errors or more.

Each sample is logistic noise around a line or plane. Both get one thread. Results are written to
results/zero_one.json.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from sklearn.datasets import load_breast_cancer, load_iris, load_wine

import counterpoint as cp

RESULTS = Path(__file__).with_name("results") / "zero_one.json"
MARGIN = 1e-4
REPEATS = 3


def sample(n: int, features: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, features))
    return x, (x.sum(axis=1) + 1.5 * rng.normal(size=n) > 0).astype(int)


def table(load: Any, columns: list[int], classes: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    x, y = load(return_X_y=True)
    kept = np.isin(y, classes)
    return x[kept][:, columns], (y[kept] == classes[1]).astype(int)


#: name → (rows, whether the peer takes part)
PROBLEMS = {
    "n=100, d=2": (sample(100, 2), True),
    "n=100, d=3": (sample(100, 3), True),
    "n=200, d=2": (sample(200, 2), True),
    "n=200, d=3": (sample(200, 3), True),
    "iris, versicolor and virginica, d=4": (table(load_iris, [0, 1, 2, 3], (1, 2)), True),
    "wine, classes 1 and 2, d=3": (table(load_wine, [0, 1, 2], (1, 2)), True),
    "breast cancer, d=3": (table(load_breast_cancer, [0, 1, 4], (0, 1)), True),
    "breast cancer, d=4": (table(load_breast_cancer, [0, 1, 4, 8], (0, 1)), False),
    "n=1000, d=2": (sample(1000, 2), False),
    "n=1000, d=3": (sample(1000, 3), False),
    "n=10000, d=2": (sample(10_000, 2), False),
    "n=200, d=4": (sample(200, 4), False),
    "n=100, d=5": (sample(100, 5), False),
}


def ours(x: np.ndarray, y: np.ndarray, limit: float) -> dict[str, Any]:
    found = [cp.zero_one(x, y, time_limit=limit) for _ in range(REPEATS)]
    best = min(found, key=lambda one: one.seconds)
    return {
        "errors": round(best.loss * len(y)),
        "at_least": round(best.lower_bound * len(y)),
        "proven": best.proven,
        "seconds": float(np.median([one.seconds for one in found])),
    }


def peer(x: np.ndarray, y: np.ndarray, limit: float) -> dict[str, Any]:
    n, features = x.shape
    rows = np.column_stack([(x - x.mean(axis=0)) / x.std(axis=0), np.ones(n)])
    signed = (2 * y - 1)[:, None] * rows
    most = np.abs(rows).sum(axis=1) + MARGIN
    start = time.perf_counter()
    solved = milp(
        np.r_[np.zeros(features + 1), np.ones(n)],
        constraints=LinearConstraint(np.hstack([signed, np.diag(most)]), lb=MARGIN),
        integrality=np.r_[np.zeros(features + 1), np.ones(n)],
        bounds=Bounds(np.r_[-np.ones(features + 1), np.zeros(n)], 1.0),
        options={"time_limit": limit},
    )
    return {
        "errors": None if solved.x is None else round(float(solved.fun)),
        "at_least": int(np.ceil((solved.mip_dual_bound or 0.0) - 1e-6)),
        "proven": solved.status == 0,
        "seconds": time.perf_counter() - start,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--limit", type=float, default=120.0, help="seconds for each solver")
    limit = parser.parse_args().limit
    cp.zero_one(*sample(30, 3))  # compiles
    records = {}
    for name, ((x, y), with_peer) in PROBLEMS.items():
        record = {"rows": len(y), "features": x.shape[1], "counterpoint": ours(x, y, limit)}
        if with_peer:
            record["highs"] = peer(x, y, limit)
        records[name] = record
        print(name, json.dumps(record), flush=True)
        RESULTS.write_text(json.dumps({"limit": limit, "problems": records}, indent=1) + "\n")


if __name__ == "__main__":
    main()
