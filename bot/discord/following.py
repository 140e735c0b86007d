"""Topics that people follow: releases that come in are matched with them, and whom one is about is told, once each.

The commands are `/follow`, `/following`, `/unfollow` and `/quiet`, for whoever uses them alone.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.answering.topics import tidied
from bot.discord.announcements import news_of
from bot.discord.delivery import Outcome, Recipient
from bot.discord.localisation import command_name, description, language_of, wording
from bot.discord.options import (
    languages,
    propose_sources,
    propose_zones,
    quiet_line,
    separated,
    set_quiet_hours,
    topics_like,
    with_options,
)
from bot.discord.rendering import LIMIT, MessagePage, excerpt, harmless, linked, unlike
from bot.discord.scopes import Sight
from bot.discord.services import AWAY
from bot.operations.names import placed
from bot.state.deliveries import Subscription
from bot.state.following import Follow, Match, topic_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.answering.topics import TopicMatcher
    from bot.discord.delivery import Delivery
    from bot.discord.localisation import Wording
    from bot.discord.options import Command
    from bot.discord.scopes import Scopes
    from bot.discord.services import Services
    from bot.wiring import Built
    from vectorstore.store import PassageStore
    from vectorstore.types import Event, Filter, StoredRelease

log = logging.getLogger(__name__)

_LONGEST_TOPIC = 100  # characters; as many as a proposal has
_LOOKED_AT = 12  # releases that may be about a topic, when it is begun to be followed
_SHOWN = 25  # topics of a list
_TOLD = "topics:"  # how the keys of its messages begin


def following_commands(services: Services) -> tuple[Command, ...]:
    """The commands for topics."""
    return _follow(services), _following(services), _unfollow(services), _quiet(services)


def _follow(services: Services) -> Command:
    @app_commands.command(name=command_name("follow"), description=description("follow"))
    @with_options("topic", "source", "language")
    @app_commands.choices(language=languages())
    async def follow(
        interaction: discord.Interaction,
        topic: app_commands.Range[str, 1, _LONGEST_TOPIC],
        source: str | None = None,
        language: app_commands.Choice[str] | None = None,
    ) -> None:
        services.admission.admit(interaction.user.id, interaction.guild_id)
        await interaction.response.defer(thinking=True, ephemeral=True)
        wanted = Follow(
            interaction.user.id,
            " ".join(topic.split()),
            separated(source),
            (language.value,) if language else (),
            await asyncio.to_thread(services.built.store.records.last_event),
        )
        here = await services.scopes.of(interaction)
        text, embed = await asyncio.to_thread(_begin, services, wanted, here, interaction.locale.value)
        await interaction.edit_original_response(content=text[:LIMIT], embeds=[embed] if embed else [])

    propose_sources(follow, services)
    return follow


def _begin(services: Services, wanted: Follow, here: Filter, locale: str) -> tuple[str, discord.Embed | None]:
    """Begin to follow; what to say, and the newest release that would have been told of, and may be seen here too.

    Raises NotOpenDirectlyError where the person may be told of nothing.
    """
    said = wording(locale)
    services.scopes.of_direct(wanted.person)
    if not any(map(str.isalnum, wanted.topic)):
        return said.no_topic.format(topic=harmless(wanted.topic)), None
    most = services.built.settings.discord.topics_per_person
    if not services.ledger.following.follow(wanted, locale=language_of(locale), most=most):
        return said.too_many.format(count=most), None
    services.ledger.deliveries.try_again(wanted.person)
    text = said.followed.format(topic=harmless(wanted.topic), bounds=_bounds(wanted, said))
    newest = newest_about(services, wanted, here)
    if newest is None:
        return f"{text}\n{said.follows_none}", None
    return f"{text}\n{said.follows_newest} {linked(newest.release)}", excerpt(newest.release, newest.start, newest.end)


def newest_about(services: Services, wanted: Follow, here: Filter) -> _Told | None:
    """The newest stored release that somebody who follows a topic would have been told of, among the likeliest.

    It is one that may be seen here as well.
    """
    built = services.built
    where = Sight(services.scopes, built.store).where(wanted)
    if where is None:
        return None
    where = where.within(here.scopes)
    hits = built.retriever.find(wanted.topic, where=where, limit=_LOOKED_AT, per_release=1)
    releases = {hit.release.id: hit.release for hit in hits if not hit.release.withdrawn}
    dated = sorted(releases.values(), key=lambda one: (one.published is not None, one.published or one.first_seen))
    topics = built.topics.prepared([wanted.topic])
    for release in reversed(dated):
        if found := built.topics.about(release, topics):
            return _Told(release, (wanted.topic,), found[0].start, found[0].end)
    return None


def _following(services: Services) -> Command:
    @app_commands.command(name=command_name("following"), description=description("following"))
    async def following(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said = wording(interaction.locale.value)
        text = await asyncio.to_thread(_listed, services, interaction.user.id, said)
        await interaction.edit_original_response(content=text[:LIMIT])

    return following


def _listed(services: Services, person: int, said: Wording) -> str:
    ledger = services.ledger
    follows = ledger.following.of(person)
    if not follows:
        return said.list_empty
    lines = [said.list_head, *_follow_lines(follows, said)]
    if quiet := ledger.quiet.of(person):
        lines.append(quiet_line(quiet, said))
    if trouble := ledger.deliveries.trouble(person):
        since, retry = (int(moment.timestamp()) for moment in (trouble.since, trouble.retry_at))
        lines.append(said.unreachable.format(since=since, retry=retry))
    pending = ledger.following.pending(person).matches
    if waiting := told_of(pending, services.built.store, follows, Sight(services.scopes, services.built.store)):
        lines.append(said.waiting.format(count=len(waiting)))
    return "\n".join(lines)


def _follow_lines(follows: Sequence[Follow], said: Wording) -> list[str]:
    lines = [said.list_line.format(topic=harmless(one.topic), bounds=_bounds(one, said)) for one in follows]
    room = LIMIT // 2
    shown = [line for number, line in enumerate(lines[:_SHOWN]) if sum(map(len, lines[: number + 1])) <= room]
    return [*shown, *([f"- … ({len(lines) - len(shown)})"] if len(shown) < len(lines) else [])]


def _bounds(follow: Follow, said: Wording) -> str:
    """What a follow is bounded to, after its topic."""
    bounds = []
    if follow.publishers:
        bounds.append(said.only_from.format(sources=", ".join(map(harmless, follow.publishers))))
    bounds += [said.only_in[language] for language in follow.languages]
    return f" ({', '.join(bounds)})" if bounds else ""


def _unfollow(services: Services) -> Command:
    @app_commands.command(name=command_name("unfollow"), description=description("unfollow"))
    @with_options(topic="followed_topic")
    async def unfollow(interaction: discord.Interaction, topic: app_commands.Range[str, 1, _LONGEST_TOPIC]) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said = wording(interaction.locale.value)
        was = await asyncio.to_thread(_stop, services, interaction.user.id, topic)
        text = said.unfollowed if was else said.not_followed
        await interaction.edit_original_response(content=text.format(topic=harmless(topic)))

    @unfollow.autocomplete("topic")
    async def topics(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        follows = await asyncio.to_thread(services.ledger.following.of, interaction.user.id)
        return topics_like([follow.topic for follow in follows], current)

    return unfollow


def _stop(services: Services, person: int, topic: str) -> bool:
    """Follow a topic no more; who follows nothing any more is forgotten."""
    ledger = services.ledger
    was = ledger.following.unfollow(person, topic)
    if was and not ledger.following.of(person):
        ledger.following.forget(person)
        ledger.deliveries.forget_messages(person, _TOLD)
    return was


def _quiet(services: Services) -> Command:
    @app_commands.command(name=command_name("my_quiet"), description=description("my_quiet"))
    @with_options("begins", "ends", "zone")
    async def quiet(
        interaction: discord.Interaction, begins: str | None = None, ends: str | None = None, zone: str | None = None
    ) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        text = await asyncio.to_thread(
            set_quiet_hours, services, interaction.user.id, (begins, ends, zone), interaction.locale.value
        )
        await interaction.edit_original_response(content=text)

    propose_zones(quiet)
    return quiet


_EVERYTHING = Subscription(channel=0, guild=0, publishers=(), languages=(), locale="en", up_to=0)
_AT_ONCE = 5  # people
_LEASE = 120.0  # seconds that an event is kept from other processes while it is matched
_IN_ONE = 8  # releases of one message
_TITLE, _TOPICS = 100, 80  # characters of a line


def matches_of(
    event: Event, release: StoredRelease, follows: Iterable[Follow], matcher: TopicMatcher, sight: Sight
) -> list[Match]:
    """The follows whose topics a release is about, of those who may see it."""
    seeing = [follow for follow in follows if sight.may_see(follow, release)]
    if not seeing:
        return []
    found = {one.topic: one for one in matcher.about(release, matcher.prepared(one.topic for one in seeing))}
    return [
        Match(follow.person, follow.topic, release.id, release.version, event.number, event.kind, one.start, one.end)
        for follow in seeing
        if (one := found.get(tidied(follow.topic)))
    ]


@dataclass(frozen=True, slots=True)
class _Told:
    """A release that somebody is told of, with the topics of theirs that it is about.

    `text[start:end]` is the sentence that shows it; empty where there is none.
    """

    release: StoredRelease
    topics: tuple[str, ...]
    start: int
    end: int


def _page_of(told: Sequence[_Told], locale: str) -> MessagePage:
    """The message that tells a person of releases: titles that lead to them, and a quote of each that shows it."""
    said = wording(locale)
    head = said.told.format(count=len(told)) if len(told) > 1 else said.told_one
    lines = [_told_line(one, locale, leads=True) for one in told]
    if sum(map(len, lines)) + len(head) + len(said.how_to_stop) + len(lines) > LIMIT - 20:
        lines = [_told_line(one, locale, leads=False) for one in told]
    content = "\n".join([head, *lines, said.how_to_stop])
    embeds = unlike([excerpt(one.release, one.start, one.end) for one in told])
    return MessagePage(content[:LIMIT], tuple(embeds))


def _told_line(told: _Told, locale: str, *, leads: bool) -> str:
    """A release on a line, which leads to it where there is room for its address."""
    topics = ", ".join(f"**{harmless(topic)}**" for topic in told.topics)
    topics = topics if len(topics) <= _TOPICS else f"**{harmless(told.topics[0])[:_TOPICS]}** …"
    title = linked(told.release) if leads else harmless(told.release.title)[:_TITLE].rstrip("\\")
    return f"- {title} · {wording(locale).on_topics.format(topics=topics)}"


def told_of(matches: Iterable[Match], store: PassageStore, follows: Iterable[Follow], sight: Sight) -> list[_Told]:
    """What a person is told of by matches, oldest first; nothing of what is gone, or is not for them any more."""
    followed = {follow.key: follow for follow in follows}
    by_release: dict[str, list[Match]] = {}
    for match in matches:
        by_release.setdefault(match.release_id, []).append(match)
    found = []
    for identity, own in by_release.items():
        release = store.records.get(identity)
        if release is None or release.withdrawn:
            continue
        follow_of = {match: followed.get((match.person, topic_key(match.topic))) for match in own}
        shown = [match for match, follow in follow_of.items() if follow and sight.may_see(follow, release)]
        if shown:
            found.append(_Told(release, tuple(one.topic for one in shown), *_place(shown[0], release, store)))
    return found


def _place(match: Match, release: StoredRelease, store: PassageStore) -> tuple[int, int]:
    """Where the sentence that shows it stands by now; nowhere, if it is gone."""
    if release.version == match.version:
        return match.start, match.end
    read = store.records.get(release.id, match.version)
    sentence = read.text[match.start : match.end] if read else ""
    start = release.text.find(sentence) if sentence else -1
    return (start, start + len(sentence)) if start >= 0 else (0, 0)


class Follower:
    """Looks every few seconds for what people are to be told; the ledger keeps processes from doing the same twice."""

    def __init__(self, built: Built, delivery: Delivery, scopes: Scopes, stopping: asyncio.Event) -> None:
        self._delivery = delivery
        self._scopes = scopes
        self._store = built.store
        self._matcher = built.topics
        self._ledger = built.ledger
        self._name = secrets.token_hex(8)
        self._stopping = stopping
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def look(self) -> None:
        """Match what came in, and tell whoever is to be told."""
        await asyncio.to_thread(self.match_all)
        quiet = await asyncio.to_thread(self._ledger.quiet.owners_in, discord.utils.utcnow())
        people = [one for one in await asyncio.to_thread(self._ledger.following.to_be_told) if one not in quiet]
        outcomes = await asyncio.gather(*map(self._tell_in_turn, people), return_exceptions=True)
        for person, failed in zip(people, outcomes, strict=True):
            if isinstance(failed, AWAY):
                log.warning("person %s: not told for now: %s", person, failed)
            elif isinstance(failed, Exception):
                log.error("person %s: telling failed; it is tried again", person, exc_info=failed)

    def match_all(self) -> None:
        """Match every event that nobody has matched, oldest first."""
        following, newest = self._ledger.following, self._store.records.last_event()
        up_to = following.up_to(newest)
        if up_to is None or up_to >= newest:
            return
        events = [event for event in self._store.records.events(up_to) if event.number <= newest]
        if self._scopes.need_places(following.sources()):
            events, newest = placed(events, newest, self._store)
        news = {event.number: found[0] for event in events if (found := news_of([event], self._store, _EVERYTHING, ()))}
        following.pass_over(event.number for event in events if event.number not in news)
        for event in events:
            if event.number in news and not self._stopping.is_set():
                self._match(event, news[event.number].release)
        following.advance([event.number for event in events])

    def _match(self, event: Event, release: StoredRelease) -> None:
        """Match one event, with those too who begin to follow something meanwhile."""
        following = self._ledger.following
        follows = following.take(event.number, self._name, _LEASE)
        if follows is None:
            return
        known, began, sight = list(follows), time.perf_counter(), Sight(self._scopes, self._store)
        matches = matches_of(event, release, follows, self._matcher, sight)
        while left := following.matched(event.number, self._name, matches, known):
            known += left
            matches += matches_of(event, release, left, self._matcher, sight)
        took = time.perf_counter() - began
        log.info("event %d: matched with %d topics in %.2f s: %d to tell", event.number, len(known), took, len(matches))

    async def _tell_in_turn(self, person: int) -> None:
        async with self._slots:
            while not self._stopping.is_set() and await self._tell(person):
                pass

    async def _tell(self, person: int) -> bool:
        """Send one message; whether there may be more to tell."""
        recipient, outcome = Recipient.person(person), Outcome.LATER
        async with self._delivery.holding(recipient) as held:
            begun = await asyncio.to_thread(self._begun, person) if held else None
            if begun is None:
                return False
            number, page = begun
            outcome = await self._delivery.send(recipient, f"{_TOLD}{number}", page) if page else Outcome.POSTED
            if outcome is Outcome.POSTED:
                await asyncio.to_thread(self._ledger.following.told, person, number)
        if outcome is Outcome.GONE:
            await asyncio.to_thread(self.forget, person)
        return outcome is Outcome.POSTED

    def _begun(self, person: int) -> tuple[int, MessagePage | None] | None:
        """The message that was begun for a person, or a new one, by its number; None where nothing is to be told.

        It has no page where all that it was to tell of is gone.
        """
        following = self._ledger.following
        pending = following.pending(person)
        if not pending.matches:
            return None
        told = told_of(pending.matches, self._store, following.of(person), Sight(self._scopes, self._store))
        number = pending.number
        if number is None:
            told = told[:_IN_ONE]
            chosen = {one.release.id for one in told}
            mine = [match for match in pending.matches if match.release_id in chosen or not chosen]
            number = following.begin(person, mine)
        if number is None:  # somebody else has begun to tell of it
            return None
        return number, _page_of(told, pending.locale) if told else None

    def forget(self, person: int) -> None:
        """Forget somebody whom nothing reaches any more."""
        self._ledger.following.forget(person)
        self._ledger.deliveries.forget_recipient(person)
        self._ledger.quiet.forget(person)
