"""`counterpoint diagnose`: what the log of a training says happened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from counterpoint.cli.ending import AsJson, ends_in_one_line
from counterpoint.cli.logs import Classes, LossName, Meanings, Samples, meanings_in

if TYPE_CHECKING:
    from counterpoint.runs.history import History


@ends_in_one_line
def diagnose(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...", help="Logs, or folders of runs; - reads a pasted log from a pipe."
        ),
    ],
    classes: Classes = None,
    loss: LossName = None,
    samples: Samples = None,
    meanings: Meanings = None,
    as_json: AsJson = False,
    as_sarif: Annotated[
        bool, typer.Option("--sarif", help="Print SARIF 2.1.0 and nothing else.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option(help="Write a page with charts to this file.")
    ] = None,
) -> None:
    """Say what happened in a training, from its log. Status 1 where a finding is a problem."""
    from counterpoint.diagnosis import diagnose as diagnose_runs
    from counterpoint.errors import InputError

    if as_json and as_sarif:
        raise InputError("--json and --sarif both: ask for one of them.")
    if html is not None:
        _check_page(html)
    known = meanings_in(meanings or [])
    histories = [history for path in paths for history in _histories(path, known)]
    found = diagnose_runs(histories, classes=classes, loss=loss, samples=samples)
    if html is not None:
        from counterpoint.report.diagnosis_page import write_diagnosis

        write_diagnosis(html, [(run.history, run.findings) for run in found.runs])
    print(found.to_json() if as_json else found.to_sarif() if as_sarif else found, flush=True)
    raise typer.Exit(found.exit_code)


def _check_page(path: Path) -> None:
    """Refuse to replace what is no page, such as the log itself."""
    from counterpoint.errors import InputError

    if path.is_file() and path.stat().st_size:
        with path.open("rb") as file:
            if file.read(14).lower() != b"<!doctype html":
                raise InputError(f"--html {path} is there, and no page: name another file.")


def _histories(path: str, meanings: dict[str, str]) -> list[History]:
    """Runs of a file or a folder, or of what is pasted."""
    from counterpoint.runs.reading import read

    if path != "-":
        return read(path, map=meanings)
    import sys
    import tempfile

    from counterpoint.errors import InputError

    with tempfile.TemporaryDirectory() as folder:
        pasted = Path(folder) / "pasted"
        pasted.write_bytes(sys.stdin.buffer.read())
        try:
            found = read(pasted, map=meanings)
        except InputError as error:
            raise InputError(str(error).replace(str(pasted), "what was pasted")) from error
    from dataclasses import replace

    return [replace(history, source="") for history in found]
