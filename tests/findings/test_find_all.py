"""What holds for every finding, on any fit."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpoint.findings import COMPARISONS, FINDINGS, Finding, choose, compare_all, find_all
from counterpoint.fit.result import DataFacts, HeldOut, SweepFit
from counterpoint.fit.validation import score_rows


@pytest.mark.parametrize("name", [*FINDINGS, *COMPARISONS])
def test_each_module_documents_itself(name: str) -> None:
    module = {**FINDINGS, **COMPARISONS}[name]
    assert module.summary.endswith(".")
    assert "When it appears" in (inspect.getdoc(module) or "") or name == "choice"
    assert module.__name__ == f"counterpoint.findings.{name}"


def checked(found: tuple[Finding, ...]) -> None:
    for finding in found:
        json.dumps(finding.evidence, allow_nan=False)
        texts = (finding.title, finding.explanation, finding.remedy, finding.doubt)
        for text in texts:
            assert not any(word in text for word in ("nan", "None", "np.", "  ", "array("))
        assert finding.title
        assert not finding.title.endswith(".")
        assert finding.explanation.endswith(".")


@pytest.mark.parametrize(
    "name", ["breast", "breast_l1", "breast_squared", "breast_hinge", "digits", "healthy", "noise"]
)
def test_real_fits(name: str, request: pytest.FixtureRequest) -> None:
    fit = request.getfixturevalue(name)
    found = find_all(fit)
    checked(found)
    names = [finding.name for finding in found]
    assert names == [name for name in FINDINGS if name in names]


def test_problems_come_first(breast: SweepFit) -> None:
    reported = find_all(replace(breast, gap=breast.objective.copy()))
    assert reported[0].level == "problem"
    assert len(reported) > 2


def test_a_healthy_fit_has_little_to_say(healthy: SweepFit) -> None:
    assert {finding.name for finding in find_all(healthy)} <= {"choice", "flat_accuracy"}


@st.composite
def any_fit(draw: st.DrawFn, n: int | None = None) -> SweepFit:
    """Arrays of the right shape, and of any plausible or implausible size."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    m, n_classes = draw(st.integers(1, 6)), draw(st.integers(2, 4))
    n = n or draw(st.integers(2, 30))
    outputs = 1 if n_classes == 2 else n_classes
    calibrated = draw(st.booleans())
    size = 10.0 ** draw(st.integers(-9, 6))
    alphas = 10.0 ** (draw(st.integers(-12, 3)) + draw(st.sampled_from([0.1, 1.0])) * np.arange(m))
    coef = size * rng.normal(size=(m, outputs, 3)) * (rng.random((m, 1, 3)) < draw(st.floats(0, 1)))
    raw = size * rng.normal(size=(m, outputs, n))
    log_loss = np.abs(size * rng.normal(size=(m, n)))
    if draw(st.booleans()):
        log_loss[rng.integers(m), rng.integers(min(n, 5))] = np.inf
    held = HeldOut(
        row=np.arange(n),
        label_index=rng.integers(0, n_classes, n),
        fold=np.arange(n) % min(draw(st.integers(1, 5)), n),
        # Weights may be zero, but not of a whole fold.
        weight=np.where(np.arange(n) < 5, 1.0, draw(st.sampled_from([1.0, 0.0])) * rng.random(n)),
        raw=raw,
        predicted=rng.integers(0, n_classes, (m, n)),
        log_loss=log_loss,
        brier=rng.random((m, n)),
        own_loss=log_loss,
        calibrated=calibrated,
    )
    share = rng.dirichlet(np.ones(n_classes)) * (np.arange(n_classes) < draw(st.integers(2, 4)))
    facts = DataFacts(
        n=n,
        n_features=3,
        class_count=np.bincount(held.label_index, minlength=n_classes),
        class_share=share / share.sum(),
        held_out_share=np.bincount(held.label_index, held.weight, minlength=n_classes)
        / held.weight.sum(),
        duplicates=draw(st.sampled_from([(), (("x0", "x1", -1.0),)])),
        constant=draw(st.sampled_from([(), ("x2",)])),
        missing_cells=0,
        notes=(),
    )
    data_loss = np.sort(rng.random(m)) * 10.0 ** draw(st.integers(-12, 2))
    l1_ratio, penalty = draw(st.sampled_from([(0.0, "l2"), (1.0, "l1"), (0.5, "elasticnet")]))
    return SweepFit(
        loss="log" if not calibrated else "squared",
        loss_label="log loss (logistic)" if not calibrated else "squared error",
        penalty_name=penalty,
        l1_ratio=l1_ratio,
        alphas=alphas,
        classes=np.array([f"c{k}" for k in range(n_classes)]),
        feature_names=("x0", "x1", "x2"),
        coef=coef,
        intercept=np.zeros((m, outputs)),
        data_loss=data_loss,
        penalty=rng.random(m) * 10.0 ** draw(st.integers(-12, 2)),
        gap=data_loss * 10.0 ** draw(st.integers(-12, 0)),
        weight_norm=np.sqrt((coef**2).sum(axis=(1, 2))),
        nonzero=np.count_nonzero(coef, axis=(1, 2)),
        train_margin=rng.normal(size=m),
        greatest_weight=np.abs(coef).max(axis=(1, 2)),
        fold_relative_gap=np.zeros((m, 1)),
        scores=score_rows(held, alphas).with_columns(pl.col("alpha")),
        held_out=held,
        facts=facts,
        fill=np.zeros(3),
        pending=np.zeros(0),
        base_rate_loss=draw(st.sampled_from([0.0, 0.69, 5.0])),
        tol=1e-6,
        scale="none",
        scheme="cross-validation",
        seed=0,
    )


@given(any_fit())
def test_no_fit_breaks_a_finding(fit: SweepFit) -> None:
    checked(find_all(fit))
    pick = choose(fit)
    assert pick.best.index <= pick.one_se.index
    assert pick.recommended in (pick.best, pick.one_se)
    assert pick.indifferent_low <= pick.indifferent_high


@given(st.lists(any_fit(n=12), min_size=2, max_size=4))
def test_no_fits_break_a_comparison(fits: list[SweepFit]) -> None:
    rows = fits[0].held_out
    same_rows = [
        replace(
            fit,
            held_out=replace(
                fit.held_out, label_index=rows.label_index, weight=rows.weight, fold=rows.fold
            ),
            facts=fits[0].facts,
        )
        for fit in fits
        if len(fit.classes) == len(fits[0].classes)
    ]
    checked(compare_all(same_rows))
