"""What a newcomer would take: BM25, Chroma with all-MiniLM-L6-v2, and LangChain's ensemble of the two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bm25s
import chromadb
import Stemmer
from langchain_core.documents import Document
from langchain_core.runnables import RunnableLambda

from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

_STOP_WORDS = {"en": "english", "fr": "french"}


class Bm25:
    """bm25s over whole texts, k1 1.5 and b 0.75, with the language's stop words.

    With the language's stemmer and without accents, unless it is `plain`.
    """

    def __init__(self, texts: Sequence[str], language: str, *, plain: bool = False) -> None:
        self._language = language
        self._stemmer = None if plain else Stemmer.Stemmer(_STOP_WORDS[language])
        self._index = bm25s.BM25(k1=1.5, b=0.75)
        self._index.index(self._words(texts), show_progress=False)

    def nearest(self, question: str, limit: int) -> list[int]:
        """Numbers of the texts, best first."""
        found, _ = self._index.retrieve(self._words([question]), k=limit, show_progress=False)
        return [int(number) for number in found[0]]

    def _words(self, texts: Sequence[str]) -> bm25s.tokenization.Tokenized | list[list[str]]:
        # Folded after the stop words are gone and the stem is taken: the stemmer wants its accents.
        words = bm25s.tokenize(
            list(texts), stopwords=self._language, stemmer=self._stemmer, show_progress=False, return_ids=False
        )
        return [[fold(word) for word in text] for text in words] if self._stemmer else words


class Chroma:
    """An in-memory Chroma collection over vectors, cosine, with its own defaults otherwise."""

    def __init__(self, name: str, vectors: NDArray[np.float32]) -> None:
        self._collection = chromadb.EphemeralClient().create_collection(
            name, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
        )
        for start in range(0, len(vectors), 5_000):
            some = vectors[start : start + 5_000]
            self._collection.add(ids=[str(start + row) for row in range(len(some))], embeddings=some)

    def nearest(self, vector: NDArray[np.float32], limit: int) -> list[int]:
        """Numbers of the vectors, nearest first."""
        found = self._collection.query(query_embeddings=vector[None, :], n_results=limit, include=[])
        return [int(identity) for identity in found["ids"][0]]


def ensemble(*ways: Callable[[str], list[int]]) -> Callable[[str], list[int]]:
    """LangChain's EnsembleRetriever over ways to find numbers, of equal weight, with its own constant (c = 60)."""
    from langchain_classic.retrievers import EnsembleRetriever

    def documents(way: Callable[[str], list[int]]) -> RunnableLambda[str, list[Document]]:
        return RunnableLambda(lambda question: [Document(str(number)) for number in way(question)])

    shares = [1 / len(ways)] * len(ways)
    together = EnsembleRetriever(retrievers=[documents(way) for way in ways], weights=shares)
    return lambda question: [int(document.page_content) for document in together.invoke(question)]
