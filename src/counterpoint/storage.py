"""Sweeps on disk: tables as Parquet, arrays as npz, facts as JSON. No pickle is written or read."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from counterpoint.data import Column, Schema
from counterpoint.errors import InputError
from counterpoint.files import write_atomically
from counterpoint.findings import Choice, Finding
from counterpoint.findings.choice import Point
from counterpoint.fit.result import DataFacts, HeldOut, SweepFit
from counterpoint.sweeps import SideBySide, Sweep

FORMAT = 1

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


def save_sweep(sweep: Sweep, folder: Path) -> Path:
    """Write a sweep into a folder, each file whole or not at all; returns the folder.

    Files: ``sweep.json`` (settings, facts, findings, choice), ``scores.parquet``,
    ``weights.npz`` (a row an alpha), ``held_out.npz`` (predictions for held-out rows).

    Raises
    ------
    InputError
        Where the folder can't be written.
    """
    fit = sweep.fit
    folder.mkdir(parents=True, exist_ok=True)
    table = io.BytesIO()
    fit.scores.write_parquet(table)
    write_atomically(folder / "scores.parquet", table.getvalue())
    write_atomically(folder / "weights.npz", _npz({name: getattr(fit, name) for name in _WEIGHTS}))
    held_out = {f.name: np.asarray(getattr(fit.held_out, f.name)) for f in fields(HeldOut)}
    write_atomically(folder / "held_out.npz", _npz(held_out))
    # Last: a folder with this file is complete.
    write_atomically(folder / "sweep.json", json.dumps(sweep_facts(sweep), indent=1) + "\n")
    return folder


def load_sweep(folder: str | Path) -> Sweep:
    """Read a sweep that was saved into a folder.

    Raises
    ------
    InputError
        Where the folder holds no sweep, or one of its files can't be read.
    """
    folder = Path(folder)
    try:
        facts = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"{folder} holds no sweep.json; pass a folder that a sweep was saved into."
        ) from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(
            f"{folder / 'sweep.json'} can't be read ({error}); save it again."
        ) from None
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise InputError(
            f"{folder / 'sweep.json'} is not a sweep of format {FORMAT}; save it again with this "
            "version of Counterpoint."
        )
    try:
        return _assemble(folder, facts)
    except (OSError, KeyError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise InputError(
            f"the sweep in {folder} is not complete ({error}); save it again."
        ) from None


def _assemble(folder: Path, facts: dict[str, Any]) -> Sweep:
    weights, held_out = _read_npz(folder / "weights.npz"), _read_npz(folder / "held_out.npz")
    settings = {name: facts["settings"][name] for name in _SETTINGS}
    settings["feature_names"] = tuple(settings["feature_names"])
    held_out["calibrated"] = bool(held_out["calibrated"])
    fit = SweepFit(
        **{name: weights[name] for name in _WEIGHTS},
        **settings,
        classes=np.array(facts["classes"]),
        scores=pl.read_parquet(folder / "scores.parquet"),
        held_out=HeldOut(**held_out),
        facts=_read_facts(facts["data"]),
    )
    findings = tuple(Finding(**finding) for finding in facts["findings"])
    columns = tuple(
        Column(c["name"], None if c["levels"] is None else tuple(c["levels"]))
        for c in facts["schema"]["columns"]
    )
    schema = Schema(columns, facts["schema"]["by_name"], facts["schema"]["sparse"])
    return Sweep(fit, schema, findings, _read_choice(facts["choice"]))


def sweep_facts(sweep: Sweep) -> dict[str, Any]:
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
        "findings": [finding_facts(finding) for finding in sweep.findings],
        "choice": asdict(sweep.choice),
    }


def plain_results(result: SideBySide) -> dict[str, Any]:
    """What `counterpoint sweep --json` prints: alphas, scores as rows, findings and choice.

    ``choice`` is that of the sweep with the least held-out log loss; ``choices`` has all of them.
    """
    scores, findings, choices = [], [finding_facts(f) for f in result.findings], []
    for sweep in result.sweeps:
        name = {"loss": sweep.fit.loss, "penalty": sweep.fit.penalty_name}
        rows = sweep.scores.with_columns(
            pl.col("value", "low", "high").map_batches(_finite_or_null)
        )
        scores += [{**name, **row} for row in rows.iter_rows(named=True)]
        findings += [{**name, **finding_facts(finding)} for finding in sweep.findings]
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


def finding_facts(finding: Finding) -> dict[str, Any]:
    """A finding as plain JSON values."""
    out = {f.name: getattr(finding, f.name) for f in fields(Finding)}
    return {**out, "evidence": dict(finding.evidence)}


def _read_choice(choice: dict[str, Any]) -> Choice:
    points = {name: Point(**choice[name]) for name in ("best", "one_se", "recommended")}
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


def _npz(arrays: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _read_npz(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
