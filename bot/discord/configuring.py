"""What those may do who manage a guild: `/config` and `/ingest`."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.discord.ingesting import ingest
from bot.discord.ledger import Subscription
from bot.discord.localised import named, publishers_like, told
from bot.discord.render import harmless
from bot.discord.split import LIMIT
from bot.discord.wording import language_of, wording

if TYPE_CHECKING:
    from bot.discord.client import Relay
    from bot.discord.wording import Wording

log = logging.getLogger(__name__)

_MANAGES = discord.Permissions(manage_guild=True)
_IN_GUILDS = app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False)
_FOR_GUILDS = app_commands.AppInstallationType(guild=True, user=False)


def config_group(relay: Relay) -> app_commands.Group:
    """`/config`: where releases are announced, and whether threads are opened."""
    group = app_commands.Group(
        name=named("config"),
        description=told("config"),
        default_permissions=_MANAGES,
        allowed_contexts=_IN_GUILDS,
        allowed_installs=_FOR_GUILDS,
    )
    for command in (_show(relay), _announce(relay), _silence(relay), _threads(relay)):
        group.add_command(command)
    return group


def ingest_command(relay: Relay) -> app_commands.Command[app_commands.Group, ..., None]:
    """`/ingest`: look for new releases now."""

    @app_commands.command(name=named("ingest"), description=told("ingest"))
    @app_commands.default_permissions(_MANAGES)
    @app_commands.checks.has_permissions(manage_guild=True)
    async def ingest_(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        text = await ingest(relay, wording(interaction.locale.value))
        await interaction.edit_original_response(content=text[:LIMIT])

    ingest_.allowed_contexts, ingest_.allowed_installs = _IN_GUILDS, _FOR_GUILDS
    return ingest_


def _show(relay: Relay) -> app_commands.Command[app_commands.Group, ..., None]:
    @app_commands.command(name=named("show"), description=told("show"))
    @app_commands.checks.has_permissions(manage_guild=True)
    async def show(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        assert interaction.guild_id is not None
        said = wording(interaction.locale.value)
        threads = await asyncio.to_thread(relay.ledger.opens_threads, interaction.guild_id)
        found = await asyncio.to_thread(relay.ledger.subscriptions, interaction.guild_id)
        lines = [said.threads_on if threads else said.threads_off]
        lines += [_line(one, said) for one in found] or [said.announces_nothing]
        await interaction.edit_original_response(content="\n".join(lines)[:LIMIT])

    return show


def _announce(relay: Relay) -> app_commands.Command[app_commands.Group, ..., None]:
    @app_commands.command(name=named("announce"), description=told("announce"))
    @app_commands.rename(channel=named("channel"), source=named("source"), language=named("language"))
    @app_commands.describe(channel=told("channel"), source=told("announced_source"), language=told("language"))
    @app_commands.choices(
        language=[app_commands.Choice(name=named(key), value=code) for key, code in (("in_fr", "fr"), ("in_en", "en"))]
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
        missing = _missing(channel)
        if missing is None:
            missing = await _try(channel, said)
        if missing:
            text = said.cannot_announce.format(channel=channel.mention, permission=f"**{missing}**")
            await interaction.edit_original_response(content=text)
            return
        subscription = Subscription(
            channel=channel.id,
            guild=channel.guild.id,
            publishers=_listed(source),
            languages=(language.value,) if language else (),
            locale=language.value if language else language_of(interaction.locale.value),
            up_to=await asyncio.to_thread(relay.built.store.last_event),
        )
        kept = await asyncio.to_thread(relay.ledger.subscribe, subscription)
        await interaction.edit_original_response(content=_line(kept, said)[:LIMIT])

    @announce.autocomplete("source")
    async def sources(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        del interaction
        return await asyncio.to_thread(publishers_like, relay.built.store, current)

    return announce


def _silence(relay: Relay) -> app_commands.Command[app_commands.Group, ..., None]:
    @app_commands.command(name=named("silence"), description=told("silence"))
    @app_commands.rename(channel=named("channel"))
    @app_commands.describe(channel=told("silenced_channel"))
    @app_commands.checks.has_permissions(manage_guild=True)
    async def silence(interaction: discord.Interaction, channel: discord.TextChannel) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said = wording(interaction.locale.value)
        assert interaction.guild_id is not None
        was = await asyncio.to_thread(relay.ledger.unsubscribe, channel.id, guild=interaction.guild_id)
        text = said.silenced if was else said.was_silent
        await interaction.edit_original_response(content=text.format(channel=channel.mention))

    return silence


def _threads(relay: Relay) -> app_commands.Command[app_commands.Group, ..., None]:
    @app_commands.command(name=named("threads"), description=told("threads"))
    @app_commands.rename(wanted=named("wanted"))
    @app_commands.describe(wanted=told("wanted"))
    @app_commands.checks.has_permissions(manage_guild=True)
    async def threads(interaction: discord.Interaction, wanted: bool) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        assert interaction.guild_id is not None
        said = wording(interaction.locale.value)
        await asyncio.to_thread(relay.ledger.set_threads, interaction.guild_id, wanted)
        await interaction.edit_original_response(content=said.threads_on if wanted else said.threads_off)

    return threads


def _listed(source: str | None) -> tuple[str, ...]:
    """Publishers as they are written in one option: separated by semicolons."""
    return tuple(dict.fromkeys(one.strip() for one in (source or "").split(";") if one.strip()))


def _line(subscription: Subscription, said: Wording) -> str:
    publishers = ", ".join(map(harmless, subscription.publishers)) or said.all_sources
    languages = ", ".join(subscription.languages) or said.all_languages
    line = said.announces.format(channel=f"<#{subscription.channel}>", sources=publishers, languages=languages)
    trouble = said.trouble.format(trouble=harmless(subscription.trouble)) if subscription.trouble else ""
    return line + trouble


def _missing(channel: discord.TextChannel) -> str | None:
    """What the bot's roles lack in a channel, as far as they tell."""
    granted = channel.permissions_for(channel.guild.me)
    needed = {
        "View Channel": granted.view_channel,
        "Send Messages": granted.send_messages,
        "Embed Links": granted.embed_links,
        "Read Message History": granted.read_message_history,
    }
    return next((name for name, is_granted in needed.items() if not is_granted), None)


async def _try(channel: discord.TextChannel, said: Wording) -> str | None:
    """Whether something can be posted: a line that says what will come is the proof."""
    try:
        await channel.send(said.announces_here)
    except discord.Forbidden as exc:
        log.warning("channel %s: nothing can be announced: %s", channel.id, exc)
        return "View Channel" if exc.code == 50001 else "Send Messages"
    return None
