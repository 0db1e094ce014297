"""The real data sets read from their raw files."""

import bz2

import numpy as np
import pandas as pd
import pytest

from counterpoint.data import load_dataset, load_pair
from counterpoint.errors import InputError

ADULT = [
    "age",
    "workclass",
    "fnlwgt",
    "education",
    "education_num",
    "marital_status",
    "occupation",
    "relationship",
    "race",
    "sex",
    "capital_gain",
    "capital_loss",
    "hours_per_week",
    "native_country",
    "income",
]


def test_adult_from_the_raw_file_meets_pandas(shared_data):
    path = shared_data / "adult.data.gz"
    data = load_dataset(path, target="income", columns=ADULT)
    frame = pd.read_csv(path, names=ADULT, skipinitialspace=True, na_values="?")
    expected = pd.get_dummies(frame.drop(columns="income").fillna("(missing)")).astype(float)
    assert data.X.shape == expected.shape == (32561, 108)
    order = [name.replace("=", "_", 1) for name in data.feature_names]
    np.testing.assert_array_equal(data.X, expected[order].to_numpy())
    np.testing.assert_array_equal(data.y, frame["income"].to_numpy().astype(str))
    assert "'workclass' (1,836), 'occupation' (1,843), 'native_country' (583)" in data.notes[1]
    by_position = load_dataset(path, target="14", header=False)
    np.testing.assert_array_equal(by_position.X, data.X)
    assert by_position.feature_names[0] == "column_0"


@pytest.mark.parametrize("target", ["income", "-1", 14])
def test_adult_without_a_word_on_its_header(shared_data, target):
    with pytest.raises(InputError, match=r"looks like a row.*--no-header.*--columns"):
        load_dataset(shared_data / "adult.data.gz", target=target)


def test_a9a_and_its_test_file(shared_data):
    train, test = load_pair(shared_data / "a9a.libsvm.bz2", shared_data / "a9a.t.libsvm.bz2")
    assert train.X.shape == (32561, 123)
    assert test.X.shape == (16281, 123)
    assert set(train.y) == {-1, 1}
    for data, name in ((train, "a9a.libsvm.bz2"), (test, "a9a.t.libsvm.bz2")):
        lines = bz2.decompress((shared_data / name).read_bytes()).split(b"\n")
        for row in (0, 1, 7777):
            label, *pairs = lines[row].split()
            indices = [int(pair.split(b":")[0]) - 1 for pair in pairs]
            assert data.y[row] == int(label)
            assert np.flatnonzero(data.X[[row]].toarray()).tolist() == indices


@pytest.mark.parametrize(
    ("name", "shape", "classes"),
    [
        ("PCMAC.libsvm.bz2", (1943, 3289), 2),
        pytest.param("news20.libsvm.bz2", (15935, 62061), 20, marks=pytest.mark.slow),
    ],
)
def test_sparse_sets(shared_data, name, shape, classes):
    data = load_dataset(shared_data / name)
    assert data.X.shape == shape
    assert len(np.unique(data.y)) == classes


def test_spambase(shared_data):
    data = load_dataset(shared_data / "spambase.csv.gz", target=-1)
    assert data.X.shape == (4601, 57)
    assert data.target_name == "type"
    assert sorted(set(data.y)) == ["nonspam", "spam"]
