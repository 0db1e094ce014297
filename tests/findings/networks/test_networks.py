"""Findings about populations: each where its cause is, and none where it is not."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.datasets import load_iris, make_moons

from counterpoint import nets
from counterpoint.findings import Finding
from counterpoint.findings.networks import NETWORK_FINDINGS, find_in_population
from counterpoint.findings.networks.as_sweep import as_sweep

MOONS = make_moons(240, noise=0.35, random_state=0)


def fitted(x: Any, y: Any, **settings: Any) -> nets.Population:
    return nets.fit(x, y, **{"validation": 0.5, "scale": "standard", "batch": 16, **settings})


@pytest.fixture(scope="module")
def surer() -> nets.Population:
    """Noisy moons, a wide network, many epochs: over-confidence grows."""
    return fitted(*MOONS, hidden=(40, 40), alphas=[1e-6], epochs=150, optimizer="adam", rate=4e-3)


@pytest.fixture(scope="module")
def healthy() -> nets.Population:
    return fitted(*load_iris(return_X_y=True), hidden=8, alphas=[1e-3, 1e-2], epochs=25)


@pytest.fixture(scope="module")
def ranged() -> nets.Population:
    """From strengths that do nothing to one that crushes and one that blows up."""
    alphas = [1e-6, 1e-4, 1e-2, 1.0, 30.0]
    return fitted(*MOONS, hidden=8, alphas=alphas, epochs=40, rate=0.1, seeds=2)


def named(population: nets.Population) -> dict[str, Finding]:
    return {finding.name: finding for finding in population.findings}


@pytest.mark.parametrize("name", NETWORK_FINDINGS)
def test_each_module_documents_itself(name: str) -> None:
    module = NETWORK_FINDINGS[name]
    assert module.summary.endswith(".")
    assert "When it appears" in (inspect.getdoc(module) or "")


@pytest.mark.parametrize("name", ["surer", "healthy", "ranged"])
def test_what_is_said_is_whole(name: str, request: pytest.FixtureRequest) -> None:
    for finding in request.getfixturevalue(name).findings:
        json.dumps(finding.evidence, allow_nan=False)
        for text in (finding.title, finding.explanation, finding.remedy, finding.doubt):
            assert not any(word in text for word in ("nan", "None", "np.", "  ", "array("))
        assert finding.explanation.endswith(".")
        assert not finding.title.endswith(".")


def test_loss_rises_while_accuracy_does_not_fall(surer: nets.Population) -> None:
    finding = named(surer)["loss_up_accuracy_up"]
    curve = surer.curve("log_loss")[:, 0, 0]
    evidence: Any = finding.evidence
    assert evidence["epoch_of_least_log_loss"] == curve.argmin()
    assert evidence["log_loss_change"]["value"] == pytest.approx(curve[-1] - curve.min())
    accuracy = surer.curve("accuracy")[:, 0, 0]
    flips = (evidence["b"] - evidence["c"]) / evidence["n"]
    assert flips == pytest.approx(accuracy[-1] - accuracy[curve.argmin()])
    assert evidence["best_factor_at_end"] < 1
    assert curve[-1] > 1.05 * curve.min()


def test_a_loss_that_rises_as_accuracy_falls_is_another_matter(surer: nets.Population) -> None:
    fit = surer.fit
    assert fit.validation is not None
    last = fit.validation.last
    wrong = np.arange(len(last.row)) % 3 == 0
    raw = last.raw.copy()
    raw[:, :, wrong] = raw[:, ::-1, wrong]
    margin = raw[0, last.label_index, np.arange(len(wrong))] * 2 - raw[0].sum(axis=0)
    worse = replace(
        last,
        raw=raw,
        predicted=np.where(wrong, 1 - last.predicted, last.predicted),
        log_loss=np.logaddexp(0.0, -margin)[None],
    )
    changed = replace(fit, validation=replace(fit.validation, last=worse))
    assert worse.log_loss.mean() > last.log_loss.mean()
    assert worse.correct.mean() < last.correct.mean() - 0.1
    assert "loss_up_accuracy_up" not in {f.name for f in find_in_population(changed)}


@pytest.mark.parametrize("loss", ["log", "bce", "quadratic", "brier"])
@pytest.mark.parametrize("classes", [2, 3])
def test_members_of_a_seed_read_as_a_sweep_keep_their_predictions(loss: str, classes: int) -> None:
    x, y = load_iris(return_X_y=True)
    x, y = x[y < classes], y[y < classes]
    population = fitted(
        *(x, y), hidden=3, alphas=[1e-3, 1e-2], seeds=[4, 7], epochs=2, loss=loss, validation=(x, y)
    )
    sweep = as_sweep(population.fit, 7, "last")
    assert sweep is not None
    for at, alpha in enumerate(population.alphas):
        raw = sweep.held_out.raw[at]
        full = np.vstack([np.zeros(len(x)), raw]) if classes == 2 else raw
        p = population.predict_proba(x, alpha, 7, "last")
        np.testing.assert_allclose(softmax(full, axis=0).T, p, rtol=1e-5, atol=1e-7)
        assert (sweep.held_out.predicted[at] == p.argmax(axis=1)).all()
        np.testing.assert_allclose(
            sweep.held_out.log_loss[at], -np.log(p[np.arange(len(y)), y]), rtol=1e-5
        )


def test_a_healthy_population_says_what_to_take(healthy: nets.Population) -> None:
    found = named(healthy)
    assert set(found) <= {"alpha_and_epoch", "penalty_in_objective"}
    scores = healthy.curve("log_loss")
    epoch, alpha, _ = np.unravel_index(np.nanargmin(scores), scores.shape)
    evidence: Any = found["alpha_and_epoch"].evidence
    assert (evidence["alpha"], evidence["epoch"]) == (healthy.alphas[alpha], epoch)
    assert evidence["log_loss"]["value"] == pytest.approx(scores.min())


def test_a_strength_that_multiplies_the_weights(ranged: nets.Population) -> None:
    finding = named(ranged)["weights_without_bound"]
    assert finding.level == "problem"
    assert finding.evidence["members"] == [[30.0, 0], [30.0, 1]]
    assert "Keep rate times alpha below 2" in finding.remedy
    assert find_in_population(ranged.fit)[0] == finding


def test_a_rate_that_is_too_high_is_told_from_it() -> None:
    population = fitted(
        MOONS[0] * 1e3, MOONS[1], hidden=8, alphas=[1e-6], rate=1e5, epochs=5, scale="none",
        loss="squared",
    )  # fmt: skip
    assert "learning rate is too high" in named(population)["weights_without_bound"].explanation


def norms_scaled(population: nets.Population, factor: float) -> Any:
    """The same training with norms that grow by a factor in each epoch."""
    history = population.fit.history
    norm = [name.startswith("weight_norm") for _, name in history.columns]
    values = [value.copy() for value in history.values]
    for epoch, value in enumerate(values):
        value[norm] = 2.0 * factor**epoch
    return replace(population.fit, history=replace(history, values=values))


def test_weights_that_go_on_growing(healthy: nets.Population) -> None:
    """25 epochs: over the last 12 a factor of 1.06 makes 2.012, one of 1.059 makes 1.989."""
    [finding] = [
        f
        for f in find_in_population(norms_scaled(healthy, 1.06))
        if f.name == "weights_without_bound"
    ]
    assert finding.level == "caution"
    assert "2.01 times as large over the last 12 epochs" in finding.title
    assert finding.evidence["norm_at_end"] == pytest.approx(2 * 2**0.5 * 1.06**25)
    assert "2 of 2 members" in finding.explanation
    for factor in (1.059, 1.0, 0.9):
        names = {f.name for f in find_in_population(norms_scaled(healthy, factor))}
        assert "weights_without_bound" not in names


def test_a_norm_that_fell_once_is_not_growing(healthy: nets.Population) -> None:
    fit = norms_scaled(healthy, 1.2)
    norm = [name.startswith("weight_norm") for _, name in fit.history.columns]
    fit.history.values[20][norm] = 0.1
    assert "weights_without_bound" not in {f.name for f in find_in_population(fit)}


@pytest.mark.parametrize(
    ("member", "epoch", "said"),
    [
        (0, 25, ("That is the last epoch", "the weakest alpha", "a weaker one may")),
        (1, 9, ()),
        (2, 25, ("That is the last epoch", "the strongest alpha", "a stronger one may")),
    ],
)
def test_the_best_at_an_end_of_what_was_tried_is_told(
    member: int, epoch: int, said: tuple[str, ...]
) -> None:
    population = fitted(*load_iris(return_X_y=True), hidden=3, alphas=[1e-4, 1e-3, 1e-2], epochs=25)
    fit, best_epoch = population.fit, np.zeros(3, dtype=np.intp)
    best_epoch[member] = epoch
    column = fit.history.columns.index(("validation", "log_loss"))
    fit.history.values[epoch][column, member] = 1e-3
    [finding] = [
        f
        for f in find_in_population(replace(fit, best_epoch=best_epoch))
        if f.name == "alpha_and_epoch"
    ]
    assert finding.evidence["alpha"] == fit.alphas[member]
    assert all(words in finding.explanation for words in said)
    assert bool(said) == ("last epoch" in finding.explanation)
    assert bool(said) == ("alpha that was tried" in finding.explanation)


def test_collapse(ranged: nets.Population) -> None:
    fit = ranged.fit
    without_the_last = fitted(*MOONS, hidden=8, alphas=[1e-4, 1.0], epochs=40, rate=0.1)
    finding = named(without_the_last)["network_collapse"]
    assert finding.evidence["alpha"] == 1.0
    held = without_the_last.fit.validation
    assert held is not None
    share = np.bincount(held.last.label_index) / len(held.last.row)
    assert finding.evidence["accuracy"] in [pytest.approx(s) for s in share]
    assert "network_collapse" not in named(ranged)  # the strongest alpha is not finite
    assert fit.alphas[-1] == 30.0


def test_how_much_of_the_objective_is_penalty(ranged: nets.Population) -> None:
    population = fitted(*MOONS, hidden=8, alphas=[1e-4, 0.1], epochs=10, penalty="l1", rate=0.1)
    finding = named(population)["penalty_in_objective"]
    parts = [population.curve(name, "train")[-1, :, 0] for name in ("penalty", "data_loss")]
    assert finding.evidence["penalty"] == pytest.approx(list(parts[0]))
    assert finding.evidence["data_loss"] == pytest.approx(list(parts[1]))
    share = parts[0] / (parts[0] + parts[1])
    assert share[0] < 0.5 < share[1]
    assert finding.title.startswith(f"At alpha 0.1 {100 * share[1]:.0f}% of the objective")


def test_an_interrupted_training_says_so(healthy: nets.Population) -> None:
    cut = replace(healthy.fit, interrupted=True)
    [finding] = [f for f in find_in_population(cut) if f.name == "cut_short"]
    assert "25 of 25 epochs" in finding.title
    assert "cut_short" not in named(healthy)


@pytest.mark.parametrize("settings", [{"validation": None}, {"loss": "squared"}])
def test_without_probabilities_to_judge_there_is_little_to_say(settings: dict[str, Any]) -> None:
    population = fitted(*MOONS, hidden=4, alphas=[1e-3, 1e-2], epochs=3, **settings)
    assert set(named(population)) <= {"penalty_in_objective", "network_collapse"}
