"""How far an answer is to be trusted: whether the hits hold one at all, by logistic regression over what a search saw.

The weights stand in `trust.json`; `python -m training.refusing` fits them. They belong to one embedding model, for
cosines of two models are no more alike than the words of two languages; with another model, and where a question meets
a text in another language, the signs of the best sentence decide alone (`bot.extract.score.confidence`).
"""

from __future__ import annotations

import json
import math
from dataclasses import astuple, dataclass, fields
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from bot.extract.asked import QUANTITIES, asked_for
from bot.extract.score import WITHOUT_THE_QUANTITY, confidence
from vectorstore.words import is_stop_word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.extract.score import Scored
    from bot.retrieve import Interaction
    from vectorstore.passage import Hit

ANSWERED_FROM: Mapping[str, float] = {"seldom": 0.25, "balanced": 0.35, "often": 0.55}
"""Confidence from which there is an answer, by how often the bot is to refuse."""

_DEEP = 10  # hits; what lies behind tells nothing
_RAREST = 3  # pieces of a question: those that a text about something else would lack
_READ = 6_000  # characters of a release that are compared
_SURE = 10.0


@dataclass(frozen=True, slots=True)
class Traits:
    """What a search saw of a question: of the best sentence, of the ranking, of the release.

    The first eleven are the best sentence's `Signs`. `log_odds` is that of its likelihood, `ahead` by how much it
    beats the best one of another release. `top` is the first hit's score, `gap_5` and `gap_10` how far the fifth and
    the last of ten lie behind it. `likest` is the greatest cosine, `own_cosine` that of the best sentence's release,
    `stands_out` the greatest beside the mean of the others; `word_score` the first hit's BM25 for each word of the
    question, `word_gap_5` how far the fifth best lies behind the best, as a share. `dense_rank` and `word_rank` are the
    inverses of the first hit's ranks. `release_share` is the share of the question that the best release holds by late
    interaction, `rarest_piece` the least cosine of its three weightiest pieces there. `quantity` is 1 where one is
    asked for, `words` the question's length in 30 words.
    """

    covered: float
    as_spelt: float
    around: float
    in_title: float
    in_passage: float
    in_release: float
    astray: float
    lost: float
    in_a_row: float
    wanting: float
    alike: float
    log_odds: float
    ahead: float
    top: float
    gap_5: float
    gap_10: float
    likest: float
    own_cosine: float
    stands_out: float
    word_score: float
    word_gap_5: float
    dense_rank: float
    word_rank: float
    release_share: float
    rarest_piece: float
    quantity: float
    words: float


@dataclass(frozen=True, slots=True)
class _Weights:
    """For each trait its mean, its deviation and how much it counts."""

    embedder: str
    bias: float
    rows: tuple[tuple[float, float, float], ...]

    def probability(self, traits: Traits) -> float:
        """A number in [0, 1]."""
        total = self.bias
        for value, (mean, deviation, weight) in zip(astuple(traits), self.rows, strict=True):
            total += weight * (value - mean) / deviation
        return 1 / (1 + math.exp(-max(min(total, 30.0), -30.0)))


def trust(
    question: str,
    hits: Sequence[Hit],
    scored: Sequence[Scored],
    language: str | None,
    *,
    compares: Interaction | None = None,
    embedder: str | None = None,
) -> float:
    """How likely the hits hold the answer, in [0, 1]; `scored` are their sentences, likeliest first, at least one.

    `embedder` names the model whose cosines the hits carry. At most 0.2 where a quantity is asked for and the best
    sentence has none.
    """
    best = scored[0]
    foreign = None not in (language, best.sentence.release.language) and language != best.sentence.release.language
    weights = _weights()
    if embedder != weights.embedder or foreign:
        return confidence(best)
    found = weights.probability(traits(question, hits, scored, language, compares=compares))
    return min(found, WITHOUT_THE_QUANTITY) if best.signs.unmet == 1 else found


def traits(
    question: str,
    hits: Sequence[Hit],
    scored: Sequence[Scored],
    language: str | None,
    *,
    compares: Interaction | None = None,
) -> Traits:
    """What a search saw; `hits` and `scored` are best first, and not empty."""
    best, hits = scored[0], hits[:_DEEP]
    own = best.sentence.release.id
    others = [one.likelihood for one in scored if one.sentence.release.id != own]
    share, rarest = _in_release(question, best, compares)
    words = [word for word in question.split() if not is_stop_word(word, language)]
    return Traits(
        **{name: getattr(best.signs, name) for name in _OF_SENTENCE},
        log_odds=_log_odds(best.likelihood),
        ahead=_log_odds(best.likelihood) - _log_odds(others[0]) if others else _SURE,
        **_of_ranking(hits, own),
        word_score=hits[0].lexical_score / max(len(words), 1),
        release_share=share,
        rarest_piece=rarest,
        quantity=float(asked_for(question) in QUANTITIES),
        words=min(len(question.split()), 30) / 30,
    )


_OF_SENTENCE = tuple(field.name for field in fields(Traits))[:11]


def _of_ranking(hits: Sequence[Hit], own: str) -> dict[str, float]:
    cosines = sorted((hit.dense_score for hit in hits), reverse=True)
    words = sorted((hit.lexical_score for hit in hits), reverse=True)
    first, fifth = hits[0], min(4, len(hits) - 1)
    others = cosines[1:]
    return {
        "top": first.score,
        "gap_5": first.score - hits[fifth].score,
        "gap_10": first.score - hits[-1].score,
        "likest": cosines[0],
        "own_cosine": next((hit.dense_score for hit in hits if hit.release.id == own), first.dense_score),
        "stands_out": cosines[0] - sum(others) / len(others) if others else 0.0,
        "word_gap_5": (words[0] - words[fifth]) / max(words[0], 1e-9),
        "dense_rank": 1 / (first.dense_rank or 60),
        "word_rank": 1 / (first.lexical_rank or 60),
    }


def _in_release(question: str, best: Scored, compares: Interaction | None) -> tuple[float, float]:
    """The share of the question that the best sentence's release holds, and its weightiest pieces' least cosine."""
    signs, release = best.signs, best.sentence.release
    if compares is None:
        held = signs.covered + signs.around + signs.in_title + signs.in_passage + signs.in_release
        return min(held, 1.0), 1.0 - signs.wanting
    pieces = compares.align(question, f"{release.title}\n{release.text[:_READ]}")
    if not pieces:
        return 0.0, 0.0
    weight = sum(piece.weight for piece in pieces) or 1.0
    share = sum(piece.weight * max(piece.likeness - 0.1, 0.0) / 0.9 for piece in pieces) / weight
    weightiest = sorted(pieces, key=lambda piece: -piece.weight)[:_RAREST]
    return share, min(max(piece.likeness, 0.0) for piece in weightiest)


def _log_odds(likelihood: float) -> float:
    return math.log(likelihood / (1 - likelihood)) if 0 < likelihood < 1 else math.copysign(_SURE, likelihood - 0.5)


@cache
def _weights() -> _Weights:
    told: dict[str, Any] = json.loads(resources.files("bot.extract").joinpath("trust.json").read_text("utf-8"))
    rows = tuple(tuple(told["traits"][field.name]) for field in fields(Traits))
    return _Weights(told["embedder"], told["bias"], rows)
