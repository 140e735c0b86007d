"""The stage between fusion and answer: what fusion knew of candidates, and what late interaction sees in them.

    score = Σ weight · sign / Σ weight, every sign in [0, 1]

The weights come from `training/ranking.py`, which fits a conditional logit (McFadden, 1974) to questions whose passage
is known; they differ for a passage in the question's language and one in another, where shared words are hardly more
than names and numbers.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

import numpy as np

from vectorstore.types import embedded_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from vectorstore.catalogue import Catalogue
    from vectorstore.catalogue.passages import Origin
    from vectorstore.retrieval.candidates import Candidate
    from vectorstore.retrieval.late_interaction import Comparison, LateInteraction
    from vectorstore.types import Passage, StoredRelease


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


class Reranker:
    """Reorders candidates of one catalogue; keeps the subwords of its passages there."""

    def __init__(
        self, catalogue: Catalogue, interaction: LateInteraction, *, model_languages: tuple[str, ...] | None
    ) -> None:
        self._catalogue = catalogue
        self._interaction = interaction
        self._model_languages = model_languages

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
        scores = rescored(candidates, comparison, same, trust=self._trust(language)).tolist()
        ordered = sorted(zip(scores, candidates, strict=True), key=lambda hit: (-hit[0], hit[1].key))
        # The others keep their order, below the last of those that were looked at.
        shrunk = ordered[-1][0] / others[0][0] if others and others[0][0] > 0 else 0.0
        return ordered + [(score * min(shrunk, 1.0), candidate) for score, candidate in others]

    def compare(self, question: str, candidates: Sequence[Candidate], origins: Mapping[int, Origin]) -> Comparison:
        """What late interaction sees in each candidate."""
        numbers = [candidate.key for candidate in candidates]
        return self._interaction.compare(question, self._subwords(numbers), [origins[n].version for n in numbers])

    def keep(self, numbers: Sequence[int], texts: Sequence[str]) -> None:
        """Cut new passages, by their `embedded_text`, into subwords; call it inside the catalogue's transaction."""
        self._catalogue.passages.add_subwords(numbers, self._interaction.numbers(texts), model=self._add_model())

    def keep_missing(self) -> None:
        """Cut every passage that was kept without this model's subwords, and forget those of other models."""
        with self._catalogue.transaction() as connection:
            model = self._add_model()
            connection.execute("DELETE FROM subwords WHERE model <> ?", (model,))
            query = "SELECT number FROM passages EXCEPT SELECT passage FROM subwords WHERE model = ? ORDER BY 1"
            missing = [number for (number,) in connection.execute(query, (model,))]
            for start in range(0, len(missing), 1_000):
                some = missing[start : start + 1_000]
                self._catalogue.passages.add_subwords(
                    some, self._cut(self._catalogue.passages.by_number(some), some), model=model
                )

    def _subwords(self, numbers: Sequence[int]) -> list[NDArray[np.uint16]]:
        """The subwords of each passage; cut now where a store does not keep those of this model."""
        model = self._catalogue.passages.model_number(self._interaction.name, self._interaction.dimension)
        kept = {} if model is None else self._catalogue.passages.subwords_of(numbers, model)
        pieces = {number: np.frombuffer(raw, dtype=np.uint16) for number, raw in kept.items()}
        missing = [number for number in numbers if number not in pieces]
        if missing:
            pieces |= dict(zip(missing, self._cut(self._catalogue.passages.by_number(missing), missing), strict=True))
        return [pieces[number] for number in numbers]

    def _cut(
        self, details: Mapping[int, tuple[Passage, StoredRelease]], numbers: Sequence[int]
    ) -> list[NDArray[np.uint16]]:
        found = [details[number] for number in numbers]
        return self._interaction.numbers([embedded_text(release.title, passage.text) for passage, release in found])

    def _add_model(self) -> int:
        return self._catalogue.passages.add_model(self._interaction.name, self._interaction.dimension)

    def _trust(self, language: str | None) -> float:
        """How far the embedding model's cosines are to be trusted for a question in this language."""
        known = language is None or self._model_languages is None or language in self._model_languages
        return 1.0 if known else _DOUBTED
