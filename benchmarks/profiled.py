"""Where Counterpoint's time goes, work by work: `python benchmarks/profiled.py`.

Each work is solved on one thread, in a process of its own, under Python's profiler. A function's
own seconds, those of NumPy's and SciPy's C functions that it calls included, are added up by the
parts of `PARTS`. Results go to results/profile.json; `report.py` makes the table of them.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import counterpoint
from data_sets import Missing
from problem import Problem
from process import environment
from run import RESULTS, keep
from works import WORKS

FILE = "profile.json"
PACKAGE = f"{Path(counterpoint.__file__).parent}{os.sep}"
#: Works that stand for the ways of solving: dense and sparse, both penalties, with and without
#: folds.
PROFILED = (
    "mnist-softmax-l2",
    "mnist-softmax-l2-cv",
    "mnist-logistic-l1",
    "mnist10k-softmax-l1",
    "pcmac-l1",
    "a9a-l1",
    "allaml-l1",
    "mnist-ridge-cv",
)
#: Parts of the package by the beginnings of their modules' paths, the first that fits.
PARTS = {
    "products with the data": ("fit/design", "fit/fold_maps", "fit/rows", "fit/scaling", "blocks"),
    "Gram matrices and factors": (
        "fit/moments",
        "fit/raw_moments",
        "fit/proximal/moments",
        "fit/preconditioner",
        "fit/rotation",
        "fit/ridge",
    ),
    "chains (one compiled call a path)": ("fit/proximal/chain",),
    "descent over columns": ("fit/proximal", "fit/quadratic"),
    "losses, row by row": ("objective", "fit/rowwise"),
    "certificates": ("fit/certificate", "fit/certified"),
    "steps of L2": ("fit/newton", "fit/line_search", "fit/single", "fit/start", "fit/path"),
    "scores of held-out rows": ("fit/validation", "scores"),
    "facts for findings": ("fit/facts", "findings"),
}
REST = "the rest"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--works", default=",".join(PROFILED), metavar="NAME,…")
    for name in parser.parse_args().works.split(","):
        print(name, flush=True)
        try:
            problem = WORKS[name].problem(quick=False)
        except Missing as missing:
            print(f"  {missing}")
            continue
        record = {"title": WORKS[name].title} | _in_a_process(problem)
        keep(RESULTS / FILE, name, record)


def _in_a_process(problem: Problem) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as holder:
        folder = Path(holder) / "problem"
        problem.save(folder)
        command = [sys.executable, __file__, "--here", str(folder)]
        done = subprocess.run(
            command, env=environment(1), stdout=subprocess.PIPE, text=True, check=True
        )
    return dict(json.loads(done.stdout))


def measure(problem: Problem) -> dict[str, Any]:
    """Seconds in all, and of each part, most first."""
    from contestants import CONTESTANTS

    ours = CONTESTANTS["counterpoint"]
    tiny = problem.tiny()
    list(ours.solve(ours.prepare(tiny), tiny, ours.ladder[0]))
    prepared, profile = ours.prepare(problem), cProfile.Profile()
    profile.enable()
    list(ours.solve(prepared, problem, ours.ladder[0]))
    profile.disable()
    seconds = by_part(pstats.Stats(profile))
    return {"seconds": sum(seconds.values()), "parts": dict(seconds.most_common())}


def by_part(profile: pstats.Stats) -> Counter[str]:
    """Own seconds of each part; a function from elsewhere counts for those who call it."""
    functions, seconds = profile.stats, Counter[str]()
    for function, (_, _, own, _, callers) in functions.items():
        part = part_of(function[0])
        if part is not None or not callers:
            seconds[part or REST] += own
            continue
        for caller, (_, _, own_for_caller, _) in callers.items():
            seconds[_part_calling(caller, functions)] += own_for_caller
    return seconds


def _part_calling(function: Any, functions: Any) -> str:
    """The part of a function, or of the first of its callers' callers that has one."""
    seen, line = {function}, [function]
    while line:
        here = line.pop(0)
        part = part_of(here[0])
        if part is not None:
            return part
        callers = functions[here][4] if here in functions else {}
        # The caller for whom it took longest first.
        for caller in sorted(callers, key=lambda each: -callers[each][3]):
            if caller not in seen:
                seen.add(caller)
                line.append(caller)
    return REST


def part_of(file: str) -> str | None:
    """The part that a module belongs to, by its file; None outside of the package."""
    if not file.startswith(PACKAGE):
        return None
    module = file[len(PACKAGE) :]
    for part, beginnings in PARTS.items():
        if module.startswith(beginnings):
            return part
    return REST


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        print(json.dumps(measure(Problem.load(Path(sys.argv[2])))))
    else:
        main()
