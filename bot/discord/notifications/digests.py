"""Digests that people and channels asked for, each sent once when it is due, by whichever process."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import discord

from bot.discord.localisation import language_of, wording
from bot.discord.notifications.announcements import news_of
from bot.discord.notifications.delivery import Outcome, Recipient
from bot.discord.rendering import MessagePage, harmless, linked, split
from bot.discord.scopes import Place, place_of_channel
from bot.discord.services import AWAY
from bot.language.prompt_injection import plain
from bot.operations.sources import placed
from bot.state.deliveries import Subscription

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from bot.answering.topics import TopicMatcher
    from bot.discord.localisation import Wording
    from bot.discord.notifications.announcements import News
    from bot.discord.notifications.delivery import Delivery
    from bot.discord.scopes import Scopes
    from bot.state.following import Digest
    from bot.wiring import Built
    from vectorstore.store import PassageStore
    from vectorstore.types import Filter, StoredRelease

log = logging.getLogger(__name__)

_NEW, _OTHERS = 25, 10  # releases that are shown: what is new, and of corrections and withdrawals each
_LEAD = 200  # characters
_AT_A_TIME = 500  # releases that one query names


class DigestSender:
    """Sends what is due; what was begun is gone on with, of the same events, and what was missed comes once."""

    def __init__(self, client: discord.Client, built: Built, delivery: Delivery, scopes: Scopes) -> None:
        self._client = client
        self._built = built
        self._scopes = scopes
        self._store = built.store
        self._ledger = built.ledger
        self._delivery = delivery

    async def look(self, now: datetime | None = None) -> None:
        """Send every digest that is due, at a moment that is not now in tests; in quiet hours when they are over."""
        moment = now or discord.utils.utcnow()
        quiet = await asyncio.to_thread(self._ledger.quiet.owners_in, moment)
        for digest in await asyncio.to_thread(self._ledger.digests.due, now):
            elsewhere = digest.guild is not None and self._client.get_guild(digest.guild) is None
            if elsewhere or (digest.guild or digest.recipient) in quiet:
                continue
            try:
                await self._send(digest, moment)
            except AWAY:
                raise
            except Exception:
                log.exception("recipient %s: the digest failed; it is tried again", digest.recipient)

    async def _send(self, due: Digest, now: datetime) -> None:
        recipient = Recipient(due.recipient, is_person=due.guild is None)
        trouble = await asyncio.to_thread(self._ledger.deliveries.trouble, due.recipient)
        if trouble and trouble.retry_at > discord.utils.utcnow():
            return
        where = await asyncio.to_thread(self._seen_by, due)
        newest = await asyncio.to_thread(self._newest, due, where)
        digest = await asyncio.to_thread(self._ledger.digests.begin, due, newest)
        if digest is None:
            return
        for number, page in enumerate(await asyncio.to_thread(self._pages, digest, where)):
            async with self._delivery.holding(recipient) as held:
                key = f"digest:{digest.due:%Y-%m-%dT%H:%MZ}:{number}"
                outcome = await self._delivery.send(recipient, key, page) if held else Outcome.LATER
            if outcome is Outcome.GONE:
                await asyncio.to_thread(self._ledger.digests.forget, digest.recipient)
            if outcome is not Outcome.POSTED:
                return
        await asyncio.to_thread(self._ledger.digests.done, digest, digest.due_after(now))

    def _newest(self, digest: Digest, where: Filter | None) -> int:
        """The last event that a digest which is begun now is to tell of."""
        newest = self._store.last_event()
        if where is None or not where.scopes:
            return newest
        return placed(self._store.events(digest.up_to), newest, self._store)[1]

    def _pages(self, digest: Digest, where: Filter | None) -> list[MessagePage]:
        """What a digest tells; nothing where nothing may be seen."""
        if where is None:
            return []
        matcher = self._built.topics  # loads no model where there is no topic
        return pages_of(contents_of(digest, where, self._store, matcher), digest, where, self._store)

    def _seen_by(self, digest: Digest) -> Filter | None:
        """What may be told to whom a digest is for, of what they wish to be told; None where nothing may."""
        if digest.guild is None:
            place = Place(person=digest.recipient)
        else:
            place = place_of_channel(self._client, digest.guild, digest.recipient)
        return self._scopes.told(place, digest.publishers, digest.languages)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a digest tells, the newest first: the new, those that were corrected or correct others, the withdrawn."""

    new: tuple[StoredRelease, ...] = ()
    corrections: tuple[StoredRelease, ...] = ()
    withdrawn: tuple[StoredRelease, ...] = ()

    def __len__(self) -> int:
        return len(self.new) + len(self.corrections) + len(self.withdrawn)


def contents_of(digest: Digest, where: Filter, store: PassageStore, matcher: TopicMatcher) -> Contents:
    """What happened after `digest.up_to` and up to `digest.through`, of the releases that a filter lets through.

    What a newsroom had published before it was read for the first time is no news. Of a release that is there in both
    languages the version in the reader's language counts, and nothing where the other was told of before.
    """
    events = [event for event in store.events(digest.up_to) if event.number <= (digest.through or 0)]
    # A channel's rules for what is news, but that a withdrawal counts whether or not the release was announced; of one
    # that came and went in between nobody has heard.
    gone, came = ({event.release_id for event in events if event.kind == kind} for kind in ("withdrawn", "new"))
    everything = Subscription(digest.recipient, digest.guild or 0, (), (), digest.locale, digest.up_to)
    seen = _let_through((event.release_id for event in events), where, store)
    topics = matcher.prepared(digest.topics) if digest.topics else None
    news = [one for one in news_of(events, store, everything, gone - came)[::-1] if one.release.id in seen]
    news = [one for one in news if topics is None or matcher.about(one.release, topics)]
    new = [one for one in news if one.event.kind == "new" and not one.release.withdrawn]
    corrections = [one for one in new if store.relations(one.release.id).corrects]
    fresh = [one for one in new if one not in corrections and not _told_before(one, news, where, store)]
    corrections += [one for one in news if one.event.kind == "changed" and not one.release.withdrawn]
    withdrawn = [one for one in news if one.release.withdrawn]
    language = language_of(digest.locale)
    return Contents(*(tuple(_once(section, language, store)) for section in (fresh, corrections, withdrawn)))


def _let_through(identities: Iterable[str], where: Filter, store: PassageStore) -> set[str]:
    """Which releases a filter lets through."""
    wanted = sorted(set(identities))
    chunks = (wanted[begin : begin + _AT_A_TIME] for begin in range(0, len(wanted), _AT_A_TIME))
    return {one.id for chunk in chunks for one in store.releases(replace(where, releases=tuple(chunk)))}


def _told_before(news: News, others: Sequence[News], where: Filter, store: PassageStore) -> bool:
    """Whether the release was there in the other language, as a digest before this one told."""
    told_now = {one.release.id for one in others}
    twins = {twin.other(news.release.id) for twin in store.relations(news.release.id).twins} - told_now
    return bool(twins) and bool(_let_through(twins, where, store))


def _once(section: Sequence[News], language: str, store: PassageStore) -> Iterator[StoredRelease]:
    """Each release once, in this language where it is there in both."""
    by_id = {one.release.id: one.release for one in section}
    done: set[str] = set()
    for identity, release in by_id.items():
        if identity in done:
            continue
        twins = (twin.other(identity) for twin in store.relations(identity).twins)
        family = [release, *(by_id[twin] for twin in twins if twin in by_id)]
        done.update(one.id for one in family)
        yield min(family, key=lambda one: one.language != language)


def pages_of(contents: Contents, digest: Digest, where: Filter, store: PassageStore) -> list[MessagePage]:
    """The messages that tell it within what may be seen, none where there is nothing to tell."""
    if not contents:
        return []
    said, corrections = wording(digest.locale), contents.corrections[:_OTHERS]
    sections = [
        said.digest_head[digest.every].format(count=len(contents)),
        *_by_publisher(contents.new[:_NEW], said),
        _section(said.digest_corrections, (_corrected(one, where, store, said) for one in corrections)),
        _section(said.digest_withdrawn, (f"- {_entry(one)}" for one in contents.withdrawn[:_OTHERS])),
    ]
    shown = sum(len(one[:most]) for one, most in _bounded(contents))
    if shown < len(contents):
        sections.append(said.digest_more.format(count=len(contents) - shown))
    return [MessagePage(piece) for piece in split("\n\n".join(filter(None, sections)))]


def _bounded(contents: Contents) -> tuple[tuple[tuple[StoredRelease, ...], int], ...]:
    return (contents.new, _NEW), (contents.corrections, _OTHERS), (contents.withdrawn, _OTHERS)


def _by_publisher(releases: Sequence[StoredRelease], said: Wording) -> Iterator[str]:
    """A section for each publisher, who has published most first."""
    for publisher, _ in Counter(one.publisher for one in releases).most_common():
        name = harmless(publisher) if publisher else said.other_publisher
        yield _section(f"**{name}**", (_with_lead(one) for one in releases if one.publisher == publisher))


def _section(head: str, entries: Iterable[str]) -> str:
    lines = list(entries)
    return "\n".join([head, *lines]) if lines else ""


def _with_lead(release: StoredRelease) -> str:
    lead = " ".join(plain(release.lead or release.text).split())
    lead = lead if len(lead) <= _LEAD else lead[:_LEAD].rsplit(" ", 1)[0] + " …"
    return f"- {_entry(release)}\n  {harmless(lead)}"


def _corrected(release: StoredRelease, where: Filter, store: PassageStore, said: Wording) -> str:
    """A release that was corrected, or that corrects another."""
    corrects = store.relations(release.id).corrects
    may_be_named = corrects and store.among([corrects], where.scopes_alone)
    other = store.get(corrects) if corrects and may_be_named else None
    what = said.digest_corrects.format(release=linked(other)) if other else said.digest_updated
    return f"- {_entry(release)} · {what}"


def _entry(release: StoredRelease) -> str:
    day = f" · <t:{int(release.published.timestamp())}:d>" if release.published else ""
    return f"{linked(release)}{day}"
