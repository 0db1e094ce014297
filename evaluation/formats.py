"""Writes a run's numbers as one program or another would: a log of each format.

A format that has no place for a series leaves it out, as the program does.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import counterpoint as cp
from written import Written

Writer = Callable[[Sequence[Written], Path], Path]
#: Names as Keras has them; other programs' in their writers.
KERAS = {
    "train/loss": "loss",
    "train/accuracy": "accuracy",
    "train/data_loss": "data_loss",
    "train/penalty": "penalty",
    "validation/loss": "val_loss",
    "validation/accuracy": "val_accuracy",
    "validation/data_loss": "val_data_loss",
    "validation/penalty": "val_penalty",
}
PLAIN = {name: name.replace("validation", "val").replace("/", "_") for name in KERAS}


def rows_of(run: Written, names: dict[str, str]) -> Iterator[dict[str, float]]:
    """Each epoch's numbers under a program's names."""
    for epoch in range(run.epochs):
        yield {names.get(name, name): float(v[epoch]) for name, v in run.series.items()}


def _csv(lines: list[list[object]]) -> str:
    return "".join(",".join(map(str, line)) + "\n" for line in lines)


def keras_csv(runs: Sequence[Written], stem: Path) -> Path:
    lines: list[list[object]] = []
    for run in runs:
        for epoch, row in enumerate(rows_of(run, KERAS)):
            named = dict(sorted(row.items()))
            if not lines:
                lines.append(["epoch", *named])
            lines.append([epoch, *named.values()])
    return _text(stem.with_suffix(".csv"), _csv(lines))


def keras_text(runs: Sequence[Written], stem: Path) -> Path:
    out = []
    for run in runs:
        for epoch, row in enumerate(rows_of(run, KERAS)):
            steps = run.steps_per_epoch
            numbers = "".join(f" - {name}: {value:.4f}" for name, value in row.items())
            bar = f"{steps}/{steps} ━━━━━━━━━━━━━━━━━━━━ 1s 3ms/step"
            out.append(f"Epoch {epoch + 1}/{run.epochs}\n{bar}{numbers}\n")
    return _text(stem.with_suffix(".log"), "".join(out))


def lightning_csv(runs: Sequence[Written], stem: Path) -> Path:
    """Sparse rows: validation numbers stand above the training numbers of their epoch."""
    lines: list[list[object]] = []
    for run in runs:
        for epoch, row in enumerate(rows_of(run, PLAIN)):
            names = list(row)
            step = (epoch + 1) * run.steps_per_epoch - 1
            if not lines:
                lines.append(["epoch", "step", *names])
            for part in (True, False):
                kept = [v if name.startswith("val_") == part else "" for name, v in row.items()]
                if any(value != "" for value in kept):
                    lines.append([epoch, step, *kept])
    return _text(stem.with_suffix(".csv"), _csv(lines))


def hugging_face(runs: Sequence[Written], stem: Path) -> Path:
    """Without training accuracy, which its Trainer does not log."""
    [run] = runs
    names = {"train/loss": "loss", "gradient_norm": "grad_norm"}
    names |= {name: name.replace("validation/", "eval_") for name in KERAS if "valid" in name}
    history = []
    for epoch, row in enumerate(rows_of(run, names)):
        place = {"epoch": float(epoch + 1), "step": (epoch + 1) * run.steps_per_epoch}
        for part in (False, True):
            kept = {name: v for name, v in row.items() if name.startswith("eval_") == part}
            if kept:
                history.append(place | kept)
    state = {"global_step": run.epochs * run.steps_per_epoch, "log_history": history}
    return _text(stem.with_suffix(".json"), json.dumps(state, indent=1))


def textbook_text(runs: Sequence[Written], stem: Path) -> Path:
    [run] = runs
    out = []
    words = {"train": "training", "validation": "evaluation"}
    for epoch in range(run.epochs):
        out.append(f"Epoch {epoch} training complete\n")
        for name, values in run.series.items():
            split, quantity = name.split("/")
            if quantity == "loss":
                out.append(f"Cost on {words[split]} data: {float(values[epoch])}\n")
            else:
                rows = run.rows[split]
                right = round(values[epoch] * rows)
                out.append(f"Accuracy on {words[split]} data: {right} / {rows}\n")
    return _text(stem.with_suffix(".log"), "".join(out))


def textbook_json(runs: Sequence[Written], stem: Path) -> Path:
    [run] = runs
    order = ("validation/loss", "validation/accuracy", "train/loss", "train/accuracy")
    lists: list[list[float]] = []
    for name in order:
        values = [float(v) for v in run.series.get(name, ())]
        if name.endswith("accuracy"):
            values = [round(v * run.rows[name.split("/")[0]]) for v in values]
        lists.append(values)
    return _text(stem.with_suffix(".json"), json.dumps(lists))


def json_lines(runs: Sequence[Written], stem: Path) -> Path:
    out = []
    for run in runs:
        for epoch, row in enumerate(rows_of(run, {})):
            out.append(json.dumps({"epoch": epoch, **row}) + "\n")
    return _text(stem.with_suffix(".jsonl"), "".join(out))


def recorder(runs: Sequence[Written], stem: Path) -> Path:
    """Counterpoint's own record."""
    [run] = runs
    with cp.record(stem) as record:
        for epoch in range(run.epochs):
            for split in ("train", "validation", ""):
                kept = {
                    name.rpartition("/")[2]: float(values[epoch])
                    for name, values in run.series.items()
                    if name.rpartition("/")[0] == split
                }
                if kept:
                    step = (epoch + 1) * run.steps_per_epoch
                    record.log(step=step, epoch=epoch + 1, split=split or None, **kept)
    return stem


def pytorch_text(runs: Sequence[Written], stem: Path) -> Path:
    """A line an epoch as people print it, accuracies in percent."""
    out = []
    for run in runs:
        for epoch, row in enumerate(rows_of(run, PLAIN)):
            numbers = [
                f"{name}: {value * 100:.2f}%"
                if name.endswith("accuracy")
                else f"{name}: {value:.6g}"
                for name, value in row.items()
            ]
            out.append(f"Epoch [{epoch + 1}/{run.epochs}] " + ", ".join(numbers) + "\n")
    return _text(stem.with_suffix(".log"), "".join(out))


def fastai(runs: Sequence[Written], stem: Path) -> Path:
    """The table that its Learner prints: accuracy of the validation rows alone."""
    [run] = runs
    names = {"train/loss": "train_loss", "validation/loss": "valid_loss"}
    names["validation/accuracy"] = "accuracy"
    out: list[str] = []
    for epoch, row in enumerate(rows_of(run, names)):
        if not out:
            out.append("epoch     " + "  ".join(f"{name:10}" for name in row) + "  time\n")
        out.append(f"{epoch:<8}  " + "  ".join(f"{v:<10.6f}" for v in row.values()) + "  00:02\n")
    return _text(stem.with_suffix(".log"), "".join(out))


def wide_csv(runs: Sequence[Written], stem: Path) -> Path:
    """Columns with names of one's own, epochs from 1, accuracies in percent."""
    lines: list[list[object]] = []
    for run in runs:
        for epoch, row in enumerate(rows_of(run, PLAIN), 1):
            named = {n.replace("accuracy", "acc"): v for n, v in row.items()}
            if not lines:
                lines.append(["Epoch", *named])
            shown = [
                f"{v * 100:.3f}" if n.endswith("acc") else f"{v:.8g}" for n, v in named.items()
            ]
            lines.append([epoch, *shown])
    return _text(stem.with_suffix(".csv"), _csv(lines))


def scikit_learn(runs: Sequence[Written], stem: Path) -> Path:
    """What `MLPClassifier(verbose=True)` prints."""
    [run] = runs
    out = [
        f"Iteration {epoch + 1}, loss = {value:.8f}\n"
        for epoch, value in enumerate(run.series["train/loss"])
    ]
    return _text(stem.with_suffix(".log"), "".join(out))


def wandb_summary(runs: Sequence[Written], stem: Path) -> Path:
    """The last values of everything, and no curve."""
    [run] = runs
    last = {
        name: v if math.isfinite(v) else "NaN" for name, v in list(rows_of(run, KERAS))[-1].items()
    }
    summary = {"_step": run.epochs - 1, "_runtime": 9, "epoch": run.epochs - 1, **last}
    return _text(stem.with_suffix(".json"), json.dumps(summary | {"_wandb": {"runtime": 9}}))


def _text(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@dataclass(frozen=True)
class Format:
    """How a log is written.

    Attributes
    ----------
    write
        Runs, and a path without suffix → the file or folder. Several runs only where appended.
    holds
        A pattern of the series that the program writes.
    appends
        Whether a second run can follow in the same file.
    """

    write: Writer
    holds: str = ".*"
    appends: bool = False


FOUR = r"(train|validation)/(loss|accuracy)"
FORMATS: dict[str, Format] = {
    "keras_csv": Format(keras_csv, appends=True),
    "keras_text": Format(keras_text, appends=True),
    "lightning_csv": Format(lightning_csv),
    "hugging_face": Format(
        hugging_face, r"train/loss|validation/(loss|accuracy)|learning_rate|gradient_norm"
    ),
    "textbook_text": Format(textbook_text, FOUR),
    "textbook_json": Format(textbook_json, FOUR),
    "json_lines": Format(json_lines, appends=True),
    "recorder": Format(recorder),
    "pytorch_text": Format(pytorch_text, appends=True),
    "fastai": Format(fastai, r"(train|validation)/loss|validation/accuracy"),
    "wide_csv": Format(wide_csv, appends=True),
    "scikit_learn": Format(scikit_learn, r"train/loss"),
    "wandb_summary": Format(wandb_summary),
}
#: Formats that have no place for a penalty beside the data loss.
NO_PENALTY = [
    name for name, form in FORMATS.items() if not re.fullmatch(form.holds, "train/penalty")
]


def held(format: str, run: Written) -> Written:
    """The series that a format has a place for."""
    holds = re.compile(FORMATS[format].holds)
    kept = {name: values for name, values in run.series.items() if holds.fullmatch(name)}
    return Written(kept, run.steps_per_epoch, run.rows)
