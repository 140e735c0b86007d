"""Which releases people mean: one by a part of its title or address, many by language, publisher and day.

And how one is taken down, with all that holds its text, or let in again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.errors import AmbiguousReleaseError, NotRemovedError, UnknownReleaseError, UnknownVersionError
from vectorstore.text.words import fold, likest
from vectorstore.types import Filter, is_bare_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

    from bot.state.answers import Answers
    from bot.state.home import LastAnswer
    from bot.state.questions import Questions
    from ingest.fetch.cache import PageCache
    from vectorstore.store import PassageStore
    from vectorstore.types import StoredRelease

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
