"""Products with X on an accelerator: its rows held there by PyTorch, everything else as ever.

Only weights, raw scores and their sums travel. So the solvers, certificates and folds are the
same code wherever X lies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from counterpoint.errors import InputError
from counterpoint.fit.design import Design
from counterpoint.fit.rows import Rows

Real = npt.NDArray[Any]  # single or double precision


@dataclass(frozen=True)
class DeviceBlock:
    """One block of X on a device: a tensor (rows, features)."""

    tensor: Any

    def scores(self, weights: Real) -> Real:
        """Weights (k, features) times the block transposed: (k, rows)."""
        return self._fetched(self._sent(weights) @ self.tensor.T)

    def sums(self, r: Real) -> Real:
        """R (k, rows) times the block: (k, features)."""
        return self._fetched(self._sent(r) @ self.tensor)

    def _sent(self, array: Real) -> Any:
        import torch

        return torch.from_numpy(np.ascontiguousarray(array)).to(self.tensor.device)

    @staticmethod
    def _fetched(tensor: Any) -> Real:
        return np.asarray(tensor.cpu().numpy())


def check_device(device: str) -> None:
    """Refuse a device that PyTorch does not have here.

    Raises
    ------
    InputError
        Where PyTorch is missing, or the device is.
    """
    try:
        import torch
    except ImportError:
        raise InputError(
            f"device is {device!r}, which needs PyTorch; install counterpoint[torch], or leave "
            "device out to work on the processor."
        ) from None
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(
            f"device is {device!r}, which PyTorch can't use here ({reason}); leave it out to work "
            "on the processor."
        ) from None


def placed(design: Design, device: str) -> Design:
    """The same data with their products on a device.

    Parameters
    ----------
    device
        PyTorch's name for it, such as ``cuda``.

    Raises
    ------
    InputError
        Where X is sparse, or too large for the device.

    Examples
    --------
    >>> from counterpoint.fit.folds import cross_validation
    >>> from counterpoint.fit.scaling import make_design
    >>> x, y = np.random.default_rng(0).normal(size=(60, 3)), np.arange(60) % 2
    >>> design = make_design(x, cross_validation(y, np.ones(60), 2, 0, np.arange(2)), True)
    >>> v, fold = np.ones((1, 1, 4)), np.array([0])
    >>> there = placed(design, "cpu").scores(v, fold)
    >>> bool(np.allclose(there, design.scores(v, fold)))
    True
    """
    if design.sparse:
        raise InputError("device is for dense data; this table is sparse: leave device out.")
    single = _rows_on(design.single, device)
    double = single if design.single is design.double else _rows_on(design.double, device)
    return replace(design, double=double, single=single)


def _rows_on(rows: Rows, device: str) -> Rows:
    import torch

    def send(at: int) -> DeviceBlock:
        # A mapped or shared array may be read-only, which PyTorch warns of: it is not written to.
        return DeviceBlock(torch.from_numpy(np.array(rows.block(at))).to(device))

    try:
        blocks = [send(at) for at in range(len(rows.parts))]
    except torch.cuda.OutOfMemoryError:
        raise InputError(
            f"the table does not fit the memory of device {device!r}; leave device out to work "
            "on the processor."
        ) from None
    return replace(rows, operand=blocks.__getitem__)
