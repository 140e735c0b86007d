"""One search: dense and lexical candidates, both scores for each, fused, reranked, spread over releases.

Fusion makes one ranking of two:

    score = w · max(cosine, 0) / best cosine + (1 - w) · BM25 / best BM25

It is the convex combination of Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2023),
with zero as the floor of both. Zero means the same for every question: no likeness, no shared word. So nothing depends
on how bad the worst candidate is, and a store of three passages is ranked like one of many. Ranks alone, as in
reciprocal rank fusion, forget by how much the first leads; on every set that was tried they did worse.

Reranking puts together what fusion knew of candidates, and what late interaction sees in them:

    score = Σ weight · sign / Σ weight, every sign in [0, 1]

The weights come from `training/ranking.py`, which fits a conditional logit (McFadden, 1974) to questions whose passage
is known; they differ for a passage in the question's language and one in another, where shared words are hardly more
than names and numbers.
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from dataclasses import astuple, dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vectorstore.catalogue.passages import as_matrix
from vectorstore.types import Hit, embedded_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from vectorstore.catalogue import Catalogue
    from vectorstore.catalogue.passages import Allowed, Origin
    from vectorstore.retrieval.dense import Nearest
    from vectorstore.retrieval.late_interaction import Comparison, LateInteraction
    from vectorstore.retrieval.lexical import LexicalSearch
    from vectorstore.types import Filter, Passage, StoredRelease

# Any weight from 0.5 to 0.8 serves English with an English model, from 0.15 to 0.4 French with that same model.
_KNOWN, _UNKNOWN, _FOREIGN = 0.6, 0.4, 0.3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that either ranking brought, with both scores: cosine in [-1, 1], BM25 of 0 or more.

    `key` names the passage. A rank counts from 1 and is None where that ranking did not list it.
    """

    key: int
    dense: float
    lexical: float
    dense_rank: int | None
    lexical_rank: int | None


def fuse(candidates: Sequence[Candidate], *, dense_weight: float) -> list[tuple[float, Candidate]]:
    """Candidates with their fused score in [0, 1], best first; among equals the lower key.

    Where no candidate shares a word with the question, the vectors decide alone.
    """
    best_dense = max([0.0, *(one.dense for one in candidates)]) or math.inf
    best_lexical = max([0.0, *(one.lexical for one in candidates)]) or math.inf
    scores = [
        dense_weight * (max(one.dense, 0.0) / best_dense) + (1 - dense_weight) * (max(one.lexical, 0.0) / best_lexical)
        for one in candidates
    ]
    return sorted(zip(scores, candidates, strict=True), key=lambda hit: (-hit[0], hit[1].key))


def dense_weight(question_language: str | None, model_languages: tuple[str, ...] | None) -> float:
    """How much of the fused score the vectors decide.

    Most of it where the model knows the question's language; less than half where either is not known; little where
    the model was trained on other languages, as it then recognises hardly more than names.
    """
    if model_languages is None or question_language is None:
        return _UNKNOWN
    return _KNOWN if question_language in model_languages else _FOREIGN


@dataclass(frozen=True, slots=True)
class RerankingWeights:
    """How much each sign counts: cosine and BM25 as shares of the best, and those of late interaction."""

    dense: float
    lexical: float
    likeness: float
    telling: float
    nearby: float
    around: float
    side_by_side: float


SAME_LANGUAGE = RerankingWeights(3.03, 2.42, 2.63, 4.84, 2.21, 2.81, 2.11)
OTHER_LANGUAGE = RerankingWeights(5.22, 1.59, 2.24, 2.66, 2.83, 1.85, 2.57)
_SAME, _OTHER = (np.array(astuple(weights)) for weights in (SAME_LANGUAGE, OTHER_LANGUAGE))


def signs(candidates: Sequence[Candidate], comparison: Comparison) -> NDArray[np.float64]:
    """What is known of each candidate, shape (candidates, signs), in the order of `RerankingWeights`."""
    dense = np.array([max(candidate.dense, 0.0) for candidate in candidates])
    lexical = np.array([max(candidate.lexical, 0.0) for candidate in candidates])
    return np.stack(
        [
            dense / max(dense.max(initial=0.0), 1e-9),
            lexical / max(lexical.max(initial=0.0), 1e-9),
            comparison.likeness,
            comparison.telling,
            comparison.nearby,
            comparison.around,
            comparison.side_by_side,
        ],
        axis=1,
    )


def rescored(
    candidates: Sequence[Candidate], comparison: Comparison, same_language: Sequence[bool], *, trust: float = 1.0
) -> NDArray[np.float64]:
    """The candidates' scores in [0, 1], shape (candidates,).

    `same_language` says which are in the question's language; `trust`, in [0, 1], how far the embedding model knows it:
    the cosine counts for so much less.
    """
    doubt = np.array([trust, 1, 1, 1, 1, 1, 1])
    same, other = _SAME * doubt, _OTHER * doubt
    known = signs(candidates, comparison)
    scores = np.where(same_language, known @ same, known @ other) / max(same.sum(), other.sum())
    shares: NDArray[np.float64] = np.clip(scores, 0, 1)
    return shares


RERANKED = 50
"""Of the fused candidates those that are looked at."""

_DOUBTED = 0.5  # how much a cosine counts in a language that the embedding model was not trained on


@dataclass(frozen=True, slots=True)
class Reranker:
    """Reorders candidates of one catalogue; keeps the subwords of its passages there.

    `model_languages` are those that the embedding model was trained on.
    """

    catalogue: Catalogue
    interaction: LateInteraction
    model_languages: tuple[str, ...] | None

    def reorder(
        self,
        question: str,
        language: str | None,
        ranked: Sequence[tuple[float, Candidate]],
        origins: Mapping[int, Origin],
    ) -> list[tuple[float, Candidate]]:
        """The first candidates with new scores in [0, 1], best first, and behind them the others in their order.

        `ranked` is best first; `origins` says what each candidate is of.
        """
        first, others = ranked[:RERANKED], ranked[RERANKED:]
        candidates = [candidate for _, candidate in first]
        if not candidates:
            return []
        same = [language is None or origins[candidate.key].language in {language, None} for candidate in candidates]
        comparison = self.compare(question, candidates, origins)
        known = language is None or self.model_languages is None or language in self.model_languages
        scores = rescored(candidates, comparison, same, trust=1.0 if known else _DOUBTED).tolist()
        ordered = sorted(zip(scores, candidates, strict=True), key=lambda hit: (-hit[0], hit[1].key))
        # The others keep their order, below the last of those that were looked at.
        shrunk = ordered[-1][0] / others[0][0] if others and others[0][0] > 0 else 0.0
        return ordered + [(score * min(shrunk, 1.0), candidate) for score, candidate in others]

    def compare(self, question: str, candidates: Sequence[Candidate], origins: Mapping[int, Origin]) -> Comparison:
        """What late interaction sees in each candidate; cut now where a store keeps no subwords of this model."""
        numbers, model = [candidate.key for candidate in candidates], self.interaction.model()
        kept = self.catalogue.passages.subwords_of(numbers, model.name, model.dimension)
        pieces = {number: np.frombuffer(raw, dtype=np.uint16) for number, raw in kept.items()}
        missing = [number for number in numbers if number not in pieces]
        if missing:
            pieces |= dict(zip(missing, self._cut(self.catalogue.passages.by_number(missing), missing), strict=True))
        versions = [origins[number].version for number in numbers]
        return self.interaction.compare(question, [pieces[number] for number in numbers], versions)

    def keep(self, numbers: Sequence[int], texts: Sequence[str]) -> None:
        """Cut new passages, by their `embedded_text`, into subwords; call it inside the catalogue's transaction."""
        self.catalogue.passages.add_subwords(numbers, self.interaction.numbers(texts), model=self._add_model())

    def keep_missing(self) -> None:
        """Cut every passage that was kept without this model's subwords, and forget those of other models."""
        with self.catalogue.transaction() as connection:
            model = self._add_model()
            connection.execute("DELETE FROM subwords WHERE model <> ?", (model,))
            query = "SELECT number FROM passages EXCEPT SELECT passage FROM subwords WHERE model = ? ORDER BY 1"
            missing = [number for (number,) in connection.execute(query, (model,))]
            for start in range(0, len(missing), 1_000):
                some = missing[start : start + 1_000]
                self.catalogue.passages.add_subwords(
                    some, self._cut(self.catalogue.passages.by_number(some), some), model=model
                )

    def _cut(
        self, details: Mapping[int, tuple[Passage, StoredRelease]], numbers: Sequence[int]
    ) -> list[NDArray[np.uint16]]:
        found = [details[number] for number in numbers]
        return self.interaction.numbers([embedded_text(release.title, passage.text) for passage, release in found])

    def _add_model(self) -> int:
        model = self.interaction.model()
        return self.catalogue.passages.add_model(model.name, model.dimension)


_DEPTH = 50  # candidates that each ranking brings at the least
_DEEPER = 4  # times as many where those are of so few releases that hits are missing, as of one long one
_FILTERS = 32  # whose passages are remembered: people filter by language, by the same week, and guilds by what they see
_OTHER_LANGUAGE = 0.8  # a twin in another language is shown where it scores a quarter better than the question's own


@dataclass(eq=False)
class Search:
    """Finds hits for questions embedded by one model, which knows `model_languages`."""

    catalogue: Catalogue
    nearest: Nearest
    lexical: LexicalSearch
    model_languages: tuple[str, ...] | None
    reranker: Reranker | None
    _last_allowed: dict[Filter, tuple[int, Allowed]] = field(default_factory=dict)

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
        allowed, depth = self._allowed(where), max(_DEPTH, limit * 3)
        count = self.catalogue.passages.extent().count if allowed is None else len(allowed.numbers)
        while True:
            ranked, origins = self.fused(question, vector, depth=depth, allowed=allowed, language=language)
            if self.reranker is not None:
                ranked = self.reranker.reorder(question, language, ranked, origins)
            if len({origin.version for origin in origins.values() if origin.twins}) > 1:
                ranked = _one_language(ranked, origins, language)
            kept: list[tuple[float, Candidate]] = []
            taken: Counter[int] = Counter()
            for score, candidate in ranked:
                version = origins[candidate.key].version
                if len(kept) < limit and taken[version] < per_release:
                    taken[version] += 1
                    kept.append((score, candidate))
            if len(kept) == limit or depth >= count or len(kept) == per_release * self.catalogue.releases.count(where):
                break
            depth *= _DEEPER
        # Only now are texts read: of the hits, not of the hundred candidates.
        details = self.catalogue.passages.by_number([candidate.key for _, candidate in kept])
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

    def fused(
        self, question: str, vector: NDArray[np.float32], *, depth: int, allowed: Allowed | None, language: str | None
    ) -> tuple[list[tuple[float, Candidate]], dict[int, Origin]]:
        """Candidates with their scores, best first, `depth` of them by each ranking; and what each is of.

        Only the passages allowed are looked at, all where that is None.
        """
        nearest = functools.cache(self.nearest.begin(vector, depth, allowed))  # Chroma searches beside what follows
        also = functools.cache(lambda: [number for number, _ in nearest()])
        words = self.lexical.scored(question, language, limit=depth, allowed=allowed, also=also)
        dense = nearest()
        dense_ranks = {number: rank for rank, (number, _) in enumerate(dense, 1)}
        word_ranks = {number: rank for rank, (number, _) in enumerate(words.ranked, 1)}
        numbers = list({**dense_ranks, **word_ranks})
        # Each passage gets both scores, whichever ranking brought it.
        cosine, scores = dict(dense), dict(words.ranked) | words.others
        others = [number for number in numbers if number not in cosine]
        if vectors := self.catalogue.passages.vectors_of(others, self.nearest.exact.model):
            cosines = as_matrix(list(vectors.values())).astype(np.float32) @ vector
            cosine |= dict(zip(vectors, cosines.tolist(), strict=True))
        found = [
            Candidate(n, cosine.get(n, 0.0), scores.get(n, 0.0), dense_ranks.get(n), word_ranks.get(n)) for n in numbers
        ]
        ranked = fuse(found, dense_weight=dense_weight(language, self.model_languages))
        origins = self.catalogue.passages.origins([candidate.key for candidate in found], words.versions)
        return [(score, candidate) for score, candidate in ranked if candidate.key in origins], origins

    def _allowed(self, where: Filter) -> Allowed | None:
        """The passages that a filter lets through, None for all; the last filters' are remembered."""
        if not where:
            return None
        if where.releases:  # quickly found by their ids, and seldom asked for again: they push nothing out
            return self.catalogue.passages.matching(where)
        generation = self.catalogue.generation()
        known = self._last_allowed.pop(where, None)
        if known is None or known[0] != generation:
            known = generation, self.catalogue.passages.matching(where)
        self._last_allowed[where] = known
        while len(self._last_allowed) > _FILTERS:
            self._last_allowed.pop(next(iter(self._last_allowed)), None)
        return known[1]


def _one_language(
    ranked: list[tuple[float, Candidate]], origins: dict[int, Origin], language: str | None
) -> list[tuple[float, Candidate]]:
    """The candidates without those of releases whose twin in another language is there too: one is enough.

    The twin in the question's language stays where it comes near the best, else the better one; either takes the
    place of the best passage of both.
    """
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
