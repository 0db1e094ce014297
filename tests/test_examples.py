"""Examples and the README run as a reader would run them; what they tell is so, in numbers."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

import counterpoint as cp

ROOT = Path(__file__).resolve().parents[1]


def output(name: str, folder: Path, shared: Path) -> str:
    """What an example prints, run alone in an empty folder."""
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / name],
        check=False,
        cwd=folder,
        env={**os.environ, "COUNTERPOINT_SHARED": str(shared)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert not list(folder.iterdir()), "an example leaves files behind"
    return " ".join(done.stdout.split())


def numbers(pattern: str, text: str) -> tuple[float, ...]:
    """The numbers that stand where the pattern has groups."""
    found = re.search(pattern, text)
    assert found, f"nothing matches {pattern!r} in: {text}"
    return tuple(float(group.replace(",", "")) for group in found.groups())


def two_sided(b: int, c: int) -> float:
    """McNemar's exact p: both tails of b + c tosses of a fair coin."""
    tail = sum(math.comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c)
    return min(1.0, 2 * tail)


def check_plateau(text: str, n: int) -> None:
    """The plateau, its flips and its loss are told by numbers that agree with one another."""
    low, high = numbers(r"accuracy stays between (\S+) and (\S+), while", text)
    assert high - low < 0.025
    least, greatest = numbers(r"while log loss moves between (\S+) and (\S+)\. At", text)
    assert greatest > 4 * least
    same, rows, b, c, d, p = numbers(
        r"two ends ([\d,]+) of ([\d,]+) predictions are the same; (\d+) went from wrong to right, "
        r"(\d+) from right to wrong, (\d+) from one wrong class to another \(McNemar p = (\S+)\)",
        text,
    )
    assert rows == n
    assert same + b + c + d == n
    assert p == pytest.approx(two_sided(int(b), int(c)), abs=0.005)
    scale, direction = numbers(r"ends, (\S+)% is such scale and (\S+)% direction", text)
    assert scale + direction == pytest.approx(100, abs=1)
    assert scale > 90
    (taken,) = numbers(r"What to do: Use alpha (\S+):", text)
    assert taken == 1e-3
    (fall,) = numbers(r"From alpha (\S+) on the model falls towards the base rates", text)
    assert fall == 1
    last = numbers(r"At 1e3 accuracy is (0\.\d+)", text)
    assert last < (0.2,)


@pytest.mark.slow
def test_flat_accuracy_on_two_rows_and_on_digits(tmp_path: Path) -> None:
    text = output("flat_accuracy.py", tmp_path, shared=tmp_path / "nowhere")
    for right in (0.99, 0.51):
        assert f"accuracy 1, log loss {-2 * math.log(right):.4f} in total" in text
    check_plateau(text, n=1797)
    assert "MNIST: not found; set COUNTERPOINT_SHARED" in text


@pytest.mark.slow
def test_flat_accuracy_on_mnist(tmp_path: Path, shared_data: Path) -> None:
    text = output("flat_accuracy.py", tmp_path, shared=shared_data.parent)
    _, _, mnist = text.partition("MNIST: 3,000 of the 60,000 training rows")
    check_plateau(mnist, n=10_000)


@pytest.mark.slow
def test_penalties_and_losses(tmp_path: Path) -> None:
    text = output("penalties_and_losses.py", tmp_path, shared=tmp_path)
    rows = re.findall(
        r"(log|squared|squared_hinge) (l2|l1|elasticnet) \S+ (\S+) (\S+) (\d+) (\d+) (\d+) (\d+)%",
        text,
    )
    assert len(rows) == 9
    for _, penalty, log_loss, accuracy, *kept, left in rows:
        assert float(log_loss) < 0.12
        assert float(accuracy) > 0.94
        weights = [int(k) for k in kept]
        if penalty == "l2":
            assert weights == [30, 30, 30]
        else:
            assert 30 > weights[0] > weights[1] > weights[2] > 0
        assert 30 < int(left) < 60
    table = {(loss, penalty): kept for loss, penalty, _, _, *kept, _ in rows}
    said = numbers(r"L1 sets weights .*? keeps (\d+) under cross-entropy and (\d+) under", text)
    assert said == (float(table["log", "l1"][0]), float(table["squared", "l1"][0]))
    assert "L2 sets no weight to zero under either loss: all 30 stay" in text
    assert re.search(r"Log loss with \S+ does best, and \d can't be told from it", text)
    assert "set weights to exactly zero under every loss" in text


@pytest.mark.slow
def test_surrogate_and_accuracy_part_and_meet(tmp_path: Path) -> None:
    text = output("surrogate_and_accuracy.py", tmp_path, shared=tmp_path)
    assert "slope 1.268, cut 0.516 cross-entropies: 0.14 0.30 1.07 0.97 0.43" in text
    assert "accuracy there 0.6, at best 0.8: cuts from -0.3 to 0 from 0.9 to 1" in text
    assert "so at -0.1 accuracy is 0.8 so at 0.95 accuracy is 0.8" in text
    before, after, lower, higher = numbers(
        r"A sample of 100 .*? accuracy rises from (\S+) to (\S+) while log loss rises from (\S+) "
        r"to (\S+)\. ",
        text,
    )
    assert after >= before + 0.05
    assert higher > lower
    cuts = numbers(r"A sample of 10,000 .*? cut (\S+);.*? most accurate: .*? cut (\S+);", text)
    assert abs(cuts[0] - cuts[1]) < 0.02
    right, wrong = text.split("Over 20 samples each")[1:]
    row = r" {} (\S+) ± (\S+) (\S+) ± \S+"
    apart = [numbers(row.format(n), right) for n in ("100", "10,000", "100,000")]
    # Of a thousand times the rows, a tenth of the distance: the cube root.
    assert 6 < apart[0][0] / apart[2][0] < 16
    stays = [numbers(row.format(n), wrong) for n in ("10,000", "100,000")]
    assert min(stays)[0] - min(stays)[1] > 0.15


@pytest.mark.slow
def test_loss_up_accuracy_up(tmp_path: Path) -> None:
    text = output("loss_up_accuracy_up.py", tmp_path, shared=tmp_path)
    first, last, low, high, before, after = numbers(
        r"From epoch (\d+) to (\d+) validation log loss goes from (\S+) to (\S+), "
        r"accuracy from (\S+) to (\S+)\. ",
        text,
    )
    assert last - first > 200
    assert high > 1.05 * low
    assert after >= before
    b, c = numbers(r": (\d+) rows went from wrong to right and (\d+) from right to wrong", text)
    assert (b - c) / 1617 == pytest.approx(after - before, abs=1e-3)
    assert "The network grows surer of what it says" in text


def test_blow_up(tmp_path: Path) -> None:
    text = output("blow_up.py", tmp_path, shared=tmp_path)
    wrong = text.partition("Decay of the wrong sign")[2]
    rows = [tuple(map(float, row)) for row in re.findall(r" \d (\S+) (\S+) (\S+) (\S+)", wrong)][:9]
    for data_loss, penalty, cost, _ in rows:
        assert cost == pytest.approx(data_loss + penalty, abs=0.01)
        assert data_loss < 0.3
    assert rows[0][2] == pytest.approx(12, abs=0.5)
    assert rows[-1][2] == pytest.approx(175, abs=5)
    accuracies = [row[3] for row in rows]
    assert max(accuracies) - min(accuracies) < 0.03
    (factor,) = numbers(r"The penalty is multiplied by (\S+) every epoch", wrong)
    assert factor == pytest.approx((rows[-1][1] / rows[0][1]) ** (1 / 8), abs=0.01)
    (penalty,) = numbers(r"can't exceed 5\.00, whatever the predictions: at least (\S+) of", wrong)
    assert penalty == pytest.approx(rows[-1][2] - 5, abs=0.2)


@pytest.mark.slow
def test_textbook_network_on_digits(tmp_path: Path) -> None:
    text = output("textbook_network.py", tmp_path, shared=tmp_path / "nowhere")
    (alpha,) = numbers(r"lambda = 5 on 1,400 rows is alpha = (\S+)", text)
    assert alpha == pytest.approx(5 / 1400, rel=1e-2)
    best = [float(value) for value in re.findall(r"best: (\S+) after", text)]
    assert len(best) == 3
    assert min(best) > 0.88


@pytest.mark.slow
def test_textbook_network_on_mnist(tmp_path: Path, shared_data: Path) -> None:
    """After 4 epochs; 30 give 95.9%, 95.9% and 96.6% (means of four seeds at the last)."""
    text = output("textbook_network.py", tmp_path, shared=shared_data.parent)
    quadratic, constant, falling = (float(v) for v in re.findall(r"last: (\S+);", text))
    assert min(quadratic, constant) > 0.935
    assert falling > 0.95


def test_the_story_of_the_readme_is_what_happens() -> None:
    story = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    X, y = load_digits(return_X_y=True)
    sweep = cp.sweep(X, y, alphas=np.geomspace(1e-12, 1e3, 31), scale="standard")
    accuracy = sweep.fit.curve("accuracy")["value"].to_numpy()
    log_loss = sweep.fit.curve("log_loss")["value"].to_numpy()
    weak = sweep.alphas <= 1.001e-2
    told = numbers(
        r"accuracy stays between (\S+) and (\S+) over those ten powers of ten, "
        r"while log loss falls from (\S+) to (\S+) and turns up again to (\S+)\.",
        story,
    )
    shown = [f(accuracy[weak]) for f in (np.min, np.max)]
    shown += [log_loss[0], log_loss.min(), log_loss[weak][-1]]
    assert told == pytest.approx(shown, abs=5e-4)
    before, after = (sweep.fit.held_out.predicted[i] for i in (0, 14))
    truth = sweep.fit.held_out.label_index
    assert sweep.alphas[14] == pytest.approx(1e-5)
    differ = before != after
    flips = (
        differ.sum(),
        len(truth),
        (differ & (after == truth)).sum(),
        (differ & (before == truth)).sum(),
        (differ & (after != truth) & (before != truth)).sum(),
        two_sided(8, 3),
    )
    told = numbers(
        r"only (\d+) of ([\d,]+) predictions differ: (\d+) went from wrong to right, (\d+) from "
        r"right to wrong, (\d+) from one wrong class to another\. .*?\(McNemar p = (\S+)\)",
        story,
    )
    assert told == pytest.approx(flips, abs=5e-3)
    taken = sweep.choice.recommended
    told = numbers(r"So take (\S+): log loss (\S+), accuracy (\S+)\. ", story)
    assert told == pytest.approx((taken.alpha, taken.log_loss, taken.accuracy), abs=5e-4)
    assert numbers(r"at 1e3 accuracy is (\S+)\. ", story) == pytest.approx([accuracy[-1]], abs=5e-4)


def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
    assert found
    done = subprocess.run(
        [sys.executable, "-c", found[1]],
        check=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert "Take alpha" in done.stdout
    assert (tmp_path / "report.html").read_text("utf-8").startswith("<!doctype html>")


def test_who_broke_the_decay(tmp_path: Path) -> None:
    text = output("who_broke_the_decay.py", tmp_path, shared=tmp_path)
    log, _, audited = text.partition("What the audit of a network")
    assert numbers(r"at least (\S+) of the last (\S+) is penalty", log) == (169.7, 174.7)
    growth, strength = numbers(
        r"by 1 \+ (\S+)\. That is an L2 strength of -(\S+) in the step", audited
    )
    assert strength == pytest.approx(5.0 / 1797, abs=5e-6)
    assert growth == pytest.approx(0.5 * 5.0 / 1797, abs=5e-6)
    assert "The decay has the wrong sign" in audited
    small, large, whole = numbers(
        r"On 13 rows the L2 strength in the reported cost is (\S+), on 29 rows (\S+): (\S+) over",
        audited,
    )
    assert (small * 13, large * 29) == pytest.approx((whole, whole), rel=0.01)
    assert audited.count("problem:") == 2
