"""How well a sentence answers a question: a few things that can be seen, each weighed."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import TYPE_CHECKING

from bot.extract.asked import QUANTITIES, AskedFor, agreement, asked_for, counted
from bot.extract.held import Held
from bot.extract.terms import surfaces, terms
from bot.extract.weights import names_among, weigh, weighty

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.extract.sentences import Sentence
    from bot.extract.terms import Term
    from bot.retrieve import Interaction
    from vectorstore.passage import StoredRelease


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for a sentence or against it; each lies in [0, 1].

    The first six are shares of the question's words, by weight: in the sentence, there in the same spelling, and those
    missing there but found in the sentences beside it, in title and lead, in the passage, elsewhere in what was read of
    the release. `astray` are the names and figures that stand in none of sentence, neighbours, title and lead;
    `lost` those that the release does not hold at all; `about` those in its title. `in_a_row` is the longest run of
    words in common; `agrees` and `disagrees` say how far it holds the kind of thing asked for; `early` and `near_best`
    come from its hit's rank and score; `long` is its length. `unmet` is 1 where a quantity is asked for and it has
    none, less where it is a date; `wanting` the share of the weighty words that stand nowhere near it. `alike` is what
    late interaction sees: the share of the question that the sentence holds, in other words too.
    """

    covered: float
    as_spelt: float
    around: float
    in_title: float
    in_passage: float
    in_release: float
    astray: float
    lost: float
    unmet: float
    about: float
    in_a_row: float
    agrees: float
    disagrees: float
    early: float
    near_best: float
    long: float
    wanting: float
    alike: float


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence with what speaks for it, how likely that makes it the answer, in [0, 1], and what it lacks.

    `covers` are the question's words that it holds, `lacks` the weighty ones that stand neither there nor near it.
    """

    sentence: Sentence
    signs: Signs
    likelihood: float
    covers: frozenset[Term]
    lacks: tuple[Term, ...]


# From `training/answering.py`: which sentence of its hits answers a question, by a conditional logit over 1,350
# questions (PIAF's training half and half of CLAP NQ). The bias makes a likely sentence one of some 0.5. Two are set by
# hand: `unmet`, for too few of those questions ask for quantities of one kind in texts that hold others, and `astray`,
# for their articles are about one thing each, where one release tells of Finland what another tells of Sweden.
_BIAS = -10.95
_WEIGHTS = Signs(
    covered=2.09,
    as_spelt=0.21,
    around=1.28,
    in_title=3.13,
    in_passage=-1.30,
    in_release=0.23,
    astray=-3.20,
    lost=-1.55,
    unmet=-3.00,
    about=0.23,
    in_a_row=1.49,
    agrees=1.30,
    disagrees=-0.09,
    early=1.90,
    near_best=3.60,
    long=0.17,
    wanting=-0.87,
    alike=2.41,
)

_UNMET_DATE = 0.75  # less than a quantity: "two days later" is an answer too
WITHOUT_THE_QUANTITY = 0.2

# Logistic regression over the best sentence for the same questions, each asked twice: with the release that answers it,
# and without. Rank and score of the hit are left out: the first hit is the first however badly it fits.
_TRUST_BIAS = -2.10
_TRUST = Signs(
    covered=1.30,
    as_spelt=1.04,
    around=0.87,
    in_title=1.81,
    in_passage=1.19,
    in_release=0.36,
    astray=-0.64,
    lost=-0.77,
    unmet=-0.21,
    about=0.00,
    in_a_row=1.56,
    agrees=0.00,
    disagrees=-0.32,
    early=0.00,
    near_best=0.00,
    long=0.00,
    wanting=-0.91,
    alike=1.84,
)


def score(
    question: str, sentences: Sequence[Sentence], language: str | None, compares: Interaction | None = None
) -> list[Scored]:
    """Every sentence with its likelihood of answering the question, likeliest first; ties stay in their order."""
    if not sentences:
        return []
    asked = _Asked.of(question, sentences, language, compares)
    scored = [_scored(asked, sentence) for sentence in sentences]
    if compares:
        alike = compares.likeness(question, [sentence.text for sentence in sentences]).tolist()
        scored = [_seen(one, share) for one, share in zip(scored, alike, strict=True)]
    return sorted(scored, key=lambda one: -one.likelihood)


def confidence(best: Scored) -> float:
    """How likely the hits hold the answer, in [0, 1], judging by the best of their sentences.

    Where a quantity is asked for and the best sentence has none, at most 0.2: it may be about the thing, but does not
    answer.
    """
    trust = _probability(_TRUST_BIAS, _TRUST, best.signs)
    return min(trust, WITHOUT_THE_QUANTITY) if best.signs.unmet == 1 else trust


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question made ready: its words with their weights (they sum to 1), and what kind of thing it asks for.

    `weighty` are those whose absence tells something; `things` what it counts; `held` looks for its words in texts;
    `by_release` says which of its words
    stand in what was read of each release.
    """

    words: tuple[str, ...]
    weights: Mapping[Term, float]
    names: frozenset[Term]
    weighty: tuple[Term, ...]
    kind: AskedFor
    things: tuple[str, frozenset[str]]
    held: Held
    by_release: Mapping[str, frozenset[Term]]

    @classmethod
    def of(
        cls, question: str, sentences: Sequence[Sentence], language: str | None, compares: Interaction | None
    ) -> _Asked:
        """Weigh each word by how few of the sentences hold it."""
        asked = terms(question, language)
        look = Held(question, asked, language, compares)
        held: Counter[Term] = Counter()
        by_release: dict[str, frozenset[Term]] = {}
        for sentence in sentences:
            release = sentence.release
            if release.id not in by_release:
                by_release[release.id] = look.found(heading(release), release.language)
            covers = look.found(sentence.text, release.language)
            held.update(covers)
            by_release[release.id] |= covers
        names = names_among(question, asked, (sentence.text for sentence in sentences))
        weights = weigh(asked, held, len(sentences), names)
        return cls(
            words=tuple(surfaces(question)),
            weights=weights,
            names=names,
            weighty=weighty(question, asked, names),
            kind=asked_for(question),
            things=counted(question),
            held=look,
            by_release=by_release,
        )

    def share(self, covered: Iterable[Term]) -> float:
        """How much of the question's weight some of its words carry."""
        return sum(self.weights[term] for term in covered)


def _scored(asked: _Asked, sentence: Sentence) -> Scored:
    language = sentence.release.language
    covers = asked.held.found(sentence.text, language)
    beside = asked.held.found(sentence.before, language) | asked.held.found(sentence.after, language)
    title = asked.held.found(heading(sentence.release), language)
    passage = asked.held.found(sentence.passage, language)
    signs = _signs(asked, sentence, (covers, beside, title, passage))
    near = covers | beside | title | passage
    lacks = tuple(term for term in asked.weighty if term not in near)
    return Scored(sentence, signs, _probability(_BIAS, _WEIGHTS, signs), covers, lacks)


def _seen(one: Scored, alike: float) -> Scored:
    """A sentence with what late interaction sees in it."""
    signs = replace(one.signs, alike=alike)
    return replace(one, signs=signs, likelihood=_probability(_BIAS, _WEIGHTS, signs))


_in_order = attrgetter(*(field.name for field in fields(Signs)))  # not astuple, which copies each value deeply


def _probability(bias: float, weights: Signs, signs: Signs) -> float:
    total = bias + sum(weight * sign for weight, sign in zip(_in_order(weights), _in_order(signs), strict=True))
    return 1 / (1 + math.exp(-total))


def _signs(asked: _Asked, sentence: Sentence, where: tuple[frozenset[Term], ...]) -> Signs:
    covers, beside, title, passage = where
    near = covers | beside | title | passage
    lacks = [term for term in asked.weighty if term not in near]
    release = asked.by_release[sentence.release.id]
    spelt = surfaces(sentence.text)
    agrees = agreement(asked.kind, sentence.text, frozenset(asked.words), asked.things)
    return Signs(
        covered=asked.share(covers),
        as_spelt=asked.share(term for term in covers if term.surface in spelt),
        around=asked.share(beside - covers),
        in_title=asked.share(title - covers),
        in_passage=asked.share(passage - covers),
        in_release=asked.share(release - near),
        astray=asked.share(asked.names - covers - beside - title),
        lost=asked.share(asked.names - release - passage),
        unmet=_UNMET_DATE * (1 - agrees) if asked.kind is AskedFor.DATE else (asked.kind in QUANTITIES) * (1 - agrees),
        about=asked.share(asked.names & title),
        in_a_row=_longest_run(asked.words, spelt) / max(len(asked.words), 1),
        agrees=agrees,
        disagrees=float(agrees == 0 and asked.kind is not AskedFor.OTHER),
        early=1 / sentence.rank,
        near_best=sentence.nearness,
        long=min(len(spelt), 60) / 60,
        wanting=len(lacks) / max(len(asked.weighty), 1),
        alike=asked.share(covers),  # until late interaction says more
    )


def heading(release: StoredRelease) -> str:
    """What stands over a release's text: title, lead, and the year, which the text itself often leaves out."""
    return f"{release.title}\n{release.lead or ''}\n{release.published.year if release.published else ''}"


def _longest_run(words: Sequence[str], others: Sequence[str]) -> int:
    """How many words in a row two texts share at the most; 0 where it is a single one."""
    best = 0
    runs = [0] * (len(others) + 1)
    for word in words:
        runs = [0, *(runs[index] + 1 if word == other else 0 for index, other in enumerate(others))]
        best = max(best, *runs)
    return best if best > 1 else 0
