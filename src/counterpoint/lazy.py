"""Names of a package that are imported when they are first used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(
    package: dict[str, Any], homes: Mapping[str, tuple[str, str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` (PEP 562) of a package whose names come at first use.

    Parameters
    ----------
    package
        Its ``globals()``, which then keep what was imported.
    homes
        Public name → the module that has it and its name there; an empty one is the module itself.

    Examples
    --------
    >>> scope = {"__name__": "shapes"}
    >>> get, listed = lazy_names(scope, {"root": ("math", "sqrt")})
    >>> get("root")(9.0), listed()
    (3.0, ['__name__', 'root'])
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package['__name__']!r} has no attribute {name!r}")
        module, attribute = homes[name]
        home = import_module(module)
        package[name] = getattr(home, attribute) if attribute else home
        return package[name]

    def listed() -> list[str]:
        return sorted({*package, *homes})

    return get, listed
