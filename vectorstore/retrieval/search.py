"""One search: dense and lexical candidates, both scores for each, fused, reranked, spread over releases."""

from __future__ import annotations

import functools
from collections import Counter
from typing import TYPE_CHECKING

from vectorstore.catalogue.passages import as_matrix
from vectorstore.retrieval.candidates import Allowed, Candidate, dense_weight, fuse
from vectorstore.retrieval.dense import cosines
from vectorstore.types import Hit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vectorstore.catalogue import Catalogue
    from vectorstore.catalogue.passages import Origin
    from vectorstore.retrieval.dense import Nearest
    from vectorstore.retrieval.lexical import LexicalSearch, Scored
    from vectorstore.retrieval.reranking import Reranker
    from vectorstore.types import Filter


_DEPTH = 50  # candidates that each ranking brings at the least
_FILTERS = 32  # whose passages are remembered: people filter by language, by the same week, and guilds by what they see
_OTHER_LANGUAGE = 0.8  # a twin in another language is shown where it scores a quarter better than the question's own


class Search:
    """Finds hits for questions embedded by one model."""

    def __init__(
        self,
        catalogue: Catalogue,
        nearest: Nearest,
        lexical: LexicalSearch,
        *,
        model_languages: tuple[str, ...] | None,
        reranker: Reranker | None,
    ) -> None:
        self.dimension = nearest.dimension
        self._catalogue = catalogue
        self._nearest = nearest
        self._lexical = lexical
        self._model_languages = model_languages
        self._reranker = reranker
        self._last_allowed: dict[Filter, tuple[int, Allowed]] = {}

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
        ranked, origins = self.fused(question, vector, depth=max(_DEPTH, limit * 3), where=where, language=language)
        if self._reranker is not None:
            ranked = self._reranker.reorder(question, language, ranked, origins)
        kept = _one_language(ranked, origins, language)
        return self._details(_spread(kept, origins, limit=limit, per_release=per_release))

    def fused(
        self, question: str, vector: NDArray[np.float32], *, depth: int, where: Filter, language: str | None
    ) -> tuple[list[tuple[float, Candidate]], dict[int, Origin]]:
        """Candidates with their scores, best first, `depth` of them by each ranking; and what each is of."""
        allowed = self._allowed(where)
        nearest = functools.cache(self._nearest.begin(vector, depth, allowed))  # Chroma searches beside what follows
        also = functools.cache(lambda: [number for number, _ in nearest()])
        words = self._lexical.scored(question, language, limit=depth, allowed=allowed, also=also)
        dense = nearest()
        found = self._candidates(vector, dense=dense, words=words)
        ranked = fuse(found, dense_weight=dense_weight(language, self._model_languages))
        origins = self._origins([candidate.key for candidate in found], words.versions)
        return [(score, candidate) for score, candidate in ranked if candidate.key in origins], origins

    def _origins(self, numbers: list[int], known: dict[int, int]) -> dict[int, Origin]:
        """What passages are of, without those that are gone; of some the row of the version is known already."""
        passages = self._catalogue.passages
        missing = [number for number in numbers if number not in known]
        versions = known | passages.versions_of(missing) if missing else known
        origins = passages.origins({versions[number] for number in numbers if number in versions})
        found = ((number, origins.get(versions.get(number, -1))) for number in numbers)
        return {number: origin for number, origin in found if origin is not None}

    def _allowed(self, where: Filter) -> Allowed | None:
        """The passages that a filter lets through, None for all; the last filters' are remembered."""
        if not where:
            return None
        if where.releases:  # quickly found by their ids, and seldom asked for again: they push nothing out
            return Allowed.of(where, self._catalogue.passages.matching(where))
        generation = self._catalogue.generation()
        known = self._last_allowed.pop(where, None)
        if known is None or known[0] != generation:
            known = generation, Allowed.of(where, self._catalogue.passages.matching(where))
        self._last_allowed[where] = known
        while len(self._last_allowed) > _FILTERS:
            self._last_allowed.pop(next(iter(self._last_allowed)), None)
        return known[1]

    def _candidates(
        self, vector: NDArray[np.float32], *, dense: list[tuple[int, float]], words: Scored
    ) -> list[Candidate]:
        """Every passage that either ranking brought, with both scores, whichever brought it."""
        dense_ranks = {number: rank for rank, (number, _) in enumerate(dense, 1)}
        word_ranks = {number: rank for rank, (number, _) in enumerate(words.ranked, 1)}
        numbers = list({**dense_ranks, **word_ranks})
        cosine, scores = dict(dense), dict(words.ranked) | words.others
        vectors = self._catalogue.passages.vectors_of([n for n in numbers if n not in cosine], self._nearest.model)
        if vectors:
            found = cosines(as_matrix(list(vectors.values())), vector).tolist()
            cosine |= dict(zip(vectors, found, strict=True))
        return [
            Candidate(n, cosine.get(n, 0.0), scores.get(n, 0.0), dense_ranks.get(n), word_ranks.get(n)) for n in numbers
        ]

    def _details(self, kept: list[tuple[float, Candidate]]) -> tuple[Hit, ...]:
        # Only now are texts read: of the hits, not of the hundred candidates.
        details = self._catalogue.passages.by_number([candidate.key for _, candidate in kept])
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


def _one_language(
    ranked: list[tuple[float, Candidate]], origins: dict[int, Origin], language: str | None
) -> list[tuple[float, Candidate]]:
    """The candidates without those of releases whose twin in another language is there too: one is enough.

    The twin in the question's language stays where it comes near the best, else the better one; either takes the
    place of the best passage of both.
    """
    if len({origin.version for origin in origins.values() if origin.twins}) < 2:
        return ranked
    first: dict[str, float] = {}
    chosen: dict[str, tuple[float, int]] = {}
    for score, candidate in ranked:
        origin = origins[candidate.key]
        if origin.twins is not None:
            weight = score if origin.language == language else score * _OTHER_LANGUAGE
            chosen[origin.twins] = max(chosen.get(origin.twins, (weight, origin.version)), (weight, origin.version))
            first[origin.twins] = max(first.get(origin.twins, score), score)
    kept: list[tuple[float, Candidate]] = []
    for score, candidate in ranked:
        origin = origins[candidate.key]
        if origin.twins is None:
            kept.append((score, candidate))
        elif chosen[origin.twins][1] == origin.version:
            kept.append((first.pop(origin.twins, score), candidate))
    return sorted(kept, key=lambda hit: -hit[0])


def _spread(
    ranked: list[tuple[float, Candidate]], origins: dict[int, Origin], *, limit: int, per_release: int
) -> list[tuple[float, Candidate]]:
    taken: Counter[int] = Counter()
    kept: list[tuple[float, Candidate]] = []
    for score, candidate in ranked:
        version = origins[candidate.key].version
        if len(kept) >= limit:
            break
        if taken[version] < per_release:
            taken[version] += 1
            kept.append((score, candidate))
    return kept
