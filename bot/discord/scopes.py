"""What may be seen where: in a guild, a channel, a direct message, as the operator and the managers have set it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import discord

from bot.errors import LedgerError
from bot.operations.names import SourceNames
from bot.settings import EVERYTHING
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeVar

    from bot.settings import ScopeSettings
    from bot.state.following import Follow
    from bot.wiring import Built
    from vectorstore.store import PassageStore
    from vectorstore.types import StoredRelease

    _Found = TypeVar("_Found")

log = logging.getLogger(__name__)


class NotOpenError(Exception):
    """Nothing may be seen in a place."""


class NotOpenDirectlyError(NotOpenError):
    """Nothing may be seen in somebody's direct messages, wherever they are."""


class OutsideError(Exception):
    """An answer tells of what may not be seen in the place where it is wanted."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody asks: a guild and its channels, which are the channel, its parent and their category.

    `person` is who asks, where that counts: in direct messages, and in a guild into which they bring the bot along.
    """

    guild: int | None = None
    channels: tuple[int, ...] = ()
    person: int | None = None


async def _place_of(asked: discord.Interaction | discord.Message) -> Place:
    """Where an interaction or a message comes from. Raises NotOpenError for a channel of a kind that is not known."""
    if isinstance(asked, discord.Message):
        guild, person, brought = asked.guild.id if asked.guild else None, asked.author.id, False
    else:
        guild, person = asked.guild_id, asked.user.id
        brought = guild is not None and not asked.is_guild_integration()
    channel: object = asked.channel
    if isinstance(channel, discord.PartialMessageable) and asked.guild is not None:
        channel = await asked.guild.fetch_channel(channel.id)  # a thread that is not known yet: of which channel?
    if channel is None and guild is not None:
        raise NotOpenError
    return Place(guild, channels_of(channel), person if guild is None or brought else None)


def channels_of(channel: object) -> tuple[int, ...]:
    """A channel with those whose scope it has: of a thread its parent, and the category."""
    return tuple(dict.fromkeys(_with_parents(channel)))


def _with_parents(channel: object) -> Iterator[int]:
    if isinstance(channel, discord.abc.Snowflake):
        yield channel.id
    if isinstance(channel, discord.Thread):
        yield channel.parent_id
        yield from _with_parents(channel.parent)
    elif isinstance(channel, discord.abc.GuildChannel) and channel.category_id is not None:
        yield channel.category_id


def place_of_channel(client: discord.Client, guild: int, channel: int) -> Place:
    """A channel of a guild that the client knows, by their ids, for what the bot posts there of its own accord."""
    return Place(guild, channels_of(client.get_channel(channel)) or (channel,))


class Scopes:
    """What may be seen in each place; each method but `of` and `look` blocks."""

    def __init__(self, built: Built) -> None:
        self._built = built
        self._names: tuple[object, SourceNames] | None = None
        self._kept_to: dict[int, tuple[str, ...]] | None = None

    async def of(self, asked: discord.Interaction | discord.Message) -> Filter:
        """What may be seen where an interaction or a message comes from. Raises NotOpenError."""
        return await asyncio.to_thread(self.of_place, await _place_of(asked))

    async def look(
        self, asked: discord.Interaction, find: Callable[[SourceNames, Filter], _Found], instead: _Found
    ) -> _Found:
        """What is found with the names of sources within what may be seen; `instead` where nothing may."""
        try:
            where = await self.of(asked)
        except NotOpenError:
            return instead
        return await asyncio.to_thread(lambda: find(self.names, where))

    def of_place(self, place: Place, *, as_given: bool = False) -> Filter:
        """What may be seen in a place; `as_given` without what its managers keep a channel to. Raises NotOpenError."""
        chosen = self._built.settings.discord
        given = [one for one in chosen.scopes if _names(one, place)]
        if not given and not chosen.open:
            raise NotOpenError
        scopes = [
            self.names.scope(one.sources or (), one.publishers or ())
            for one in given
            if EVERYTHING not in (one.sources or ())
        ]
        if not as_given:
            kept_to = self._kept(place.channels)
            scopes += [self.names.scope_of_either(kept_to[channel]) for channel in place.channels if channel in kept_to]
        if not all(scopes):
            raise NotOpenError
        return Filter().within(scopes)

    def need_places(self, sources: Sequence[str]) -> bool:
        """Whether it counts of which source a release is: where scopes are given, or one of these names is a source's.

        `sources` are names as people chose them.
        """
        return bool(self._built.settings.discord.scopes or self.names.scope_of_either(sources).sources)

    def of_direct(self, person: int) -> Filter:
        """What a person may be told in a direct message. Raises NotOpenDirectlyError."""
        try:
            return self.of_place(Place(person=person))
        except NotOpenError as exc:
            raise NotOpenDirectlyError from exc

    def told(self, place: Place, sources: Sequence[str] = (), languages: Sequence[str] = ()) -> Filter | None:
        """What may be told in a place of the bot's own accord, of these sources and languages; None where nothing may.

        `sources` are names as people chose them, none meaning all.
        """
        try:
            where = replace(self.of_place(place), languages=tuple(languages))
        except NotOpenError:
            return None
        return where.within([self.names.scope_of_either(sources)]) if sources else where

    def chosen(self, source: str, where: Filter) -> Filter:
        """A filter with a source that somebody chose by its name. See `SourceNames.chosen`."""
        return self.names.chosen(source, where)

    @property
    def names(self) -> SourceNames:
        """What sources are called, as of now."""
        sources = self._built.settings.sources
        moment = self._built.store.records.generation(), sources
        known = self._names
        if known is None or known[0] != moment:
            known = self._names = moment, SourceNames(self._built.store, sources)
        return known[1]

    def _kept(self, channels: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """What channels are kept to; as it was known last where the record cannot be read."""
        if not channels:
            return {}
        try:
            self._kept_to = self._built.ledger.channel_sources.all()
        except LedgerError as exc:
            if self._kept_to is None:
                raise
            log.warning("%s; channels are kept to what they were kept to last", exc)
        return self._kept_to


class Sight:
    """Who may be told of which release of what they follow; made for each look. Every method blocks."""

    def __init__(self, scopes: Scopes, store: PassageStore) -> None:
        self._scopes = scopes
        self._store = store
        self._known: dict[Follow, Filter | None] = {}
        self._seen: dict[tuple[Filter, str], bool] = {}

    def where(self, follow: Follow) -> Filter | None:
        """Of what somebody may be told who follows something; None where of nothing."""
        if follow not in self._known:
            place = Place(person=follow.person)
            self._known[follow] = self._scopes.told(place, follow.publishers, follow.languages)
        return self._known[follow]

    def may_see(self, follow: Follow, release: StoredRelease) -> bool:
        """Whether somebody may be told of a release who follows something: the one place that decides it."""
        where = self.where(follow)
        if not where:
            return where is not None
        asked = where, release.id
        if asked not in self._seen:
            self._seen[asked] = bool(self._store.records.among([release.id], where))
        return self._seen[asked]


def _names(given: ScopeSettings, place: Place) -> bool:
    return bool(
        place.guild in given.guilds or place.person in given.persons or set(place.channels) & set(given.channels)
    )


def marks_of(where: Filter) -> str:
    """Tells the scopes of a filter from others, a word each; empty where it has none."""
    named = (repr((sorted(scope.publishers), sorted(scope.sources))) for scope in where.scopes)
    return " ".join(sorted(hashlib.sha256(one.encode()).hexdigest()[:16] for one in named))


def was_within(marks: str, where: Filter) -> bool:
    """Whether what was made within the scopes with these marks tells of nothing outside those of a filter."""
    return set(marks.split()) >= set(marks_of(where).split())
