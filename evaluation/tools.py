"""The tools that are judged: Counterpoint, and peers in environments of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import counterpoint as cp
from counterpoint.errors import InputError
from counting import Answer

HERE = Path(__file__).resolve().parent
#: Seconds that a peer gets for all logs together.
PATIENCE = 3600
#: A log, and the facts that its reader is told.
Task = tuple[Path, Mapping[str, Any]]

#: Peer → what it calls a finding → our name for it. What is not listed has no name here.
NAMES: dict[str, dict[str, str]] = {
    "runmedic": {
        "non_finite": "not_finite",
        "divergence": "diverging",
        "loss_spikes": "spikes",
        "overfitting": "over_fitting",
        "no_learning": "not_learning",
        "constant_lr_plateau": "plateau",
        "grad_spikes": "exploding_gradients",
        "val_below_train": "splits_differ",
    },
    "trainproof": {
        "TP-NAN": "not_finite",
        "TP-DIVERGE": "diverging",
        "TP-DEAD-RUN": "not_learning",
        "TP-FLAT": "not_learning",
        "TP-ZERO-LOSS": "too_good",
        "TP-ZERO-LOSS-ONSET": "too_good",
        "TP-OVERFIT": "over_fitting",
        "TP-ZERO-LR": "learning_rate_zero",
        "TP-ZERO-LR-PARTIAL": "learning_rate_zero",
        "TP-GRAD-SPIKE": "exploding_gradients",
        "TP-ZERO-GRAD": "vanishing_gradients",
        "TP-NAN-GRAD": "not_finite",
    },
    "trainspotter": {
        "Diverged (non-finite values)": "not_finite",
        "Diverged (sustained growth)": "diverging",
        "Loss spike": "spikes",
        "Overfitting onset": "over_fitting",
        "Plateau": "plateau",
        "Gradient-norm explosion": "exploding_gradients",
        "Suspiciously low loss early (heuristic)": "too_good",
        "Eval metric too noisy to rank checkpoints": "noisy_evaluation",
    },
    "losslint": {
        "nan_inf": "not_finite",
        "divergence": "diverging",
        "loss_spike": "spikes",
        "overfit_onset": "over_fitting",
        "stagnation": "plateau",
        "step_backtrack": "appended_runs",
    },
}
#: How grave a peer says that a finding is → ours.
LEVELS = {
    **dict.fromkeys(("critical", "error", "FAIL"), "problem"),
    **dict.fromkeys(("warning", "WARN"), "caution"),
}


def counterpoint_answer(path: Path, told: Mapping[str, Any]) -> Answer:
    """What Counterpoint says of all runs in a log."""
    try:
        histories = cp.runs.read(path, **told)
        findings = cp.diagnose(histories).findings
    except InputError:
        return Answer(False, {})
    found: dict[str, str] = {}
    for finding in reversed(findings):  # the gravest first, and so last here
        found[finding.name] = finding.level
    return Answer(True, found)


def counterpoint_answers(tasks: Sequence[Task]) -> list[Answer]:
    return [counterpoint_answer(path, told) for path, told in tasks]


def peer_answers(peer: str, python: Path, paths: Sequence[Path]) -> list[Answer]:
    """What a peer says of each log; it is told nothing, as it has no place for facts."""
    done = subprocess.run(
        [str(python), str(HERE / "peer.py"), peer],
        input="\n".join(map(str, paths)),
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    said = [json.loads(line) for line in done.stdout.splitlines()]
    if len(said) != len(paths):
        raise RuntimeError(f"{peer} answered {len(said)} of {len(paths)} logs")
    return [_translated(peer, each) for each in said]


def _translated(peer: str, said: Mapping[str, Any]) -> Answer:
    names = NAMES[peer]
    found = {
        names[each["name"]]: LEVELS.get(each["level"], "note")
        for each in said["findings"]
        if each["name"] in names
    }
    return Answer(said["read"], found)


def peer_python(peer: str, folder: Path) -> Path:
    """The interpreter of a peer's environment, made if need be."""
    # The benchmark's way of making environments; its folder of scripts is no package.
    sys.path.append(str(HERE.parent / "benchmarks"))
    from environments import interpreter

    return Path(interpreter(peer, folder, HERE / "environments.toml"))
