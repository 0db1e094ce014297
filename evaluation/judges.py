"""One judge a diagnosis: a case → ``yes``, ``may`` or ``no``. The figures are margins of clearness.

They are chosen from what the words of a diagnosis say, before any rule was run on the corpus.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from bounds import calibrated_band, impossible_by
from case import Case, roughness

Judge = Callable[[Case], str]


def between(yes: bool, may: bool) -> str:
    return "yes" if yes else "may" if may else "no"


# -- the course of training ----------------------------------------------------------------------


def not_finite(case: Case) -> str:
    return "no" if case.finite else "yes"


def diverging(case: Case) -> str:
    """The reported training loss ends far above its least, and stays there."""
    shown = case.shown("train", "loss")
    if shown is None or case.epochs < 3:
        return "may"
    true = case.objective
    least, end = np.nanmin(true), np.nanmean(true[-case.tail :])
    seen = np.nanmean(shown[-case.tail :]) / max(np.nanmin(shown), 1e-12)
    guess = case.trace.base_loss
    last = true[-max(3, case.tail) :]
    yes = end >= 2 * least and end >= 1.2 * guess and seen >= 2 and last.min() >= 1.5 * least
    validation = case.shown("validation", "loss")
    held = 1.0 if validation is None else validation[-1] / max(np.nanmin(validation), 1e-12)
    # Whether a large loss that was there from the first epoch on diverges is a matter of words.
    may = seen >= 1.1 or end >= 1.5 * guess or held >= 2
    return between(bool(yes), bool(may))


def spikes(case: Case) -> str:
    """One epoch's training loss stands out from its neighbours, and is made good again."""
    shown = case.shown("train", "loss")
    if shown is None or case.epochs < 8:
        return "no" if case.epochs < 5 else "may"
    around = np.array([
        np.median(np.r_[shown[max(0, i - 4) : i], shown[i + 3 : i + 7]]) for i in range(2, len(shown) - 3)
    ])  # fmt: skip
    height = shown[2:-3] - around
    noise = 1.4826 * float(np.median(np.abs(height))) + 1e-12
    stands_out = (
        (height > 15 * noise) & (height > 0.5 * around) & (height > 0.02 * case.trace.even_loss)
    )
    injected = case.recipe.kind == "spikes"
    shows = (height > 5 * noise) & (height > 0.1 * around)
    validation = case.shown("validation", "loss")
    rough = validation is not None and roughness(validation) > 0.05 * float(np.median(validation))
    return between(injected and bool(stands_out.any()), bool(shows.any()) or rough)


def _swings(series: np.ndarray) -> tuple[float, float]:
    """Over the second half: share of steps that turn, and their median size."""
    steps = np.diff(series[len(series) // 2 :])
    turns = np.mean(np.sign(steps[1:]) != np.sign(steps[:-1])) if len(steps) > 1 else 0.0
    return float(turns), float(np.median(np.abs(steps))) if len(steps) else 0.0


def oscillating(case: Case) -> str:
    """The noise-free training loss goes up and down, by a good part of itself."""
    shown = case.shown("train", "loss")
    if shown is None or case.epochs < 10:
        return "may" if case.epochs >= 4 else "no"
    true = case.trace.train_loss
    turns, size = _swings(true)
    level = float(np.median(true[len(true) // 2 :]))
    large = size >= 0.2 * level and size >= 0.02 * case.trace.even_loss
    seen_turns, seen = _swings(shown)
    yes = turns >= 0.4 and large and seen_turns >= 0.4 and seen >= 0.5 * size
    validation = [v for q in ("loss", "accuracy") if (v := case.shown("validation", q)) is not None]
    swings = any(
        _swings(v)[0] >= 0.3 and _swings(v)[1] >= 0.03 * float(np.median(v)) for v in validation
    )
    may = (turns >= 0.3 and size >= 0.05 * level) or (seen_turns >= 0.3 and seen >= 0.05 * level)
    return between(yes, may or swings)


def _falls(series: np.ndarray, share: float) -> float:
    """Share of a series' whole fall that its last part makes."""
    tail = max(1, len(series) // 20)
    begin = int(len(series) * (1 - share))
    at = series[max(0, begin - tail) : begin + tail].mean()
    whole = series[0] - series.min()
    return float((at - series[-tail:].mean()) / whole) if whole > 0 else 0.0


def plateau(case: Case) -> str:
    """Learnt something, then neither split's loss moved for the last two fifths."""
    if case.epochs < 10:
        return "no" if case.epochs < 5 else "may"
    train, held = abs(_falls(case.objective, 0.4)), abs(_falls(case.held_loss, 0.4))
    gained = case.trace.base_loss - case.trace.train_loss.min()
    something = gained >= 0.15 * case.trace.base_loss
    return between(something and train < 0.01 and held < 0.03, train < 0.15 or held < 0.15)


def still_improving(case: Case) -> str:
    if case.epochs < 4:
        return "may"
    last = max(1, case.epochs // 5)
    change = case.held_loss_change(case.epochs - 1 - last, case.epochs - 1)
    whole = case.held_loss[0] - case.held_loss.min()
    shown = case.shown("validation", "loss")
    if shown is None:
        return "may" if _falls(case.trace.train_loss, 0.2) > 0.005 else "no"
    seen = shown[-1 - last] - shown[-case.tail :].mean() >= 3 * roughness(shown)
    yes = change.down(0.08 * whole) and whole > 0.1 * case.held_loss[0] and seen
    return between(
        yes and case.epochs >= 6, -change.by > 0.003 * whole or shown[-1] <= shown.min() * 1.01
    )


def too_slow(case: Case) -> str:
    """Falls steadily, and the end is far from what can be learnt."""
    if case.epochs < 5:
        return "may"
    train, done = case.trace.train_loss, float(case.learnt[-1])
    steady = np.mean(np.diff(train) < 0)
    shown = case.shown("train", "loss")
    if shown is None:
        return "may"
    seen = shown[0] - shown[-case.tail :].mean() >= 5 * roughness(shown)
    last = _falls(train, 0.2)
    yes = done < 0.5 and steady > 0.9 and last >= 0.12 and seen and train[-1] < 0.97 * train[0]
    return between(bool(yes), done < 0.85 and last > 0.04)


def not_learning(case: Case) -> str:
    """Neither the loss nor the accuracy of the training rows ever left the start."""
    if case.epochs < 3:
        return "may"
    most = float(np.nanmax(case.learnt))
    above = float(np.nanmax(case.trace.train_accuracy)) - case.trace.base_rate
    moved = float(np.ptp(case.trace.train_loss)) / case.trace.even_loss
    yes = most < 0.03 and above < 0.04 and moved < 0.03
    return between(yes, most < 0.2 or above < 0.08 or moved < 0.05)


def under_fitting(case: Case) -> str:
    """Training itself ends poorly and moves no more; the held-out rows agree."""
    done, train = float(case.learnt[-case.tail :].mean()), case.trace.train_accuracy[-1]
    poor = done < 0.5 and train < case.reference[1] - 0.15
    stopped = abs(_falls(case.trace.train_loss, 0.4)) < 0.05
    agrees = case.held_accuracy[-1] > train - 0.1
    shown = case.shown("train", "loss") is not None and "train/accuracy" in case.log.series
    yes = poor and stopped and agrees and shown and case.epochs >= 8
    return between(yes, done < 0.85 or train < 0.75)


def too_short(case: Case) -> str:
    return between(case.epochs <= 2, case.epochs < 10)


def bad_start(case: Case) -> str:
    """The first loss is far above that of guessing all classes alike."""
    shown = [v for split in ("train", "validation") if (v := case.shown(split, "loss")) is not None]
    if not shown or case.shows_penalty or case.recipe.train_unit != 1:
        return "may"
    first = max(float(v[0]) for v in shown)
    even, of_train = case.trace.even_loss, float(shown[0][0])
    known = case.told("classes") or of_train > 10
    return between(of_train >= 3 * even and known, first > 1.15 * even)


# -- the two splits ------------------------------------------------------------------------------


def _rise(case: Case) -> tuple[str, str]:
    """Whether the held-out loss turned up for good, and what the accuracy did: both verdicts."""
    shown = case.shown("validation", "loss")
    if shown is None or case.epochs < 4:
        return "no", "unknown"
    best, end = case.best, case.epochs - 1
    change = case.held_loss_change(best, end)
    level = float(case.held_loss[best])
    near = shown[max(0, best - case.tail) : best + case.tail + 1]
    seen = shown[-case.tail :].mean() - near.mean()
    yes = (
        change.up(max(0.10 * level, 0.01 * case.trace.even_loss))
        and seen > max(0.5 * change.by, 4 * roughness(shown))
        and end - best >= 4
    )
    rises = between(yes, change.by > 0.015 * level or shown[-1] > 1.03 * shown.min())
    moved = case.held_accuracy_change(best, end)
    seen_accuracy = case.shown("validation", "accuracy")
    if seen_accuracy is None:
        return rises, "not logged"
    near = seen_accuracy[max(0, best - case.tail) : best + case.tail + 1]
    seen = float(seen_accuracy[-case.tail :].mean() - near.mean())
    if moved.down(0.015, 2.5) and seen < -0.008:
        return rises, "falls"
    holds = moved.by > -0.004 and seen > -0.006
    return rises, "holds" if holds else "unclear"


def _gap(case: Case) -> float:
    """Training accuracy less validation accuracy at the end, as far as both are logged."""
    pair = [case.shown(split, "accuracy") for split in ("train", "validation")]
    if pair[0] is None or pair[1] is None:
        return 0.0
    true = case.trace.train_accuracy[-case.tail :].mean() - case.held_accuracy[-case.tail :].mean()
    return float(min(true, pair[0][-case.tail :].mean() - pair[1][-case.tail :].mean()))


def loss_up_accuracy_up(case: Case) -> str:
    rises, accuracy = _rise(case)
    if accuracy == "holds":
        return rises
    return "may" if rises != "no" and accuracy == "unclear" else "no"


def over_fitting(case: Case) -> str:
    rises, accuracy = _rise(case)
    gap = _gap(case)
    losses = [case.shown(split, "loss") for split in ("train", "validation")]
    apart = losses[0] is not None and losses[1] is not None and losses[1][-1] > 1.3 * losses[0][-1]
    falls = case.trace.train_loss[-1] < case.trace.train_loss[case.best]
    if rises == "yes" and accuracy in ("falls", "not logged") and falls:
        return "yes"
    if gap >= 0.2 and case.epochs >= 10 and case.recipe.flipped < 1:
        return "may" if case.recipe.flipped_validation else "yes"
    return "may" if rises != "no" or gap >= 0.04 or apart else "no"


def label_noise(case: Case) -> str:
    """Wrong labels are learnt by heart while the held-out accuracy falls from its peak."""
    shown = [case.shown(split, "accuracy") for split in ("train", "validation")]
    if shown[0] is None or shown[1] is None or case.epochs < 10:
        return "no" if over_fitting(case) == "no" else "may"
    peak, end = int(case.held_accuracy.argmax()), case.epochs - 1
    fell = case.held_accuracy_change(peak, end).down(0.03)
    climbed = case.trace.train_accuracy[-1] - case.trace.train_accuracy[peak] > 0.05
    injected = 0.15 <= case.recipe.flipped < 1
    unsure = over_fitting(case) != "no" or loss_up_accuracy_up(case) != "no"
    return between(injected and fell and climbed, injected or unsure)


def labels_unrelated(case: Case) -> str:
    """Training is learnt, and the logged validation accuracy stays that of guessing."""
    recipe, seen = case.recipe, case.shown("validation", "accuracy")
    base = max(case.trace.base_rate, float(np.bincount([0]).max()) / case.trace.rows["classes"])
    learns = case.trace.train_accuracy[-1] > base + 0.2 and case.shown("train", "loss") is not None
    wrong = recipe.flipped >= 1 or recipe.flipped_validation >= 1
    if seen is None:
        return "may" if wrong else "no"
    noise = math.sqrt(base * (1 - base) / case.trace.rows["validation"])
    stays = bool(np.all(seen[-case.tail :] < base + 3 * noise))
    return between(
        wrong and learns and stays and case.epochs >= 5,
        wrong or seen[-case.tail :].mean() < base + 0.1,
    )


def splits_differ(case: Case) -> str:
    """A logged validation number is not that of the held-out rows, by a factor of two or more."""
    recipe = case.recipe
    loss, right = case.shown("validation", "loss"), case.shown("validation", "accuracy")
    both = case.shown("train", "loss") is not None and loss is not None
    if loss is None or not both:
        return "no"
    off = np.abs(np.log(loss / case.held_loss))
    one_unit = recipe.validation_unit != recipe.train_unit
    injected = one_unit or recipe.flipped_validation > 0 or recipe.validation_mode == "training"
    # A sum of another size only stands out where the accuracies say that the splits are alike.
    clear = injected and float(np.median(off)) >= math.log(3) and case.epochs >= 3
    train = case.shown("train", "loss")
    assert train is not None
    other_mode = float(np.median(np.abs(np.log(train / case.trace.train_loss)))) >= math.log(1.1)
    unsure = (
        injected or other_mode or float(np.median(off)) >= math.log(1.25) or recipe.leak > 0
        or recipe.dropout or recipe.batch_norm or recipe.label_smoothing or recipe.flipped
    )  # fmt: skip
    return between(bool(clear and right is not None), bool(unsure) or case.shows_penalty)


def too_good(case: Case) -> str:
    """Perfect at once, on rows of which no honest training gets that many right."""
    right, loss = case.shown("validation", "accuracy"), case.shown("validation", "loss")
    if right is None or loss is None:
        return "may" if case.recipe.leak else "no"
    soon = max(3, case.epochs // 5)
    perfect = right[:soon].max() >= 0.999 and loss[:soon].min() < 0.05 * case.trace.even_loss
    injected = case.recipe.leak > 0 and case.reference[2] < 0.98
    return between(injected and bool(perfect), right[:soon].max() >= 0.985 or case.recipe.leak > 0)


def noisy_evaluation(case: Case) -> str:
    """The logged validation numbers jump by much more than the true ones do."""
    right, loss = case.shown("validation", "accuracy"), case.shown("validation", "loss")
    if loss is None:
        return "no"
    if case.epochs < 8:
        return "may" if case.recipe.redraw or case.epochs >= 4 else "no"
    seen = roughness(right) if right is not None else 0.0
    true = roughness(case.held_accuracy)
    yes = right is not None and seen >= 0.025 and seen >= 3 * true
    by_loss = roughness(loss) / max(float(np.median(loss)), 1e-12)
    few = case.trace.rows["validation"] < 150
    return between(yes, seen >= 0.01 or by_loss >= 0.03 or few)


def train_only(case: Case) -> str:
    return "no" if any(name.startswith("validation") for name in case.log.series) else "yes"


# -- loss and accuracy together ------------------------------------------------------------------


def _pairs(case: Case) -> list[tuple[str, np.ndarray, np.ndarray | None]]:
    found = []
    for split in ("train", "validation"):
        loss = case.shown(split, "loss")
        if loss is not None:
            found.append((split, loss, case.shown(split, "accuracy")))
    return found


def loss_impossible(case: Case) -> str:
    """A pair that no predictor can have, under the loss that the reader is told."""
    recipe, worst = case.recipe, 0.0
    classes = case.trace.rows["classes"]
    for split, loss, right in _pairs(case):
        rows = case.trace.rows[split]
        for i, value in enumerate(loss):
            accuracy = None if right is None else min(1.0, float(right[i]) + 0.5 / rows)
            worst = max(worst, impossible_by(recipe.loss, classes, float(value), accuracy))
    told = case.told("loss") and case.told("classes")
    return between(told and worst > 1.25, worst > 1.0 or not told)


def _outside(case: Case) -> list[tuple[str, float, float]]:
    """(split, loss over the greatest calibrated one, loss over the least) at the end."""
    found = []
    classes = case.trace.rows["classes"]
    for split, loss, right in _pairs(case):
        if right is None:
            continue
        rows = case.trace.rows[split]
        error = 1 - float(right[-case.tail :].mean())
        margin = 2 * math.sqrt((error * (1 - error) + 1 / rows) / rows)
        value = float(loss[-case.tail :].mean())
        most = calibrated_band(case.recipe.loss, classes, error + margin)[1]
        least = calibrated_band(case.recipe.loss, classes, max(0.0, error - margin))[0]
        found.append((split, value / max(most, 1e-9), value / max(least, 1e-9)))
    return found


def loss_above_calibrated(case: Case) -> str:
    if case.recipe.loss not in ("log", "brier") or not case.told("loss"):
        return "may"
    above = {split: ratio for split, ratio, _ in _outside(case)}
    yes = above.get("validation", 0.0) > 1.4 and case.told("classes")
    return between(yes, any(ratio > 0.7 for ratio in above.values()))


def loss_below_calibrated(case: Case) -> str:
    if case.recipe.loss not in ("log", "brier") or not case.told("loss"):
        return "may"
    below = {split: ratio for split, _, ratio in _outside(case)}
    yes = below.get("validation", 1.0) < 0.6 and case.told("classes")
    return between(yes, any(ratio < 1.4 for ratio in below.values()))


def _moves(case: Case, loss: np.ndarray, right: np.ndarray, begin: int) -> tuple[float, float]:
    """From an epoch on: how far the accuracy ranges, and by which share the loss changes."""
    ends = max(1, (len(loss) - begin) // 5)
    first, last = loss[begin : begin + ends].mean(), loss[-ends:].mean()
    return float(np.ptp(right[begin:])), float(abs(last - first) / max(first, last, 1e-12))


def accuracy_flat_loss_moves(case: Case) -> str:
    verdict = "no"
    for _, loss, right in _pairs(case):
        if right is None or len(loss) < 5:
            continue
        for share in (0.0, 0.25, 0.5, 0.65):
            begin = int(len(loss) * share)
            ranges, moves = _moves(case, loss, right, begin)
            if ranges <= 0.02 and moves >= 0.08:
                verdict = "may"
            if share == 0.5 and ranges <= 0.006 and moves >= 0.4 and len(loss) >= 12:
                return "yes"
    return verdict


def loss_flat_accuracy_moves(case: Case) -> str:
    verdict = "no"
    for split, loss, right in _pairs(case):
        if right is None or len(loss) < 5:
            continue
        for share in (0.0, 0.25, 0.5, 0.65):
            begin = int(len(loss) * share)
            ranges, _ = _moves(case, loss, right, begin)
            span = float(np.ptp(loss[begin:]) / max(loss[begin:].max(), 1e-12))
            noise = 4 * math.sqrt(0.25 / case.trace.rows[split])
            if span < 0.05 and ranges > 0.02:
                verdict = "may"
            if share == 0.5 and span < 0.01 and ranges > max(0.1, noise) and len(loss) >= 12:
                return "yes"
    return verdict


def accuracy_at_base_rate(case: Case) -> str:
    """One class is predicted for (nearly) all rows, to the end."""
    if not any(name.endswith("accuracy") for name in case.log.series):
        return "may"
    last = case.trace.commonest[len(case.trace.commonest) // 2 :]
    near = case.held_accuracy[-1] < case.trace.base_rate + 0.05
    chance = 1 / case.trace.rows["classes"]
    wrong = case.recipe.flipped >= 1 or case.recipe.flipped_validation >= 1
    stuck = bool(last.min() > 0.999) and case.epochs >= 4
    return between(stuck, bool(near) or wrong or bool(case.held_accuracy[-1] < chance + 0.05))


def loss_at_uniform(case: Case) -> str:
    """The reported loss stays within two hundredths of that of the even guess."""
    even = case.trace.even_loss
    shown = [loss for _, loss, _ in _pairs(case)]
    if not shown:
        return "no"
    near = [float(np.max(np.abs(loss / even - 1))) for loss in shown]
    ends = [float(abs(loss[-1] / even - 1)) for loss in shown]
    stuck = max(near) < 0.02 and not_learning(case) == "yes" and case.told("classes")
    return between(stuck and case.epochs >= 4, min(ends) < 0.12)


# -- the penalty ---------------------------------------------------------------------------------


def penalty_dominates(case: Case) -> str:
    if not case.shows_penalty:
        return "no"
    share = float(case.penalty_share[-case.tail :].mean())
    how, classes = case.recipe.logging.penalty, case.trace.rows["classes"]
    if how == "apart":
        return between(share >= 0.6, share >= 0.35 or float(case.penalty_share.max()) >= 0.5)
    told = case.told("loss") and case.told("classes")
    total = case.objective[-case.tail :].mean()
    proven = told and total > 2 * impossible_ceiling(case.recipe.loss, classes)
    return between(bool(proven and share >= 0.6), share >= 0.2)


def impossible_ceiling(loss: str, classes: int) -> float:
    return {"brier": 2.0, "quadratic": classes / 2}.get(loss, math.inf)


def penalty_grows(case: Case) -> str:
    """The decay has the wrong sign, and the penalty grew by a steady factor for most of the run."""
    recipe, log = case.recipe, case.log.series
    reversed_decay = recipe.decay_factor < 0
    if not reversed_decay:
        return "no"
    if case.epochs < 6 or not np.isfinite(case.trace.penalty).all():
        return "may"
    steps = np.diff(np.log(case.trace.penalty[case.epochs // 3 :]))
    steady = steps.min() > 0.02 and steps.std() < 0.5 * steps.mean()
    apart = "train/penalty" in log
    return between(bool(steady and apart and steps.sum() > math.log(2)), True)


def penalty_other_n(case: Case) -> str:
    recipe, log = case.recipe, case.log.series
    factor = recipe.validation_penalty_factor
    apart = {"train/penalty", "validation/penalty"} <= set(log)
    if factor != 1:
        return between(apart and max(factor, 1 / factor) >= 1.2, True)
    return "may" if recipe.decay_factor not in (0.0, 1.0) else "no"


def penalty_one_split(case: Case) -> str:
    """The training loss is well above the validation loss, by the penalty in it."""
    recipe = case.recipe
    train, held = case.shown("train", "loss"), case.shown("validation", "loss")
    if recipe.logging.penalty != "train" or not recipe.alpha or held is None or train is None:
        return "may" if splits_differ(case) == "yes" else "no"
    pair = [case.shown(split, "accuracy") for split in ("train", "validation")]
    if pair[0] is None or pair[1] is None:
        return "may"
    tail = slice(-max(2, case.tail), None)
    clear = train[tail].mean() > 1.4 * held[tail].mean() and (
        pair[0][tail].mean() > pair[1][tail].mean() - 0.01
    )
    share = float(case.penalty_share[tail].mean())
    return between(clear and share > 0.3 and case.epochs >= 4, True)


def penalty_negligible(case: Case) -> str:
    if "train/penalty" not in case.log.series:
        return "no"
    share = case.penalty_share
    return between(float(np.nanmax(share)) < 3e-4, float(np.nanmin(share)) < 3e-3)


# -- what is logged beside -----------------------------------------------------------------------


def learning_rate_zero(case: Case) -> str:
    rate = case.log.series.get("learning_rate")
    if rate is None:
        return "may" if case.recipe.rate == 0 else "no"
    return between(float(np.mean(rate == 0)) > 0.3, bool((rate == 0).any()))


def learning_rate_out_of_range(case: Case) -> str:
    rate = case.log.series.get("learning_rate")
    if rate is None or not (rate > 0).any():
        return "no" if case.recipe.rate else "may"
    most = float(rate.max())
    return between(most >= 15 or most <= 5e-8, most >= 0.4 or float(rate.min()) <= 2e-6)


def vanishing_gradients(case: Case) -> str:
    norm = case.log.series.get("gradient_norm")
    if norm is None:
        return "may" if case.recipe.kind == "vanishing_gradients" else "no"
    last = float(np.median(norm[len(norm) // 2 :]))
    stuck = float(case.learnt[-1]) < 0.2
    return between(last < 1e-5 and stuck and case.epochs >= 4, last < 0.05)


def exploding_gradients(case: Case) -> str:
    norm = case.log.series.get("gradient_norm")
    if norm is None:
        return "may" if not case.finite or diverging(case) == "yes" else "no"
    usual = float(np.median(norm))
    most = float(norm.max())
    return between(most >= 1e3 or most >= 200 * usual, most >= 10 or most >= 5 * usual)


def update_ratio(case: Case) -> str:
    ratio = case.log.series.get("update_ratio")
    if ratio is None:
        return "no"
    last = float(np.median(ratio[len(ratio) // 2 :]))
    return between(last > 0.3 or 0 <= last < 1e-6, last > 0.03 or last < 1e-4)


def early_warning(case: Case) -> str:
    bad = not case.finite or diverging(case) != "no" or spikes(case) != "no"
    return "may" if bad or exploding_gradients(case) != "no" else "no"


# -- the log -------------------------------------------------------------------------------------


def appended_runs(case: Case) -> str:
    return "yes" if case.recipe.appended else "no"


def final_only(case: Case) -> str:
    return between(case.recipe.logging.format == "wandb_summary", case.epochs == 1)


def not_a_run(case: Case) -> str:
    return "may" if final_only(case) == "yes" else "no"


#: Diagnosis → its judge.
JUDGES: dict[str, Judge] = {
    judge.__name__: judge
    for judge in (
        *(loss_up_accuracy_up, over_fitting, accuracy_flat_loss_moves, loss_flat_accuracy_moves),
        *(loss_impossible, loss_above_calibrated, loss_below_calibrated, accuracy_at_base_rate),
        *(loss_at_uniform, splits_differ, penalty_dominates, penalty_grows, penalty_other_n),
        *(penalty_one_split, penalty_negligible, not_finite, diverging, spikes, oscillating),
        *(plateau, not_learning, too_slow, under_fitting, too_good, noisy_evaluation, too_short),
        *(still_improving, bad_start, learning_rate_zero, learning_rate_out_of_range),
        *(vanishing_gradients, exploding_gradients, update_ratio, early_warning, label_noise),
        *(labels_unrelated, train_only, final_only, not_a_run, appended_runs),
    )
}
