"""`/config` and `/ingest`, for who manages a guild."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.discord.digests import channel_digest_command, digest_lines
from bot.discord.localisation import command_name, description, language_of, wording
from bot.discord.options import (
    languages,
    propose_sources,
    propose_zones,
    quiet_line,
    separated,
    set_quiet_hours,
    with_options,
)
from bot.discord.rendering import LIMIT, harmless
from bot.discord.scopes import Place, channels_of
from bot.discord.services import must_be_granted
from bot.state.deliveries import Subscription

if TYPE_CHECKING:
    from bot.discord.localisation import Wording
    from bot.discord.options import Command
    from bot.discord.services import Services


log = logging.getLogger(__name__)

_MANAGES = discord.Permissions(manage_guild=True)
_IN_GUILDS = app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False)
_FOR_GUILDS = app_commands.AppInstallationType(guild=True, user=False)
_GIVEN = 100  # characters of a name that is none


def managing_commands(services: Services) -> tuple[app_commands.Group | Command, ...]:
    """The commands for who manages a guild; `/ingest` for whom the operator has named, or nobody."""
    if services.built.settings.discord.may_ingest == "nobody":
        return (_config(services),)
    return _config(services), _ingest(services)


def _config(services: Services) -> app_commands.Group:
    """`/config`: where releases are announced and when, and whether threads are opened."""
    group = app_commands.Group(
        name=command_name("config"),
        description=description("config"),
        default_permissions=_MANAGES,
        allowed_contexts=_IN_GUILDS,
        allowed_installs=_FOR_GUILDS,
    )
    for part in (_show_config, _announce, _silence, _threads, _quiet, _sources):
        group.add_command(part(services))
    group.add_command(channel_digest_command(services, _hindrance))
    return group


def _ingest(services: Services) -> Command:
    """`/ingest`: look for new releases now, in the sources that may be seen where it is asked for."""

    @app_commands.command(name=command_name("ingest"), description=description("ingest"))
    async def ingest_(interaction: discord.Interaction) -> None:
        must_be_granted(services.built.settings.discord.may_ingest, interaction)
        await interaction.response.defer(thinking=True, ephemeral=True)
        where = await services.scopes.of(interaction)
        sources = await asyncio.to_thread(lambda: services.scopes.names.within(where))
        text = await services.ingestion.run(sources, wording(interaction.locale.value))
        await interaction.edit_original_response(content=text[:LIMIT])

    if services.built.settings.discord.may_ingest == "managers":  # others are told by their ids, which Discord cannot
        ingest_.default_permissions = _MANAGES
    ingest_.allowed_contexts, ingest_.allowed_installs = _IN_GUILDS, _FOR_GUILDS
    return ingest_


def _show_config(services: Services) -> Command:
    @app_commands.command(name=command_name("show"), description=description("show"))
    @app_commands.checks.has_permissions(manage_guild=True)
    async def show(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        assert interaction.guild_id is not None
        said = wording(interaction.locale.value)
        threads = await asyncio.to_thread(services.ledger.guilds.opens_threads, interaction.guild_id)
        found = await asyncio.to_thread(services.ledger.announcements.subscriptions, interaction.guild_id)
        kept_to = await asyncio.to_thread(services.ledger.channel_sources.all, interaction.guild_id)
        quiet = await asyncio.to_thread(services.ledger.quiet.of, interaction.guild_id)
        lines = [said.threads_on if threads else said.threads_off]
        lines += [_kept_line(channel, sources, said) for channel, sources in kept_to.items()]
        lines += [_subscription_line(one, said) for one in found] or [said.announces_nothing]
        if quiet:
            lines.append(quiet_line(quiet, said))
        lines += await asyncio.to_thread(digest_lines, services, interaction.guild_id, said)
        await interaction.edit_original_response(content="\n".join(lines)[:LIMIT])

    return show


def _announce(services: Services) -> Command:
    @app_commands.command(name=command_name("announce"), description=description("announce"))
    @with_options("channel", "language", "about", "role", source="announced_source")
    @app_commands.choices(language=languages())
    @app_commands.checks.has_permissions(manage_guild=True)
    async def announce(
        interaction: discord.Interaction,
        channel: discord.TextChannel,
        source: str | None = None,
        language: app_commands.Choice[str] | None = None,
        about: app_commands.Range[str, 2, 400] | None = None,
        role: discord.Role | None = None,
    ) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said = wording(interaction.locale.value)
        if refused := await _cannot_announce(services, interaction, channel, role):
            await interaction.edit_original_response(content=refused)
            return
        subscription = Subscription(
            channel=channel.id,
            guild=channel.guild.id,
            publishers=separated(source),
            languages=(language.value,) if language else (),
            locale=language.value if language else language_of(interaction.locale.value),
            up_to=await asyncio.to_thread(services.built.store.records.last_event),
            about=tuple(topic for topic in separated(about) if any(map(str.isalnum, topic))),
            role=role.id if role else None,
        )
        kept = await asyncio.to_thread(services.ledger.announcements.subscribe, subscription)
        line = _subscription_line(kept, said)
        await interaction.edit_original_response(content=line[:LIMIT])

    propose_sources(announce, services)
    return announce


def _silence(services: Services) -> Command:
    @app_commands.command(name=command_name("silence"), description=description("silence"))
    @with_options(channel="silenced_channel")
    @app_commands.checks.has_permissions(manage_guild=True)
    async def silence(interaction: discord.Interaction, channel: discord.TextChannel) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said = wording(interaction.locale.value)
        assert interaction.guild_id is not None
        was = await asyncio.to_thread(services.ledger.announcements.unsubscribe, channel.id, guild=interaction.guild_id)
        text = said.silenced if was else said.was_silent
        await interaction.edit_original_response(content=text.format(channel=channel.mention))

    return silence


def _threads(services: Services) -> Command:
    @app_commands.command(name=command_name("threads"), description=description("threads"))
    @with_options("wanted")
    @app_commands.checks.has_permissions(manage_guild=True)
    async def threads(interaction: discord.Interaction, wanted: bool) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        assert interaction.guild_id is not None
        said = wording(interaction.locale.value)
        await asyncio.to_thread(services.ledger.guilds.set_threads, interaction.guild_id, wanted)
        await interaction.edit_original_response(content=said.threads_on if wanted else said.threads_off)

    return threads


def _quiet(services: Services) -> Command:
    @app_commands.command(name=command_name("quiet"), description=description("quiet"))
    @with_options("begins", "ends", "zone")
    @app_commands.checks.has_permissions(manage_guild=True)
    async def quiet(
        interaction: discord.Interaction, begins: str | None = None, ends: str | None = None, zone: str | None = None
    ) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        assert interaction.guild_id is not None
        given, locale = (begins, ends, zone), interaction.locale.value
        text = await asyncio.to_thread(set_quiet_hours, services, interaction.guild_id, given, locale)
        await interaction.edit_original_response(content=text)

    propose_zones(quiet)
    return quiet


def _may_not_ping(interaction: discord.Interaction, role: discord.Role, channel: discord.TextChannel) -> str | None:
    """Why a role cannot be mentioned for a person in a channel; None where it can."""
    said = wording(interaction.locale.value)
    named = f"@{harmless(role.name.removeprefix('@'))}"
    if role.is_default() or not (role.mentionable or interaction.permissions.mention_everyone):
        return said.no_role.format(role=named)
    if not (role.mentionable or channel.permissions_for(channel.guild.me).mention_everyone):
        return said.no_role_bot.format(role=named, channel=channel.mention)
    return None


def _subscription_line(subscription: Subscription, said: Wording) -> str:
    publishers = ", ".join(map(harmless, subscription.publishers)) or said.all_sources
    bounds = [", ".join(subscription.languages) or said.all_languages]
    if subscription.about:
        bounds.append(said.about.format(topics=", ".join(f"**{harmless(topic)}**" for topic in subscription.about)))
    if subscription.role:
        bounds.append(said.pings.format(role=f"<@&{subscription.role}>"))
    line = said.announces.format(channel=f"<#{subscription.channel}>", sources=publishers, languages=", ".join(bounds))
    trouble = said.trouble.format(trouble=harmless(subscription.trouble)) if subscription.trouble else ""
    return line + trouble


async def _cannot_announce(
    services: Services, interaction: discord.Interaction, channel: discord.TextChannel, role: discord.Role | None
) -> str | None:
    """Why nothing can be announced in a channel, or a role not be mentioned there; None where both can.

    Raises NotOpenError where nothing may be seen there.
    """
    said = wording(interaction.locale.value)
    if channel.guild.id != interaction.guild_id:
        return said.no_channel
    await asyncio.to_thread(services.scopes.of_place, Place(channel.guild.id, channels_of(channel)))
    if role and (refused := _may_not_ping(interaction, role, channel)):
        return refused
    return await _hindrance(channel, said, said.announces_here)


def _missing(channel: discord.TextChannel) -> str | None:
    """The first permission that the bot's roles lack in a channel."""
    granted = channel.permissions_for(channel.guild.me)
    needed = {
        "View Channel": granted.view_channel,
        "Send Messages": granted.send_messages,
        "Embed Links": granted.embed_links,
        "Read Message History": granted.read_message_history,
    }
    return next((name for name, is_granted in needed.items() if not is_granted), None)


async def _hindrance(channel: discord.TextChannel, said: Wording, line: str) -> str | None:
    """What keeps the bot from posting in a channel, in a sentence; None where it has posted a line there."""
    missing = _missing(channel) or await _try_posting(channel, line)
    return said.cannot_announce.format(channel=channel.mention, permission=f"**{missing}**") if missing else None


async def _try_posting(channel: discord.TextChannel, line: str) -> str | None:
    """The permission that is missing, found out by posting a line that says what will come; None if none is."""
    try:
        await channel.send(line)
    except discord.Forbidden as exc:
        log.warning("channel %s: nothing can be announced: %s", channel.id, exc)
        return "View Channel" if exc.code == 50001 else "Send Messages"
    return None


def _sources(services: Services) -> Command:
    """`/config sources`: without a source, all that the channel is given."""

    @app_commands.command(name=command_name("kept_sources"), description=description("kept_sources"))
    @with_options(channel="kept_channel", source="kept_source")
    @app_commands.checks.has_permissions(manage_guild=True)
    async def keep_to_sources(
        interaction: discord.Interaction, channel: discord.TextChannel, source: str | None = None
    ) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said = wording(interaction.locale.value)
        if channel.guild.id != interaction.guild_id:
            text = said.no_channel
        else:
            text = await asyncio.to_thread(_kept_to, services, channel, separated(source), said)
        await interaction.edit_original_response(content=text[:LIMIT])

    propose_sources(keep_to_sources, services)
    return keep_to_sources


def _kept_line(channel: int, sources: tuple[str, ...], said: Wording) -> str:
    """What a channel is kept to, in a sentence; no sources mean all that it is given."""
    line = said.kept_to if sources else said.kept_to_all
    return line.format(channel=f"<#{channel}>", sources=", ".join(map(harmless, sources)))


def _kept_to(services: Services, channel: discord.TextChannel, wanted: tuple[str, ...], said: Wording) -> str:
    """Keep a channel to these sources, none meaning all that it is given; what to say of it. Raises NotOpenError."""
    given = services.scopes.of_place(Place(channel.guild.id, channels_of(channel)), as_given=True)
    names = {name: services.scopes.names.meant(name, given) for name in wanted}
    if unknown := next((name for name, meant in names.items() if meant is None), None):
        return said.no_such_source.format(name=f"**{harmless(unknown[:_GIVEN])}**")
    sources = tuple(dict.fromkeys(filter(None, names.values())))
    if sources:
        services.ledger.channel_sources.keep_to(channel.id, sources, guild=channel.guild.id)
    else:
        services.ledger.channel_sources.release(channel.id, guild=channel.guild.id)
    return _kept_line(channel.id, sources, said)
