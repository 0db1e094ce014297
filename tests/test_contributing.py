"""The recipes of CONTRIBUTING.md do what they say, with the code as it is."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from counterpoint.findings import finding
from counterpoint.objective import penalties
from counterpoint.objective.losses import margin
from counterpoint.runs.finish import histories_of
from counterpoint.runs.gather import Gatherer
from counterpoint.runs.source import Source

GUIDE = Path(__file__).resolve().parents[1] / "CONTRIBUTING.md"


def recipe(name: str) -> str:
    """The code block that follows the mark of that recipe."""
    found = re.search(
        rf"<!-- recipe: {name} -->\n```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S
    )
    assert found, f"CONTRIBUTING.md has no recipe for a new {name}"
    return found[1]


def defined(name: str, module: Any) -> dict[str, Any]:
    """What the recipe's code defines where it says it goes."""
    names = {**vars(module)}
    exec(recipe(name), names)
    return names


@pytest.mark.parametrize("name", ["loss", "penalty", "finding", "reader"])
def test_a_recipe_is_under_twenty_lines(name: str) -> None:
    assert len(recipe(name).splitlines()) < 20


def test_the_new_loss_knows_itself() -> None:
    loss = defined("loss", margin)["Exponential"]()
    m = np.linspace(-2.0, 3.0, 11)
    target = np.ones((1, len(m)))
    z = m[None, :]
    step = 1e-6
    slope = (loss.value(z + step, target) - loss.value(z - step, target)) / (2 * step)
    np.testing.assert_allclose(loss.gradient(z, target)[0], slope, rtol=1e-8)
    np.testing.assert_allclose(loss.value(z, target), np.exp(-m))
    # Fenchel and Young hold with equality at the gradient, and leave slack elsewhere.
    np.testing.assert_allclose(loss.fenchel_gap(z, target, np.array(1.0)), 0.0, atol=1e-14)
    assert (loss.fenchel_gap(z, target, np.array(0.5)) > 1e-3).all()
    assert loss.bounds(2).wrong_least == 1.0


def test_the_new_penalty_has_a_value() -> None:
    kind = defined("penalty", penalties)["MostlyL1"]
    assert kind(0.95).value(np.array([3.0, -4.0])) == pytest.approx(0.95 * 7 + 0.05 / 2 * 25)


def test_the_new_finding_speaks_where_it_should_and_nowhere_else() -> None:
    find = defined("finding", finding)["find"]
    alphas = np.array([1e-3, 1e-2, 0.1])
    found = find(SimpleNamespace(alphas=alphas, nonzero=np.array([5, 0, 0])))
    assert found.title == "No feature is left from alpha 0.01 on"
    assert found.evidence == {"alpha": 0.01}
    assert find(SimpleNamespace(alphas=alphas, nonzero=np.array([5, 3, 1]))) is None


def test_the_new_reader_reads(tmp_path: Path) -> None:
    toy = SimpleNamespace(**defined("reader", SimpleNamespace()))
    (tmp_path / "results.toy").write_text("#toy\n1 0.5\n2 0.25\n")
    source, gathered = Source.of(tmp_path / "results.toy"), Gatherer()
    assert toy.recognises(source)
    toy.read(source, gathered)
    [history] = histories_of(gathered, "a", toy.name, "", {})
    assert history.series("train", "loss")["value"].to_list() == [0.5, 0.25]
