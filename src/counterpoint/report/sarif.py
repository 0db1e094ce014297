"""Findings in SARIF 2.1.0 (OASIS 2020), the form in which code hosts and editors take results."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from counterpoint.findings.finding import Finding
from counterpoint.runs.history import History

_LEVELS = {"problem": "error", "caution": "warning", "note": "note"}


def sarif(runs: Sequence[tuple[History, Sequence[Finding]]]) -> str:
    """One SARIF run with a result a finding.

    Examples
    --------
    >>> found = Finding("diverging", "problem", "It diverges", "Why", {})
    >>> text = sarif([(History.of_points([], name="a.csv"), [found])])
    >>> json.loads(text)["runs"][0]["results"][0]["level"]
    'error'
    """
    names = sorted({finding.name for _, findings in runs for finding in findings})
    report = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Counterpoint",
                        "version": version("counterpoint"),
                        "rules": [{"id": name} for name in names],
                    }
                },
                "results": [
                    _result(history, finding, names.index(finding.name))
                    for history, findings in runs
                    for finding in findings
                ],
            }
        ],
    }
    return json.dumps(report, allow_nan=False)


def _result(history: History, finding: Finding, rule: int) -> dict[str, Any]:
    parts = (finding.title + ".", finding.explanation, finding.remedy, finding.doubt)
    result: dict[str, Any] = {
        "ruleId": finding.name,
        "ruleIndex": rule,
        "level": _LEVELS[finding.level],
        "message": {"text": " ".join(filter(None, parts))},
        "properties": {"run": history.name, "since": finding.since, "sure": finding.sure},
    }
    if history.source:
        place = {"artifactLocation": {"uri": history.source.replace("\\", "/")}}
        result["locations"] = [{"physicalLocation": place}]
    return result
