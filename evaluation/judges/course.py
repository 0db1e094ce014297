"""Judges of the course of training: how its loss moved."""

from __future__ import annotations

import numpy as np

from case import Case, roughness
from judges.splits import loss_up_accuracy_up, over_fitting
from judges.verdict import between


def not_finite(case: Case) -> str:
    return "no" if case.finite else "yes"


def diverging(case: Case) -> str:
    """The reported training loss ends far above its least, and stays there."""
    shown = case.shown("train", "loss")
    if shown is None or case.epochs < 3:
        return "may"
    true = case.objective
    # Of a loss that swings the least epoch is no level that it ever had.
    least, end = np.nanmin(_levels(true, case.tail)), np.nanmean(true[-case.tail :])
    seen = np.nanmean(shown[-case.tail :]) / max(np.nanmin(shown), 1e-12)
    guess = case.trace.base_loss
    last = true[-max(3, case.tail) :]
    # Without the penalty that grows, a shown loss of next to nothing rises by its last digits.
    high = np.nanmean(shown[-case.tail :]) >= 0.5 * guess
    far = end >= 2 * least and end >= 1.2 * guess and last.min() >= 1.5 * least
    yes = far and seen >= 2 and high
    validation = case.shown("validation", "loss")
    held = 1.0 if validation is None else validation[-1] / max(np.nanmin(validation), 1e-12)
    # Whether a large loss that was there from the first epoch on diverges is a matter of words.
    may = seen >= 1.1 or end >= 1.5 * guess or held >= 2
    return between(bool(yes), bool(may))


def _levels(series: np.ndarray, tail: int) -> np.ndarray:
    """Running medians, of three epochs at least: of as many as tell the end on either side."""
    width = 2 * tail + 1
    return np.median(np.lib.stride_tricks.sliding_window_view(series, width), axis=1)


def spikes(case: Case) -> str:
    """One epoch's training loss stands out from its neighbours, and is made good again."""
    shown = case.shown("train", "loss")
    if shown is None or case.epochs < 8:
        return "no" if case.epochs < 5 else "may"
    at = range(2, len(shown) - 5)
    sides = [(np.median(shown[max(0, i - 3) : i]), np.median(shown[i + 3 : i + 6])) for i in at]
    around = np.array([max(pair) for pair in sides])
    height = shown[2 : len(shown) - 5] - around
    noise = roughness(shown) / 3 + 1e-12
    stands_out = (height > 0.5 * around) & (height > 0.02 * case.trace.even_loss)
    injected = case.recipe.kind == "spikes"
    shows = (height > 3 * noise) & (height > 0.1 * around)
    # What stands out in the last epochs has too few after it to be judged by.
    before = np.array([np.median(shown[i - 3 : i]) for i in range(len(shown) - 5, len(shown))])
    late = bool((shown[-5:] > 1.1 * before + 3 * noise).any())
    validation = case.shown("validation", "loss")
    rough = validation is not None and roughness(validation) > 0.15 * float(np.median(validation))
    return between(injected and bool(stands_out.any()), bool(shows.any()) or late or rough)


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


def _reported(case: Case) -> np.ndarray:
    """The noise-free training loss with the penalty where the logged one holds it."""
    holds = case.recipe.logging.penalty in ("train", "both")
    return case.objective if holds else case.trace.train_loss


def plateau(case: Case) -> str:
    """Learnt something, then neither split's loss moved for the last two fifths."""
    if case.epochs < 10:
        return "no" if case.epochs < 5 else "may"
    both = case.recipe.logging.penalty == "both"
    held_loss = case.held_loss + case.trace.penalty if both else case.held_loss
    train, gains = abs(_falls(_reported(case), 0.4)), _falls(held_loss, 0.4)
    held = abs(gains)
    gained = case.trace.base_loss - case.trace.train_loss.min()
    something = gained >= 0.15 * case.trace.base_loss and _shows_learning(case)
    logged = case.recipe.logging.validation
    slow = train < 0.1 and (held < 0.1 or not logged)
    # Training may go on to learn by heart: where held-out rows gain nothing of it, or lose and the
    # log does not show it, that there is no progress is right to say.
    rises = "yes" in (over_fitting(case), loss_up_accuracy_up(case))
    stands = min(train, held) < 0.01 or (logged and (held < 0.04 or (gains < 0 and not rises)))
    # What leaks is in the log's rows; the truth is measured without, and says nothing of them.
    other = _stands_smoothed(case) or case.recipe.leak > 0
    return between(something and train < 0.01 and held < 0.02, slow or stands or other)


def _stands_smoothed(case: Case) -> bool:
    """Whether a loss of smoothed labels stands in the log: the truth is without smoothing."""
    shown = case.shown("validation", "loss")
    shown = case.shown("train", "loss") if shown is None else shown
    return case.recipe.label_smoothing > 0 and shown is not None and abs(_falls(shown, 0.4)) < 0.04


def _shows_learning(case: Case) -> bool:
    """Whether a loss of the log falls by a twentieth at least from its first point."""
    shown = (case.shown(split, "loss") for split in ("train", "validation"))
    return any(v is not None and v.min() < 0.95 * v[0] for v in shown)


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
    yes = change.down(0.05 * whole) and whole > 0.1 * case.held_loss[0] and seen
    return between(
        yes and case.epochs >= 6, -change.by > 0.01 * whole or shown[-1] <= shown.min() * 1.01
    )


def too_slow(case: Case) -> str:
    """Falls steadily, in a straight line nearly, and the end is far from what can be learnt."""
    if case.epochs < 5:
        return "may"
    train, done = _reported(case), float(case.learnt[-1])
    steady = np.mean(np.diff(train) < 0)
    shown = case.shown("train", "loss")
    if shown is None:
        return "may"
    seen = shown[0] - shown[-case.tail :].mean() >= 5 * roughness(shown)
    # As a share of what a straight line does: of few epochs the last fifth is a part of another
    # size.
    last = _falls(train, 0.2) / _falls(np.arange(case.epochs, 0.0, -1.0), 0.2)
    held = case.shown("validation", "loss")
    # Where other rows get worse from the first epoch on, nobody would ask for larger steps.
    harms = held is not None and held[-case.tail :].mean() > held[0]
    # Who is not told what guessing costs sees that a loss is far from done by what it kept.
    far = case.told("classes") or shown[-1] > 0.5 * shown[0]
    fell = train[-1] < 0.97 * train[0] and steady > 0.9 and seen and not harms
    yes = done < 0.5 and last >= 0.7 and fell and far and case.epochs >= 8
    return between(bool(yes), done < 0.85 and last > 0.25)


def not_learning(case: Case) -> str:
    """Neither the loss nor the accuracy of the training rows ever left the start."""
    if case.epochs < 3:
        return "may"
    most = float(np.nanmax(case.learnt))
    above = float(np.nanmax(case.trace.train_accuracy)) - case.trace.base_rate
    moved = float(np.ptp(case.trace.train_loss)) / case.trace.even_loss
    stands = moved < 1e-3 and most < 0.3  # wherever the first weights were
    yes = stands or (most < 0.03 and above < 0.04 and moved < 0.02)
    return between(yes, most < 0.2 or above < 0.08 or moved < 0.05)


def under_fitting(case: Case) -> str:
    """Training itself ends poorly and moves no more; the held-out rows agree."""
    done, train = float(case.learnt[-case.tail :].mean()), case.trace.train_accuracy[-1]
    poor = done < 0.5 and train < case.reference[1] - 0.15
    stopped = abs(_falls(case.trace.train_loss, 0.4)) < 0.05
    agrees = case.held_accuracy[-1] > train - 0.1
    shown = case.shown("train", "loss") is not None and "train/accuracy" in case.log.series
    # Wrong labels can't be learnt: how far training could have come is then not known.
    clean = case.recipe.flipped < 0.03
    yes = poor and stopped and agrees and shown and clean and case.epochs >= 8
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
    # Who is not told K and the loss can't tell a bad start from a thousand classes, or from the sum
    # of as many sigmoids as there are classes: well above both it is one.
    guesses = max(np.log(1000), case.trace.rows["classes"] * np.log(2))
    known = case.told("classes") or of_train > 5 * guesses
    return between(starts_far_off(case) and known, first > 1.15 * even)


def starts_far_off(case: Case) -> bool:
    """Whether the first loss of a run is far above a guess's, as a wreck's is."""
    shown = [v for split in ("train", "validation") if (v := case.shown(split, "loss")) is not None]
    if not shown or case.shows_penalty or case.recipe.train_unit != 1:
        return False
    # Without an accuracy and untold, the loss may be a regression's, which has no even guess.
    classifies = any(name.endswith("accuracy") for name in case.log.series)
    of_train = float(shown[0][0])
    known = case.told("classes") or (of_train > 10 and classifies)
    return of_train >= 3 * case.trace.even_loss and known
