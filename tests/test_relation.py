"""`counterpoint.relate`: the numbers, the points and the files."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import counterpoint as cp
from counterpoint.errors import InputError
from counterpoint.theory.proper_losses import PROPER_LOSSES


def test_the_law_and_the_region_are_those_of_theory():
    relation = cp.relate(10, "brier", concentration=2.0)
    assert relation.law(0.3).mean() == cp.loss_law("brier", [2.0] * 10, t=0.3).mean()
    assert relation.law().mean() == cp.loss_law("brier", [2.0] * 10).mean()
    region = relation.region([0.1, 0.6, 1.0])
    # Cover and Hart's 2e - e²K/(K - 1), and e, for e = 0.4 and ten classes.
    assert region.calibrated.low[1] == pytest.approx(0.4)
    assert region.calibrated.high[1] == pytest.approx(0.8 - 0.16 * 10 / 9)
    assert isinstance(relation.law(), cp.Law)


@pytest.mark.parametrize("loss", ["log", "brier", "squared"])
@pytest.mark.parametrize("classes", [2, 3, 10])
def test_the_cloud_lies_in_the_envelope_and_has_the_law(loss, classes):
    relation = cp.relate(classes, loss)
    t, value = relation.cloud(2000, seed=3)
    low, high = relation.envelope(t)
    assert (value >= low * (1 - 1e-12)).all()
    assert (value <= high * (1 + 1e-12)).all()
    assert t.min() < 0.001
    assert t.max() > 0.999
    if relation.has_spread:
        p5, p95 = relation.law(0.0).quantile([0.05, 0.95])
        inside = np.mean((value >= p5 * (1 - t) ** 2) & (value <= p95 * (1 - t) ** 2))
        assert inside == pytest.approx(0.9, abs=0.03)


@pytest.mark.parametrize(
    ("pair", "reachable", "calibrated"),
    [
        ((0.4577, 0.7826), True, True),
        ((0.6, 0.7826), True, False),
        ((0.2, 0.7826), True, False),
        ((0.1, 0.7826), False, False),
        ((-0.1, 0.5), False, False),
        ((0.7, 1.0), False, False),
        ((0.0, 1.0), True, True),
        ((math.log(2.0), 0.5), True, True),
        ((5.0, 0.0), True, False),
    ],
)
def test_where_a_point_lies(pair, reachable, calibrated):
    (point,) = cp.relate(2, "log", points=[pair]).points
    assert (point.reachable, point.calibrated) == (reachable, calibrated)


def test_points_are_judged_as_read_judges_them():
    """Above the band, and no further than chance over a thousand rows may put it."""
    pairs = [(0.55, 0.7826), (0.7, 0.7826), (0.72, 0.46)]
    for samples in (100, 1000, 100_000):
        points = cp.relate(2, "log", points=pairs, samples=samples).points
        for point, (loss, accuracy) in zip(points, pairs, strict=True):
            (pair,) = cp.read(loss=loss, accuracy=accuracy, classes=2, samples=samples).pairs
            assert point.calibrated == (pair.place == "inside")
            assert point.by_chance == pytest.approx(tuple(map(float, pair.wide_band)), nan_ok=True)
    (alone,) = cp.relate(2, "log", points=pairs[:1]).points
    (few,) = cp.relate(2, "log", points=pairs[:1], samples=1000).points
    assert (alone.calibrated, few.calibrated) == (False, True)
    said = cp.relate(2, "log", points=pairs, samples=1000).explain()
    assert "0.301 to 0.524; 0.228 to 0.595 with chance over 1,000 rows" in said
    assert "Chance over 1,000 rows is allowed for" in said
    assert "none exactly" in cp.relate(2, "log", points=[(0.69, 0.45)], samples=30).explain()
    with pytest.raises(cp.InputError, match="samples is 0"):
        cp.relate(2, "log", points=pairs, samples=0)


def test_what_is_said_of_points():
    points = {"good": (0.4577, 0.7826), "sure": (0.6, 0.7826), "sum": (174.7, 0.7341)}
    said = cp.relate(2, "log", points=points).explain()
    assert "good: 0.4577 at accuracy 0.7826 is what a calibrated predictor can have" in said
    assert "(0.301 to 0.524)" in said
    assert "sure: 0.6 at accuracy 0.7826 can be had, but by no calibrated predictor" in said
    assert "above 0.524" in said
    said = cp.relate(10, "quadratic", points={"cost": (174.7, 0.7341)}).explain()
    assert "cost: 174.7 at accuracy 0.7341 is impossible" in said
    assert "no predictor is above 4.63. Is it a sum" in said
    said = cp.relate(10, "bce", points=[(0.05, 0.9)]).explain()
    assert "no predictor is below 0.139. Is it divided" in said


def test_the_figures_that_explain_the_narrow_scatter():
    said = cp.relate(10).explain()
    assert "4.1%" in said
    assert "2.00 / K^1.5" in said
    # For a = 2 the variance of S is 12(m - 1)/((2m + 1)²(2m + 2)(2m + 3)), about 0.75/m³.
    assert "0.866 / K^1.5" in cp.relate(10, concentration=2.0).explain()
    assert "S is 0.111 where they share it evenly" in said


@pytest.mark.parametrize(
    ("loss", "classes"), [*((name, 12) for name in PROPER_LOSSES), ("log", 2), ("brier", 2)]
)
def test_every_loss_is_said_saved_and_drawn(loss, classes, tmp_path):
    relation = cp.relate(classes, loss, 0.5, points=[(0.4, 0.8)])
    names = {path.name for path in relation.save(tmp_path / "out").iterdir()}
    charts = {"region.png", "region.svg"}
    if loss in ("log", "brier", "squared"):
        charts |= {"one_prediction.png", "one_prediction.svg"}
    assert charts | {"relation.json", ".counterpoint-files.json"} == names
    numbers = json.loads((tmp_path / "out" / "relation.json").read_text())
    assert numbers == relation.to_dict()
    assert bool(numbers["law"]) == ("one_prediction.svg" in charts)
    assert numbers["region"][0]["accuracy"] == pytest.approx(1 / classes)
    assert relation.explain()


def test_the_charts_for_a_notebook():
    drawn = cp.relate(5, points=[(0.4, 0.8)]).plot().to_dict()
    assert len(drawn["vconcat"]) == 3
    names = [layer["data"]["name"] for panel in drawn["vconcat"] for layer in panel["layer"]]
    assert set(names) <= set(drawn["datasets"])


def test_an_older_relation_leaves_nothing_behind(tmp_path):
    cp.relate(3, "brier").save(tmp_path)
    (tmp_path / "mine.txt").write_text("kept")
    cp.relate(3, "bce").save(tmp_path)
    assert not (tmp_path / "one_prediction.svg").exists()
    assert (tmp_path / "mine.txt").read_text() == "kept"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"classes": 1}, "number of classes is 1"),
        ({"classes": 2.5}, "2.5"),
        ({"classes": True}, "True"),
        ({"classes": 10**9}, "100,000"),
        ({"classes": 3, "loss": "brie"}, "nearest: brier"),
        ({"classes": 3, "concentration": [1.0, 2.0]}, "2 numbers for 3 classes"),
        ({"classes": 3, "concentration": "many"}, "one a class"),
        ({"classes": 3, "concentration": math.nan}, "nan"),
        ({"classes": 3, "label": 3}, "label is 3"),
        ({"classes": 3, "points": [(0.1, 78.0)]}, "point 1 has the accuracy 78"),
        ({"classes": 3, "points": [(math.nan, 0.5)]}, "finite"),
        ({"classes": 3, "points": [(0.1,)]}, "a pair"),
        ({"classes": 3, "points": [("a", "b")]}, "a pair"),
        ({"classes": 3, "points": {"\x1b[31m": (0.1, 0.5)}}, "can be printed"),
        ({"classes": 3, "points": {"": (0.1, 0.5)}}, "can be printed"),
        ({"classes": 3, "points": 5}, "pairs"),
    ],
)
def test_what_is_refused(arguments, said):
    with pytest.raises(InputError, match=said):
        cp.relate(**arguments)


def test_a_loss_of_sigmoids_has_no_law():
    with pytest.raises(InputError, match="no law"):
        cp.relate(3, "bce").law()


def test_hostile_names_are_drawn_as_text(tmp_path):
    relation = cp.relate(3, points={"<script>x</script>[red]": (0.1, 0.9)})
    relation.save(tmp_path)
    drawn = (tmp_path / "region.svg").read_text()
    assert "<script" not in drawn
    assert "&lt;script&gt;x&lt;/script&gt;[red]" in drawn


def test_concentrations_that_differ():
    relation = cp.relate(3, concentration=[5.0, 1.0, 0.5], label=2)
    assert relation.law(0.1).mean() == cp.loss_law("brier", [5.0, 1.0, 0.5], 0.1, 2).mean()
    assert "Dirichlet(5, 1, 0.5) predictions where class 2 is true" in relation.explain()
    assert relation.to_dict()["concentration"] == [5.0, 1.0, 0.5]
