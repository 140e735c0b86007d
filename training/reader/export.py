"""Step 5: the trained network as a folder that `bot.answering.reader.OnnxReader` reads.

    python -m training.reader.export --out build/reader

writes `export/` with `model.onnx`, `tokenizer.json` and `reader.json`. Weights are bytes: those of the layers by
column (onnxruntime's dynamic quantisation, to 7 bits, as processors without VNNI overflow with 8), those of each
subword by a scale of its own. Prints how far the logits are from those of PyTorch on questions that chose the model.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from bot.answering.reader.encoding import PAD, Encoder, open_tokenizer
from training.reader.examples import read_groups
from training.reader.network import Network, from_base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.reader.encoding import Encoded

NAMES = ("start", "end", "answers", "supports")
_CHECKED = 60  # questions


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


def export(network: Network, path: Path) -> None:
    """Write the network as ONNX with weights of bytes; its inputs are `ids` and `mask`, any number of any length."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    network = network.eval().float()
    embeddings: Any = network.encoder.embeddings
    embeddings.word_embeddings = BytesEmbedding(embeddings.word_embeddings.weight.detach())
    ids = torch.tensor([[0, 5, 6, 2], [0, 7, 2, PAD]])
    free = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    with tempfile.TemporaryDirectory() as folder:
        whole, ready = Path(folder) / "whole.onnx", Path(folder) / "ready.onnx"
        torch.onnx.export(
            network,
            (ids, (ids != PAD).long()),
            str(whole),
            input_names=["ids", "mask"],
            output_names=list(NAMES),
            dynamic_shapes=(free, free),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        quant_pre_process(str(whole), str(ready), skip_symbolic_shape=True)
        quantize_dynamic(
            str(ready),
            str(path),
            op_types_to_quantize=["MatMul", "Gemm"],
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            extra_options={"MatMulConstBOnly": True},
        )


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
    told = {f"{name}, mean": float(np.mean(values)) for name, values in differences.items()}
    return told | {f"{name}, most": max(values) for name, values in differences.items()}


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
    network = from_base(out / "base", layers=recipe["layers"])
    network.load_state_dict(weights)
    exported = folder / "export"
    exported.mkdir(exist_ok=True)
    shutil.copy(out / "base/tokenizer.json", exported)
    export(network, exported / "model.onnx")
    told = {
        "name": options.version,
        "sha256": hashlib.sha256((exported / "model.onnx").read_bytes()).hexdigest(),
        **json.loads((folder / "calibration.json").read_text("utf-8")),
        "recipe": recipe,
    }
    (exported / "reader.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    network = from_base(out / "base", layers=recipe["layers"])
    network.load_state_dict(weights)
    encoder = Encoder(open_tokenizer(exported / "tokenizer.json"))
    groups = read_groups(out / "chosen-by.jsonl.gz")[:_CHECKED]
    inputs = [
        one
        for group in groups
        for one in encoder.questions(group.question, [each.context for each in (*group.answers, *group.others[:1])])
    ]
    size = sum(one.stat().st_size for one in exported.iterdir())
    print(f"{exported}: {size / 1e6:.1f} MB; {len(inputs)} inputs, logits apart by")
    print(json.dumps(apart(network, exported / "model.onnx", inputs), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
