"""Which notes an answer needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import notes
from bot.follow_up import Kind
from bot.instructions import instructions
from bot.speakers import is_unbound
from vectorstore.passage import Filter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

    from bot.answer import Citation, Note
    from bot.gather import Gathered
    from bot.retrieve import SearchableStore
    from bot.understand import Understood

_AS_BEFORE = frozenset({Kind.MORE, Kind.YES, Kind.CHALLENGE})  # their question was read before, and told then


def notes_on(
    understood: Understood, gathered: Gathered, citations: Sequence[Citation], store: SearchableStore, zone: tzinfo
) -> tuple[Note, ...]:
    """What is told beside these citations; of a refusal only how it was understood, and how fresh the store is."""
    told = [
        *_question(understood),
        *_period(understood, gathered.where, citations, store, zone),
        *_differing(understood, gathered, citations, store, zone),
        *_releases(understood, citations, store, zone),
        *_unbound(understood, citations),
    ]
    if understood.times.about_now and (newest := store.releases(Filter(), 1)) and newest[0].published:
        told.append(notes.freshness(newest[0].published, understood.as_of, zone, understood.language))
    return tuple(told)


def _question(understood: Understood) -> Iterator[Note]:
    kind, question = understood.followed.kind, understood.question
    if kind is not Kind.NEW and kind not in _AS_BEFORE and question != " ".join(understood.ask.question.split()):
        yield notes.understood(question, understood.language)


def _period(
    understood: Understood, where: Filter, citations: Sequence[Citation], store: SearchableStore, zone: tzinfo
) -> Iterator[Note]:
    if not understood.of_period or not citations:
        return
    asked, language = understood.where, understood.language
    if where == asked:
        yield notes.searched_in(asked.since, asked.until, zone, language)
    else:
        yield notes.widened(asked.since, asked.until, zone, language, found=store.count_releases(asked))


def _differing(
    understood: Understood, gathered: Gathered, citations: Sequence[Citation], store: SearchableStore, zone: tzinfo
) -> Iterator[Note]:
    differing, quoted = gathered.evidence.differing, {citation.release.id for citation in citations}
    if not differing or not {release.id for release in differing} <= quoted:
        return
    newer, older = differing
    if newer.id not in store.relations(older.id).corrected_by:  # that is told by itself
        yield notes.disagree(newer, older, zone, understood.language)


def _releases(
    understood: Understood, citations: Sequence[Citation], store: SearchableStore, zone: tzinfo
) -> Iterator[Note]:
    language = understood.language
    for release in {citation.release.id: citation.release for citation in citations}.values():
        if note := notes.updated(release, zone, language):
            yield note
        for identity in store.relations(release.id).corrected_by:
            if correction := store.get(identity):
                yield notes.corrected(release, correction, zone, language)
        if instructions(release.text, release.language):
            yield notes.instruction(release, language)


def _unbound(understood: Understood, citations: Sequence[Citation]) -> Iterator[Note]:
    for citation in citations:
        release = citation.release
        if citation.speaker is None and is_unbound(release.text, citation.start, citation.end, release.language):
            yield notes.quoted(citation.key, understood.language)
