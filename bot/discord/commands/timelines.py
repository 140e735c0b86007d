"""`/timeline`: the releases about a topic by date."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.answering.timeline import TimelineQuery
from bot.discord.answering import InteractionDestination
from bot.discord.claims import defer
from bot.discord.commands.asking import read_period
from bot.discord.commands.choices import LONGEST_CHOICE, sources_like
from bot.discord.commands.naming import command_name, description
from bot.discord.localisation import language_of
from bot.discord.timelines import ENTRIES, timeline_pages

if TYPE_CHECKING:
    from bot.discord.services import Services

    Command = app_commands.Command[app_commands.Group, ..., None]

_TOPIC = 200  # characters


def timeline_commands(services: Services) -> tuple[Command]:
    """The command that shows the releases about a topic."""
    options = ("topic", "since", "until", "source", "language", "private")

    @app_commands.command(name=command_name("timeline"), description=description("timeline"))
    @app_commands.rename(**{key: command_name(key) for key in options})
    @app_commands.describe(**{key: description(key) for key in options})
    @app_commands.choices(
        language=[
            app_commands.Choice(name=command_name(key), value=code) for key, code in (("in_fr", "fr"), ("in_en", "en"))
        ]
    )
    async def timeline(  # noqa: PLR0913, PLR0917 - the command's options
        interaction: discord.Interaction,
        topic: app_commands.Range[str, 1, _TOPIC],
        since: str | None = None,
        until: str | None = None,
        source: app_commands.Range[str, 1, LONGEST_CHOICE] | None = None,
        language: app_commands.Choice[str] | None = None,
        private: bool = False,
    ) -> None:
        services.admission.admit(interaction.user.id, interaction.guild_id)
        await defer(interaction, private=private)
        if (period := await read_period(interaction, since, until, services.built.zone)) is None:
            return
        chosen = replace(period, languages=(language.value,) if language else ())
        where = chosen.within((await services.scopes.of(interaction)).scopes)
        if source:
            where = await asyncio.to_thread(services.scopes.chosen, source, where)
        read = language.value if language else language_of(interaction.locale.value)
        query = TimelineQuery(topic, where, language=read, limit=ENTRIES)
        await _show(services, interaction, query, private=private)

    @timeline.autocomplete("source")
    async def sources(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await services.scopes.look(interaction, lambda names, where: sources_like(names, current, where), [])

    return (timeline,)


async def _show(services: Services, interaction: discord.Interaction, query: TimelineQuery, *, private: bool) -> None:
    """Make a timeline as questions are answered, one process alone and in turn, and show it."""
    async with services.claims.claim(interaction.id) as mine:
        if mine:
            async with services.admission.slot():
                found = await asyncio.to_thread(services.built.timelines.find, query)
            await InteractionDestination(interaction, private=private).finish(timeline_pages(found), None)
