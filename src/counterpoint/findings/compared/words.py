"""What findings about several models have in common: how a difference is written, and why it is."""

from __future__ import annotations

import numpy as np

from counterpoint.findings.words import (
    count,
    figure,
    interval,
    listing,
    p_value,
    plain,
    plain_estimate,
    roughly,
    share,
)
from counterpoint.scores.compared import Compared, Difference, PairScores
from counterpoint.scores.parts import Parts
from counterpoint.scores.scale_direction import BestScale, ScaleDirection

#: Scores in running text.
SCORE_LABELS = {"accuracy": "accuracy", "log_loss": "log loss", "brier": "Brier score"}
LOSSES = ("log_loss", "brier")
#: A multiplier of the logits nearer to 1 than this makes no model over- or under-confident.
SURE = 0.1
#: Half of a 95% interval, in standard errors.
Z = 1.96


def rivals(both: Compared, pair: PairScores) -> tuple[str, str]:
    """Names of the first model and of the one set against it."""
    return both.models[pair.before].name, both.models[pair.after].name


def more_often_right(both: Compared, pair: PairScores) -> tuple[str, str] | None:
    """The model that accuracy prefers and the other; None where it can't tell them apart."""
    accuracy = pair.changes["accuracy"]
    if not accuracy.told_apart:
        return None
    first, second = rivals(both, pair)
    return (second, first) if accuracy.estimate.value > 0 else (first, second)


def better_by_loss(both: Compared, pair: PairScores) -> dict[str, str]:
    """The better model of each loss that tells the two apart."""
    first, second = rivals(both, pair)
    return {
        name: second if pair.changes[name].estimate.value < 0 else first
        for name in LOSSES
        if pair.changes[name].told_apart
    }


def named_scores(names: list[str]) -> str:
    """Scores in running text.

    Examples
    --------
    >>> named_scores(["log_loss", "brier"]), named_scores(["brier"])
    ('log loss and Brier score', 'Brier score')
    """
    return listing([SCORE_LABELS[name] for name in names])


def sentence(both: Compared, pair: PairScores, name: str) -> str:
    """One score of both models, and how far they are apart."""
    first, second = rivals(both, pair)
    write = share if name == "accuracy" else figure
    old, new = (write(float(both.models[i].scores[name].value)) for i in (pair.before, pair.after))
    found = pair.changes[name]
    label = SCORE_LABELS[name][0].upper() + SCORE_LABELS[name][1:]
    test = "McNemar " if found.test == "McNemar" else ""
    return (
        f"{label} is {old} for {first} and {new} for {second}: a change of "
        f"{figure(plain(found.estimate.value))} ({interval(found.estimate)}, "
        f"{test}{p_value(found.p)})."
    )


def flips_sentence(both: Compared, pair: PairScores) -> str:
    """What flipped from the first model to the other."""
    first, second = rivals(both, pair)
    flips = pair.flips
    if flips.b == flips.c == flips.d == 0:
        return f"The predicted classes are the same in all of {count(flips.n, 'row')}."
    others = f", {flips.d:,} are wrong in another way" if len(both.classes) > 2 else ""
    return (
        f"Of {count(flips.n, 'row')}, {flips.b:,} are right with {second} alone and {flips.c:,} "
        f"with {first} alone{others}."
    )


def why(both: Compared, pair: PairScores) -> str:
    """Where a change of log loss comes from: scale or direction, and which part of the score."""
    if pair.study is None:
        return ""
    first, second = rivals(both, pair)
    split = pair.study.split
    sentences = [
        "Multiplying a model's logits by one number flips no prediction and only makes it more or "
        f"less sure: of the change of log loss, {_split(split)}.",
        f"{sureness(first, split.before)}; {sureness(second, split.after)}.",
    ]
    old, new = (both.models[i].study for i in (pair.before, pair.after))
    if old is not None and new is not None:
        sentences.append(
            parts_sentence(first, old.parts["log_loss"], second, new.parts["log_loss"])
        )
    return " ".join(sentences)


def _split(split: ScaleDirection) -> str:
    if split.direction == 0.0:
        return "all is such scale"
    return (
        f"{figure(split.scale)} is such scale and {figure(split.direction)} direction "
        f"({interval(split.direction_interval)})"
    )


def sureness(name: str, scale: BestScale) -> str:
    """What the best multiplier of its logits says of a model.

    Examples
    --------
    >>> sureness("A", BestScale(factor=0.5, loss=0.6, standard_error=0.1))
    'A is over-confident (its log loss is least with the logits times 0.500 ±0.196)'
    >>> sureness("A", BestScale(factor=0.8, loss=0.6, standard_error=0.2))
    'A is about as sure as it should be, as far as these rows tell (multiplier 0.800 ±0.392)'
    """
    if np.isinf(scale.factor):
        return f"{name} is wrong on no row, which can't tell how sure is too sure"
    if scale.factor == 0.0:
        return (
            f"{name} does no better than equal probabilities, whatever its logits are multiplied by"
        )
    known = margin_of(scale)
    if found := misjudged(scale):
        return f"{name} is {found} (its log loss is least with the logits times {known})"
    return (
        f"{name} is about as sure as it should be, as far as these rows tell (multiplier {known})"
    )


def margin_of(scale: BestScale) -> str:
    """The best multiplier, and half of its 95% interval."""
    half = Z * scale.standard_error
    return figure(scale.factor) + (f" ±{figure(half)}" if np.isfinite(half) else "")


def misjudged(scale: BestScale) -> str:
    """Whether a model is over- or under-confident, by more than noise and enough to matter."""
    off = scale.factor - 1.0
    if not abs(off) > max(SURE, Z * scale.standard_error):
        return ""
    return "over-confident" if off < 0.0 else "under-confident"


def parts_sentence(first: str, old: Parts, second: str, new: Parts) -> str:
    """The parts of both models' log loss."""
    return (
        f"In parts, {first} has a miscalibration of {figure(plain(old.miscalibration.value))} "
        f"({interval(old.miscalibration)}) and {second} of "
        f"{figure(plain(new.miscalibration.value))} ({interval(new.miscalibration)}); their "
        f"discrimination is {figure(plain(old.discrimination.value))} and "
        f"{figure(plain(new.discrimination.value))}, of an uncertainty of "
        f"{figure(plain(new.uncertainty.value))}."
    )


def evidence(both: Compared, pair: PairScores) -> dict[str, object]:
    """The numbers, as plain values."""
    first, second = rivals(both, pair)
    out: dict[str, object] = {
        "model": second,
        "against": first,
        "n": both.n,
        "b": pair.flips.b,
        "c": pair.flips.c,
        "d": pair.flips.d,
    }
    for name, found in pair.changes.items():
        out[f"{name}_change"] = {
            **plain_estimate(found.estimate),
            "p": plain(found.p),
            "p_alone": plain(found.p_alone),
            "test": found.test,
            "rows_needed": found.rows_needed,
        }
    if pair.study is not None:
        split = pair.study.split
        out |= {
            "scale_part": plain(split.scale),
            "direction_part": plain(split.direction),
            "best_factors": [plain(split.before.factor), plain(split.after.factor)],
            "miscalibration_change": plain_estimate(pair.study.parts["log_loss"].miscalibration),
            "discrimination_change": plain_estimate(pair.study.parts["log_loss"].discrimination),
        }
    return out


def needed(found: Difference, n: int) -> str:
    """How many rows would show a difference as large as was seen; nothing where it is nil."""
    if found.rows_needed is None:
        return ""
    times = found.rows_needed / n
    more = f", {times:,.1f} times as many" if times >= 1.1 else ""
    return f"about {roughly(found.rows_needed)} rows{more}"
