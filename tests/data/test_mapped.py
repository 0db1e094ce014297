"""Files that stay on disk: arrays, and Parquet of numbers that is larger than the memory given."""

from __future__ import annotations

import os
import tempfile

import numpy as np
import polars as pl
import pytest

from counterpoint.data import load_dataset, load_pair, mapped
from counterpoint.data.mapped import held_bytes
from counterpoint.errors import InputError

RNG = np.random.default_rng(0)
TABLE = RNG.normal(size=(3000, 6)).astype(np.float32)
TABLE[:, 2] = RNG.integers(0, 3, size=3000)
#: So little that every table here is read in blocks.
LITTLE = 1000


@pytest.fixture
def npy(tmp_path):
    np.save(tmp_path / "t.npy", TABLE)
    return tmp_path / "t.npy"


def write_parquet(path, array=TABLE, **columns):
    frame = pl.DataFrame(np.asarray(array), schema=[f"c{j}" for j in range(array.shape[1])])
    frame.with_columns(**columns).write_parquet(path, row_group_size=700)
    return path


@pytest.mark.parametrize("target", [2, "x2", "-4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_file_is_mapped_and_its_target_is_a_column(tmp_path, target, order):
    np.save(tmp_path / "t.npy", np.asarray(TABLE, order=order))
    data = load_dataset(tmp_path / "t.npy", target=target)
    assert held_bytes(data.X) == 0
    assert data.X.dtype == np.float32
    np.testing.assert_array_equal(data.X, np.delete(TABLE, 2, axis=1))
    np.testing.assert_array_equal(data.y, TABLE[:, 2].astype(int))
    assert data.feature_names == ("x0", "x1", "x3", "x4", "x5")


def test_columns_left_out_and_weights_of_an_array_file(tmp_path):
    np.save(tmp_path / "t.npy", np.abs(TABLE))
    data = load_dataset(tmp_path / "t.npy", target=2, weight="5", drop=["x0"])
    np.testing.assert_array_equal(data.X, np.abs(TABLE[:, [1, 3, 4]]))
    np.testing.assert_array_equal(data.sample_weight, np.abs(TABLE[:, 5]))


@pytest.mark.parametrize("kind", [np.int64, "U5"])
def test_labels_in_a_file_of_their_own(npy, tmp_path, kind):
    labels = TABLE[:, 2].astype(int).astype(kind)
    np.save(tmp_path / "y.npy", labels)
    data = load_dataset(npy, labels=tmp_path / "y.npy")
    np.testing.assert_array_equal(data.y, labels)
    assert data.X.shape == TABLE.shape
    assert data.target_name == "y"


def test_a_pair_of_array_files(npy, tmp_path):
    np.save(tmp_path / "more.npy", TABLE[:50] + np.float32(0))
    train, test = load_pair(npy, tmp_path / "more.npy", target=2)
    np.testing.assert_array_equal(test.X, train.X[:50])
    np.save(tmp_path / "less.npy", TABLE[:, :4])
    with pytest.raises(InputError, match="3 columns and the training table had 5"):
        load_pair(npy, tmp_path / "less.npy", target=2)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.arange(5.0), r"shape \(5,\) .* two-dimensional"),
        (np.array([["a", "b"]]), "of numbers"),
        (np.array([[1.0, np.nan], [0.0, 1.0]]), r"X\[0, 0\] is NaN"),
        (np.array([[1], [0]]), "no feature column"),
    ],
)
def test_arrays_that_are_no_tables_are_refused(tmp_path, array, said):
    np.save(tmp_path / "t.npy", array)
    with pytest.raises(InputError, match=said):
        load_dataset(tmp_path / "t.npy", target=0)


def test_files_that_are_no_arrays_are_refused(tmp_path, npy):
    (tmp_path / "text.npy").write_text("1,2,3")
    np.save(tmp_path / "objects.npy", np.array([{}, 1]), allow_pickle=True)
    for name, said in (
        ("text.npy", "isn't a NumPy array file"),
        ("objects.npy", "isn't a NumPy array file"),
        ("none.npy", "There is no file"),
    ):
        with pytest.raises(InputError, match=said):
            load_dataset(tmp_path / name, target=0)
    with pytest.raises(InputError, match="two ways to name the labels"):
        load_dataset(npy, target=0, labels=npy)
    with pytest.raises(InputError, match="--target"):
        load_dataset(npy)
    with pytest.raises(InputError, match=r"not an \.npy file"):
        load_dataset(write_parquet(tmp_path / "t.parquet"), labels=npy)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_parquet_of_numbers_is_read_in_blocks_into_a_mapped_file(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(mapped, "SPOOLED", 20_000)
    monkeypatch.setattr(mapped, "DECODED", 50_000)
    path = write_parquet(tmp_path / "t.parquet", TABLE.astype(kind), flag=pl.col("c0") > 0)
    whole = load_dataset(path, target="c2")
    data = load_dataset(path, target="c2", memory=LITTLE)
    assert (held_bytes(whole.X), held_bytes(data.X)) == (whole.X.nbytes, 0)
    assert data.X.dtype == kind
    np.testing.assert_array_equal(data.X, whole.X)
    np.testing.assert_array_equal(data.y, whole.y)
    assert data.feature_names == whole.feature_names
    assert data.schema == whole.schema


def test_parquet_that_fits_is_read_as_ever(tmp_path):
    path = write_parquet(tmp_path / "t.parquet", text=pl.lit("a"))
    assert held_bytes(load_dataset(path, target="c2", memory=10**9).X) > 0


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pl.lit("a"), "'odd' of .* holds String values.*--drop"),
        (pl.lit(None, dtype=pl.Float32), r"missing cells \('odd'\).*fill them"),
        (pl.when(pl.col("c0") > 3).then(float("nan")).otherwise(1.0), "missing cells"),
    ],
)
def test_what_blocks_of_numbers_can_not_hold_is_refused(tmp_path, column, said):
    path = write_parquet(tmp_path / "t.parquet", odd=column)
    with pytest.raises(InputError, match=said):
        load_dataset(path, target="c2", memory=LITTLE)
    assert load_dataset(path, target="c2", memory=LITTLE, drop=["odd"]).X.shape[1] == 5


@pytest.mark.skipif(os.name == "nt", reason="Windows deletes it when the last handle is closed")
def test_the_spooled_file_has_no_name_that_could_stay(tmp_path, monkeypatch):
    path = write_parquet(tmp_path / "t.parquet")
    (tmp_path / "spool").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "spool"))
    data = load_dataset(path, target="c2", memory=LITTLE)
    assert list((tmp_path / "spool").iterdir()) == []
    assert float(data.X[:, 0].sum()) == pytest.approx(float(TABLE[:, 0].sum()), rel=1e-4)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(InputError, match=r"no room for .* TMPDIR"):
        load_dataset(path, target="c2", memory=LITTLE)
