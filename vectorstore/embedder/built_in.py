"""The model that comes with Communiqué, behind the protocol that every model stands behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectorstore.subwords import LANGUAGES, MODEL_NAME, built_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vectorstore.subwords import SubwordModel


class BuiltInEmbedder:
    """French and English in one space, offline: each text is the mean of its subwords' vectors.

    Loaded when it is first needed, without torch. It reads texts of any length to their end.
    """

    name = MODEL_NAME
    languages: tuple[str, ...] | None = LANGUAGES

    @property
    def dimension(self) -> int:
        """Length of every vector; loads the model."""
        return self._model.dimension

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of shape (texts, dimension), in the order of the texts; zeros for a text without a known subword."""
        return self._model.embed(texts)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """One vector of shape (dimension,)."""
        row: NDArray[np.float32] = self._model.embed([text])[0]
        return row

    def count_overlong(self, texts: Sequence[str]) -> int:  # noqa: ARG002 - the protocol's signature
        """0: no text is too long."""
        return 0

    @property
    def _model(self) -> SubwordModel:
        return built_in()
