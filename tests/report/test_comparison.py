"""Charts and page of a comparison: drawn for any number of models and classes, numbers as found."""

from __future__ import annotations

import html
import re

import numpy as np
import pytest

import counterpoint as cp
from counterpoint.report.comparison.charts import (
    differences_chart,
    parts_chart,
    reliability_chart,
    scores_chart,
)
from counterpoint.report.comparison.page import render_comparison
from counterpoint.report.export import svg_of

HOSTILE = "</script><script>alert('x')</script><img src=x onerror=alert(1)>"


def comparison(n_models: int, n_classes: int, names=None):
    rng = np.random.default_rng(0)
    truth = rng.dirichlet(np.full(n_classes, 0.5), size=120)
    y = np.array([rng.choice(n_classes, p=p) for p in truth])
    models = []
    for i in range(n_models):
        p = (truth + 0.02) ** (0.5 + i)
        models.append(p / p.sum(axis=1, keepdims=True))
    return cp.compare(*models, y_true=y, names=names)


@pytest.mark.parametrize(("n_models", "n_classes"), [(1, 2), (3, 3)])
def test_every_chart_is_drawn_at_desk_and_phone_width(n_models: int, n_classes: int) -> None:
    both = comparison(n_models, n_classes, [f"{'long name ' * 5}{i}" for i in range(n_models)])
    charts = [scores_chart, parts_chart, reliability_chart]
    for chart in charts if n_models == 1 else [*charts, differences_chart]:
        for width in (720, 290):
            drawn = svg_of(chart(both.numbers, width))
            assert "undefined" not in drawn
            assert "NaN" not in drawn
            across = float(re.search(r'<svg[^>]* width="([\d.]+)"', drawn)[1])
            assert across < width + 60


def test_the_page_shows_the_numbers_of_the_tables() -> None:
    both = comparison(2, 3, ["one", "two"])
    page = render_comparison(both)
    words = html.unescape(re.sub(r"<[^>]+>", " ", page))
    for row in both.parts.iter_rows(named=True):
        assert f"{row['value']:.3f}".replace("-0.000", "0.000") in words
    for finding in both.findings:
        assert finding.title in " ".join(words.split())
    assert "://" not in page.replace("http://www.w3.org/", "")


def test_hostile_names_are_escaped_in_page_and_charts() -> None:
    rng = np.random.default_rng(1)
    p = rng.random(50)
    y = np.where(rng.random(50) < p, HOSTILE, "a")
    both = cp.compare(p, p**2, y_true=y, positive=HOSTILE, names=[HOSTILE, "b"])
    page = render_comparison(both, origin={"Command": HOSTILE})
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_rows_read_in_blocks_have_a_page_without_parts(tmp_path) -> None:
    import polars as pl

    p = np.random.default_rng(2).random(3000)
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path, q in zip(paths, (p, p**2), strict=True):
        frame = pl.DataFrame({"no": 1 - q, "yes": q, "label": np.where(p > 0.4, "yes", "no")})
        frame.write_parquet(path)
    page = render_comparison(cp.compare(*paths, memory=1000))
    assert "The predictions that cost most" in page
    assert "<h2>The parts of each score</h2>" not in page


def test_models_that_are_never_wrong_have_a_page(recwarn) -> None:
    y = np.array([0, 1] * 20)
    page = render_comparison(cp.compare(y.astype(float), 0.999 * y + 0.0005, y_true=y))
    assert not list(recwarn)
    assert "-0.000" not in page
