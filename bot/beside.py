"""Which notes an answer needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import notes
from bot.instructions import instructions
from bot.speakers import is_unbound
from vectorstore.passage import Filter
from vectorstore.words import fold, is_stop_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

    from bot.answer import Citation, Note
    from bot.answering.analysis import QuestionAnalysis
    from bot.gather import Gathered
    from bot.retrieve import SearchableStore
    from vectorstore.passage import StoredRelease


def notes_on(
    analysis: QuestionAnalysis, gathered: Gathered, citations: Sequence[Citation], store: SearchableStore, zone: tzinfo
) -> tuple[Note, ...]:
    """What is told beside these citations; of a refusal only how it was read, and how fresh the store is."""
    told = [
        *_question(analysis),
        *(notes.unanswered(question, analysis.language) for question in gathered.unanswered if citations),
        *_period(analysis, gathered.where, citations, store, zone),
        *_differing(analysis, gathered, citations, store, zone),
        *_releases(analysis, citations, store, zone),
        *_unbound(analysis, citations),
    ]
    if analysis.times.about_now and (newest := store.releases(Filter(), 1)) and newest[0].published:
        told.append(notes.freshness(newest[0].published, analysis.as_of, zone, analysis.language))
    return tuple(told)


def _question(analysis: QuestionAnalysis) -> Iterator[Note]:
    if analysis.kind.leans and analysis.chain != analysis.question:
        yield notes.understood(analysis.chain)
    elif analysis.usage and analysis.question != analysis.typed:
        yield notes.understood(analysis.question)


def _period(
    analysis: QuestionAnalysis, where: Filter, citations: Sequence[Citation], store: SearchableStore, zone: tzinfo
) -> Iterator[Note]:
    asked, language = analysis.around or analysis.where, analysis.language
    if not citations or not (analysis.of_period or analysis.around):
        return
    if analysis.around is None and where == asked:
        yield notes.searched_in(asked.since, asked.until, zone, language)
    elif analysis.of_period or not all(_is_of(one.release, asked, analysis) for one in citations):
        yield notes.widened(asked.since, asked.until, zone, language, found=store.count_releases(asked))


def _is_of(release: StoredRelease, asked: Filter, analysis: QuestionAnalysis) -> bool:
    """Whether a release was published in a period, or names what the question says of it."""
    words = analysis.times.period.text if analysis.times.period else ""
    if asked.spans(release.published):
        return True
    held = fold(f"{release.title} {release.text}").casefold()
    return all(word in held for word in fold(words).casefold().split() if not is_stop_word(word, None))


def _differing(
    analysis: QuestionAnalysis, gathered: Gathered, citations: Sequence[Citation], store: SearchableStore, zone: tzinfo
) -> Iterator[Note]:
    differing, quoted = gathered.evidence.differing, {citation.release.id for citation in citations}
    if not differing or not {release.id for release in differing} <= quoted:
        return
    newer, older = differing
    if newer.id not in store.relations(older.id).corrected_by:  # that is told by itself
        yield notes.disagree(newer, older, zone, analysis.language)


def _releases(
    analysis: QuestionAnalysis, citations: Sequence[Citation], store: SearchableStore, zone: tzinfo
) -> Iterator[Note]:
    language = analysis.language
    for release in {citation.release.id: citation.release for citation in citations}.values():
        if note := notes.updated(release, zone, language):
            yield note
        for identity in store.relations(release.id).corrected_by:
            if correction := store.get(identity):
                yield notes.corrected(release, correction, zone, language)
        if instructions(release.text, release.language):
            yield notes.instruction(release, language)


def _unbound(analysis: QuestionAnalysis, citations: Sequence[Citation]) -> Iterator[Note]:
    for citation in citations:
        release = citation.release
        if citation.speaker is None and is_unbound(release.text, citation.start, citation.end, release.language):
            yield notes.quoted(citation.key, analysis.language)
