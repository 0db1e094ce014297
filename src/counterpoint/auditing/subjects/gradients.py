"""Gradients that hand-written networks expose: found by name, in the order of the parameters."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from counterpoint.auditing.subjects import names
from counterpoint.auditing.subjects.calling import Form, Method, method
from counterpoint.auditing.subjects.parameters import Parameters, flat_arrays
from counterpoint.probes.subject import Array, Labels, Rows, Tensor

Ask = Callable[[Array, Labels], list[Array]]


@dataclass(frozen=True)
class Gradients:
    """How to ask for the gradients of some rows, and how that was found, for people."""

    ask: Ask | None
    note: str


@dataclass(frozen=True)
class _Way:
    """One way to get at gradients; ``updates`` where it takes a step to get them."""

    note: str
    ask: Ask
    updates: bool = False


def find_gradients(
    network: Any,
    parameters: Parameters,
    form: Form,
    settings: Mapping[str, Any],
    given: Callable[..., Any] | None,
    step: Callable[[Array, Labels], None],
    restore: Callable[[], None],
    rows: Rows,
) -> Gradients:
    """Look for a method that gives gradients, then for attributes that a step leaves behind.

    They are tried on some rows, each time from the state that ``restore`` puts back. A way that
    raises, changes the parameters, or gives arrays of other shapes is left out; the note says so.
    """
    X, y = rows
    failure = ""
    for way in _ways(network, parameters.tensors, form, settings, given, step):
        restore()
        before = [np.array(array) for array in parameters.read()]
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")  # nobody asked for this call
                found = way.ask(X, y)
        except Exception as error:
            said = f"{way.note} gives none that can be used ({type(error).__name__}: {error})"
        else:
            if way.updates or all(map(np.array_equal, before, parameters.read())):
                usable = all(np.all(np.isfinite(a)) for a in found) and any(map(np.any, found))
                if usable:
                    return Gradients(way.ask, f"gradients: {way.note}")
                said = f"{way.note} gives zeros or NaN"
            else:
                said = f"{way.note} changes the parameters"
        # What a step leaves behind is looked for unasked: only a method's failure is told.
        failure = failure or ("" if way.updates else said)
    return Gradients(None, f"gradients: {failure}: left out" if failure else "")


def _ways(
    network: Any,
    tensors: Sequence[Tensor],
    form: Form,
    settings: Mapping[str, Any],
    given: Callable[..., Any] | None,
    step: Callable[[Array, Labels], None],
) -> Iterator[_Way]:
    for name, call in _methods(network, given):
        bound = method(call, settings)
        for each in (form, replace(form, hot=not form.hot)):
            yield _Way(name, _of_batch(network, tensors, bound, each))
            one = _of_samples(network, tensors, bound, each)
            yield _Way(f"{name}, one sample at a time", one)

    def after_a_step(X: Array, y: Labels) -> list[Array]:
        before = copy.deepcopy(_kept(network, tensors))
        step(X, y)
        kept = _kept(network, tensors)
        found = in_order(kept, tensors, len(y))
        if before is not None and all(
            np.array_equal(was, now)
            for (_, was), (_, now) in zip(flat_arrays(before), flat_arrays(kept), strict=False)
        ):
            raise ValueError("the step does not touch them")
        return found

    yield _Way("attributes after a step", after_a_step, updates=True)


def _methods(
    network: Any, given: Callable[..., Any] | None
) -> list[tuple[str, Callable[..., Any]]]:
    if given is not None:
        return [(getattr(given, "__name__", "the function given"), given)]
    found = [(name, getattr(network, name, None)) for name in names.GRADIENTS]
    return [(f"{name}()", part) for name, part in found if callable(part)]


def _of_batch(network: Any, tensors: Sequence[Tensor], bound: Method, form: Form) -> Ask:
    def ask(X: Array, y: Labels) -> list[Array]:
        found = bound(form, X, y)
        return in_order(_kept(network, tensors) if found is None else found, tensors, len(y))

    return ask


def _of_samples(network: Any, tensors: Sequence[Tensor], bound: Method, form: Form) -> Ask:
    """The mean over samples, each handed over by itself as in a list of pairs."""

    def ask(X: Array, y: Labels) -> list[Array]:
        total: list[Array] = []
        for sample, target in form.pairs(X, y):
            found = bound.call(sample, target, **bound.settings)
            one = in_order(_kept(network, tensors) if found is None else found, tensors, 1)
            total = [a + b for a, b in zip(total, one, strict=True)] if total else one
        return [array / len(y) for array in total]

    return ask


def _kept(network: Any, tensors: Sequence[Tensor]) -> Any:
    """Gradients that the network holds as attributes; None where there are none."""
    own = getattr(network, "__dict__", {})
    for pair in names.GRADIENT_LISTS:
        if all(isinstance(own.get(name), (list, tuple, np.ndarray)) for name in pair):
            return [own[name] for name in pair]
    for name in names.GRADIENTS_KEPT:
        if isinstance(own.get(name), (list, tuple, Mapping)):
            return own[name]
    for words in names.GRADIENT_OF:
        if all(words.format(tensor.name) in own for tensor in tensors):
            return [own[words.format(tensor.name)] for tensor in tensors]
    return None


def in_order(found: Any, tensors: Sequence[Tensor], n_rows: int) -> list[Array]:
    """Copies of gradients as a network hands them over, in the order and shapes of the parameters.

    By name where each has one; else by shape, layers from first to last or from last to first, in
    pairs of lists or lists of pairs. Of one gradient a sample the mean is taken.

    Raises
    ------
    ValueError
        They do not fit the parameters.
    """
    if isinstance(found, (list, tuple)) and len(found) == n_rows > 1:
        each = [_matched(flat_arrays(_plain(one)), tensors) for one in found]
        if all(each):
            return [np.mean([one[k] for one in each if one], axis=0) for k in range(len(tensors))]
    arrays = flat_arrays(_plain(found)) if found is not None else []
    stacked = [(name, a.mean(axis=0)) for name, a in arrays if a.ndim and len(a) == n_rows]
    matched = _matched(arrays, tensors) or _matched(stacked, tensors)
    if matched is None:
        shapes = ", ".join(str(np.shape(array)) for _, array in arrays[:6]) or "nothing"
        raise ValueError(f"{shapes} where the parameters have other shapes")
    return matched


def _plain(found: Any) -> Any:
    """Arrays of arrays as lists, scalars of losses left out, one array as a list of it."""
    if isinstance(found, np.ndarray):
        return _plain(list(found)) if found.dtype.kind == "O" else [found]
    if isinstance(found, Mapping):
        return found
    if isinstance(found, (list, tuple)):
        return [
            each if isinstance(each, Mapping) or _is_plain(each) else _plain(each) for each in found
        ]
    return []


def _is_plain(each: Any) -> bool:
    return isinstance(each, np.ndarray) and each.dtype.kind == "f"


def _matched(arrays: Sequence[tuple[str, Any]], tensors: Sequence[Tensor]) -> list[Array] | None:
    """The arrays in the order of the parameters; None where they do not fit."""
    by_name = dict(arrays)
    for words in ("{}", *names.GRADIENT_OF):
        own = [words.format(tensor.name) for tensor in tensors]
        named = [by_name[name] for name in own if name in by_name]
        if len(named) == len(tensors) and _fit(named, tensors):
            return _shaped(named, tensors)
    plain = [array for _, array in arrays]
    if len(plain) != len(tensors):
        return None
    forward = [t.shape for t in tensors if t.kind == "weight"]
    if [a.shape for a in plain if a.shape in forward] != forward:
        plain = plain[::-1]
    chosen: dict[int, Any] = {}
    for alike in (_same_shape, _same_size):
        for k, tensor in enumerate(tensors):
            place = next((i for i, a in enumerate(plain) if alike(a.shape, tensor.shape)), None)
            if k not in chosen and place is not None:
                chosen[k] = plain.pop(place)
    if len(chosen) < len(tensors):
        return None
    return _shaped([chosen[k] for k in range(len(tensors))], tensors)


def _fit(arrays: Sequence[Any], tensors: Sequence[Tensor]) -> bool:
    return all(_same_size(a.shape, t.shape) for a, t in zip(arrays, tensors, strict=True))


def _same_shape(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return one == other


def _same_size(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether shapes are alike but for axes of length 1."""
    return [n for n in one if n > 1] == [n for n in other if n > 1]


def _shaped(arrays: Sequence[Any], tensors: Sequence[Tensor]) -> list[Array]:
    return [
        np.array(a, dtype=np.float64).reshape(t.shape) for a, t in zip(arrays, tensors, strict=True)
    ]
