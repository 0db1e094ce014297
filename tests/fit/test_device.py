"""Products on a device: the same code path with PyTorch's tensors, here on the processor."""

import numpy as np
import polars as pl
import pytest
from scipy import sparse

import counterpoint as cp
from counterpoint.errors import InputError
from counterpoint.fit import scaling


@pytest.fixture
def data():
    rng = np.random.default_rng(4)
    plain = rng.normal(size=(400, 12))
    return plain * np.geomspace(1e-3, 1e3, 12) + 5.0, plain[:, :3].argmax(axis=1)


@pytest.mark.slow
@pytest.mark.parametrize("single_cells", [scaling.SINGLE_CELLS, 100])
@pytest.mark.parametrize(
    ("loss", "penalty"), [("log", "l2"), ("log", "l1"), ("squared_hinge", "elasticnet")]
)
@pytest.mark.parametrize("gaps", [False, True])
def test_a_device_finds_the_same_certified_fits(
    data, loss, penalty, gaps, single_cells, monkeypatch
):
    monkeypatch.setattr(scaling, "SINGLE_CELLS", single_cells)
    x, y = data
    if gaps:
        blank = np.random.default_rng(1).random(x.shape) < 0.1
        x = pl.DataFrame(x).with_columns(
            pl.when(pl.Series(blank[:, i]))
            .then(None)
            .otherwise(pl.col(f"column_{i}"))
            .alias(f"column_{i}")
            for i in range(12)
        )
    arguments = {"loss": loss, "penalty": penalty, "alphas": np.geomspace(1e-4, 1e-1, 4), "cv": 3}
    here = cp.sweep(x, y, scale="standard", **arguments)
    there = cp.sweep(x, y, scale="standard", device="cpu", **arguments)
    assert (there.gap <= 1e-6 * there.objective).all()
    np.testing.assert_allclose(there.objective, here.objective, rtol=2e-6)
    np.testing.assert_allclose(
        there.fit.held_out.own_loss.mean(axis=1), here.fit.held_out.own_loss.mean(axis=1), rtol=1e-2
    )


def test_products_are_made_by_the_device(data, monkeypatch):
    from counterpoint.fit.device import DeviceBlock

    seen = []
    real = DeviceBlock.scores
    monkeypatch.setattr(
        DeviceBlock, "scores", lambda self, weights: seen.append(1) or real(self, weights)
    )
    x, y = data
    cp.sweep(x, y, alphas=[1e-2], cv=2, device="cpu")
    assert seen


def test_what_no_device_can_do_is_said_in_one_line(data):
    x, y = data
    with pytest.raises(InputError, match=r"device is 'nowhere', which PyTorch can't use here"):
        cp.sweep(x, y, device="nowhere")
    with pytest.raises(InputError, match="device is for dense data"):
        cp.sweep(sparse.csr_array(x), y, device="cpu")
