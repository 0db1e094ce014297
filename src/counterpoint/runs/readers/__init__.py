"""One reader a log format. A reader recognises its format from content and gathers its numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from counterpoint.runs.gather import Gatherer
from counterpoint.runs.readers import (
    hugging_face,
    json_curves,
    json_lines,
    mlflow_database,
    mlflow_folder,
    notebook,
    parquet,
    recorded,
    table,
    tensorboard,
    text,
    textbook_json,
    wandb_history,
    wandb_summary,
)
from counterpoint.runs.source import Source


class Reader(Protocol):
    """What a module in this folder has.

    Attributes
    ----------
    name
        What the format is called.
    summary
        Which files these are, for the guide.
    """

    name: str
    summary: str

    def recognises(self, source: Source) -> bool:
        """Whether a file is of this format, from its content."""

    def read(self, source: Source, gathered: Gatherer) -> None:
        """Hand over every number of it."""


class FolderReader(Protocol):
    """What a module has whose format is a folder."""

    name: str
    summary: str

    def claims(self, folder: Path) -> bool:
        """Whether a folder is one run, or the runs, of this format."""

    def read_folder(self, folder: Path, gathered: Gatherer) -> None:
        """Hand over every number in it."""


#: Most particular first: the first that recognises a file reads it.
READERS: tuple[Reader, ...] = (
    recorded,
    tensorboard,
    wandb_history,
    mlflow_database,
    parquet,
    notebook,
    hugging_face,
    wandb_summary,
    textbook_json,
    json_lines,
    json_curves,
    table,
    text,
)
FOLDERS: tuple[FolderReader, ...] = (recorded, mlflow_folder, wandb_history, tensorboard)
