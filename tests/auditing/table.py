"""Write docs/audit.md: how often each fault is named rightly.

    python -m auditing.table 20 2 told.jsonl

From the folder tests/, with PyTorch and Keras (KERAS_BACKEND=torch) installed: 20 seeds, each at
every size, in 2 processes. Each audit is added to the file, and those that it holds are not made
again; so it can be stopped, and 0 seeds write the page of what is there.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from auditing.broken import CASES, SIZES, Case, Sizes, verdict
from auditing.correct import ALL, BOOK, Right
from auditing.loops import BROKEN, Loop

PAGE = Path(__file__).resolve().parents[2] / "docs" / "audit.md"

#: What is audited, in the order of the page.
SUBJECTS: tuple[Case | Loop | Right, ...] = (*CASES, *BROKEN, *ALL)
#: Places of the hand-written networks: they take the least time, so they may have more seeds.
HAND_WRITTEN = {
    place
    for place, subject in enumerate(SUBJECTS)
    if isinstance(subject, Case) or (isinstance(subject, Right) and subject.kind == BOOK)
}

#: An audit: the place of what is audited, its sizes, and the seed; and what came of it.
Run = tuple[int, Sizes, int]
Outcome = tuple[bool, list[str]]


@dataclass(frozen=True)
class Told:
    """What some audits of one subject said: how many were as they should be, and what else."""

    right: int
    audits: int
    others: Counter[str]


def main(n_seeds: int, n_processes: int, kept: Path) -> None:
    """Make the audits that the file does not hold, and write the page."""
    done = read(kept)
    missing = [
        (place, sizes, seed)
        for seed, place, sizes in product(range(n_seeds), range(len(SUBJECTS)), SIZES)
        if (place, sizes, seed) not in done
    ]
    with ProcessPoolExecutor(n_processes) as pool, kept.open("a", encoding="utf-8") as file:
        jobs = {pool.submit(one, *run): run for run in missing}
        for job in as_completed(jobs):
            done[jobs[job]] = job.result()
            print(json.dumps([*jobs[job], *job.result()]), file=file, flush=True)
    PAGE.write_text(page(done), encoding="utf-8")


def read(kept: Path) -> dict[Run, Outcome]:
    """The audits that were made before."""
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    return {
        (place, tuple(sizes), seed): (right, others)
        for place, sizes, seed, right, others in map(json.loads, lines)
    }


def one(place: int, sizes: Sizes, seed: int) -> Outcome:
    """Whether one audit is as it should be, and what it says beside."""
    subject = SUBJECTS[place]
    if isinstance(subject, Case):
        return verdict(subject, sizes, seed)
    if isinstance(subject, Loop):
        found = subject.found(sizes, seed)
        return subject.named(found, sizes), [name for name in found if name != subject.finding]
    names = subject.findings(sizes, seed)
    return names == subject.expected, [name for name in names if name not in subject.expected]


def whole_seeds(done: dict[Run, Outcome], places: Iterable[int]) -> int:
    """Seeds, from 0 on, of which all audits of these subjects were made."""
    places, seed = list(places), 0
    while places and all((p, sizes, seed) in done for p in places for sizes in SIZES):
        seed += 1
    return seed


def told(done: dict[Run, Outcome], place: int, n_seeds: int) -> Told:
    """The audits of one subject together."""
    runs = [done[place, sizes, seed] for sizes, seed in product(SIZES, range(n_seeds))]
    others = Counter(name for _, beside in runs for name in beside)
    return Told(sum(right for right, _ in runs), len(runs), others)


def name_of(subject: Case | Loop | Right) -> str:
    if isinstance(subject, Case):
        words = "".join(f" {c.lower()}" if c.isupper() else c for c in subject.kind.__name__)
        return words.strip()
    return subject.name


def page(done: dict[Run, Outcome]) -> str:
    """The page, in Markdown."""
    others = {*range(len(SUBJECTS))} - HAND_WRITTEN
    seeds, fewer = whole_seeds(done, HAND_WRITTEN), whole_seeds(done, others)
    pairs = [
        (subject, told(done, place, seeds if place in HAND_WRITTEN else fewer))
        for place, subject in enumerate(SUBJECTS)
    ]
    faults = [(s, t) for s, t in pairs if not isinstance(s, Right)]
    rights = [(s, t) for s, t in pairs if isinstance(s, Right)]
    shapes = ", ".join("-".join(map(str, sizes)) for sizes in SIZES)
    named, audits = (sum(getattr(t, part) for _, t in faults) for part in ("right", "audits"))
    silent, quiet = (sum(getattr(t, part) for _, t in rights) for part in ("right", "audits"))
    return (
        "# Faults that the audit was tried on\n\n"
        f"{len(faults)} faults and {len(rights)} forms of correct code, each audited at "
        f"{len(SIZES)} sizes ({shapes}): hand-written networks with {seeds} seeds, PyTorch, "
        f"scikit-learn and Keras with {fewer}. The faults were put in by hand, one at a time; on "
        "faults that nobody thought of, or on several at once, nothing is claimed here. "
        "`tests/auditing/table.py` writes this page.\n\n"
        f"- Faults named rightly, finding and place: **{named:,} of {audits:,}** audits.\n"
        f"- Correct code that is met with silence: **{silent:,} of {quiet:,}** audits.\n\n"
        "*Named*: the finding, and the place in its evidence, are the right ones. *Beside*: what "
        "else was said, in how many of the audits; most of it follows from the fault.\n\n"
        "## A hand-written network\n\n"
        "The textbook's network of sigmoids with one fault each (`tests/auditing/broken.py`).\n\n"
        + _table(("fault", "options", "to be named", "at", "named", "beside"), map(_case, faults))
        + "\n## PyTorch loops\n\nLoops with one fault each (`tests/auditing/loops.py`).\n\n"
        + _table(("fault", "to be named", "at", "named", "beside"), map(_loop, faults))
        + "\n## Correct code\n\n"
        "An L2 penalty inside Adam is told of as `adaptive_decay`: code that has one is not wrong, "
        "but no L2 penalty either. There, silence means nothing else.\n\n"
        + _table(("code", "form", "silent", "findings"), map(_right, rights))
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *(row for row in rows if row)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _case(pair: tuple[Case | Loop | Right, Told]) -> Sequence[str]:
    case, seen = pair
    if not isinstance(case, Case):
        return ()
    options = ", ".join(f"{name} {value}" for name, value in case.options.items())
    wanted = ", ".join(f"`{name}`" for name in (case.finding, *case.more))
    return name_of(case), options, wanted, ", ".join(case.where), *_seen(seen)


def _loop(pair: tuple[Case | Loop | Right, Told]) -> Sequence[str]:
    loop, seen = pair
    if not isinstance(loop, Loop):
        return ()
    return loop.name, f"`{loop.finding}`", ", ".join(loop.where), *_seen(seen)


def _right(pair: tuple[Right, Told]) -> Sequence[str]:
    return pair[0].kind, pair[0].name, *_seen(pair[1])


def _seen(seen: Told) -> tuple[str, str]:
    beside = ", ".join(f"`{name}` {count}" for name, count in seen.others.items())
    return f"{seen.right} of {seen.audits}", beside


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
