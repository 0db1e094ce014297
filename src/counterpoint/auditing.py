"""The audit: whether a training step descends the objective that is reported."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from counterpoint.audits import keras_model, scikit
from counterpoint.audits.adapters import subject_of
from counterpoint.audits.measured import Declared, Measured
from counterpoint.audits.measuring import measure
from counterpoint.audits.parameters import find_parameters
from counterpoint.audits.probing import made_rows
from counterpoint.audits.settings import Said, Settings, settings_of, shape_of_data
from counterpoint.audits.subject import Rows
from counterpoint.errors import InputError
from counterpoint.findings.audits import find_in_audit
from counterpoint.findings.finding import Finding

#: Rows of a mini-batch in the audit: no usual number, so that a factor of it is told from others.
BATCH = 11
#: Rows that are made up where none are given, and the most that are looked at of those given.
MADE, LOOKED_AT = 400, 2000


@dataclass(frozen=True, repr=False)
class Audit:
    """What a training step does, and what is reported of it. Printed, it is a short report.

    Attributes
    ----------
    findings : tuple of Finding
        What is wrong; empty where nothing is.
    measured : Measured
        Everything that was measured.
    notes : tuple of str
        How each part of the network was found, and what was taken as declared.
    """

    findings: tuple[Finding, ...]
    measured: Measured
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        from counterpoint.report.audit_text import audit_text

        return audit_text(self.measured, self.findings, self.notes)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values; what is infinite or unknown is None."""
        from counterpoint.report.audit_text import audit_figures

        return {
            "read": list(self.notes),
            "step": audit_figures(self.measured),
            "findings": [asdict(finding) for finding in self.findings],
        }

    def to_json(self) -> str:
        """The same as one line of JSON."""
        return json.dumps(self.to_dict(), allow_nan=False)


def audit(
    network: Any,
    X: npt.ArrayLike | None = None,
    y: npt.ArrayLike | None = None,
    *,
    rate: float | None = None,
    alpha: float | None = None,
    l1_ratio: float | None = None,
    lmbda: float | None = None,
    momentum: float | None = None,
    n_train: int | None = None,
    loss: str = "",
    cost: Callable[..., Any] | None = None,
    step: Callable[..., Any] | None = None,
    outputs: Callable[..., Any] | None = None,
    data_loss: Callable[..., Any] | None = None,
    accuracy: Callable[..., Any] | None = None,
    batch: int = BATCH,
    seed: int = 0,
) -> Audit:
    """Audit a hand-written network: find out whether its step descends what it reports.

    It works from outside: the parameters before and after steps, and the reported cost, are enough.
    A copy of the network is audited; the network itself is left as it is.

    Parameters
    ----------
    network
        An object with parameters (lists ``weights`` and ``biases``; ``parameters()``, ``params``;
        ``get_params()`` and ``set_params()``), one update on a mini-batch (``step(X, y)``,
        ``update_mini_batch(batch, eta, …)`` …) and a reported cost (``cost(X, y)``,
        ``total_cost(data, lmbda)`` …). Outputs (``forward(X)``, ``feedforward(x)`` …) and
        ``accuracy(X, y)`` are used where they are there. A scikit-learn ``MLPClassifier`` and a
        compiled Keras model will do; the latter is not copied, but put back as it was.
    X : array of shape (n, d), optional
        Rows to try it on; without them rows are made up. At most 2,000 are looked at.
    y : array of shape (n,), optional
        Their labels.
    rate, alpha, l1_ratio, momentum
        What is meant to be in force, where no attribute says so. The objective is
        data loss + alpha · (l1_ratio · ‖W‖₁ + (1 − l1_ratio)/2 · ‖W‖²).
    lmbda
        In place of alpha: λ of the textbooks, which is divided by ``n_train``.
    n_train
        Rows of the training set; those of X where nobody says.
    loss
        The data loss that is meant: ``log``, ``bce``, ``quadratic`` or ``logits`` (log loss
        of raw scores). Without it the one that the reported cost is made of.
    cost, step, outputs, data_loss, accuracy
        Functions of rows to use in place of the network's own.
    batch
        Rows of a mini-batch in the audit.
    seed
        Of the points, rows and coordinates that are looked at.

    Returns
    -------
    Audit

    Raises
    ------
    InputError
        A part is missing or can't be called, or the rows do not fit.

    Examples
    --------
    >>> class Line:
    ...     def __init__(self):
    ...         self.weights, self.biases = [np.zeros((3, 2))], [np.zeros(2)]
    ...         self.eta, self.alpha = 0.1, 0.01
    ...     def forward(self, X):
    ...         z = X @ self.weights[0] + self.biases[0]
    ...         e = np.exp(z - z.max(axis=1, keepdims=True))
    ...         return e / e.sum(axis=1, keepdims=True)
    ...     def cost(self, X, y):
    ...         p = self.forward(X)[np.arange(len(y)), y]
    ...         return -np.log(p).mean() + self.alpha / 2 * (self.weights[0] ** 2).sum()
    ...     def step(self, X, y):
    ...         error = (self.forward(X) - np.eye(2)[y]) / len(y)
    ...         self.weights[0] -= self.eta * (X.T @ error - self.alpha * self.weights[0])
    ...         self.biases[0] -= self.eta * error.sum(axis=0)
    >>> report = audit(Line())
    >>> [finding.name for finding in report.findings]
    ['decay_sign']
    >>> print(f"{report.findings[0].evidence['l2']:.4f}")
    -0.0100
    """
    said = Said(rate, alpha, l1_ratio, lmbda, momentum, n_train, loss)
    rows = None if X is None else checked_rows(X, y, seed)
    n_rows = None if X is None else len(np.asarray(y))
    given = {
        "cost": cost,
        "step": step,
        "outputs": outputs,
        "data_loss": data_loss,
        "accuracy": accuracy,
    }
    if keras_model.is_keras(network):
        if rows is None:
            raise InputError("a Keras model is audited on data: give X and y.")
        subject, settings = keras_model.keras_subject(network), settings_of(network, said, n_rows)
        n_outputs = int(network.output_shape[-1])
    else:
        own = _copied(network)
        if scikit.is_perceptron(own):
            scikit.ready(own, rows)
            said = scikit.with_strength(said, own, batch)
        settings = settings_of(own, said, n_rows)
        rows, n_outputs = _rows_for(own, rows, seed)
        subject = subject_of(own, rows, n_outputs, settings.arguments(), given)
    declared = _declared(settings, loss, len(subject.tensors), n_outputs, batch)
    measured = measure(subject, rows, declared, seed)
    return Audit(find_in_audit(measured), measured, (*subject.read_as, *settings.notes))


def _copied(network: Any) -> Any:
    try:
        return copy.deepcopy(network)
    except Exception as error:
        raise InputError(
            f"{type(network).__name__} can't be copied ({type(error).__name__}: {error}); give the "
            "network without open files and the like."
        ) from None


def _declared(
    settings: Settings, loss: str, n_tensors: int, n_outputs: int, batch: int
) -> Declared:
    return Declared(
        rates=(settings.rate,) * n_tensors,
        l2=settings.l2,
        l1=settings.l1,
        momentum=settings.momentum,
        optimiser="",
        loss=loss,
        n_train=settings.n_train,
        n_batch=batch,
        n_outputs=n_outputs,
    )


def _rows_for(network: Any, rows: Rows | None, seed: int) -> tuple[Rows, int]:
    """The rows, made up where none are given, and the number of outputs."""
    shape = shape_of_data(find_parameters(network).tensors)
    if rows is not None:
        classes = int(rows[1].max()) + 1
        own = shape is not None and (shape[1] >= classes or (shape[1], classes) == (1, 2))
        return rows, shape[1] if shape and own and not scikit.is_perceptron(network) else classes
    if shape is None:
        raise InputError(
            "the shapes of the parameters do not say how many features the network takes: give "
            "rows, as audit(network, X, y)."
        )
    rng = np.random.default_rng(seed)
    return made_rows(shape[0], max(shape[1], 2), MADE, rng), shape[1]


def checked_rows(X: npt.ArrayLike, y: npt.ArrayLike | None, seed: int) -> Rows:
    """Rows as float64 and labels as numbers from 0, a sample where there are many.

    Raises
    ------
    InputError
        They do not fit together, or hold what is no number.
    """
    if y is None:
        raise InputError("labels are missing: give y beside X.")
    try:
        features = np.asarray(X, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("X holds what is no number: give an array of numbers.") from None
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] > 1:
        labels = labels.argmax(axis=1)
    labels = labels.ravel()
    if features.ndim < 2 or len(features) != len(labels):
        raise InputError(
            f"X has the shape {features.shape} and y {len(labels)} labels: one label a row."
        )
    if not np.all(np.isfinite(features)):
        raise InputError("X holds NaN or infinite numbers: leave those rows out.")
    classes, numbers = np.unique(labels, return_inverse=True)
    if len(classes) < 2 or len(labels) < 2 * BATCH:
        raise InputError(
            f"there are {len(labels)} rows of {len(classes)} classes: the audit needs two classes "
            f"and {2 * BATCH} rows."
        )
    chosen = np.random.default_rng(seed).permutation(len(labels))[:LOOKED_AT]
    return features[chosen], numbers[chosen].astype(np.int64)
