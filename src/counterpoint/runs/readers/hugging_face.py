"""What the Trainer of Hugging Face keeps beside each checkpoint."""

from __future__ import annotations

from counterpoint.errors import InputError
from counterpoint.runs.facts import fact_named
from counterpoint.runs.gather import Gatherer
from counterpoint.runs.json_file import load_json
from counterpoint.runs.names import Meaning
from counterpoint.runs.records import Rows, number_of
from counterpoint.runs.source import Source

name = "Hugging Face trainer_state.json"
summary = "`trainer_state.json` of a checkpoint"


def recognises(source: Source) -> bool:
    """Whether it is JSON with a ``log_history``."""
    return source.text.lstrip()[:1] == "{" and '"log_history"' in source.text


def read(source: Source, gathered: Gatherer) -> None:
    """Read every entry of the history."""
    state = load_json(source)
    history = state.get("log_history") if isinstance(state, dict) else None
    if not isinstance(history, list):
        raise InputError("its log_history is no list.")
    gathered.home = "train"
    gathered.facts(
        {fact_named(key): value for key, value in state.items() if fact_named(key) and value}
    )
    rows = Rows(gathered)
    for entry in history:
        if not isinstance(entry, dict):
            gathered.note("an entry of its log_history is damaged and left out")
            continue
        if "train_runtime" in entry:  # The last: its train_loss is the mean over all steps.
            mean = number_of(entry.pop("train_loss", None))[0]
            if mean is not None:
                gathered.point(Meaning("mean_loss", "train"), mean, name="train_loss")
        rows.add(tuple(entry), list(entry.values()))
