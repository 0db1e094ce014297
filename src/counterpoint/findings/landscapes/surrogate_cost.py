"""What taking the least loss costs in accuracy, against the best linear classifier there is.

**When it appears.** In every landscape: the model where the loss is least is set against the exact
least 0-1 loss, in the plane that is drawn and over all parameters. The search proves its answer, or
says how far below it the least could still lie.

**What it means.** A loss weighs every row by how far it is from the boundary: one far mistake, or
many rows that are right by little, pull the boundary away from where it makes the fewest mistakes.
Over all functions whatsoever a small excess of the loss means a small excess of errors (Bartlett,
Jordan and McAuliffe 2006, doi 10.1198/016214505000000907): psi(excess errors) is at most the excess
loss. A line or plane is not all functions, so its two minimisers may stay apart however many rows
there are, unless the model is right: then they meet.

**What to do.** These are the rows that were fitted. The exact minimiser follows their noise, too,
and need not do better on others; compare the two on rows held out before preferring it.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.words import count, figure, plain, share, share_of
from counterpoint.objective import loss_named
from counterpoint.theory.excess import excess_error_bound
from counterpoint.theory.landscape import Surface

summary = "How much accuracy the model of least loss gives away to the best linear classifier."


def find(surface: Surface) -> Finding:
    """Set the accuracy where the loss is least against the best, and say how far it is proven."""
    at, best = surface.surrogate, surface.exact
    lost = best.accuracy - at.accuracy
    loss = loss_named(surface.loss_name, 2)
    word = surface.loss_label.split(" (")[0]
    excess = at.loss - surface.any_rule.loss
    allowed = excess_error_bound(loss, max(excess, 0.0))
    told = [
        f"Where the {word} is least ({_at(surface, at.a, at.b)}), it is {figure(at.loss)} and "
        f"accuracy is {share_of(at.accuracy, surface.n)}.",
        f"The best accuracy in this plane is {share_of(best.accuracy, surface.n)} "
        f"({_at(surface, best.a, best.b)}; the {word} there is {figure(best.loss)}). "
        f"{_proof(surface)}",
        f"On {count(surface.n, 'row')} an accuracy has a standard error of "
        f"{figure(surface.standard_error)}.",
        *_ties(surface),
        *_whole(surface),
        f"The least {word} of this model is {figure(excess)} above what the best rule of any kind "
        f"has on these rows. By itself that only keeps its error rate within {share(allowed)} of "
        "that rule's (the psi-bound).",
    ]
    return Finding(
        name="surrogate_cost",
        level="note",
        title=_title(surface, lost, word),
        explanation=" ".join(told),
        evidence={
            "rows": surface.n,
            "loss_at_surrogate": plain(at.loss),
            "accuracy_at_surrogate": plain(at.accuracy),
            "loss_at_exact": plain(best.loss),
            "accuracy_at_exact": plain(best.accuracy),
            "accuracy_lost": plain(lost),
            "standard_error": plain(surface.standard_error),
            "rows_lost": None if surface.weighted else round(lost * surface.n),
            "distance": plain(surface.distance),
            "proven": surface.proven,
            "least_error_proven": plain(surface.lower_bound),
            "best_cuts": len(surface.whole.cuts),
            "accuracy_all_parameters": plain(surface.whole.accuracy),
            "proven_all_parameters": surface.whole.proven,
            "least_error_all_parameters": plain(surface.whole.lower_bound),
            "excess_loss": plain(excess),
            "excess_error_bound": plain(allowed),
        },
        remedy="Don't prefer the exact minimiser for its accuracy here: judge both on rows that "
        "neither was fitted to."
        if lost > 0
        else "",
        doubt="This is about the rows that were fitted. The exact minimiser follows their noise "
        "as well; held-out rows would show what remains of its lead."
        if lost > 0
        else "",
    )


def _title(surface: Surface, lost: float, word: str) -> str:
    if lost <= 1e-12:
        if surface.proven:
            return f"The least {word} is at the best accuracy these two parameters allow"
        return f"Nothing more accurate was found than the model of least {word}"
    if surface.weighted:
        return f"The least {word} gives away {share(lost)} of accuracy on these rows"
    rows = round(lost * surface.n)
    return f"The least {word} gives away {count(rows, 'row')} of {surface.n:,}"


def _at(surface: Surface, a: float, b: float) -> str:
    text = f"{surface.names[0]} {figure(a)}, {surface.names[1]} {figure(b)}"
    if surface.whole.cuts and a:
        text += f": a cut at {figure(-b / a)}"
    return text


def _proof(surface: Surface) -> str:
    if surface.proven:
        return "That is proven: no values of the two do better."
    return (
        "The search ended before it was proven: nothing above an accuracy of "
        f"{share(1.0 - surface.lower_bound)} is possible."
    )


def _ties(surface: Surface) -> list[str]:
    cuts = surface.whole.cuts
    if not cuts:
        return []
    places = [
        "no cut at all: one class for every row"
        if cut.low == float("-inf")
        else f"from {figure(cut.low)} to {figure(cut.high)}"
        + ("" if cut.second_above else f" with {surface.classes[1]} below")
        for cut in cuts[:5]
    ]
    more = f", and {len(cuts) - 5} more" if len(cuts) > 5 else ""
    which = "One cut has" if len(cuts) == 1 else f"{len(cuts)} cuts have"
    return [f"{which} that accuracy: {'; '.join(places)}{more}."]


def _whole(surface: Surface) -> list[str]:
    whole = surface.whole
    if whole.cuts or whole.accuracy <= surface.exact.accuracy + 1e-12:
        return []
    reach = (
        "proven to be the best"
        if whole.proven
        else f"with {share(1.0 - whole.lower_bound)} not yet ruled out"
    )
    return [f"With every parameter free {share_of(whole.accuracy, surface.n)} is reached, {reach}."]
