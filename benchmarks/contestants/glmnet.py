"""R's glmnet: mean log loss + lambda (a |w|_1 + (1 - a)/2 |w|^2), lambda = alpha, a = l1_ratio.

``standardize=FALSE``, as it would otherwise scale the columns. R runs beside the child: it has
read the data before the clock starts.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from contestants.base import Contestant, Fit, column_major
from problem import Problem

SCRIPT = Path(__file__).with_suffix(".R")


class _R:
    """The R process, and the folder through which numbers go."""

    def __init__(self, problem: Problem) -> None:
        self.holder = tempfile.TemporaryDirectory()
        self.folder = Path(self.holder.name)
        x = column_major(problem)
        if problem.is_sparse:
            parts = {"i": x.indices.astype(np.int32), "p": x.indptr.astype(np.int32), "x": x.data}
        else:
            parts = {"x": x.T}  # Fortran order, which is R's, in the order of the bytes
        shape = (*x.shape, problem.n_classes, len(problem.train), int(problem.is_sparse))
        parts |= {
            "shape": np.array(shape, dtype=np.int32),
            "l1_ratio": np.array([problem.l1_ratio]),
            "alphas": problem.alphas,
            "label": problem.label.astype(np.int32),
            "train": problem.train.astype(np.int8),
        }
        for name, values in parts.items():
            values.tofile(self.folder / f"{name}.bin")
        self.process = subprocess.Popen(
            ["Rscript", "--vanilla", str(SCRIPT), str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.expect("ready")

    def expect(self, word: str) -> None:
        line = self.process.stdout.readline()
        if not line.startswith(word):
            error = self.process.stderr.read().strip().splitlines()
            raise RuntimeError(f"R: {error[-1] if error else 'ended early'}")

    def close(self) -> None:
        self.process.communicate()  # waits, so that R's memory is counted
        self.holder.cleanup()


def _solve(r: _R, problem: Problem, tolerance: float) -> Iterator[Fit]:
    r.process.stdin.write(f"{tolerance!r}\n")
    r.process.stdin.flush()
    for fold in range(len(problem.train)):
        r.expect("fold")
        yield from _fits(r.folder / f"fold{fold}.bin", fold, problem)
    r.close()


def _fits(path: Path, fold: int, problem: Problem) -> Iterator[Fit]:
    with path.open("rb") as file:
        (count,) = np.fromfile(file, np.int32, 1)
        outputs = [_output(file, int(count), problem.x.shape[1]) for _ in range(problem.outputs)]
    for a in range(int(count)):
        coef = np.concatenate([w[:, [a]].toarray().T for w, _ in outputs])
        yield Fit(a, fold, coef, np.array([b[a] for _, b in outputs]))


def _output(file: Any, count: int, features: int) -> tuple[sparse.csc_matrix, np.ndarray]:
    """Weights (features, alphas) and intercepts (alphas,) of one output."""
    (nonzeros,) = np.fromfile(file, np.int32, 1)
    p = np.fromfile(file, np.int32, count + 1)
    i = np.fromfile(file, np.int32, int(nonzeros))
    x = np.fromfile(file, np.float64, int(nonzeros))
    weights = sparse.csc_matrix((x, i, p), shape=(features, count))
    return weights, np.fromfile(file, np.float64, count)


def _refuses(facts: dict[str, Any]) -> str | None:
    if facts["loss"] != "log":
        return "its gaussian family scales the target"
    if shutil.which("Rscript") is None:
        return "missing: R is not installed (Debian: r-cran-glmnet)"
    return None


def _versions(r: _R) -> dict[str, Any]:
    asked = 'cat(paste(packageVersion("glmnet"), getRversion()))'
    done = subprocess.run(
        ["Rscript", "--vanilla", "-e", asked], check=False, capture_output=True, text=True
    )
    return {"versions": dict(zip(("glmnet", "R"), done.stdout.split(), strict=False))}


CONTESTANTS = (
    Contestant(
        name="glmnet",
        label="glmnet",
        environment=None,
        packages=(),
        ladder=(1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-13),
        refuses=_refuses,
        prepare=_R,
        solve=_solve,
        facts=_versions,
        note="through Rscript; single-threaded; ten times its default number of passes",
    ),
)
