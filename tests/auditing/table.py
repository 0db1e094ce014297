"""Write docs/audit.md: how often each fault is named rightly. Run it: python -m auditing.table 20

From the folder tests/, with PyTorch and Keras (KERAS_BACKEND=torch) installed. The first argument
is the number of seeds, each at every size, the second the number of processes.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from auditing.broken import CASES, SIZES, Case, Sizes, verdict
from auditing.correct import ALL, Right
from auditing.loops import BROKEN, Loop

PAGE = Path(__file__).resolve().parents[2] / "docs" / "audit.md"

#: What is audited, in the order of the page.
SUBJECTS: tuple[Case | Loop | Right, ...] = (*CASES, *BROKEN, *ALL)


@dataclass(frozen=True)
class Told:
    """What some audits of one subject said: how many were as they should be, and what else."""

    right: int
    audits: int
    others: Counter[str]


def main(n_seeds: int, n_processes: int) -> None:
    """Audit every fault and every correct form, and write the page."""
    with ProcessPoolExecutor(n_processes) as pool:
        jobs = [pool.submit(told, place, n_seeds) for place in range(len(SUBJECTS))]
        found = []
        for subject, job in zip(SUBJECTS, jobs, strict=True):
            found.append(job.result())
            print(name_of(subject), found[-1], flush=True)
    PAGE.write_text(page(n_seeds, found), encoding="utf-8")


def told(place: int, n_seeds: int) -> Told:
    """Audit one subject at every size and seed."""
    subject = SUBJECTS[place]
    runs = [one(subject, sizes, seed) for sizes, seed in product(SIZES, range(n_seeds))]
    others = Counter(name for _, beside in runs for name in beside)
    return Told(sum(right for right, _ in runs), len(runs), others)


def one(subject: Case | Loop | Right, sizes: Sizes, seed: int) -> tuple[bool, list[str]]:
    """Whether one audit is as it should be, and what it says beside."""
    if isinstance(subject, Case):
        return verdict(subject, sizes, seed)
    if isinstance(subject, Loop):
        found = subject.found(sizes, seed)
        return subject.named(found, sizes), [name for name in found if name != subject.finding]
    names = subject.findings(sizes, seed)
    return names == subject.expected, [name for name in names if name not in subject.expected]


def name_of(subject: Case | Loop | Right) -> str:
    if isinstance(subject, Case):
        words = "".join(f" {c.lower()}" if c.isupper() else c for c in subject.kind.__name__)
        return words.strip()
    return subject.name


def page(n_seeds: int, found: Sequence[Told]) -> str:
    """The page, in Markdown."""
    pairs = list(zip(SUBJECTS, found, strict=True))
    faults = [(s, t) for s, t in pairs if not isinstance(s, Right)]
    rights = [(s, t) for s, t in pairs if isinstance(s, Right)]
    shapes = ", ".join("-".join(map(str, sizes)) for sizes in SIZES)
    named, audits = (sum(getattr(t, part) for _, t in faults) for part in ("right", "audits"))
    silent, quiet = (sum(getattr(t, part) for _, t in rights) for part in ("right", "audits"))
    return (
        "# Faults that the audit was tried on\n\n"
        f"{len(faults)} faults and {len(rights)} forms of correct code, each audited with "
        f"{n_seeds} seeds at {len(SIZES)} sizes ({shapes}). The faults were put in by hand, one at "
        "a time; on faults that nobody thought of, or on several at once, nothing is claimed here. "
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
    main(*map(int, sys.argv[1:] or (20, 2)))
