"""The live view: what a person sees of a log that grows."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

import counterpoint as cp
from counterpoint.findings.finding import Finding
from counterpoint.report.live import finding_line, live_view, sparkline
from counterpoint.runs import History


@given(st.lists(st.floats(), min_size=1, max_size=200))
def test_a_sparkline_has_a_character_for_each_stretch(values):
    drawn = sparkline(values, 20)
    assert len(drawn) == min(20, len(values))
    if len(values) <= 20:
        assert [c == "×" for c in drawn] == [not math.isfinite(v) for v in values]
    ends = [v for v in values if math.isfinite(v)]
    if len(values) <= 20 and ends and min(ends) < max(ends):
        assert drawn[values.index(min(ends))] == "▁"
        assert drawn[values.index(max(ends))] == "█"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Loss is nan from epoch 1 on", "Loss is nan from epoch 1 on"),
        ("Loss stands since epoch 1", "Loss stands since epoch 1"),
        ("Loss fell up to epoch 12", "Loss fell up to epoch 12 (since epoch 1)"),
    ],
)
def test_since_when_is_said_once(title, shown):
    found = Finding("a", "note", title, "", evidence={}, since="epoch 1")
    assert finding_line(found).plain == f"note    {shown}"


def test_a_break_down_is_seen_however_long_the_course():
    values = [1.0] * 1000
    values[500] = math.nan
    assert sparkline(values, 10).count("×") == 1


def text_of(runs, width=120):
    console = Console(width=width, color_system=None)
    with console.capture() as captured:
        console.print(live_view(runs))
    return captured.get()


def history(name="a", quantity="loss", values=(2.5, 1.25, 1.5)):
    points = [(i, i, "train", quantity, v) for i, v in enumerate(values)]
    return History.of_points(points, name=name)


def test_values_and_findings_in_plain_sight():
    falling = history(values=[2.3 * 0.5**i for i in range(10)] + [math.nan] * 3)
    shown = text_of([(falling, cp.diagnose(falling).findings)])
    [row] = [line for line in shown.split("\n") if line.startswith("train")]
    assert row.split()[:6] == ["train", "loss", "2.30", "nan", "0.00449", "2.30"]
    assert row.rstrip().endswith("×××")
    assert "problem" in shown


def test_hostile_names_stay_text():
    bad = history(name="[red]x\x1b[31m", quantity="[bold]\x1b]0;t\x07")
    shown = text_of([(bad, ())])
    assert "\x1b" not in shown
    assert "[red]x" in shown
    assert "[bold]" in shown


def test_many_runs_and_many_quantities_fit_a_screen():
    wide = History.of_points([(1, 1, "train", f"q{i}", 1.0) for i in range(50)], name="last")
    runs = [(history(name=f"run {i}"), ()) for i in range(30)] + [(wide, ())]
    lines = text_of(runs).split("\n")
    assert len(lines) < 34
    assert any("22 runs before these" in line for line in lines)
    assert any("and 34 more" in line for line in lines)


@pytest.mark.parametrize("width", [20, 40, 80])
def test_a_narrow_terminal(width):
    assert all(len(line) <= width for line in text_of([(history(), ())], width).split("\n"))
