from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from onnxruntime import InferenceSession

from bot.answering.reader import Encoded

if TYPE_CHECKING:
    from pathlib import Path

    from training.reader.network import Network

exporting = pytest.importorskip("training.reader.export", reason="torch is not installed", exc_type=ImportError)
networks = pytest.importorskip("training.reader.network", reason="torch is not installed", exc_type=ImportError)
quantisation = pytest.importorskip("training.quantisation", reason="torch is not installed", exc_type=ImportError)
transformers = pytest.importorskip("transformers", reason="transformers is not installed")
torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript", reason="onnxscript is not installed")


def a_network(folder: Path) -> Network:
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=50, hidden_size=128, num_hidden_layers=2, num_attention_heads=2, intermediate_size=256
    )
    transformers.BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return networks.from_base(folder).eval()


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")
def test_the_exported_model_says_what_the_network_says(tmp_path: Path) -> None:
    """With weights of bytes, for any number of inputs of any length, padded or not."""
    network = a_network(tmp_path / "base")
    ids = torch.tensor([[0, 7, 8, 9, 10, 11, 2], [0, 12, 13, 2, 1, 1, 1], [0, 14, 15, 16, 2, 1, 1]])
    mask = (ids != 1).long()
    with torch.no_grad():
        wanted = [one.numpy() for one in network(ids, mask)]

    exporting.export(network, network.encoder.embeddings, tmp_path / "model.onnx")
    exporting.expose(tmp_path / "model.onnx", (1, 2, 10))
    session = InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    found = session.run(list(exporting.NAMES), {"ids": ids.numpy(), "mask": mask.numpy()})

    with torch.no_grad():
        last = network.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.numpy()
    (second,) = session.run(["layer_2"], {"ids": ids.numpy(), "mask": mask.numpy()})

    assert [one.name for one in session.get_outputs()] == [*exporting.NAMES, "layer_1", "layer_2"]
    assert np.abs(second - last)[mask.numpy().astype(bool)].mean() < 0.1
    real = mask.numpy().astype(bool)
    for name, a, b in zip(exporting.NAMES, wanted, found, strict=True):
        assert a.shape == b.shape, name
        kept = real if a.ndim == 2 else slice(None)
        assert np.abs(a[kept] - b[kept]).max() < 0.1, name
        if a.ndim == 2:
            assert np.corrcoef(a[kept], b[kept])[0, 1] > 0.98, name


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")
def test_a_channel_that_stands_out_costs_the_others_nothing_once_it_is_split(tmp_path: Path) -> None:
    """The logits come nearer to the network's, and the weights are read back as they were."""
    network = a_network(tmp_path / "base")
    with torch.no_grad():
        for layer in network.encoder.encoder.layer:
            layer.attention.output.LayerNorm.weight[5] = 60.0
            layer.intermediate.dense.weight[:, 5] /= 60.0
    inputs = [Encoded([0, *range(7 + n, 20 + n), 2], 1, []) for n in range(8)]
    given = [torch.tensor([one.ids]) for one in inputs]
    with torch.no_grad():
        wanted = [network(ids, torch.ones_like(ids))[0].numpy() for ids in given]
    path = tmp_path / "model.onnx"
    exporting.export(network, network.encoder.embeddings, path)

    def lost() -> float:
        session = InferenceSession(str(path), providers=["CPUExecutionProvider"])
        found = [session.run(["start"], {"ids": ids.numpy(), "mask": np.ones_like(ids)})[0] for ids in given]
        return float(np.mean([np.abs(a - b).mean() for a, b in zip(wanted, found, strict=True)]))

    before, weights = lost(), quantisation.weights_of(path)[0]
    added = exporting.split_outliers(path, map(exporting.given_to, inputs))

    assert added >= 10
    assert lost() < 0.5 * before
    again = quantisation.weights_of(path)[0]
    assert again.keys() == weights.keys()
    assert all(np.array_equal(again[name], one) for name, one in weights.items())
