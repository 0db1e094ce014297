"""Other libraries' parameters of strength, turned into alpha and back.

alpha is the strength in: mean data loss + alpha * Omega(W), intercept free. What each library
minimises is in `CONVENTIONS`.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from numbers import Real

from counterpoint.errors import InputError
from counterpoint.objective.conventions import CONVENTIONS, Convention, NoFixedAlpha, Rule

__all__ = [
    "CONVENTIONS",
    "Convention",
    "Equivalent",
    "convention_named",
    "convert",
    "from_alpha",
    "list_conventions",
    "table",
    "to_alpha",
]

_SIDE_FACTS = {
    "n": "the number of training rows (with sample weights, their sum)",
    "learning_rate": "the step size that was in force",
}


@dataclass(frozen=True)
class Equivalent:
    """One row of `table`: the value that means the same strength under a convention.

    Parameters
    ----------
    convention
        Its name, a key of `CONVENTIONS`.
    parameter
        What that library calls the strength.
    value
        The value to pass there; None where there is none to give.
    formula
        alpha in terms of the parameter.
    why_none
        Why there is no value, as one sentence; empty where there is one.
    """

    convention: str
    parameter: str
    value: float | None
    formula: str
    why_none: str = ""


def list_conventions() -> tuple[Convention, ...]:
    """Every known convention, in the registry's order.

    Examples
    --------
    >>> [(row.parameter, row.formula) for row in list_conventions() if "Ridge" in row.name]
    [('alpha', 'alpha / n'), ('alpha', 'alpha / n')]
    """
    return tuple(CONVENTIONS.values())


def convention_named(name: str) -> Convention:
    """The convention of that name or alias; case and punctuation don't count.

    Raises
    ------
    InputError
        If there is none; the message has the nearest names and the list.

    Examples
    --------
    >>> convention_named("sklearn:LogisticRegression").formula
    '1 / (C n)'
    """
    keys = {_key(known): row for row in list_conventions() for known in (row.name, *row.aliases)}
    wanted = _key(str(name))
    if wanted in keys:
        return keys[wanted]
    containing = [key for key in keys if wanted and wanted in key]
    close = containing or difflib.get_close_matches(wanted, keys)
    near = dict.fromkeys(keys[key].name for key in close)
    hint = f" (nearest: {', '.join(near)})" if near else ""
    raise InputError(
        f"convention {name!r} is not known{hint}; choose one of {', '.join(CONVENTIONS)}."
    )


def to_alpha(
    value: float, convention: str, *, n: float | None = None, learning_rate: float | None = None
) -> float:
    """Turn a library's parameter into alpha.

    Parameters
    ----------
    value
        The parameter as that library takes it, above 0.
    convention
        A name from `CONVENTIONS`, or an alias.
    n
        Number of training rows, or the sum of their sample weights; where the formula has it.
    learning_rate
        Step size; where the formula has it.

    Returns
    -------
    float
        The strength in: mean data loss + alpha * Omega.

    Raises
    ------
    InputError
        If the convention is unknown or has no fixed alpha, a number it needs is missing, or a
        number is not finite and above 0.

    Examples
    --------
    scikit-learn's default C = 1 on 1,000 rows:

    >>> to_alpha(1.0, "sklearn.LogisticRegression", n=1000)
    0.001
    >>> to_alpha(0.01, "keras.l2")
    0.02
    """
    row = convention_named(convention)
    rule = _rule_of(row)
    side = _side_fact(row, rule, n, learning_rate)
    strength = _positive(value, f"{row.parameter} of {row.name}")
    return _representable(rule.to_alpha(strength, side), f"alpha for {row.name}")


def from_alpha(
    alpha: float, convention: str, *, n: float | None = None, learning_rate: float | None = None
) -> float:
    """Turn alpha into a library's parameter: the inverse of `to_alpha`.

    Parameters
    ----------
    alpha
        The strength in: mean data loss + alpha * Omega; above 0.
    convention
        A name from `CONVENTIONS`, or an alias.
    n
        Number of training rows, or the sum of their sample weights; where the formula has it.
    learning_rate
        Step size; where the formula has it.

    Returns
    -------
    float
        The value to pass to that library.

    Raises
    ------
    InputError
        As for `to_alpha`.

    Examples
    --------
    >>> from_alpha(0.001, "sklearn.Ridge", n=500)
    0.5
    >>> from_alpha(0.1, "sgd.decoupled_decay", learning_rate=0.5)
    0.05
    """
    row = convention_named(convention)
    rule = _rule_of(row)
    side = _side_fact(row, rule, n, learning_rate)
    strength = _positive(alpha, "alpha")
    return _representable(rule.from_alpha(strength, side), f"{row.parameter} of {row.name}")


def convert(
    value: float,
    source: str,
    target: str,
    *,
    n: float | None = None,
    learning_rate: float | None = None,
) -> float:
    """Turn one library's parameter into another's, for the same training data.

    Parameters
    ----------
    value
        The parameter as ``source`` takes it.
    source, target
        Names from `CONVENTIONS`, or aliases. ``counterpoint`` is alpha itself.
    n, learning_rate
        As for `to_alpha`.

    Returns
    -------
    float
        The parameter as ``target`` takes it.

    Raises
    ------
    InputError
        As for `to_alpha`.

    Examples
    --------
    Nielsen's lmbda = 5 on 50,000 images, as a weight decay in PyTorch:

    >>> convert(5.0, "nielsen.network2", "torch.SGD.weight_decay", n=50_000)
    0.0001
    """
    alpha = to_alpha(value, source, n=n, learning_rate=learning_rate)
    return from_alpha(alpha, target, n=n, learning_rate=learning_rate)


def table(
    alpha: float, *, n: float | None = None, learning_rate: float | None = None
) -> tuple[Equivalent, ...]:
    """Express one alpha in every convention.

    Parameters
    ----------
    alpha
        The strength in: mean data loss + alpha * Omega; above 0.
    n, learning_rate
        As for `to_alpha`; without them the rows that need them have no value.

    Returns
    -------
    tuple of Equivalent
        One a convention, in the registry's order.

    Raises
    ------
    InputError
        If ``alpha`` is not a finite number above 0.

    Examples
    --------
    >>> rows = {row.convention: row for row in table(0.02, n=100)}
    >>> rows["sklearn.LinearSVC"].value, rows["glmnet"].value, rows["keras.l2"].value
    (0.5, 0.02, 0.01)
    >>> print(rows["sgd.decoupled_decay"].value)
    None
    """
    strength = _positive(alpha, "alpha")
    for side, value in (("n", n), ("learning_rate", learning_rate)):
        if value is not None:
            _positive(value, side)
    return tuple(_equivalent(row, strength, n, learning_rate) for row in list_conventions())


def _equivalent(
    row: Convention, alpha: float, n: float | None, learning_rate: float | None
) -> Equivalent:
    try:
        value = from_alpha(alpha, row.name, n=n, learning_rate=learning_rate)
    except InputError as error:
        return Equivalent(row.name, row.parameter, None, row.formula, str(error))
    return Equivalent(row.name, row.parameter, value, row.formula)


def _key(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _rule_of(row: Convention) -> Rule:
    if isinstance(row.rule, NoFixedAlpha):
        raise InputError(f"{row.parameter} of {row.name} has no fixed alpha: {row.rule.reason}.")
    return row.rule


def _side_fact(row: Convention, rule: Rule, n: float | None, learning_rate: float | None) -> float:
    """The number that the rule divides by: 1 where it needs none."""
    if rule.needs is None:
        return 1.0
    given = n if rule.needs == "n" else learning_rate
    if given is None:
        raise InputError(
            f"{row.name} needs {rule.needs}, since alpha = {row.formula}; "
            f"give {rule.needs}, {_SIDE_FACTS[rule.needs]}."
        )
    return _positive(given, rule.needs)


def _positive(value: object, what: str) -> float:
    if not isinstance(value, Real) or not math.isfinite(value) or value <= 0:
        raise InputError(f"{what} is {value!r}; give a finite number above 0.")
    return float(value)


def _representable(value: float, what: str) -> float:
    if not math.isfinite(value) or value <= 0:
        raise InputError(f"{what} comes out as {value!r}; start from a less extreme number.")
    return value
