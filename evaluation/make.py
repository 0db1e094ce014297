"""Makes the labelled corpus: `python evaluation/make.py --out DIR [--runs N] [--jobs 2]`.

Writes a log a run under DIR/tuning and DIR/test, and DIR/labels.jsonl: a line a run, with what its
reader is told of it, the diagnoses that are required of it, and those that are allowed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before PyTorch is loaded

import torch

from case import Case, reference
from drawing import recipes
from faults import FAULTS
from formats import FORMATS, held
from labels import labels_of
from recipes import Recipe
from sources import TEST, TUNING, missing
from training import Trace, train
from written import written

LABELS = "labels.jsonl"
SPLITS = ("tuning", "test")
#: A line of the labels.
Line = dict[str, Any]


def make_run(number: int, split: str, recipe: Recipe, out: Path) -> Line:
    """Train one recipe, write its log, and give its line of the labels."""
    torch.set_num_threads(1)
    parts = [replace(recipe, seed=recipe.seed + extra) for extra in range(recipe.appended + 1)]
    traces = [train(part) for part in parts]
    known = reference(recipe.data_set, recipe.loss)
    cases = [case_of(part, trace, known) for part, trace in zip(parts, traces, strict=True)]
    return written_run(number, split, cases, out)


def case_of(recipe: Recipe, trace: Trace, known: tuple[float, float, float]) -> Case:
    """A training with what its log holds of it."""
    return Case(recipe, trace, held(recipe.logging.format, written(recipe, trace)), known)


def written_run(number: int, split: str, cases: Sequence[Case], out: Path) -> Line:
    """Write the log of a run, or of those that share a file; its line of the labels."""
    recipe, rows = cases[0].recipe, cases[0].trace.rows
    form = recipe.logging.format
    path = FORMATS[form].write([case.log for case in cases], out / split / f"{number:05}")
    labels = labels_of(cases)
    told = {
        "classes": rows["classes"],
        "loss": recipe.loss,
        "train_samples": rows["train"],
        "validation_samples": rows["validation"],
    }
    return {
        "log": str(path.relative_to(out)),
        "split": split,
        "kind": recipe.kind,
        "is_fault": recipe.kind in FAULTS,
        "data_set": recipe.data_set,
        "format": form,
        "epochs": cases[0].epochs,
        "told": {n: v for n, v in told.items() if n.split("_")[-1] in recipe.logging.told},
        "required": labels.required,
        "allowed": labels.allowed,
        "invisible": labels.invisible,
        "recipe": asdict(recipe),
    }


def make(
    out: Path, runs: int, jobs: int, seed: int = 0, splits: Sequence[str] = SPLITS
) -> list[Line]:
    """Make the corpus in a folder, which is emptied first; returns its labels."""
    for split in SPLITS:
        shutil.rmtree(out / split, ignore_errors=True)
        (out / split).mkdir(parents=True)
    every = enumerate(recipes(runs, seed))
    drawn = [(n, split, recipe, out) for n, (split, recipe) in every if split in splits]
    lines = []
    with ProcessPoolExecutor(jobs) as pool:
        for line in pool.map(make_run, *zip(*drawn, strict=True), chunksize=4):
            lines.append(line)
            if len(lines) % 100 == 0:
                print(f"{len(lines)} of {len(drawn)}", flush=True)
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (out / LABELS).write_text(text, encoding="utf-8")
    return lines


def summary(lines: list[Line]) -> Iterator[str]:
    """How many runs of each kind there are, and how often each diagnosis is required."""
    kinds = Counter(str(line["kind"]) for line in lines)
    unseen = Counter(str(line["kind"]) for line in lines if line["invisible"])
    yield "kind of run: how many, of which the log does not show the fault"
    yield from (f"  {kind:28} {count:4} {unseen[kind] or '':>4}" for kind, count in kinds.items())
    yield "diagnosis: required in, allowed in"
    required = Counter(name for line in lines for name in line["required"])
    allowed = Counter(name for line in lines for name in line["allowed"])
    names = sorted(required | allowed)
    yield from (f"  {name:28} {required[name]:4} {allowed[name]:4}" for name in names)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the corpus")
    parser.add_argument("--runs", type=int, default=1200)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--split", choices=SPLITS, help="only the runs of this split")
    asked = parser.parse_args()
    for name, need in missing(TUNING | TEST).items():
        print(f"without {name}: {need} is not here")
    begin = time.perf_counter()
    splits = SPLITS if asked.split is None else (asked.split,)
    lines = make(asked.out, asked.runs, asked.jobs, asked.seed, splits)
    print("\n".join(summary(lines)))
    print(f"{len(lines)} runs in {time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()
