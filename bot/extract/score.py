"""How well a sentence answers a question: a few things that can be seen, each weighed."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from bot.extract.asked import AskedFor, agreement, asked_for
from bot.extract.terms import forms, surfaces, terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.extract.sentences import Sentence
    from bot.extract.terms import Term
    from vectorstore.passage import StoredRelease


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for a sentence; each lies in [0, 1].

    The first five are shares of the question's words, weighed by rarity: in the sentence, there in the same spelling,
    and those missing there but found in the sentences beside it, in title and lead, in the passage. `in_a_row` is the
    longest run of words in common; `agrees` and `disagrees` say whether it holds the kind of thing asked for; `early`
    and `near_best` come from its hit's rank and score; `long` is its length.
    """

    covered: float
    as_spelt: float
    around: float
    in_title: float
    in_passage: float
    in_a_row: float
    agrees: float
    disagrees: float
    early: float
    near_best: float
    long: float


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence with what speaks for it, and how likely that makes it the answer, in [0, 1]."""

    sentence: Sentence
    signs: Signs
    likelihood: float
    covers: frozenset[Term]


# Logistic regression over the sentences of 2,000 questions (half of PIAF's articles, half of XQuAD's), label: the
# sentence holds the answer. What else of the question stands in the passage speaks for another sentence of it.
_BIAS = -10.49
_WEIGHTS = Signs(
    covered=1.19,
    as_spelt=1.75,
    around=0.94,
    in_title=2.12,
    in_passage=-2.15,
    in_a_row=2.55,
    agrees=0.30,
    disagrees=-0.85,
    early=2.28,
    near_best=5.61,
    long=0.89,
)

# The same over the best sentence of 1,400 questions, each asked twice: with the paragraph that answers it and without.
# Rank and score of the hit are left out: the first hit is the first however badly it fits.
_TRUST_BIAS = -2.63
_TRUST = Signs(
    covered=3.0,
    as_spelt=1.87,
    around=1.5,
    in_title=1.73,
    in_passage=1.57,
    in_a_row=2.43,
    agrees=0.0,
    disagrees=-0.38,
    early=0.0,
    near_best=0.0,
    long=0.0,
)


def score(question: str, sentences: Sequence[Sentence], language: str | None) -> list[Scored]:
    """Every sentence with its likelihood of answering the question, likeliest first; ties stay in their order."""
    if not sentences:
        return []
    asked = _Asked.of(question, sentences, language)
    scored = [_scored(asked, sentence) for sentence in sentences]
    return sorted(scored, key=lambda one: -one.likelihood)


def confidence(best: Scored) -> float:
    """How likely the hits hold the answer, in [0, 1], judging by the best of their sentences."""
    return _probability(_TRUST_BIAS, _TRUST, best.signs)


def share_found(best: Scored) -> float:
    """How much of the question's weight stands in the sentence or else in its title or its passage, in [0, 1]."""
    return best.signs.covered + max(best.signs.in_title, best.signs.in_passage)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question made ready: its words with their weights (they sum to 1), and what kind of thing it asks for."""

    words: tuple[str, ...]
    weights: Mapping[Term, float]
    kind: AskedFor

    @classmethod
    def of(cls, question: str, sentences: Sequence[Sentence], language: str | None) -> _Asked:
        """Weigh each word by how few of the sentences hold it: what all of them hold tells nothing apart."""
        asked = terms(question, language)
        held = Counter(
            term for sentence in sentences for term in found(asked, sentence.text, sentence.release.language)
        )
        rarity = {term: math.log(1 + len(sentences) / (held[term] + 0.5)) for term in asked}
        total = sum(rarity.values())
        weights = {term: weight / total for term, weight in rarity.items()}
        return cls(tuple(surfaces(question)), weights, asked_for(question))

    def share(self, covered: Iterable[Term]) -> float:
        """How much of the question's weight some of its words carry."""
        return sum(self.weights[term] for term in covered)


def _scored(asked: _Asked, sentence: Sentence) -> Scored:
    covers = found(asked.weights, sentence.text, sentence.release.language)
    signs = _signs(asked, sentence, covers)
    return Scored(sentence, signs, _probability(_BIAS, _WEIGHTS, signs), covers)


def _probability(bias: float, weights: Signs, signs: Signs) -> float:
    total = bias + sum(weight * sign for weight, sign in zip(astuple(weights), astuple(signs), strict=True))
    return 1 / (1 + math.exp(-total))


def _signs(asked: _Asked, sentence: Sentence, covers: frozenset[Term]) -> Signs:
    language, release = sentence.release.language, sentence.release
    spelt = surfaces(sentence.text)
    covered = asked.share(covers)
    question_words = frozenset(asked.words)
    agrees = agreement(asked.kind, sentence.text, question_words)
    return Signs(
        covered=covered,
        as_spelt=asked.share(term for term in covers if term.surface in spelt),
        around=asked.share(found(asked.weights, f"{sentence.before}\n{sentence.after}", language) - covers),
        in_title=asked.share(found(asked.weights, heading(release), language) - covers),
        in_passage=asked.share(found(asked.weights, sentence.passage, language) - covers),
        in_a_row=_longest_run(asked.words, spelt) / max(len(asked.words), 1),
        agrees=agrees,
        disagrees=float(agrees == 0 and asked.kind is not AskedFor.OTHER),
        early=1 / sentence.rank,
        near_best=sentence.nearness,
        long=min(len(spelt), 60) / 60,
    )


def heading(release: StoredRelease) -> str:
    """What stands over a release's text: title, lead, and the year, which the text itself often leaves out."""
    return f"{release.title}\n{release.lead or ''}\n{release.published.year if release.published else ''}"


def found(asked: Iterable[Term], text: str, language: str | None) -> frozenset[Term]:
    """Those words of a question that a text holds, in the same or in a related form."""
    held = forms(text, language)
    return frozenset(term for term in asked if not held.isdisjoint(term.forms))


def _longest_run(words: Sequence[str], others: Sequence[str]) -> int:
    """How many words in a row two texts share at the most; 0 where it is a single one."""
    best = 0
    runs = [0] * (len(others) + 1)
    for word in words:
        runs = [0, *(runs[index] + 1 if word == other else 0 for index, other in enumerate(others))]
        best = max(best, *runs)
    return best if best > 1 else 0
