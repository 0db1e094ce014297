"""Calling a stranger's method: rows as arrays or pairs, settings by the name of the argument."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from counterpoint.auditing.subjects import names
from counterpoint.probes.losses import one_hot
from counterpoint.probes.subject import Array, Labels

Layout = Literal["rows", "columns"]


@dataclass(frozen=True)
class Form:
    """How a network wants its data.

    Attributes
    ----------
    layout
        One sample a row, or one a column.
    hot
        Labels as one column (or row) a class; else as numbers.
    n_outputs
        Columns that one-hot labels get.
    """

    layout: Layout
    hot: bool
    n_outputs: int

    def features(self, X: Array) -> Array:
        return X if self.layout == "rows" else np.ascontiguousarray(X.T)

    def labels(self, y: Labels) -> Any:
        if not self.hot:
            return y.copy()
        target = one_hot(y, self.n_outputs)
        return target if self.layout == "rows" else np.ascontiguousarray(target.T)

    def pairs(self, X: Array, y: Labels) -> list[tuple[Array, Any]]:
        """One pair a sample, each a column where samples are columns."""
        target = one_hot(y, self.n_outputs) if self.hot else y
        if self.layout == "columns":
            column = [t.reshape(-1, 1) if self.hot else int(t) for t in target]
            return list(zip([x.reshape(-1, 1) for x in X], column, strict=True))
        return list(zip(X, target, strict=True))


@dataclass(frozen=True)
class Method:
    """A method that is given rows, and the settings it asks for by name.

    Attributes
    ----------
    call
    settings
        Values for further arguments, by the argument's name.
    as_pairs
        It takes one list of pairs (x, y).
    takes_labels
        It takes labels beside the rows.
    mode
        Its argument that tells training from evaluation; or empty.
    """

    call: Callable[..., Any]
    settings: Mapping[str, Any]
    as_pairs: bool
    takes_labels: bool
    mode: str = ""

    def in_mode(self, training: bool) -> Method:
        """The same, called for training or for evaluation where it tells them apart."""
        if not self.mode:
            return self
        return replace(self, settings={**self.settings, self.mode: training})

    def __call__(self, form: Form, X: Array, y: Labels | None) -> Any:
        if y is None or not self.takes_labels:
            return self.call(form.features(X), **self.settings)
        if self.as_pairs:
            return self.call(form.pairs(X, y), **self.settings)
        return self.call(form.features(X), form.labels(y), **self.settings)


def method(
    call: Callable[..., Any], settings: Mapping[str, Any], *, takes_labels: bool = True
) -> Method:
    """Look at the arguments of a callable, and choose how to call it."""
    parameters = _parameters(call)
    first = parameters[0].name if parameters else ""
    given = {p.name: settings[p.name] for p in parameters[1:] if p.name in settings}
    mode = next((p.name for p in parameters[1:] if p.name in names.TRAINING), "")
    required = _required(parameters)
    one_argument = len([name for name in required if name not in given]) == 1
    as_pairs = takes_labels and (first in names.PAIRS) and one_argument
    return Method(call, given, as_pairs, takes_labels, mode)


def setting_not_said(call: Callable[..., Any], settings: Mapping[str, Any]) -> tuple[str, str]:
    """An argument that a callable can't do without and nobody gave a value, and what it is."""
    kinds = {name: kind for kind, wanted in names.SETTINGS.items() for name in wanted}
    for name in _required(_parameters(call))[1:]:
        if name in kinds and name not in settings:
            return name, kinds[name]
    return "", ""


def _parameters(call: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(call).parameters.values())
    except (TypeError, ValueError):
        return []


def _required(parameters: list[inspect.Parameter]) -> list[str]:
    return [
        p.name
        for p in parameters
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
