"""One search: dense and lexical candidates, both scores for each, fused, spread over releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectorstore import lexical
from vectorstore.exact import as_matrix, cosines
from vectorstore.fusion import Candidate, dense_weight, fuse
from vectorstore.nearest import Nearest
from vectorstore.passage import Hit

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from vectorstore.catalogue import Catalogue
    from vectorstore.passage import Filter

_DEPTH = 50  # candidates that each ranking brings at the least


class Search:
    """Finds hits for questions embedded by one model."""

    def __init__(
        self,
        catalogue: Catalogue,
        indexes: Path,
        *,
        model: int,
        dimension: int,
        model_languages: tuple[str, ...] | None,
        exact_up_to: int,
    ) -> None:
        self.model = model
        self.dimension = dimension
        self._catalogue = catalogue
        self._model_languages = model_languages
        self._nearest = Nearest(catalogue, indexes, model=model, dimension=dimension, exact_up_to=exact_up_to)

    def close(self) -> None:
        """Let go of the vector index."""
        self._nearest.close()

    def hits(
        self,
        question: str,
        vector: NDArray[np.float32],
        *,
        limit: int,
        where: Filter,
        per_release: int,
        language: str | None,
    ) -> tuple[Hit, ...]:
        """At most `limit` hits, best first, at most `per_release` of one release."""
        depth = max(_DEPTH, limit * 3)
        with self._catalogue.snapshot():  # a writer may replace a release in between
            dense = self._nearest.nearest(vector, depth, where)
            words = lexical.candidates(self._catalogue.connection, question, language, where=where, limit=depth)
            if not dense and not words:
                return ()
            found = self._candidates(question, language, vector, dense=dense, words=words)
            ranked = fuse(found, dense_weight=dense_weight(language, self._model_languages))
            return self._spread(ranked, limit=limit, per_release=per_release)

    def _candidates(
        self,
        question: str,
        language: str | None,
        vector: NDArray[np.float32],
        *,
        dense: list[tuple[int, float]],
        words: list[tuple[int, float]],
    ) -> list[Candidate]:
        """Every passage that either ranking brought, with both scores, whichever brought it."""
        dense_ranks = {number: rank for rank, (number, _) in enumerate(dense, 1)}
        word_ranks = {number: rank for rank, (number, _) in enumerate(words, 1)}
        numbers = list({**dense_ranks, **word_ranks})
        vectors = self._catalogue.vectors_of(numbers, self.model)
        cosine = dict(zip(vectors, cosines(as_matrix(list(vectors.values())), vector).tolist(), strict=True))
        only_dense = [number for number in numbers if number not in word_ranks]
        scores = dict(words) | lexical.scores(self._catalogue.connection, question, language, only_dense)
        return [
            Candidate(n, cosine.get(n, 0.0), scores.get(n, 0.0), dense_ranks.get(n), word_ranks.get(n)) for n in numbers
        ]

    def _spread(self, ranked: list[tuple[float, Candidate]], *, limit: int, per_release: int) -> tuple[Hit, ...]:
        details = self._catalogue.passages([candidate.key for _, candidate in ranked])
        taken: dict[str, int] = {}
        hits: list[Hit] = []
        for score, candidate in ranked:
            passage, release = details.get(candidate.key, (None, None))
            if passage is None or release is None or taken.get(release.id, 0) >= per_release:
                continue
            taken[release.id] = taken.get(release.id, 0) + 1
            hits.append(
                Hit(
                    passage=passage,
                    release=release,
                    rank=len(hits) + 1,
                    score=score,
                    dense_score=candidate.dense,
                    lexical_score=candidate.lexical,
                    dense_rank=candidate.dense_rank,
                    lexical_rank=candidate.lexical_rank,
                )
            )
            if len(hits) == limit:
                break
        return tuple(hits)
