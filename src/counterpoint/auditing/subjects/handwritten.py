"""Hand-written networks as subjects: their parts are found by the names that such code uses."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from counterpoint.auditing.subjects import names
from counterpoint.auditing.subjects.calling import Form, Method, method, setting_not_said
from counterpoint.auditing.subjects.gradients import find_gradients
from counterpoint.auditing.subjects.parameters import Parameters, check_finite, find_parameters
from counterpoint.errors import InputError
from counterpoint.probes.subject import Array, Labels, Rows, Subject

#: Ways to hand over rows, the most usual first.
_FORMS = (("rows", False), ("rows", True), ("columns", True), ("columns", False))


def subject_of(
    network: Any,
    rows: Rows,
    n_outputs: int,
    settings: Mapping[str, Any],
    given: Mapping[str, Callable[..., Any] | None],
) -> Subject:
    """Find a network's parts, and how it wants its rows.

    Parameters
    ----------
    network
        Its copy: it will be changed.
    rows
        Rows of the data, on which the ways to call it are tried.
    n_outputs
        Columns of one-hot labels.
    settings
        Values for arguments that methods ask for by name.
    given
        Methods that the caller names: ``cost``, ``step``, ``outputs``, ``data_loss``,
        ``accuracy``, ``gradients``.

    Raises
    ------
    InputError
        A part that is needed is missing, or cannot be called.
    """
    parameters = find_parameters(network)
    check_finite(parameters)
    found = {
        role: _find(network, wanted, given.get(role))
        for role, wanted in (
            ("step", names.STEP),
            ("cost", names.COST),
            ("outputs", names.OUTPUTS),
            ("data_loss", names.DATA_LOSS),
            ("accuracy", names.ACCURACY),
        )
    }
    kind = type(network).__name__
    if found["step"] is None:
        raise InputError(
            f"{kind} has no method for one update: none of {', '.join(names.STEP[:6])} … is there; "
            "give it as step=, a function of a mini-batch (X, y)."
        )
    if found["cost"] is None and found["data_loss"] is None and found["outputs"] is None:
        raise InputError(
            f"{kind} reports no cost: none of {', '.join(names.COST[:4])} … is there; "
            "give it as cost=, a function of rows (X, y)."
        )
    _check_settings(kind, filter(None, (found["step"], found["cost"])), settings)
    methods = {
        role: method(part[1], settings, takes_labels=role != "outputs")
        for role, part in found.items()
        if part is not None
    }
    state = _saved(network, parameters)
    form = _form(methods, rows, n_outputs, kind)
    accuracy_form = _form_of_accuracy(methods.get("accuracy"), form, rows)
    if accuracy_form is None:
        del found["accuracy"]
    step = _steps(methods["step"], form)
    gradients = find_gradients(
        network,
        parameters,
        form,
        settings,
        given.get("gradients"),
        step,
        restore=lambda: _restored(network, parameters, state),
        rows=(rows[0][:7], rows[1][:7]),
    )
    _restored(network, parameters, state)
    return Subject(
        tensors=parameters.tensors,
        read=parameters.read,
        write=parameters.write,
        poke=parameters.poke,
        step=step,
        save=lambda: _saved(network, parameters),
        restore=lambda saved: _restored(network, parameters, saved),
        stir=lambda seed: _stirred(network, seed),
        cost=_number(methods.get("cost"), form),
        outputs=_outputs(network, methods.get("outputs"), form, training=True),
        evaluated_outputs=_outputs(network, methods.get("outputs"), form, training=False)
        if _has_modes(network, methods.get("outputs"))
        else None,
        data_loss=_number(methods.get("data_loss"), form),
        accuracy=None if accuracy_form is None else _number(methods["accuracy"], accuracy_form),
        gradients=gradients.ask,
        resolution=parameters.resolution,
        read_as=(
            f"parameters: {parameters.source}",
            *(f"{role}: {part[0]}" for role, part in found.items() if part is not None),
            *([gradients.note] if gradients.note else []),
            f"data: one sample a {form.layout[:-1]}, "
            f"labels as {'one-hot vectors' if form.hot else 'numbers'}",
        ),
    )


def _find(
    network: Any, wanted: Sequence[str], given: Callable[..., Any] | None
) -> tuple[str, Callable[..., Any]] | None:
    if given is not None:
        return getattr(given, "__name__", "given"), given
    for name in wanted:
        # Looked up on the class: every object of a class with __call__ has one, a dict has none.
        part = getattr(network, name, None)
        if callable(part):
            return f"{name}()", part
    return None


def _check_settings(
    kind: str, methods: Iterable[tuple[str, Callable[..., Any]]], settings: Mapping[str, Any]
) -> None:
    """Refuse a method that can't be called for want of a setting."""
    for name, call in methods:
        argument, setting = setting_not_said(call, settings)
        if argument:
            raise InputError(
                f"{name} of {kind} asks for {argument}, which nobody said: pass {setting}=, or "
                f"--{setting.replace('_', '-')} to the command."
            )


def _form(methods: Mapping[str, Method], rows: Rows, n_outputs: int, kind: str) -> Form:
    """The first way to hand over rows that every method takes."""
    X, y = rows[0][:7], rows[1][:7]
    failures: dict[str, str] = {}
    for layout, hot in _FORMS:
        form = Form(layout, hot, n_outputs)  # type: ignore[arg-type]
        try:
            _try(methods, form, X, y, n_outputs)
        except Exception as error:
            failures.setdefault(layout, f"{type(error).__name__}: {error}")
        else:
            return form
    raise InputError(
        f"{kind} can't be called with rows of {X.shape[1]} features and {n_outputs} classes, "
        f"neither a sample a row ({failures['rows']}) nor a column ({failures['columns']})."
    )


def _form_of_accuracy(call: Method | None, form: Form, rows: Rows) -> Form | None:
    """The way to ask for the accuracy; often with labels as numbers where training has one-hot.

    None where it can't be asked for: what is called so may be something else, and is not needed.
    """
    if call is None:
        return None
    X, y = rows[0][:7], rows[1][:7]
    for hot in (form.hot, not form.hot):
        own = replace(form, hot=hot)
        try:
            value = float(np.asarray(call(own, X, y)).item())
        except Exception:
            continue
        if 0.0 <= value <= 100.0:
            return own
    return None


def _try(methods: Mapping[str, Method], form: Form, X: Array, y: Labels, n_outputs: int) -> None:
    if "outputs" in methods:
        shape = np.shape(_last(methods["outputs"](form, X, None)))
        expected = (len(y), n_outputs) if form.layout == "rows" else (n_outputs, len(y))
        if shape != expected and not (n_outputs == 1 and shape == (len(y),)):
            raise ValueError(f"the outputs of {len(y)} rows have the shape {shape}")
    for role in ("cost", "data_loss"):
        if role in methods:
            value = float(np.asarray(methods[role](form, X, y)).item())
            if not np.isfinite(value):
                raise ValueError(f"the {role} of {len(y)} rows is {value}")
    methods["step"](form, X, y)


def _last(outputs: Any) -> Any:
    """The outputs, where a method returns them with all activations before them."""
    return outputs[-1] if isinstance(outputs, (list, tuple)) else outputs


def _steps(call: Method, form: Form) -> Callable[[Array, Labels], None]:
    def step(X: Array, y: Labels) -> None:
        call(form, X, y)

    return step


def _number(call: Method | None, form: Form) -> Callable[[Array, Labels], float] | None:
    if call is None:
        return None
    return lambda X, y: float(np.asarray(call(form, X, y)).item())


def _has_modes(network: Any, outputs: Method | None) -> bool:
    return outputs is not None and (outputs.mode != "" or _mode_attribute(network) != "")


def _mode_attribute(network: Any) -> str:
    """The attribute that tells training from evaluation; empty where there is none."""
    own = getattr(network, "__dict__", {})
    return next((name for name in names.TRAINING if isinstance(own.get(name), bool)), "")


def _outputs(
    network: Any, call: Method | None, form: Form, *, training: bool
) -> Callable[[Array], Array] | None:
    """Outputs in training or in evaluation mode, where the network tells them apart."""
    if call is None:
        return None
    attribute = _mode_attribute(network)
    in_mode = call.in_mode(training)

    def outputs(X: Array) -> Array:
        if attribute:
            before = getattr(network, attribute)
            setattr(network, attribute, training)
        found = np.asarray(_last(in_mode(form, X, None)), dtype=np.float64)
        if attribute:
            setattr(network, attribute, before)
        found = found[:, None] if found.ndim == 1 else found
        return found if form.layout == "rows" else found.T

    return outputs


def _saved(network: Any, parameters: Parameters) -> object:
    held = parameters.read()
    arrays = [np.array(array) for array in held]
    # One copy of each is enough: where the network holds an array, the copy of it takes its place.
    copied = {id(array): copied for array, copied in zip(held, arrays, strict=True)}
    own = copy.deepcopy(vars(network), copied) if hasattr(network, "__dict__") else None
    return own, arrays, np.random.get_state()  # noqa: NPY002 (a stranger's code may use it)


def _restored(network: Any, parameters: Parameters, saved: Any) -> None:
    own, arrays, chance = saved
    if own is not None:
        vars(network).clear()
        vars(network).update(copy.deepcopy(own))
    parameters.write(arrays)
    np.random.set_state(chance)  # noqa: NPY002


def _stirred(network: Any, seed: int) -> None:
    np.random.seed(seed)  # noqa: NPY002
    for part in vars(network).values() if hasattr(network, "__dict__") else ():
        if isinstance(part, np.random.Generator):
            part.bytes(seed % 64 + 1)
