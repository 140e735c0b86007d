"""Sentences of the hits that answer a question, each as a checked citation, with how far they are to be trusted."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.answer import Citation
from bot.cite import find_quote, text_fragment_link
from bot.extract.choose import choose
from bot.extract.disagree import disagreement
from bot.extract.score import score
from bot.extract.sentences import sentences_of
from bot.extract.trust import ANSWERED_FROM, trust
from bot.instructions import unkeyed
from bot.speakers import speaker_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.extract.score import Scored
    from bot.extract.sentences import Sentence
    from bot.retrieve import Interaction
    from vectorstore.passage import Hit, StoredRelease

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """When an answer is given: `refusing` is a key of `ANSWERED_FROM`; `embedder` names the model of the cosines."""

    refusing: str = "balanced"
    embedder: str | None = None

    @property
    def answered_from(self) -> float:
        """The confidence from which there is an answer."""
        return ANSWERED_FROM[self.refusing]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the hits hold on a question.

    `citations` are the sentences that answer it, in the order to show them; none where nothing fits. `confidence` is
    how likely the hits hold the answer at all, in [0, 1]; without citations it lies below the bound. `missing` are
    names, figures and nouns of the question that the best sentence and its surroundings lack; `nearest` the two
    releases that came closest.
    """

    citations: tuple[Citation, ...]
    confidence: float
    missing: tuple[str, ...]
    nearest: tuple[StoredRelease, ...]
    differing: tuple[StoredRelease, StoredRelease] | None = None

    @property
    def text(self) -> str:
        """The sentences on one line, each followed by its key: `M. Rutte a déclaré … [1]`.

        Notes of the releases' own stand in parentheses there; the citations have them as they are.
        """
        shown = (f"{unkeyed(citation.quote).replace(chr(10), ' ')} [{citation.key}]" for citation in self.citations)
        return " ".join(shown)


def extract(
    question: str,
    hits: Sequence[Hit],
    *,
    language: str | None,
    compares: Interaction | None = None,
    bounds: Bounds | None = None,
    keeps: Callable[[Sentence], bool] | None = None,
) -> Evidence:
    """The one to three sentences of the hits that best answer a question, or none where nothing fits.

    `compares` sees which sentences hold the question in other words; without it the words alone decide. Of a release
    that was found in several languages, the one in the question's `language` is quoted. Only sentences that `keeps`
    lets through may answer.
    """
    bounds = bounds or Bounds()
    hits = prefer_language(hits, language)
    scored = score(question, sentences_of(hits), language, compares)
    if keeps:
        scored = [one for one in scored if keeps(one.sentence)]
    nearest = tuple({hit.release.id: hit.release for hit in hits}.values())[:2]
    if not scored:
        return Evidence((), 0.0, (), nearest)
    sure = trust(question, hits, scored, language, compares=compares, embedder=bounds.embedder)
    differ = disagreement(question, scored) if sure >= bounds.answered_from else None
    chosen = [one.sentence for one in differ] if differ else choose(scored)
    citations = _citations(chosen) if sure >= bounds.answered_from else ()
    # Where no sentence could be placed there is a refusal too, and it must not look surer than an answer.
    shown = sure if citations else min(sure, bounds.answered_from - 0.01)
    both = (differ[0].sentence.release, differ[1].sentence.release) if differ else None
    return Evidence(citations, shown, _missing(question, scored[0]), nearest, both)


def prefer_language(hits: Sequence[Hit], language: str | None) -> tuple[Hit, ...]:
    """The hits without those of a release that was found in the question's language too; that one takes their rank."""
    twins = {hit.release.pair for hit in hits if hit.release.pair and hit.release.language == language}
    kept: list[Hit] = []
    best: dict[str, float] = {}
    for hit in hits:
        pair = hit.release.pair or ""
        if pair in twins:
            best.setdefault(pair, hit.score)
            if hit.release.language != language:
                continue
            hit = replace(hit, score=max(hit.score, best[pair]))  # noqa: PLW2901
        kept.append(hit)
    return tuple(sorted(kept, key=lambda hit: -hit.score))


def _missing(question: str, best: Scored) -> tuple[str, ...]:
    """The weighty words that the best sentence and its surroundings lack; at most three, for more tells nothing.

    Each is given as the person wrote it: « finno-russe » whole where a part of it is lacking.
    """
    written = {part: whole for whole in re.findall(r"\w+(?:-\w+)*", question) for part in whole.split("-")}
    return tuple(dict.fromkeys(written.get(term.word, term.word) for term in best.lacks))[:3]


def _citations(sentences: Sequence[Sentence]) -> tuple[Citation, ...]:
    """A citation for each sentence that stands in its release, with keys from 1."""
    placed = [(sentence, span) for sentence in sentences if (span := _place(sentence))]
    return tuple(
        Citation(
            key=str(number),
            quote=sentence.release.text[start:end],
            start=start,
            end=end,
            release=sentence.release,
            link=text_fragment_link(sentence.release.url, sentence.release.text, start, end),
            speaker=speaker_of(sentence.release.text, start, end, sentence.release.language),
        )
        for number, (sentence, (start, end)) in enumerate(placed, 1)
    )


def _place(sentence: Sentence) -> tuple[int, int] | None:
    """Where the sentence stands in its release; None, and a line in the log, where it does not word for word."""
    text = sentence.release.text
    if text[sentence.start : sentence.end] == sentence.text:
        return sentence.start, sentence.end
    span = find_quote(sentence.text, text)
    if span is None:
        log.warning("release %s: sentence at %d is not in its text: left out", sentence.release.id, sentence.start)
    return span
