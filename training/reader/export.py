"""Step 5: the trained network as a folder that `bot.answering.reader.OnnxReader` reads.

    python -m training.reader.export --out build/reader

writes `export/` with `model.onnx`, `tokenizer.json` and `reader.json`. Weights are bytes: those of the layers by
column (onnxruntime's dynamic quantisation, to 7 bits, as processors without VNNI overflow with 8), those of each
subword by a scale of its own. Channels that stand out are given in parts (`outliers.py`).
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

from bot.answering.reader import BRANCH_LAYER, PAD, TURN_LAYERS, Encoder, open_tokenizer
from training.data import SEED
from training.quantisation import write_quantised
from training.reader.examples import read_groups
from training.reader.network import Network, begun
from training.reader.outliers import split_outliers
from training.reader.rounding import round_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bot.answering.reader import Encoded

NAMES = ("start", "end", "answers", "supports")
_CHECKED = 120  # questions: half show what the layers are given, half check the file


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


def export(
    network: nn.Module,
    embeddings: Any,  # noqa: ANN401 - transformers' types say less
    path: Path,
) -> None:
    """Write a network as ONNX with weights of bytes; its inputs are `ids` and `mask`, any number of any length.

    It returns four tensors as `Network` does; `embeddings` is the part of it that holds `word_embeddings`.
    """
    network = network.eval().float()
    embeddings.word_embeddings = BytesEmbedding(embeddings.word_embeddings.weight.detach())
    ids = torch.tensor([[0, 5, 6, 2], [0, 7, 2, PAD]])

    given = (ids, (ids != PAD).long())
    write_quantised(network, given, path, inputs=("ids", "mask"), outputs=NAMES)


def given_to(one: Encoded) -> dict[str, NDArray[np.int64]]:
    """An input as the file takes it."""
    ids = np.array([one.ids], dtype=np.int64)
    return {"ids": ids, "mask": np.ones_like(ids)}


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


def apart(network: Network, path: Path, inputs: Sequence[Encoded]) -> dict[str, float]:
    """How far the logits of the file are from the network's: the mean and the greatest difference of each output."""
    from onnxruntime import InferenceSession

    session = InferenceSession(str(path), providers=["CPUExecutionProvider"])
    differences: dict[str, list[float]] = {name: [] for name in NAMES}
    for one in inputs:
        ids = torch.tensor([one.ids])
        with torch.no_grad():
            wanted = [found.numpy() for found in network.eval()(ids, torch.ones_like(ids))]
        found = session.run(list(NAMES), given_to(one))
        for name, a, b in zip(NAMES, wanted, found, strict=True):
            differences[name].append(float(np.abs(a - b).max()))
    means = {f"{name}, mean": float(np.mean(values)) for name, values in differences.items()}
    return means | {f"{name}, most": max(values) for name, values in differences.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the folder, and print what quantisation costs."""
    parser = argparse.ArgumentParser(prog="python -m training.reader.export", description="Export the reader.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="reader")
    parser.add_argument("--version", default="communique-reader-fr-en-1.1", help="what the model is called")
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
    round_weights(network, ((torch.tensor([one.ids]), torch.ones(1, len(one.ids))) for one in inputs[::2]))
    export(network, network.encoder.embeddings, exported / "model.onnx")
    parts = split_outliers(exported / "model.onnx", map(given_to, inputs[::2]))
    expose(exported / "model.onnx", (BRANCH_LAYER, *TURN_LAYERS))
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
    print(f"{exported}: {size / 1e6:.1f} MB, {parts} parts of channels; {len(inputs) // 2} inputs, logits apart by")
    print(json.dumps(apart(network, exported / "model.onnx", inputs[1::2]), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
