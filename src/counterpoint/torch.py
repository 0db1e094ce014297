"""Counterpoint beside a PyTorch loop of one's own.

Needs PyTorch (``pip install torch``), which is imported at first use.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from counterpoint.errors import InputError
from counterpoint.lazy import lazy_names

if TYPE_CHECKING:
    from counterpoint.auditing.torch import audit
    from counterpoint.hooks.torch import watch

_HOMES = {
    "audit": ("counterpoint.auditing.torch", "audit"),
    "watch": ("counterpoint.hooks.torch", "watch"),
}

_get, __dir__ = lazy_names(globals(), _HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES and importlib.util.find_spec("torch") is None:
        raise InputError(
            "counterpoint.torch needs PyTorch, which is not installed: pip install torch."
        )
    return _get(name)


__all__ = ["audit", "watch"]
