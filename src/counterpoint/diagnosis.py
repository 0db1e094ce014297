"""What the log of a training says happened: every diagnosis tried on a history, or on several."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from counterpoint.errors import InputError
from counterpoint.findings.finding import Finding, Level
from counterpoint.findings.histories import course_of, diagnose_course
from counterpoint.runs.history import History
from counterpoint.theory.proper_losses import proper_loss_named

#: Of the levels the gravest first.
_LEVELS: tuple[Level, ...] = ("problem", "caution", "note")


@dataclass(frozen=True)
class RunDiagnosis:
    """One run and what was found in it.

    Attributes
    ----------
    history
    findings : tuple of Finding
        Problems first.
    """

    history: History
    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Level:
        """The gravest level among the findings."""
        return _gravest(self.findings)


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """What was found in each of several runs. Made by `diagnose`; printed, it is a short report.

    Attributes
    ----------
    runs : tuple of RunDiagnosis
    """

    runs: tuple[RunDiagnosis, ...]

    def __repr__(self) -> str:
        from counterpoint.report.diagnosis_text import diagnosis_text

        return diagnosis_text([(run.history, run.findings) for run in self.runs])

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Those of all runs."""
        return tuple(finding for run in self.runs for finding in run.findings)

    @property
    def severity(self) -> Level:
        """The gravest level among the findings."""
        return _gravest(self.findings)

    @property
    def exit_code(self) -> int:
        """1 where a finding is a problem, else 0."""
        return int(self.severity == "problem")

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values; what is infinite or unknown is None."""
        return {
            "severity": self.severity,
            "runs": [
                {
                    "name": run.history.name,
                    "source": run.history.source,
                    "format": run.history.format,
                    "read": list(run.history.notes),
                    "facts": dict(run.history.facts),
                    "severity": run.severity,
                    "findings": [asdict(finding) for finding in run.findings],
                }
                for run in self.runs
            ],
        }

    def to_json(self) -> str:
        """`to_dict` as one JSON object."""
        return json.dumps(self.to_dict(), allow_nan=False)

    def to_sarif(self) -> str:
        """The findings as SARIF 2.1.0, which code hosts show beside a change.

        Levels are ``error`` for a problem, ``warning`` for a caution, and ``note``.
        """
        from counterpoint.report.sarif import sarif

        return sarif([(run.history, run.findings) for run in self.runs])


def diagnose(
    history: History | Iterable[History],
    *,
    classes: int | None = None,
    loss: str | None = None,
    samples: int | None = None,
) -> Diagnosis:
    """Say what happened in a training, from its log alone.

    Parameters
    ----------
    history
        One, or several as `counterpoint.runs.read` gives them: each is judged by itself.
    classes
        Number of classes, where the log does not say.
    loss
        Which loss the logged one is: ``log`` (cross-entropy), ``brier``, ``squared``, ``bce`` or
        ``quadratic`` (half the squared distance of K sigmoids).
    samples
        Rows that the validation (or test) numbers are over: says what of them is chance.

    Returns
    -------
    Diagnosis
        With findings, problems first.

    Raises
    ------
    InputError
        A loss that is not known, or numbers that can't be.

    Examples
    --------
    >>> costs = [11.94, 16.02, 21.62, 30.96, 45.75, 67.48, 97.56, 133.33, 174.71]
    >>> log = History.of_points([(None, e, "", "loss", cost) for e, cost in enumerate(costs)]
    ...     + [(None, e, "", "accuracy", 0.75) for e in range(9)])
    >>> found = diagnose(log, classes=10, loss="quadratic")
    >>> found.exit_code, found.findings[0].name
    (1, 'penalty_grows')
    """
    if loss is not None:
        proper_loss_named(loss)
    histories = [history] if isinstance(history, History) else list(history)
    known: dict[str, Any] = {"classes": classes, "loss": loss}
    runs = []
    for each in histories:
        if not isinstance(each, History):
            raise InputError(f"diagnose takes histories, not {each!r}: read the log first.")
        rows = {} if samples is None else dict.fromkeys(_judging(each), samples)
        own = each.with_facts(**{**known, **rows})
        runs.append(RunDiagnosis(own, diagnose_course(course_of(own))))
    if not runs:
        raise InputError("there is no run to diagnose.")
    return Diagnosis(tuple(runs))


def _judging(history: History) -> list[str]:
    """Facts that hold the number of the rows that judge."""
    splits = [split for split in ("validation", "test") if split in history.quantities()]
    return [f"{split}_samples" for split in splits or ["validation"]]


def _gravest(findings: Iterable[Finding]) -> Level:
    levels = {finding.level for finding in findings}
    return next((level for level in _LEVELS if level in levels), "note")
