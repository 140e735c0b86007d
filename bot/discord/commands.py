"""The slash commands, with their names in French and English."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.answerer import Ask
from bot.discord.render import Page, harmless, listed, rendered
from bot.discord.split import LIMIT
from bot.discord.talk import without_mentions
from bot.discord.wording import COMMANDS, wording
from ingest.dates import parse_date
from vectorstore.passage import Filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.discord.client import Relay
    from vectorstore.passage import StoredRelease

_LATEST = 10
_LONGEST = 1_000  # characters of a question
_EVERY = 1.0  # seconds between two edits: Discord allows no more
_CHOICES = 25
_CHOICE = 100  # characters
_COOLDOWN = 2.0  # seconds between two questions of one person


class Localised(app_commands.Translator):
    """Names and descriptions in French; English is what the commands are written in."""

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """The French text where one is asked for."""
        del context
        return str(string.extras["french"]) if locale is discord.Locale.french and "french" in string.extras else None


async def commands_for(relay: Relay) -> None:
    """Put the commands into the tree of a client."""
    await relay.tree.set_translator(Localised())
    relay.tree.add_command(_ask_about(relay))
    for command in (_ask(relay), _latest(relay), _release(relay), _sources(relay), _status(relay), _help()):
        relay.tree.add_command(command)


def _named(key: str) -> locale_str:
    return locale_str(COMMANDS[key][0], french=COMMANDS[key][2])


def _told(key: str) -> locale_str:
    return locale_str(COMMANDS[key][1], french=COMMANDS[key][3])


def _ask(relay: Relay) -> app_commands.Command[app_commands.Group, ..., None]:
    options = ("question", "since", "until", "language", "private")

    @app_commands.command(name=_named("ask"), description=_told("ask"))
    @app_commands.rename(**{key: _named(key) for key in options})
    @app_commands.describe(**{key: _told(key) for key in options})
    @app_commands.choices(language=[app_commands.Choice(name=code, value=code) for code in ("fr", "en")])
    @app_commands.checks.cooldown(1, _COOLDOWN)
    async def ask(
        interaction: discord.Interaction,
        question: app_commands.Range[str, 1, _LONGEST],
        since: str | None = None,
        until: str | None = None,
        language: app_commands.Choice[str] | None = None,
        private: bool = False,
    ) -> None:
        await interaction.response.defer(thinking=True, ephemeral=private)
        first, last = (parse_date(one) if one else None for one in (since, until))
        where = Filter(languages=(language.value,) if language else (), since=first, until=last)
        await _answer(relay, interaction, Ask(question, where=where), private=private)

    return ask


def _ask_about(relay: Relay) -> app_commands.ContextMenu:
    async def ask_about(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        question = without_mentions(message.content)[:_LONGEST]
        if not question:
            await interaction.edit_original_response(content=wording(interaction.locale.value).empty_message)
            return
        await _answer(relay, interaction, Ask(question), private=True)

    return app_commands.ContextMenu(name=_named("ask_about"), callback=ask_about)


async def _answer(relay: Relay, interaction: discord.Interaction, ask: Ask, *, private: bool) -> None:
    """The answer in the place of the deferred response; while it is written, as far as it is, once a second."""
    shown = time.monotonic()
    async for answer in relay.answers(ask):
        pages = rendered(answer)
        if answer.finished:
            await _show(interaction, _with_question(ask.question, pages), private=private)
        elif time.monotonic() - shown >= _EVERY:
            shown = time.monotonic()
            await interaction.edit_original_response(content=f"{pages[0].content} …"[:LIMIT])


def _with_question(question: str, pages: list[Page]) -> list[Page]:
    """The question over its answer where there is room: others see what was asked."""
    asked = f"> {harmless(' '.join(question.split()))}\n"
    if len(asked) + len(pages[0].content) > LIMIT:
        return pages
    return [Page(asked + pages[0].content, pages[0].embeds), *pages[1:]]


def _latest(relay: Relay) -> app_commands.Command[app_commands.Group, ..., None]:
    @app_commands.command(name=_named("latest"), description=_told("latest"))
    async def latest(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        wanted = Filter(languages=("fr",) if interaction.locale is discord.Locale.french else ())
        found = await asyncio.to_thread(relay.built.store.releases, wanted, _LATEST)
        await _show(
            interaction, listed(found) or [Page(wording(interaction.locale.value).nothing_stored)], private=True
        )

    return latest


def _release(relay: Relay) -> app_commands.Command[app_commands.Group, ..., None]:
    @app_commands.command(name=_named("release"), description=_told("release"))
    @app_commands.rename(title=_named("title"))
    @app_commands.describe(title=_told("title"))
    async def release(interaction: discord.Interaction, title: str) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        found = [one for one in await asyncio.to_thread(relay.built.store.releases) if _fits(one, title)]
        await _show(
            interaction, listed(found[:1]) or [Page(wording(interaction.locale.value).no_release)], private=True
        )

    @release.autocomplete("title")
    async def titles(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        del interaction
        releases = await asyncio.to_thread(relay.built.store.releases)
        fitting = [one.title[:_CHOICE] for one in releases if current.casefold() in one.title.casefold()]
        return [app_commands.Choice(name=one, value=one) for one in dict.fromkeys(fitting)][:_CHOICES]

    return release


def _sources(relay: Relay) -> app_commands.Command[app_commands.Group, ..., None]:
    @app_commands.command(name=_named("sources"), description=_told("sources"))
    async def sources(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said = wording(interaction.locale.value)
        by_publisher: dict[str, list[StoredRelease]] = {}
        for one in await asyncio.to_thread(relay.built.store.releases):
            by_publisher.setdefault(one.publisher or "?", []).append(one)
        lines = [
            f"- **{harmless(name)}**: {said.sources.format(count=len(found), newest=_day(found[0]))}"
            for name, found in by_publisher.items()
        ]
        await _show(interaction, [Page("\n".join(lines)[:2_000] or said.nothing_stored)], private=True)

    return sources


def _status(relay: Relay) -> app_commands.Command[app_commands.Group, ..., None]:
    @app_commands.command(name=_named("status"), description=_told("status"))
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
        await _show(interaction, [Page(text)], private=True)

    return status


def _help() -> app_commands.Command[app_commands.Group, ..., None]:
    @app_commands.command(name=_named("help"), description=_told("help"))
    async def help_(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(wording(interaction.locale.value).help, ephemeral=True)

    return help_


async def _show(interaction: discord.Interaction, pages: Sequence[Page], *, private: bool) -> None:
    """The first page in the place of the deferred response, the others behind it."""
    await interaction.edit_original_response(content=pages[0].content, embeds=list(pages[0].embeds))
    for page in pages[1:]:
        await interaction.followup.send(
            page.content or discord.utils.MISSING, embeds=list(page.embeds), ephemeral=private
        )


def _fits(release: StoredRelease, title: str) -> bool:
    return title.casefold() in release.title.casefold()


def _day(release: StoredRelease) -> str:
    return f"<t:{int(release.published.timestamp())}:D>" if release.published else "?"
