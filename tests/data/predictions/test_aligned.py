"""Tables of predictions from files, frames and arrays, brought to the same rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from counterpoint.data.predictions import Roles, aligned, as_table, blocks_of
from counterpoint.errors import InputError


@pytest.fixture
def frame() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    p = rng.random(40)
    return pl.DataFrame(
        {
            "key": [f"r{i}" for i in range(40)],
            "no": 1 - p,
            "yes": p,
            "label": np.where(rng.random(40) < p, "yes", "no"),
            "w": rng.uniform(0.5, 2, size=40),
        }
    )


def read(*sources, roles=None, **options):
    roles = roles or Roles(weight="w")
    return aligned([as_table(s, f"m{i}", roles) for i, s in enumerate(sources)], **options)


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "arrow", "jsonl", "csv.gz", "npz"])
def test_every_format_gives_the_same(frame, tmp_path, ending: str) -> None:
    path = tmp_path / f"t.{ending}"
    if ending == "npz":
        np.savez(
            path,
            scores=frame.select("yes", "no").to_numpy(),
            label=frame["label"].to_numpy().astype(str),
            classes=np.array(["yes", "no"]),
            w=frame["w"].to_numpy(),
        )
    elif ending == "parquet":
        frame.write_parquet(path)
    elif ending == "arrow":
        frame.write_ipc(path)
    elif ending == "jsonl":
        frame.write_ndjson(path)
    elif ending == "csv.gz":
        import gzip

        path.write_bytes(gzip.compress(frame.write_csv().encode()))
    else:
        frame.write_csv(path, separator="\t" if ending == "tsv" else ",")
    found = read(path)
    assert found.classes == ("no", "yes")
    np.testing.assert_allclose(found.probabilities[0], frame.select("no", "yes").to_numpy())
    np.testing.assert_allclose(found.weight, frame["w"])
    assert found.label_index.tolist() == [int(v == "yes") for v in frame["label"]]


def test_pandas_and_arrays(frame) -> None:
    both = read(
        frame.to_pandas(),
        frame["yes"].to_numpy(),
        frame.select("no", "yes").to_numpy(),
    )
    for p in both.probabilities:
        np.testing.assert_allclose(p, both.probabilities[0])


@pytest.mark.parametrize(
    "labels", [[0, 1, 1], [0.0, 1.0, 1.0], [False, True, True], ["0", "1", "1"]]
)
def test_labels_of_any_kind_match_columns_by_name(labels) -> None:
    names = ["False", "True"] if labels[0] is False else ["0", "1"]
    table = pl.DataFrame({names[0]: [0.9, 0.2, 0.3], names[1]: [0.1, 0.8, 0.7], "y": labels})
    found = read(table)
    assert found.label_index.tolist() == [0, 1, 1]
    np.testing.assert_allclose(found.probabilities[0][0], [0.9, 0.1])


def test_numbers_are_in_the_order_of_numbers() -> None:
    p = np.eye(12)
    found = read(p, labels=pl.Series(range(12)))
    assert found.classes == tuple(map(str, range(12)))
    assert found.label_index.tolist() == list(range(12))


def test_columns_in_another_order_are_brought_to_one(frame) -> None:
    both = read(frame, frame.select("label", "w", "yes", "no"))
    np.testing.assert_array_equal(*both.probabilities)


def test_identifiers_match_rows_in_another_order_and_number(frame) -> None:
    shuffled = frame.sample(30, shuffle=True, seed=1)
    both = read(frame, shuffled, roles=Roles(weight="w", id="key"))
    assert both.label_index.size == 30
    np.testing.assert_array_equal(*both.probabilities)
    assert any("30 rows of 40" in note for note in both.notes)
    kept = frame.filter(pl.col("key").is_in(shuffled["key"].implode()))
    assert both.rows.to_list() == kept["key"].to_list()


@pytest.mark.parametrize(
    ("change", "roles", "message"),
    [
        (lambda f: f[::-1], Roles(), "Data row .* another order"),
        (lambda f: f[:20], Roles(), "40 rows and m1 20"),
        (lambda f: pl.concat([f, f[:1]]), Roles(id="key"), "identifier 'r0' is missing or there"),
        (lambda f: f.with_columns(key=pl.lit(None)), Roles(id="key"), "is missing"),
        (lambda f: f.with_columns(key=pl.col("key") + "x"), Roles(id="key"), "no row in common"),
        (lambda f: f.drop("key"), Roles(id="key"), "no column 'key' for --id"),
        (lambda f: f.with_columns(p=pl.lit(0.1)).drop("no"), Roles(), "no column for class 'no'"),
    ],
)
def test_rows_and_columns_that_do_not_match_are_refused(frame, change, roles, message) -> None:
    with pytest.raises(InputError, match=message):
        read(frame, change(frame), roles=roles)


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (np.ones((2, 2, 2)), {}, "shape"),
        (np.zeros((0, 2)), {}, "shape"),
        ([["a", "b"]], {}, "can't be read as numbers"),
        (np.eye(3), {"labels": pl.Series([0, 1, 1])}, "3 columns .* 2 classes"),
        (np.eye(2), {"labels": pl.Series([0, 1, 1])}, "3 labels for 2 rows"),
        (np.eye(2), {"labels": pl.Series([0, None])}, "1 missing value"),
        (np.eye(2), {}, "column of labels"),
        (np.eye(2), {"labels": pl.Series(["a", "b"]), "classes": ["a", "x"]}, "name 'b'"),
        (np.eye(2), {"labels": pl.Series([0, 1]), "weight": pl.Series([1.0, -1.0])}, "weight"),
    ],
)
def test_bad_arrays_are_refused(source, options, message) -> None:
    with pytest.raises(InputError, match=message):
        read(source, roles=Roles(), **options)


def test_blocks_give_the_rows_that_the_whole_gives(frame, tmp_path) -> None:
    many = pl.concat([frame] * 60)
    paths = []
    for i, table in enumerate((many, many.select("yes", "no"))):
        paths.append(str(tmp_path / f"{i}.parquet"))
        table.write_parquet(paths[-1], row_group_size=500)
    roles = Roles(weight="w")
    reader = blocks_of(paths, ["a", "b"], roles, memory=1000)
    blocks = list(reader.blocks())
    assert [b.first_row for b in blocks] == [0, 1000, 2000]
    whole = read(*paths, roles=roles)
    for i in range(2):
        joined = np.concatenate([b.probabilities[i] for b in blocks])
        np.testing.assert_array_equal(joined, whole.probabilities[i])
    np.testing.assert_array_equal(
        np.concatenate([b.label_index for b in blocks]), whole.label_index
    )
    np.testing.assert_array_equal(np.concatenate([b.weight for b in blocks]), whole.weight)
    assert blocks_of(paths, ["a", "b"], roles, memory=10**9) is None


def test_a_bad_cell_deep_in_a_file_is_named_by_its_row(frame, tmp_path) -> None:
    many = pl.concat([frame] * 60)
    many[2222, "yes"] = 1.5
    path = str(tmp_path / "t.parquet")
    many.write_parquet(path)
    reader = blocks_of([path, path], ["a", "b"], Roles(), memory=1000)
    with pytest.raises(InputError, match="data row 2223"):
        list(reader.blocks())
    with pytest.raises(InputError, match="--id only where all fit"):
        blocks_of([path, path], ["a", "b"], Roles(id="key"), memory=1000)
