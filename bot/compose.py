"""Answers made of what was gathered on a question: quotes or a refusal, with their notes."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answer import Answer, Reply, Searched, Usage
from bot.answering.refusal import no_more, refuse
from bot.answering.turns import Kind, archive
from bot.answering.turns.replies import reply_to
from bot.beside import notes_on

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from bot.answer import Note, Refusal
    from bot.answering.analysis import QuestionAnalysis
    from bot.answering.generation import Written
    from bot.answering.turns.archive import Listing
    from bot.gather import Gathered
    from bot.retrieve import SearchableStore
    from vectorstore.passage import Filter

UNKNOWN_LANGUAGE = "und"
"""ISO 639-2's code for a language that is not known; a refusal is then worded in English."""


class Composer:
    """Makes the answers to one question; `spent` are the milliseconds of the stages before."""

    def __init__(
        self, analysis: QuestionAnalysis, store: SearchableStore, zone: tzinfo, spent: Mapping[str, float]
    ) -> None:
        self._analysis = analysis
        self._store = store
        self._zone = zone
        self._spent = spent
        self._began = time.perf_counter()

    def reply(self) -> Answer:
        """To a turn that asks nothing of the releases."""
        kind, text = reply_to(self._in_own_words, self._store, self._zone)
        return replace(self._blank(1.0), text=text, reply=Reply(kind))

    def listing(self, found: Listing) -> Answer:
        """Of what the archive holds."""
        text = archive.told(found, self._in_own_words, self._zone)
        rest = found.count - len(found.releases)
        kind = f"{Kind.ABOUT_ARCHIVE.value}.{'count' if found.counted else 'list'}"
        return replace(self._blank(1.0), text=text, reply=Reply(kind, found.releases, rest))

    def extracted(self, gathered: Gathered, *more: Note) -> Answer:
        """With the releases' own sentences, or a refusal where there are none; `more` notes come first."""
        evidence = gathered.evidence
        if not evidence.citations:
            answer = self._refused(self._refusal(gathered), evidence.confidence)
        else:
            answer = self._blank(evidence.confidence)
            answer = replace(answer, text=evidence.text, citations=evidence.citations)
        return self._noted(answer, gathered, *more)

    def written(self, gathered: Gathered, written: Written, model: str) -> Answer:
        """As far as a language model has written it; a refusal where it says that the passages hold no answer."""
        confidence = gathered.evidence.confidence
        if written.finished and not written.citations:
            answer = self._refused(self._refusal(gathered), confidence)
        else:
            answer = replace(self._blank(confidence), text=written.text, citations=written.citations)
        usage = written.usage + (answer.usage or Usage())
        answer = replace(answer, model=model, usage=usage, finished=written.finished)
        return self._noted(answer, gathered) if written.finished else answer

    def _noted(self, answer: Answer, gathered: Gathered, *more: Note) -> Answer:
        analysis = self._in_own_words if answer.refusal else self._analysis
        notes = notes_on(analysis, gathered, answer.citations, self._store, self._zone)
        return replace(answer, notes=(*more, *notes))

    def _refusal(self, gathered: Gathered) -> Refusal:
        evidence, searched = gathered.evidence, self._searched(gathered.where)
        if self._analysis.leave_out:
            return no_more(evidence, searched, self._refusal_language)
        return refuse(evidence, searched, self._refusal_language, self._zone, said=gathered.said)

    @property
    def _refusal_language(self) -> str | None:
        return self._analysis.ask.refusal_language or self._analysis.language

    @property
    def _in_own_words(self) -> QuestionAnalysis:
        """The analysis in the person's language, for what the bot says itself."""
        return replace(self._analysis, language=self._refusal_language)

    def _refused(self, refusal: Refusal, confidence: float) -> Answer:
        return replace(self._blank(confidence), text=refusal.reason, refusal=refusal)

    def _blank(self, confidence: float) -> Answer:
        analysis = self._analysis
        now = time.perf_counter()
        spent = {"answer": (now - self._began) * 1000, "total": (now - analysis.began) * 1000}
        return Answer(
            question=analysis.ask.question,
            standalone_question=analysis.chain,
            text="",
            language=analysis.language or UNKNOWN_LANGUAGE,
            citations=(),
            refusal=None,
            confidence=confidence,
            model="extractive",
            as_of=analysis.as_of,
            timings_ms={**self._spent, **spent},
            usage=analysis.usage,
            forgets=analysis.forgets,
        )

    def _searched(self, where: Filter) -> Searched:
        return Searched(self._store.count_releases(where), where.since, where.until, where.publishers)
