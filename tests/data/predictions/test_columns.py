"""Which columns hold which class's probabilities."""

from __future__ import annotations

import polars as pl
import pytest

from counterpoint.data.predictions.columns import class_columns, guessed_target
from counterpoint.errors import InputError

THIRD = [1 / 3, 1 / 3]


def frame(*names: str, **more: list[object]) -> pl.DataFrame:
    return pl.DataFrame({**dict.fromkeys(names, THIRD), **more})


@pytest.mark.parametrize(
    ("names", "labels", "found"),
    [
        (["b", "a"], ["a", "b"], {"a": "a", "b": "b"}),
        (["p_b", "p_a"], ["a", "b"], {"p_a": "a", "p_b": "b"}),
        (["a.prob", "b.prob", "id"], ["a", "b"], {"a.prob": "a", "b.prob": "b"}),
        (["prob_0", "prob_1", "prob_2"], ["0", "1", "2"], None),
        (["0", "1", "10"], ["0", "1", "10"], None),
        # A class that no row has, known by its name's like.
        (["p_a", "p_b", "p_c"], ["a", "b"], {"p_a": "a", "p_b": "b", "p_c": "c"}),
        # Named by class alone: needed, as the others don't sum to one.
        (["a", "b", "c"], ["a", "b"], {"a": "a", "b": "b", "c": "c"}),
        # A label that is a part of another, and of the common part.
        (["p_p", "p_pp"], ["p", "pp"], {"p_p": "p", "p_pp": "pp"}),
        (["<script>", "</script>"], ["<script>", "</script>"], None),
    ],
)
def test_columns_named_by_class(names, labels, found) -> None:
    columns = class_columns(frame(*names), labels, "t")
    expected = dict(zip(names, labels, strict=True)) if found is None else found
    assert dict(zip(columns.names, columns.classes, strict=True)) == expected


def test_other_numbers_are_left_out_and_said() -> None:
    columns = class_columns(
        pl.DataFrame({"a": [0.2], "b": [0.8], "age": [31], "name": ["x"]}), ["a", "b"], "t"
    )
    assert columns.names == ("a", "b")
    assert columns.note.endswith("'age', 'name' left out")


@pytest.mark.parametrize(
    ("name", "positive", "classes"),
    [
        ("score", None, ("no", "yes")),
        ("score", "no", ("yes", "no")),
        ("p_no", None, ("yes", "no")),
        ("yes", None, ("no", "yes")),
        ("novel", None, ("no", "yes")),  # begins with a label by chance
    ],
)
def test_one_column_for_two_classes(name, positive, classes) -> None:
    columns = class_columns(frame(name), ["no", "yes"], "t", positive)
    assert columns.classes == classes
    assert f"probability of {classes[1]!r}" in columns.note


@pytest.mark.parametrize(
    ("table", "labels", "message"),
    [
        (frame("x", "y"), ["a", "b"], "no column for class 'a'"),
        (frame("p_a", "p_b"), ["a", "b", "c"], "no column for class 'c'"),
        (frame("p"), ["a", "b", "c"], "no column for class 'a'"),
        (frame("p"), ["a"], "one column of probabilities, 'p', and the labels name one class"),
        (frame("a", "q"), ["a"], "a column for 'a' alone|one class"),
        (pl.DataFrame({"w": ["x"]}), ["a", "b"], "text alone"),
        (pl.DataFrame({"a": [0.1], "b": ["−0.5"]}), ["a", "b"], "column 'b' holds text"),
    ],
)
def test_what_fits_no_class_is_refused(table, labels, message) -> None:
    if table.columns == ["a", "q"]:  # "q" does not make the rows sum to one
        table = table.with_columns(q=pl.lit(5.0))
    with pytest.raises(InputError, match=message):
        class_columns(table, labels, "t")


def test_usual_names_of_labels() -> None:
    assert guessed_target(["a", "y_true"]) == "y_true"
    assert guessed_target(["a", "y", "label"]) is None
