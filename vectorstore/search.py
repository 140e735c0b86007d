"""One search: dense and lexical candidates, both scores for each, fused, spread over releases."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from vectorstore import lexical
from vectorstore.exact import as_matrix, cosines
from vectorstore.fusion import Candidate, dense_weight, fuse
from vectorstore.nearest import Nearest
from vectorstore.passage import Hit
from vectorstore.words import match_expression

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vectorstore.catalogue import Catalogue
    from vectorstore.lexical import Scored
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
        """At most `limit` hits, best first, at most `per_release` of one release; call it inside a snapshot."""
        depth = max(_DEPTH, limit * 3)
        dense = self._nearest.nearest(vector, depth, where)
        words = lexical.scored(
            self._catalogue.connection,
            match_expression(question, language),
            where=where,
            limit=depth,
            also=[number for number, _ in dense],
        )
        found = self._candidates(vector, dense=dense, words=words)
        ranked = fuse(found, dense_weight=dense_weight(language, self._model_languages))
        return self._details(self._spread(ranked, limit=limit, per_release=per_release))

    def _candidates(
        self, vector: NDArray[np.float32], *, dense: list[tuple[int, float]], words: Scored
    ) -> list[Candidate]:
        """Every passage that either ranking brought, with both scores, whichever brought it."""
        dense_ranks = {number: rank for rank, (number, _) in enumerate(dense, 1)}
        word_ranks = {number: rank for rank, (number, _) in enumerate(words.ranked, 1)}
        numbers = list({**dense_ranks, **word_ranks})
        vectors = self._catalogue.vectors_of(numbers, self.model)
        rows = as_matrix(list(vectors.values())) if vectors else np.empty((0, self.dimension), dtype=np.float16)
        cosine = dict(zip(vectors, cosines(rows, vector).tolist(), strict=True))
        scores = dict(words.ranked) | words.others
        return [
            Candidate(n, cosine.get(n, 0.0), scores.get(n, 0.0), dense_ranks.get(n), word_ranks.get(n)) for n in numbers
        ]

    def _spread(
        self, ranked: list[tuple[float, Candidate]], *, limit: int, per_release: int
    ) -> list[tuple[float, Candidate]]:
        versions = self._catalogue.versions_of([candidate.key for _, candidate in ranked])
        taken: Counter[int] = Counter()
        kept: list[tuple[float, Candidate]] = []
        for score, candidate in ranked:
            version = versions.get(candidate.key)
            if version is not None and taken[version] < per_release and len(kept) < limit:
                taken[version] += 1
                kept.append((score, candidate))
        return kept

    def _details(self, kept: list[tuple[float, Candidate]]) -> tuple[Hit, ...]:
        # Only now are texts read: of the hits, not of the hundred candidates.
        details = self._catalogue.passages([candidate.key for _, candidate in kept])
        return tuple(
            Hit(
                passage=details[candidate.key][0],
                release=details[candidate.key][1],
                rank=rank,
                score=score,
                dense_score=candidate.dense,
                lexical_score=candidate.lexical,
                dense_rank=candidate.dense_rank,
                lexical_rank=candidate.lexical_rank,
            )
            for rank, (score, candidate) in enumerate(kept, 1)
        )
