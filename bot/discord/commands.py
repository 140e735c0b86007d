"""The commands, named in French and English: for everybody, and `/config` and `/ingest` for who manages a guild."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import discord
from discord import app_commands

from bot.answering.analysis import Ask
from bot.discord.admission import LONGEST_QUESTION, checked_length
from bot.discord.answering import Frame, InteractionDestination
from bot.discord.claims import defer
from bot.discord.conversations import without_mentions
from bot.discord.localisation import CommandTranslator, command_name, description, language_of, wording
from bot.discord.rendering import LIMIT, MessagePage, card, harmless, linked, listed
from bot.language.prompt_injection import plain
from bot.operations.sources import source_states
from bot.state import Subscription
from ingest.dates import parse_date
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.discord.localisation import Wording
    from bot.discord.services import Services
    from bot.operations.sources import SourceState
    from vectorstore.store import PassageStore
    from vectorstore.types import StoredRelease

    Command = app_commands.Command[app_commands.Group, ..., None]

log = logging.getLogger(__name__)

_LATEST = 10
_GIVEN = 100  # characters of what was given for a date
_CHOICES = 25
_CHOICE = 100  # characters


async def add_commands(tree: app_commands.CommandTree[Any], services: Services) -> None:
    """Add the commands to the tree of a client."""
    await tree.set_translator(CommandTranslator())
    everybody = (_ask(services), _latest(services), _release(services), _sources(services), _status(services), _help())
    for command in (*everybody, _ask_about(services), _config(services), _ingest(services)):
        tree.add_command(command)


def _ask(services: Services) -> Command:
    options = ("question", "since", "until", "language", "private")

    @app_commands.command(name=command_name("ask"), description=description("ask"))
    @app_commands.rename(**{key: command_name(key) for key in options})
    @app_commands.describe(**{key: description(key) for key in options})
    @app_commands.choices(
        language=[
            app_commands.Choice(name=command_name(key), value=code) for key, code in (("in_fr", "fr"), ("in_en", "en"))
        ]
    )
    async def ask(
        interaction: discord.Interaction,
        question: app_commands.Range[str, 1, LONGEST_QUESTION],
        since: str | None = None,
        until: str | None = None,
        language: app_commands.Choice[str] | None = None,
        private: bool = False,
    ) -> None:
        services.admission.admit(interaction.user.id, interaction.guild_id)
        await defer(interaction, private=private)
        question = checked_length(question)
        bounds = [parse_date(one) if one else None for one in (since, until)]
        for given, read in zip((since, until), bounds, strict=True):
            if given and read is None:
                text = wording(interaction.locale.value).no_date.format(given=harmless(given[:_GIVEN]))
                await interaction.edit_original_response(content=text)
                return
        where = Filter(languages=(language.value,) if language else (), since=bounds[0], until=_end_of(bounds[1]))
        await _answer(services, interaction, question, where, private=private)

    return ask


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
    services: Services, interaction: discord.Interaction, question: str, where: Filter, *, private: bool
) -> None:
    """Answer in place of the deferred response, under the question: others see what was asked."""
    locale = interaction.locale.value
    postable = private and interaction.guild_id is not None and interaction.is_guild_integration()
    async with services.claims.claim(interaction.id) as mine:
        if mine:
            await services.answering.answer(
                Ask(question, where=where, refusal_language=language_of(locale)),
                InteractionDestination(interaction, private=private),
                Frame(locale, quotes_question=True, postable=postable),
            )


def _end_of(day: datetime | None) -> datetime | None:
    """The end of a day that is given without an hour."""
    return day + timedelta(days=1) if day and not (day.hour or day.minute) else day


def _latest(services: Services) -> Command:
    @app_commands.command(name=command_name("latest"), description=description("latest"))
    @app_commands.rename(source=command_name("source"))
    @app_commands.describe(source=description("source"))
    async def latest(interaction: discord.Interaction, source: str | None = None) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        language = language_of(interaction.locale.value)
        wanted = Filter(languages=(language,), publishers=(source,) if source else ())
        found = await asyncio.to_thread(services.built.store.releases, wanted, _LATEST)
        if not found:  # there may be some in the other language
            everywhere = Filter(publishers=wanted.publishers)
            found = await asyncio.to_thread(services.built.store.releases, everywhere, _LATEST)
        await _show_privately(
            interaction, listed(found) or [MessagePage(wording(interaction.locale.value).nothing_stored)]
        )

    @latest.autocomplete("source")
    async def sources(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        del interaction
        return await asyncio.to_thread(publishers_like, services.built.store, current)

    return latest


def _release(services: Services) -> Command:
    @app_commands.command(name=command_name("release"), description=description("release"))
    @app_commands.rename(title=command_name("title"))
    @app_commands.describe(title=description("title"))
    async def release(interaction: discord.Interaction, title: str) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        found = await asyncio.to_thread(_titled, services.built.store, title)
        pages = (
            [MessagePage(f"**{linked(found)}**", (card(found),))]
            if found
            else [MessagePage(wording(interaction.locale.value).no_release)]
        )
        await _show_privately(interaction, pages)

    @release.autocomplete("title")
    async def titles(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        del interaction
        return await asyncio.to_thread(titles_like, services.built.store, current)

    return release


def _sources(services: Services) -> Command:
    @app_commands.command(name=command_name("sources"), description=description("sources"))
    async def sources(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said = wording(interaction.locale.value)
        lines = [
            f"- **{harmless(name or '?')}**: {said.sources.format(count=count, newest=_day(newest))}"
            for name, count, newest in await asyncio.to_thread(services.built.store.publishers)
        ]
        lines += [f"-# {line}" for line in await asyncio.to_thread(_standings, services, said)]
        await _show_privately(interaction, [MessagePage("\n".join(lines)[:2_000] or said.nothing_stored)])

    return sources


def _status(services: Services) -> Command:
    @app_commands.command(name=command_name("status"), description=description("status"))
    async def status(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said = wording(interaction.locale.value)
        stored = await asyncio.to_thread(services.built.store.status)
        newest, ingested = (
            f"<t:{int(moment.timestamp())}:{style}>" if moment else said.no_status
            for moment, style in ((stored.newest, "D"), (stored.last_ingest, "R"))
        )
        languages = ", ".join(f"{code} {count}" for code, count in stored.by_language.items())
        text = said.status.format(
            releases=stored.releases, passages=stored.passages, languages=languages, newest=newest, ingested=ingested
        )
        lines = [f"-# {line}" for line in await asyncio.to_thread(_standings, services, said, only_troubled=True)]
        await _show_privately(interaction, [MessagePage("\n".join([text, *lines])[:2_000])])

    return status


def _standings(services: Services, said: Wording, *, only_troubled: bool = False) -> list[str]:
    """How each source of the settings fares, or only those that fail or are paused."""
    wordings = {
        "working": said.working,
        "failing": said.failing,
        "paused": said.paused,
        "never read": said.never_read,
    }
    states = source_states(services.built.store, services.built.settings.sources)
    shown = [state for state in states if state.in_settings and not (only_troubled and state.standing == "working")]
    return [wordings[state.standing].format(name=f"**{harmless(_name(state))}**") for state in shown]


def _name(state: SourceState) -> str:
    """What a source is called in public: never a path of this machine."""
    return state.name or urlsplit(state.location).hostname or PurePath(state.location).name


def _help() -> Command:
    @app_commands.command(name=command_name("help"), description=description("help"))
    async def help_(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(wording(interaction.locale.value).help, ephemeral=True)

    return help_


async def _show_privately(interaction: discord.Interaction, pages: Sequence[MessagePage]) -> None:
    await InteractionDestination(interaction, private=True).finish(pages, None)


def _titled(store: PassageStore, title: str) -> StoredRelease | None:
    """The newest release with a title, or with one that begins with what was proposed for it, which is cut."""
    found = store.titled(title, 1)
    return store.get(found[0][0]) if found else None


def _day(moment: datetime | None) -> str:
    return f"<t:{int(moment.timestamp())}:D>" if moment else "?"


def titles_like(store: PassageStore, typed: str) -> list[app_commands.Choice[str]]:
    """Titles that hold what was typed, the newest first; those that are too long for Discord are cut."""
    titles = dict.fromkeys(title[:_CHOICE] for _, title in store.titled(typed, 2 * _CHOICES))
    return _choices(titles)


def publishers_like(store: PassageStore, typed: str) -> list[app_commands.Choice[str]]:
    """Publishers that hold what was typed, the one with the most recent release first."""
    names = [name for name, _, _ in store.publishers() if name]
    return _choices(name for name in names if typed.casefold() in name.casefold() and len(name) <= _CHOICE)


def _choices(values: Iterable[str]) -> list[app_commands.Choice[str]]:
    """As many values as Discord takes, shown without invisible characters."""
    shown = [(" ".join(plain(value).split()), value) for value in values]
    return [app_commands.Choice(name=name, value=value) for name, value in shown if name][:_CHOICES]


_MANAGES = discord.Permissions(manage_guild=True)
_IN_GUILDS = app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False)
_FOR_GUILDS = app_commands.AppInstallationType(guild=True, user=False)


def _config(services: Services) -> app_commands.Group:
    """`/config`: where releases are announced, and whether threads are opened."""
    group = app_commands.Group(
        name=command_name("config"),
        description=description("config"),
        default_permissions=_MANAGES,
        allowed_contexts=_IN_GUILDS,
        allowed_installs=_FOR_GUILDS,
    )
    for command in (_show_config(services), _announce(services), _silence(services), _threads(services)):
        group.add_command(command)
    return group


def _ingest(services: Services) -> Command:
    """`/ingest`: look for new releases now."""

    @app_commands.command(name=command_name("ingest"), description=description("ingest"))
    @app_commands.default_permissions(_MANAGES)
    @app_commands.checks.has_permissions(manage_guild=True)
    async def ingest_(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        text = await services.ingestion.run(wording(interaction.locale.value))
        await interaction.edit_original_response(content=text[:LIMIT])

    ingest_.allowed_contexts, ingest_.allowed_installs = _IN_GUILDS, _FOR_GUILDS
    return ingest_


def _show_config(services: Services) -> Command:
    @app_commands.command(name=command_name("show"), description=description("show"))
    @app_commands.checks.has_permissions(manage_guild=True)
    async def show(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        assert interaction.guild_id is not None
        said = wording(interaction.locale.value)
        threads = await asyncio.to_thread(services.ledger.guilds.opens_threads, interaction.guild_id)
        found = await asyncio.to_thread(services.ledger.announcements.subscriptions, interaction.guild_id)
        lines = [said.threads_on if threads else said.threads_off]
        lines += [_subscription_line(one, said) for one in found] or [said.announces_nothing]
        await interaction.edit_original_response(content="\n".join(lines)[:LIMIT])

    return show


def _announce(services: Services) -> Command:
    @app_commands.command(name=command_name("announce"), description=description("announce"))
    @app_commands.rename(
        channel=command_name("channel"), source=command_name("source"), language=command_name("language")
    )
    @app_commands.describe(
        channel=description("channel"), source=description("announced_source"), language=description("language")
    )
    @app_commands.choices(
        language=[
            app_commands.Choice(name=command_name(key), value=code) for key, code in (("in_fr", "fr"), ("in_en", "en"))
        ]
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
            missing = await _try_posting(channel, said)
        if missing:
            text = said.cannot_announce.format(channel=channel.mention, permission=f"**{missing}**")
            await interaction.edit_original_response(content=text)
            return
        subscription = Subscription(
            channel=channel.id,
            guild=channel.guild.id,
            publishers=_publishers(source),
            languages=(language.value,) if language else (),
            locale=language.value if language else language_of(interaction.locale.value),
            up_to=await asyncio.to_thread(services.built.store.last_event),
        )
        kept = await asyncio.to_thread(services.ledger.announcements.subscribe, subscription)
        await interaction.edit_original_response(content=_subscription_line(kept, said)[:LIMIT])

    @announce.autocomplete("source")
    async def sources(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        del interaction
        return await asyncio.to_thread(publishers_like, services.built.store, current)

    return announce


def _silence(services: Services) -> Command:
    @app_commands.command(name=command_name("silence"), description=description("silence"))
    @app_commands.rename(channel=command_name("channel"))
    @app_commands.describe(channel=description("silenced_channel"))
    @app_commands.checks.has_permissions(manage_guild=True)
    async def silence(interaction: discord.Interaction, channel: discord.TextChannel) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        said = wording(interaction.locale.value)
        assert interaction.guild_id is not None
        was = await asyncio.to_thread(services.ledger.announcements.unsubscribe, channel.id, guild=interaction.guild_id)
        text = said.silenced if was else said.was_silent
        await interaction.edit_original_response(content=text.format(channel=channel.mention))

    return silence


def _threads(services: Services) -> Command:
    @app_commands.command(name=command_name("threads"), description=description("threads"))
    @app_commands.rename(wanted=command_name("wanted"))
    @app_commands.describe(wanted=description("wanted"))
    @app_commands.checks.has_permissions(manage_guild=True)
    async def threads(interaction: discord.Interaction, wanted: bool) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        assert interaction.guild_id is not None
        said = wording(interaction.locale.value)
        await asyncio.to_thread(services.ledger.guilds.set_threads, interaction.guild_id, wanted)
        await interaction.edit_original_response(content=said.threads_on if wanted else said.threads_off)

    return threads


def _publishers(source: str | None) -> tuple[str, ...]:
    """Publishers as they are written in one option: separated by semicolons."""
    return tuple(dict.fromkeys(name.strip() for name in (source or "").split(";") if name.strip()))


def _subscription_line(subscription: Subscription, said: Wording) -> str:
    publishers = ", ".join(map(harmless, subscription.publishers)) or said.all_sources
    languages = ", ".join(subscription.languages) or said.all_languages
    line = said.announces.format(channel=f"<#{subscription.channel}>", sources=publishers, languages=languages)
    trouble = said.trouble.format(trouble=harmless(subscription.trouble)) if subscription.trouble else ""
    return line + trouble


def _missing(channel: discord.TextChannel) -> str | None:
    """The first permission that the bot's roles lack in a channel."""
    granted = channel.permissions_for(channel.guild.me)
    needed = {
        "View Channel": granted.view_channel,
        "Send Messages": granted.send_messages,
        "Embed Links": granted.embed_links,
        "Read Message History": granted.read_message_history,
    }
    return next((name for name, is_granted in needed.items() if not is_granted), None)


async def _try_posting(channel: discord.TextChannel, said: Wording) -> str | None:
    """The permission that is missing, found out by posting a line that says what will come; None if none is."""
    try:
        await channel.send(said.announces_here)
    except discord.Forbidden as exc:
        log.warning("channel %s: nothing can be announced: %s", channel.id, exc)
        return "View Channel" if exc.code == 50001 else "Send Messages"
    return None
