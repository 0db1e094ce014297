"""Environments of the peers: made by pip when first asked for, and kept."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
DEFAULT_FOLDER = HERE / ".environments"
LISTED = HERE / "environments.toml"
#: Seconds that making one may take.
PATIENCE = 900


class NoEnvironment(Exception):
    """It could not be made; the message says why."""


def interpreter(name: str | None, folder: Path, listed: Path = LISTED) -> Path:
    """The Python that runs contestants of that environment, made if need be."""
    if name is None:
        return Path(sys.executable)
    wanted = tomllib.loads(listed.read_text())[name]
    home = folder / name
    python, made = home / "bin" / "python", home / "made-of.txt"
    if made.is_file() and made.read_text() == "\n".join(wanted):
        return python
    print(f"  making the environment of {name}", flush=True)
    _run([sys.executable, "-m", "venv", "--clear", str(home)], name)
    _run([str(python), "-m", "pip", "install", "--quiet", *wanted], name)
    made.write_text("\n".join(wanted))
    return python


def _run(command: list[str], name: str) -> None:
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise NoEnvironment(f"missing: {name} was not installed in {PATIENCE} s") from None
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        reason = errors[-1] if errors else f"pip ended with {done.returncode}"
        raise NoEnvironment(f"missing: {name} can't be installed ({reason})")
