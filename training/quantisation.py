"""A network of PyTorch as an ONNX file whose weights are bytes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def write_quantised(
    network: torch.nn.Module,
    given: tuple[torch.Tensor, torch.Tensor],
    path: Path,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    whole: Callable[[Path], Iterable[str]] = lambda _: (),
) -> None:
    """Write a network that takes two tensors like those given, of any number and length.

    `whole` names the nodes that stay in float32, from the file before its weights become bytes.
    """
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
            nodes_to_exclude=list(whole(ready)),
            extra_options={"MatMulConstBOnly": True},
        )
