"""Histories: what is kept, saved and refused."""

from __future__ import annotations

import json
import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import counterpoint as cp
from counterpoint.errors import InputError
from counterpoint.runs.history import SCHEMA, History

POINTS = [(1, 0.5, "train", "loss", 2.0), (1, None, "validation", "loss", math.inf)]


def test_what_is_saved_is_loaded(tmp_path):
    history = History.of_points(POINTS, "a", {"classes": 3, "data": "digits"})
    history.save(tmp_path / "kept")
    for loaded in (History.load(tmp_path / "kept"), *cp.runs.read(tmp_path)):
        assert loaded.rows.equals(history.rows)
        assert (loaded.name, loaded.facts) == ("a", {"classes": 3, "data": "digits"})


@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(0, 2**60),
            st.none() | st.floats(allow_nan=False),
            st.sampled_from(["train", ""]),
            st.text(max_size=5),
            st.floats(),
        )
    )
)
def test_any_history_comes_back(tmp_path_factory, points):
    folder = tmp_path_factory.mktemp("history")
    history = History.of_points(points, "ä", {"classes": 3})
    history.save(folder)
    assert History.load(folder).rows.equals(history.rows)


def test_what_it_holds():
    history = History.of_points(POINTS, "a")
    assert history.rows.schema == SCHEMA
    assert history.quantities() == {"train": ["loss"], "validation": ["loss"]}
    assert history.length() == 1
    assert history.series("test", "loss").height == 0
    assert History.of_points([]).length() == 0
    assert "validation: loss" in repr(history)


@pytest.mark.parametrize(
    ("damage", "part"),
    [
        (lambda f: (f / "history.json").unlink(), "holds no saved history"),
        (lambda f: (f / "history.json").write_text("{"), "damaged"),
        (lambda f: (f / "history.json").write_text("[" * 100_000), "damaged"),
        (lambda f: (f / "history.json").write_text('{"counterpoint_history": 99}'), "format 99"),
        (lambda f: (f / "history.parquet").write_bytes(b"PAR1"), "damaged"),
        (lambda f: pl.DataFrame({"a": [1]}).write_parquet(f / "history.parquet"), "other columns"),
        (
            lambda f: (f / "history.json").write_text(
                json.dumps(json.loads((f / "history.json").read_text()) | {"facts": 3})
            ),
            "damaged",
        ),
    ],
)
def test_a_damaged_history_is_refused(tmp_path, damage, part):
    History.of_points(POINTS).save(tmp_path)
    damage(tmp_path)
    with pytest.raises(InputError, match=part):
        History.load(tmp_path)
