"""Scores diagnoses: `python evaluation/score.py CORPUS ... [--peers] [--logs FOLDER] [--out FILE]`.

CORPUS is what `make.py` wrote; the runs of several are pooled. Prints precision and recall of each
diagnosis with 95% intervals, on the tuning and on the test split, and how the real logs of the
shared folder are read; with --peers also the answers of runmedic, trainproof, trainspotter and
losslint, in environments that pip makes.
The results go to evaluation/results.json; `page.py` makes docs/evaluation.md from them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from counting import Answer, by_diagnosis, confusions, overall
from make import LABELS
from real_logs import index, judged
from sources import shared_folder
from tools import NAMES, Task, counterpoint_answers, peer_answers, peer_python

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
SPLITS = ("tuning", "test")
Answers = Callable[[Sequence[Task]], list[Answer]]


def tools(peers: list[str], folder: Path) -> dict[str, Answers]:
    """Name → what gives answers. A peer that can't be installed says why, and is left out."""
    found: dict[str, Answers] = {"counterpoint": counterpoint_answers}
    for peer in peers:
        try:
            python = peer_python(peer, folder)
        except Exception as error:
            print(f"{peer} is left out: {error}")
            continue
        found[peer] = _asker(peer, python)
    return found


def _asker(peer: str, python: Path) -> Answers:
    return lambda tasks: peer_answers(peer, python, [path for path, _ in tasks])


def labelled(corpus: Path) -> list[dict[str, Any]]:
    """The labels of a corpus, a line a run; each names its log by the path to it."""
    lines = map(json.loads, (corpus / LABELS).read_text().splitlines())
    return [line | {"log": str(corpus / line["log"])} for line in lines]


def score(corpora: Sequence[Path], logs: Path, judges: dict[str, Answers]) -> dict[str, Any]:
    """All results over the runs of all corpora: tool → split or real logs → figures."""
    lines = [line for corpus in corpora for line in labelled(corpus)]
    runs = {split: sum(line["split"] == split for line in lines) for split in SPLITS}
    found: dict[str, Any] = {"runs": runs, "tools": {}}
    for tool, answers in judges.items():
        record: dict[str, Any] = {}
        for split in SPLITS:
            of_it = [line for line in lines if line["split"] == split]
            said = answers([(Path(line["log"]), line["told"]) for line in of_it])
            pairs = list(zip(of_it, said, strict=True))
            record[split] = {
                "overall": overall(pairs),
                "diagnoses": by_diagnosis(pairs),
                "confusions": confusions(pairs),
            }
        if (logs / "INDEX.csv").is_file():
            rows = index(logs)
            record["real logs"] = judged(rows, answers([(logs / row["file"], {}) for row in rows]))
        found["tools"][tool] = record
    return found


def table(record: dict[str, Any]) -> str:
    """Precision and recall of each diagnosis, in plain text."""
    rows = [f"{'diagnosis':28} {'precision':>24} {'recall':>24}"]
    for name, each in record["diagnoses"].items():
        rows.append(f"{name:28} {_said(each['precision']):>24} {_said(each['recall']):>24}")
    rows += [f"{name}: {_said(share)}" for name, share in record["overall"].items()]
    return "\n".join(rows)


def _said(share: dict[str, Any]) -> str:
    if not share["of"]:
        return "-"
    low, high = share["interval"]
    return f"{share['share']:.2f} ({low:.2f}-{high:.2f}) {share['hits']}/{share['of']}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", nargs="+", type=Path, help="folders that make.py wrote")
    parser.add_argument("--peers", action="store_true", help="ask the peers too")
    parser.add_argument("--logs", type=Path, default=shared_folder() / "logs")
    parser.add_argument("--environments", type=Path, default=HERE / ".environments")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument(
        "--confusions", type=Path, help="where to write what went wrong on the tuning split"
    )
    asked = parser.parse_args()
    peers = list(NAMES) if asked.peers else []
    found = score(asked.corpora, asked.logs, tools(peers, asked.environments))
    for tool, record in found["tools"].items():
        for split in SPLITS:
            print(f"\n== {tool}, {split}\n{table(record[split])}")
        for name, share in record.get("real logs", {}).items():
            if isinstance(share, dict):
                print(f"real logs, {name}: {_said(share)}")
    if asked.confusions:
        asked.confusions.write_text(_all_confusions(found), encoding="utf-8")
    asked.out.write_text(json.dumps(_figures(found), indent=1) + "\n", encoding="utf-8")


def _all_confusions(found: dict[str, Any]) -> str:
    record = found["tools"]["counterpoint"]
    # Not those of the test split: rules would be mended by them.
    return "\n".join(
        [
            *("== tuning", table(record["tuning"]), *record["tuning"]["confusions"]),
            *("\n== test", table(record["test"]), "\n== real logs"),
            *(f"{name}: {found}" for name, found in record.get("real logs", {}).items()),
        ]
    )


def _figures(found: dict[str, Any]) -> dict[str, Any]:
    for record in found["tools"].values():
        for split in SPLITS:
            record[split].pop("confusions")
        real = record.pop("real logs", None)
        if real is not None:
            record["real logs"] = {name: v for name, v in real.items() if isinstance(v, dict)}
    return found


if __name__ == "__main__":
    main()
