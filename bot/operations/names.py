"""What people name: one release by a part of its title or address, many by language, publisher and day, and sources.

With how each source fares, and how a release is taken down, with all that holds its text, or let in again. Sources are
those of the settings, and those that were named by hand and have worked. A scope holds some of them: which releases lie
within it is told by the names of their sources and publishers.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from bot.errors import (
    AmbiguousReleaseError,
    NotRemovedError,
    SourceInSettingsError,
    UnknownReleaseError,
    UnknownSourceError,
    UnknownVersionError,
)
from ingest.sources import identity_of
from vectorstore.text.words import fold, likest
from vectorstore.types import Filter, Scope, is_bare_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import tzinfo

    from bot.settings import SourceSettings
    from bot.state.home import LastAnswer
    from bot.state.questions import Answers, Questions
    from ingest.fetch.cache import PageCache
    from vectorstore.store import PassageStore
    from vectorstore.types import Event, SourceHealth, StoredRelease

_SHOWN = 8  # releases that a part of a title may mean

_LAST_DAY = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)


def release_meant(store: PassageStore, name: str, version: int | None = None) -> StoredRelease:
    """A stored release by its id, its address or a part of its title or id.

    Raises UnknownReleaseError, AmbiguousReleaseError where several have that part, and UnknownVersionError.
    """
    found = _named(store, name) or _part_of_one(store, name)
    return found if version is None else _in_version(store, found, version)


def release_named(store: PassageStore, name: str, version: int | None = None) -> StoredRelease:
    """A stored release by its id or address alone, for programs and for what cannot be undone.

    Raises UnknownReleaseError and UnknownVersionError.
    """
    found = _named(store, name)
    if found is None:
        raise UnknownReleaseError(name, [identity for identity, _ in store.records.resembling(name, _SHOWN)])
    return found if version is None else _in_version(store, found, version)


def publishers_meant(store: PassageStore, where: Filter) -> Filter:
    """The filter with its publishers as the store writes them, whatever the capitals and accents they came in."""
    if not where.publishers:
        return where
    spelt = {fold(name): name for name, _, _ in store.records.publishers() if name}
    return replace(where, publishers=tuple(spelt.get(fold(name), name) for name in where.publishers))


def in_short(address: str) -> str:
    """An address as people write it from memory: without scheme, `www.` and the slash at its end."""
    for part in ("https://", "http://", "www."):
        if address.lower().startswith(part):
            address = address[len(part) :]
    host, slash, path = address.partition("/")
    return f"{host.lower()}{slash}{path}".rstrip("/")


def spelt_out(address: str) -> Iterator[str]:
    """The addresses that one may stand for which is written in short."""
    short = in_short(address)
    host = short.partition("/")[0]
    if "." not in host or " " in host:
        return
    for scheme in ("https://", "http://"):
        for www in ("", "www."):
            yield f"{scheme}{www}{short}"
            yield f"{scheme}{www}{short}/"


def _named(store: PassageStore, name: str) -> StoredRelease | None:
    found = store.records.get(name) or store.records.by_url(name)
    if found is None:
        found = next(
            filter(None, (store.records.get(one) or store.records.by_url(one) for one in spelt_out(name))), None
        )
    return found


def _part_of_one(store: PassageStore, part: str) -> StoredRelease:
    fitting = store.records.resembling(part, _SHOWN + 1) if part.strip() else []
    exact = [identity for identity, title in fitting if fold(part) in {fold(identity), fold(title)}]
    if len(exact or fitting) > 1:
        ids = [identity for identity, _ in fitting[:_SHOWN]]
        raise AmbiguousReleaseError(part, ids, more=len(fitting) > _SHOWN)
    found = store.records.get(exact[0] if exact else fitting[0][0]) if fitting else None
    if found is None:
        raise UnknownReleaseError(part, likest(part, (identity for identity, _ in store.records.resembling("", 1000))))
    return found


def _in_version(store: PassageStore, release: StoredRelease, version: int) -> StoredRelease:
    found = store.records.get(release.id, version)
    if found is None:
        raise UnknownVersionError(release.id, version, [one.version for one in store.records.history(release.id)])
    return found


def language_of(text: str) -> str:
    """A language code in lower case without its region (`fr-CH` gives `fr`). Raises ValueError where it is none."""
    from ingest.parse.complete import normalise_language  # with all that reads pages: not for a name alone

    code = normalise_language(text)
    if code is None:
        raise ValueError(f"{text!r} is not a language code; write it as fr or en")
    return code


def moment_of(text: str, zone: tzinfo = UTC) -> datetime:
    """A moment in `zone` from a date as people write it, a day as its midnight there. Raises ValueError for no date."""
    from ingest.dates import parse_date

    moment = parse_date(text, timezone=zone)
    if moment is None:
        raise ValueError(f"{text!r} is not a date; write it as 2024-10-17")
    return moment.replace(tzinfo=zone) if is_bare_day(moment) else moment.astimezone(zone)


def filter_of(
    languages: Sequence[str], publishers: Sequence[str], *, since: datetime | None, until: datetime | None
) -> Filter:
    """The filter; a day given as `until`, which is midnight in its own zone, is meant to its end."""
    if until is not None and until.time() == datetime.min.time():
        until = min(until, _LAST_DAY.replace(tzinfo=until.tzinfo)) + timedelta(days=1)
    return Filter(
        languages=tuple(languages),
        publishers=tuple(publishers),
        since=since,
        until=until,
    )


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

    names = {canonical(address) for address in store.records.addresses_of(release_id)}
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

    kept_away = store.records.kept_away()
    identity = kept_away.get(name) or kept_away.get(canonical(name))
    if identity is None or not store.records.allow_again(identity):
        raise NotRemovedError(name)
    return identity


_Standing = Literal["working", "failing", "paused", "never read"]


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
    def standing(self) -> _Standing:
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
    health = {identity_of(one.location): one for one in store.records.health()}
    paused = {identity_of(location): moment for location, moment in store.records.paused().items()}
    named = {identity_of(one.location): one for one in settings}
    worked = [identity for identity, one in health.items() if one.last_success or identity in paused]
    states = []
    for identity in dict.fromkeys([*named, *worked, *paused]):
        one, fared = named.get(identity), health.get(identity)
        name = one.name if one else (fared.name if fared else None)
        location = one.location if one else identity
        count = store.records.count_of_source(*spellings_of(location))
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
    known = {identity_of(one.location) for one in settings} | {
        identity_of(one.location) for one in store.records.health()
    }
    known |= set(store.records.paused())
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
    for spelling in [one.location for one in store.records.health() if identity_of(one.location) == identity]:
        store.records.forget_source(spelling)
    store.records.forget_source(identity)
    return identity


_PLACING = timedelta(minutes=10)  # in which ingestion writes down which source named a release that came in


class SourceNames:
    """The names of sources in the settings, and of publishers in the store, in whatever capitals and accents.

    It knows the store as it was at the moment when it was made, and remembers what it has looked up.
    """

    def __init__(self, store: PassageStore, sources: Sequence[SourceSettings]) -> None:
        self._store = store
        self._sources = sources
        self._within: dict[tuple[Scope, ...], list[SourceSettings]] = {}

    def scope(self, sources: Iterable[str], publishers: Iterable[str]) -> Scope:
        """The releases of sources, by name or location, and those of publishers."""
        locations = (place for name in sources for place in self._locations(name) or _as_location(name))
        spelt = (one for name in publishers for one in (name, *self._publishers.get(fold(name), ())))
        return Scope(tuple(dict.fromkeys(spelt)), tuple(dict.fromkeys(locations)))

    def scope_of_either(self, names: Sequence[str]) -> Scope:
        """The releases of publishers and of sources with these names, as people see them in answers and in lists."""
        return self.scope([name for name in names if self._locations(name)], names)

    def within(self, where: Filter) -> list[SourceSettings]:
        """The sources of the settings that may be known of: whose releases all lie within the scopes of a filter.

        One that has brought nothing yet must be named by each of them, itself or as the publisher it stands for.
        """
        if where.scopes not in self._within:
            self._within[where.scopes] = [one for one in self._sources if self._is_within(one, where)]
        return self._within[where.scopes]

    def proposed(self, where: Filter) -> list[str]:
        """Names to choose from: publishers within the scopes, the freshest first, then sources called otherwise."""
        publishers = [name for name, _, _ in self._store.records.publishers(where.scopes_alone) if name]
        taken = {fold(name) for name in publishers}
        return publishers + [one.name for one in self.within(where) if one.name and fold(one.name) not in taken]

    def meant(self, name: str, where: Filter) -> str | None:
        """How a name is spelt that somebody chose among those within the scopes; None where there is none like it."""
        return next((one for one in self.proposed(where) if fold(one) == fold(name)), None)

    def chosen(self, name: str, where: Filter) -> Filter:
        """A filter with a source that a person chose: a publisher, or else a source of the settings that has releases.

        A name that is neither is taken for a publisher, of whom there is nothing.
        """
        known = self._store.records.publishers(where.scopes_alone)
        if publishers := [one for one, _, _ in known if one and fold(one) == fold(name)]:
            return replace(where, publishers=tuple(publishers))
        for source in self.within(where):
            of_source = where.within([Scope(sources=tuple(spellings_of(source.location)))])
            if fold(source.name or "") == fold(name) and self._store.records.count_releases(of_source.scopes_alone):
                return of_source
        return replace(where, publishers=(name,))

    def _is_within(self, source: SourceSettings, where: Filter) -> bool:
        places, publisher = spellings_of(source.location), fold(source.publisher or "")
        if all(
            set(places) & set(scope.sources) or (publisher and publisher in map(fold, scope.publishers))
            for scope in where.scopes
        ):
            return True
        count = self._store.records.count_of_source(*places)
        return count > 0 and count == self._store.records.count_of_source(*places, where=where.scopes_alone)

    @cached_property
    def _publishers(self) -> dict[str, list[str]]:
        """The publishers of the store by their folded names."""
        spelt: defaultdict[str, list[str]] = defaultdict(list)
        for name in (name for name, _, _ in self._store.records.publishers() if name):
            spelt[fold(name)].append(name)
        return dict(spelt)

    def _locations(self, name: str) -> list[str]:
        """Every spelling of the locations of the sources with a name or a location."""
        named = (one for one in self._sources if fold(name) == fold(one.name or "") or name == one.location)
        return [place for one in named for place in spellings_of(one.location)]


def placed(events: Iterable[Event], newest: int, store: PassageStore) -> tuple[list[Event], int]:
    """The events up to the first of a release of which it is about to be written down which source it is of.

    With the number up to which they are known, `newest` where none is waited for.
    """
    known = [event for event in events if event.number <= newest]
    recent = {event.release_id for event in known if event.moment > datetime.now(UTC) - _PLACING}
    unplaced = store.records.unplaced(recent)
    first = min((event.number for event in known if event.release_id in unplaced), default=newest + 1)
    return [event for event in known if event.number < first], first - 1


def _as_location(name: str) -> Iterator[str]:
    """The location of a source that is in no settings any more, where it looks like one."""
    if "/" in name:
        yield from spellings_of(name)
