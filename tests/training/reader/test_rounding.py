from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
rounding = pytest.importorskip("training.reader.rounding")


def test_what_a_layer_gives_changes_less_than_where_each_weight_is_rounded_by_itself() -> None:
    """Inputs that go together make good for one another; every weight is a multiple of its row's step."""
    torch.manual_seed(1)
    weights = torch.randn(24, 48)
    inputs = torch.randn(400, 6) @ torch.randn(6, 48) + 0.1 * torch.randn(400, 48)
    steps = weights.abs().amax(1, keepdim=True) / rounding.LEVELS

    found = rounding.rounded(weights, inputs.T @ inputs)

    alone = (weights / steps).round() * steps
    lost, lost_alone = (((one - weights) @ inputs.T).norm() for one in (found, alone))
    assert lost < 0.6 * lost_alone
    assert torch.allclose((found / steps).round() * steps, found, atol=1e-5)
    assert torch.allclose(found.abs().amax(1, keepdim=True), weights.abs().amax(1, keepdim=True))


def test_what_was_learnt_beyond_a_rounded_file_is_not_lost() -> None:
    """Weights that moved by less than half a step would all go back; together they do not."""
    torch.manual_seed(2)
    inputs = torch.randn(600, 8) @ torch.randn(8, 64) + 0.1 * torch.randn(600, 64)
    begun = rounding.rounded(torch.randn(16, 64), inputs.T @ inputs)
    learnt = begun + 0.15 * begun.abs().amax(1, keepdim=True) / rounding.LEVELS * torch.sign(torch.randn(16, 64))

    found = rounding.rounded(learnt, inputs.T @ inputs)

    moved, wanted = (found - begun) @ inputs.T, (learnt - begun) @ inputs.T
    assert (moved - wanted).norm() < 0.7 * wanted.norm()
