"""A pair as text: what stands in the table, and where the marks stand on the scale."""

from __future__ import annotations

import pytest

from counterpoint.findings.pairs import Pair
from counterpoint.report.pair_text import SCALE, pair_lines, scale_lines


def columns(lines: list[str]) -> dict[str, str]:
    return {line[2:16].strip(): line[16:] for line in lines}


def test_marks_stand_where_their_losses_are():
    pair = Pair("log", 2, 0.4577, 0.7826)
    lines = columns(scale_lines(pair))
    top = 1.1 * pair.uniform_guess

    def place(value: float) -> int:
        return round(value / top * (SCALE - 1))

    assert lines["this one"].index("*") == place(0.4577)
    assert lines["even guess"].index("|") == place(pair.uniform_guess)
    assert lines["calibrated"].index("=") == place(float(pair.band.low))
    assert lines["calibrated"].rindex("=") == place(float(pair.band.high))
    # Log loss has no ceiling.
    assert lines["any model"].endswith(">")
    assert all(len(line) < 96 for line in scale_lines(pair))


def test_a_loss_off_the_scale_stands_at_its_end():
    lines = columns(scale_lines(Pair("quadratic", 10, 174.71, 0.7341)))
    assert lines["this one"].index(">") == SCALE - 1
    assert lines["even guess"].index("|") < SCALE - 1
    assert columns(scale_lines(Pair("log", 2, -0.4, 0.9)))["this one"].startswith("<")


def test_rows_without_a_number_are_left_out():
    text = "\n".join(pair_lines(Pair("log", 2, 0.4)))
    assert "calibrated" in text
    assert "base rates" not in text
    assert "interval" not in text
    text = "\n".join(pair_lines(Pair("log", 2, 0.4, 0.8, samples=50, prior=(0.6, 0.4))))
    assert "base rates" in text
    assert "over 50 rows" in text


def test_an_accuracy_near_one_is_not_written_as_one():
    lines = pair_lines(Pair("log", 2, 0.0003, 0.9998))
    assert "0.9996 to 1.00" in next(line for line in lines if "any model" in line)
    assert lines[0] == "2 classes"
    assert pair_lines(Pair("log", 2, 0.3, 1.0, samples=1))[0] == "2 classes over 1 row"


@pytest.mark.parametrize("loss", ["log", "brier", "squared", "bce", "quadratic"])
def test_every_loss_has_its_lines(loss):
    lines = pair_lines(Pair(loss, 10, 0.3, 0.8, samples=100))
    assert all(len(line) <= 96 for line in lines)
