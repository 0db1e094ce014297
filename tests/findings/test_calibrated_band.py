"""A sweep's log loss against the band of calibrated models."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from counterpoint.findings import calibrated_band, choose
from counterpoint.findings.choice import find as find_choice
from counterpoint.findings.held_out_pair import held_out_pair
from counterpoint.fit.result import SweepFit
from counterpoint.theory.region import calibrated_losses


def with_losses(fit: SweepFit, factor: float) -> SweepFit:
    held = fit.held_out
    return replace(fit, held_out=replace(held, log_loss=held.log_loss * factor))


def test_a_healthy_sweep_cites_the_band_in_its_choice(breast: SweepFit) -> None:
    assert calibrated_band.find(breast) is None
    pair = held_out_pair(breast, choose(breast).best.index)
    assert pair is not None
    low, high = calibrated_losses(pair.known_accuracy, "log", 2)
    found = find_choice(breast)
    assert found is not None
    assert f"between {low:#.3g} and {high:#.3g}" in found.explanation


@pytest.mark.parametrize(("factor", "word"), [(6.0, "above"), (0.1, "below")])
def test_a_loss_outside_of_it_is_found(breast: SweepFit, factor: float, word: str) -> None:
    found = calibrated_band.find(with_losses(breast, factor))
    assert found is not None
    assert word in found.title
    assert found.level == "caution"
    chosen_fit = with_losses(breast, factor)
    choice = choose(chosen_fit)
    assert choice.recommended.index != choice.best.index
    assert found.evidence["alpha"] == chosen_fit.alphas[choice.recommended.index]
    chosen = find_choice(with_losses(breast, factor))
    assert chosen is not None
    assert "calibrated model's log loss" not in chosen.explanation


def test_sampling_error_is_that_of_the_rows(breast: SweepFit) -> None:
    pair = held_out_pair(breast, 0)
    values = breast.held_out.log_loss[0]
    assert pair is not None
    share = breast.facts.held_out_share
    assert pair.prior == pytest.approx(tuple(share / share.sum()))
    standard_error = values.std(ddof=1) / np.sqrt(values.size)
    assert pair.loss_error == pytest.approx(1.96 * standard_error, rel=0.01)
    infinite = np.full_like(breast.held_out.log_loss, np.inf)
    without = replace(breast, held_out=replace(breast.held_out, log_loss=infinite))
    assert held_out_pair(without, 0) is None
