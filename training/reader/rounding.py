"""Weights rounded to bytes so that what a layer gives changes least, not each weight by itself.

A weight's rounding error is made good by the weights of its row that are not rounded yet, as far as the layer's inputs
go together (GPTQ; Frantar et al., 2023). A network that was taught further from a file of bytes needs it: its weights
lie so near those of the file that rounding each by itself would undo what was learnt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Iterable

LEVELS = 64
"""Steps to either side of zero: seven bits, as onnxruntime has them with `reduce_range`."""

_DAMPING = 0.01  # of the mean of the inputs' squares


def round_weights(
    network: nn.Module, given: Iterable[tuple[torch.Tensor, torch.Tensor]], *, within: str = "encoder."
) -> None:
    """Round the weights of the products of one part in place; what the network is `given` shows what these are."""
    layers = {
        name: layer
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Linear) and name.startswith(within)
    }
    squares = {name: torch.zeros(layer.in_features, layer.in_features) for name, layer in layers.items()}

    def watching(name: str) -> object:
        def seen(_: nn.Module, given: tuple[torch.Tensor, ...]) -> None:
            rows = given[0].reshape(-1, given[0].shape[-1])
            squares[name] += rows.T @ rows

        return layers[name].register_forward_pre_hook(seen)

    hooks = [watching(name) for name in layers]
    with torch.no_grad():
        for one in given:
            network.eval()(*one)
        for hook in hooks:
            hook.remove()  # type: ignore[attr-defined]
        for name, layer in layers.items():
            layer.weight.copy_(rounded(layer.weight, squares[name]))


def rounded(weights: torch.Tensor, squares: torch.Tensor) -> torch.Tensor:
    """Weights (outputs, inputs) as multiples of the largest of their row / LEVELS; `squares` is X^T X of the inputs."""
    scales = weights.abs().amax(1, keepdim=True).clamp_min(1e-8) / LEVELS
    damped = squares + _DAMPING * squares.diagonal().mean() * torch.eye(len(squares))
    together = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(damped)), upper=True)
    left, steps = weights.clone(), torch.zeros_like(weights)
    for place in range(weights.shape[1]):
        column = left[:, place]
        steps[:, place] = (column / scales[:, 0]).round().clamp(-LEVELS, LEVELS)
        lost = (column - steps[:, place] * scales[:, 0]) / together[place, place]
        left[:, place + 1 :] -= lost[:, None] * together[place, place + 1 :]
    most = weights.abs().argmax(1, keepdim=True)  # stays the largest, from which the scale is taken
    steps.scatter_(1, most, weights.gather(1, most).sign() * LEVELS)
    return steps * scales
