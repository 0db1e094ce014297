"""A population on the terminal, as JSON and as charts: what fits, what is left out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import numpy as np
import pytest
from rich.console import Console
from sklearn.datasets import load_iris

from counterpoint import nets
from counterpoint.report.export import svg_of
from counterpoint.report.population_charts import curves_chart, map_chart, norms_chart
from counterpoint.report.population_page import render_population
from counterpoint.report.population_text import plain_population, print_population
from counterpoint.report.theme import Spec


@pytest.fixture(scope="module")
def population() -> nets.Population:
    alphas = np.geomspace(1e-6, 1e-1, 50)
    return nets.fit(*load_iris(return_X_y=True), hidden=3, alphas=alphas, epochs=3, seeds=2)


def printed(population: nets.Population, width: int) -> list[str]:
    out = io.StringIO()
    print_population(Console(file=out, width=width), population.fit, ())
    return out.getvalue().splitlines()


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (120, ["epoch", "loss", "accuracy", "score", "epoch", "loss", "accuracy", "loss"]),
        (70, ["epoch", "loss", "accuracy", "epoch", "loss", "accuracy", "loss"]),
        (40, ["epoch", "loss", "accuracy"]),
    ],
)
def test_the_table_fits_the_width(
    population: nets.Population, width: int, columns: list[str]
) -> None:
    lines = printed(population, width)
    assert max(map(len, lines)) <= width
    assert not any("…" in line for line in lines)
    [head] = [line.split() for line in lines if line.split()[:1] == ["alpha"]]
    assert [name for name in head if name not in ("alpha", "penalty")] == columns
    [taken] = [line.split() for line in lines if line.startswith("→")]
    chosen, _, epoch = population.chosen
    assert float(taken[1]) == pytest.approx(chosen, rel=1e-2)
    assert int(taken[2]) == epoch


def test_of_many_alphas_some_are_shown_the_one_to_take_among_them(
    population: nets.Population,
) -> None:
    lines = printed(population, 120)
    shown = [line for line in lines[2:] if line[:1] == "→" or line.strip()[:1].isdigit()]
    assert len(shown) in (25, 26)
    assert f"{len(shown)} of 50 alphas shown" in " ".join(lines)
    assert "the best seed of each alpha" in " ".join(lines)


def test_json_has_every_alpha_and_no_nan(population: nets.Population) -> None:
    content = json.loads(json.dumps(plain_population(population.fit, ()), allow_nan=False))
    assert len(content["members"]) == 50
    [taken] = [row for row in content["members"] if row["taken"]]
    assert taken["alpha"] == content["choice"]["alpha"]
    curve = population.curve("log_loss")
    assert taken["best"]["log_loss"] == pytest.approx(np.nanmin(curve))


@pytest.mark.parametrize("chart", [curves_chart, map_chart, norms_chart])
@pytest.mark.parametrize("width", [720, 290])
def test_charts_are_no_wider_than_asked(
    population: nets.Population, chart: Callable[..., Spec], width: int
) -> None:
    svg = svg_of(chart(population.fit, width))
    drawn = float(svg.split('width="', 1)[1].split('"', 1)[0])
    assert drawn <= width + 110


def test_one_member_and_one_epoch_make_a_page() -> None:
    one = nets.fit(*load_iris(return_X_y=True), hidden=(), alphas=[1e-3], epochs=1)
    page = render_population(one.fit, one.findings)
    assert page.count("<svg") == 6
    assert "at the best epoch" in page
