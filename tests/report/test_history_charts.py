"""Charts of a training's log: what is drawn of which rows."""

from __future__ import annotations

import json
import math

import pytest

from counterpoint.report.export import svg_of
from counterpoint.report.history_charts import MOST_POINTS, has_chart, history_chart
from counterpoint.runs.history import History


def history(*series, epochs=None):
    """A log of (split, quantity, values); a point an epoch, a hundred steps each."""
    return History.of_points(
        [
            (100 * (i + 1), epochs[i] if epochs else i + 1, split, quantity, value)
            for split, quantity, values in series
            for i, value in enumerate(values)
        ],
        name="a",
    )


def panels(*series, **others):
    return history_chart(history(*series, **others))["vconcat"]


def kinds(panel):
    return [layer["mark"]["type"] for layer in panel["layer"]]


def drawn(panel):
    """(series, across, value) of every point of a line."""
    [unit] = {panel["encoding"]["x"]["field"]}
    return [
        (row["series"], row[unit], row["value"])
        for layer in panel["layer"]
        if layer["mark"]["type"] == "line"
        for row in layer["data"]["values"]
    ]


FALLING = ("train", "loss", [2.0, 1.5, 1.25])


def test_a_point_alone_is_drawn_beside_a_line():
    """As that of the only evaluation before a loss became NaN."""
    [loss] = panels(FALLING, ("validation", "loss", [2.1, math.nan]))
    assert drawn(loss)[-1] == ("validation", 1, 2.1)
    assert not has_chart(history(("train", "loss", [2.0]), ("validation", "loss", [2.1])))


def test_a_panel_a_quantity_and_a_line_a_split():
    loss, accuracy = panels(
        ("validation", "accuracy", [0.5, 0.75, 0.7]), FALLING, ("validation", "loss", [2.1, 1.6, 2])
    )
    assert drawn(loss) == [
        *(("train", *point) for point in [(1, 2.0), (2, 1.5), (3, 1.25)]),
        *(("validation", *point) for point in [(1, 2.1), (2, 1.6), (3, 2.0)]),
    ]
    assert drawn(accuracy) == [("validation", i, v) for i, v in [(1, 0.5), (2, 0.75), (3, 0.7)]]
    assert [p["encoding"]["x"]["axis"]["labels"] for p in (loss, accuracy)] == [False, True]


def test_whole_epochs_have_no_ticks_between_them_and_others_do():
    [whole] = panels(FALLING)
    [halves] = panels(FALLING, epochs=[0.5, 1.0, 1.5])
    assert whole["encoding"]["x"]["axis"]["tickMinStep"] == 1
    assert "tickMinStep" not in halves["encoding"]["x"]["axis"]


def test_rows_without_an_epoch_are_drawn_over_steps():
    [panel] = panels(FALLING, epochs=[1, None, 3])
    assert [(across, value) for _, across, value in drawn(panel)] == [
        (100, 2.0),
        (200, 1.5),
        (300, 1.25),
    ]


@pytest.mark.parametrize(
    ("name", "values", "scale"),
    [
        ("loss", [2.0, 1.0, 0.099], "log"),
        ("loss", [2.0, 1.0, 0.101], None),
        ("loss", [2.0, 1.0, 0.0], None),
        ("accuracy", [0.01, 0.5, 0.9], None),
    ],
)
def test_a_scale_is_logarithmic_from_a_ratio_of_twenty_if_all_is_positive(name, values, scale):
    [panel] = panels(("train", name, values))
    assert panel["layer"][0]["encoding"]["y"]["scale"].get("type") == scale


def test_what_is_not_finite_is_left_out_and_the_rest_drawn():
    [panel] = panels(("train", "loss", [2.0, math.nan, 1.0, math.inf]))
    assert [(across, value) for _, across, value in drawn(panel)] == [(1, 2.0), (3, 1.0)]
    json.dumps(panel, allow_nan=False)


def test_rows_have_the_same_colour_in_every_panel():
    accuracy = panels(FALLING, ("validation", "accuracy", [0.5, 0.75, 0.7]))[1]
    [scale] = {
        json.dumps(layer["encoding"]["color"]["scale"])
        for layer in accuracy["layer"]
        if "color" in layer["encoding"]
    }
    assert json.loads(scale)["domain"] == ["train", "validation"]


def broken(panel):
    """(across, words, side) where values cease to be finite."""
    return [
        (layer["data"]["values"][0]["at"], layer["mark"]["text"], layer["mark"]["align"])
        for layer in panel["layer"]
        if layer["mark"]["type"] == "text"
    ]


def test_where_values_cease_to_be_finite_is_marked():
    [panel] = panels(
        ("train", "loss", [2.0, math.nan, 1.0, math.inf]),
        ("validation", "loss", [2.0, math.nan, 1.0, 1.0]),
        ("test", "loss", [2.0, 1.0, 1.0, math.inf]),
    )
    assert broken(panel) == [(2, "train, validation NaN", "left"), (4, "test infinite", "right")]
    assert broken(panels(FALLING)[0]) == []
    [whole] = panels(("", "gradient_norm", [1.0, 2.0, math.nan]))
    assert broken(whole) == [(3, "NaN", "right")]
    [long] = panels(("train", "loss", [*[1.0] * 1001, math.nan, *[1.0] * 999]))
    assert broken(long) == [(1002, "train NaN", "right")]
    svg_of(history_chart(history(("train", "loss", [2.0, 1.0, math.nan]))))


def test_a_long_course_keeps_its_ends_and_loses_its_dots():
    [panel] = panels(("train", "loss", [2.0 + i for i in range(5000)]))
    points = drawn(panel)
    assert len(points) == MOST_POINTS
    assert (points[0][1:], points[-1][1:]) == ((1, 2.0), (5000, 5001.0))
    assert "circle" in kinds(panels(("train", "loss", [1.0] * 60))[0])
    assert "circle" not in kinds(panels(("train", "loss", [1.0] * 61))[0])


@pytest.mark.parametrize("values", [[], [2.0], [math.nan] * 3, [math.nan, 2.0, math.inf]])
def test_fewer_than_two_points_are_no_chart(values):
    assert not has_chart(history(("train", "loss", values)))
    assert has_chart(history(("train", "loss", values), ("test", "accuracy", [0.5, 0.6])))


def test_it_becomes_a_picture_with_every_value_to_point_at():
    svg = svg_of(history_chart(history(FALLING, ("validation", "loss", [2.1, 1.6, 2]))))
    assert "epoch 2: train loss 1.50, validation loss 1.60" in svg
