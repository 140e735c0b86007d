"""Texts to vectors: one protocol, the model that comes with Communiqué, and any sentence-transformers model."""

from vectorstore.embedders.protocol import BuiltInEmbedder, Embedded, Embedder, Spread
from vectorstore.embedders.sentence_transformer import SentenceTransformerEmbedder
from vectorstore.embedders.subwords import MODEL_NAME as BUILT_IN

__all__ = [
    "BUILT_IN",
    "BuiltInEmbedder",
    "Embedded",
    "Embedder",
    "SentenceTransformerEmbedder",
    "Spread",
    "embedder_named",
]


def embedder_named(name: str, *, languages: tuple[str, ...] | None = None, batch_size: int = 8) -> Embedder:
    """The embedder for a model's name: the built-in one by `BUILT_IN`, every other by sentence-transformers.

    `languages` are those that another model is good at, where that is known; `batch_size` the texts that it reads at
    once. Nothing is loaded before the first text.
    """
    if name == BUILT_IN:
        return BuiltInEmbedder()
    return SentenceTransformerEmbedder(name, languages=languages, batch_size=batch_size)
