"""Write docs/audit.md: how often each fault is named rightly. Run it: python -m auditing.table 20

From the folder tests/; the argument is the number of seeds, each at every size.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from auditing.broken import CASES, SIZES, Case, verdict
from auditing.textbook import Network
from counterpoint.auditing import audit

PAGE = Path(__file__).resolve().parents[2] / "docs" / "audit.md"
#: The network as it should be, with each of its options.
CORRECT: tuple[dict[str, object], ...] = tuple(
    {"cost": cost, **options}
    for cost in ("quadratic", "bce")
    for options in ({}, {"lmbda": 5.0}, {"l1": 2.0}, {"lmbda": 5.0, "l1": 1.0, "momentum": 0.9})
)


def main(n_seeds: int) -> None:
    """Audit every fault and every correct form, and write the page."""
    runs = [(sizes, seed) for sizes in SIZES for seed in range(n_seeds)]
    rows = [_row(case, runs) for case in CASES]
    wrong = [
        finding.name
        for options in CORRECT
        for sizes, seed in runs
        for finding in audit(Network(sizes, seed=seed, **options), seed=seed).findings
    ]
    shapes = ", ".join("-".join(map(str, sizes)) for sizes in SIZES)
    PAGE.write_text(
        "# Faults that the audit was tried on\n\n"
        "The textbook's network with one fault each "
        "(`tests/auditing/broken.py`; this page is written by `tests/auditing/table.py`), "
        f"audited at {n_seeds} seeds of {len(SIZES)} sizes ({shapes}). *Named*: the finding, and "
        "the place in its evidence, are the right ones. *Beside*: what else was found in how many "
        "of the runs; it follows from the fault.\n\n"
        f"The network as it should be, in {len(CORRECT)} forms (two costs, L2, L1, both with "
        f"momentum): {len(wrong)} findings in {len(CORRECT) * len(runs)} audits.\n\n"
        "| fault | options | to be named | at | named | beside |\n|---|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n",
        encoding="utf-8",
    )


def _row(case: Case, runs: list[tuple[tuple[int, ...], int]]) -> str:
    found = [verdict(case, sizes, seed) for sizes, seed in runs]
    beside = Counter(name for _, others in found for name in others)
    fault = "".join(f" {c.lower()}" if c.isupper() else c for c in case.kind.__name__).strip()
    options = ", ".join(f"{name} {value}" for name, value in case.options.items())
    wanted = ", ".join(f"`{name}`" for name in (case.finding, *case.more))
    more = ", ".join(f"`{name}` {count}" for name, count in beside.items())
    named = sum(right for right, _ in found)
    print(fault, named, len(runs), dict(beside), flush=True)
    place = ", ".join(case.where)
    return f"| {fault} | {options} | {wanted} | {place} | {named} of {len(runs)} | {more} |"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
