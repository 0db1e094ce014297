"""Pairs from the quantities of a log line, and in words how each number was read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from counterpoint.errors import InputError
from counterpoint.findings.pairs.pair import Pair
from counterpoint.findings.pairs.units import in_nats
from counterpoint.findings.pairs.words import accuracy_figure
from counterpoint.findings.words import count, listing
from counterpoint.runs.line import Quantity
from counterpoint.runs.names import READ
from counterpoint.theory.proper_losses import PROPER_LOSSES, proper_loss_named


@dataclass(frozen=True)
class Known:
    """What is known beside the line.

    Attributes
    ----------
    n_classes
    loss_name
        None where the names in the line are to say.
    samples, prior
        As in `Pair`.
    """

    n_classes: int
    loss_name: str | None = None
    samples: int | None = None
    prior: tuple[float, ...] | None = None


def pairs_of(
    quantities: Sequence[Quantity], known: Known, line: str = ""
) -> tuple[list[Pair], list[str]]:
    """One pair a split, and how each number was read.

    Parameters
    ----------
    quantities, known
    line
        The whole line, which may name the loss apart from its number.

    Raises
    ------
    InputError
        An accuracy that is no share of anything, or a number that is not finite.
    """
    pairs, notes = [], []
    units = {each: in_nats(each, known.loss_name) for each in quantities}
    turned = {loss: how for loss, how in units.values() if how}
    # A loss that is printed as such is read rather than its perplexity.
    by_split = _by_split(
        sorted((loss for loss, _ in units.values()), key=lambda each: each in turned)
    )
    for split, named in by_split.items():
        # Of a name that stands there several times the last number counts.
        found = list({each.name.lower(): each for each in named}.values())
        losses = [each for each in found if each.quantity == "loss"]
        right = [each for each in found if each.quantity in ("accuracy", "error_rate")]
        loss = _chosen(losses, known.loss_name)
        unread = [each for each in named if each is not loss and each not in right[:1]]
        name, how = _loss_name(loss, known, line, turned)
        # The rows that are counted are those that judge.
        rows = None if split == "train" and len(by_split) > 1 else known.samples
        share, rounding, samples, how_right = _accuracy(right[0] if right else None, rows)
        if loss is not None and not math.isfinite(loss.value):
            notes.append(f"{loss.name} is {loss.text}: not a number to read, training broke down.")
            continue
        pairs.append(
            Pair(
                loss_name=name,
                n_classes=known.n_classes,
                loss=None if loss is None else loss.value,
                accuracy=share,
                split=split,
                samples=samples,
                prior=known.prior,
                loss_rounding=0.0 if loss is None else loss.half_unit,
                accuracy_rounding=rounding,
            )
        )
        notes += [f"{_of(split)}{each}" for each in (how, how_right, _left_out(unread)) if each]
    return pairs, notes


def _by_split(quantities: Iterable[Quantity]) -> dict[str, list[Quantity]]:
    """Losses and accuracies by split; those of no named split belong to training, or to one."""
    found: dict[str, list[Quantity]] = {}
    for each in quantities:
        if each.quantity in READ:
            found.setdefault(each.split, []).append(each)
    if "" in found and len(found) > 1:
        home = _home(found)
        found.setdefault(home, []).extend(found.pop(""))
    return dict(sorted(found.items(), key=lambda item: item[0] == "train"))


def _home(found: dict[str, list[Quantity]]) -> str:
    """Where numbers without a split belong, beside some that have one.

    Keras prints training numbers without a prefix. fastai prints ``train_loss valid_loss
    accuracy``, and that accuracy is of the validation rows.
    """
    has_loss = any(each.quantity == "loss" for each in found[""])
    if "train" in found and not has_loss:
        others = [split for split in found if split not in ("", "train")]
        return others[0] if others else "train"
    return "train"


def _chosen(losses: Sequence[Quantity], loss_name: str | None) -> Quantity | None:
    """The loss to read: one that is named as asked for, else one with a name of its own."""
    wanted = [PROPER_LOSSES[loss_name].written] if loss_name else []
    for pattern in (*wanted, *(kind.written for kind in PROPER_LOSSES.values())):
        for each in losses:
            if re.search(pattern, each.name, re.IGNORECASE):
                return each
    return losses[0] if losses else None


def _loss_name(
    loss: Quantity | None, known: Known, line: str, turned: Mapping[Quantity, str]
) -> tuple[str, str]:
    """Which loss a number is, and how that was read; ``turned`` has those in other units."""
    if loss is None:
        return known.loss_name or "log", ""
    name = known.loss_name or loss_named_in(loss.name) or loss_named_in(line, whole_words=True)
    taken = f"{loss.name} {loss.text}" if loss.text not in loss.name else loss.name
    if name == "bce" and known.n_classes == 2:
        return "log", f"{taken}: binary cross-entropy of one output, which is log loss"
    label = proper_loss_named(name or "log").label
    if loss in turned:
        return name or "log", f"{taken}: {label} {turned[loss]}"
    assumed = "" if name else ", natural logarithm (--loss names another)"
    return name or "log", f"{taken}: {label}{assumed}"


def loss_named_in(text: str, whole_words: bool = False) -> str | None:
    """The loss whose name stands in a text; the longest match where several do."""
    edge = r"\b" if whole_words else ""
    found = [
        (len(match[0]), name)
        for name, kind in PROPER_LOSSES.items()
        if (match := re.search(f"{edge}(?:{kind.written}){edge}", text, re.IGNORECASE))
    ]
    return max(found)[1] if found else None


def _accuracy(
    found: Quantity | None, samples: int | None
) -> tuple[float | None, float, int | None, str]:
    """Accuracy as a fraction, how far it is rounded, rows where counted, and how it was read."""
    if found is None:
        return None, 0.0, samples, ""
    value, rounding, text = found.value, found.half_unit, f"{found.name} {found.text}"
    rows = samples
    if found.total is not None:
        rows = found.total
        how = f"{text}: a count of {count(found.total, 'row')}"
        if samples not in (None, rows):
            raise InputError(
                f"{text} is a count of {count(rows, 'row')}, and --samples says {samples:,}; drop "
                "one."
            )
    elif "%" in found.text + found.name:
        how = f"{text}: a percentage"
    elif value > 1.0 and samples is not None and value.is_integer() and 100 < value <= samples:
        value, rounding, how = value / samples, 0.0, f"{text}: a count of {count(samples, 'row')}"
    elif 1.0 < value <= 100.0:
        value, rounding, how = value / 100.0, rounding / 100.0, f"{text}: a percentage"
    else:
        how = f"{text}: a fraction"
    if not 0.0 <= value <= 1.0:  # NaN too
        raise InputError(
            f"{text} is no accuracy: write a fraction such as 0.78, a percentage such as 78%, or a "
            "count such as 7498/10000."
        )
    if value in (0.0, 1.0) and rounding >= 0.05:
        rounding = 0.0  # "1" and "1.0" are exact more often than rounded
    if found.quantity == "error_rate":
        value = 1.0 - value
        how += f" of errors, so accuracy {accuracy_figure(value)}"
    return value, rounding, rows, how + _uneven(value, rounding, rows)


def _uneven(value: float, rounding: float, rows: int | None) -> str:
    """A remark where no number of right rows gives this accuracy."""
    if rows is None or abs(round(value * rows) / rows - value) <= rounding + 1e-9:
        return ""
    nearest = accuracy_figure(round(value * rows) / rows)
    return (
        f"; no count of {count(rows, 'row')} gives it (nearest: {nearest}), so there are other "
        "rows, weights, or a mean over batches"
    )


def _left_out(unread: Sequence[Quantity]) -> str:
    listed = listing([f"{each.name} {each.text}" for each in unread])
    return f"left out: {listed} (one loss and one accuracy are read)" if unread else ""


def _of(split: str) -> str:
    return f"{split}: " if split else ""
