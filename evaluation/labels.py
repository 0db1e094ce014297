"""Labels of a run: which diagnoses are right, which may be made, and which are wrong.

Each diagnosis has a judge. It gives ``yes`` where the run verifiably shows it in its log, ``no``
where it verifiably does not, and ``may`` between, which counts neither for nor against. Judges go
by what was injected and by the truth of the trace, and they keep a wide margin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from case import Case
from diagnoses import ALSO, APART, DIAGNOSES, EXPECTED, SIGNS_OF_WRECK, WRECKED
from faults import FAULTS
from judges import JUDGES
from judges.course import starts_far_off

#: What the last values alone can show.
SEEN_AT_THE_END = {"final_only", "train_only", "not_finite", "loss_impossible"}


@dataclass(frozen=True)
class Labels:
    """What is right to say of a run.

    Attributes
    ----------
    required
        Diagnosis → others that are as good.
    allowed
        Neither asked for nor wrong. All diagnoses in neither are wrong.
    invisible
        Whether a fault was put in that the log does not show: no diagnosis of it is asked for.
    """

    required: dict[str, tuple[str, ...]]
    allowed: tuple[str, ...]
    invisible: bool


def verdicts_of(case: Case) -> dict[str, str]:
    """Diagnosis → ``yes``, ``may`` or ``no``."""
    with np.errstate(all="ignore"):
        verdicts = {name: judge(case) for name, judge in JUDGES.items()}
    if starts_far_off(case) or any(verdicts[name] == "yes" for name in WRECKED):
        # A wreck shows many signs at once: beside it they are neither asked for nor wrong.
        for name in SIGNS_OF_WRECK:
            wrecked = name in WRECKED and verdicts[name] == "yes"
            verdicts[name] = "yes" if wrecked else "may"
    if verdicts["not_learning"] == "yes":
        # It says already that the end is poor, that nothing moves, and that accuracy is a guess.
        said = ("under_fitting", "plateau", "too_slow", "noisy_evaluation")
        verdicts |= dict.fromkeys(said, "may")
    if verdicts["plateau"] == "yes" and any(
        verdicts[name] != "no"
        for name in ("labels_unrelated", "over_fitting", "loss_up_accuracy_up")
    ):
        # Training went on to somewhere, only not to what is wanted.
        verdicts["plateau"] = "may"
    if case.recipe.flipped_validation or case.recipe.flipped >= 1:
        # Against wrong labels no curve of the held-out rows means what it seems to.
        seen = (
            *(*APART, "loss_above_calibrated", "loss_below_calibrated", "noisy_evaluation"),
            "label_noise",
        )
        verdicts |= dict.fromkeys(seen, "may")
    if verdicts["final_only"] == "yes":
        for name in verdicts.keys() - SEEN_AT_THE_END:
            verdicts[name] = "may"
    return verdicts


def merged(parts: Sequence[dict[str, str]]) -> dict[str, str]:
    """Verdicts of a log with several runs: what is right of any of them may be said."""
    if len(parts) == 1:
        return parts[0]
    found = {}
    for name in parts[0]:
        of_it = {part[name] for part in parts}
        found[name] = of_it.pop() if len(of_it) == 1 else "may"
    return found


def labels_of(cases: Sequence[Case]) -> Labels:
    """Judge the runs of one log on every diagnosis."""
    verdicts = merged([verdicts_of(case) for case in cases])
    required = {name for name, verdict in verdicts.items() if verdict == "yes"}
    allowed = {name for name, verdict in verdicts.items() if verdict == "may"}
    for name in required:
        allowed |= set(ALSO.get(name, ())) - required
    kind = cases[0].recipe.kind
    wrong = {name for name in required if DIAGNOSES[name] != "note"}
    answers = {name: tuple(sorted(ALSO.get(name, ()))) for name in sorted(required)}
    learnt = all(case.finite and case.learnt[-1] > 0.5 for case in cases)
    if not wrong and kind not in FAULTS and cases[0].epochs >= 10 and learnt:
        unsure = {name for name in allowed if DIAGNOSES[name] != "note"}
        answers["nothing_wrong"] = tuple(sorted(unsure))
    elif not any(DIAGNOSES[name] == "problem" for name in required):
        allowed.add("nothing_wrong")
    expected = EXPECTED.get(kind, frozenset())
    return Labels(answers, tuple(sorted(allowed)), bool(expected) and not expected & required)
