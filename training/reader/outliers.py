"""Channels whose numbers stand out, given to the products of an exported file in parts.

One scale of bytes holds all that a product is given. In each layer of a transformer one or two channels are up to ten
times larger than the rest (Bondarenko et al., 2021), and of the 256 steps few are left for the others. Such a channel
is divided into parts as large as the others, and the product's weights for it are repeated as often: the sum is the
same (outlier channel splitting; Zhao et al., 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

TIMES = 1.5
"""A channel stands out where it is that much larger than 99 % of the channels beside it."""

_USUAL = 0.99


@dataclass(frozen=True, slots=True)
class Parts:
    """What is divided: the share of each channel that every part has, and the channels of the parts to be added."""

    shares: NDArray[np.float32]
    added: NDArray[np.int64]


def split_outliers(path: Path, inputs: Iterable[Mapping[str, NDArray[Any]]], *, times: float = TIMES) -> int:
    """Split the channels that stand out in a file of `quantisation.write_quantised`, in place; how many parts it adds.

    `inputs`, each by the names of the file's inputs, show what the products are given.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.load(str(path))
    parts = {given: parts_of(most, times) for given, most in _largest(model, inputs).items()}
    parts = {given: one for given, one in parts.items() if len(one.added)}
    weights = {one.name: one for one in model.graph.initializer}
    nodes = list(model.graph.node)
    given_as = {node.output[0]: node.input[0] for node in nodes if node.op_type == "DynamicQuantizeLinear"}
    del model.graph.node[:]
    for node in nodes:
        if node.op_type == "DynamicQuantizeLinear" and node.input[0] in parts:
            _divide(model, node.input[0], parts[node.input[0]])
            node.input[0] = f"{node.input[0]}_split"
        elif node.op_type == "MatMulInteger" and given_as.get(node.input[0]) in parts:
            weight = numpy_helper.to_array(weights[node.input[1]])
            more = np.concatenate([weight, weight[parts[given_as[node.input[0]]].added]])
            weights[node.input[1]].CopyFrom(numpy_helper.from_array(more, node.input[1]))
        model.graph.node.append(node)
    onnx.save(model, str(path))
    return sum(len(one.added) for one in parts.values())


def parts_of(most: NDArray[np.float32], times: float = TIMES) -> Parts:
    """How channels are divided whose largest numbers are `most`, shape (channels,)."""
    usual = max(float(np.quantile(most, _USUAL)), 1e-8)
    counts = np.where(most > times * usual, np.ceil(most / usual), 1).astype(np.int64)
    return Parts((1 / counts).astype(np.float32), np.repeat(np.arange(len(most)), counts - 1))


def _largest(
    model: Any,  # noqa: ANN401 - untyped
    inputs: Iterable[Mapping[str, NDArray[Any]]],
) -> Mapping[str, NDArray[np.float32]]:
    """The largest number of each channel in what each product is given, by the name of that."""
    import onnx
    from onnxruntime import InferenceSession

    watched = onnx.ModelProto.FromString(model.SerializeToString())
    names = [node.input[0] for node in model.graph.node if node.op_type == "DynamicQuantizeLinear"]
    as_output = onnx.helper.make_tensor_value_info
    watched.graph.output.extend(as_output(name, onnx.TensorProto.FLOAT, None) for name in names)
    session = InferenceSession(watched.SerializeToString(), providers=["CPUExecutionProvider"])
    most: dict[str, NDArray[np.float32]] = {}
    for one in inputs:
        for name, given in zip(names, session.run(names, dict(one)), strict=True):
            largest = np.abs(given).reshape(-1, given.shape[-1]).max(axis=0)
            most[name] = np.maximum(most.get(name, largest), largest)
    return most


def _divide(model: Any, given: str, parts: Parts) -> None:  # noqa: ANN401 - untyped
    """Append the nodes that divide channels and set the parts to be added behind the others."""
    from onnx import helper, numpy_helper

    shares, added, shared, behind = (f"{given}_{name}" for name in ("shares", "added", "shared", "behind"))
    model.graph.initializer.extend(
        [numpy_helper.from_array(parts.shares, shares), numpy_helper.from_array(parts.added, added)]
    )
    model.graph.node.extend(
        [
            helper.make_node("Mul", [given, shares], [shared]),
            helper.make_node("Gather", [shared, added], [behind], axis=-1),
            helper.make_node("Concat", [shared, behind], [f"{given}_split"], axis=-1),
        ]
    )
