"""Digests of what is new: the commands that ask for them, and each sent once when it is due, by whichever process.

The commands are `/digest`, for a person, and `/config digest`, for a channel.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import discord
from discord import app_commands

from bot.discord.announcements import news_of
from bot.discord.delivery import Outcome, Recipient
from bot.discord.localisation import command_name, description, language_of, wording
from bot.discord.options import languages, propose_sources, propose_zones, separated, with_options, zone_meant
from bot.discord.rendering import LIMIT, MessagePage, harmless, linked, shown_day, split
from bot.discord.scopes import Place, channels_of, place_of_channel
from bot.discord.services import AWAY
from bot.language.prompt_injection import plain
from bot.operations.names import placed
from bot.state.deliveries import Subscription
from bot.state.following import EVERY, Digest, due_after

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from bot.answering.topics import TopicMatcher
    from bot.discord.announcements import News
    from bot.discord.delivery import Delivery
    from bot.discord.localisation import Wording
    from bot.discord.options import Command
    from bot.discord.scopes import Scopes
    from bot.discord.services import Services
    from bot.state.following import Every
    from bot.state.ledger import Ledger
    from bot.wiring import Built
    from vectorstore.store import PassageStore
    from vectorstore.types import Filter, StoredRelease

log = logging.getLogger(__name__)

_OFF: Literal["off"] = "off"
_SENT = "digest:"  # how the keys of its messages begin
_HOUR = 8
_TOPICS, _TOPIC = 5, 100  # how many, and characters of each
_OPTIONS = ("at", "zone", "language", "topics")


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The options of a command, as they were given; None leaves what was set before."""

    every: Every
    at: int | None
    zone: str | None
    source: str | None
    language: app_commands.Choice[str] | None
    topics: str | None

    def set(self, services: Services, recipient: int, guild: int | None, locale: str) -> Digest:
        """Send the digest that they ask for, from now on; returns it as it is kept. Blocks."""
        before = services.ledger.digests.get(recipient)
        hour = self.at if self.at is not None else before.hour if before else _HOUR
        zone = self.zone or (before.zone if before else services.built.settings.answers.time_zone)
        digest = Digest(
            recipient=recipient,
            guild=guild,
            locale=self.language.value if self.language else language_of(locale),
            every=self.every,
            hour=hour,
            zone=zone,
            publishers=separated(self.source),
            languages=(self.language.value,) if self.language else (),
            topics=separated(self.topics),
            due=due_after(discord.utils.utcnow(), every=self.every, hour=hour, zone=zone),
            up_to=services.built.store.records.last_event(),
        )
        kept = services.ledger.digests.set(digest)
        services.ledger.deliveries.try_again(recipient)
        return kept


def _stop(ledger: Ledger, recipient: int) -> bool:
    """Send no digest any more, and forget those that were sent; False where there was none. Blocks."""
    was = ledger.digests.forget(recipient)
    ledger.deliveries.forget_messages(recipient, _SENT)
    return was


def digest_command(services: Services) -> Command:
    """`/digest`: what is new, to a person in a direct message."""

    @app_commands.command(name=command_name("digest"), description=description("digest"))
    @with_options("every", *_OPTIONS, source="announced_source")
    @app_commands.choices(every=_every(), language=languages())
    async def digest(  # noqa: PLR0913, PLR0917 - the options as Discord gives them
        interaction: discord.Interaction,
        every: app_commands.Choice[str] | None = None,
        at: app_commands.Range[int, 0, 23] | None = None,
        zone: str | None = None,
        source: str | None = None,
        language: app_commands.Choice[str] | None = None,
        topics: str | None = None,
    ) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said, person = wording(interaction.locale.value), interaction.user.id
        known = zone_meant(zone) if zone else None
        if every is None:
            kept = await asyncio.to_thread(services.ledger.digests.get, person)
            text = _line(kept, said, said.digest_set) if kept else said.no_digest
        elif every.value == _OFF:
            was = await asyncio.to_thread(_stop, services.ledger, person)
            text = said.digest_off if was else said.digest_was_off
        elif wrong := _misread(said, zone, topics):
            text = wrong
        else:
            await asyncio.to_thread(services.scopes.of_direct, person)
            chosen = _Chosen(_read_every(every), at, known, source, language, topics)
            kept = await asyncio.to_thread(chosen.set, services, person, None, interaction.locale.value)
            text = _line(kept, said, said.digest_set)
        await interaction.edit_original_response(content=text[:LIMIT])

    propose_sources(digest, services)
    propose_zones(digest)
    return digest


def channel_digest_command(
    services: Services, may_post: Callable[[discord.TextChannel, Wording, str], Awaitable[str | None]]
) -> Command:
    """`/config digest`: what is new, to a channel; `may_post` gives what keeps the bot from posting there."""

    @app_commands.command(name=command_name("channel_digest"), description=description("channel_digest"))
    @with_options("channel", *_OPTIONS, every="digest_every", source="announced_source")
    @app_commands.choices(every=_every(), language=languages())
    @app_commands.checks.has_permissions(manage_guild=True)
    async def digest(  # noqa: PLR0913, PLR0917 - the options as Discord gives them
        interaction: discord.Interaction,
        channel: discord.TextChannel,
        every: app_commands.Choice[str],
        at: app_commands.Range[int, 0, 23] | None = None,
        zone: str | None = None,
        source: str | None = None,
        language: app_commands.Choice[str] | None = None,
        topics: str | None = None,
    ) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said, known = wording(interaction.locale.value), zone_meant(zone) if zone else None
        guild, locale = channel.guild.id, interaction.guild_locale or interaction.locale
        if guild != interaction.guild_id:
            text = said.no_channel
        elif every.value == _OFF:
            was = await asyncio.to_thread(services.ledger.digests.forget, channel.id, guild=guild)
            text = said.digest_off if was else said.digest_was_off
        elif wrong := _misread(said, zone, topics):
            text = wrong
        elif hindrance := await _hindrance(services, channel, said, may_post):
            text = hindrance
        else:
            chosen = _Chosen(_read_every(every), at, known, source, language, topics)
            kept = await asyncio.to_thread(chosen.set, services, channel.id, guild, locale.value)
            text = _line(kept, said, said.channel_digest)
        await interaction.edit_original_response(content=text[:LIMIT])

    propose_sources(digest, services)
    propose_zones(digest)
    return digest


def _misread(said: Wording, zone: str | None, topics: str | None) -> str | None:
    """What is wrong with the options, None if nothing is."""
    if zone and zone_meant(zone) is None:
        return said.no_zone.format(given=harmless(zone[:_TOPIC]))
    given = separated(topics)
    if len(given) > _TOPICS or any(len(one) > _TOPIC for one in given):
        return said.too_many_topics.format(count=_TOPICS, length=_TOPIC)
    return None


async def _hindrance(
    services: Services,
    channel: discord.TextChannel,
    said: Wording,
    may_post: Callable[[discord.TextChannel, Wording, str], Awaitable[str | None]],
) -> str | None:
    """What keeps a digest from a channel; None where nothing does. Raises NotOpenError where nothing may be seen."""
    await asyncio.to_thread(services.scopes.of_place, Place(channel.guild.id, channels_of(channel)))
    return await may_post(channel, said, said.digests_here)


def digest_lines(services: Services, guild: int, said: Wording) -> list[str]:
    """What the channels of a guild get, a sentence each, with what keeps it from them. Blocks."""
    lines = []
    for digest in services.ledger.digests.of_guild(guild):
        trouble = services.ledger.deliveries.trouble(digest.recipient)
        failed = said.trouble.format(trouble=harmless(trouble.cause)) if trouble else ""
        lines.append(_line(digest, said, said.channel_digest) + failed)
    return lines


def _line(digest: Digest, said: Wording, sentence: str) -> str:
    about = said.digest_about.format(topics=", ".join(map(harmless, digest.topics))) if digest.topics else ""
    return sentence.format(
        channel=f"<#{digest.recipient}>",
        when=said.digest_days[digest.every].format(hour=digest.hour, zone=digest.zone),
        due=int(digest.due.timestamp()),
        sources=", ".join(map(harmless, digest.publishers)) or said.all_sources,
        languages=", ".join(digest.languages) or said.all_languages,
        about=about,
    )


def _every() -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=command_name(key), value=key) for key in (*EVERY, _OFF)]


def _read_every(choice: app_commands.Choice[str]) -> Every:
    return "weekly" if choice.value == "weekly" else "daily"


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
                key = f"{_SENT}{digest.due:%Y-%m-%dT%H:%MZ}:{number}"
                outcome = await self._delivery.send(recipient, key, page) if held else Outcome.LATER
            if outcome is Outcome.GONE:
                await asyncio.to_thread(_stop, self._ledger, digest.recipient)
            if outcome is not Outcome.POSTED:
                return
        await asyncio.to_thread(self._ledger.digests.done, digest, digest.due_after(now))

    def _newest(self, digest: Digest, where: Filter | None) -> int:
        """The last event that a digest which is begun now is to tell of."""
        newest = self._store.records.last_event()
        if where is None or not where.scopes:
            return newest
        return placed(self._store.records.events(digest.up_to), newest, self._store)[1]

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
    events = [event for event in store.records.events(digest.up_to) if event.number <= (digest.through or 0)]
    # A channel's rules for what is news, but that a withdrawal counts whether or not the release was announced; of one
    # that came and went in between nobody has heard.
    gone, came = ({event.release_id for event in events if event.kind == kind} for kind in ("withdrawn", "new"))
    everything = Subscription(digest.recipient, digest.guild or 0, (), (), digest.locale, digest.up_to)
    seen = _let_through((event.release_id for event in events), where, store)
    topics = matcher.prepared(digest.topics) if digest.topics else None
    news = [one for one in news_of(events, store, everything, gone - came)[::-1] if one.release.id in seen]
    news = [one for one in news if topics is None or matcher.about(one.release, topics)]
    new = [one for one in news if one.event.kind == "new" and not one.release.withdrawn]
    corrections = [one for one in new if store.records.relations(one.release.id).corrects]
    fresh = [one for one in new if one not in corrections and not _told_before(one, news, where, store)]
    corrections += [one for one in news if one.event.kind == "changed" and not one.release.withdrawn]
    withdrawn = [one for one in news if one.release.withdrawn]
    language = language_of(digest.locale)
    return Contents(*(tuple(_once(section, language, store)) for section in (fresh, corrections, withdrawn)))


def _let_through(identities: Iterable[str], where: Filter, store: PassageStore) -> set[str]:
    """Which releases a filter lets through."""
    wanted = sorted(set(identities))
    chunks = (wanted[begin : begin + _AT_A_TIME] for begin in range(0, len(wanted), _AT_A_TIME))
    return {one.id for chunk in chunks for one in store.records.releases(replace(where, releases=tuple(chunk)))}


def _told_before(news: News, others: Sequence[News], where: Filter, store: PassageStore) -> bool:
    """Whether the release was there in the other language, as a digest before this one told."""
    told_now = {one.release.id for one in others}
    twins = {twin.other(news.release.id) for twin in store.records.relations(news.release.id).twins} - told_now
    return bool(twins) and bool(_let_through(twins, where, store))


def _once(section: Sequence[News], language: str, store: PassageStore) -> Iterator[StoredRelease]:
    """Each release once, in this language where it is there in both."""
    by_id = {one.release.id: one.release for one in section}
    done: set[str] = set()
    for identity, release in by_id.items():
        if identity in done:
            continue
        twins = (twin.other(identity) for twin in store.records.relations(identity).twins)
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
    shown = len(contents.new[:_NEW]) + len(corrections) + len(contents.withdrawn[:_OTHERS])
    if shown < len(contents):
        sections.append(said.digest_more.format(count=len(contents) - shown))
    return [MessagePage(piece) for piece in split("\n\n".join(filter(None, sections)))]


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
    corrects = store.records.relations(release.id).corrects
    may_be_named = corrects and store.records.among([corrects], where.scopes_alone)
    other = store.records.get(corrects) if corrects and may_be_named else None
    what = said.digest_corrects.format(release=linked(other)) if other else said.digest_updated
    return f"- {_entry(release)} · {what}"


def _entry(release: StoredRelease) -> str:
    day = f" · {shown_day(release.published, 'd')}" if release.published else ""
    return f"{linked(release)}{day}"
