"""A sweep on disk comes back as it was, or not at all."""

from __future__ import annotations

import io
import json
from dataclasses import fields, replace

import numpy as np
import polars as pl
import pytest
from scipy import sparse

import counterpoint as cp
from counterpoint import storage
from counterpoint.fit.result import DataFacts, HeldOut, SweepFit

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
BINARY = (X[:, 0] + rng.normal(size=60) > 0).astype(int)
FRAME = pl.DataFrame(X, schema=["a", '<b> & "c"', "ü"]).with_columns(
    colour=pl.Series(["red", "blue", None] * 20), flag=pl.Series([True, False] * 30)
)
FILES = ("scores.parquet", "weights.npz", "held_out.npz", "sweep.json")


def swept(features=X, labels=BINARY, **arguments):
    return cp.sweep(features, labels, **{"alphas": [1e-8, 1e-2, 1.0], **arguments})


CASES = {
    "two classes": swept,
    "names for classes": lambda: swept(labels=np.where(BINARY, "yes", "nö")),
    "booleans for classes": lambda: swept(labels=BINARY.astype(bool)),
    "fractions for classes": lambda: swept(labels=BINARY + 0.5),
    "three classes": lambda: swept(labels=np.arange(60) % 3, loss="squared"),
    "table": lambda: swept(FRAME, scale="standard"),
    "sparse": lambda: swept(sparse.csr_array(X * (X > 0)), penalty="l1"),
    "weighted": lambda: swept(sample_weight=rng.uniform(0, 2, 60), penalty="elasticnet"),
    "held out": lambda: swept(test=0.3, seed=np.int64(4), tol=np.float32(1e-4)),
    "separable": lambda: swept(labels=(X[:, 0] > 0).astype(int)),
    "duplicates": lambda: swept(np.c_[X, X[:, 0], np.ones(60)]),
}


def equal(one, other):
    """Whether two records agree, field by field, arrays with their types."""
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, np.ndarray):
            assert a.dtype == b.dtype, field.name
            np.testing.assert_array_equal(a, b, err_msg=field.name)
        elif isinstance(a, pl.DataFrame):
            assert a.equals(b)
            assert a.schema == b.schema
        elif isinstance(a, (HeldOut, DataFacts, SweepFit)):
            equal(a, b)
        else:
            assert a == b, field.name
            assert type(a) is type(b), field.name


@pytest.mark.parametrize("case", CASES)
def test_what_was_saved_is_what_is_loaded(case, tmp_path):
    sweep = CASES[case]()
    assert sweep.save(tmp_path / "new" / "folder") == tmp_path / "new" / "folder"
    loaded = cp.load_sweep(str(tmp_path / "new" / "folder"))
    equal(loaded, sweep)
    assert loaded.explain() == sweep.explain()
    rows = FRAME if case == "table" else X[:, [0, 1, 2, 0, 0]] if case == "duplicates" else X
    for alpha in (None, 1e-2):
        np.testing.assert_array_equal(
            loaded.predict_proba(rows, alpha), sweep.predict_proba(rows, alpha)
        )
        np.testing.assert_array_equal(loaded.predict(rows, alpha), sweep.predict(rows, alpha))


def test_the_same_sweep_makes_the_same_files(tmp_path):
    one, two = (swept().save(tmp_path / name) for name in ("[one]*", "two"))
    assert [(one / n).read_bytes() for n in FILES] == [(two / n).read_bytes() for n in FILES]
    assert sorted(path.name for path in one.iterdir()) == sorted(FILES)
    equal(cp.load_sweep(one), cp.load_sweep(two))


def test_facts_are_json_that_every_reader_reads(tmp_path):
    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    for labels in (BINARY, (X[:, 0] > 0).astype(int)):
        text = (swept(labels=labels).save(tmp_path) / "sweep.json").read_text(encoding="utf-8")
        assert json.loads(text, parse_constant=refuse)["format"] == storage.FORMAT


def test_a_score_that_is_no_number_is_null_in_plain_results():
    sweep = swept()
    endless = pl.col("value").replace(pl.col("value").first(), float("inf"))
    scores = sweep.scores.with_columns(endless, low=pl.lit(float("nan")), high=pl.lit(-np.inf))
    odd = replace(sweep, fit=replace(sweep.fit, scores=scores))
    rows = storage.plain_results(cp.SideBySide((odd,)))["scores"]
    assert rows[0]["value"] is None
    assert rows[0]["low"] is None
    assert rows[0]["high"] is None
    assert rows[-1]["value"] == sweep.scores["value"][-1]
    json.dumps(rows, allow_nan=False)


@pytest.fixture
def saved(tmp_path):
    return swept().save(tmp_path / "saved")


def refused(folder, said):
    with pytest.raises(cp.InputError) as error:
        cp.load_sweep(folder)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        lambda path: path.write_bytes(b"\xff\xfe" + path.read_bytes()[2:]),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["missing", "empty", "cut off", "other first bytes", "a folder"],
)
def test_a_damaged_file(saved, name, damage):
    damage(saved / name)
    refused(saved, name)


@pytest.mark.parametrize("name", FILES[:3])
def test_one_changed_bit(saved, name):
    content = bytearray((saved / name).read_bytes())
    content[len(content) // 2] ^= 1
    (saved / name).write_bytes(content)
    refused(saved, f"{name} is damaged")


def test_files_of_two_sweeps(saved, tmp_path):
    other = swept(seed=1).save(tmp_path / "other")
    (saved / "held_out.npz").write_bytes((other / "held_out.npz").read_bytes())
    refused(saved, "belongs to another sweep")


def test_writing_that_breaks_off_over_an_older_sweep(saved, monkeypatch):
    written = []

    def write(path, content):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(path)
        path.write_bytes(content)

    monkeypatch.setattr(storage, "write_atomically", write)
    with pytest.raises(KeyboardInterrupt):
        swept(seed=1).save(saved)
    refused(saved, "belongs to another sweep")


@pytest.mark.parametrize(
    "text",
    ["[]", "null", '{"format": 99}', '{"format": 1}', "[" * 100_000],
)
def test_a_sweep_json_of_another_kind(tmp_path, text):
    (tmp_path / "sweep.json").write_text(text)
    refused(tmp_path, "sweep.json")


def test_a_place_without_a_sweep(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path, tmp_path / "nowhere", tmp_path / "file"):
        refused(folder, "holds no sweep.json")


def with_facts(folder, change):
    facts = json.loads((folder / "sweep.json").read_text())
    change(facts)
    (folder / "sweep.json").write_text(json.dumps(facts))


def test_facts_that_lack_one(saved):
    whole = json.loads((saved / "sweep.json").read_text())
    lacking = [
        (part, name) for part in ("settings", "data", "choice", "schema") for name in whole[part]
    ]
    assert len(lacking) > 25
    for part, name in lacking:
        facts = whole | {part: {k: v for k, v in whole[part].items() if k != name}}
        (saved / "sweep.json").write_text(json.dumps(facts))
        refused(saved, "is not as it was saved")
    for name in whole.keys() - {"format"}:
        (saved / "sweep.json").write_text(json.dumps({k: whole[k] for k in whole if k != name}))
        refused(saved, "is not as it was saved")


class Payload:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def test_no_pickle_is_read(saved, tmp_path):
    buffer = io.BytesIO()
    np.savez(buffer, alphas=np.array([Payload(tmp_path / "ran")], dtype=object))
    for name in ("weights.npz", "held_out.npz"):
        folder = swept().save(tmp_path / name)
        (folder / name).write_bytes(buffer.getvalue())
        facts = {name: storage._sum(buffer.getvalue())}
        with_facts(folder, lambda f, facts=facts: f["files"].update(facts))
        refused(folder, "allow_pickle=False")
    assert not (tmp_path / "ran").exists()
    # The payload does run where pickles are read.
    with np.load(io.BytesIO(buffer.getvalue()), allow_pickle=True) as archive:
        archive["alphas"][0].close()
    assert (tmp_path / "ran").exists()


def test_no_pickle_is_written(saved):
    sweep = swept()
    odd = replace(sweep, fit=replace(sweep.fit, fill=np.array([object()])))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        odd.save(saved)
    equal(cp.load_sweep(saved), sweep)


@pytest.mark.parametrize("name", FILES[:3])
def test_a_foreign_file_whose_sum_is_right(saved, name):
    (saved / name).write_bytes(b"PK\x03\x04 no archive, no table")
    facts = {name: storage._sum((saved / name).read_bytes())}
    with_facts(saved, lambda f: f["files"].update(facts))
    refused(saved, "not as it was saved")
