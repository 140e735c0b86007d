"""`/config` and `/ingest`, for who manages a guild."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.discord.commands.choices import sources_like
from bot.discord.ingestion import must_be_granted
from bot.discord.localisation import command_name, description, language_of, wording
from bot.discord.rendering import LIMIT, harmless
from bot.discord.scopes import Place, channels_of
from bot.state import Subscription

if TYPE_CHECKING:
    from bot.discord.localisation import Wording
    from bot.discord.services import Services

    Command = app_commands.Command[app_commands.Group, ..., None]

log = logging.getLogger(__name__)

_GIVEN = 100  # characters of a name that is none

_MANAGES = discord.Permissions(manage_guild=True)

_IN_GUILDS = app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False)

_FOR_GUILDS = app_commands.AppInstallationType(guild=True, user=False)


def managing_commands(services: Services) -> tuple[app_commands.Group | Command, ...]:
    """The commands for who manages a guild; `/ingest` for whom the operator has named, or nobody."""
    if services.built.settings.discord.may_ingest == "nobody":
        return (_config(services),)
    return _config(services), _ingest(services)


def _config(services: Services) -> app_commands.Group:
    """`/config`: where releases are announced, and whether threads are opened."""
    group = app_commands.Group(
        name=command_name("config"),
        description=description("config"),
        default_permissions=_MANAGES,
        allowed_contexts=_IN_GUILDS,
        allowed_installs=_FOR_GUILDS,
    )
    for part in (_show_config, _announce, _silence, _threads, _keep_to_sources):
        group.add_command(part(services))
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
        lines = [said.threads_on if threads else said.threads_off]
        lines += [_kept_line(channel, sources, said) for channel, sources in kept_to.items()]
        lines += [_subscription_line(one, said) for one in found] or [said.announces_nothing]
        await interaction.edit_original_response(content="\n".join(lines)[:LIMIT])

    return show


def _announce(services: Services) -> Command:
    @app_commands.command(name=command_name("announce"), description=description("announce"))
    @app_commands.rename(
        channel=command_name("channel"), source=command_name("source"), language=command_name("language")
    )
    @app_commands.describe(
        channel=description("channel"), source=description("announced_source"), language=description("language")
    )
    @app_commands.choices(
        language=[
            app_commands.Choice(name=command_name(key), value=code) for key, code in (("in_fr", "fr"), ("in_en", "en"))
        ]
    )
    @app_commands.checks.has_permissions(manage_guild=True)
    async def announce(
        interaction: discord.Interaction,
        channel: discord.TextChannel,
        source: str | None = None,
        language: app_commands.Choice[str] | None = None,
    ) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said = wording(interaction.locale.value)
        if channel.guild.id != interaction.guild_id:
            await interaction.edit_original_response(content=said.no_channel)
            return
        await asyncio.to_thread(services.scopes.of_place, Place(channel.guild.id, channels_of(channel)))
        missing = _missing(channel)
        if missing is None:
            missing = await _try_posting(channel, said)
        if missing:
            text = said.cannot_announce.format(channel=channel.mention, permission=f"**{missing}**")
            await interaction.edit_original_response(content=text)
            return
        subscription = Subscription(
            channel=channel.id,
            guild=channel.guild.id,
            publishers=_separated(source),
            languages=(language.value,) if language else (),
            locale=language.value if language else language_of(interaction.locale.value),
            up_to=await asyncio.to_thread(services.built.store.last_event),
        )
        kept = await asyncio.to_thread(services.ledger.announcements.subscribe, subscription)
        await interaction.edit_original_response(content=_subscription_line(kept, said)[:LIMIT])

    @announce.autocomplete("source")
    async def sources(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await services.scopes.look(interaction, lambda names, where: sources_like(names, current, where), [])

    return announce


def _silence(services: Services) -> Command:
    @app_commands.command(name=command_name("silence"), description=description("silence"))
    @app_commands.rename(channel=command_name("channel"))
    @app_commands.describe(channel=description("silenced_channel"))
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
    @app_commands.rename(wanted=command_name("wanted"))
    @app_commands.describe(wanted=description("wanted"))
    @app_commands.checks.has_permissions(manage_guild=True)
    async def threads(interaction: discord.Interaction, wanted: bool) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        assert interaction.guild_id is not None
        said = wording(interaction.locale.value)
        await asyncio.to_thread(services.ledger.guilds.set_threads, interaction.guild_id, wanted)
        await interaction.edit_original_response(content=said.threads_on if wanted else said.threads_off)

    return threads


def _keep_to_sources(services: Services) -> Command:
    @app_commands.command(name=command_name("kept_sources"), description=description("kept_sources"))
    @app_commands.rename(channel=command_name("kept_channel"), source=command_name("source"))
    @app_commands.describe(channel=description("kept_channel"), source=description("kept_source"))
    @app_commands.checks.has_permissions(manage_guild=True)
    async def keep_to_sources(
        interaction: discord.Interaction, channel: discord.TextChannel, source: str | None = None
    ) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said = wording(interaction.locale.value)
        if channel.guild.id != interaction.guild_id:
            text = said.no_channel
        else:
            text = await asyncio.to_thread(_kept_to, services, channel, _separated(source), said)
        await interaction.edit_original_response(content=text[:LIMIT])

    @keep_to_sources.autocomplete("source")
    async def sources(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await services.scopes.look(interaction, lambda names, where: sources_like(names, current, where), [])

    return keep_to_sources


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


def _kept_line(channel: int, sources: tuple[str, ...], said: Wording) -> str:
    line = said.kept_to if sources else said.kept_to_all
    return line.format(channel=f"<#{channel}>", sources=", ".join(map(harmless, sources)))


def _separated(source: str | None) -> tuple[str, ...]:
    """Sources as they are written in one option: separated by semicolons."""
    return tuple(dict.fromkeys(name.strip() for name in (source or "").split(";") if name.strip()))


def _subscription_line(subscription: Subscription, said: Wording) -> str:
    publishers = ", ".join(map(harmless, subscription.publishers)) or said.all_sources
    languages = ", ".join(subscription.languages) or said.all_languages
    line = said.announces.format(channel=f"<#{subscription.channel}>", sources=publishers, languages=languages)
    trouble = said.trouble.format(trouble=harmless(subscription.trouble)) if subscription.trouble else ""
    return line + trouble


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


async def _try_posting(channel: discord.TextChannel, said: Wording) -> str | None:
    """The permission that is missing, found out by posting a line that says what will come; None if none is."""
    try:
        await channel.send(said.announces_here)
    except discord.Forbidden as exc:
        log.warning("channel %s: nothing can be announced: %s", channel.id, exc)
        return "View Channel" if exc.code == 50001 else "Send Messages"
    return None
