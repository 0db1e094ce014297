"""Arrays, sparse matrices and frames: what is taken, what is refused, and how it is encoded."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from counterpoint.data import dataset_from_arrays, encode_rows, matrix
from counterpoint.data.matrix import check_dense_size
from counterpoint.errors import InputError

X = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 4.0]])
Y = np.array([0, 1, 1])


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g", "i1", "u8", "?", ">f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numeric_arrays_of_every_type(dtype, order):
    given = np.asarray(X.astype(dtype), order=order)
    data = dataset_from_arrays(given, Y)
    assert data.X.dtype == (np.float32 if dtype == "f4" else np.float64)
    assert data.X.dtype.isnative
    assert np.shares_memory(data.X, given) == (dtype in ("f4", "f8"))
    np.testing.assert_array_equal(data.X, given.astype(float))
    assert data.feature_names == ("x0", "x1")
    assert data.notes == ()


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dok", "dia", "bsr"])
@pytest.mark.parametrize("kind", [sparse.coo_array, sparse.coo_matrix])
def test_sparse_of_every_format(form, kind):
    given = kind(X).asformat(form)
    data = dataset_from_arrays(given, Y)
    assert type(data.X) is sparse.csr_array
    assert data.X.has_canonical_format
    np.testing.assert_array_equal(data.X.toarray(), X)
    assert data.schema.sparse


def test_sparse_duplicates_are_summed_and_the_callers_matrix_stays():
    given = sparse.csr_array((np.array([1.0, 2.0, 5.0]), [1, 1, 0], [0, 2, 3, 3]), shape=(3, 2))
    data = dataset_from_arrays(given, Y)
    np.testing.assert_array_equal(data.X.toarray(), [[0, 3], [5, 0], [0, 0]])
    assert given.nnz == 3


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        ([0, 1, 1], "i"),
        ([0.0, 1.0, 1.0], "i"),
        (["a", "b", "b"], "U"),
        ([True, False, True], "b"),
        (np.array(["a", "b", "b"], dtype=object), "U"),
        (np.array([[0], [1], [1]]), "i"),
        (np.array([0, 1, 1], dtype=np.uint8), "i"),
        ([np.int64(0), np.int64(1), 1], "i"),
        (pl.Series(["a", "b", "b"], dtype=pl.Categorical), "U"),
        (pl.DataFrame({"y": [0, 1, 1]}), "i"),
        (pd.Series([0, 1, 1], index=[7, 8, 9]), "i"),
        (pd.Series([0, 1, 1], dtype="Int64"), "i"),
        (pd.Series([0, 1, 1], dtype="category"), "i"),
        (pd.Series(["a", "b", "b"]), "U"),
        (pd.Series(["a", "b", "b"], dtype="category"), "U"),
        (pd.DataFrame({"y": ["a", "b", "b"]}), "U"),
    ],
)
def test_labels_as_found(y, kind):
    labels = dataset_from_arrays(X, y).y
    assert labels.dtype.kind == kind
    flat = y.to_series().to_list() if isinstance(y, pl.DataFrame) else np.asarray(y).ravel()
    assert labels.tolist() == list(flat)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        (np.array([[1, np.nan], [2, 3], [4, 5]]), r"X\[0, 1\] is NaN"),
        (np.array([[1, 2], [2, np.inf], [4, 5]]), r"X\[1, 1\] is inf"),
        (np.array([[1, 2], [2, 3], [-1e200, 5]]), r"X\[2, 0\] is -1e\+200"),
        (np.array([[1, np.inf], [-np.inf, np.nan], [1, 1]]), r"X\[0, 1\] is inf"),
        (sparse.csc_array([[0, 1], [0, np.nan], [1, 2]]), r"X\[1, 1\] is NaN"),
        (sparse.csr_array([[0, 1], [0, 0], [np.inf, 2]]), r"X\[2, 0\] is inf"),
        (np.array([1.0, 2, 3]), r"Reshape your data"),
        (np.ones((3, 2, 1)), r"shape \(3, 2, 1\)"),
        (np.empty((3, 0)), r"0 feature\(s\) \(shape=\(3, 0\)\)"),
        (np.empty((0, 3)), r"0 sample\(s\)"),
        (sparse.csr_array((3, 0)), r"0 feature\(s\)"),
        (X.astype(complex), "Complex data not supported"),
        (np.array([["a", "b"]] * 3), "not numbers"),
        (np.array([["a", 1]] * 3, dtype=object), "not numbers"),
        ([[1, 2], [3], [4, 5]], "rows of different lengths"),
        ([[1, None], [3, 4], [5, 6]], r"X\[0, 1\] is NaN"),
        (np.array([["2024-01-01", "2024-01-02"]] * 3, dtype="datetime64[D]"), "datetime64"),
        (np.ones((3, 2)), "All 2 feature columns are constant over the 3 rows"),
        (sparse.csr_array((3, 2)), "All 2 feature columns are constant"),
        (X[:2], "X has 2 rows and y has 3 labels"),
        (pl.DataFrame({"a": [1, 2]}), "X has 2 rows and y has 3 labels"),
        (pl.DataFrame({"a": [1.0, float("-inf"), 2.0]}), "'a' holds -inf in data row 2"),
        (pd.DataFrame([[1, 2]] * 3, columns=["a", "a"]), "both named 'a'"),
        (pd.DataFrame({"a": [1, "b", 2]}), "'a' holds values of kinds .* \\(int, str\\)"),
        (pd.DataFrame({"a": pd.to_datetime(["2024-01-01"] * 3)}), "'a' holds dates or times"),
        (pd.DataFrame({"a": [[1], [2], [3]]}), r"'a' holds List"),
        (pd.DataFrame({"a": ["x", "y", "z"]}), "'a' has a different value in every row"),
        (pl.DataFrame({"a": [None, None, None]}), "no feature column with a value"),
    ],
)
def test_refused_features(given, match):
    with pytest.raises(InputError, match=match):
        dataset_from_arrays(given, Y)


@pytest.mark.parametrize(
    ("y", "match"),
    [
        ([0, 0, 0], r"one class only \(0 in all 3 rows\)"),
        ([0, np.nan, 1], "1 missing value, the first in data row 2"),
        (["a", None, "b"], "1 missing value, the first in data row 2"),
        (np.array(["a", np.nan, "b"], dtype=object), "1 missing value, the first in data row 2"),
        (pd.Series([1, None, 0], dtype="Int64"), "1 missing value"),
        ([0.5, 1.5, 2.25], "regression target"),
        ([0, np.inf, 1], "infinity in data row 2"),
        (["a", 1, "b"], r"kinds that don't go together \(int, str\)"),
        (np.zeros((3, 2)), r"shape \(3, 2\)"),
        ([[1], [2, 3], [4]], "ragged"),
        ([1 + 2j, 0, 1], "'y'"),
        (np.array(["2024-01-01", "2024-01-02", "2024-01-02"], dtype="M8[D]"), "holds Date"),
    ],
)
def test_refused_labels(y, match):
    with pytest.raises(InputError, match=match):
        dataset_from_arrays(X, y)


@pytest.mark.parametrize(
    ("weights", "match"),
    [
        ([1, -2, 1], "is -2 in data row 2"),
        ([1, np.nan, 1], "is nan in data row 2"),
        ([1, 1, np.inf], "is inf in data row 3"),
        ([0, 0, 0], "all zero"),
        ([0, 1, 1], "Class 0 of the target 'y' has weight zero"),
        ([1, 1], "2 weights for 3 rows"),
        (["a", "b", "c"], "hold String"),
        (np.ones((3, 2)), r"shape \(3, 2\)"),
    ],
)
def test_refused_weights(weights, match):
    with pytest.raises(InputError, match=match):
        dataset_from_arrays(X, Y, sample_weight=weights)


def test_weights_are_kept():
    weights = dataset_from_arrays(X, Y, sample_weight=pd.Series([1, 0, 2])).sample_weight
    assert weights.dtype == np.float64
    assert weights.tolist() == [1, 0, 2]


def test_feature_names():
    assert dataset_from_arrays(X, Y, feature_names=np.array(["u", "v"])).feature_names == ("u", "v")
    with pytest.raises(InputError, match="1 feature names for 2 columns"):
        dataset_from_arrays(X, Y, feature_names=["u"])
    with pytest.raises(InputError, match="both named 'u'"):
        dataset_from_arrays(X, Y, feature_names=["u", "u"])


def test_pandas_columns_of_every_kind():
    frame = pd.DataFrame(
        {
            "number": [1.5, np.nan, 2.0],
            "nullable": pd.array([1, None, 3], dtype="Int64"),
            "flag": [True, False, True],
            "unsure": pd.array([True, None, False], dtype="boolean"),
            "text": ["b", None, "b"],
            "grade": pd.Categorical([10, 9, 10]),
            0: np.array([1, 2, 3], dtype=np.int8),
        },
        index=[5, 5, 7],
    )
    data = dataset_from_arrays(frame, Y)
    text = ("text=b", "text=(missing)", "grade=10", "grade=9")
    assert data.feature_names == ("number", "nullable", "flag", "unsure", *text, "0")
    nan = np.nan
    expected = [
        [1.5, 1, 1, 1, 1, 0, 1, 0, 1],
        [nan, nan, 0, nan, 0, 1, 0, 1, 2],
        [2, 3, 1, 0, 1, 0, 1, 0, 3],
    ]
    np.testing.assert_array_equal(data.X, expected)


def test_arrow_table():
    pa = pytest.importorskip("pyarrow")
    data = dataset_from_arrays(pa.table({"a": [1, None, 3], "b": ["u", "v", "u"]}), Y)
    np.testing.assert_array_equal(data.X, [[1, 1, 0], [np.nan, 0, 1], [3, 1, 0]])


def test_new_rows_of_a_frame_are_matched_by_name():
    schema = dataset_from_arrays(pl.DataFrame({"a": [1, 2, 3], "b": ["u", "v", "u"]}), Y).schema
    for frame in (pl.DataFrame, pd.DataFrame):
        rows, notes = encode_rows(schema, frame({"b": ["v", "w"], "more": [0, 0], "a": [9, 8]}))
        np.testing.assert_array_equal(rows, [[9, 0, 1], [8, 0, 0]])
        assert len(notes) == 1
        assert "'w'" in notes[0]
    with pytest.raises(InputError, match="has no column 'a'"):
        encode_rows(schema, pl.DataFrame({"b": ["v"]}))
    with pytest.raises(InputError, match="'b' was text in the training table"):
        encode_rows(schema, pl.DataFrame({"a": [1], "b": [[1]]}))
    with pytest.raises(InputError, match="can't hold the text column 'b'"):
        encode_rows(schema, [[1, 2]])


def test_an_empty_text_column_of_new_rows_is_missing():
    table = pl.DataFrame({"a": [1, 2, 3], "b": ["u", None, "u"]})
    schema = dataset_from_arrays(table, Y).schema
    for empty in ([np.nan], [None]):
        rows, notes = encode_rows(schema, pd.DataFrame({"a": [9], "b": empty}))
        np.testing.assert_array_equal(rows, [[9, 0, 1]])
        assert notes == ()


def test_new_rows_of_a_matrix_are_matched_by_position():
    schema = dataset_from_arrays(X, Y).schema
    np.testing.assert_array_equal(encode_rows(schema, [[1, 2]])[0], [[1, 2]])
    np.testing.assert_array_equal(
        encode_rows(schema, pd.DataFrame({"x1": [1], "x0": [2]}))[0], [[1, 2]]
    )
    assert isinstance(encode_rows(schema, sparse.csr_array(X))[0], sparse.csr_array)
    with pytest.raises(InputError, match="3 columns and the training table had 2"):
        encode_rows(schema, [[1, 2, 3]])
    with pytest.raises(InputError, match="is NaN"):
        encode_rows(schema, [[1, np.nan]])


def test_sparse_columns_too_large_to_be_dense_are_refused():
    """A pandas frame of sparse columns is the one sparse input that is made dense."""
    with pytest.raises(InputError, match=r"10.0 GB as a dense table, above the limit of 2.0 GB"):
        check_dense_size(12_500, 100_000, limit_bytes=2 * 10**9)
    column = pd.arrays.SparseArray([0.0, 1.0] * 5)
    small = dataset_from_arrays(pd.DataFrame(dict.fromkeys("abc", column)), [0, 1] * 5)
    assert small.X.shape == (10, 3)


def test_ten_gigabytes_of_sparse_pandas_columns(monkeypatch):
    monkeypatch.setattr(matrix, "_memory_bytes", lambda: 400)
    frame = pd.DataFrame.sparse.from_spmatrix(sparse.eye_array(8).tocsr(), columns=list("abcdefgh"))
    with pytest.raises(InputError, match=r"8 × 8 would take .* pass a SciPy sparse matrix"):
        dataset_from_arrays(frame, [0, 1] * 4)
