"""The branch of the reader that judges claims: layers of its own above one of the reader's, and a head.

It begins as the reader's own upper layers and third head, taken back from the bytes of `model.onnx`, and is taught on
what the layer below gives. So it learns without another pass through the whole model, and reading stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from training.quantisation import weights_of

if TYPE_CHECKING:
    from pathlib import Path

WIDTH, HEADS, INNER = 384, 12, 1536
FIRST, LAST = 6, 12
"""The layers, counted from 0, that the branch has in place of the reader's."""


class Branch(nn.Module):
    """From states of layer `FIRST`, (inputs, subwords, WIDTH), and a mask, (inputs, subwords), to logits, (inputs,)."""

    def __init__(self, layers: int = LAST - FIRST) -> None:
        super().__init__()
        from transformers import BertConfig
        from transformers.models.bert.modeling_bert import BertLayer

        config = BertConfig(
            hidden_size=WIDTH,
            num_attention_heads=HEADS,
            intermediate_size=INNER,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        config._attn_implementation = "eager"  # noqa: SLF001 - as `from_pretrained` sets it
        self.layers = nn.ModuleList(BertLayer(config) for _ in range(layers))  # type: ignore[no-untyped-call]
        self.head = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, 1))

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The logits."""
        hidden = (1.0 - mask[:, None, None, :].to(states.dtype)) * -1e4
        for layer in self.layers:
            given = layer(states, hidden)
            states = given[0] if isinstance(given, tuple) else given
        logits: torch.Tensor = self.head(states[:, 0]).squeeze(-1)
        return logits


def from_reader(path: Path) -> Branch:
    """The branch as the reader's file has it."""
    weights, plain = weights_of(path)
    branch = Branch()
    with torch.no_grad():
        for number, layer in enumerate(branch.layers, FIRST):
            prefix = f"encoder.encoder.layer.{number}."
            for name, part in layer.named_modules():
                if isinstance(part, nn.Linear):
                    part.bias.copy_(torch.tensor(plain[f"{prefix}{name}.bias"]))
                    part.weight.copy_(torch.tensor(weights[f"{prefix}{name}.bias"]).T)
                elif isinstance(part, nn.LayerNorm):
                    part.weight.copy_(torch.tensor(plain[f"{prefix}{name}.weight"]))
                    part.bias.copy_(torch.tensor(plain[f"{prefix}{name}.bias"]))
        for place in (0, 2):
            part = branch.head[place]
            part.bias.copy_(torch.tensor(plain[f"supports.{place}.bias"]).reshape(-1))  # type: ignore[operator]
            part.weight.copy_(torch.tensor(weights[f"supports.{place}.bias"]).T)  # type: ignore[operator]
    return branch
