"""The branch of the reader that judges claims: layers of its own above one of the reader's, and a head.

It begins as the branch that is in place, taken back from the bytes of its file; layers that this lacks are the reader's
own. It is taught on what the layer below gives, so that reading stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from bot.answering.reader import BRANCH_LAYER, BUILT_IN, CLAIMS
from training.quantisation import weights_of

if TYPE_CHECKING:
    from collections.abc import Mapping

WIDTH, HEADS, INNER = 384, 12, 1536
FIRST, LAST = BRANCH_LAYER, 12
"""The layers, counted from 0, that the branch has in place of the reader's."""

_DROPPED = 0.1  # of what each layer gives, while it learns


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
            hidden_dropout_prob=_DROPPED,
            attention_probs_dropout_prob=0.0,
        )
        config._attn_implementation = "eager"  # noqa: SLF001 - as `from_pretrained` sets it
        self.layers = nn.ModuleList(BertLayer(config) for _ in range(layers))  # type: ignore[no-untyped-call]
        self.head = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, 1))

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The logits."""
        kind = next(self.layers.parameters()).dtype  # bfloat16 while it learns, where the processor multiplies that
        hidden = ((1.0 - mask[:, None, None, :].float()) * -1e4).to(kind)
        states = states.to(kind)
        for layer in self.layers:
            given = layer(states, hidden)
            states = given[0] if isinstance(given, tuple) else given
        logits: torch.Tensor = self.head(states[:, 0].float()).squeeze(-1)
        return logits


def begun() -> Branch:
    """The branch in place, over as many of the reader's own layers as it lacks."""
    branch, (weights, plain) = Branch(), weights_of(BUILT_IN / "model.onnx")
    for number, layer in enumerate(branch.layers, FIRST):
        _fill(layer, f"encoder.encoder.layer.{number}.", weights, plain)
    weights, plain = weights_of(CLAIMS / "model.onnx")
    held = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("layers."))
    for number, layer in enumerate(branch.layers[-held:]):
        _fill(layer, f"layers.{number}.", weights, plain)
    _fill(branch.head, "head.", weights, plain)
    return branch


@torch.no_grad()
def _fill(module: nn.Module, prefix: str, weights: Mapping[str, Any], plain: Mapping[str, Any]) -> None:
    """Set the parts of a module from a file's products, each named by its bias, and from what is no product."""
    for name, part in module.named_modules():
        if isinstance(part, nn.Linear):
            bias = f"{prefix}{name}.bias"
            part.bias.copy_(torch.tensor(plain[bias]).reshape(-1))
            part.weight.copy_(torch.tensor(weights[bias]).T)
        elif isinstance(part, nn.LayerNorm):
            part.bias.copy_(torch.tensor(plain[f"{prefix}{name}.bias"]))
            part.weight.copy_(torch.tensor(plain[f"{prefix}{name}.weight"]))
