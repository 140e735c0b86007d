"""Step 5: the trained network as a folder that `bot.answering.reader.OnnxReader` reads.

    python -m training.reader.export --out build/reader

writes `export/` with `model.onnx`, `tokenizer.json` and `reader.json`. Weights are bytes: those of the layers by
column (onnxruntime's dynamic quantisation, to 7 bits, as processors without VNNI overflow with 8), those of each
subword by a scale of its own. Where a layer's feed-forward part ends in outliers, its last product stays in float32.
Prints how far the logits are from those of PyTorch on questions that chose the model.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from bot.answering.reader import PAD, TURN_LAYERS, Encoder, open_tokenizer
from training.data import SEED
from training.quantisation import write_quantised
from training.reader.examples import read_groups
from training.reader.network import Network, begun
from training.reader.rounding import round_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.reader import Encoded

NAMES = ("start", "end", "answers", "supports")
_CHECKED = 120  # questions: half show what the layers are given, half check the file
WHOLE = 3  # layers of which a part stays in float32


class BytesEmbedding(nn.Module):
    """Vectors of subwords as bytes, each row with its own scale (largest value / 127)."""

    def __init__(self, table: torch.Tensor) -> None:
        super().__init__()
        scale = table.abs().amax(1, keepdim=True).clamp_min(1e-8) / 127
        self.register_buffer("rows", torch.round(table / scale).to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """(…) numbers to (…, width) vectors."""
        rows: Any = self.rows
        scale: Any = self.scale
        vectors: torch.Tensor = rows[ids].to(torch.float32) * scale[ids]
        return vectors


def outliers(network: Network, inputs: Sequence[Encoded], count: int = WHOLE) -> tuple[int, ...]:
    """The layers whose feed-forward part ends in numbers that stand out most: largest / mean of what they are given.

    A few numbers a hundred times larger than the rest, which one scale of bytes cannot hold beside the others
    (Bondarenko et al., 2021).
    """
    encoder: Any = network.encoder
    most = [0.0] * len(encoder.encoder.layer)

    def watch(number: int) -> Any:  # noqa: ANN401 - a hook
        def seen(_: nn.Module, given: tuple[torch.Tensor, ...]) -> None:
            sizes = given[0].abs()
            most[number] = max(most[number], float(sizes.max() / sizes.mean()))

        return seen

    layers = enumerate(encoder.encoder.layer)
    hooks = [layer.output.dense.register_forward_pre_hook(watch(number)) for number, layer in layers]
    with torch.no_grad():
        for one in inputs:
            ids = torch.tensor([one.ids])
            network.eval()(ids, torch.ones_like(ids))
    for hook in hooks:
        hook.remove()
    return tuple(sorted(range(len(most)), key=lambda number: -most[number])[:count])


def export(
    network: nn.Module,
    embeddings: Any,  # noqa: ANN401 - transformers' types say less
    path: Path,
    whole: Sequence[int] = (),
) -> None:
    """Write a network as ONNX with weights of bytes; its inputs are `ids` and `mask`, any number of any length.

    It returns four tensors as `Network` does; `embeddings` is the part of it that holds `word_embeddings`. In the
    `whole` layers the end of the feed-forward part stays in float32.
    """
    network = network.eval().float()
    embeddings.word_embeddings = BytesEmbedding(embeddings.word_embeddings.weight.detach())
    ids = torch.tensor([[0, 5, 6, 2], [0, 7, 2, PAD]])

    def ends_of(ready: Path) -> list[str]:
        ends = _feed_forward_ends(ready)
        return [ends[number] for number in whole]

    given = (ids, (ids != PAD).long())
    write_quantised(network, given, path, inputs=("ids", "mask"), outputs=NAMES, whole=ends_of)


def expose(path: Path, layers: Sequence[int]) -> None:
    """Make what the numbered layers give, counted from 1, outputs of a file: `layer_6`, shape (inputs, length, width).

    Who asks for no such output computes nothing more than before. Layers that the network lacks are passed over.
    """
    import onnx
    from onnx import TensorProto, helper

    model = onnx.load(str(path))
    norms = [node.output[0] for node in model.graph.node if node.op_type == "LayerNormalization"]  # two in each layer
    for layer in (one for one in layers if 2 * one < len(norms)):
        name = f"layer_{layer}"
        model.graph.node.append(helper.make_node("Identity", [norms[2 * layer]], [name], name=name))
        shape = ["inputs", "length", None]
        model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    onnx.save(model, str(path))


def _feed_forward_ends(path: Path) -> list[str]:
    """The products that bring each layer from its widest back to its width, in the order of the layers."""
    import onnx

    graph = onnx.load(str(path)).graph
    shapes = {one.name: tuple(one.dims) for one in graph.initializer}
    sizes = [(node.name, shapes[name]) for node in graph.node for name in node.input[1:2] if name in shapes]
    wide = max((shape[0] for _, shape in sizes if len(shape) == 2 and shape[0] > shape[1]), default=0)
    return [name for name, shape in sizes if len(shape) == 2 and shape[0] == wide > shape[1]]


def apart(network: Network, path: Path, inputs: Sequence[Encoded]) -> dict[str, float]:
    """How far the logits of the file are from the network's: the mean and the greatest difference of each output."""
    from onnxruntime import InferenceSession

    session = InferenceSession(str(path), providers=["CPUExecutionProvider"])
    differences: dict[str, list[float]] = {name: [] for name in NAMES}
    for one in inputs:
        ids = torch.tensor([one.ids])
        with torch.no_grad():
            wanted = [found.numpy() for found in network.eval()(ids, torch.ones_like(ids))]
        found = session.run(list(NAMES), {"ids": ids.numpy(), "mask": np.ones_like(ids.numpy())})
        for name, a, b in zip(NAMES, wanted, found, strict=True):
            differences[name].append(float(np.abs(a - b).max()))
    means = {f"{name}, mean": float(np.mean(values)) for name, values in differences.items()}
    return means | {f"{name}, most": max(values) for name, values in differences.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the folder, and print what quantisation costs."""
    parser = argparse.ArgumentParser(prog="python -m training.reader.export", description="Export the reader.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="reader")
    parser.add_argument("--version", default="communique-reader-fr-en-1", help="what the model is called")
    options = parser.parse_args(arguments)
    out, folder = options.out, options.out / options.name
    recipe = json.loads((folder / "recipe.json").read_text("utf-8"))
    weights = torch.load(folder / "state.pt", weights_only=True, map_location="cpu")["network"]
    network, tokenizer = begun(out, layers=recipe["layers"], further=recipe["further"])
    network.load_state_dict(weights)
    exported = folder / "export"
    exported.mkdir(exist_ok=True)
    shutil.copy(tokenizer, exported)
    encoder = Encoder(open_tokenizer(exported / "tokenizer.json"))
    inputs = [
        one
        for group in random.Random(SEED).sample(read_groups(out / "chosen-by.jsonl.gz"), _CHECKED)
        for one in encoder.questions(group.question, [each.context for each in (*group.answers, *group.others[:1])])
    ]
    whole = outliers(network, inputs[::2])
    round_weights(network, inputs[::2], but=[f"encoder.encoder.layer.{number}.output.dense" for number in whole])
    export(network, network.encoder.embeddings, exported / "model.onnx", whole)
    expose(exported / "model.onnx", TURN_LAYERS)
    described = {
        "name": options.version,
        "sha256": hashlib.sha256((exported / "model.onnx").read_bytes()).hexdigest(),
        **json.loads((folder / "calibration.json").read_text("utf-8")),
        "recipe": recipe,
    }
    (exported / "reader.json").write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
    network, _ = begun(out, layers=recipe["layers"], further=recipe["further"])
    network.load_state_dict(weights)
    size = sum(one.stat().st_size for one in exported.iterdir())
    print(f"{exported}: {size / 1e6:.1f} MB, layers {sorted(whole)} whole; {len(inputs) // 2} inputs, logits apart by")
    print(json.dumps(apart(network, exported / "model.onnx", inputs[1::2]), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
