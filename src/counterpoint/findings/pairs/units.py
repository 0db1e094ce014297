"""Losses that are printed in another unit than nats: in bits, or as a perplexity."""

from __future__ import annotations

import math
from dataclasses import replace

from counterpoint.errors import InputError
from counterpoint.findings.words import figure
from counterpoint.runs.line import Quantity
from counterpoint.runs.names import meaning_of, words_of

#: Losses that are logarithms.
LOGARITHMIC = ("log", "bce")


def in_nats(found: Quantity, loss_name: str | None) -> tuple[Quantity, str]:
    """A logarithmic loss in nats, and what it is there; others as they are.

    Parameters
    ----------
    found
    loss_name
        Which loss is asked for; None where the line is to say.

    Raises
    ------
    InputError
        A perplexity that is not positive.

    Examples
    --------
    >>> loss, how = in_nats(Quantity("val_ppl", "ppl", "validation", 12.3, "12.3", 0.05), None)
    >>> loss.quantity, round(loss.value, 3), how
    ('loss', 2.51, '2.51, its natural logarithm')
    """
    if loss_name not in (None, *LOGARITHMIC):
        return found, ""
    words = words_of(found.name)
    if found.quantity in ("perplexity", "ppl"):
        if found.value <= 0.0:
            raise InputError(f"{found.name} is {found.text}: a perplexity is 1 or more.")
        value = math.log(found.value)
        how = f"{figure(value)}, its natural logarithm"
        half_unit = found.half_unit / found.value
    elif "bits" in words_of(found.text) or "bits" in words:
        name = " ".join(word for word in words if word != "bits")
        if meaning_of(name).quantity != "loss":
            return found, ""
        factor = math.log(2.0)
        value, half_unit = found.value * factor, found.half_unit * factor
        how = f"{figure(value)} with natural logarithms, {figure(found.value)} in bits"
    else:
        return found, ""
    return replace(found, quantity="loss", value=value, half_unit=half_unit), how
