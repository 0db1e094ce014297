"""Judges of training beside validation."""

from __future__ import annotations

import math

import numpy as np

from case import Case, around, roughness
from judges.verdict import between
from training import Series


def _rise(case: Case) -> tuple[str, str]:
    """Whether the held-out loss turned up for good, and what the accuracy did: both verdicts."""
    shown = case.shown("validation", "loss")
    if shown is None or case.epochs < 4:
        return "no", "unknown"
    best, end = case.best, case.epochs - 1
    change = case.held_loss_change(best, end)
    level = float(case.held_loss[best])
    half = around(best, case.tail)
    near = slice(best - half, best + half + 1)
    seen = shown[-case.tail :].mean() - shown[near].mean()
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
    seen = float(seen_accuracy[-case.tail :].mean() - seen_accuracy[near].mean())
    # A fall that so few rows make by chance is not in the log: each row that flips counts once.
    flips = float(np.mean(case.trace.held_right[best] != case.trace.held_right[end]))
    by_chance = 2 * math.sqrt(flips / case.trace.rows["validation"])
    if moved.down(0.015, 2.5) and seen < -max(0.008, by_chance):
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
    losses = [case.shown(split, "loss") for split in ("train", "validation")]
    apart = losses[0] is not None and losses[1] is not None and losses[1][-1] > 1.3 * losses[0][-1]
    falls = case.trace.train_loss[-1] < case.trace.train_loss[case.best]
    yes = rises == "yes" and accuracy in ("falls", "not logged") and bool(falls)
    return between(yes, rises != "no" or _gap(case) >= 0.04 or apart)


def _ends_apart(pair: list[Series | None]) -> bool:
    train, validation = pair
    return train is not None and validation is not None and train[-1] > validation[-1] + 0.05


def generalisation_gap(case: Case) -> str:
    """Many more of the training rows are right than of the held-out rows, at the end."""
    gap = _gap(case)
    pair = [case.shown(split, "accuracy") for split in ("train", "validation")]
    wrong = case.recipe.flipped >= 1 or case.recipe.flipped_validation > 0
    clear = gap >= 0.2 and case.epochs >= 10 and not wrong
    unsure = wrong or over_fitting(case) == "yes" or loss_up_accuracy_up(case) == "yes"
    return between(clear, max(gap, _gap_in_losses(case)) >= 0.05 or unsure or _ends_apart(pair))


def _gap_in_losses(case: Case) -> float:
    """The true gap, where the log has of training the loss alone: a small one tells it."""
    right, loss = (case.shown("train", quantity) for quantity in ("accuracy", "loss"))
    if right is not None or loss is None or case.shown("validation", "accuracy") is None:
        return 0.0
    train, held = case.trace.train_accuracy, case.held_accuracy
    return float(train[-case.tail :].mean() - held[-case.tail :].mean())


def label_noise(case: Case) -> str:
    """Wrong labels are learnt by heart while the held-out accuracy falls from its peak."""
    shown = [case.shown(split, "accuracy") for split in ("train", "validation")]
    if shown[0] is None or shown[1] is None or case.epochs < 10:
        return "may" if case.recipe.flipped >= 0.05 else "no"
    peak, end = int(case.held_accuracy.argmax()), case.epochs - 1
    fell = case.held_accuracy_change(peak, end).down(0.03)
    climbed = case.trace.train_accuracy[-1] - case.trace.train_accuracy[peak] > 0.05
    injected = 0.15 <= case.recipe.flipped < 1
    unsure = case.recipe.flipped >= 0.05 or over_fitting(case) == "yes"
    return between(injected and fell and climbed, unsure)


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
        wrong and learns and stays and _shows_chance(case, seen, noise) and case.epochs >= 5,
        wrong or seen[-case.tail :].mean() < base + 0.1,
    )


def _shows_chance(case: Case, seen: Series, noise: float) -> bool:
    """Whether the log shows that an accuracy is no better than guessing.

    The commonest class's share is in no log. One over the classes is, where they are told; and a
    fall shows that the level before it was a guess. Where nobody says how many classes there are,
    chance is seen only where accuracy never rises, and two classes of like size would beat it.
    """
    end = seen[-case.tail :].mean()
    if case.told("classes"):
        even = 1 / case.trace.rows["classes"]
        falls = seen[: max(2, case.epochs // 5)].max() - end > 3 * math.sqrt(2) * noise
        return bool(end < 1.2 * even + noise or falls)
    # Who is not told the rows can't allow for few of them.
    allowed = min(3 * math.sqrt(2) * noise, 0.1)
    return bool(seen.max() < min(seen[0], 0.5) + allowed)


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


def _turns(series: Series) -> float:
    """Share of moves that turn back: a staircase of few rows has none."""
    moves = np.sign(np.diff(series))
    moves = moves[moves != 0]
    return float(np.mean(moves[1:] != moves[:-1])) if len(moves) > 1 else 0.0


def noisy_evaluation(case: Case) -> str:
    """The logged validation numbers jump by much more than the true ones do."""
    right, loss = case.shown("validation", "accuracy"), case.shown("validation", "loss")
    if loss is None:
        return "no"
    if case.epochs < 8:
        return "may" if case.recipe.redraw or case.epochs >= 4 else "no"
    seen = roughness(right) if right is not None else 0.0
    true = roughness(case.held_accuracy)
    yes = right is not None and seen >= 0.025 and seen >= 3 * true and _turns(right) >= 0.3
    by_loss = roughness(loss) / max(float(np.median(loss)), 1e-12)
    few = case.trace.rows["validation"] < 150
    return between(yes, seen >= 0.01 or by_loss >= 0.03 or few)


def train_only(case: Case) -> str:
    return "no" if any(name.startswith("validation") for name in case.log.series) else "yes"
