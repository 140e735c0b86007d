"""The built-in bilingual model: texts as subwords, and a vector for each subword.

`vectorstore/model/` holds it, with a card that says how it was made. A text's vector is the mean of its subwords'
vectors at length 1; late interaction compares the subwords one by one.
"""

from __future__ import annotations

import functools
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vectorstore.errors import EmbedderError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from vectorstore.embedders import Embedder

MODEL_NAME = "communique-fr-en-1"
"""Name and version: a store remembers it, so other weights must get another number."""

LANGUAGES = ("en", "fr")
FOLDER = Path(__file__).parents[1] / "model"

_AT_ONCE = 256  # subwords whose vectors are compared before those of the next are read: they stay in the cache

_LOADING = threading.Lock()


class SubwordModel:
    """A tokenizer and its table of vectors; any thread may use it.

    `name` is what stores remember it by, `dimension` the length of a vector. Subwords are known by their number, below
    65,536. `tensors` are those of the model's file: the vectors as small integers, shape (subwords, dimension), the
    scale of each, and its rarity: the inverse document frequency, ln((N + 1) / (n + 1)), over the texts that the model
    was trained on, shape (subwords,).
    """

    def __init__(self, name: str, tokenizer: Tokenizer, tensors: Mapping[str, NDArray[Any]]) -> None:
        self.name = name
        self._tokenizer = tokenizer
        self._tokenizer.no_truncation()
        self._table = tensors["embeddings"]
        self.dimension: int = self._table.shape[1]
        self._weights = tensors["weights"].astype(np.float32)
        self.rarity: NDArray[np.float32] = tensors["rarity"].astype(np.float32)
        self._last: dict[str, NDArray[np.uint16]] = {}  # passages are embedded, and then kept for late interaction
        squares = np.einsum("ij,ij->i", self._table, self._table, dtype=np.float32)
        self._lengths = np.maximum(np.sqrt(squares), 1e-12)

    def numbers(self, texts: Sequence[str]) -> list[NDArray[np.uint16]]:
        """The subwords of each text, in its order."""
        last = self._last  # taken once: another thread may put its own in its place
        if not all(text in last for text in texts):
            encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
            cut = (np.array(encoding.ids, dtype=np.uint16) for encoding in encodings)
            last = self._last = dict(zip(texts, cut, strict=True))
        return [last[text] for text in texts]

    def places(self, text: str) -> tuple[NDArray[np.uint16], list[tuple[int, int]]]:
        """The subwords of a text, and the characters `text[start:end]` that each stands for."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return np.array(encoding.ids, dtype=np.uint16), encoding.offsets

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of unit length, shape (texts, dimension); zeros for a text without a known subword."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, numbers in enumerate(self.numbers(texts)):
            if len(numbers):
                rows[row] = self._weights[numbers] @ self._table[numbers].astype(np.float32)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        return rows

    def directions(self, numbers: NDArray[np.integer]) -> NDArray[np.float32]:
        """Each subword's vector at length 1, shape (numbers, dimension); zeros for the unknown one."""
        rows: NDArray[np.float32] = np.take(self._table, numbers, axis=0).astype(np.float32)
        rows /= self._lengths[numbers, None]
        return rows

    def cosines(self, numbers: NDArray[np.integer], directions: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosine of each subword with each of some directions of length 1, shape (numbers, directions)."""
        found = np.empty((len(numbers), len(directions)), dtype=np.float32)
        for start in range(0, len(numbers), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            rows = np.take(self._table, numbers[part], axis=0).astype(np.float32)
            np.matmul(rows, directions.T, out=found[part])
            found[part] /= self._lengths[numbers[part], None]
        return found


def load(folder: Path = FOLDER) -> SubwordModel:
    """The model in a folder. Raises EmbedderError where the folder does not hold it whole."""
    # Not by model2vec: it takes most of a second to be imported, and sets the tokenizer's truncation at each call,
    # which fails when two threads do it.
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        return SubwordModel(MODEL_NAME, tokenizer, load_file(folder / "model.safetensors"))
    except Exception as exc:  # tokenizers raises bare exceptions on a damaged file
        raise EmbedderError(str(folder), f"cannot be loaded ({exc}); install communique again") from exc


_loaded = functools.cache(load)


def built_in() -> SubwordModel:
    """The model that comes with Communiqué, loaded once however many threads ask."""
    with _LOADING:
        return _loaded()


class BuiltInEmbedder:
    """French and English in one space, offline: each text is the mean of its subwords' vectors.

    Loaded when it is first needed, without torch. It reads texts of any length to their end.
    """

    name = MODEL_NAME
    languages: tuple[str, ...] | None = LANGUAGES

    @property
    def dimension(self) -> int:
        """Length of every vector; loads the model."""
        return built_in().dimension

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of shape (texts, dimension), in the order of the texts; zeros for a text without a known subword."""
        return built_in().embed(texts)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """One vector of shape (dimension,)."""
        row: NDArray[np.float32] = built_in().embed([text])[0]
        return row

    def count_overlong(self, texts: Sequence[str]) -> int:  # noqa: ARG002 - the protocol's signature
        """0: no text is too long."""
        return 0


def embedder_named(name: str, *, languages: tuple[str, ...] | None = None, batch_size: int = 8) -> Embedder:
    """The embedder for a model's name: the built-in one by `MODEL_NAME`, every other by sentence-transformers.

    `languages` are those that another model is good at, where that is known; `batch_size` the texts that it reads at
    once. Nothing is loaded before the first text.
    """
    if name == MODEL_NAME:
        return BuiltInEmbedder()
    from vectorstore.embedders.sentence_transformer import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(name, languages=languages, batch_size=batch_size)
