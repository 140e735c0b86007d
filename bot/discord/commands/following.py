"""`/follow`, `/following`, `/unfollow` and `/quiet`: topics that somebody is told of, for whoever uses them alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.discord.commands.options import (
    languages,
    propose_sources,
    propose_zones,
    separated,
    set_quiet_hours,
    topics_like,
    with_options,
)
from bot.discord.localisation import command_name, description, language_of, wording
from bot.discord.notifications.following import Told, told_of
from bot.discord.rendering import LIMIT, excerpt, harmless, linked
from bot.discord.scopes import Sight
from bot.state.following import Follow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.discord.localisation import Wording
    from bot.discord.services import Services
    from vectorstore.types import Filter

    Command = app_commands.Command[app_commands.Group, ..., None]

LONGEST_TOPIC = 100
"""Characters of a topic; as many as a proposal has."""

_LOOKED_AT = 12  # releases that may be about a topic, when it is begun to be followed
_SHOWN = 25  # topics of a list


def following_commands(services: Services) -> tuple[Command, ...]:
    """The commands for topics."""
    return _follow(services), _following(services), _unfollow(services), _quiet(services)


def _follow(services: Services) -> Command:
    @app_commands.command(name=command_name("follow"), description=description("follow"))
    @with_options("topic", "source", "language")
    @app_commands.choices(language=languages())
    async def follow(
        interaction: discord.Interaction,
        topic: app_commands.Range[str, 1, LONGEST_TOPIC],
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
            await asyncio.to_thread(services.built.store.last_event),
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


def newest_about(services: Services, wanted: Follow, here: Filter) -> Told | None:
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
            return Told(release, (wanted.topic,), found[0].start, found[0].end)
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
    lines = [said.list_head, *_lines(follows, said)]
    if quiet := ledger.quiet.of(person):
        lines.append(said.quiet.format(begins=quiet.at(quiet.begins), ends=quiet.at(quiet.ends), zone=quiet.zone))
    if trouble := ledger.deliveries.trouble(person):
        since, retry = (int(moment.timestamp()) for moment in (trouble.since, trouble.retry_at))
        lines.append(said.unreachable.format(since=since, retry=retry))
    pending = ledger.following.pending(person).matches
    if waiting := told_of(pending, services.built.store, follows, Sight(services.scopes, services.built.store)):
        lines.append(said.waiting.format(count=len(waiting)))
    return "\n".join(lines)


def _lines(follows: Sequence[Follow], said: Wording) -> list[str]:
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
    async def unfollow(interaction: discord.Interaction, topic: app_commands.Range[str, 1, LONGEST_TOPIC]) -> None:
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
        ledger.deliveries.forget_recipient(person)
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
