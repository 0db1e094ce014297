"""What an audit gives back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from counterpoint.findings.finding import Finding
from counterpoint.probes.measured import Measured


@dataclass(frozen=True, repr=False)
class Audit:
    """What a training step does, and what is reported of it. Printed, it is a short report.

    Attributes
    ----------
    findings : tuple of Finding
        What is wrong; empty where nothing is.
    measured : Measured
        Everything that was measured.
    notes : tuple of str
        How each part of the network was found, and what was taken as declared.
    """

    findings: tuple[Finding, ...]
    measured: Measured
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        from counterpoint.report.audit_text import audit_text

        return audit_text(self.measured, self.findings, self.notes)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values; what is infinite or unknown is None."""
        from counterpoint.report.audit_text import audit_figures

        return {
            "read": list(self.notes),
            "step": audit_figures(self.measured),
            "findings": [asdict(finding) for finding in self.findings],
        }

    def to_json(self) -> str:
        """The same as one line of JSON."""
        return json.dumps(self.to_dict(), allow_nan=False)
