"""The reader as a network: a BERT with three heads, for the span, for whether a passage answers, and for claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from bot.answering.reader import BUILT_IN
from training.quantisation import weights_of

if TYPE_CHECKING:
    from pathlib import Path


HEADS = 12
"""Of each layer of multilingual-e5-small."""

_MANY = 10_000  # rows that only a table of subwords has


class Network(nn.Module):
    """Reads inputs of `bot.answering.reader`.

    Calling it with `ids` and `mask`, both (inputs, subwords), gives four tensors of logits: where an answer starts and
    where it ends, each (inputs, subwords); whether the passage answers, and whether a quote bears a sentence out, each
    (inputs,).
    """

    def __init__(self, encoder: nn.Module, width: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.span = nn.Linear(width, 2)
        self.answers = nn.Sequential(nn.Linear(2 * width, width), nn.GELU(), nn.Linear(width, 1))
        self.supports = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, 1))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The logits of each head."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        first = states[:, 0]
        spread = mask[..., None].to(states.dtype)
        mean = (states * spread).sum(1) / spread.sum(1)
        start, end = self.span(states).unbind(-1)
        answers = self.answers(torch.cat([first, mean], -1)).squeeze(-1)
        return start, end, answers, self.supports(first).squeeze(-1)


def from_base(folder: Path, *, layers: int | None = None) -> Network:
    """A network that has learned nothing yet, over the base; `layers` takes so many of its lowest layers.

    The highest are the ones to leave out: they serve the base's own task, comparing whole texts (Sajjad et al., 2023).

    Attention is written out ("eager") and nothing is dropped out: on two cores that is 1.7 times as fast, and a few
    passes over much data do not overfit.
    """
    from transformers import BertConfig, BertModel

    encoder = BertModel.from_pretrained(
        folder,
        add_pooling_layer=False,
        dtype=torch.float32,
        attn_implementation="eager",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    config: BertConfig = encoder.config
    if layers and layers < config.num_hidden_layers:
        encoder.encoder.layer = encoder.encoder.layer[:layers]
        config.num_hidden_layers = layers
    return Network(encoder, config.hidden_size)


def begun(out: Path, *, layers: int, further: bool) -> tuple[Network, Path]:
    """What training begins with, and its tokenizer: the base in `out`, or the reader that is in place."""
    if further:
        return from_file(BUILT_IN / "model.onnx"), BUILT_IN / "tokenizer.json"
    return from_base(out / "base", layers=layers), out / "base/tokenizer.json"


def from_file(path: Path) -> Network:
    """A network as an exported file has it, to be taught further; what its bytes lost stays lost."""
    from transformers import BertConfig, BertModel

    products, plain = weights_of(path)
    (rows,) = (table for table in plain.values() if table.ndim == 2 and table.dtype == np.int8 and len(table) > _MANY)
    (scales,) = (one for one in plain.values() if one.shape == (len(rows), 1))
    layers = 1 + max(int(name.split(".")[3]) for name in products if name.startswith("encoder."))
    config = BertConfig(
        vocab_size=len(rows),
        hidden_size=rows.shape[1],
        num_hidden_layers=layers,
        num_attention_heads=HEADS,
        intermediate_size=len(plain["encoder.encoder.layer.0.intermediate.dense.bias"]),
        max_position_embeddings=len(plain["encoder.embeddings.position_embeddings.weight"]),
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    config._attn_implementation = "eager"  # noqa: SLF001 - as `from_pretrained` sets it
    network = Network(BertModel(config, add_pooling_layer=False), config.hidden_size)
    found = {name: torch.tensor(one) for name, one in plain.items()}
    found["encoder.embeddings.word_embeddings.weight"] = torch.tensor(rows.astype(np.float32) * scales)
    found |= {f"{name.removesuffix('.bias')}.weight": torch.tensor(one).T for name, one in products.items()}
    wanted = network.state_dict()
    network.load_state_dict({name: found[name].reshape(one.shape) for name, one in wanted.items()})
    return network
