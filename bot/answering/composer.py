"""Answers made of what was gathered on a question: quotes or a refusal, with their notes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bot.answering import archive, wording
from bot.answering.citations import in_turn
from bot.answering.replies import reply_to
from bot.answering.turns import TurnKind
from bot.answering.types import Answer, Refusal, Reply, Searched, Usage
from bot.answering.wording import no_more, nothing_left, refuse
from bot.language.annotations import orders_of, quotations_of
from bot.language.speakers import is_unbound
from vectorstore.text.words import fold, is_stop_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import tzinfo

    from bot.answering.analysis import QuestionAnalysis
    from bot.answering.archive import ArchiveListing
    from bot.answering.evidence import Evidence
    from bot.answering.retriever import SearchableStore
    from bot.answering.search import Gathered
    from bot.answering.types import Citation, Note
    from bot.answering.writer import Written
    from vectorstore.types import Filter, StoredRelease

UNKNOWN_LANGUAGE = "und"
"""ISO 639-2's code for a language that is not known; a refusal is then worded in English."""


@dataclass(frozen=True, slots=True)
class Composer:
    """Makes the answers to one question; `spent` are the milliseconds of the stages before."""

    analysis: QuestionAnalysis
    store: SearchableStore
    zone: tzinfo
    spent: Mapping[str, float]
    began: float = field(default_factory=time.perf_counter)

    def reply(self) -> Answer:
        """To a turn that asks nothing of the releases."""
        kind, text = reply_to(self._in_own_words, self.store, self.zone)
        return replace(self._blank(1.0), text=text, reply=Reply(kind))

    def listing(self, found: ArchiveListing) -> Answer:
        """Of what the archive holds."""
        text = archive.told(found, self._in_own_words, self.zone)
        kind = f"{TurnKind.ABOUT_ARCHIVE.value}.{'count' if found.counted else 'list'}"
        asked = self.analysis.chain or self.analysis.typed  # which the next turn may lean on
        reply = Reply(kind, found.releases, found.rest)
        return replace(self._blank(1.0), text=text, reply=reply, standalone_question=asked)

    def extracted(self, gathered: Gathered, *more: Note) -> Answer:
        """With the releases' own sentences, or a refusal where there are none; `more` notes come first."""
        evidence = gathered.evidence
        if not evidence.citations:
            answer = self._refused(self._refusal(gathered), evidence.confidence)
        else:
            citations = (*evidence.citations, *self._alternative(evidence))
            answer = replace(self._blank(evidence.confidence), text=in_turn(citations), citations=citations)
        return self._noted(answer, gathered, *more)

    def _alternative(self, evidence: Evidence) -> tuple[Citation, ...]:
        """What may answer instead; not beside its correction, nor where more is asked for, which gets it next."""
        if self.analysis.leave_out or not evidence.alternative:
            return ()
        linked = self.store.records.relations(evidence.alternative[0].release.id)
        versions = {linked.corrects, *linked.corrected_by}
        is_linked = any(one.release.id in versions for one in evidence.citations)
        return () if is_linked else evidence.alternative

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

    def _refusal(self, gathered: Gathered) -> Refusal:
        evidence, where = gathered.evidence, gathered.where
        searched = Searched(self.store.records.count_releases(where), where.since, where.until, where.publishers)
        if self.analysis.leave_out:
            return no_more(evidence, searched, self._refusal_language)
        if not searched.releases:
            return Refusal(nothing_left(self.store, where, self._refusal_language, self.zone), searched)
        return refuse(evidence, searched, self._refusal_language, self.zone, said=gathered.said)

    @property
    def _refusal_language(self) -> str | None:
        return self.analysis.ask.refusal_language or self.analysis.language

    @property
    def _in_own_words(self) -> QuestionAnalysis:
        """The analysis in the person's language, for what the bot says itself."""
        return replace(self.analysis, language=self._refusal_language)

    def _refused(self, refusal: Refusal, confidence: float) -> Answer:
        return replace(self._blank(confidence), text=refusal.reason, refusal=refusal)

    def _blank(self, confidence: float) -> Answer:
        analysis = self.analysis
        now = time.perf_counter()
        spent = {"answer": (now - self.began) * 1000, "total": (now - analysis.began) * 1000}
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
            timings_ms={**self.spent, **spent},
            usage=analysis.usage,
            forgets=analysis.forgets,
        )

    def _noted(self, answer: Answer, gathered: Gathered, *more: Note) -> Answer:
        """With what is told beside its citations; of a refusal only how it was read, and how fresh the store is."""
        analysis = self._in_own_words if answer.refusal else self.analysis
        language, told = analysis.language, list(more)
        if analysis.guess.kind.leans and analysis.chain != analysis.question:
            told.append(wording.understood(analysis.chain))
        elif analysis.usage and analysis.question != analysis.typed:
            told.append(wording.understood(analysis.question))
        if answer.citations:
            if gathered.evidence.read_as:
                told.append(wording.understood(gathered.evidence.read_as))
            told += (wording.unanswered(question, language) for question in gathered.unanswered)
            if analysis.of_period or analysis.around:
                told += self._of_period(gathered.where, answer.main_citations)
            if gathered.evidence.differing:
                told += self._of_difference(*gathered.evidence.differing, answer.citations)
            if other := next((one for one in answer.citations if one.alternative and one.answer), None):
                told.append(wording.alternative(other.key, language))
            told += self._of_releases(answer.citations)
        period, bound = analysis.times.period, analysis.ask.where.until
        is_over = bound or (period and period.until and period.until <= analysis.as_of)
        is_of_now = analysis.times.about_now and not is_over
        newest = []
        if is_of_now:
            newest = self.store.records.releases(replace(analysis.archive, languages=analysis.where.languages), 1)
        if newest and newest[0].published:
            told.append(wording.freshness(newest[0].published, analysis.as_of, self.zone, language))
        return replace(answer, notes=tuple(told))

    def _of_period(self, where: Filter, citations: Sequence[Citation]) -> Iterator[Note]:
        analysis, language = self.analysis, self.analysis.language
        asked = analysis.around or analysis.where
        if analysis.around is None and where == asked:
            is_listed = analysis.times.only_times and analysis.times.order is None
            found = self.store.records.count_releases(asked) if is_listed else 0
            shown = len({one.release.id for one in citations})
            yield wording.searched_in(asked.since, asked.until, self.zone, language, shown=shown, found=found)
        elif analysis.of_period or not all(_is_of(one.release, asked, analysis) for one in citations):
            found = self.store.records.count_releases(asked)
            yield wording.widened(asked.since, asked.until, self.zone, language, found=found)

    def _of_difference(
        self, newer: StoredRelease, older: StoredRelease, citations: Sequence[Citation]
    ) -> Iterator[Note]:
        quoted = {citation.release.id for citation in citations}
        corrected_by = self.store.records.relations(older.id).corrected_by
        if {newer.id, older.id} <= quoted and newer.id not in corrected_by:  # that is told by itself
            yield wording.disagree(newer, older, self.zone, self.analysis.language)

    def _of_releases(self, citations: Sequence[Citation]) -> Iterator[Note]:
        language, records = self.analysis.language, self.store.records
        for release in {citation.release.id: citation.release for citation in citations}.values():
            changed = release.updated or (release.first_seen if release.version > 1 else None)
            if changed and not (release.published and changed <= release.published):
                yield wording.updated(release, changed, self.zone, language)
            if release.withdrawn:
                yield wording.withdrawn(release, release.withdrawn, self.zone, language)
            corrected_by = records.relations(release.id).corrected_by
            known = records.among(corrected_by, self.analysis.archive) if corrected_by else set[str]()
            for correction in map(records.get, (identity for identity in corrected_by if identity in known)):
                if correction:
                    yield wording.corrected(release, correction, self.zone, language)
            if orders_of(release):
                yield wording.instruction(release, language)
        for citation in citations:
            release, start, end = citation.release, citation.start, citation.end
            quoted = quotations_of(release) if citation.speaker is None else ()
            if quoted and is_unbound(release.text, start, end, release.language, quoted):
                yield wording.quoted(citation.key, language)


def _is_of(release: StoredRelease, asked: Filter, analysis: QuestionAnalysis) -> bool:
    """Whether a release was published in a period, or names what the question says of it."""
    period = analysis.times.period
    if period is None or not period.named or asked.spans(release.published):
        return asked.spans(release.published)
    held = fold(f"{release.title} {release.text}").casefold()
    return all(word in held for word in fold(period.text).casefold().split() if not is_stop_word(word, None))
