"""The shared folder's real logs: which diagnoses name the symptom that its index gives."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from counting import Answer, Share

#: Symptom → diagnoses that name it. Those below are no symptoms, and asked for apart.
NAMED_BY: dict[str, frozenset[str]] = {
    "overfitting": frozenset({"over_fitting", "loss_up_accuracy_up", "generalisation_gap"}),
    "not_learning": frozenset({"not_learning", "accuracy_at_base_rate", "loss_at_uniform"}),
    "plateau": frozenset({"plateau"}),
    "too_good": frozenset({"too_good"}),
    "oscillating": frozenset({"oscillating", "noisy_evaluation"}),
    "nan": frozenset({"not_finite"}),
    "val_loss_up_val_acc_up": frozenset({"loss_up_accuracy_up"}),
    "loss_scale_mismatch": frozenset({"splits_differ", "loss_above_calibrated"}),
    "bug": frozenset({"accuracy_at_base_rate", "splits_differ", "labels_unrelated"}),
    "mixed": frozenset({"appended_runs"}),
    "gap_train_only": frozenset({"generalisation_gap", "train_only", "over_fitting"}),
}
#: What is said of a log that is too short, or has one split or last values alone.
ABOUT_THE_LOG: dict[str, frozenset[str]] = {
    "too_short": frozenset({"too_short", "final_only"}),
    "train_only": frozenset({"train_only"}),
    "final_only": frozenset({"final_only", "too_short"}),
}


def index(folder: Path) -> list[dict[str, str]]:
    with (folder / "INDEX.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def judged(rows: Iterable[Mapping[str, str]], answers: Iterable[Answer]) -> dict[str, Any]:
    """How many logs are read, symptoms named, and healthy logs that got a problem or caution."""
    pairs = list(zip(rows, answers, strict=True))
    out: dict[str, Any] = {"read": Share(sum(a.read for _, a in pairs), len(pairs)).record()}
    for title, names in (("symptoms named", NAMED_BY), ("said of the log", ABOUT_THE_LOG)):
        of_it = [(row, a) for row, a in pairs if row["symptom"] in names]
        hits = [bool(names[row["symptom"]] & a.found.keys()) for row, a in of_it]
        out[title] = Share(sum(hits), len(hits)).record()
        out[f"{title}: missed"] = [
            f"{row['file']} ({row['symptom']}; said {','.join(a.found) or 'nothing'})"
            for (row, a), hit in zip(of_it, hits, strict=True)
            if not hit
        ]
    healthy = [(row, a) for row, a in pairs if row["symptom"] == "healthy"]
    for level in ("problem", "caution"):
        alarmed = [(row, a) for row, a in healthy if level in a.found.values()]
        out[f"healthy logs with a {level}"] = Share(len(alarmed), len(healthy)).record()
        out[f"healthy logs with a {level}: which"] = [
            f"{row['file']} ({','.join(n for n, at in a.found.items() if at == level)})"
            for row, a in alarmed
        ]
    return out
