"""One small table, written in every format and compression, reads back the same."""

import bz2
import gzip
import lzma
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from counterpoint.data import load_dataset, load_pair

FRAME = pl.DataFrame(
    {
        "age": [31.5, 40.0, None, 22.0],
        "job": ["clerk", "baker", "clerk", None],
        "member": [True, False, True, True],
        "y": ["no", "yes", "no", "yes"],
    }
)
NAMES = ("age", "job=baker", "job=clerk", "job=(missing)", "member")
X = np.array([[31.5, 0, 1, 0, 1], [40, 1, 0, 0, 0], [np.nan, 0, 1, 0, 1], [22, 0, 0, 1, 1]])
COMPRESS = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


def _write(frame: pl.DataFrame, path: Path, ending: str) -> None:
    if ending in (".csv", ".data", ".txt"):
        frame.write_csv(path)
    elif ending in (".tsv", ".tab"):
        frame.write_csv(path, separator="\t")
    elif ending == ".parquet":
        frame.write_parquet(path)
    elif ending in (".arrow", ".feather", ".ipc"):
        frame.write_ipc(path)
    else:
        frame.write_ndjson(path)


@pytest.mark.parametrize("compression", COMPRESS)
@pytest.mark.parametrize(
    "ending",
    [".csv", ".data", ".txt", ".tsv", ".tab", ".parquet", ".arrow", ".feather", ".ipc", ".jsonl"],
)
def test_every_format_reads_the_same(tmp_path, ending, compression):
    plain = tmp_path / f"plain{ending}"
    _write(FRAME, plain, ending)
    path = tmp_path / f"table{ending}{compression}"
    path.write_bytes(COMPRESS[compression](plain.read_bytes()))
    data = load_dataset(path, target="y")
    assert data.feature_names == NAMES
    np.testing.assert_array_equal(data.X, X)
    assert data.X.flags.c_contiguous
    assert data.X.dtype == np.float64
    assert data.y.tolist() == ["no", "yes", "no", "yes"]
    assert data.target_name == "y"


def test_arrow_stream_and_upper_case_ending(tmp_path):
    path = tmp_path / "TABLE.ARROW"
    FRAME.write_ipc_stream(path)
    np.testing.assert_array_equal(load_dataset(path, target="y").X, X)


def test_categorical_and_enum_columns_of_a_typed_file(tmp_path):
    path = tmp_path / "t.parquet"
    FRAME.with_columns(
        pl.col("job").cast(pl.Categorical), pl.col("y").cast(pl.Enum(["yes", "no"]))
    ).write_parquet(path)
    data = load_dataset(path, target="y")
    np.testing.assert_array_equal(data.X, X)
    assert data.y.tolist() == ["no", "yes", "no", "yes"]


def test_typed_files_keep_numeric_looking_text_as_text(tmp_path):
    path = tmp_path / "t.parquet"
    zips = ["01234", "01234", " 99999 ", "?"]
    pl.DataFrame({"zip": zips, "y": [0, 1, 0, 1]}).write_parquet(path)
    assert load_dataset(path, target="y").feature_names == (
        "zip=01234",
        "zip=99999",
        "zip=(missing)",
    )


@pytest.mark.parametrize("compression", COMPRESS)
@pytest.mark.parametrize("ending", [".libsvm", ".svm", ".svmlight"])
def test_libsvm(tmp_path, ending, compression):
    path = tmp_path / f"t{ending}{compression}"
    path.write_bytes(COMPRESS[compression](b"-1 1:0.5 4:2 # a comment\n\n+1 2:1e-1\n-1 4:3\n"))
    data = load_dataset(path)
    assert data.feature_names == ("feature_1", "feature_2", "feature_3", "feature_4")
    np.testing.assert_array_equal(data.X.toarray(), [[0.5, 0, 0, 2], [0, 0.1, 0, 0], [0, 0, 0, 3]])
    assert data.y.tolist() == [-1, 1, -1]
    assert data.X.dtype == np.float64
    assert "feature_3" in data.notes[0]


def test_libsvm_that_counts_from_zero(tmp_path):
    path = tmp_path / "t.libsvm"
    path.write_text("0 0:1 2:5\n1 1:4\n")
    data = load_dataset(path)
    assert data.feature_names == ("feature_0", "feature_1", "feature_2")
    np.testing.assert_array_equal(data.X.toarray(), [[1, 0, 5], [0, 4, 0]])


def test_libsvm_pair_keeps_the_training_features(tmp_path):
    (tmp_path / "a.svm").write_text("1 1:1 3:3\n2 2:2\n")
    (tmp_path / "b.svm").write_text("2 1:7\n1 2:5 9:9\n")
    train, test = load_pair(tmp_path / "a.svm", tmp_path / "b.svm")
    assert train.feature_names == test.feature_names
    np.testing.assert_array_equal(test.X.toarray(), [[7, 0, 0], [0, 5, 0]])
    assert test.y.tolist() == [2, 1]
    assert test.notes[0].startswith("1 ")


@pytest.mark.parametrize(
    ("name", "shape", "classes"),
    [
        ("digits", (1797, 64), 10),
        ("breast_cancer", (569, 30), 2),
        ("iris", (150, 4), 3),
        ("wine", (178, 13), 3),
    ],
)
def test_built_in_tables(name, shape, classes):
    from sklearn import datasets

    data = load_dataset(f"sklearn:{name}")
    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    assert data.X.shape == shape
    np.testing.assert_array_equal(data.X, X)
    np.testing.assert_array_equal(data.y, y)
    assert len(np.unique(data.y)) == classes
