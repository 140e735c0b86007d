"""Finds out which releases belong together, at the end of a run: twins in two languages, corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.corrections import find_corrections
from ingest.twins.candidate import Candidate
from ingest.twins.find import find_twins
from ingest.twins.reach import affected, needed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

    from vectorstore.embedder import Embedder
    from vectorstore.relations import Outline, Twin
    from vectorstore.store import PassageStore

    Spans = Sequence[tuple[datetime, datetime]]

_LANGUAGES = ("en", "fr")


def relate(store: PassageStore, embedder: Embedder) -> int:
    """Join what came or changed since this was last done; returns the number of joins that there are now for it.

    What comes out depends on what the store holds, not on the order in which it came: a run that was killed is made
    good by the next.
    """
    touched, last = store.unrelated()
    if not touched:
        return 0
    outlines = store.outlines()
    stated = find_twins([_candidate(one) for one in outlines])
    dates = _dates(store, touched, stated)
    reach = affected(dates)
    near = [one for one in outlines if _is_within(one, needed(dates))]
    of = {one.id for one in outlines if _is_within(one, reach)} | set(touched)
    read = _LANGUAGES if embedder.languages is None else [one for one in _LANGUAGES if one in embedder.languages]
    twins = stated
    if {one.language for one in near} >= set(_LANGUAGES) and len(read) == len(_LANGUAGES):
        twins = find_twins(_with_content(store, embedder, outlines, near), languages=read)
    kept = [twin for twin in twins if twin.reason != "content" or {twin.first, twin.second} & of]
    store.relate(kept, find_corrections(outlines), of=of, up_to=last)
    return sum(bool({twin.first, twin.second} & set(touched)) for twin in kept)


def _dates(store: PassageStore, touched: Collection[str], stated: Iterable[Twin]) -> set[datetime]:
    """The dates around which joins may come or go: of what was touched, as it is and was, and of its twins.

    Also of releases whose stated joins are not what they were: who is left alone is compared by content again.
    """
    joined = set(store.twins())
    moved = {one for twin in joined ^ set(stated) if twin.reason != "content" for one in (twin.first, twin.second)}
    concerned = moved | set(touched)
    concerned |= {twin.other(one) for twin in joined for one in (twin.first, twin.second) if one in concerned}
    versions = [version for one in concerned for version in store.history(one)]
    return {version.published for version in versions if version.published is not None}


def _is_within(release: Outline, spans: Spans) -> bool:
    return release.published is not None and any(begin <= release.published <= end for begin, end in spans)


def _with_content(
    store: PassageStore, embedder: Embedder, outlines: Sequence[Outline], near: Sequence[Outline]
) -> list[Candidate]:
    """All releases, those nearby with what tells their contents."""
    vectors = store.vectors([one.id for one in near])
    headlines = dict(zip([one.id for one in near], embedder.embed_passages([one.title for one in near]), strict=True))
    texts = {one.id: release.text for one in near if (release := store.get(one.id))}
    return [_candidate(one, texts.get(one.id, ""), headlines.get(one.id), vectors.get(one.id)) for one in outlines]


def _candidate(
    one: Outline,
    text: str = "",
    headline: NDArray[np.float32] | None = None,
    passages: NDArray[np.float16] | None = None,
) -> Candidate:
    return Candidate(
        id=one.id,
        language=one.language,
        title=one.title,
        text=text,
        published=one.published,
        publisher=one.publisher,
        url=one.url,
        pair=one.pair,
        translations=one.translations,
        headline=headline,
        passages=passages,
    )
