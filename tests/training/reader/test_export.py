from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from bot.answering.reader import Encoded

if TYPE_CHECKING:
    from pathlib import Path

exporting = pytest.importorskip("training.reader.export", reason="torch is not installed", exc_type=ImportError)
networks = pytest.importorskip("training.reader.network", reason="torch is not installed", exc_type=ImportError)
transformers = pytest.importorskip("transformers", reason="transformers is not installed")
torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript", reason="onnxscript is not installed")


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")
def test_the_exported_model_says_what_the_network_says(tmp_path: Path) -> None:
    """With weights of bytes, for any number of inputs of any length, padded or not."""
    from onnxruntime import InferenceSession

    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=50, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    transformers.BertModel(config, add_pooling_layer=False).save_pretrained(tmp_path / "base")
    network = networks.from_base(tmp_path / "base").eval()
    ids = torch.tensor([[0, 7, 8, 9, 10, 11, 2], [0, 12, 13, 2, 1, 1, 1], [0, 14, 15, 16, 2, 1, 1]])
    mask = (ids != 1).long()
    with torch.no_grad():
        wanted = [one.numpy() for one in network(ids, mask)]

    whole = exporting.outliers(network, [Encoded([0, 7, 8, 9, 14, 2], 1, []), Encoded([0, 12, 13, 2], 1, [])], 1)
    exporting.export(network, network.encoder.embeddings, tmp_path / "model.onnx", whole)
    exporting.expose(tmp_path / "model.onnx", (1, 2, 10))
    session = InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    found = session.run(list(exporting.NAMES), {"ids": ids.numpy(), "mask": mask.numpy()})

    with torch.no_grad():
        last = network.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.numpy()
    (second,) = session.run(["layer_2"], {"ids": ids.numpy(), "mask": mask.numpy()})

    assert [one.name for one in session.get_outputs()] == [*exporting.NAMES, "layer_1", "layer_2"]
    assert np.abs(second - last)[mask.numpy().astype(bool)].mean() < 0.1
    assert len(whole) == 1
    real = mask.numpy().astype(bool)
    for name, a, b in zip(exporting.NAMES, wanted, found, strict=True):
        assert a.shape == b.shape, name
        kept = real if a.ndim == 2 else slice(None)
        assert np.abs(a[kept] - b[kept]).max() < 0.1, name
        if a.ndim == 2:
            assert np.corrcoef(a[kept], b[kept])[0, 1] > 0.98, name
