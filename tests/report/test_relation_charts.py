"""What a relation's charts draw is what the law and the region say."""

from __future__ import annotations

import numpy as np
import pytest

import counterpoint as cp
from counterpoint.report.relation_charts import one_prediction_chart, relation_charts


def rows(panel, layer):
    values = panel["layer"][layer]["data"]["values"]
    return {name: np.array([row[name] for row in values]) for name in values[0]}


def test_bands_mean_and_envelope():
    relation = cp.relate(10, concentration=0.7)
    above, below = one_prediction_chart(relation)["vconcat"]
    law = relation.law(0.5)
    middle = [np.isclose(rows(above, i)["x"], 0.5) for i in range(6)]

    def at_half(layer, column="value"):
        return float(rows(above, layer)[column][middle[layer]][0])

    low, first, third, high = law.quantile([0.05, 0.25, 0.75, 0.95])
    assert (at_half(1), at_half(1, "high")) == pytest.approx((low, high))
    assert (at_half(2), at_half(2, "high")) == pytest.approx((first, third))
    assert at_half(3) == pytest.approx(law.mean())
    assert (at_half(4), at_half(5)) == pytest.approx(law.support())
    # Below, everything but the dots is level.
    assert {len(np.unique(rows(below, i)["value"])) for i in range(1, 6)} == {1}
    dots = rows(below, 0)["value"]
    assert dots.mean() == pytest.approx(relation.law(0.0).mean(), rel=0.01)


def test_what_is_far_above_is_said_and_not_drawn():
    _, below = one_prediction_chart(cp.relate(200))["vconcat"]
    assert below["title"]["subtitle"] == ["the greatest, 2, is far above"]
    assert len(below["layer"]) == 5
    top = below["layer"][0]["encoding"]["y"]["scale"]["domain"][1]
    assert 1.0 < top < 1.1


@pytest.mark.parametrize(("loss", "classes"), [("log", 5), ("brier", 2), ("squared", 2)])
def test_without_spread_there_is_one_curve(loss, classes):
    (panel,) = one_prediction_chart(cp.relate(classes, loss))["vconcat"]
    top = panel["layer"][0]["encoding"]["y"]["scale"]["domain"][1]
    for layer in (0, 1):
        drawn = rows(panel, layer)
        least, _ = cp.relate(classes, loss).envelope(drawn["x"])
        assert drawn["value"] == pytest.approx(least)
        assert drawn["value"].max() <= top


def test_the_region_has_room_for_the_ceiling():
    chart = relation_charts(cp.relate(10, "quadratic", points=[(174.7, 0.7)]))["region"]
    (panel,) = chart["vconcat"]
    assert panel["layer"][0]["encoding"]["y"]["scale"]["domain"] == [0.0, 5.0]
