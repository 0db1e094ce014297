"""Activations of hidden layers: value, derivative, and the spread that weights start with."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor


@dataclass(frozen=True)
class Activation:
    """One activation.

    Attributes
    ----------
    apply
        a = f(z).
    backward
        (dloss/da, z, a) to dloss/dz.
    gain
        Weights into such a layer start normal, with mean 0 and deviation gain / sqrt(inputs).
    module
        The layer of plain PyTorch that does the same.
    """

    apply: Callable[[Tensor], Tensor]
    backward: Callable[[Tensor, Tensor, Tensor], Tensor]
    gain: float
    module: type[torch.nn.Module]


_aten = torch.ops.aten

# Gains: 1 for sigmoid and tanh (LeCun and others 1998, Efficient BackProp), sqrt(2) for ReLU (He
# and others 2015, doi:10.1109/ICCV.2015.123) and for GELU, which is nearly ReLU.
ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        "sigmoid": Activation(
            torch.sigmoid,
            lambda grad, z, a: _aten.sigmoid_backward(grad, a),
            1.0,
            torch.nn.Sigmoid,
        ),
        "tanh": Activation(
            torch.tanh, lambda grad, z, a: _aten.tanh_backward(grad, a), 1.0, torch.nn.Tanh
        ),
        "relu": Activation(
            torch.relu,
            lambda grad, z, a: _aten.threshold_backward(grad, a, 0),
            math.sqrt(2.0),
            torch.nn.ReLU,
        ),
        "gelu": Activation(
            torch.nn.functional.gelu,
            lambda grad, z, a: _aten.gelu_backward(grad, z),
            math.sqrt(2.0),
            torch.nn.GELU,
        ),
    }
)
