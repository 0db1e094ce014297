"""Rows that train or judge, as tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor


@dataclass(frozen=True)
class Rows:
    """Rows and their classes.

    Attributes
    ----------
    x : tensor (n, ...)
    label : tensor (n,) of int
    target : tensor (classes, n)
        1 for the row's class, 0 elsewhere.
    """

    x: Tensor
    label: Tensor
    target: Tensor

    def __len__(self) -> int:
        return len(self.x)

    def at(self, index: Tensor | slice) -> Rows:
        """Some of the rows."""
        return Rows(self.x[index], self.label[index], self.target[:, index])


def make_rows(
    x: npt.NDArray[Any],
    label_index: npt.NDArray[np.intp],
    n_classes: int,
    dtype: torch.dtype,
    device: str,
) -> Rows:
    """Rows from arrays (n, ...) and (n,)."""
    label = torch.from_numpy(np.ascontiguousarray(label_index)).to(device)
    # as_tensor would share a read-only array, of which PyTorch warns.
    values = torch.tensor(x, dtype=dtype, device=device)
    target = torch.nn.functional.one_hot(label, n_classes).T.to(dtype).contiguous()
    return Rows(values, label, target)
