"""The landscape of loss and accuracy over two parameters: fit, search, survey, and say it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from counterpoint.data import Dataset, dataset_from_arrays
from counterpoint.errors import InputError
from counterpoint.findings import Finding
from counterpoint.findings.landscapes import find_in_landscape
from counterpoint.fit.grid import check_alphas
from counterpoint.fit.single import fit_two_classes
from counterpoint.objective import loss_named, penalty_named
from counterpoint.optimum import check_time_limit, two_class_rows
from counterpoint.text import printable
from counterpoint.theory.excess import least_of_any_rule
from counterpoint.theory.landscape import Plane, Surface, exact_point, point_at, survey
from counterpoint.theory.zero_one import best_classifier

if TYPE_CHECKING:
    import altair as alt

#: The name of the intercept as an axis.
INTERCEPT = "intercept"
#: Strength that is as good as none, yet leaves separable classes a minimum.
NO_PENALTY = 1e-10


@dataclass(frozen=True, eq=False, repr=False)
class Landscape:
    """Loss and accuracy over two parameters of a linear model; made by `landscape`.

    Attributes
    ----------
    surface : Surface
        All numbers.
    findings : tuple of Finding
    """

    surface: Surface
    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        at, best = self.surface.surrogate, self.surface.exact
        return (
            f"<Landscape over {' and '.join(self.surface.names)}: accuracy {at.accuracy:.3f} where "
            f"the loss is least, {best.accuracy:.3f} at best>"
        )

    def explain(self) -> str:
        """The findings in plain words."""
        from counterpoint.report.terminal import explanation

        return explanation(self.findings)

    def plot(self) -> alt.VConcatChart:
        """Both maps and the curves along both axes, as an Altair chart."""
        from counterpoint.report.notebook import landscape_chart

        return landscape_chart(self.surface)

    def save(self, folder: str | Path) -> Path:
        """Write the charts (PNG and SVG) and ``landscape.json``; returns the folder.

        Raises
        ------
        InputError
            Where the folder can't be written.
        """
        from counterpoint.report.landscape_folder import write_landscape

        return write_landscape(self.surface, self.findings, Path(folder))


def landscape(
    X: Any,
    y: Any,
    axes: Sequence[str] | None = None,
    *,
    loss: str = "log",
    alpha: float = NO_PENALTY,
    sample_weight: Any = None,
    time_limit: float = 10.0,
) -> Landscape:
    """Survey loss and accuracy over two parameters of a linear model, with both minimisers.

    Parameters
    ----------
    X : array or frame (n, features)
        An array's columns are called x0, x1, …
    y : array (n,)
        Labels of two classes.
    axes : two names
        Features, whose weights are varied, or ``intercept``; the other parameters are held where
        the loss is least. By default the weight of a single feature and the intercept, or the
        weights of two features.
    loss
        The surrogate that is minimised: ``log``, ``squared``, …
    alpha
        Strength of an L2 penalty in that fit, on standardised columns; by default next to none.
    sample_weight : array (n,)
    time_limit
        Seconds that each search for the least 0-1 loss, in the plane and over all parameters, may
        take.

    Returns
    -------
    Landscape

    Raises
    ------
    InputError
        For anything wrong with what was passed.

    Examples
    --------
    >>> found = landscape([[-1], [-0.3], [0], [0.9], [1]], [0, 0, 1, 0, 1])
    >>> at, best = found.surface.surrogate, found.surface.exact
    >>> print(f"slope {at.a:.3f}, cut {-at.b / at.a:.3f}: {at.accuracy:g}; best {best.accuracy:g}")
    slope 1.268, cut 0.516: 0.6; best 0.8
    """
    dataset = dataset_from_arrays(X, y, sample_weight)
    return landscape_of(dataset, axes, loss=loss, alpha=alpha, time_limit=time_limit)


def landscape_of(
    dataset: Dataset,
    axes: Sequence[str] | None = None,
    *,
    loss: str = "log",
    alpha: float = NO_PENALTY,
    time_limit: float = 10.0,
) -> Landscape:
    """`landscape` for a table that was read by `counterpoint.data`; parameters as there."""
    check_time_limit(time_limit)
    strength = float(check_alphas([alpha])[0])
    chosen, penalty = loss_named(loss, 2), penalty_named("l2", 0.0)
    rows = two_class_rows(dataset)
    names = _axes(axes, dataset.feature_names)
    fit = fit_two_classes(
        rows.x, rows.label_index, rows.weight, chosen, penalty, strength, tol=1e-9
    )
    columns = np.column_stack([rows.x, np.ones(len(rows.x))])
    parameters = np.append(fit.coef, fit.intercept)
    places = [[*dataset.feature_names, INTERCEPT].index(name) for name in names]
    held = np.setdiff1d(np.arange(len(parameters)), places)
    # A name from a file may hold what no picture and no terminal can show.
    shown = [name if name == INTERCEPT else f"weight of {printable(name)}" for name in names]
    plane = Plane(
        names=(shown[0], shown[1]),
        u=columns[:, places[0]],
        v=columns[:, places[1]],
        offset=columns[:, held] @ parameters[held],
        target=np.where(rows.label_index == 1, 1.0, -1.0),
        weight=rows.weight / rows.weight.sum(),
    )
    surrogate = point_at(plane, chosen, *(float(p) for p in parameters[places]))
    exact, bound = exact_point(plane, chosen, surrogate, float(time_limit))
    grid, first, second = survey(plane, chosen, surrogate, exact)
    whole = best_classifier(
        rows.x, rows.label_index, rows.classes, rows.weight, True, float(time_limit)
    )
    surface = Surface(
        names=plane.names,
        grid=grid,
        surrogate=surrogate,
        exact=exact,
        lower_bound=bound,
        curves=(first, second),
        whole=whole,
        any_rule=least_of_any_rule(rows.x, rows.label_index, rows.weight, chosen),
        n=len(rows.x),
        rows=float(1.0 / (plane.weight @ plane.weight)),
        weighted=bool(np.ptp(rows.weight) > 0.0),
        classes=(printable(str(rows.classes[0])), printable(str(rows.classes[1]))),
        loss_name=loss,
        loss_label=chosen.label,
        alpha=strength,
        loss_gap=fit.gap,
    )
    return Landscape(surface, find_in_landscape(surface))


def _axes(axes: Sequence[str] | None, features: Sequence[str]) -> tuple[str, str]:
    """Two parameters by name; the obvious ones where none are named."""
    if axes is None:
        if len(features) > 2:
            raise InputError(
                f"there are {len(features)} features; name two axes, such as "
                f"{features[0]} and {INTERCEPT}."
            )
        return (features[0], features[1] if len(features) == 2 else INTERCEPT)
    if isinstance(axes, str) or len(axes) != 2 or axes[0] == axes[1]:
        raise InputError(f"axes are {axes!r}; name two different parameters.")
    for name in axes:
        if name not in (*features, INTERCEPT):
            near = difflib.get_close_matches(str(name), [*features, INTERCEPT], n=1)
            hint = f" (nearest: {near[0]})" if near else ""
            raise InputError(
                f"there is no feature {name!r}{hint}; an axis is a feature or {INTERCEPT}."
            )
    return (axes[0], axes[1])
