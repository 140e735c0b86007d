"""Which notes an answer needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import notes
from vectorstore.passage import Filter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

    from bot.answer import Citation, Note
    from bot.retrieve import SearchableStore
    from bot.understand import Understood


def notes_on(
    understood: Understood, citations: Sequence[Citation], where: Filter, store: SearchableStore, zone: tzinfo
) -> tuple[Note, ...]:
    """What is told beside these citations, which were found by `where`; of a refusal only how fresh the store is."""
    told = [*_period(understood, citations, where, store, zone), *_releases(understood, citations, store, zone)]
    if understood.times.about_now and (newest := store.releases(Filter(), 1)) and newest[0].published:
        told.append(notes.freshness(newest[0].published, understood.as_of, zone, understood.language))
    return tuple(told)


def _period(
    understood: Understood, citations: Sequence[Citation], where: Filter, store: SearchableStore, zone: tzinfo
) -> Iterator[Note]:
    if not understood.of_period or not citations:
        return
    asked, language = understood.where, understood.language
    if where == asked:
        yield notes.searched_in(asked.since, asked.until, zone, language)
    else:
        yield notes.widened(asked.since, asked.until, zone, language, found=store.count_releases(asked))


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
