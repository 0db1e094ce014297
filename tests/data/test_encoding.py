"""Encoding of random tables against a cell-by-cell reference."""

import math

import numpy as np
import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import sparse

from counterpoint.data import Schema, dataset_from_arrays, encode_rows, load_dataset
from counterpoint.data.encode import encode_frame
from counterpoint.data.schema import learn_schema

ROWS = 12
NUMBERS = st.none() | st.integers(-1000, 1000) | st.floats(-1e9, 1e9, width=32)
FLAGS = st.none() | st.booleans()
TEXTS = st.none() | st.sampled_from(["red", "blue", "naïve café", "<b>", "a=b", 'q"uote', "x,y;z"])


def _column(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(values, min_size=ROWS, max_size=ROWS)


def _floats(values: list) -> list:
    return [None if v is None else float(v) for v in values]


TABLES = st.fixed_dictionaries(
    {
        "n1": _column(NUMBERS).map(_floats),
        "t1": _column(TEXTS),
        "b1": _column(FLAGS),
        "t2": _column(TEXTS),
        "n2": _column(NUMBERS).map(_floats),
    }
)
TYPES = {"n": pl.Float64, "t": pl.String, "b": pl.Boolean}
LABELS = [i % 2 for i in range(ROWS)]


def _reference(table: dict[str, list]) -> tuple[list[str], list[list[float]]]:
    """Names and rows, one cell after the other."""
    names, columns = [], []
    for name, cells in table.items():
        found = [cell for cell in cells if cell is not None]
        if not found:
            continue
        if isinstance(found[0], str):
            levels = sorted(set(found), key=lambda level: level.encode())
            if len(found) < len(cells):
                levels.append("(missing)")
            for level in levels:
                names.append(f"{name}={level}")
                columns.append([float((cell or "(missing)") == level) for cell in cells])
        else:
            names.append(name)
            columns.append([math.nan if cell is None else float(cell) for cell in cells])
    return names, [list(row) for row in zip(*columns, strict=True)]


def _learnable(table: dict[str, list]) -> bool:
    """Whether some feature varies and no text column has a value a row."""
    _, rows = _reference(table)
    if not rows:
        return False
    X = np.array(rows)
    if not any(len(set(column[~np.isnan(column)])) > 1 for column in X.T):
        return False
    for name in ("t1", "t2"):
        found = [cell for cell in table[name] if cell is not None]
        if len(set(found)) == len(found) > ROWS / 2:
            return False
    return True


@given(TABLES)
@settings(max_examples=60, deadline=None)
def test_frames_match_the_reference(table):
    assume(_learnable(table))
    names, rows = _reference(table)
    frame = pl.DataFrame(table, schema={name: TYPES[name[0]] for name in table})
    data = dataset_from_arrays(frame, LABELS)
    assert list(data.feature_names) == names
    np.testing.assert_array_equal(data.X, rows)
    again, notes = encode_rows(data.schema, frame.select(reversed(frame.columns)))
    np.testing.assert_array_equal(again, rows)
    assert notes == ()


@given(TABLES)
@settings(max_examples=30, deadline=None)
def test_text_files_match_the_reference(tmp_path_factory, table):
    assume(_learnable(table))
    path = tmp_path_factory.mktemp("tables") / "t.csv"
    pl.DataFrame(table | {"y": LABELS}, strict=False).write_csv(path)
    data = load_dataset(path, "y")
    names, rows = _reference(table)
    assert list(data.feature_names) == names
    np.testing.assert_array_equal(data.X, rows)


def test_sparse_layout_holds_the_same_matrix():
    frame = pl.DataFrame({"a": [1.0, None, 0.0], "t": ["u", "v", "u"], "s": [None, "p", "p"]})
    dense_schema = learn_schema(frame)
    sparse_schema = Schema(dense_schema.columns, by_name=True, sparse=True)
    unseen = pl.DataFrame({"a": [0.0, 5.0, None], "t": ["w", "v", None], "s": ["p", None, "r"]})
    for rows in (frame, unseen):
        dense, dense_notes = encode_frame(dense_schema, rows)
        compressed, sparse_notes = encode_frame(sparse_schema, rows)
        assert isinstance(compressed, sparse.csr_array)
        np.testing.assert_array_equal(compressed.toarray(), dense)
        assert sparse_notes == dense_notes


def test_a_large_matrix_of_indicators_becomes_sparse(monkeypatch):
    text = [f"level {i % 40}" for i in range(100)]
    frame = pl.DataFrame({"t": text, "a": np.arange(100.0)})
    labels = [i % 2 for i in range(100)]
    dense = dataset_from_arrays(frame, labels)
    monkeypatch.setattr("counterpoint.data.schema._DENSE_BYTES", 41 * 100 * 8 - 1)
    compressed = dataset_from_arrays(frame, labels)
    assert isinstance(compressed.X, sparse.csr_array)
    np.testing.assert_array_equal(compressed.X.toarray(), dense.X)
    numbers = pl.DataFrame({f"a{j}": np.arange(100.0) for j in range(41)})
    assert isinstance(dataset_from_arrays(numbers, labels).X, np.ndarray)


def test_a_level_named_missing_is_the_missing_level():
    data = dataset_from_arrays(pl.DataFrame({"t": ["(missing)", "a", None, "a"]}), [0, 1, 0, 1])
    assert data.feature_names == ("t=(missing)", "t=a")
    np.testing.assert_array_equal(data.X, [[1, 0], [0, 1], [1, 0], [0, 1]])
