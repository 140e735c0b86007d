"""`/digest`, for a person, and `/config digest`, for a channel."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import discord
from discord import app_commands

from bot.discord.commands.options import languages, propose_sources, propose_zones, separated, with_options, zone_meant
from bot.discord.localisation import command_name, description, language_of, wording
from bot.discord.rendering import LIMIT, harmless
from bot.discord.scopes import Place, channels_of
from bot.state.following import EVERY, Digest, due_after

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.discord.localisation import Wording
    from bot.discord.services import Services
    from bot.state.following import Every

    Command = app_commands.Command[app_commands.Group, ..., None]

_OFF: Literal["off"] = "off"
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

    def digest(self, recipient: int, guild: int | None, locale: str, services: Services) -> Digest:
        """The digest that they ask for, from now on. Blocks."""
        before = services.ledger.digests.get(recipient)
        hour = self.at if self.at is not None else before.hour if before else _HOUR
        zone = self.zone or (before.zone if before else services.built.settings.answers.time_zone)
        return Digest(
            recipient=recipient,
            guild=guild,
            locale=self.language.value if self.language else language_of(locale),
            every=self.every,
            hour=hour,
            zone=zone,
            publishers=separated(self.source),
            languages=(self.language.value,) if self.language else (),
            topics=tuple(one[:_TOPIC] for one in separated(self.topics)[:_TOPICS]),
            due=due_after(discord.utils.utcnow(), every=self.every, hour=hour, zone=zone),
            up_to=services.built.store.last_event(),
        )


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
        if zone and known is None:
            text = said.no_zone.format(given=harmless(zone[:_TOPIC]))
        elif every is None:
            kept = await asyncio.to_thread(services.ledger.digests.get, person)
            text = _line(kept, said, said.digest_set) if kept else said.no_digest
        elif every.value == _OFF:
            was = await asyncio.to_thread(services.ledger.digests.forget, person)
            text = said.digest_off if was else said.digest_was_off
        else:
            await asyncio.to_thread(services.scopes.of_direct, person)
            chosen = _Chosen(_read_every(every), at, known, source, language, topics)
            text = await asyncio.to_thread(_set, services, chosen, person, None, interaction.locale.value)
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
        elif zone and known is None:
            text = said.no_zone.format(given=harmless(zone[:_TOPIC]))
        elif every.value == _OFF:
            was = await asyncio.to_thread(services.ledger.digests.forget, channel.id, guild=guild)
            text = said.digest_off if was else said.digest_was_off
        elif hindrance := await _hindrance(services, channel, said, may_post):
            text = hindrance
        else:
            chosen = _Chosen(_read_every(every), at, known, source, language, topics)
            text = await asyncio.to_thread(_set, services, chosen, channel.id, guild, locale.value, said)
        await interaction.edit_original_response(content=text[:LIMIT])

    propose_sources(digest, services)
    propose_zones(digest)
    return digest


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


def _set(
    services: Services,
    chosen: _Chosen,
    recipient: int,
    guild: int | None,
    locale: str,
    said: Wording | None = None,
) -> str:
    """Keep what was asked for; what to say of it."""
    said = said or wording(locale)
    digest = services.ledger.digests.set(chosen.digest(recipient, guild, locale, services))
    services.ledger.deliveries.try_again(recipient)
    return _line(digest, said, said.digest_set if guild is None else said.channel_digest)


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
