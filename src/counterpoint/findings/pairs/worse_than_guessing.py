"""A guess that looks at no row would do better, by the loss, by accuracy, or by both.

**When it appears.** The loss is above that of giving every row the classes' shares (the even
guess where the shares are not known), or the accuracy below that of always naming the most
frequent class: by more than rounding and, where the number of rows is known, chance explain.

**What it means.** A loss that is worse than a guess beside an accuracy that is better is not
strange: accuracy asks which class is on top, the loss how sure the model is, and a few very sure
mistakes cost more than many right predictions gain. As probabilities, such predictions are worth
less than the base rates; as a ranking of classes they still help.

**What to do.** Scale the raw scores by one number found on rows set aside (temperature scaling):
it flips no prediction, and brings the loss of a useful model below that of the guess.
"""

from __future__ import annotations

from counterpoint.findings.finding import Finding
from counterpoint.findings.pairs.costs import is_implausible
from counterpoint.findings.pairs.pair import Pair
from counterpoint.findings.pairs.words import accuracy_figure, headed, loss_figure
from counterpoint.findings.words import figure, plain

summary = "A guess that looks at no row would do better."


def find(pair: Pair) -> Finding | None:
    """Compare both numbers with the best guess that looks at no row."""
    # A number that is not this loss says nothing of guesses.
    if pair.whole and (pair.place in ("too low", "too high") or is_implausible(pair)):
        return None
    by_loss = pair.loss is not None and bool(
        pair.loss - pair.loss_rounding - (pair.loss_error or 0.0) > pair.guess
    )
    by_accuracy = pair.accuracy is not None and pair.accuracy_interval[1] < pair.guess_accuracy
    if not (by_loss or by_accuracy):
        return None
    guess = "the even guess" if pair.prior is None else "the base rates"
    sentences = []
    if by_loss:
        sentences.append(
            f"{guess[:1].upper()}{guess[1:]} for every row cost {figure(pair.guess)}"
            if pair.prior
            else f"The even guess for every row costs {figure(pair.guess)}"
        )
        sentences[-1] += f", this model {loss_figure(pair.known_loss)}."
    if by_accuracy:
        naming = "always naming the most frequent class" if pair.prior else "naming any one class"
        sentences.append(
            f"Its accuracy of {accuracy_figure(pair.known_accuracy)} is below the "
            f"{accuracy_figure(pair.guess_accuracy)} of {naming}"
            + (", where the classes are equally frequent." if pair.prior is None else ".")
        )
    if by_loss and pair.accuracy is not None and pair.accuracy_interval[0] > pair.guess_accuracy:
        sentences.append(
            f"It is right more often than {guess} all the same: what is wrong is how sure it is."
        )
    return Finding(
        name="worse_than_guessing",
        level="caution",
        title=headed(pair, f"worse than {guess}, by {_measures(by_loss, by_accuracy)}"),
        explanation=" ".join(sentences),
        evidence={
            "guess_loss": plain(pair.guess),
            "guess_accuracy": plain(pair.guess_accuracy),
            "by_loss": by_loss,
            "by_accuracy": by_accuracy,
        },
        remedy="Scale the raw scores by one number found on rows set aside: no prediction flips."
        if by_loss and not by_accuracy
        else "See whether labels and outputs are in the same order, and whether the classes are as "
        "many as said.",
        doubt="The classes' shares are not known (--prior): on uneven classes a guess does better "
        "than the even one."
        if pair.prior is None
        else "",
    )


def _measures(by_loss: bool, by_accuracy: bool) -> str:
    return " and ".join(["loss"] * by_loss + ["accuracy"] * by_accuracy)
