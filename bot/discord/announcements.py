"""New, changed and withdrawn releases, announced in the channels that subscribe to them: once each."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import discord
from discord import AllowedMentions

from bot.discord.localisation import wording
from bot.discord.rendering import LIMIT, MessagePage, card, excerpt, harmless, linked
from bot.discord.scopes import place_of_channel
from bot.discord.services import AWAY
from bot.language.prompt_injection import plain
from bot.operations.names import placed
from vectorstore.text.sentences import differences

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from datetime import datetime

    from bot.answering.topics import TopicMatch, TopicMatcher, TopicSet
    from bot.discord.scopes import Scopes
    from bot.state.deliveries import Announced, Subscription
    from bot.wiring import Built
    from vectorstore.store import PassageStore
    from vectorstore.text.sentences import Difference
    from vectorstore.types import Event, StoredRelease

log = logging.getLogger(__name__)

_FIRST_RUN = timedelta(hours=1)  # what was published on the day of a first run, and came in with it, is no news
_RECENT = timedelta(days=30)  # changes of releases that are older, and were never announced, are no news
_CHANGES = 3
_SENTENCE = 400  # characters


@dataclass(frozen=True, slots=True)
class News:
    """Something to announce: a release that is new, changed or withdrawn, and the event that says so.

    `known` is the version that was current before everything that is announced here. `about` are the topics of the
    channel that the release is about, where it has some.
    """

    event: Event
    release: StoredRelease
    known: int
    about: tuple[TopicMatch, ...] = ()


def news_of(
    events: Iterable[Event],
    store: PassageStore,
    subscription: Subscription,
    announced: Container[str],
    told: Container[int] = frozenset(),
) -> list[News]:
    """What of these events is news in a channel, oldest first, once for each release.

    `announced` are the releases that were announced there, `told` the events that are done with, where a look was cut
    off: what came since is news of its own. What a newsroom had published before it was read for the first time is no
    news.
    """
    found: dict[str, News] = {}
    for event in events:
        release = store.records.get(event.release_id)
        if release is None:
            found.pop(event.release_id, None)  # it came and went
            continue
        before = found.pop(event.release_id, None)
        before = None if before and before.event.number in told else before
        known = before.known if before else event.version - 1
        if event.kind in {"changed", "withdrawn"} and before and before.event.kind == "new":
            event = before.event  # noqa: PLW2901 - new, and changed since: announced once, as it is now
        if event.kind == "changed" and _has_only_moved(release, store.records.get(release.id, known)):
            continue
        if _fits(release, subscription) and _is_news(event, release, store, announced):
            found[event.release_id] = News(event, release, known)
    return sorted(found.values(), key=_when)


def _page_of(news: News, store: PassageStore, locale: str) -> MessagePage:
    """The message that announces it."""
    said, release = wording(locale), news.release
    if release.withdrawn:
        return _page(said.withdrawn, release)
    if news.event.kind == "new":
        return _new(news, locale)
    before = store.records.get(release.id, news.known)
    return _changed(before, release, locale) if before else _page(said.changed_release, release)


def _changed(before: StoredRelease, release: StoredRelease, locale: str) -> MessagePage:
    """A release that says something else now: as many of its first changes as there is room for, whole."""
    said, changes = wording(locale), differences(before.text, release.text, release.language)
    titles = [f"- {_cut(before.title)}", f"+ {_cut(release.title)}"] if before.title != release.title else []
    for shown in range(min(len(changes), _CHANGES), -1, -1):
        lines = [*titles, *(line for change in changes[:shown] for line in _diff(change))]
        diff = ["\n".join(["```diff", *lines, "```"])] if lines else []
        more = [said.more_changes.format(count=len(changes) - shown)] if len(changes) > shown else []
        if len(_content(said.changed_release, release, *diff, *more)) <= LIMIT:
            return _page(said.changed_release, release, *diff, *more)
    return _page(said.changed_release, release, *more)


def _new(news: News, locale: str) -> MessagePage:
    """A new release, with the topics that it is about and the sentence that shows it, where topics are asked for."""
    said, release = wording(locale), news.release
    if not news.about:
        return _page(said.new_release, release)
    topics = ", ".join(f"**{harmless(one.topic)}**" for one in news.about)
    line = f"-# {wording(locale).on_topics.format(topics=topics)}"
    page, shown = _page(said.new_release, release, line), news.about[0]
    return replace(page, embeds=(excerpt(release, shown.start, shown.end),))


def about_topics(
    news: Iterable[News], topics: TopicSet, matcher: TopicMatcher, announced: Container[str]
) -> list[News]:
    """Of some news what is about one of the topics, and what becomes of releases that were announced."""
    found = []
    for one in news:
        matches = () if one.release.withdrawn else tuple(matcher.about(one.release, topics))
        if matches or one.release.id in announced:
            found.append(replace(one, about=matches))
    return found


def _page(what: str, release: StoredRelease, *more: str) -> MessagePage:
    """What happened and to which release in the content, for some people see no embeds; how it begins below."""
    return MessagePage(_content(what, release, *more)[:LIMIT], (card(release),))


def _content(what: str, release: StoredRelease, *more: str) -> str:
    return "\n".join([f"{what} · {linked(release)}", *more])


def _fits(release: StoredRelease, subscription: Subscription) -> bool:
    publishers, languages = subscription.publishers, subscription.languages
    return (not publishers or release.publisher in publishers) and (not languages or release.language in languages)


def _has_only_moved(release: StoredRelease, before: StoredRelease | None) -> bool:
    """Whether nothing is new to a reader but the address, as when a site moves."""
    if before is None or before.url == release.url:
        return False
    now, then = (
        (one.title, one.text, one.language, one.publisher, one.published, one.pair) for one in (release, before)
    )
    return now == then


def _is_news(event: Event, release: StoredRelease, store: PassageStore, announced: Container[str]) -> bool:
    if event.kind == "withdrawn":
        return release.id in announced
    if release.withdrawn:
        return False
    if event.kind == "changed":
        return release.id in announced or (release.published is not None and release.published > event.moment - _RECENT)
    return event.kind == "new" and _is_new(event, release, store.records.first_read(release.publisher))


def _is_new(event: Event, release: StoredRelease, first_read: datetime | None) -> bool:
    if first_read is None:
        return True
    if release.published is None:
        return event.moment > first_read + timedelta(days=1)
    day = first_read.astimezone(UTC).date()
    published = release.published.astimezone(UTC).date()
    return published > day or (published == day and event.moment > first_read + _FIRST_RUN)


def _when(news: News) -> tuple[datetime, int]:
    release = news.release
    moment = release.published if news.event.kind == "new" and release.published else news.event.moment
    return moment, news.event.number


def _diff(change: Difference) -> list[str]:
    return [f"{mark} {_cut(text)}" for mark, text in (("-", change.before), ("+", change.after)) if text]


def _cut(text: str) -> str:
    """A sentence on one line of a code block, which nothing in it can end."""
    line = " ".join(plain(text).split()).replace("`", "ˋ")
    return line if len(line) <= _SENTENCE else line[:_SENTENCE].rsplit(" ", 1)[0] + " …"


_UNKNOWN_CHANNEL = 10003
AT_ONCE = 5  # channels
_LEASE = 15.0  # seconds that a channel is kept from other processes, counted from each announcement
_MATCHING = 120.0  # and as long as it is found out which releases are about its topics
_PUT_OFF = 600.0  # seconds until a channel is tried again that could not be posted in
_PUBLISHING = 20.0  # seconds that publishing may wait: Discord allows ten in an hour, and the message stands anyhow
_SEEN_BACK = timedelta(seconds=60)  # clocks differ


class Announcer:
    """Announces what is new in each round; the ledger keeps several processes from announcing the same."""

    def __init__(self, client: discord.Client, built: Built, scopes: Scopes, stopping: asyncio.Event) -> None:
        self._client = client
        self._scopes = scopes
        self._built = built
        self._store = built.store
        self._ledger = built.ledger
        self._name = secrets.token_hex(8)
        self._stopping = stopping
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def look(self) -> None:
        """Announce what there is to be announced in every channel."""
        # In this order: a channel that another process brings up to date meanwhile is not ahead of the store.
        subscriptions = await asyncio.to_thread(self._ledger.announcements.subscriptions)
        newest = await asyncio.to_thread(self._store.records.last_event)
        quiet = await asyncio.to_thread(self._ledger.quiet.owners_in, discord.utils.utcnow())
        due: list[int] = []
        for subscription in subscriptions:
            channel, seen = subscription.channel, subscription.up_to
            if seen > newest:
                log.warning("channel %s: the store was made anew; announcing from here on", channel)
                await asyncio.to_thread(self._ledger.announcements.start_over, channel, seen=seen, up_to=newest)
            elif seen < newest and subscription.guild not in quiet and self._client.get_guild(subscription.guild):
                due.append(channel)
        looks = (self._catch_up_in_turn(channel, newest) for channel in due)
        for channel, failed in zip(due, await asyncio.gather(*looks, return_exceptions=True), strict=True):
            if isinstance(failed, AWAY):
                log.warning("channel %s: nothing is announced for now: %s", channel, failed)
            elif isinstance(failed, Exception):
                log.error("channel %s: announcing failed; it is tried again", channel, exc_info=failed)

    async def _catch_up_in_turn(self, channel: int, newest: int) -> None:
        async with self._slots:
            await self._catch_up(channel, newest)

    async def _catch_up(self, channel: int, newest: int) -> None:
        announcements = self._ledger.announcements
        subscription = await asyncio.to_thread(announcements.hold, channel, self._name, _LEASE, behind=newest)
        if subscription is None:
            return
        if subscription.about:
            await asyncio.to_thread(announcements.hold, channel, self._name, _MATCHING, behind=newest)
        try:
            news_here, newest = await asyncio.to_thread(self._news, subscription, newest)
            for news in news_here:
                if self._stopping.is_set():
                    await asyncio.to_thread(announcements.put_off, channel, self._name, "", 0.0)
                    return
                if await asyncio.to_thread(announcements.hold, channel, self._name, _LEASE, behind=newest) is None:
                    return  # it took too long, and another process goes on here
                await self._announce(subscription, news)
        except discord.HTTPException as exc:
            if exc.code == _UNKNOWN_CHANNEL:
                log.warning("channel %s: is gone; nothing is announced there any more", channel)
                await asyncio.to_thread(announcements.unsubscribe, channel, guild=subscription.guild)
                return
            log.warning("channel %s: not announced: %s; it is tried again in %d s", channel, exc, _PUT_OFF)
            await asyncio.to_thread(announcements.put_off, channel, self._name, exc.text or str(exc), _PUT_OFF)
            return
        await asyncio.to_thread(announcements.let_go, channel, self._name, up_to=newest)

    def _news(self, subscription: Subscription, newest: int) -> tuple[list[News], int]:
        """What is news in a channel of what may be seen there, and up to which event that is known."""
        events = [event for event in self._store.records.events(subscription.up_to) if event.number <= newest]
        place = place_of_channel(self._client, subscription.guild, subscription.channel)
        where = self._scopes.told(place, subscription.publishers)
        if where is None:
            return [], newest
        if where.scopes:
            events, newest = placed(events, newest, self._store)
        releases = self._store.records.among({event.release_id for event in events}, where)
        announced = self._ledger.announcements.announced_releases(subscription.channel, releases)
        known = [event for event in events if event.release_id in releases]
        told = self._ledger.announcements.told(subscription.channel, after=subscription.up_to)
        news = news_of(known, self._store, replace(subscription, publishers=()), announced, told)
        if subscription.about and news:
            matcher = self._built.topics
            news = about_topics(news, matcher.prepared(subscription.about), matcher, announced)
        return news, newest

    async def _announce(self, subscription: Subscription, news: News) -> None:
        """Post one announcement, unless an attempt that was cut off has posted it."""
        announcements, event = self._ledger.announcements, news.event.number
        before = await asyncio.to_thread(announcements.begin, subscription.channel, event, news.release.id)
        if before and before.finished:
            return
        channel = await self._channel(subscription.channel)
        page = await asyncio.to_thread(_page_of, news, self._store, subscription.locale)
        message = await self._found(channel, page, before) if before else None
        if message is None:
            message = await self._post(channel, subscription, news, page)
        published = channel.is_news()
        await asyncio.to_thread(announcements.posted, subscription.channel, event, message.id, finished=not published)
        if published:
            await self._publish(message)
            await asyncio.to_thread(announcements.posted, subscription.channel, event, message.id, finished=True)

    @staticmethod
    async def _post(
        channel: discord.TextChannel, subscription: Subscription, news: News, page: MessagePage
    ) -> discord.Message:
        """Post a page; a new release mentions the role of the channel, and nothing else ever mentions anybody."""
        content, allowed = page.content, AllowedMentions.none()
        if subscription.role and news.event.kind == "new":
            allowed = AllowedMentions(everyone=False, users=False, roles=[discord.Object(subscription.role)])
            content = f"{_unpinged(content)}\n<@&{subscription.role}>"
        embeds, nonce = list(page.embeds), f"c{news.event.number}"
        return await channel.send(content, embeds=embeds, nonce=nonce, allowed_mentions=allowed)

    async def _channel(self, identity: int) -> discord.TextChannel:
        found = self._client.get_channel(identity) or await self._client.fetch_channel(identity)
        assert isinstance(found, discord.TextChannel)
        return found

    async def _found(
        self, channel: discord.TextChannel, page: MessagePage, before: Announced
    ) -> discord.Message | discord.PartialMessage | None:
        """The message of an attempt that was cut off, if it was posted all the same."""
        if before.message is not None:
            return channel.get_partial_message(before.message)
        async for message in channel.history(limit=200, after=before.began - _SEEN_BACK):
            mine = self._client.user is not None and message.author.id == self._client.user.id
            if mine and _unpinged(message.content) == _unpinged(page.content):
                return message
        return None

    @staticmethod
    async def _publish(message: discord.Message | discord.PartialMessage) -> None:
        """Send it on to the guilds that follow the channel; if that is not possible, it stands here all the same."""
        try:
            await asyncio.wait_for(message.publish(), _PUBLISHING)
        except (discord.HTTPException, TimeoutError) as exc:
            log.warning("message %s: not published: %s", message.id, exc or "Discord lets it wait")


_PING = re.compile(r"\n<@&\d+>\Z")


def _unpinged(content: str) -> str:
    """What a message says without the mention below it, cut so that there is room for one."""
    return _PING.sub("", content)[: LIMIT - 30].rstrip()
