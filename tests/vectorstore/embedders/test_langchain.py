from __future__ import annotations

from typing import Any

import numpy as np
from langchain_tests.unit_tests import EmbeddingsUnitTests

from tests.fakes import WordEmbedder
from vectorstore.embedders import BuiltInEmbedder
from vectorstore.embedders.langchain import LangChainEmbeddings

EMBEDDER = WordEmbedder()


class TestAsLangChainEmbeddings(EmbeddingsUnitTests):
    """LangChain's own suite for embeddings."""

    @property
    def embeddings_class(self) -> type[LangChainEmbeddings]:
        return LangChainEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"embedder": EMBEDDER}


def test_the_vectors_are_the_embedders() -> None:
    """Passages and questions alike, as lists of floats; the built-in model stands in where none is given."""
    embeddings = LangChainEmbeddings(EMBEDDER)

    assert np.allclose(embeddings.embed_documents(["one bus", "two"]), EMBEDDER.embed_passages(["one bus", "two"]))
    assert np.allclose(embeddings.embed_query("one bus"), EMBEDDER.embed_question("one bus"))
    assert len(LangChainEmbeddings().embed_query("sommet")) == BuiltInEmbedder().dimension


async def test_the_asynchronous_twins_give_the_same() -> None:
    """LangChain's chains await them."""
    embeddings = LangChainEmbeddings(EMBEDDER)

    assert await embeddings.aembed_query("one bus") == embeddings.embed_query("one bus")
    assert await embeddings.aembed_documents(["one"]) == embeddings.embed_documents(["one"])
