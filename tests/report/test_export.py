from __future__ import annotations

import html
import re
import struct

import pytest

from counterpoint.errors import InputError
from counterpoint.report import layers
from counterpoint.report.charts import scores_chart
from counterpoint.report.export import save_chart, svg_of
from counterpoint.report.folder import write_report
from counterpoint.text import printable


def _png_size(data: bytes) -> tuple[int, int]:
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def test_png_has_two_pixels_to_one_of_the_svg(fits, tmp_path):
    png, svg = save_chart(scores_chart(fits["binary"]), tmp_path / "scores")
    size = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg.read_text())
    assert size is not None
    width, height = _png_size(png.read_bytes())
    assert (width, height) == pytest.approx((2 * int(size[1]), 2 * int(size[2])), abs=2)
    assert width > 1400


def test_same_chart_is_drawn_the_same_twice(fits):
    svg_of.__globals__["_drawn"].cache_clear()
    first = svg_of(scores_chart(fits["binary"]))
    svg_of.__globals__["_drawn"].cache_clear()
    assert svg_of(scores_chart(fits["binary"])) == first


def test_names_with_dots_keep_them(fits, tmp_path):
    png, svg = save_chart(scores_chart(fits["one alpha"]), tmp_path / "alpha.0.01")
    assert (png.name, svg.name) == ("alpha.0.01.png", "alpha.0.01.svg")


def test_folder_of_one_sweep(samples, tmp_path):
    page = write_report(tmp_path / "new" / "out", [samples["binary"]])
    assert page.name == "report.html"
    assert sorted(p.name for p in page.parent.iterdir()) == sorted(
        ["report.html"]
        + [f"{c}.{s}" for c in ("scores", "objective", "weights") for s in ("png", "svg")]
    )


def test_folder_of_several_sweeps(samples, tmp_path):
    write_report(tmp_path, [samples["binary"], samples["calibrated"]])
    assert sorted(p.stem for p in tmp_path.glob("*.png")) == [
        "scores-log-l2",
        "scores-squared-l2",
        "side_by_side",
    ]


def test_file_in_the_place_of_the_folder(samples, tmp_path):
    (tmp_path / "out").write_text("x")
    with pytest.raises(InputError, match="out can't be made"):
        write_report(tmp_path / "out", [samples["one alpha"]])


@pytest.mark.parametrize("name", ["\x1b[31m", "a\x07", "\x00", "\uffff", "\ud800", "two\nlines"])
def test_no_name_ends_the_renderer(name, tmp_path):
    x = {"field": "value", "type": "quantitative", "title": name}
    y = {"field": "name", "type": "nominal"}
    chart = {
        "title": name,
        **layers.layer([{"value": 1, "name": name}], {"type": "point"}, x=x, y=y),
    }
    png, svg = save_chart(chart, tmp_path / "chart")
    assert png.stat().st_size > 1000
    assert svg.read_text().count(html.escape(printable(name))) >= 3
