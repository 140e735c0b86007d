"""What becomes of each source: those of the settings, and those that were named by hand and have worked."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bot.errors import NotRemovedError, SourceInSettingsError, UnknownSourceError
from bot.operations.selection import in_short
from ingest.sources import identity_of
from vectorstore.text.words import fold, likest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.settings import SourceSettings
    from bot.state.answers import Answers
    from bot.state.home import LastAnswer
    from bot.state.questions import Questions
    from ingest.fetch.cache import PageCache
    from vectorstore.store import PassageStore
    from vectorstore.types import SourceHealth

Standing = Literal["working", "failing", "paused", "never read"]


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source and how it fares. `location` is as the settings write it, or its one form where it was named by hand.

    `health` is None before its first run; `releases` counts what is stored of it.
    """

    location: str
    name: str | None
    in_settings: bool
    releases: int
    health: SourceHealth | None = None
    paused: datetime | None = None

    @property
    def standing(self) -> Standing:
        """In a word."""
        if self.paused is not None:
            return "paused"
        if self.health is None:
            return "never read"
        return "failing" if self.health.failures else "working"


def source_states(store: PassageStore, settings: Sequence[SourceSettings]) -> list[SourceState]:
    """The sources of the settings in their order, then those that were named by hand.

    What was only tried by hand, and never worked, is left out unless it is paused.
    """
    health = {identity_of(one.location): one for one in store.health()}
    paused = {identity_of(location): moment for location, moment in store.paused().items()}
    named = {identity_of(one.location): one for one in settings}
    worked = [identity for identity, one in health.items() if one.last_success or identity in paused]
    states = []
    for identity in dict.fromkeys([*named, *worked, *paused]):
        one, fared = named.get(identity), health.get(identity)
        name = one.name if one else (fared.name if fared else None)
        location = one.location if one else identity
        count = store.count_of_source(*spellings_of(location))
        states.append(SourceState(location, name, one is not None, count, fared, paused.get(identity)))
    return states


def spellings_of(location: str) -> list[str]:
    """How a source, or its files, may have been written down when they were read: as it was named, whole, or from here.

    Its one form comes first.
    """
    identity = identity_of(location)
    from_here = [] if identity.startswith("http") else [os.path.relpath(identity)]
    return list(dict.fromkeys([identity, location, *from_here]))


def known_source(store: PassageStore, settings: Sequence[SourceSettings], name: str) -> str:
    """The one form of the location of a source, by its name in any capitals or any spelling of its location.

    Raises UnknownSourceError, which names those that are most like it.
    """
    named = {fold(one.name): one.location for one in settings if one.name}
    identity = identity_of(named.get(fold(name), name))
    known = {identity_of(one.location) for one in settings} | {identity_of(one.location) for one in store.health()}
    known |= set(store.paused())
    if identity in known:
        return identity
    short = {in_short(one): one for one in known if one.startswith("http")}
    if in_short(name) in short:
        return short[in_short(name)]
    names = [*(one.name for one in settings if one.name), *known]
    raise UnknownSourceError(name, likest(name, names))


def forget_source(store: PassageStore, settings: Sequence[SourceSettings], name: str) -> str:
    """Forget how a source fared that was named by hand; its releases stay. Returns its location.

    Raises UnknownSourceError, and SourceInSettingsError where the next run would bring it back.
    """
    identity = known_source(store, settings, name)
    if any(identity_of(one.location) == identity for one in settings):
        raise SourceInSettingsError(name)
    for spelling in [one.location for one in store.health() if identity_of(one.location) == identity]:
        store.forget_source(spelling)
    store.forget_source(identity)
    return identity


def take_down(  # noqa: PLR0913 - all that may hold its text
    store: PassageStore,
    release_id: str,
    *,
    answers: Answers | None,
    last: LastAnswer,
    page_cache: PageCache | None,
    questions: Questions | None = None,
    allow_again: bool = False,
) -> None:
    """Remove a stored release with what else holds its text; it stays away unless it may come in again.

    `answers` are those that were shown, `last` the last one on a terminal, and `page_cache` the pages that were read,
    where there are any. Answers that quote the release are forgotten with what was said of them, so that no button
    shows them again. Of the `questions` that were refused, those that it has answered since are open again.
    """
    from ingest.addresses import canonical

    names = {canonical(address) for address in store.addresses_of(release_id)}
    if answers:
        answers.forget_release(release_id)
    if questions:
        questions.forget_release(release_id)
    last.forget_release(release_id)
    for address, final in page_cache.addresses() if page_cache else ():
        if page_cache and {canonical(address), canonical(final)} & names:
            page_cache.forget(address)
            names.add(canonical(address))
    store.remove(release_id, allow_again=allow_again, known_by=sorted(names))


def allow_again(store: PassageStore, name: str) -> str:
    """Let what has this id or address come in again; returns its id. Raises NotRemovedError."""
    from ingest.addresses import canonical

    kept_away = store.kept_away()
    identity = kept_away.get(name) or kept_away.get(canonical(name))
    if identity is None or not store.allow_again(identity):
        raise NotRemovedError(name)
    return identity
