"""The process in which a user's file is imported and audited: ``python -m`` of this module.

It reads what is asked from standard input and writes its answer to a file, so that nothing the
user's code prints can be taken for it.
"""

from __future__ import annotations

import importlib.util
import inspect
import io
import json
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from counterpoint.auditing import audit
from counterpoint.auditing.file import ERROR, FIGURES, PRINTED, TEXT
from counterpoint.data import load_dataset
from counterpoint.errors import InputError
from counterpoint.findings.words import count, listing

#: Hidden units of a network that is made by its sizes where none are given.
HIDDEN = 30


class _Counter(io.TextIOBase):
    """Standard output that counts lines and forgets them."""

    lines = 0

    def write(self, text: str, /) -> int:
        self.lines += text.count("\n")
        return len(text)


def main() -> None:
    """Answer what is asked on standard input."""
    asked = json.loads(sys.stdin.read())
    counter = _Counter()
    sys.stdout = counter
    warnings.simplefilter("ignore")
    told: dict[str, Any]
    try:
        report = _audited(asked)
        told = {TEXT: repr(report), FIGURES: report.to_dict()}
    except InputError as error:
        told = {ERROR: str(error)}
    except (Exception, SystemExit) as error:
        told = {ERROR: _in_one_line(error, asked["path"])}
    answer = Path(asked["answer"])
    answer.write_text(json.dumps({**told, PRINTED: counter.lines}), encoding="utf-8")


def _audited(asked: dict[str, Any]) -> Any:
    X, y = _rows(asked["data"], asked["label"])
    network = _network(asked, X, y)
    return audit(network, X, y, **asked["options"])


def _rows(data: str | None, label: str | None) -> tuple[Any, Any]:
    if data is None:
        return None, None
    dataset = load_dataset(data, label)
    X = np.asarray(dataset.X.toarray() if hasattr(dataset.X, "toarray") else dataset.X)
    # One scale for all: pixels from 0 to 16 would saturate a network that expects 0 to 1.
    largest = float(np.nanmax(np.abs(X), initial=0.0))
    return np.nan_to_num(X) / (largest or 1.0), np.asarray(dataset.y)


def _network(asked: dict[str, Any], X: Any, y: Any) -> Any:
    path = Path(asked["path"]).resolve()
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{asked['path']} can't be imported: it is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    sys.path.insert(0, str(path.parent))
    spec.loader.exec_module(module)
    found: Any = getattr(module, asked["name"], None)
    if found is None:
        there = ", ".join(n for n in vars(module) if not n.startswith("_")) or "nothing"
        raise InputError(f"{asked['path']} has no {asked['name']!r}; it has {there[:200]}.")
    if not callable(found) or not (inspect.isclass(found) or inspect.isroutine(found)):
        return found
    sizes = asked["sizes"]
    if not sizes and X is not None:
        sizes = [X.shape[1], HIDDEN, len(np.unique(y))]
    return _made(found, asked["name"], sizes, said=bool(asked["sizes"]))


def _made(make: Callable[..., Any], name: str, sizes: list[int], *, said: bool) -> Any:
    """What a class or function makes: of sizes as one list, or one by one, where it takes them."""
    needed = _needed(make)
    if not needed:
        return make(sizes) if said else make()
    if not sizes:
        raise InputError(
            f"{name} takes {listing(needed)}: say --sizes 784,30,10, or name a function without "
            "arguments that makes the network."
        )
    if len(needed) == 1:
        return make(sizes)
    if len(needed) == len(sizes):
        return make(*sizes)
    raise InputError(
        f"{name} takes {listing(needed)}, which {count(len(sizes), 'size')} can't fill: name a "
        "function without arguments that makes the network."
    )


def _needed(make: Callable[..., Any]) -> list[str]:
    """Arguments that have no default."""
    try:
        parameters = inspect.signature(make).parameters.values()
    except (TypeError, ValueError):
        return []
    return [
        p.name
        for p in parameters
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]


def _in_one_line(error: BaseException, path: str) -> str:
    """What went wrong in the user's file, and at which line."""
    own = Path(path).resolve()
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == own]
    line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None
    line = line or (frames[-1].lineno if frames else None)
    place = f"{path}, line {line}" if line else path
    return f"{place}: {type(error).__name__}: {str(error)[:300]}"


if __name__ == "__main__":
    main()
