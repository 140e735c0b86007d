"""Texts to vectors: one protocol, the model that comes with Communiqué, and any sentence-transformers model."""

from vectorstore.embedders.protocol import Embedded, Embedder, Spread
from vectorstore.embedders.sentence_transformer import SentenceTransformerEmbedder
from vectorstore.embedders.subwords import MODEL_NAME as BUILT_IN
from vectorstore.embedders.subwords import BuiltInEmbedder, embedder_named

__all__ = [
    "BUILT_IN",
    "BuiltInEmbedder",
    "Embedded",
    "Embedder",
    "SentenceTransformerEmbedder",
    "Spread",
    "embedder_named",
]
