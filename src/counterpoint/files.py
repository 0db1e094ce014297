"""Writing files so that a crash leaves the old one or the new one, never half."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from counterpoint.errors import InputError


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
