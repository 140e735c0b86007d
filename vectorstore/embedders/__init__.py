"""Texts to vectors: one protocol, the model that comes with Communiqué, and any sentence-transformers model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from vectorstore.embedders.sentence_transformer import SentenceTransformerEmbedder
from vectorstore.embedders.subwords import MODEL_NAME as BUILT_IN
from vectorstore.embedders.subwords import BuiltInEmbedder, embedder_named

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "BUILT_IN",
    "BuiltInEmbedder",
    "Embedded",
    "Embedder",
    "SentenceTransformerEmbedder",
    "Spread",
    "embedder_named",
]


class Embedder(Protocol):
    """Turns passages and questions into vectors of unit length, so that a dot product is a cosine."""

    @property
    def name(self) -> str:
        """What the store remembers the model by."""
        ...

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        ...

    @property
    def languages(self) -> tuple[str, ...] | None:
        """ISO 639-1 codes that the model is good at; None where it is multilingual or nobody said."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of shape (texts, dimension), in the order of the texts."""
        ...

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """One vector of shape (dimension,)."""
        ...

    def count_overlong(self, texts: Sequence[str]) -> int:
        """How many of the texts the model would not read to their end."""
        ...


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors of shape (texts, dimension), and how many of the texts the model did not read to their end."""

    vectors: NDArray[np.float32]
    overlong: int


@runtime_checkable
class Spread(Protocol):
    """An embedder that works on several batches at once, elsewhere."""

    @property
    def at_once(self) -> int:
        """Batches that keep it busy."""
        ...

    def start(self, texts: Sequence[str]) -> Callable[[], Embedded]:
        """Begin with a batch; what is returned waits for it when it is called."""
        ...
