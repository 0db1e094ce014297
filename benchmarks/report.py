"""Charts and tables from a results file alone: `python benchmarks/report.py [RESULTS.json]`.

Writes docs/images/benchmark-*.png and .svg, and what stands between the marks
<!-- benchmark: NAME --> and <!-- /benchmark --> of docs/benchmarks.md and README.md.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path

from charts import any_growth, growth_chart, speed_chart, times_chart
from counterpoint.report.export import save_chart
from limit import NAME as LIMIT
from profiled import FILE as PROFILES
from run import RESULTS
from summary import Record, is_contest
from tables import details, growth_table, limit_sentence, profile_table, summary_table
from works import WORKS

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", nargs="?", type=Path, default=RESULTS / "full.json")
    parser.add_argument("--root", type=Path, default=ROOT, help="of the repository to write to")
    arguments = parser.parse_args()
    works, profiles = _read(arguments.results), _read(arguments.results.parent / PROFILES)
    write(in_order(works), profiles, arguments.root)


def _read(path: Path) -> dict[str, Record]:
    return dict(json.loads(path.read_text())) if path.is_file() else {}


def in_order(works: dict[str, Record]) -> dict[str, Record]:
    """The records in the order of the works, whenever each was run."""
    return {name: works[name] for name in (*WORKS, LIMIT) if name in works}


def write(works: dict[str, Record], profiles: dict[str, Record], root: Path) -> None:
    """Draw the charts, and fill the pages that are there."""
    images = root / "docs" / "images"
    images.mkdir(parents=True, exist_ok=True)
    if any(is_contest(name, work) for name, work in works.items()):
        save_chart(speed_chart(works), images / "benchmark-speed")
        save_chart(times_chart(works), images / "benchmark-times")
    if any_growth(works):
        save_chart(growth_chart(works), images / "benchmark-growth")
    for page, folder in (("docs/benchmarks.md", "images"), ("README.md", "docs/images")):
        path = root / page
        if path.is_file():
            path.write_text(filled(path.read_text(), works, profiles, folder))


def filled(text: str, works: dict[str, Record], profiles: dict[str, Record], images: str) -> str:
    """The page with the parts between marks made anew."""
    parts: dict[str, Callable[[], str]] = {
        "speed": lambda: f"![How many times faster, work by work]({images}/benchmark-speed.png)",
        "summary": lambda: summary_table(works),
        "times": lambda: f"![Everyone's seconds]({images}/benchmark-times.png)",
        "details": lambda: details(works),
        "growth": lambda: (
            f"{growth_table(works)}\n\n![Seconds as it grows]({images}/benchmark-growth.png)"
            if any_growth(works)
            else "Not measured yet."
        ),
        "profile": lambda: profile_table(profiles) if profiles else "Not measured yet.",
        "limit": lambda: limit_sentence(works[LIMIT]) if LIMIT in works else "Not measured yet.",
    }
    return re.sub(
        r"(<!-- benchmark: (\w+) -->\n).*?(<!-- /benchmark -->)",
        lambda match: f"{match[1]}{parts[match[2]]()}\n{match[3]}",
        text,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    main()
