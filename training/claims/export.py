"""The taught branch as `bot/answering/reader/claims/model.onnx`.

    python -m training.claims.export --data ../shared/data --out build/claims

Weights are bytes; prints how far apart true and false claims that were kept from training are, by PyTorch and by the
file.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from bot.answering.reader.onnx import CLAIMS
from training.claims.data import claims_of, reader_claims
from training.claims.network import FIRST, WIDTH, Branch
from training.claims.train import apart, batches, logits_of, states_of, with_copies

if TYPE_CHECKING:
    from collections.abc import Sequence


def export(branch: Branch, path: Path) -> None:
    """Write a branch; its inputs are `states` and `mask`, its output `supports`."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    free = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    given = torch.zeros(2, 5, WIDTH), torch.ones(2, 5, dtype=torch.int64)
    with tempfile.TemporaryDirectory() as folder:
        plain, ready = Path(folder) / "plain.onnx", Path(folder) / "ready.onnx"
        torch.onnx.export(
            branch.eval(),
            given,
            str(plain),
            input_names=["states", "mask"],
            output_names=["supports"],
            dynamic_shapes=(free, free),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        quant_pre_process(str(plain), str(ready), skip_symbolic_shape=True)
        quantize_dynamic(
            str(ready),
            str(path),
            op_types_to_quantize=["MatMul", "Gemm"],
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            extra_options={"MatMulConstBOnly": True},
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file, and print what its bytes cost."""
    from onnxruntime import InferenceSession

    parser = argparse.ArgumentParser(prog="python -m training.claims.export", description="Export the branch.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    branch = Branch()
    branch.load_state_dict(torch.load(options.out / "branch.pt", weights_only=True))
    written = with_copies(claims_of(options.data))
    claims = [*written, *reader_claims(options.data)]
    states = states_of(claims, options.out / "states.npy")
    kept = [number for number, claim in enumerate(written) if claim.kept]
    truth = np.array([claims[number].supported for number in kept])
    print(f"PyTorch: {apart(logits_of(branch, states, kept), truth)}")
    path = CLAIMS / "model.onnx"
    export(branch, path)
    session = InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found: dict[int, float] = {}
    for batch in batches(kept, states.lengths, None):
        rows, mask = states.batch(batch)
        (logits,) = session.run(["supports"], {"states": rows.numpy(), "mask": mask.numpy()})
        found |= dict(zip(batch, logits.tolist(), strict=True))
    told = apart(np.array([found[number] for number in kept], dtype=np.float32), truth)
    print(f"{path}, layers {FIRST + 1} and up, {path.stat().st_size / 1e6:.1f} MB: {told}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
