"""What shows the store to everybody: `/latest`, `/release`, `/sources`, `/status`, `/help`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import discord
from discord import app_commands

from bot.discord.answering import InteractionDestination
from bot.discord.commands.options import propose_sources, titles_like, with_options
from bot.discord.localisation import command_name, description, language_of, wording
from bot.discord.rendering import MessagePage, card, harmless, linked, listed, shown_day
from bot.operations.sources import source_states

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.discord.localisation import Wording
    from bot.discord.services import Services
    from bot.operations.sources import SourceState
    from vectorstore.store import PassageStore
    from vectorstore.types import Filter, StoredRelease

    Command = app_commands.Command[app_commands.Group, ..., None]

_LATEST = 10


def browsing_commands(services: Services) -> tuple[Command, ...]:
    """The commands that show what is stored."""
    return _latest(services), _release(services), _sources(services), _status(services), _help(services)


def _latest(services: Services) -> Command:
    @app_commands.command(name=command_name("latest"), description=description("latest"))
    @with_options("source")
    async def latest(interaction: discord.Interaction, source: str | None = None) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        where = await services.scopes.of(interaction)
        if source:
            where = await asyncio.to_thread(services.scopes.chosen, source, where)
        own = replace(where, languages=(language_of(interaction.locale.value),))
        found = await asyncio.to_thread(services.built.store.releases, own, _LATEST)
        if not found:  # there may be some in the other language
            found = await asyncio.to_thread(services.built.store.releases, where, _LATEST)
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
            f"- **{harmless(name or '?')}**: {said.sources.format(count=count, newest=_day(newest))}"
            for name, count, newest in await asyncio.to_thread(services.built.store.publishers, where)
        ]
        lines += [f"-# {line}" for line in await asyncio.to_thread(_standings, services, said, where)]
        await _show_privately(interaction, [MessagePage("\n".join(lines)[:2_000] or said.nothing_stored)])

    return sources


def _status(services: Services) -> Command:
    @app_commands.command(name=command_name("status"), description=description("status"))
    async def status(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said, where = wording(interaction.locale.value), await services.scopes.of(interaction)
        text = await asyncio.to_thread(_held, services.built.store, said, where)
        troubled = await asyncio.to_thread(_standings, services, said, where, only_troubled=True)
        lines = [f"-# {line}" for line in troubled]
        await _show_privately(interaction, [MessagePage("\n".join([text, *lines])[:2_000])])

    return status


def _held(store: PassageStore, said: Wording, where: Filter) -> str:
    """What is stored of what may be seen, in a sentence."""
    newest, ingested = (
        f"<t:{int(moment.timestamp())}:{style}>" if moment else said.no_status
        for moment, style in ((store.span(where)[1], "D"), (store.last_ingest(), "R"))
    )
    languages = ", ".join(f"{code} {count}" for code, count in store.languages(where).items())
    releases, passages = store.count_releases(where), store.count_passages(where)
    return said.status.format(
        releases=releases, passages=passages, languages=languages, newest=newest, ingested=ingested
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
    found = store.titled(title, 1, where)
    return store.get(found[0][0]) if found else None


def _day(moment: datetime | None) -> str:
    return shown_day(moment) if moment else "?"
