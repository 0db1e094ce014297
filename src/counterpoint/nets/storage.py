"""Populations on disk: weights as safetensors, history as Parquet, the rest as npz and JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from counterpoint.arrays import npz_bytes, read_npz
from counterpoint.data import Column, Schema
from counterpoint.errors import InputError
from counterpoint.files import all_or_nothing, write_atomically
from counterpoint.fit.nets.functional import ModuleFactory, functional_model
from counterpoint.fit.nets.history import History
from counterpoint.fit.nets.model import Model, Parameters
from counterpoint.fit.nets.perceptron import Perceptron
from counterpoint.fit.nets.result import PopulationFit, Validation, When
from counterpoint.fit.nets.settings import Settings
from counterpoint.fit.result import HeldOut
from counterpoint.nets.population import Population
from counterpoint.nets.rows import Inputs

FORMAT = 1

_FACTS, _WEIGHTS, _HISTORY, _ARRAYS = (
    "population.json",
    "weights.safetensors",
    "history.parquet",
    "arrays.npz",
)
_COUNTS = ("network", "features", "train_rows", "judged_rows", "epochs", "interrupted")
_TIMES: tuple[When, When] = ("last", "best")
_GROUPS = ("last", "best", "constants")


def save(population: Population, folder: Path) -> Path:
    """Write a population into a folder; returns the folder.

    Files: ``weights.safetensors`` (``best/NAME`` and ``last/NAME``, a row a member),
    ``history.parquet`` (tidy), ``arrays.npz``, ``population.json`` (settings and the rest).

    Raises
    ------
    InputError
        Where the folder can't be written.
    """
    with all_or_nothing(folder) as staged:
        write_files(population, staged)
    return folder


def write_files(population: Population, folder: Path) -> None:
    """The files of `save`, into a folder that is there."""
    fit = population.fit
    weights = {
        f"{group}/{name}": value.contiguous()
        for group in _GROUPS
        for name, value in getattr(fit, group).items()
    }
    table = io.BytesIO()
    population.history.write_parquet(table)
    write_atomically(folder / _WEIGHTS, save_tensors(weights))
    write_atomically(folder / _HISTORY, table.getvalue())
    write_atomically(folder / _ARRAYS, npz_bytes(_arrays(population)))
    facts = json.dumps(_facts(population), indent=1, allow_nan=False) + "\n"
    write_atomically(folder / _FACTS, facts)


def _arrays(population: Population) -> dict[str, Any]:
    fit, inputs = population.fit, population.inputs
    arrays = {
        "history": np.stack(fit.history.values),
        "class_count": fit.class_count,
        "best_epoch": fit.best_epoch,
        "last_epoch": fit.last_epoch,
        "fill": inputs.fill,
        "shift": inputs.shift,
        "scale": inputs.scale,
    }
    if fit.validation is not None:
        for when in _TIMES:
            held_out = fit.validation.at(when)
            arrays |= {f"{when} {f.name}": getattr(held_out, f.name) for f in fields(HeldOut)}
    return arrays


def _facts(population: Population) -> dict[str, Any]:
    fit, model = population.fit, population.model
    return {
        "format": FORMAT,
        "settings": asdict(fit.settings),
        "perceptron": asdict(model) if isinstance(model, Perceptron) else None,
        "classes": fit.classes.tolist(),
        "columns": [list(column) for column in fit.history.columns],
        "row_shape": list(population.inputs.shape),
        "schema": asdict(population.inputs.schema),
        **{name: getattr(fit, name) for name in _COUNTS},
    }


def load(folder: str | Path, make_module: ModuleFactory | None = None) -> Population:
    """Read a population that was saved into a folder.

    Parameters
    ----------
    folder
    make_module
        The factory, where modules of one's own were trained.

    Raises
    ------
    InputError
        Where the folder holds no population, or one of its files can't be read.
    """
    home = Path(folder)
    try:
        facts = json.loads((home / _FACTS).read_text(encoding="utf-8"))
        if facts["format"] != FORMAT:
            raise InputError(f"{home} holds a population of format {facts['format']!r}: update.")
        weights = load_tensors((home / _WEIGHTS).read_bytes())
        arrays = read_npz((home / _ARRAYS).read_bytes())
        inputs = _inputs(facts, arrays)
        fit = _fit(facts, arrays, weights)
        return Population(_model(facts, fit, inputs, make_module), fit, inputs)
    except InputError:
        raise
    except FileNotFoundError as error:
        raise InputError(
            f"{error.filename} is missing; pass a folder that a population was saved into."
        ) from None
    except (OSError, SafetensorError, *_NOT_AS_SAVED) as error:
        raise InputError(
            f"{home} holds no population that can be read ({type(error).__name__}: {error}); "
            "save it again."
        ) from None


_NOT_AS_SAVED = (AttributeError, EOFError, LookupError, TypeError, ValueError, RecursionError)


def _fit(facts: Mapping[str, Any], arrays: dict[str, Any], weights: Parameters) -> PopulationFit:
    settings: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in facts["settings"].items()
    }
    groups: dict[str, Any] = {
        group: {
            name.removeprefix(f"{group}/"): value
            for name, value in weights.items()
            if name.startswith(f"{group}/")
        }
        for group in _GROUPS
    }
    columns = tuple((split, quantity) for split, quantity in facts["columns"])
    return PopulationFit(
        settings=Settings(**settings),
        classes=np.array(facts["classes"]),
        class_count=arrays["class_count"],
        history=History(columns, list(arrays["history"])),
        **groups,
        best_epoch=arrays["best_epoch"],
        last_epoch=arrays["last_epoch"],
        validation=_validation(arrays),
        **{name: facts[name] for name in _COUNTS},
    )


def _validation(arrays: Mapping[str, Any]) -> Validation | None:
    if "last row" not in arrays:
        return None
    names = [f.name for f in fields(HeldOut) if f.name != "calibrated"]
    last, best = (
        HeldOut(**{name: arrays[f"{when} {name}"] for name in names}, calibrated=False)
        for when in _TIMES
    )
    return Validation(last, best)


def _inputs(facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> Inputs:
    columns = tuple(
        Column(c["name"], None if c["levels"] is None else tuple(c["levels"]))
        for c in facts["schema"]["columns"]
    )
    schema = Schema(columns, facts["schema"]["by_name"], facts["schema"]["sparse"])
    shape = tuple(facts["row_shape"])
    return Inputs(schema, shape, arrays["fill"], arrays["shift"], arrays["scale"])


def _model(
    facts: Mapping[str, Any], fit: PopulationFit, inputs: Inputs, make: ModuleFactory | None
) -> Model:
    if facts["perceptron"] is not None:
        return Perceptron(tuple(facts["perceptron"]["sizes"]), facts["perceptron"]["activation"])
    if make is None:
        raise InputError("modules of your own were trained; pass the function that makes them.")
    row = torch.zeros(inputs.shape, dtype=torch.float64)
    return functional_model(make, fit.settings.seeds[0], len(fit.classes), row)
