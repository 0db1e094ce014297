"""Sweeps on disk: tables as Parquet, arrays as npz, facts as JSON. No pickle is written or read."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from counterpoint.arrays import npz_bytes, read_npz
from counterpoint.data import Column, Schema
from counterpoint.errors import InputError
from counterpoint.files import check_writable_folder, write_atomically
from counterpoint.findings import Choice, Finding
from counterpoint.findings.chosen import StrengthScores
from counterpoint.fit.result import DataFacts, HeldOut, SweepFit
from counterpoint.sweeps import SideBySide, Sweep

FORMAT = 2

_FACTS, _SCORES, _MODELS, _HELD_OUT = "sweep.json", "scores.parquet", "weights.npz", "held_out.npz"

_WEIGHTS = (
    "alphas",
    "coef",
    "intercept",
    "data_loss",
    "penalty",
    "gap",
    "weight_norm",
    "nonzero",
    "train_margin",
    "greatest_weight",
    "fold_relative_gap",
    "fill",
    "pending",
)
_SETTINGS = (
    "loss",
    "loss_label",
    "penalty_name",
    "l1_ratio",
    "feature_names",
    "base_rate_loss",
    "tol",
    "scale",
    "scheme",
    "seed",
)

_NOT_AS_SAVED = (
    *(AttributeError, EOFError, LookupError, OSError, TypeError, ValueError),
    *(zipfile.BadZipFile, pl.exceptions.PolarsError),
)


def save_sweep(sweep: Sweep, folder: Path) -> Path:
    """Write a sweep into a folder, in place of one that is there; returns the folder.

    Files: ``sweep.json`` (settings, facts, findings, choice), ``scores.parquet``,
    ``weights.npz`` (a row an alpha), ``held_out.npz`` (predictions for held-out rows).

    Raises
    ------
    InputError
        Where the folder can't be written.
    """
    fit = sweep.fit
    table = io.BytesIO()
    fit.scores.write_parquet(table)
    files = {
        _SCORES: table.getvalue(),
        _MODELS: npz_bytes({name: getattr(fit, name) for name in _WEIGHTS}),
        _HELD_OUT: npz_bytes({f.name: getattr(fit.held_out, f.name) for f in fields(HeldOut)}),
    }
    # Their sums go into the last file: without them, writing that breaks off half-way over an
    # older sweep would leave a folder that reads as one sweep and holds parts of two.
    sums = {name: _sum(content) for name, content in files.items()}
    facts = json.dumps(_sweep_facts(sweep) | {"files": sums}, indent=1, allow_nan=False) + "\n"
    _make(folder)
    for name, content in files.items():
        write_atomically(folder / name, content)
    write_atomically(folder / _FACTS, facts)
    return folder


def save_sweeps(sweeps: Sequence[Sweep], folder: Path) -> Path:
    """Write one sweep into a folder, or several into a folder ``LOSS-PENALTY`` each within it.

    Raises
    ------
    InputError
        Where the folder can't be written.
    """
    if len(sweeps) == 1:
        return save_sweep(sweeps[0], folder)
    names = [f"{s.fit.loss}-{s.fit.penalty_name}" for s in sweeps]
    for name, sweep in zip(names, sweeps, strict=True):
        save_sweep(sweep, folder / name)
    write_atomically(folder / _FACTS, json.dumps({"format": FORMAT, "sweeps": names}) + "\n")
    for name in (_SCORES, _MODELS, _HELD_OUT):  # of a single sweep that was here before
        (folder / name).unlink(missing_ok=True)
    return folder


def _make(folder: Path) -> None:
    check_writable_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def load_sweep(folder: str | Path) -> Sweep:
    """Read a sweep that was saved into a folder.

    Raises
    ------
    InputError
        Where the folder holds no sweep, or one of its files can't be read.
    """
    folder = Path(folder)
    try:
        facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            f"{folder} holds no {_FACTS}; pass a folder that a sweep was saved into."
        ) from None
    except (OSError, ValueError, RecursionError) as error:  # ValueError: no JSON, or no UTF-8
        raise InputError(f"{folder / _FACTS} can't be read ({error}); save it again.") from None
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise InputError(
            f"{folder / _FACTS} is not a sweep of format {FORMAT}; save it again with this "
            "version of Counterpoint."
        )
    if "sweeps" in facts:
        raise InputError(
            f"{folder} holds several sweeps; load one of the folders in it: {facts['sweeps']!r}."
        )
    try:
        return _assemble(_read_files(folder, facts["files"]), facts)
    except InputError:
        raise
    except _NOT_AS_SAVED as error:
        raise InputError(
            f"{folder / _FACTS} is not as it was saved ({type(error).__name__}: {error}); "
            "save it again."
        ) from None


def _read_files(folder: Path, sums: Mapping[str, str]) -> dict[str, bytes]:
    """The other files of a sweep, as they were when its facts were written."""
    files = {}
    for name in (_SCORES, _MODELS, _HELD_OUT):
        try:
            files[name] = (folder / name).read_bytes()
        except OSError as error:
            raise InputError(
                f"{folder / name} can't be read ({error.strerror}); save the sweep again."
            ) from None
        if _sum(files[name]) != sums[name]:
            raise InputError(
                f"{folder / name} is damaged, or belongs to another sweep than the {_FACTS} "
                "beside it; save the sweep again."
            )
    return files


def _assemble(files: Mapping[str, bytes], facts: dict[str, Any]) -> Sweep:
    weights, held_out = read_npz(files[_MODELS]), read_npz(files[_HELD_OUT])
    settings = {name: facts["settings"][name] for name in _SETTINGS}
    settings["feature_names"] = tuple(settings["feature_names"])
    held_out["calibrated"] = bool(held_out["calibrated"])
    fit = SweepFit(
        **{name: weights[name] for name in _WEIGHTS},
        **settings,
        classes=np.array(facts["classes"]),
        scores=pl.read_parquet(io.BytesIO(files[_SCORES])),
        held_out=HeldOut(**held_out),
        facts=_read_facts(facts["data"]),
    )
    findings = tuple(
        Finding(**{**f, "instead": tuple(f.get("instead", ()))}) for f in facts["findings"]
    )
    columns = tuple(
        Column(c["name"], None if c["levels"] is None else tuple(c["levels"]))
        for c in facts["schema"]["columns"]
    )
    schema = Schema(columns, facts["schema"]["by_name"], facts["schema"]["sparse"])
    return Sweep(fit, schema, findings, _read_choice(facts["choice"]))


def _sweep_facts(sweep: Sweep) -> dict[str, Any]:
    """Everything of a sweep but its arrays and tables, as plain JSON values."""
    fit = sweep.fit
    data = asdict(fit.facts)
    for name, value in data.items():
        if isinstance(value, np.ndarray):
            data[name] = value.tolist()
    return {
        "format": FORMAT,
        "settings": {name: getattr(fit, name) for name in _SETTINGS},
        "classes": fit.classes.tolist(),
        "data": data,
        "schema": asdict(sweep.schema),
        "findings": [_finding_facts(finding) for finding in sweep.findings],
        "choice": asdict(sweep.choice),
    }


def plain_results(result: SideBySide) -> dict[str, Any]:
    """What `counterpoint sweep --json` prints: alphas, scores as rows, findings and choice.

    ``choice`` is that of the sweep with the least held-out log loss; ``choices`` has all of them.
    """
    scores, findings, choices = [], [_finding_facts(f) for f in result.findings], []
    for sweep in result.sweeps:
        name = {"loss": sweep.fit.loss, "penalty": sweep.fit.penalty_name}
        rows = sweep.scores.with_columns(
            pl.col("value", "low", "high").map_batches(_finite_or_null)
        )
        scores += [{**name, **row} for row in rows.iter_rows(named=True)]
        findings += [{**name, **_finding_facts(finding)} for finding in sweep.findings]
        choices.append({**name, **asdict(sweep.choice)})
    least = min(choices, key=lambda c: (c["best"]["log_loss"] is None, c["best"]["log_loss"]))
    return {
        "alphas": result.sweeps[0].alphas.tolist(),
        "scores": scores,
        "findings": findings,
        "choice": least,
        "choices": choices,
    }


def _finite_or_null(values: pl.Series) -> pl.Series:
    """JSON has no infinity and no NaN."""
    return values.set(~values.is_finite(), None)


def _finding_facts(finding: Finding) -> dict[str, Any]:
    """A finding as plain JSON values."""
    out = {f.name: getattr(finding, f.name) for f in fields(Finding)}
    return {**out, "evidence": dict(finding.evidence)}


def _read_choice(choice: dict[str, Any]) -> Choice:
    points = {name: StrengthScores(**choice[name]) for name in ("best", "one_se", "recommended")}
    return Choice(**{**choice, **points})


def _read_facts(data: dict[str, Any]) -> DataFacts:
    arrays = {
        name: np.array(data[name]) for name in ("class_count", "class_share", "held_out_share")
    }
    return DataFacts(
        n=data["n"],
        n_features=data["n_features"],
        **arrays,
        duplicates=tuple((a, b, r) for a, b, r in data["duplicates"]),
        constant=tuple(data["constant"]),
        missing_cells=data["missing_cells"],
        notes=tuple(data["notes"]),
    )
