"""The evaluation: a few runs made, labelled and scored; its counts, its bounds."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import counterpoint as cp

#: The package does not need it, and trainings take their time.
pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
EVALUATION = ROOT / "evaluation"


def in_evaluation(code, *arguments):
    """Runs code among the evaluation's scripts, whose names other folders have too."""
    script = f"import sys; sys.path.insert(0, {str(EVALUATION)!r})\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


MAKE = """
import json
from pathlib import Path
from dataclasses import replace
from make import make_run
from recipes import Logging, Recipe
out = Path(sys.argv[1])
(out / "test").mkdir(parents=True)
base = Recipe("plain", "moons", 3, epochs=12, train_rows=300, validation_rows=300)
logs = Logging(running=False, penalty="apart", format="json_lines")
runs = {
    "plain": base,
    "rate_zero": replace(base, rate=0.0, logging=Logging(rate=True)),
    "not_a_number": replace(base, events=((6, float("inf")),)),
    "wrong_sign_decay": replace(base, optimiser="sgd", rate=0.1, alpha=0.1, decay_factor=-1.0,
                                logging=logs),
    "leak": replace(base, data_set="signs", leak=8.0, rate=0.01, epochs=10),
    "shuffled_labels": replace(base, data_set="wide", flipped=1.0, rate=0.01, epochs=20,
                               train_rows=100),
}
lines = [make_run(n, "test", replace(recipe, kind=kind), out)
         for n, (kind, recipe) in enumerate(runs.items())]
print(json.dumps(lines))
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A handful of runs: kind → line of the labels; and the folder."""
    folder = tmp_path_factory.mktemp("corpus")
    lines = in_evaluation(MAKE, folder)
    (folder / "labels.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder, {line["kind"]: line for line in lines}


@pytest.mark.parametrize(
    ("kind", "diagnosis"),
    [
        ("rate_zero", "not_learning"),
        ("rate_zero", "learning_rate_zero"),
        ("not_a_number", "not_finite"),
        ("wrong_sign_decay", "penalty_grows"),
        ("leak", "too_good"),
        ("shuffled_labels", "labels_unrelated"),
    ],
)
def test_what_was_put_in_is_required(corpus, kind, diagnosis):
    assert diagnosis in corpus[1][kind]["required"]
    assert not corpus[1][kind]["invisible"]


def test_a_plain_run_requires_nothing_grave(corpus):
    line = corpus[1]["plain"]
    assert not {"over_fitting", "diverging", "not_learning", "bad_start"} & set(line["required"])
    assert not {"not_finite", "penalty_grows", "labels_unrelated"} & set(line["allowed"])


def test_logs_are_read_and_say_what_the_trainer_did(corpus):
    folder, lines = corpus
    line = lines["wrong_sign_decay"]
    [history] = cp.runs.read(folder / line["log"], **line["told"])
    penalty = history.series("train", "penalty")["value"].to_numpy()
    # Ten updates an epoch, each of which multiplies the weights by 1 + rate alpha.
    updates = -(-300 // 32)
    grown = (1 + 0.1 * 0.1) ** (2 * updates * (len(penalty) - 1))
    assert penalty[-1] / penalty[0] == pytest.approx(grown, rel=0.5)
    assert history.facts["classes"] == 2


@pytest.mark.parametrize("times", [1, 2])
def test_the_scorer_scores_and_pools(corpus, times):
    folder, _ = corpus
    out = folder / "results.json"
    done = subprocess.run(
        [sys.executable, EVALUATION / "score.py", *[folder] * times, "--out", out, "--logs", folder,
         "--confusions", folder / "confusions.txt"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    record = json.loads(out.read_text())["tools"]["counterpoint"]["test"]
    assert record["overall"]["read"]["hits"] == record["overall"]["read"]["of"] == 6 * times
    assert record["diagnoses"]["not_finite"]["recall"]["hits"] == times
    page = folder / "page.md"
    page.write_text("<!-- evaluation: diagnoses -->\n<!-- /evaluation -->\n")
    subprocess.run([sys.executable, EVALUATION / "page.py", out, "--page", page], check=True)
    assert "| `not_finite` | problem | 1.00" in page.read_text()


COUNT = """
import json
from counting import Answer, by_diagnosis, overall
line = {"required": {"over_fitting": ["label_noise"]}, "allowed": ["plateau", "label_noise"],
        "is_fault": True}
fine = {"required": {}, "allowed": [], "is_fault": False}
pairs = [
    (line, Answer(True, {"over_fitting": "caution", "plateau": "note"})),
    (line, Answer(True, {"label_noise": "caution"})),  # as good
    (line, Answer(False, {})),  # not read: missed
    (fine, Answer(True, {"over_fitting": "caution"})),  # a false alarm
]
print(json.dumps([by_diagnosis(pairs), overall(pairs)]))
"""


def test_counts_by_hand():
    found, whole = in_evaluation(COUNT)
    assert set(found) == {"over_fitting"}
    precision, recall = found["over_fitting"]["precision"], found["over_fitting"]["recall"]
    assert (precision["hits"], precision["of"]) == (1, 2)
    assert (recall["hits"], recall["of"]) == (2, 3)
    assert (whole["faulty runs named"]["hits"], whole["faulty runs named"]["of"]) == (2, 3)
    assert whole["healthy runs with a wrong caution"]["hits"] == 1
    assert whole["healthy runs with a wrong problem"]["hits"] == 0


BOUNDS = """
import json
from bounds import COST_OF_WRONG, calibrated_band
print(json.dumps([COST_OF_WRONG, {f"{l} {k} {e}": calibrated_band(l, k, e)
                  for l in ("log", "brier") for k in (2, 3, 10) for e in (0.0, 0.1, 0.3, 0.5)}]))
"""


def test_bounds_hold_for_random_predictions_and_are_attained():
    cost, bands = in_evaluation(BOUNDS)
    rng = np.random.default_rng(0)
    for classes in (2, 3, 10):
        z = rng.normal(size=(4000, classes)) * rng.choice([0.01, 1, 5], (4000, 1))
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        s = 1 / (1 + np.exp(-z))
        y = rng.integers(classes, size=4000)
        one_hot = np.eye(classes)[y]
        wrong = z.argmax(axis=1) != y
        losses = {
            "log": -np.log(p[np.arange(4000), y]),
            "brier": ((p - one_hot) ** 2).sum(axis=1),
            "quadratic": ((s - one_hot) ** 2).sum(axis=1) / 2,
            "bce": -(one_hot * np.log(s) + (1 - one_hot) * np.log1p(-s)).sum(axis=1),
        }
        for name, loss in losses.items():
            assert loss[wrong].min() >= cost[name] - 1e-12
            if classes == 2:  # nearly even predictions attain it
                assert loss[wrong].min() == pytest.approx(cost[name], rel=0.01)
        # A calibrated model that knows nothing, and one that errs evenly, attain the ends.
        for e in (0.1, 0.3, 0.5):
            spread = e / (classes - 1)
            if classes == 2 or e <= 1 - 1 / classes:
                most = -(1 - e) * math.log(1 - e) - e * math.log(spread)
                assert bands[f"log {classes} {e}"][1] == pytest.approx(most)
                square = 1 - (1 - e) ** 2 - e * spread
                assert bands[f"brier {classes} {e}"][1] == pytest.approx(square)
            # Two classes at even odds for a share 2e of the rows, certain for the rest.
            assert bands[f"log {classes} {e}"][0] == pytest.approx(2 * e * math.log(2))


SPLIT = """
import json
from drawing import recipes
from sources import TEST, TUNING, available, missing, table
drawn = [(split, recipe.data_set) for split, recipe in recipes(300, 3)]
sizes = {name: [*table(name)[0].shape, int(table(name)[1].max()) + 1] for name in available(TEST)}
print(json.dumps([list(TUNING), list(TEST), sizes, missing(TEST), drawn]))
"""


def test_a_data_set_is_in_one_split_and_loads_or_says_what_it_needs():
    tuning, test, sizes, gone, drawn = in_evaluation(SPLIT)
    assert not set(tuning) & set(test)
    assert len(tuning) == 33
    assert len(test) == 10
    assert set(sizes) | set(gone) == set(test)
    assert sizes["sums"] == [3000, 30, 28]
    assert sizes["zipf"] == [3000, 20, 24]
    assert sizes["nested"] == [3000, 5, 4]
    assert sizes.get("leukaemia", [72, 150, 2]) == [72, 150, 2]
    assert {name for split, name in drawn if split == "test"} <= set(sizes)
    assert not {name for split, name in drawn if split == "tuning"} & set(test)


UNTOLD = """
import json
from dataclasses import replace
import numpy as np
from case import Case
from judges.course import bad_start
from judges.pairs import accuracy_at_base_rate
from recipes import Logging, Recipe
from training import Trace
from written import Written

def case(first, told, loss=0.2, base_rate=0.94, classes=26):
    curve = np.linspace(first, loss, 10)
    flat = np.full(10, base_rate)
    logged = {"train/loss": curve, "train/accuracy": flat}
    trace = Trace(logged, curve, flat, np.tile(curve, (20, 1)).T, np.ones((10, 20), bool),
                  np.ones(10), curve * 0, classes * np.log(2), 0.227, base_rate,
                  {"train": 100, "validation": 20, "classes": classes})
    recipe = Recipe("plain", "letters", 1, loss="bce", logging=Logging(told=told))
    return Case(recipe, trace, Written(logged, 1, {}), (0.1, 1.0, 1.0))

starts = [bad_start(case(*each)) for each in ((18.1, ()), (60, ()), (60, ("classes",)), (99, ()))]
shares = [accuracy_at_base_rate(case(0.7, (), loss)) for loss in (0.23, 0.15)]
print(json.dumps([starts, shares]))
"""


def test_nothing_is_asked_for_that_the_reader_is_not_told():
    starts, shares = in_evaluation(UNTOLD)
    assert starts == ["no", "may", "yes", "yes"]  # 26 sigmoids that say 1/2 cost 18.0
    assert shares == ["yes", "may"]  # at what shares of 0.94 and 0.06 cost, and below it


JUDGES = """
import json
import numpy as np
from judges.course import _levels
from judges.splits import _turns
swings = np.array([95.0, 134, 77, 58, 71, 73, 37, 84, 85, 93])
print(json.dumps([float(_levels(swings, 1).min()), _turns(np.array([0.2, 0.2, 0.25, 0.25, 0.3])),
                  _turns(np.array([0.2, 0.4, 0.2, 0.4]))]))
"""


def test_a_swing_has_no_level_at_its_least_and_a_staircase_no_turns():
    level, staircase, jumps = in_evaluation(JUDGES)
    assert level == 71  # the median of 58, 71 and 73; the least epoch has 37
    assert (staircase, jumps) == (0, 1)


GAPS = """
import json
from types import SimpleNamespace
import numpy as np
from judges.splits import _gap_in_losses

def gap(*logged):
    trace = SimpleNamespace(train_accuracy=np.full(10, 0.9))
    shown = lambda split, quantity: np.ones(10) if f"{split} {quantity}" in logged else None
    case = SimpleNamespace(shown=shown, trace=trace, held_accuracy=np.full(10, 0.6), tail=3)
    return round(_gap_in_losses(case), 9)

held = "validation accuracy"
print(json.dumps([gap("train loss", held), gap("train loss", "train accuracy", held),
                  gap("train loss"), gap(held)]))
"""


def test_a_gap_may_be_told_by_the_training_loss_alone():
    assert in_evaluation(GAPS) == [0.3, 0.0, 0.0, 0.0]
