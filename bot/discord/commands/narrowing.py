"""`/config sources`: a channel is kept to some of the sources that it is given."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.discord.commands.choices import separated, sources_like
from bot.discord.commands.naming import command_name, description
from bot.discord.localisation import wording
from bot.discord.rendering import LIMIT, harmless
from bot.discord.scopes import Place, channels_of

if TYPE_CHECKING:
    from bot.discord.localisation import Wording
    from bot.discord.services import Services

    Command = app_commands.Command[app_commands.Group, ..., None]

_GIVEN = 100  # characters of a name that is none


def narrowing_command(services: Services) -> Command:
    """`/config sources`: without a source, all that the channel is given."""

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
            text = await asyncio.to_thread(_kept_to, services, channel, separated(source), said)
        await interaction.edit_original_response(content=text[:LIMIT])

    @keep_to_sources.autocomplete("source")
    async def sources(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await services.scopes.look(interaction, lambda names, where: sources_like(names, current, where), [])

    return keep_to_sources


def kept_line(channel: int, sources: tuple[str, ...], said: Wording) -> str:
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
    return kept_line(channel.id, sources, said)
