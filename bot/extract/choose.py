"""Which sentences are shown: one where one is clearly best, up to three where they share the answer between them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.extract.terms import fold, surfaces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.extract.score import Scored
    from bot.extract.sentences import Sentence

_AT_MOST = 3
_NEARLY_AS_GOOD = 0.75  # of the best sentence's likelihood
_WORTH_ADDING = 0.4  # the same, for a sentence that covers words of the question which those before it do not
_CONSIDERED = 12
_LEANS_BACK = re.compile(
    r"""(?:[«“"]\s*)?
    (?:ils?|elles?|ce\ dernier|cette\ derniere|ces\ derniers|cel(?:ui|le)-ci|ceux-ci|he|she|they|the\ latter)\b
    (?!\ (?:s'agi|y\ a\b|faut|fallait|importe|convient|est\ (?:prevu|possible|necessaire|important|essentiel)))
    """,
    re.VERBOSE,
)


def choose(scored: Sequence[Scored]) -> list[Sentence]:
    """One to three sentences, grouped by release, each release's in their order; empty where there are none."""
    if not scored:
        return []
    best = scored[0]
    chosen = [best.sentence]
    if leans_back(best.sentence.text) and (before := _sentence_before(best.sentence)):
        chosen.append(before)
    covered = set(best.covers)
    for one in scored[1:_CONSIDERED]:
        if len(chosen) == _AT_MOST:
            break
        # It is about another name than the one asked for, or lacks the quantity or date that the best has.
        if one.signs.astray > best.signs.astray or one.signs.unmet > best.signs.unmet:
            continue
        bound = _WORTH_ADDING if one.covers - covered else _NEARLY_AS_GOOD
        if one.likelihood >= bound * best.likelihood and not any(
            _says_the_same(one.sentence, other) for other in chosen
        ):
            chosen.append(one.sentence)
            covered |= one.covers
    return _in_order(chosen)


def leans_back(sentence: str) -> bool:
    """Whether a sentence begins with a pronoun for somebody who is named before it."""
    return bool(_LEANS_BACK.match(fold(sentence)))


def _in_order(chosen: list[Sentence]) -> list[Sentence]:
    """The release of the best sentence first, and within each release as it reads."""
    releases = list(dict.fromkeys(sentence.release.id for sentence in chosen))
    return sorted(chosen, key=lambda sentence: (releases.index(sentence.release.id), sentence.start))


def _sentence_before(sentence: Sentence) -> Sentence | None:
    """The sentence that « Il a ajouté » leans on, or None."""
    start = sentence.release.text.rfind(sentence.before, 0, sentence.start) if sentence.before else -1
    if start < 0:
        return None
    return replace(sentence, text=sentence.before, start=start, end=start + len(sentence.before), before="", after="")


def _says_the_same(one: Sentence, other: Sentence) -> bool:
    """Whether two sentences share nearly all their words, as in two versions of a release."""
    words, others = set(surfaces(one.text)), set(surfaces(other.text))
    return len(words & others) >= 0.8 * max(len(words | others), 1)
