"""One contestant on one problem, in a process of its own: solves, keeps time and memory.

Arguments: CONTESTANT PROBLEM_FOLDER OUTPUT_FOLDER TOLERANCE LIMIT_SECONDS.
Weights go to files that are mapped into memory, so that what was finished when the limit struck
is not lost. Only numbers are written: coef.npy, intercept.npy, seconds.npy, floor.npy, facts.json.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

from contestants import CONTESTANTS, Contestant
from problem import Problem


def main(name: str, problem_folder: str, output: str, tolerance: str, limit: str) -> None:
    contestant, folder = CONTESTANTS[name], Path(output)
    problem = Problem.load(Path(problem_folder))
    facts = {"versions": {package: version(package) for package in contestant.packages}}
    facts["warm_up_seconds"] = warm_up(contestant, problem, float(tolerance))
    prepared = contestant.prepare(problem)
    facts["loaded_bytes"] = start_of_peak()
    (folder / "facts.json").write_text(json.dumps(facts))
    # The default action of the signal ends the process even in the middle of a C function.
    signal.setitimer(signal.ITIMER_REAL, float(limit))
    facts["seconds"] = solve(contestant, prepared, problem, float(tolerance), folder)
    signal.setitimer(signal.ITIMER_REAL, 0)
    facts |= contestant.facts(prepared)
    facts["peak_bytes"] = peak()
    (folder / "facts.json").write_text(json.dumps(facts))


def warm_up(contestant: Contestant, problem: Problem, tolerance: float) -> float:
    """Seconds of a tiny problem, in which compilers do their work and libraries are loaded."""
    start = time.perf_counter()
    tiny = problem.tiny()
    for _ in contestant.solve(contestant.prepare(tiny), tiny, tolerance):
        pass
    return time.perf_counter() - start


def solve(
    contestant: Contestant, prepared: object, problem: Problem, tolerance: float, folder: Path
) -> float:
    """Seconds it took; each fit is written as it comes, with the seconds since the start."""
    shape, features = problem.shape, problem.x.shape[1]
    coef = _mapped(folder / "coef.npy", (*shape, problem.outputs, features))
    intercept = _mapped(folder / "intercept.npy", (*shape, problem.outputs))
    seconds = _mapped(folder / "seconds.npy", shape)
    floor = _mapped(folder / "floor.npy", shape)
    for file in (intercept, seconds, floor):
        file[:] = np.nan
    start = time.perf_counter()
    for fit in contestant.solve(prepared, problem, tolerance):
        at = fit.alpha, fit.fold
        coef[at] = fit.coef
        floor[at] = fit.floor
        seconds[at] = time.perf_counter() - start
        intercept[at] = fit.intercept  # last: a fit counts as delivered once this is there
    return time.perf_counter() - start


def _mapped(path: Path, shape: tuple[int, ...]) -> np.memmap:
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=shape)


def start_of_peak() -> int:
    """Bytes resident now; the kernel's record of the peak starts afresh where it lets us."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
        return _resident("VmRSS")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def peak() -> int:
    """Most bytes resident since `start_of_peak`, a helper process (R) counted in."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    try:
        return max(_resident("VmHWM"), children)
    except OSError:
        return max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, children)


def _resident(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise OSError(field)


if __name__ == "__main__":
    main(*sys.argv[1:])
