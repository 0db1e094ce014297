"""How numbers are written: in sentences, and as plain values in evidence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from counterpoint.objective import PENALTIES

if TYPE_CHECKING:
    from counterpoint.fit.result import SweepFit
    from counterpoint.scores import Estimate

#: Names that a sentence lists before it says how many more there are.
LISTED = 5


def plain(value: object) -> float | None:
    """A float for evidence; None where it is not finite, as JSON knows neither NaN nor infinity.

    Examples
    --------
    >>> plain(0.5), plain(float("inf"))
    (0.5, None)
    """
    number = float(value)  # type: ignore[arg-type]
    return number if math.isfinite(number) else None


def plain_estimate(estimate: Estimate) -> dict[str, float | None]:
    """Value and interval of one estimate, for evidence."""
    return {
        "value": plain(estimate.value),
        "low": plain(estimate.low),
        "high": plain(estimate.high),
    }


def strength(alpha: float) -> str:
    """An alpha: powers of ten short, three digits otherwise.

    Examples
    --------
    >>> [strength(a) for a in (1e-12, 3.1623e-5, 0.01, 0.316, 100.0, 1000.0)]
    ['1e-12', '3.16e-5', '0.01', '0.316', '100', '1e3']
    """
    if 0.01 <= alpha < 999.5:
        return f"{alpha:.3g}"
    digits, exponent = f"{alpha:.2e}".split("e")
    return f"{digits.rstrip('0').rstrip('.')}e{int(exponent)}"


def figure(value: float | None) -> str:
    """A number to three significant digits, such as a loss or a norm.

    Examples
    --------
    >>> [figure(v) for v in (0.65432, 4.3606, 6301.2, -0.000012, float("inf"), None)]
    ['0.654', '4.36', '6,301', '-1.2e-5', 'infinite', 'unknown']
    """
    if value is None or math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "infinite" if value > 0 else "minus infinite"
    if value == 0:
        return "0"
    if abs(value) < 1e-3 or abs(value) >= 1e6:
        return ("-" if value < 0 else "") + strength(abs(value))
    return f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:#.3g}".removesuffix(".")


def roughly(value: float) -> str:
    """A number known to two digits at best.

    Examples
    --------
    >>> roughly(0.00517), roughly(6207)
    ('0.0052', '6,200')
    """
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else figure(rounded).rstrip("0").rstrip(".")


def share(value: float | None) -> str:
    """An accuracy or another share, to three decimals.

    Examples
    --------
    >>> share(0.95993)
    '0.960'
    """
    return "unknown" if value is None or math.isnan(value) else f"{value:.3f}"


def share_of(value: float, rows: int) -> str:
    """An accuracy over so many rows, to as many decimals as one row shows in, three at least.

    Examples
    --------
    >>> share_of(0.6764, 10_000), share_of(0.8, 5)
    ('0.6764', '0.800')
    """
    return f"{value:.{max(3, len(str(rows - 1)))}f}"


def percent(value: float) -> str:
    """A share as a percentage; what rounds to nothing is said to be below.

    Examples
    --------
    >>> [percent(v) for v in (0.878, 0.004, 0.0, 0.999)]
    ['88%', '0.4%', '0%', '99.9%']
    """
    per_cent = 100.0 * value
    if 0 < per_cent < 0.1:
        return "under 0.1%"
    if 0 < per_cent < 1 or 99 < per_cent < 100:
        return f"{min(per_cent, 99.9):.1f}%"
    return f"{per_cent:.0f}%"


def p_value(p: float) -> str:
    """A p-value to two digits, that it is below 0.001, or that there is none.

    Examples
    --------
    >>> p_value(0.0312), p_value(1e-9), p_value(0.704), p_value(float("nan"))
    ('p = 0.031', 'p < 0.001', 'p = 0.70', 'no test')
    """
    if math.isnan(p):
        return "no test"
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def interval(estimate: Estimate) -> str:
    """An estimate's 95% interval in words.

    Examples
    --------
    >>> from counterpoint.scores import mean_interval
    >>> interval(mean_interval([1.0, 2.0, 3.0, 4.0]))
    '95% interval 0.446 to 4.55'
    """
    low, high = plain(estimate.low), plain(estimate.high)
    if low is None or high is None:
        return "no interval can be given"
    return f"95% interval {figure(low)} to {figure(high)}"


def count(number: int, noun: str, plural: str = "") -> str:
    """A number of things.

    Examples
    --------
    >>> count(1, "row"), count(1797, "row"), count(2, "class", "classes")
    ('1 row', '1,797 rows', '2 classes')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listing(names: Sequence[str]) -> str:
    """The first few of the names, and how many more there are.

    Examples
    --------
    >>> listing(["a", "b", "c"]), listing([str(i) for i in range(9)])
    ('a, b and c', '0, 1, 2, 3, 4 and 4 more')
    """
    shown = list(names[:LISTED])
    if len(names) > LISTED:
        return f"{', '.join(shown)} and {len(names) - LISTED} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def loss_word(fit: SweepFit) -> str:
    """The loss of a fit in running text: ``log loss`` for two classes and for more."""
    return fit.loss_label.split(" (")[0]


def penalty_word(fit: SweepFit) -> str:
    """The penalty of a fit in running text; an elastic net with its l1_ratio."""
    kind, fixed = PENALTIES[fit.penalty_name]
    return kind.label if fixed is not None else f"{kind.label} ({fit.l1_ratio:g})"


def combination(fit: SweepFit) -> str:
    """The loss and penalty of a fit in running text, such as ``log loss with L2``."""
    return f"{loss_word(fit)} with {penalty_word(fit)}"
