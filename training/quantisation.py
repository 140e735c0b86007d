"""A network of PyTorch as an ONNX file whose weights are bytes, and back."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


def write_quantised(
    network: torch.nn.Module,
    given: tuple[torch.Tensor, torch.Tensor],
    path: Path,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> None:
    """Write a network that takes two tensors like those given, of any number and length."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    free = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    with tempfile.TemporaryDirectory() as folder:
        plain, ready = Path(folder) / "plain.onnx", Path(folder) / "ready.onnx"
        torch.onnx.export(
            network,
            given,
            str(plain),
            input_names=list(inputs),
            output_names=list(outputs),
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


def weights_of(path: Path) -> tuple[dict[str, NDArray[np.float32]], dict[str, NDArray[Any]]]:
    """The products of a file as they were before they became bytes, each named by its bias, and what is no product."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    plain = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    made = {output: node for node in graph.node for output in node.output}
    found: dict[str, NDArray[np.float32]] = {}
    for node in graph.node:
        bias = next((one for one in node.input if one.endswith(".bias") and one in plain), None)
        if node.op_type != "Add" or bias is None:
            continue
        at = made[next(one for one in node.input if one != bias)]
        while at.op_type != "MatMulInteger":
            at = made[next(one for one in at.input if one in made)]
        weight = at.input[1]
        zero = plain[at.input[3]].astype(np.float32) if len(at.input) > 3 else np.float32(0)
        rows = plain[weight][: _channels(made[at.input[0]].input[0], plain)]
        found[bias] = (rows.astype(np.float32) - zero) * plain[weight.replace("_quantized", "_scale")]
    return found, plain


def _channels(given: str, plain: Mapping[str, NDArray[Any]]) -> int | None:
    """How many channels a product is given before `reader.outliers` adds parts of some; None where it adds none."""
    shares = plain.get(f"{given.removesuffix('_split')}_shares")
    return None if shares is None else len(shares)
