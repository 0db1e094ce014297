"""Networks: a population over all penalty strengths at once, with loss and penalty kept apart.

Needs PyTorch (``pip install 'counterpoint[torch]'``), which is imported at first use.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from counterpoint.errors import InputError
from counterpoint.lazy import lazy_names

if TYPE_CHECKING:
    from counterpoint.nets.fitting import fit, fit_module
    from counterpoint.nets.population import Population
    from counterpoint.nets.storage import load

_HOMES = {
    "Population": ("counterpoint.nets.population", "Population"),
    "fit": ("counterpoint.nets.fitting", "fit"),
    "fit_module": ("counterpoint.nets.fitting", "fit_module"),
    "load": ("counterpoint.nets.storage", "load"),
}

_get, __dir__ = lazy_names(globals(), _HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        check_torch()
    return _get(name)


def check_torch() -> None:
    """Refuse to go on without PyTorch.

    Raises
    ------
    InputError
        It is not installed.
    """
    for package in ("torch", "safetensors"):
        if importlib.util.find_spec(package) is None:
            raise InputError(
                f"networks need {package}, which is not installed: "
                "pip install 'counterpoint[torch]'."
            )


__all__ = ["Population", "fit", "fit_module", "load"]
