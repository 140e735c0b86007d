"""`/ask`, "Ask about this message", and `/timeline`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.answering.analysis import Ask
from bot.answering.timeline import TimelineQuery
from bot.discord.admission import LONGEST_QUESTION, checked_length, defer
from bot.discord.answering import Frame, InteractionDestination
from bot.discord.commands.options import LONGEST_CHOICE, languages, propose_sources, with_options
from bot.discord.conversations import without_mentions
from bot.discord.localisation import command_name, description, language_of, wording
from bot.discord.rendering import ENTRIES, harmless, timeline_pages
from bot.operations.releases import filter_of, moment_of
from vectorstore.types import Filter

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from bot.discord.services import Services

    Command = app_commands.Command[app_commands.Group, ..., None]

_GIVEN = 100  # characters of what was given for a date

_TOPIC = 200  # characters


def asking_commands(services: Services) -> tuple[Command, app_commands.ContextMenu]:
    """The commands that ask a question."""
    return _ask(services), _ask_about(services)


def _ask(services: Services) -> Command:
    @app_commands.command(name=command_name("ask"), description=description("ask"))
    @with_options("question", "source", "since", "until", "language", "private")
    @app_commands.choices(language=languages())
    async def ask(  # noqa: PLR0913, PLR0917 - the command's options
        interaction: discord.Interaction,
        question: app_commands.Range[str, 1, LONGEST_QUESTION],
        source: app_commands.Range[str, 1, LONGEST_CHOICE] | None = None,
        since: str | None = None,
        until: str | None = None,
        language: app_commands.Choice[str] | None = None,
        private: bool = False,
    ) -> None:
        services.admission.admit(interaction.user.id, interaction.guild_id)
        await defer(interaction, private=private)
        question = checked_length(question)
        if (period := await read_period(interaction, since, until, services.built.zone)) is None:
            return
        chosen = replace(period, languages=(language.value,) if language else ())
        await _answer(services, interaction, question, chosen, source=source, private=private)

    propose_sources(ask, services)
    return ask


async def read_period(
    interaction: discord.Interaction, since: str | None, until: str | None, zone: tzinfo
) -> Filter | None:
    """A filter by a period, its days those of `zone`; None where one is no date, and who asked was told so."""
    moments: list[datetime | None] = []
    for given in (since, until):
        try:
            moments.append(moment_of(given, zone) if given else None)
        except ValueError:
            text = wording(interaction.locale.value).no_date.format(given=harmless((given or "")[:_GIVEN]))
            await interaction.edit_original_response(content=text)
            return None
    return filter_of((), (), since=moments[0], until=moments[1])


def _ask_about(services: Services) -> app_commands.ContextMenu:
    async def ask_about(interaction: discord.Interaction, message: discord.Message) -> None:
        services.admission.admit(interaction.user.id, interaction.guild_id)
        await defer(interaction, private=True)
        question = checked_length(without_mentions(message.content))
        if question:
            await _answer(services, interaction, question, Filter(), private=True)
        else:
            await interaction.edit_original_response(content=wording(interaction.locale.value).empty_message)

    return app_commands.ContextMenu(name=command_name("ask_about"), callback=ask_about)


async def _answer(
    services: Services,
    interaction: discord.Interaction,
    question: str,
    chosen: Filter,
    *,
    source: str | None = None,
    private: bool,
) -> None:
    """Answer in place of the deferred response, under the question: others see what was asked."""
    locale = interaction.locale.value
    postable = private and interaction.guild_id is not None and interaction.is_guild_integration()
    async with services.claims.claim(interaction.id) as mine:
        if mine:
            where = chosen.within((await services.scopes.of(interaction)).scopes)
            if source:
                where = await asyncio.to_thread(services.scopes.chosen, source, where)
            await services.answering.answer(
                Ask(question, where=where, refusal_language=language_of(locale)),
                InteractionDestination(interaction, private=private),
                Frame(locale, quotes_question=True, postable=postable),
            )


def timeline_commands(services: Services) -> tuple[Command]:
    """The command that shows the releases about a topic."""

    @app_commands.command(name=command_name("timeline"), description=description("timeline"))
    @with_options("topic", "since", "until", "source", "language", "private")
    @app_commands.choices(language=languages())
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

    propose_sources(timeline, services)
    return (timeline,)


async def _show(services: Services, interaction: discord.Interaction, query: TimelineQuery, *, private: bool) -> None:
    """Make a timeline as questions are answered, one process alone and in turn, and show it."""
    async with services.claims.claim(interaction.id) as mine:
        if mine:
            async with services.admission.slot():
                found = await asyncio.to_thread(services.built.timelines.find, query)
            await InteractionDestination(interaction, private=private).finish(timeline_pages(found), None)
