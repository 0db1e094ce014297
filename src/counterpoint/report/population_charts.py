"""Charts of a population: curves over the epochs, weight norms, and alpha against epoch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from counterpoint.findings.words import figure, strength
from counterpoint.fit.nets.result import PopulationFit
from counterpoint.report import layers, theme
from counterpoint.report.axes import linear_axis, log_axis
from counterpoint.report.theme import Spec, stacked

Array = npt.NDArray[np.float64]

WIDTH, HEIGHT = 720, 130
#: Points of a curve, and epochs of a map: a screen shows no more.
MOST_POINTS = 200

_TITLES = {
    ("train", "data_loss"): "data loss (training)",
    ("train", "penalty"): "penalty",
    ("validation", "accuracy"): "accuracy (validation)",
    ("validation", "log_loss"): "log loss (validation)",
    ("validation", "brier"): "Brier score (validation)",
}
#: Quantities that vary over powers of ten.
_LOGARITHMIC = ("data_loss", "penalty", "log_loss")


def curves_chart(fit: PopulationFit, width: int = WIDTH) -> Spec:
    """Parts of the objective and validation scores over the epochs, for a few of the alphas."""
    shown = [column for column in _TITLES if fit.history.has(*column)]
    return stacked(
        [
            _panel(
                fit, fit.history.curve(*column), _TITLES[column], column[1], width, i, len(shown)
            )
            for i, column in enumerate(shown)
        ]
    )


def norms_chart(fit: PopulationFit, width: int = WIDTH) -> Spec:
    """Norm of each layer's weights over the epochs."""
    columns = [column for column in fit.history.columns if column[1].startswith("weight_norm[")]
    return stacked(
        [
            _panel(
                fit,
                fit.history.curve(*column),
                f"norm of {_layer(column[1])}",
                "norm",
                width,
                i,
                len(columns),
            )
            for i, column in enumerate(columns)
        ]
    )


def map_chart(fit: PopulationFit, width: int = WIDTH) -> Spec:
    """What members are chosen by, alpha upwards and epochs across, the best seed of each alpha."""
    split, quantity = fit.chosen_by
    members = [fit.best_seed(a) for a in range(len(fit.alphas))]
    values = fit.history.curve(split, quantity)[:, members]
    epochs = _thinned(len(values))
    # A little over their neighbours: between edges that meet, paper would shine through.
    edges, over = [*epochs, len(values)], 0.1
    names = [strength(float(alpha)) for alpha in fit.alphas[::-1]]
    rows = [
        {
            "epoch": edges[i] - 0.5,
            "end": min(edges[i + 1] - 0.5 + over, len(values) - 0.5),
            "alpha": strength(float(alpha)),
            "value": value,
        }
        for a, alpha in enumerate(fit.alphas)
        for i, value in enumerate(values[epochs, a].tolist())
        if np.isfinite(value) and value > 0
    ]
    member, epoch = fit.chosen
    y = {"field": "alpha", "type": "nominal", "sort": names, "title": "alpha"}
    colour = {
        "field": "value",
        "type": "quantitative",
        "scale": {"type": "log", "scheme": "viridis", "reverse": True},
        "legend": {
            "title": f"{quantity.replace('_', ' ')} ({split})",
            "orient": "right",
            "offset": 8,
            "format": ".3~g",
        },
    }
    cells = layers.layer(rows, {"type": "rect"}, x2={"field": "end"}, y=y, color=colour)
    taken = [{"epoch": epoch, "alpha": strength(fit.settings.members[member][0])}]
    cross = layers.layer(
        taken, layers.text("×", fontSize=22, color=theme.VERMILION.light, fontWeight="bold"), y=y
    )
    height = max(60, 22 * len(names))
    return stacked([layers.panel([cells, cross], _epochs(len(values), True), width - 110, height)])


def _panel(
    fit: PopulationFit, curve: Array, title: str, quantity: str, width: int, at: int, of: int
) -> Spec:
    members = _some_members(fit)
    names = [strength(fit.settings.members[member][0]) for member in members]
    epochs = _thinned(len(curve))
    logarithmic = quantity in _LOGARITHMIC
    rows = [
        {"epoch": int(epoch), "value": float(curve[epoch, member]), "series": f"alpha {name}"}
        for member, name in zip(members, names, strict=True)
        for epoch in epochs
        if np.isfinite(curve[epoch, member]) and (curve[epoch, member] > 0 or not logarithmic)
    ]
    values = [float(curve[e, m]) for m in members for e in epochs]
    y = log_axis(values, HEIGHT, title) if logarithmic else linear_axis(values, title)
    series = [f"alpha {name}" for name in names]
    notes = {
        float(epoch): f"epoch {epoch}: {title} "
        + ", ".join(
            f"{figure(float(curve[epoch, m]))} at {n}"
            for m, n in zip(members, names, strict=True)
            if np.isfinite(curve[epoch, m])
        )
        for epoch in epochs[:: max(1, len(epochs) // 20)]
    }
    drawn, _ = layers.lines(rows, y, series, legend=at == 0, width=width)
    pointed = layers.pointed(notes, width)
    pointed["encoding"]["x"] = {"field": "alpha", "type": "quantitative"}
    return layers.panel([drawn, pointed], _epochs(len(curve), at == of - 1), width, HEIGHT)


def _some_members(fit: PopulationFit) -> list[int]:
    """The best seed of up to four alphas: the ends, the one to take, and one between."""
    last = len(fit.alphas) - 1
    taken = fit.chosen[0] // len(fit.settings.seeds)
    between = (taken + last) // 2 if taken < last / 2 else taken // 2
    return [fit.best_seed(a) for a in sorted({0, taken, between, last})]


def _thinned(epochs: int) -> list[int]:
    """Epochs to draw, the first and the last among them."""
    return sorted(
        set(np.linspace(0, epochs - 1, min(epochs, MOST_POINTS)).round().astype(int).tolist())
    )


def _epochs(count: int, labelled: bool) -> Spec:
    return {
        "field": "epoch",
        "type": "quantitative",
        "scale": {"domain": [-0.5 if count > 1 else -1, count - 0.5], "nice": False},
        "axis": {"title": "epoch" if labelled else None, "labels": labelled, "tickMinStep": 1},
    }


def _layer(quantity: str) -> str:
    return quantity.removeprefix("weight_norm[").removesuffix("]")
