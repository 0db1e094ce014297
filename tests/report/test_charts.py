from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest

from counterpoint.report.charts import (
    HELD_OUT,
    TRAINED,
    objective_chart,
    scores_chart,
    weights_chart,
)
from counterpoint.report.export import svg_of
from counterpoint.report.marks import Candidate, Marks, marks_of
from counterpoint.report.notebook import side_by_side, sweep_chart
from counterpoint.report.side_by_side import side_by_side_chart

CHARTS = (scores_chart, objective_chart, weights_chart)


def _rows(panel, kind: str) -> list[dict]:
    """All rows behind the marks of a kind in one panel."""
    return [
        row
        for layer in panel["layer"]
        if layer["mark"]["type"] == kind
        for row in layer["data"]["values"]
    ]


def _texts(panel) -> list[str]:
    return [
        "".join(layer["mark"]["text"])
        for layer in panel["layer"]
        if layer["mark"]["type"] == "text"
    ]


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("width", [720, 290])
def test_charts_are_plain_json(sample, chart, width):
    specification = chart(sample.fit, marks_of(sample.choice, sample.findings), width)
    assert json.loads(json.dumps(specification, allow_nan=False)) == specification
    assert {panel["width"] for panel in specification["vconcat"]} == {width}


def test_charts_are_valid_vega_lite(sample):
    # Altair raises where its schema is not met.
    chart = sweep_chart(sample.fit, sample.choice, sample.findings)
    assert len(chart.vconcat) == 6


@pytest.mark.parametrize(("panel", "per_row"), [(0, "correct"), (1, "log_loss"), (2, "brier")])
def test_lines_show_the_held_out_means(fits, panel, per_row):
    for name in ("binary", "ten classes", "calibrated"):
        held_out = fits[name].held_out
        drawn = [
            row["value"]
            for row in _rows(scores_chart(fits[name])["vconcat"][panel], "line")
            if row["series"] == HELD_OUT
        ]
        expected = np.average(getattr(held_out, per_row), axis=1, weights=held_out.weight)
        np.testing.assert_allclose(drawn, expected, rtol=1e-12)


def test_training_line_is_left_out_where_there_is_no_value(fits):
    log, squared = (scores_chart(fits[name])["vconcat"][1] for name in ("binary", "calibrated"))
    assert {row["series"] for row in _rows(log, "line")} == {HELD_OUT, TRAINED}
    assert {row["series"] for row in _rows(squared, "line")} == {HELD_OUT}


def test_base_rate_lines_stand_at_what_guessing_scores(fits):
    fit = fits["ten classes"]
    p = fit.facts.class_share
    labels = fit.held_out.label_index
    one_hot = np.eye(len(p))[labels]
    expected = (
        np.mean(labels == p.argmax()),
        -np.log(p[labels]).mean(),
        ((p - one_hot) ** 2).sum(axis=1).mean(),
    )
    for panel, value in zip(scores_chart(fit)["vconcat"], expected, strict=True):
        rules = [row["value"] for row in _rows(panel, "rule") if "value" in row]
        assert rules == [pytest.approx(value, rel=1e-12)]


def test_labels_say_which_scores_are_calibrated(fits):
    def titles(name: str) -> list[str]:
        return [
            next(
                layer["encoding"]["y"]["axis"]["title"]
                for layer in panel["layer"]
                if layer["mark"]["type"] == "line"
            )
            for panel in scores_chart(fits[name])["vconcat"]
        ]

    assert titles("binary") == ["accuracy", "log loss", "Brier score"]
    assert titles("calibrated") == [
        "accuracy",
        "log loss (calibrated)",
        "Brier score (calibrated)",
    ]


def test_candidates_are_marked_where_the_choice_is(samples):
    for sample in samples.values():
        marks = marks_of(sample.choice, sample.findings)
        panel = scores_chart(sample.fit, marks)["vconcat"][0]
        upright = {row["alpha"] for row in _rows(panel, "rule") if set(row) == {"alpha"}}
        assert upright == {sample.choice.best.alpha, sample.choice.one_se.alpha}
        assert sum(text.startswith("take ") for text in _texts(panel)) == 1


@pytest.mark.parametrize("taken", [0, 4, 8])
@pytest.mark.parametrize("width", [720, 290])
def test_names_of_candidates_stay_within_the_plot(fits, taken, width):
    fit = fits["binary"]

    def drawn_width(marks: Marks) -> float:
        size = re.search(r'viewBox="0 0 ([\d.]+)', svg_of(scores_chart(fit, marks, width)))
        assert size is not None
        return float(size[1])

    for other in (0, 8):
        pair = sorted({(float(fit.alphas[i]), i == taken) for i in (taken, other)})
        marks = Marks(tuple(Candidate(alpha, "least log loss", is_it) for alpha, is_it in pair))
        assert drawn_width(marks) <= drawn_width(Marks()) + 2


def test_flat_range_is_shaded_from_the_evidence(samples):
    sample = samples["ten classes"]
    evidence = next(f.evidence for f in sample.findings if f.name == "flat_accuracy")
    marks = marks_of(sample.choice, sample.findings)
    for panel in scores_chart(sample.fit, marks)["vconcat"]:
        assert _rows(panel, "rect") == [
            {"alpha": evidence["alpha_low"], "end": evidence["alpha_high"]}
        ]


def test_infinite_loss_is_a_gap_with_a_sign(infinite):
    panel = scores_chart(infinite)["vconcat"][1]
    first = next(row for row in _rows(panel, "line") if row["series"] == HELD_OUT)
    assert first["value"] is None
    assert "∞" in _texts(panel)
    low, high = next(
        layer["encoding"]["y"]["scale"]["domain"]
        for layer in panel["layer"]
        if layer["mark"]["type"] == "line"
    )
    assert math.isfinite(low)
    assert math.isfinite(high)
    assert "NaN" not in svg_of(scores_chart(infinite))


def test_objective_shows_its_parts_and_leaves_zero_out(fits):
    fit = fits["l1"]
    assert (fit.penalty == 0).any()  # at the strongest alpha every weight is zero
    rows = _rows(objective_chart(fit)["vconcat"][0], "line")
    for name, values in (("data loss", fit.data_loss), ("penalty", fit.penalty)):
        drawn = {row["alpha"]: row["value"] for row in rows if row["series"] == name}
        kept = values > 0
        assert drawn == dict(zip(fit.alphas[kept].tolist(), values[kept].tolist(), strict=True))


def test_weights_show_norm_and_number(fits):
    fit = fits["l1"]
    norm, nonzero = weights_chart(fit)["vconcat"]
    assert [row["value"] for row in _rows(nonzero, "line")] == fit.nonzero.tolist()
    positive = fit.weight_norm[fit.weight_norm > 0]
    assert [row["value"] for row in _rows(norm, "line")] == positive.tolist()


@pytest.mark.parametrize("width", [720, 290])
def test_side_by_side_has_a_panel_a_measure_and_loss(fits, width):
    shown = [fits[name] for name in ("binary", "l1", "calibrated", "calibrated l1")]
    specification = side_by_side_chart(shown, width)
    json.dumps(specification, allow_nan=False)
    assert len(specification["concat"]) == 4 * 2
    assert specification["columns"] == (2 if width == 720 else 1)
    accuracy_of_squared = specification["concat"][1]
    drawn = {(r["series"], r["alpha"]): r["value"] for r in _rows(accuracy_of_squared, "line")}
    for name, series in (("calibrated", "L2"), ("calibrated l1", "L1")):
        fit = fits[name]
        for alpha, correct in zip(fit.alphas, fit.held_out.correct, strict=True):
            assert drawn[series, alpha] == pytest.approx(correct.mean())


def test_side_by_side_is_valid_vega_lite(fits):
    assert len(side_by_side([fits["binary"], fits["calibrated l1"]]).concat) == 8


def test_tick_labels_are_few_and_in_the_words_of_the_findings(fits):
    axis = scores_chart(fits["binary"])["vconcat"][-1]["encoding"]["x"]["axis"]
    assert axis["values"] == pytest.approx([10.0**k for k in range(-6, 3)])
    svg = svg_of(scores_chart(fits["binary"]))
    for label in ("1e-6", "1e-3", "0.01", "100"):
        assert f">{label}</text>" in svg
    narrow = scores_chart(fits["binary"], width=290)["vconcat"][-1]["encoding"]["x"]["axis"]
    assert len(narrow["values"]) <= 5


@pytest.mark.parametrize(("name", "labels"), [("one alpha", ["0.01"]), ("two alphas", ["0.01"])])
def test_few_alphas_are_labelled_themselves(fits, name, labels):
    svg = svg_of(scores_chart(fits[name]))
    for label in labels:
        assert f">{label}</text>" in svg
    assert "undefined" not in svg
    assert "NaN" not in svg
