"""Writing files so that a crash leaves the old one or the new one, never half."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from counterpoint.errors import InputError

_LISTING = ".counterpoint-files.json"


def write_atomically(path: str | os.PathLike[str], data: bytes | str) -> Path:
    """Write a file under a temporary name beside it, then rename it into place.

    Parameters
    ----------
    path
        Where to. An existing file is replaced.
    data
        What to write; text is written as UTF-8.

    Returns
    -------
    Path
        Where it now is.

    Raises
    ------
    InputError
        The system refuses, for want of room or permission; an existing file stays as it was.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_atomically(Path(folder) / "alpha.txt", "0.01")
    ...     path.name, path.read_text(), len(list(Path(folder).iterdir()))
    ('alpha.txt', '0.01', 1)
    """
    target = Path(path)
    # The same folder is the same file system: only there is a rename one step.
    temporary = target.with_name(f".counterpoint-{secrets.token_hex(8)}.part")
    content = data.encode() if isinstance(data, str) else data
    try:
        try:
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        message = f"{target} can't be written ({_reason(error)}): choose another place."
        raise InputError(message) from error
    return target


def check_writable_folder(path: str | os.PathLike[str]) -> None:
    """Make sure, before long work, that a folder can be made and written. Leaves nothing behind.

    Parameters
    ----------
    path
        The folder, which need not exist yet.

    Raises
    ------
    InputError
        A file stands there or on the way there, or the system refuses to write.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     check_writable_folder(Path(folder) / "new" / "sweep")
    ...     list(Path(folder).iterdir())
    []
    """
    folder = Path(path)
    try:
        standing = next(p for p in (folder, *folder.absolute().parents) if os.path.lexists(p))
        if not standing.is_dir():
            message = f"{folder} can't be a folder: {standing} is a file; choose another folder."
            raise InputError(message)
        # A name that no system takes is refused only when it is looked for.
        with suppress(FileNotFoundError):
            os.lstat(folder)
        with tempfile.TemporaryDirectory(prefix=".counterpoint-", dir=standing):
            pass
    except InputError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        message = f"{folder} can't be written ({_reason(error)}): choose another folder."
        raise InputError(message) from error


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


@contextmanager
def all_or_nothing(folder: Path) -> Iterator[Path]:
    """A folder to write results into, moved to ``folder`` once they are all there.

    What an earlier run wrote there by this function, and this one did not, is taken away; other
    files stay. If the work breaks off, or the disk is full, ``folder`` stays as it was.

    Parameters
    ----------
    folder
        Need not exist yet.

    Raises
    ------
    InputError
        The system refuses to write.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as home:
    ...     with all_or_nothing(Path(home) / "out") as staged:
    ...         _ = write_atomically(staged / "alpha.txt", "0.01")
    ...     sorted(path.name for path in (Path(home) / "out").iterdir())
    ['.counterpoint-files.json', 'alpha.txt']
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=".counterpoint-", dir=folder))
    except OSError as error:
        raise InputError(
            f"{folder} can't be written ({_reason(error)}): choose another."
        ) from error
    try:
        yield staged
        fresh = [path.relative_to(staged) for path in sorted(staged.rglob("*")) if path.is_file()]
        write_atomically(staged / _LISTING, json.dumps([path.as_posix() for path in fresh]))
        for path in _listed(folder) - set(fresh):
            (folder / path).unlink(missing_ok=True)
            with suppress(OSError):  # a folder that holds anything else stays
                (folder / path).parent.rmdir()
        for path in [*fresh, Path(_LISTING)]:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (staged / path).replace(folder / path)
    except OSError as error:
        raise InputError(
            f"{folder} can't be written ({_reason(error)}): choose another."
        ) from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _listed(folder: Path) -> set[Path]:
    """What an earlier run wrote into a folder; nothing where its list is missing or foreign."""
    try:
        names = json.loads((folder / _LISTING).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    paths = {Path(name) for name in names if isinstance(name, str)}
    return {path for path in paths if not path.is_absolute() and ".." not in path.parts}
