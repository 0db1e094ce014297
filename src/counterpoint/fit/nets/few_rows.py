"""Products of the first layer with a mini-batch of few rows, in half the time that BLAS takes.

Weights of all members are one matrix of hundreds or thousands of rows; the mini-batch has ten. BLAS
is made for products that are large both ways, and reads and writes the weights once more to shrink
them. Here three rows of weights and five of the mini-batch are worked on at once, which the
compiler turns into fused multiply-adds on registers, and the shrinking is part of the same pass.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Array = npt.NDArray[Any]

#: Rows of a mini-batch up to which this is faster than BLAS: measured on 960 x 784 weights.
MOST_ROWS = 24
#: Multiplications that a thread of its own is worth waking for.
WORTH_A_THREAD = 50_000_000


def suit(x: Tensor) -> bool:
    """Whether a mini-batch (rows, inputs) is small enough, and on the CPU."""
    return bool(x.shape[0] <= MOST_ROWS and x.device.type == "cpu")


def outputs(weight: Tensor, bias: Tensor, x: Tensor) -> Tensor:
    """What a first layer makes of rows that all members share.

    Parameters
    ----------
    weight : tensor (members, outputs, inputs)
    bias : tensor (members, outputs)
    x : tensor (rows, inputs)

    Returns
    -------
    tensor (members, outputs, rows)

    Examples
    --------
    >>> outputs(torch.tensor([[[1.0, 2.0]]]), torch.tensor([[0.5]]), torch.tensor([[1.0, 1.0]]))
    tensor([[[3.5000]]])
    """
    rows = x.numpy()
    members, units, inputs = weight.shape
    w, b = weight.view(-1, inputs).numpy(), bias.view(-1).numpy()
    z = np.empty((len(w), len(rows)), w.dtype)
    _in_parts(len(w), w.size * len(rows), lambda start, stop: _outputs(w, b, rows, z, start, stop))
    return torch.from_numpy(z).view(members, units, -1)


def add_product(
    weight: Tensor, errors: Tensor, x: Tensor, factor: float, keep: Tensor | float
) -> None:
    """weight <- keep * weight + factor * errors @ x for each member, in place.

    Parameters
    ----------
    weight : tensor (members, outputs, inputs)
    errors : tensor (members, outputs, rows)
    x : tensor (rows, inputs)
    factor
    keep : float or tensor (members, 1, 1)

    Examples
    --------
    >>> weight = torch.ones(1, 1, 2)
    >>> add_product(weight, torch.ones(1, 1, 1), torch.tensor([[1.0, 2.0]]), -0.1, 0.5)
    >>> weight
    tensor([[[0.4000, 0.3000]]])
    """
    rows = x.numpy()
    members, units, inputs = weight.shape
    w, e = weight.view(-1, inputs).numpy(), errors.numpy().reshape(-1, len(rows))
    keeps = keep.numpy().ravel() if isinstance(keep, Tensor) else np.full(members, keep, w.dtype)
    times = w.dtype.type(factor)
    _in_parts(
        len(w),
        w.size * len(rows),
        lambda start, stop: _add_product(w, e, rows, times, keeps, units, start, stop),
    )


def _in_parts(rows: int, work: int, function: Callable[[int, int], None]) -> None:
    """Call a function of (start, stop) on ranges that make up all rows.

    What a row becomes does not hang on how many threads there are.
    """
    parts = min(rows, torch.get_num_threads(), work // WORTH_A_THREAD)
    if parts <= 1:
        function(0, rows)
        return
    edges = np.linspace(0, rows, parts + 1).astype(int).tolist()
    with ThreadPoolExecutor(parts) as executor:
        list(executor.map(function, edges[:-1], edges[1:]))


# Rows beyond the last are the last one again: its outputs are then written twice, and in
# `_add_product` it counts with a factor of zero.


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _outputs(w: Array, bias: Array, x: Array, z: Array, start: int, stop: int) -> None:
    end = len(x) - 1
    zero = w.dtype.type(0)
    for r in range(start, stop, 3):
        r1, r2 = min(r + 1, stop - 1), min(r + 2, stop - 1)
        for k in range(0, len(x), 5):
            k1, k2, k3, k4 = min(k + 1, end), min(k + 2, end), min(k + 3, end), min(k + 4, end)
            a0 = a1 = a2 = a3 = a4 = zero
            b0 = b1 = b2 = b3 = b4 = zero
            c0 = c1 = c2 = c3 = c4 = zero
            for j in range(w.shape[1]):
                x0, x1, x2, x3, x4 = x[k, j], x[k1, j], x[k2, j], x[k3, j], x[k4, j]
                a, b, c = w[r, j], w[r1, j], w[r2, j]
                a0 += a * x0
                a1 += a * x1
                a2 += a * x2
                a3 += a * x3
                a4 += a * x4
                b0 += b * x0
                b1 += b * x1
                b2 += b * x2
                b3 += b * x3
                b4 += b * x4
                c0 += c * x0
                c1 += c * x1
                c2 += c * x2
                c3 += c * x3
                c4 += c * x4
            a, b, c = bias[r], bias[r1], bias[r2]
            z[r, k], z[r1, k], z[r2, k] = a + a0, b + b0, c + c0
            z[r, k1], z[r1, k1], z[r2, k1] = a + a1, b + b1, c + c1
            z[r, k2], z[r1, k2], z[r2, k2] = a + a2, b + b2, c + c2
            z[r, k3], z[r1, k3], z[r2, k3] = a + a3, b + b3, c + c3
            z[r, k4], z[r1, k4], z[r2, k4] = a + a4, b + b4, c + c4


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _add_product(
    w: Array, e: Array, x: Array, factor: Any, keep: Array, units: int, start: int, stop: int
) -> None:
    end = len(x) - 1
    zero, one = w.dtype.type(0), w.dtype.type(1)
    for r in range(start, stop, 3):
        r1, r2 = min(r + 1, stop - 1), min(r + 2, stop - 1)
        fa, fb, fc = factor, factor if r1 == r + 1 else zero, factor if r2 == r + 2 else zero
        ka = keep[r // units]
        kb = keep[r1 // units] if r1 == r + 1 else one
        kc = keep[r2 // units] if r2 == r + 2 else one
        for k in range(0, len(x), 5):
            k1, k2, k3, k4 = min(k + 1, end), min(k + 2, end), min(k + 3, end), min(k + 4, end)
            o1, o2 = one if k1 == k + 1 else zero, one if k2 == k + 2 else zero
            o3, o4 = one if k3 == k + 3 else zero, one if k4 == k + 4 else zero
            a0, b0, c0 = fa * e[r, k], fb * e[r1, k], fc * e[r2, k]
            a1, b1, c1 = fa * o1 * e[r, k1], fb * o1 * e[r1, k1], fc * o1 * e[r2, k1]
            a2, b2, c2 = fa * o2 * e[r, k2], fb * o2 * e[r1, k2], fc * o2 * e[r2, k2]
            a3, b3, c3 = fa * o3 * e[r, k3], fb * o3 * e[r1, k3], fc * o3 * e[r2, k3]
            a4, b4, c4 = fa * o4 * e[r, k4], fb * o4 * e[r1, k4], fc * o4 * e[r2, k4]
            for j in range(w.shape[1]):
                x0, x1, x2, x3, x4 = x[k, j], x[k1, j], x[k2, j], x[k3, j], x[k4, j]
                w[r, j] = ka * w[r, j] + (a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3 + a4 * x4)
                w[r1, j] = kb * w[r1, j] + (b0 * x0 + b1 * x1 + b2 * x2 + b3 * x3 + b4 * x4)
                w[r2, j] = kc * w[r2, j] + (c0 * x0 + c1 * x1 + c2 * x2 + c3 * x3 + c4 * x4)
            ka = kb = kc = one
