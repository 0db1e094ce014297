"""Runs a child and judges what it left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from contestants import Contestant
from objective import objectives
from problem import Problem

CHILD = Path(__file__).with_name("child.py")
#: Seconds beyond the limit for loading, compiling and preparing.
PATIENCE = 900
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)


@dataclass(frozen=True)
class Outcome:
    """What came of one run.

    Attributes
    ----------
    status : ``done``, ``over the limit`` or ``failed``
    reason
        Of a failure.
    facts
        What the child recorded: seconds, memory, versions.
    objective, floor : array (alphas, folds), NaN where there is none
    nonzero : array (alphas, folds, outputs, features / 8), or None without an L1 part
        A bit a weight, as `np.packbits` packs them.
    """

    tolerance: float
    status: str
    reason: str | None
    facts: dict[str, Any]
    objective: np.ndarray
    floor: np.ndarray
    nonzero: np.ndarray | None = field(repr=False)

    @property
    def fits(self) -> int:
        return int((~np.isnan(self.objective)).sum())

    @property
    def seconds(self) -> float | None:
        return self.facts.get("seconds")


def environment(threads: int) -> dict[str, str]:
    """This process's variables, with the number of threads that everyone is given."""
    return os.environ | dict.fromkeys(THREAD_VARIABLES, str(threads))


def run_child(
    contestant: Contestant,
    python: Path,
    problem: Problem,
    problem_folder: Path,
    tolerance: float,
    limit: float,
    threads: int,
) -> Outcome:
    """One contestant at one tolerance, in a process of its own."""
    with tempfile.TemporaryDirectory() as output:
        command = [str(python), str(CHILD), contestant.name, str(problem_folder), output]
        command += [repr(tolerance), repr(limit)]
        variables = environment(threads)
        if contestant.environment is not None:
            variables.pop("PYTHONPATH", None)
        status, reason = _wait(command, variables, limit + PATIENCE)
        return _judge(problem, Path(output), tolerance, status, reason)


def _wait(command: list[str], variables: dict[str, str], patience: float) -> tuple[str, str | None]:
    # A session of its own, so that R, which the child starts, ends with it.
    process = subprocess.Popen(
        command,
        env=variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        _, errors = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        return "failed", f"was not ready to solve within {PATIENCE} s"
    finally:
        _end(process)
    if process.returncode == -signal.SIGALRM:
        return "over the limit", None
    if process.returncode == 0:
        return "done", None
    lines = [line for line in errors.splitlines() if line.strip()]
    said = lines[-1].strip()[:300] if lines else f"ended with {process.returncode}"
    return "failed", said.replace(str(Path.home()), "~").replace(str(CHILD.parents[1]), ".")


def _end(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _judge(
    problem: Problem, folder: Path, tolerance: float, status: str, reason: str | None
) -> Outcome:
    facts_file, nothing = folder / "facts.json", np.full(problem.shape, np.nan)
    facts = json.loads(facts_file.read_text()) if facts_file.is_file() else {}
    if status == "failed" or not (folder / "floor.npy").is_file():
        return Outcome(tolerance, status, reason, facts, nothing, nothing, None)
    coef, intercept, floor = (
        np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("coef", "intercept", "floor")
    )
    nonzero = np.packbits(coef != 0, axis=-1) if problem.l1_ratio else None
    objective = objectives(problem, coef, np.asarray(intercept))
    return Outcome(tolerance, status, reason, facts, objective, np.array(floor), nonzero)
