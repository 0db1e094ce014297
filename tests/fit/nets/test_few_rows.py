"""Products with few rows: PyTorch's own, for every remainder of the blocks."""

from __future__ import annotations

import pytest
import torch

from counterpoint.fit.nets import few_rows


def made(
    members: int, units: int, inputs: int, rows: int, dtype: torch.dtype
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Weights, biases, rows and errors."""
    draw = torch.Generator().manual_seed(members + units + inputs + rows)
    shapes = (members, units, inputs), (members, units), (rows, inputs), (members, units, rows)
    weight, bias, x, errors = (torch.randn(s, dtype=dtype, generator=draw) for s in shapes)
    return weight, bias, x, errors


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 6, 10, 24])
@pytest.mark.parametrize(("members", "units"), [(1, 1), (1, 2), (2, 2), (5, 1), (3, 4)])
def test_they_are_those_of_pytorch(members: int, units: int, rows: int, dtype: torch.dtype) -> None:
    weight, bias, x, errors = made(members, units, 7, rows, dtype)
    found = few_rows.outputs(weight, bias, x)
    torch.testing.assert_close(found, weight @ x.T + bias[:, :, None])
    keep = torch.linspace(0.5, 1.0, members, dtype=dtype)[:, None, None]
    for kept in (keep, 0.9, 1.0):
        moved = weight.clone()
        few_rows.add_product(moved, errors, x, -0.3, kept)
        torch.testing.assert_close(moved, weight * kept - 0.3 * (errors @ x))


def test_large_work_is_shared_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    weight, bias, x, errors = made(6, 5, 11, 10, torch.float32)
    found, moved = few_rows.outputs(weight, bias, x), weight.clone()
    few_rows.add_product(moved, errors, x, -0.3, 0.9)
    monkeypatch.setattr(few_rows, "WORTH_A_THREAD", 700)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    assert torch.equal(few_rows.outputs(weight, bias, x), found)
    few_rows.add_product(weight, errors, x, -0.3, 0.9)
    assert torch.equal(weight, moved)


def test_other_members_do_not_catch_what_is_infinite() -> None:
    weight, bias, x, errors = made(4, 1, 3, 2, torch.float32)
    weight[3] = torch.inf
    errors[3] = torch.nan
    assert few_rows.outputs(weight, bias, x)[:3].isfinite().all()
    few_rows.add_product(weight, errors, x, -0.3, 0.9)
    assert weight[:3].isfinite().all()


def test_they_suit_small_batches_on_the_processor() -> None:
    assert few_rows.suit(torch.empty(24, 2))
    assert not few_rows.suit(torch.empty(25, 2))
    assert not few_rows.suit(torch.empty(2, 2, device="meta"))
