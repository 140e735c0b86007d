"""An embedder as LangChain's vector stores ask for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_core.embeddings import Embeddings

from vectorstore.embedders.subwords import BuiltInEmbedder

if TYPE_CHECKING:
    from vectorstore.embedders import Embedder


class LangChainEmbeddings(Embeddings):
    """The vectors of an embedder, of the built-in one where none is given.

    The store itself embeds a passage under its release's title (`vectorstore.types.embedded_text`).
    """

    def __init__(self, embedder: Embedder | None = None) -> None:
        self._embedder = embedder or BuiltInEmbedder()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A vector of unit length for each text, in their order."""
        rows: list[list[float]] = self._embedder.embed_passages(texts).tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        row: list[float] = self._embedder.embed_question(text).tolist()
        return row
