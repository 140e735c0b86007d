"""The slash commands that everybody may use, with their names in French and English."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import discord
from discord import app_commands

from bot.answering.analysis import Ask
from bot.discord.administration import config_group, ingest_command
from bot.discord.answering import Frame, InteractionPlace
from bot.discord.buttons import LONGEST_QUESTION, asked
from bot.discord.conversations import without_mentions
from bot.discord.localised import Localised, named, publishers_like, titles_like, told
from bot.discord.rendering import Page, card, harmless, linked, listed
from bot.discord.turns import defer
from bot.discord.wording import language_of, wording
from bot.operations.sources import source_states
from ingest.dates import parse_date
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.discord.client import Relay
    from bot.discord.wording import Wording
    from bot.operations.sources import SourceState
    from vectorstore.store import PassageStore
    from vectorstore.types import StoredRelease

_LATEST = 10
_GIVEN = 100  # characters of what was given for a date


async def commands_for(relay: Relay) -> None:
    """Put the commands into the tree of a client."""
    await relay.tree.set_translator(Localised())
    everybody = (_ask(relay), _latest(relay), _release(relay), _sources(relay), _status(relay), _help())
    for command in (*everybody, _ask_about(relay), config_group(relay), ingest_command(relay)):
        relay.tree.add_command(command)


def _ask(relay: Relay) -> app_commands.Command[app_commands.Group, ..., None]:
    options = ("question", "since", "until", "language", "private")

    @app_commands.command(name=named("ask"), description=told("ask"))
    @app_commands.rename(**{key: named(key) for key in options})
    @app_commands.describe(**{key: told(key) for key in options})
    @app_commands.choices(
        language=[app_commands.Choice(name=named(key), value=code) for key, code in (("in_fr", "fr"), ("in_en", "en"))]
    )
    async def ask(
        interaction: discord.Interaction,
        question: app_commands.Range[str, 1, LONGEST_QUESTION],
        since: str | None = None,
        until: str | None = None,
        language: app_commands.Choice[str] | None = None,
        private: bool = False,
    ) -> None:
        relay.desk.admit(interaction.user.id, interaction.guild_id)
        await defer(interaction, private=private)
        question = asked(question)
        bounds = [parse_date(one) if one else None for one in (since, until)]
        for given, read in zip((since, until), bounds, strict=True):
            if given and read is None:
                text = wording(interaction.locale.value).no_date.format(given=harmless(given[:_GIVEN]))
                await interaction.edit_original_response(content=text)
                return
        where = Filter(languages=(language.value,) if language else (), since=bounds[0], until=_end_of(bounds[1]))
        await _answer(relay, interaction, question, where, private=private)

    return ask


def _ask_about(relay: Relay) -> app_commands.ContextMenu:
    async def ask_about(interaction: discord.Interaction, message: discord.Message) -> None:
        relay.desk.admit(interaction.user.id, interaction.guild_id)
        await defer(interaction, private=True)
        question = asked(without_mentions(message.content))
        if question:
            await _answer(relay, interaction, question, Filter(), private=True)
        else:
            await interaction.edit_original_response(content=wording(interaction.locale.value).empty_message)

    return app_commands.ContextMenu(name=named("ask_about"), callback=ask_about)


async def _answer(
    relay: Relay, interaction: discord.Interaction, question: str, where: Filter, *, private: bool
) -> None:
    """The answer in the place of the deferred response, under the question: others see what was asked."""
    locale = interaction.locale.value
    postable = private and interaction.guild_id is not None and interaction.is_guild_integration()
    async with relay.turns.turn(interaction.id) as mine:
        if mine:
            await relay.answering.answer(
                Ask(question, where=where, refusal_language=language_of(locale)),
                InteractionPlace(interaction, private=private),
                Frame(locale, quotes_question=True, postable=postable),
            )


def _end_of(day: datetime | None) -> datetime | None:
    """The end of a day that is meant with all its hours."""
    return day + timedelta(days=1) if day and not (day.hour or day.minute) else day


def _latest(relay: Relay) -> app_commands.Command[app_commands.Group, ..., None]:
    @app_commands.command(name=named("latest"), description=told("latest"))
    @app_commands.rename(source=named("source"))
    @app_commands.describe(source=told("source"))
    async def latest(interaction: discord.Interaction, source: str | None = None) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        language = language_of(interaction.locale.value)
        wanted = Filter(languages=(language,), publishers=(source,) if source else ())
        found = await asyncio.to_thread(relay.built.store.releases, wanted, _LATEST)
        if not found:  # there may be some in the other language
            everywhere = Filter(publishers=wanted.publishers)
            found = await asyncio.to_thread(relay.built.store.releases, everywhere, _LATEST)
        await _show(interaction, listed(found) or [Page(wording(interaction.locale.value).nothing_stored)])

    @latest.autocomplete("source")
    async def sources(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        del interaction
        return await asyncio.to_thread(publishers_like, relay.built.store, current)

    return latest


def _release(relay: Relay) -> app_commands.Command[app_commands.Group, ..., None]:
    @app_commands.command(name=named("release"), description=told("release"))
    @app_commands.rename(title=named("title"))
    @app_commands.describe(title=told("title"))
    async def release(interaction: discord.Interaction, title: str) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        found = await asyncio.to_thread(_titled, relay.built.store, title)
        pages = (
            [Page(f"**{linked(found)}**", (card(found),))]
            if found
            else [Page(wording(interaction.locale.value).no_release)]
        )
        await _show(interaction, pages)

    @release.autocomplete("title")
    async def titles(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        del interaction
        return await asyncio.to_thread(titles_like, relay.built.store, current)

    return release


def _sources(relay: Relay) -> app_commands.Command[app_commands.Group, ..., None]:
    @app_commands.command(name=named("sources"), description=told("sources"))
    async def sources(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said = wording(interaction.locale.value)
        lines = [
            f"- **{harmless(name or '?')}**: {said.sources.format(count=count, newest=_day(newest))}"
            for name, count, newest in await asyncio.to_thread(relay.built.store.publishers)
        ]
        lines += [f"-# {line}" for line in await asyncio.to_thread(_standings, relay, said)]
        await _show(interaction, [Page("\n".join(lines)[:2_000] or said.nothing_stored)])

    return sources


def _status(relay: Relay) -> app_commands.Command[app_commands.Group, ..., None]:
    @app_commands.command(name=named("status"), description=told("status"))
    async def status(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said = wording(interaction.locale.value)
        held = await asyncio.to_thread(relay.built.store.status)
        newest, ingested = (
            f"<t:{int(one.timestamp())}:{style}>" if one else said.no_status
            for one, style in ((held.newest, "D"), (held.last_ingest, "R"))
        )
        languages = ", ".join(f"{code} {count}" for code, count in held.by_language.items())
        text = said.status.format(
            releases=held.releases, passages=held.passages, languages=languages, newest=newest, ingested=ingested
        )
        lines = [f"-# {line}" for line in await asyncio.to_thread(_standings, relay, said, only_amiss=True)]
        await _show(interaction, [Page("\n".join([text, *lines])[:2_000])])

    return status


def _standings(relay: Relay, said: Wording, *, only_amiss: bool = False) -> list[str]:
    """How each source of the settings fares, or each with which something is amiss."""
    wordings = {
        "working": said.working,
        "failing": said.failing,
        "paused": said.paused,
        "never read": said.never_read,
    }
    states = source_states(relay.built.store, relay.built.settings.sources)
    told = [one for one in states if one.in_settings and not (only_amiss and one.standing == "working")]
    return [wordings[one.standing].format(name=f"**{harmless(_name(one))}**") for one in told]


def _name(state: SourceState) -> str:
    """What a source is called before everybody: never a path of this machine."""
    return state.name or urlsplit(state.location).hostname or PurePath(state.location).name


def _help() -> app_commands.Command[app_commands.Group, ..., None]:
    @app_commands.command(name=named("help"), description=told("help"))
    async def help_(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(wording(interaction.locale.value).help, ephemeral=True)

    return help_


async def _show(interaction: discord.Interaction, pages: Sequence[Page]) -> None:
    await InteractionPlace(interaction, private=True).finish(pages, None)


def _titled(store: PassageStore, title: str) -> StoredRelease | None:
    """The newest release with a title, or with one that begins with what was proposed for it, which is cut."""
    found = store.titled(title, 1)
    return store.get(found[0][0]) if found else None


def _day(moment: datetime | None) -> str:
    return f"<t:{int(moment.timestamp())}:D>" if moment else "?"
