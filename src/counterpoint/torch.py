"""Counterpoint beside a PyTorch loop of one's own.

Needs PyTorch (``pip install 'counterpoint[torch]'``), which is imported at first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    if name in _HOMES:
        from counterpoint.nets import check_torch

        check_torch()
    return _get(name)


__all__ = ["audit", "watch"]
