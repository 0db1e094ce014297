"""Names, numbers and refusals of the strength conventions; test_strength_proofs fits them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpoint.errors import InputError
from counterpoint.objective import strength
from counterpoint.objective.conventions import NoFixedAlpha

CONVERTIBLE = [
    row.name for row in strength.list_conventions() if not isinstance(row.rule, NoFixedAlpha)
]
REFUSED = [name for name in strength.CONVENTIONS if name not in CONVERTIBLE]

alphas = st.floats(1e-15, 1e9)
totals = st.floats(1e-3, 1e9)
rates = st.floats(1e-9, 1e3)


def test_the_adaptive_optimisers_are_the_only_ones_refused():
    assert REFUSED == ["torch.Adam.weight_decay", "torch.AdamW.weight_decay"]


@pytest.mark.parametrize("name", CONVERTIBLE)
@given(alpha=alphas, n=totals, eta=rates)
def test_to_alpha_undoes_from_alpha(name, alpha, n, eta):
    there = strength.from_alpha(alpha, name, n=n, learning_rate=eta)
    back = strength.to_alpha(there, name, n=n, learning_rate=eta)
    assert back == pytest.approx(alpha, rel=1e-14)


@pytest.mark.parametrize("source", CONVERTIBLE)
@given(value=st.floats(1e-9, 1e9), n=totals, eta=rates, target=st.sampled_from(CONVERTIBLE))
def test_convert_keeps_alpha(source, value, n, eta, target):
    facts = {"n": n, "learning_rate": eta}
    there = strength.convert(value, source, target, **facts)
    assert strength.to_alpha(there, target, **facts) == pytest.approx(
        strength.to_alpha(value, source, **facts), rel=1e-13
    )


@pytest.mark.parametrize(
    ("name", "value", "alpha"),
    [
        ("counterpoint", 0.3, 0.3),
        ("sklearn.LogisticRegression", 4.0, 1 / 800),
        ("sklearn.LinearSVC", 4.0, 1 / 800),
        ("sklearn.SGDClassifier", 0.3, 0.3),
        ("sklearn.Ridge", 4.0, 0.02),
        ("sklearn.RidgeClassifier", 4.0, 0.02),
        ("sklearn.Lasso", 0.3, 0.3),
        ("sklearn.ElasticNet", 0.3, 0.3),
        ("glmnet", 0.3, 0.3),
        ("spark.mllib", 0.3, 0.3),
        ("keras.l2", 0.3, 0.6),
        ("keras.l1", 0.3, 0.3),
        ("torch.SGD.weight_decay", 0.3, 0.3),
        ("sgd.decoupled_decay", 0.02, 0.04),
        ("nielsen.network2", 4.0, 0.02),
    ],
)
def test_values_for_two_hundred_rows_and_a_learning_rate_of_a_half(name, value, alpha):
    assert strength.to_alpha(value, name, n=200, learning_rate=0.5) == pytest.approx(alpha)


def test_every_convertible_convention_has_a_value_above():
    marks = test_values_for_two_hundred_rows_and_a_learning_rate_of_a_half.pytestmark
    assert {case[0] for case in marks[0].args[1]} == set(CONVERTIBLE)


@pytest.mark.parametrize("name", CONVERTIBLE)
def test_the_formula_shown_is_the_formula_used(name):
    row = strength.CONVENTIONS[name]
    v, n, eta = 0.37, 91.0, 0.013
    numbers = {row.parameter: v, "n": n, "learning_rate": eta}
    factors = {"numerator": 1.0, "denominator": 1.0}
    numerator, _, denominator = row.formula.partition(" / ")
    for part, words in zip(factors, (numerator, denominator), strict=True):
        for word in words.strip("()").split():
            factors[part] *= numbers[word] if word in numbers else float(word)
    shown = factors["numerator"] / factors["denominator"]
    assert strength.to_alpha(v, name, n=n, learning_rate=eta) == pytest.approx(shown)


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("LogisticRegression", "sklearn.LogisticRegression"),
        ("sklearn:LogisticRegression", "sklearn.LogisticRegression"),
        ("sklearn.linear_model.LogisticRegression", "sklearn.LogisticRegression"),
        ("linear svc", "sklearn.LinearSVC"),
        ("Spark MLlib", "spark.mllib"),
        ("GLMNET", "glmnet"),
        ("tf.keras.regularizers.l2", "keras.l2"),
        ("torch.optim.SGD", "torch.SGD.weight_decay"),
        ("decoupled decay (plain SGD)", "sgd.decoupled_decay"),
        ("alpha", "counterpoint"),
    ],
)
def test_a_convention_is_found_by_its_usual_names(spelling, name):
    assert strength.convention_named(spelling).name == name


def test_no_two_conventions_share_a_name():
    rows = strength.list_conventions()
    spellings = [(name, row.name) for row in rows for name in (row.name, *row.aliases)]
    found = [(name, strength.convention_named(name).name) for name, _ in spellings]
    assert found == spellings


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("logisticregresion", "nearest: sklearn.LogisticRegression"),
        ("SGD", "nearest: sklearn.SGDClassifier, torch.SGD.weight_decay, sgd.decoupled_decay"),
    ],
)
def test_an_unknown_name_gets_the_nearest_and_the_list(name, nearest):
    with pytest.raises(InputError) as caught:
        strength.to_alpha(1.0, name)
    assert nearest in str(caught.value)
    assert all(known in str(caught.value) for known in strength.CONVENTIONS)


@pytest.mark.parametrize("name", ["", "???", "xyz"])
def test_a_name_like_no_other_gets_the_list_alone(name):
    with pytest.raises(InputError, match="is not known; choose one of counterpoint, "):
        strength.convention_named(name)


@pytest.mark.parametrize("value", [0, -1.0, math.nan, math.inf, "1", None, np.float64("nan")])
def test_a_value_that_is_no_strength_is_refused(value):
    with pytest.raises(InputError, match=r"C of sklearn\.LinearSVC is .*finite number above 0"):
        strength.to_alpha(value, "LinearSVC", n=10)
    with pytest.raises(InputError, match=r"alpha is .*finite number above 0"):
        strength.from_alpha(value, "LinearSVC", n=10)
    with pytest.raises(InputError, match=r"alpha is .*finite number above 0"):
        strength.table(value)


@pytest.mark.parametrize("value", [np.float32(0.5), np.int64(2), 2])
def test_numpy_numbers_and_integers_are_taken(value):
    alpha = strength.to_alpha(value, "keras.l2")
    assert type(alpha) is float
    assert alpha == 2 * value


@pytest.mark.parametrize("name", CONVERTIBLE)
def test_a_missing_side_fact_is_asked_for(name):
    needs = strength.CONVENTIONS[name].rule.needs
    if needs is None:
        assert strength.to_alpha(0.1, name) > 0
        return
    with pytest.raises(InputError, match=f"needs {needs}, since alpha = .*give {needs}"):
        strength.to_alpha(0.1, name)
    with pytest.raises(InputError, match=f"{needs} is -3; give a finite number above 0"):
        strength.to_alpha(0.1, name, **{needs: -3})


@pytest.mark.parametrize("name", REFUSED)
def test_adaptive_optimisers_are_refused_with_a_way_out(name):
    for direction in (strength.to_alpha, strength.from_alpha):
        with pytest.raises(InputError, match=r"has no fixed alpha: Adam.*SGD"):
            direction(0.01, name, n=100, learning_rate=0.1)


@pytest.mark.parametrize("value", [5e-324, 1e300])
def test_a_result_beyond_floating_point_is_refused(value):
    n = 1e-300 if value < 1 else 1e300
    with pytest.raises(InputError, match="less extreme"):
        strength.to_alpha(value, "LogisticRegression", n=n)


def test_the_table_has_a_value_or_a_reason_for_every_convention():
    rows = strength.table(0.01, n=50, learning_rate=0.1)
    assert [row.convention for row in rows] == list(strength.CONVENTIONS)
    assert {row.convention for row in rows if row.value is None} == set(REFUSED)
    for row in rows:
        assert (row.value is None) == bool(row.why_none)
        if row.value is not None:
            there = strength.convert(0.01, "alpha", row.convention, n=50, learning_rate=0.1)
            assert row.value == there


def test_the_table_says_what_is_missing():
    rows = {row.convention: row for row in strength.table(0.01)}
    assert rows["sklearn.Ridge"].value is None
    assert "needs n" in rows["sklearn.Ridge"].why_none
    assert "needs learning_rate" in rows["sgd.decoupled_decay"].why_none
    assert rows["glmnet"].value == 0.01
