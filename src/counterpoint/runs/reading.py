"""Reading the log of a training, whatever wrote it: a file, or a folder of runs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from counterpoint.errors import InputError
from counterpoint.runs.facts import Fact, checked_facts
from counterpoint.runs.finish import histories_of
from counterpoint.runs.gather import Gatherer
from counterpoint.runs.history import History, is_saved
from counterpoint.runs.names import SPLITS, Meaning, meaning_of
from counterpoint.runs.readers import FOLDERS, READERS, Reader, text
from counterpoint.runs.source import Source

#: A folder with more files is no folder of runs.
_MOST_FILES = 20_000
#: What Git keeps in the place of a large file.
_POINTER = "version https://git-lfs."
#: Text that lies beside logs and may quote one. It is read where it is named itself.
_NO_LOGS = {".md", ".rst", ".py", ".html", ".yaml", ".yml", ".toml", ".cfg", ".ini", ".sh"}


def read(
    path: str | os.PathLike[str],
    *,
    map: Mapping[str, str] | None = None,
    **facts: Any,
) -> list[History]:
    r"""Read a log, or every log in a folder. The format is recognised from content.

    Parameters
    ----------
    path
        A file or a folder.
    map
        What names mean that the table of names does not know: ``{"my_metric": "val/accuracy"}``.
    **facts
        What the log does not say: ``classes=10``, ``validation_samples=10000`` and so on.

    Returns
    -------
    list of History
        One a run: runs that were appended to one file are apart.

    Raises
    ------
    InputError
        Nothing in it is a log that could be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = Path(folder) / "log.csv"
    ...     _ = log.write_text("epoch,loss,val_loss\n0,2.3,2.2\n1,1.9,2.0\n")
    ...     [history] = read(log)
    >>> history.format, history.series("validation", "loss")["value"].to_list()
    ('Keras CSVLogger', [2.2, 2.0])
    """
    meanings = meanings_of(map or {})
    known = checked_facts(facts)
    where = Path(path)
    if where.is_dir():
        found = _of_all(where, meanings, known)
    else:
        found = read_unit(where, where.name, meanings, known)
    seen = {name.strip().lower() for history in found for name in history.names.values()}
    for name in meanings:
        if name.strip().lower() not in seen:
            found[0] = _noted(found[0], f"map: no number in it is called {name!r}")
    return found


def _noted(history: History, note: str) -> History:
    return replace(history, notes=(*history.notes, note))


def _of_all(
    folder: Path, meanings: Mapping[str, Meaning], facts: Mapping[str, Fact]
) -> list[History]:
    """Every history in a folder."""
    found, refused = _of_folder(folder, folder, meanings, facts)
    if not found:
        if not refused and all(path.is_dir() for path in units(folder)):
            raise InputError(f"{folder} holds no numbers yet: has the training begun?")
        why = f" ({refused[0]})" if refused else ""
        raise InputError(f"{folder} holds no log that could be read{why}: name the log itself.")
    if refused:
        said = f"{len(refused)} other files could not be read, the first: {refused[0]}"
        found[0] = _noted(found[0], said)
    return found


def meanings_of(said: Mapping[str, str]) -> dict[str, Meaning]:
    """What the user says of names, such as ``{"my_metric": "val/accuracy"}``.

    Raises
    ------
    InputError
        It is not a split and a quantity.
    """
    return {name: _meaning(name, each) for name, each in said.items()}


def _meaning(name: str, said: str) -> Meaning:
    """What the user says a name means, such as ``val/accuracy`` or ``loss``."""
    split, _, quantity = said.strip().rpartition("/")
    if quantity and split.lower() in {"", *SPLITS}:
        return Meaning(meaning_of(quantity).quantity, SPLITS.get(split.lower(), ""))
    raise InputError(
        f"{name} is mapped to {said!r}: write a split and a quantity, such as val/accuracy."
    )


def _of_file(
    path: Path, name: str, meanings: Mapping[str, Meaning], facts: Mapping[str, Fact]
) -> list[History]:
    source = Source.of(path, meanings)
    if not source.size:
        raise InputError(f"{path} is empty: has the training begun?")
    if source.text.startswith(_POINTER):
        raise InputError(f"{path} is a pointer of Git LFS: git lfs pull fetches the log itself.")
    reader = reader_of(source)
    if reader is None and not source.text:
        raise InputError(f"{path} is no log that could be recognised: name another file.")
    # Text may begin with pages of something else.
    reader = reader or text
    gathered = Gatherer(meanings)
    try:
        reader.read(source, gathered)
    except InputError as error:
        raise InputError(f"{path} can't be read as {reader.name}: {error}") from error
    found = histories_of(gathered, name, gathered.kind or reader.name, str(path), facts)
    if not found:
        kind = "" if reader is text else f" looks like {reader.name}, but"
        raise InputError(
            f"{path}{kind} holds no number under a known name, such as loss or val_acc: add names, "
            "or explain yours, as in --map 'top1=val/accuracy' (map= in Python)."
        )
    return found


def reader_of(source: Source) -> Reader | None:
    """The reader of a file's format; None where it is none of them."""
    return next((reader for reader in READERS if reader.recognises(source)), None)


def _of_folder(
    folder: Path, root: Path, meanings: Mapping[str, Meaning], facts: Mapping[str, Fact]
) -> tuple[list[History], list[str]]:
    """Histories in a folder, and in words which recognised logs could not be read."""
    found: list[History] = []
    refused: list[str] = []
    for path in units(folder):
        name = path.relative_to(root).as_posix() if path != root else root.resolve().name
        try:
            if path.is_dir() or reader_of(Source.of(path, meanings)):
                found += read_unit(path, name, meanings, facts)
        except InputError as error:
            refused.append(str(error))
    return found, refused


def read_unit(
    path: Path, name: str, meanings: Mapping[str, Meaning], facts: Mapping[str, Fact]
) -> list[History]:
    """Read a file, or a folder that is a run, or the runs, of one format.

    Parameters
    ----------
    path
        One of `units`, or any file.
    name
        What the run is called.
    meanings, facts
        What the user says.

    Raises
    ------
    InputError
        It is no log that could be read.
    """
    if not path.is_dir():
        return _of_file(path, name, meanings, facts)
    if is_saved(path):
        return [History.load(path).with_facts(**facts)]
    reader = next(reader for reader in FOLDERS if reader.claims(path))
    gathered = Gatherer(meanings)
    reader.read_folder(path, gathered)
    return histories_of(gathered, name, gathered.kind or reader.name, str(path), facts)


def units(folder: Path) -> Iterator[Path]:
    """Files that may be logs, and folders that are read as a whole, by name."""
    seen = 0
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        if is_saved(here) or any(reader.claims(here) for reader in FOLDERS):
            yield here
            continue
        try:
            inside = sorted(here.iterdir())
        except OSError:
            continue
        seen += len(inside)
        if seen > _MOST_FILES:
            raise InputError(f"{folder} holds more than {_MOST_FILES:,} files: name fewer.")
        yield from (path for path in inside if path.is_file() and _may_be_log(path))
        # A link may lead back up.
        waiting += [path for path in reversed(inside) if path.is_dir() and not path.is_symlink()]


def _may_be_log(path: Path) -> bool:
    return not path.name.startswith(".") and path.suffix.lower() not in _NO_LOGS
