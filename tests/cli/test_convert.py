"""`counterpoint convert`: one strength, in every library's convention."""

from __future__ import annotations

import pytest

from counterpoint.objective import strength


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        # alpha = 1 / (C n)
        (["2", "--from", "LogisticRegression", "--to", "counterpoint", "--n", "1000"], 0.0005),
        (["0.0005", "--to", "sklearn.LogisticRegression", "--n", "1000"], 2.0),
        # alpha = lmbda / n, and PyTorch's weight decay is alpha itself
        (["5", "--from", "nielsen.network2", "--to", "torch.SGD.weight_decay", "--n", "5e4"], 1e-4),
        # l2 ||W||^2 = (2 l2) ||W||^2 / 2
        (["0.01", "--from", "keras.l2", "--to", "alpha"], 0.02),
        (["0.01", "--from", "keras.l2", "--to", "sklearn.Ridge", "--n", "50"], 1.0),
        (["0.1", "--to", "sgd.decoupled_decay", "--learning-rate", "0.5"], 0.05),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_one_number_from_one_convention_to_another(run, arguments, value):
    ended = run("convert", *arguments)
    assert ended.status == 0
    assert float(ended.out) == pytest.approx(value, rel=1e-15)
    assert ended.out.count("\n") == 1


def test_what_else_must_hold_is_said_beside_the_number(run):
    ended = run("convert", "1", "--from", "keras.l2", "--to", "Ridge", "--n", "100")
    assert ended.out == "200.0\n"
    assert "keras.l2:" in ended.err
    assert "halve alpha" in ended.err
    assert run("convert", "1", "--n", "0").status == 2


def test_all_conventions_at_once(run):
    ended = run("convert", "0.01", "--n", "1000", "--learning-rate", "0.1")
    assert (ended.status, ended.err) == (0, "")
    first, _, *lines = ended.out.splitlines()
    assert first == "alpha = 0.01"
    shown = {line.split()[0]: line.split()[2] for line in lines if len(line.split()) > 2}
    for row in strength.table(0.01, n=1000, learning_rate=0.1):
        assert shown[row.convention] == ("–" if row.value is None else f"{row.value:.6g}")


def test_what_needs_a_sample_count_says_so_in_the_table(run):
    out = " ".join(run("convert", "0.01").out.split())
    assert "sklearn.LogisticRegression needs n" in out
    assert "torch.AdamW.weight_decay has no fixed alpha" in out


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["1", "--from", "LogisticRegression"], ["needs n", "1 / (C n)"]),
        (
            ["1", "--from", "LogisticRegressio", "--n", "10"],
            ["nearest: sklearn.LogisticRegression"],
        ),
        (["1", "--to", "xgboost"], ["'xgboost'", "glmnet"]),
        (["0.01", "--from", "torch.Adam.weight_decay"], ["no fixed alpha"]),
        (["0.01", "--to", "AdamW"], ["no fixed alpha"]),
        (["0.01", "--to", "sgd.decoupled_decay"], ["needs learning_rate"]),
        (["0"], ["0.0", "above 0"]),
        (["nan"], ["nan", "above 0"]),
        (["--", "-1"], ["-1.0", "above 0"]),
        (["1", "--from", "LogisticRegression", "--n", "0"], ["n is 0.0"]),
        (["1e308", "--from", "keras.l2", "--to", "alpha"], ["inf"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_can_not_be_converted(run, arguments, parts):
    ended = run("convert", *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("counterpoint: ")
    assert ended.err.count("\n") == 1
    assert all(part in ended.err for part in parts), ended.err
