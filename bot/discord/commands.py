"""The commands, named in French and English; those that ask, and those that show the store to everybody, stand here.

They are `/ask`, "Ask about this message" and `/timeline`, then `/latest`, `/release`, `/sources`, `/status` and
`/help`. For topics see `following`, for digests `digests`, and for who manages a guild `managing`.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import discord
from discord import app_commands

from bot.answering.analysis import Ask
from bot.answering.timeline import TimelineQuery
from bot.discord.admission import LONGEST_QUESTION, checked_length, defer
from bot.discord.answering import Frame, InteractionDestination
from bot.discord.conversations import without_mentions
from bot.discord.digests import digest_command
from bot.discord.following import following_commands
from bot.discord.localisation import CommandTranslator, command_name, description, language_of, wording
from bot.discord.managing import managing_commands
from bot.discord.options import LONGEST_CHOICE, languages, propose_sources, titles_like, with_options
from bot.discord.rendering import ENTRIES, LIMIT, MessagePage, card, harmless, linked, listed, shown_day, timeline_pages
from bot.operations.names import filter_of, moment_of, source_states
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from bot.discord.localisation import Wording
    from bot.discord.options import Command
    from bot.discord.services import Services
    from bot.operations.names import SourceState
    from vectorstore.store import PassageStore
    from vectorstore.types import StoredRelease

_GIVEN = 100  # characters of what was given for a date
_TOPIC = 200  # characters of the topic of a timeline
_LATEST = 10


async def add_commands(tree: app_commands.CommandTree[Any], services: Services) -> None:
    """Add the commands to the tree of a client."""
    await tree.set_translator(CommandTranslator())
    for own in (_ask, _ask_about, _timeline, _latest, _release, _sources, _status, _help):
        tree.add_command(own(services))
    for command in (*following_commands(services), *managing_commands(services), digest_command(services)):
        tree.add_command(command)


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
        if (period := await _read_period(interaction, since, until, services.built.zone)) is None:
            return
        chosen = replace(period, languages=(language.value,) if language else ())
        await _answer(services, interaction, question, chosen, source=source, private=private)

    propose_sources(ask, services)
    return ask


async def _read_period(
    interaction: discord.Interaction, since: str | None, until: str | None, zone: tzinfo
) -> Filter | None:
    """A filter by a period, its days those of `zone`; None where it cannot be read, and who asked was told so."""
    say, moments = wording(interaction.locale.value), []
    for given in (since, until):
        try:
            moments.append(moment_of(given, zone) if given else None)
        except ValueError:
            text = say.no_date.format(given=harmless((given or "")[:_GIVEN]))
            await interaction.edit_original_response(content=text)
            return None
    period = filter_of((), (), since=moments[0], until=moments[1])
    if period.since and period.until and period.until <= period.since:
        await interaction.edit_original_response(content=say.no_period)
        return None
    return period


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


def _timeline(services: Services) -> Command:

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
        if (period := await _read_period(interaction, since, until, services.built.zone)) is None:
            return
        chosen = replace(period, languages=(language.value,) if language else ())
        where = chosen.within((await services.scopes.of(interaction)).scopes)
        if source:
            where = await asyncio.to_thread(services.scopes.chosen, source, where)
        read = language.value if language else language_of(interaction.locale.value)
        query = TimelineQuery(topic, where, language=read, limit=ENTRIES)
        await _show(services, interaction, query, private=private)

    propose_sources(timeline, services)
    return timeline


async def _show(services: Services, interaction: discord.Interaction, query: TimelineQuery, *, private: bool) -> None:
    """Make a timeline as questions are answered, one process alone and in turn, and show it."""
    async with services.claims.claim(interaction.id) as mine:
        if mine:
            async with services.admission.slot():
                found = await asyncio.to_thread(services.built.timelines.find, query)
            await InteractionDestination(interaction, private=private).finish(timeline_pages(found), None)


def _latest(services: Services) -> Command:
    @app_commands.command(name=command_name("latest"), description=description("latest"))
    @with_options("source")
    async def latest(interaction: discord.Interaction, source: str | None = None) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        where = await services.scopes.of(interaction)
        if source:
            where = await asyncio.to_thread(services.scopes.chosen, source, where)
        own = replace(where, languages=(language_of(interaction.locale.value),))
        found = await asyncio.to_thread(services.built.store.records.releases, own, _LATEST)
        if not found:  # there may be some in the other language
            found = await asyncio.to_thread(services.built.store.records.releases, where, _LATEST)
        await _show_privately(
            interaction, listed(found) or [MessagePage(wording(interaction.locale.value).nothing_stored)]
        )

    propose_sources(latest, services)
    return latest


def _release(services: Services) -> Command:
    @app_commands.command(name=command_name("release"), description=description("release"))
    @with_options("title")
    async def release(interaction: discord.Interaction, title: str) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        where = await services.scopes.of(interaction)
        found = await asyncio.to_thread(_titled, services.built.store, title, where)
        pages = (
            [MessagePage(f"**{linked(found)}**", (card(found),))]
            if found
            else [MessagePage(wording(interaction.locale.value).no_release)]
        )
        await _show_privately(interaction, pages)

    @release.autocomplete("title")
    async def titles(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        store = services.built.store
        return await services.scopes.look(interaction, lambda _, where: titles_like(store, current, where), [])

    return release


def _sources(services: Services) -> Command:
    @app_commands.command(name=command_name("sources"), description=description("sources"))
    async def sources(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said, where = wording(interaction.locale.value), await services.scopes.of(interaction)
        lines = [
            f"- **{harmless(name or '?')}**: "
            + said.sources.format(count=count, newest=shown_day(newest) if newest else "?")
            for name, count, newest in await asyncio.to_thread(services.built.store.records.publishers, where)
        ]
        lines += [f"-# {line}" for line in await asyncio.to_thread(_standings, services, said, where)]
        await _show_privately(interaction, [MessagePage("\n".join(lines)[:LIMIT] or said.nothing_stored)])

    return sources


def _status(services: Services) -> Command:
    @app_commands.command(name=command_name("status"), description=description("status"))
    async def status(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said, where = wording(interaction.locale.value), await services.scopes.of(interaction)
        text = await asyncio.to_thread(_held, services.built.store, said, where)
        troubled = await asyncio.to_thread(_standings, services, said, where, only_troubled=True)
        lines = [f"-# {line}" for line in troubled]
        await _show_privately(interaction, [MessagePage("\n".join([text, *lines])[:LIMIT])])

    return status


def _held(store: PassageStore, said: Wording, where: Filter) -> str:
    """What is stored of what may be seen, in a sentence."""
    newest, ingested = store.records.span(where)[1], store.records.last_ingest()
    return said.status.format(
        releases=store.records.count_releases(where),
        passages=store.records.count_passages(where),
        languages=", ".join(f"{code} {count}" for code, count in store.records.languages(where).items()),
        newest=shown_day(newest) if newest else said.no_status,
        ingested=f"<t:{int(ingested.timestamp())}:R>" if ingested else said.no_status,
    )


def _standings(services: Services, said: Wording, where: Filter, *, only_troubled: bool = False) -> list[str]:
    """How each source of the settings fares that may be seen, or only those that fail or are paused."""
    wordings = {
        "working": said.working,
        "failing": said.failing,
        "paused": said.paused,
        "never read": said.never_read,
    }
    within = services.scopes.names.within(where)
    states = [state for state in source_states(services.built.store, within) if state.in_settings]
    shown = [state for state in states if not (only_troubled and state.standing == "working")]
    return [wordings[state.standing].format(name=f"**{harmless(_name(state))}**") for state in shown]


def _name(state: SourceState) -> str:
    """What a source is called in public: never a path of this machine."""
    return state.name or urlsplit(state.location).hostname or PurePath(state.location).name


def _help(services: Services) -> Command:
    @app_commands.command(name=command_name("help"), description=description("help"))
    async def help_(interaction: discord.Interaction) -> None:
        said, chosen = wording(interaction.locale.value), services.built.settings.questions
        kept = [said.questions_kept.format(days=chosen.days)] if chosen.keep else []
        await interaction.response.send_message("\n\n".join([said.help, *kept]), ephemeral=True)

    return help_


async def _show_privately(interaction: discord.Interaction, pages: Sequence[MessagePage]) -> None:
    await InteractionDestination(interaction, private=True).finish(pages, None)


def _titled(store: PassageStore, title: str, where: Filter) -> StoredRelease | None:
    """The newest release with a title, or with one that begins with what was proposed for it, which is cut."""
    found = store.records.titled(title, 1, where)
    return store.records.get(found[0][0]) if found else None
