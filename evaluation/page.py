"""Fills docs/evaluation.md from the results: `python evaluation/page.py [RESULTS.json]`.

What stands between the marks <!-- evaluation: NAME --> and <!-- /evaluation --> is made anew.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

from diagnoses import DIAGNOSES
from score import RESULTS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "evaluation.md"
Record = dict[str, Any]
#: What each diagnosis is to reach on the test split.
GOALS = {"precision": 0.95, "recall": 0.90}


def share(found: Record) -> str:
    """A share with its interval and count, or a dash where there is nothing."""
    if not found["of"]:
        return "–"
    low, high = found["interval"]
    return f"{found['share']:.2f} ({low:.2f} to {high:.2f}), {found['hits']} of {found['of']}"


def grid(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def diagnoses_table(results: Record) -> str:
    """Precision and recall of each diagnosis on the test split."""
    found = results["tools"]["counterpoint"]["test"]["diagnoses"]
    rows = [
        [
            *(f"`{name}`", level, share(found[name]["precision"]), share(found[name]["recall"])),
            f"{found[name]['wrong in']:,}",
        ]
        for name, level in DIAGNOSES.items()
        if name in found
    ]
    return grid(["diagnosis", "level", "precision", "recall", "would be wrong in"], rows)


def tools_table(results: Record) -> str:
    """Everyone on the test split."""
    names = list(next(iter(results["tools"].values()))["test"]["overall"])
    rows = [
        [tool, *(share(record["test"]["overall"][name]) for name in names)]
        for tool, record in results["tools"].items()
    ]
    return grid(["test split", *names], rows)


def peers_table(results: Record) -> str:
    """Recall and precision of what a peer names, beside Counterpoint's."""
    tools = results["tools"]
    named = {
        name
        for tool, record in tools.items()
        if tool != "counterpoint"
        for name, each in record["test"]["diagnoses"].items()
        if each["precision"]["of"]
    }
    rows = []
    for name in (name for name in DIAGNOSES if name in named):
        cells = [f"`{name}`"]
        for record in tools.values():
            each = record["test"]["diagnoses"].get(name)
            cells.append(_both(each) if each and each["precision"]["of"] else "–")
        rows.append(cells)
    return grid(["precision / recall", *tools], rows)


def _both(each: Record) -> str:
    said = [each[what]["share"] for what in ("precision", "recall")]
    return " / ".join("–" if value is None else f"{value:.2f}" for value in said)


def real_table(results: Record) -> str:
    """Everyone on the real logs of the shared folder."""
    records = {t: r["real logs"] for t, r in results["tools"].items() if "real logs" in r}
    if not records:
        return "The real logs were not there."
    names = [name for name, found in next(iter(records.values())).items() if "of" in found]
    rows = [[tool, *(share(record[name]) for name in names)] for tool, record in records.items()]
    return grid(["real logs", *names], rows)


def size(results: Record) -> str:
    return f"The figures rest on {results['runs']['test']:,} runs of the test split."


def misses(results: Record) -> str:
    """Which diagnoses miss a goal on the test split, and whether chance alone may do it."""
    found = results["tools"]["counterpoint"]["test"]["diagnoses"]
    rows = []
    for name in (name for name in DIAGNOSES if name in found):
        shares = {what: found[name][what] for what in GOALS if found[name][what]["of"]}
        below = {what: each for what, each in shares.items() if each["share"] < GOALS[what]}
        if below:
            within = all(each["interval"][1] >= GOALS[what] for what, each in below.items())
            cells = [share(below[what]) if what in below else "" for what in GOALS]
            rows.append([f"`{name}`", *cells, "yes" if within else "no"])
    if not rows:
        return "Every diagnosis meets both."
    head = ["below its goal", *(f"{what}, goal {goal:.2f}" for what, goal in GOALS.items())]
    return grid([*head, "goal within the interval"], rows)


PARTS = {
    "size": size,
    "misses": misses,
    "diagnoses": diagnoses_table,
    "tools": tools_table,
    "peers": peers_table,
    "real": real_table,
}


def filled(text: str, results: Record) -> str:
    """The page with the parts between marks made anew."""
    return re.sub(
        r"(<!-- evaluation: (\w+) -->\n).*?(<!-- /evaluation -->)",
        lambda match: f"{match[1]}{PARTS[match[2]](results)}\n{match[3]}",
        text,
        flags=re.DOTALL,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", nargs="?", type=Path, default=RESULTS)
    parser.add_argument("--page", type=Path, default=PAGE)
    asked = parser.parse_args()
    results = json.loads(asked.results.read_text(encoding="utf-8"))
    asked.page.write_text(filled(asked.page.read_text(encoding="utf-8"), results), encoding="utf-8")


if __name__ == "__main__":
    main()
