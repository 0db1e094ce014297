"""The region as a chart: what it draws is the region."""

from __future__ import annotations

import math

import pytest

from counterpoint.report.export import svg_of
from counterpoint.report.region_chart import Dot, region_chart


def layers_of(chart):
    return chart["vconcat"][0]["layer"]


def test_the_areas_are_the_region_and_the_band():
    reachable, band = (layer["data"]["values"] for layer in layers_of(region_chart("log", 2))[:2])
    for row in reachable:
        assert row["low"] == pytest.approx((1 - row["accuracy"]) * math.log(2))
        # To the upper edge, at 1 to the even guess: cut off there, not drawn beyond.
        top = math.log(2) * (1.5 if row["accuracy"] < 1 else 1.0)
        assert row["high"] == pytest.approx(top)
    assert min(row["accuracy"] for row in band) == 0.5
    thirds = layers_of(region_chart("log", 3))[1]["data"]["values"]
    assert min(row["accuracy"] for row in thirds) == pytest.approx(1 / 3)
    for row in band:
        assert row["low"] == pytest.approx(2 * math.log(2) * (1 - row["accuracy"]), abs=1e-12)


def test_points_have_names_and_far_ones_an_arrow():
    points = [Dot(0.78, 0.4577, "validation"), Dot(0.7, 174.7, "that one")]
    chart = region_chart("log", 2, points, base_rates=0.673)
    svg = svg_of(chart)
    for words in ("validation", "that one: 174.7", "even guess", "base rates", "calibrated"):
        assert words in svg
    shapes = [layer["mark"].get("shape") for layer in layers_of(chart)]
    assert shapes.count("circle") == 1
    assert shapes.count("triangle-up") == 1


@pytest.mark.parametrize("loss", ["log", "brier", "squared", "bce", "quadratic"])
@pytest.mark.parametrize("n_classes", [2, 1000])
def test_every_loss_can_be_drawn(loss, n_classes):
    assert svg_of(region_chart(loss, n_classes)).startswith("<svg")
