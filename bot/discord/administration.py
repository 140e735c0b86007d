"""What those may do who manage a guild: `/config` and `/ingest`."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.discord.localised import named, publishers_like, told
from bot.discord.rendering import LIMIT, harmless
from bot.discord.wording import language_of, wording
from bot.state import Subscription

if TYPE_CHECKING:
    from bot.discord.client import Relay
    from bot.discord.wording import Wording

log = logging.getLogger(__name__)

_PAUSE = 300.0  # seconds between two runs: newsrooms are not to be asked by whoever likes to press a button
_LONGEST = 12 * 60.0  # seconds; the person can be told for fifteen minutes
_COMMAND = "from bot.cli import app; app()"


class Ingestion:
    """The runs that were asked for on Discord: one at a time."""

    def __init__(self) -> None:
        self.began: float | None = None
        self.process: asyncio.subprocess.Process | None = None

    def wait(self) -> float:
        """Seconds until another run may begin."""
        return 0.0 if self.began is None else max(0.0, self.began + _PAUSE - time.monotonic())

    def stop(self) -> None:
        """End a run in good order: the store is whole, and the next run goes on."""
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()


async def ingest(relay: Relay, said: Wording) -> str:
    """Ingest every source of the settings; returns what to tell."""
    runs = relay.ingestion
    if runs.process is not None and runs.process.returncode is None:
        return said.ingesting
    if wait := runs.wait():
        return said.ingested_lately.format(when=int(time.time() + wait) + 1)
    if not relay.built.settings.sources:
        return said.no_sources
    runs.began = time.monotonic()
    home = str(relay.built.settings.home)
    runs.process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _COMMAND, "--home", home, "ingest", "--json",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        out, told = await asyncio.wait_for(asyncio.shield(runs.process.communicate()), _LONGEST)
    except TimeoutError:
        return said.still_ingesting
    return _outcome(out, told, said)


def _outcome(out: bytes, told: bytes, said: Wording) -> str:
    try:
        report = json.loads(out)
    except (ValueError, RecursionError):
        log.error("/ingest failed: %s", told.decode(errors="replace").strip())
        lines = told.decode(errors="replace").strip().splitlines()
        return said.not_ingested.format(cause=harmless(lines[-1] if lines else "?"))
    text = said.ingested.format(new=report["new"], changed=report["changed"], unchanged=report["unchanged"])
    failed = [f"- {harmless(one['error'])}" for one in report["failed"][:5]]
    return "\n".join([text, said.failed_pages.format(count=len(report["failed"])), *failed] if failed else [text])


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
        threads = await asyncio.to_thread(relay.ledger.guilds.opens_threads, interaction.guild_id)
        found = await asyncio.to_thread(relay.ledger.announcements.subscriptions, interaction.guild_id)
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
        kept = await asyncio.to_thread(relay.ledger.announcements.subscribe, subscription)
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
        was = await asyncio.to_thread(relay.ledger.announcements.unsubscribe, channel.id, guild=interaction.guild_id)
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
        await asyncio.to_thread(relay.ledger.guilds.set_threads, interaction.guild_id, wanted)
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
