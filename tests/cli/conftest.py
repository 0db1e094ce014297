"""The command as a person runs it, and small tables to run it on."""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest

from counterpoint.cli import main


@dataclass(frozen=True)
class Run:
    status: int
    out: str
    err: str


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run `counterpoint ARGUMENTS` in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    threshold = gc.get_threshold()

    def command(*arguments):
        monkeypatch.setattr(sys, "argv", ["counterpoint", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Run(ended.value.code or 0, captured.out, captured.err)

    yield command
    gc.set_threshold(*threshold)


@pytest.fixture
def frame() -> pl.DataFrame:
    """60 rows of four numbers and a class `y`, yes or no."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 4)).round(3)
    says_yes = X[:, 0] - X[:, 1] + rng.normal(size=60) > 0
    return pl.DataFrame(X, schema=list("abcd")).with_columns(
        y=pl.Series(np.where(says_yes, "yes", "no"))
    )


@pytest.fixture
def table(frame, tmp_path):
    path = tmp_path / "table.csv"
    frame.write_csv(path)
    return path
