"""A reader whose whole model is one comparison: the words that it is made for answer, wherever they stand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.optional import needs
from tests.training.reader.tiny_tokenizer import write_tokenizer

if TYPE_CHECKING:
    from pathlib import Path

SURE = 4.0  # log odds of a passage that holds the word, less than certainty


def write_reader(folder: Path, word: str = "▁eleven", *, sure: float = SURE, lead: float = 0.0) -> Path:
    """Write it as a folder; a passage with the word answers with `sure` log odds, any other with as many against it.

    Each subword of the span that is the word adds `lead` to them.
    """
    needs("onnx")
    from onnx import TensorProto, helper, save
    from tokenizers import Tokenizer

    folder.mkdir(parents=True, exist_ok=True)
    number = Tokenizer.from_file(str(write_tokenizer(folder / "tokenizer.json"))).token_to_id(word)
    node = helper.make_node
    nodes = [
        node("Equal", ["ids", "word"], ["is"]),
        node("Cast", ["is"], ["start"], to=TensorProto.FLOAT),
        node("Identity", ["start"], ["end"]),
        node("ReduceMax", ["start", "axis"], ["answers"], keepdims=0),
        node("Cast", ["mask"], ["here"], to=TensorProto.FLOAT),
        node("ReduceMax", ["start", "axis"], ["supports"], keepdims=0),
    ]
    numbers = {name: (TensorProto.INT64, ["inputs", "subwords"]) for name in ("ids", "mask")}
    rows = {name: (TensorProto.FLOAT, ["inputs", "subwords"]) for name in ("start", "end")}
    single = {name: (TensorProto.FLOAT, ["inputs"]) for name in ("answers", "supports")}
    graph = helper.make_graph(
        nodes,
        "reader",
        [helper.make_tensor_value_info(name, *told) for name, told in numbers.items()],
        [helper.make_tensor_value_info(name, *told) for name, told in (rows | single).items()],
        [
            helper.make_tensor("word", TensorProto.INT64, [1], [number]),
            helper.make_tensor("axis", TensorProto.INT64, [1], [1]),
        ],
    )
    save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), str(folder / "model.onnx")
    )
    weights = {"answers": [2 * sure, lead, -sure], "supports": [2 * sure, -sure]}
    (folder / "reader.json").write_text(json.dumps(weights), encoding="utf-8")
    return folder
