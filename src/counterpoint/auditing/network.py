"""The audit of a hand-written network."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from counterpoint.auditing.result import Audit
from counterpoint.auditing.rows import BATCH, checked_rows, rows_for
from counterpoint.auditing.subjects import keras, scikit
from counterpoint.auditing.subjects.handwritten import subject_of
from counterpoint.auditing.subjects.settings import Said, Settings, settings_of
from counterpoint.errors import InputError
from counterpoint.findings.audits import find_in_audit
from counterpoint.probes.measured import Declared
from counterpoint.probes.measuring import measure


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
    gradients: Callable[..., Any] | None = None,
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
        ``total_cost(data, lmbda)`` …). Outputs (``forward(X)``, ``feedforward(x)`` …),
        ``accuracy(X, y)`` and gradients (``gradients(X, y)``, ``backprop(x, y)``, attributes ``dW``
        and ``db`` …) are used where they are there. A scikit-learn ``MLPClassifier`` and a
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
    cost, step, outputs, data_loss, accuracy, gradients
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
        "gradients": gradients,
    }
    if keras.is_keras(network):
        if rows is None:
            raise InputError("a Keras model is audited on data: give X and y.")
        subject, settings = keras.keras_subject(network), settings_of(network, said, n_rows)
        n_outputs = int(network.output_shape[-1])
    else:
        own = _copied(network)
        if scikit.is_perceptron(own):
            scikit.ready(own, rows)
            said = scikit.with_strength(said, own, batch)
        settings = settings_of(own, said, n_rows)
        rows, n_outputs = rows_for(own, rows, seed)
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
