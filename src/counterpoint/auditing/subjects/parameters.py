"""Where a hand-written network keeps its parameters, and how to change them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from counterpoint.auditing.subjects import names
from counterpoint.errors import InputError
from counterpoint.probes.subject import Array, Kind, Tensor


@dataclass(frozen=True)
class Parameters:
    """Arrays of parameters, found anew at each call: code may replace them by others.

    Attributes
    ----------
    tensors
    arrays
        The arrays by which the network computes, in the order of ``tensors``.
    put
        Hand arrays to the network where it gives only copies; None where ``arrays`` are its own.
    source
        Where they were found.
    resolution
        Relative rounding of the coarsest of them.
    """

    tensors: tuple[Tensor, ...]
    arrays: Callable[[], list[Any]]
    put: Callable[[Sequence[Array]], None] | None
    source: str
    resolution: float

    def read(self) -> Sequence[Array]:
        return self.arrays()

    def write(self, values: Sequence[Array]) -> None:
        if self.put is not None:
            self.put(values)
            return
        for array, value in zip(self.arrays(), values, strict=True):
            array[...] = value

    def poke(self, k: int, index: int, value: float) -> None:
        arrays = self.arrays()
        if self.put is not None:
            changed = [np.array(array) for array in arrays]
            changed[k].flat[index] = value
            self.put(changed)
        else:
            arrays[k].flat[index] = value


def find_parameters(network: Any) -> Parameters:
    """Look for lists of weights and biases, then for a method that gives all parameters."""
    for lists in names.LISTS:
        if all(_is_arrays(getattr(network, name, None)) for name in lists):
            return _from_lists(network, lists)
    for name in names.PARAMETERS:
        if hasattr(network, name):
            made = _from_accessor(network, name)
            if made is not None:
                return made
    if isinstance(network, (Mapping, list, tuple)):
        return _from_getter(lambda: network, None, "the arrays given")
    own = [name for name, value in getattr(network, "__dict__", {}).items() if _is_array(value)]
    layers = [name for name in own if _kind(name, getattr(network, name)) == "weight"]
    if layers:
        gradients = {words.format(name) for name in own for words in names.GRADIENT_OF}
        learned = [
            name
            for name in own
            if (name[:1] in "wWbB" or name[:5].lower() in ("gamma", "beta"))
            and name not in gradients
        ]
        return _from_getter(
            lambda: {name: getattr(network, name) for name in learned}, None, ", ".join(learned)
        )
    if name := _whole_numbers(network):
        raise InputError(
            f"{type(network).__name__}.{name} holds whole numbers, which no small step can change: "
            "make it an array of floats."
        )
    raise InputError(
        f"{type(network).__name__} has no parameters that can be found: neither lists weights and "
        "biases, nor parameters(), params, or get_params() with set_params()."
    )


def check_finite(parameters: Parameters) -> None:
    """Raise InputError where a parameter is NaN or infinite."""
    for tensor, array in zip(parameters.tensors, parameters.read(), strict=True):
        if not np.all(np.isfinite(array)):
            raise InputError(
                f"{tensor.name} holds NaN or infinite numbers: audit a network that was just made."
            )


def _from_lists(network: Any, lists: tuple[str, str]) -> Parameters:
    weights, biases = (getattr(network, name) for name in lists)
    kinds: tuple[Kind, Kind] = ("weight", "bias")
    tensors = [
        Tensor(f"{name}[{layer}]", kind, layer + 1, np.shape(array))
        for name, kind, arrays in zip(lists, kinds, (weights, biases), strict=True)
        for layer, array in enumerate(arrays)
    ]
    _refine(network, lists)

    def arrays() -> list[Any]:
        return [array for name in lists for array in getattr(network, name)]

    return Parameters(tuple(tensors), arrays, None, " and ".join(lists), _resolution(arrays()))


def _refine(network: Any, lists: Sequence[str]) -> None:
    """Single precision to double, where the network keeps plain lists: slopes are then sharper."""
    for name in lists:
        kept = getattr(network, name)
        if isinstance(kept, list):
            kept[:] = [np.array(array, dtype=np.float64) for array in kept]


def _from_accessor(network: Any, name: str) -> Parameters | None:
    part = getattr(network, name)

    def get() -> Any:
        now = getattr(network, name)
        return now() if callable(now) else now

    try:
        found = get()
    except TypeError:
        return None
    if not isinstance(found, (Mapping, list, tuple)) or not flat_arrays(found):
        return None
    setter = getattr(network, names.SETTERS.get(name, ""), None)
    live = all(
        a is b for (_, a), (_, b) in zip(flat_arrays(found), flat_arrays(get()), strict=True)
    )
    put = None
    if callable(part) and setter is not None and not live:

        def put(values: Sequence[Array]) -> None:
            getattr(network, names.SETTERS[name])(_unflat(get(), values))

    return _from_getter(get, put, f"{name}()" if callable(part) else name)


def _from_getter(
    get: Callable[[], Any], put: Callable[[Sequence[Array]], None] | None, source: str
) -> Parameters:
    tensors: list[Tensor] = []
    layer = 0
    for name, array in flat_arrays(get()):
        kind = _kind(name, array)
        layer += kind == "weight"
        tensors.append(Tensor(name, kind, max(layer, 1), np.shape(array)))

    def arrays() -> list[Any]:
        return [array for _, array in flat_arrays(get())]

    return Parameters(tuple(tensors), arrays, put, source, _resolution(arrays()))


def flat_arrays(found: Any, prefix: str = "") -> list[tuple[str, Any]]:
    """Arrays with names, out of lists and dictionaries of them."""
    items = found.items() if isinstance(found, Mapping) else enumerate(found)
    flat: list[tuple[str, Any]] = []
    for key, value in items:
        name = f"{prefix}{key}" if isinstance(key, str) else f"{prefix}[{key}]"
        if _is_array(value):
            flat.append((name, value))
        elif isinstance(value, (Mapping, list, tuple)):
            flat += flat_arrays(value, name)
    return flat


def _unflat(found: Any, values: Sequence[Array]) -> Any:
    """The same lists and dictionaries with other arrays in them."""
    rest = iter(values)

    def again(part: Any) -> Any:
        if _is_array(part):
            return np.array(next(rest), dtype=part.dtype)
        if isinstance(part, Mapping):
            return {key: again(value) for key, value in part.items()}
        if isinstance(part, (list, tuple)):
            return type(part)([again(value) for value in part])
        return part

    return again(found)


def _kind(name: str, array: Any) -> Kind:
    plain = name.lower()
    if any(part in plain for part in ("gamma", "beta", "norm", "bn")):
        return "norm"
    if plain.split(".")[-1].startswith("b"):
        return "bias"
    return (
        "weight"
        if np.ndim(array) >= 2 and min(np.shape(array)) > 1
        else ("weight" if plain.startswith("w") else "bias")
    )


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _is_arrays(value: Any) -> bool:
    listed = isinstance(value, (list, tuple)) or (
        isinstance(value, np.ndarray) and value.dtype.kind == "O"
    )
    return listed and len(value) > 0 and all(map(_is_array, value))


def _whole_numbers(network: Any) -> str:
    """The list or array of parameters that holds whole numbers, which no small step can change."""
    for name in (each for lists in names.LISTS for each in lists):
        value = getattr(network, name, None)
        arrays = value if isinstance(value, (list, tuple)) else [value]
        if any(isinstance(each, np.ndarray) and each.dtype.kind in "iu" for each in arrays):
            return name
    return ""


def _resolution(arrays: Sequence[Any]) -> float:
    return max((float(np.finfo(array.dtype).eps) for array in arrays), default=0.0)
