"""Options of commands: how they are called, what is proposed while people type, and what they write in them.

Quiet hours, which a guild and a person set alike, are read and set here.
"""

from __future__ import annotations

import asyncio
import re
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from discord import app_commands

from bot.discord.localisation import command_name, description, wording
from bot.discord.rendering import harmless
from bot.language.prompt_injection import plain
from bot.state.ledger import Quiet
from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    import discord

    from bot.discord.localisation import Wording
    from bot.discord.services import Services
    from bot.operations.names import SourceNames
    from vectorstore.store import PassageStore
    from vectorstore.types import Filter

    _Callback = TypeVar("_Callback", bound=Callable[..., Any])
    Command = app_commands.Command[app_commands.Group, ..., None]

LONGEST_CHOICE = 100
"""Characters of what is proposed, as Discord has it."""

_CHOICES = 25
_FRENCH_ZONES = ("Europe/Paris", "Europe/Brussels", "Europe/Zurich", "America/Toronto", "Africa/Abidjan", "UTC")
_ENGLISH_ZONES = (
    "Europe/London", "Europe/Brussels", "America/New_York", "America/Chicago", "America/Los_Angeles", "UTC",
)  # fmt: skip

_TIME = re.compile(r"(\d{1,2})(?:\s*[:h.]\s*(\d{2})?)?", re.IGNORECASE)
_GIVEN = 50  # characters of what was given that are said again


def with_options(*options: str, **others: str) -> Callable[[_Callback], _Callback]:
    """Names and describes a command's options in both languages: each by its own name in the wording, or another."""
    keys = {option: option for option in options} | others
    rename = app_commands.rename(**{option: command_name(key) for option, key in keys.items()})
    describe = app_commands.describe(**{option: description(key) for option, key in keys.items()})
    return lambda callback: rename(describe(callback))


def languages() -> list[app_commands.Choice[str]]:
    """The languages of releases, to choose one."""
    return [app_commands.Choice(name=command_name(key), value=code) for key, code in (("in_fr", "fr"), ("in_en", "en"))]


def propose_sources(command: Command, services: Services) -> None:
    """Propose sources that may be seen while people type the option `source`."""

    async def sources(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await services.scopes.look(interaction, lambda names, where: _sources_like(names, current, where), [])

    command.autocomplete("source")(sources)


def propose_zones(command: Command) -> None:
    """Propose time zones while people type the option `zone`."""

    async def zones(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await asyncio.to_thread(_zones_like, current, interaction.locale.value)

    command.autocomplete("zone")(zones)


def titles_like(store: PassageStore, typed: str, where: Filter) -> list[app_commands.Choice[str]]:
    """Titles that hold what was typed, the newest first; those that are too long for Discord are cut."""
    titles = dict.fromkeys(title[:LONGEST_CHOICE] for _, title in store.records.titled(typed, 2 * _CHOICES, where))
    return _choices(titles)


def _sources_like(names: SourceNames, typed: str, where: Filter) -> list[app_commands.Choice[str]]:
    """Publishers that hold what was typed, the one with the most recent release first, then sources."""
    fitting = (name for name in names.proposed(where) if typed.casefold() in name.casefold())
    return _choices(name for name in fitting if len(name) <= LONGEST_CHOICE)


def separated(given: str | None) -> tuple[str, ...]:
    """Sources or topics as they are written in one option: separated by semicolons."""
    return tuple(dict.fromkeys(one.strip() for one in (given or "").split(";") if one.strip()))


def _choices(values: Iterable[str]) -> list[app_commands.Choice[str]]:
    """As many values as Discord takes, shown without invisible characters."""
    shown = [(" ".join(plain(value).split()), value) for value in values]
    return [app_commands.Choice(name=name, value=value) for name, value in shown if name][:_CHOICES]


def topics_like(topics: Iterable[str], typed: str) -> list[app_commands.Choice[str]]:
    """Of somebody's topics those that hold what was typed."""
    return _choices(topic for topic in topics if fold(typed) in fold(topic) and len(topic) <= LONGEST_CHOICE)


def _zones_like(typed: str, locale: str) -> list[app_commands.Choice[str]]:
    """Time zones whose name holds what was typed; before anything is, those where the language is spoken."""
    wanted = fold(typed.strip()).replace(" ", "_")
    if not wanted:
        return _choices(_FRENCH_ZONES if locale.startswith("fr") else _ENGLISH_ZONES)
    zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/")))
    holding = [zone for zone in zones if wanted in zone.lower()]
    return _choices(sorted(holding, key=lambda zone: not zone.lower().rpartition("/")[2].startswith(wanted)))


def set_quiet_hours(
    services: Services, owner: int, given: tuple[str | None, str | None, str | None], locale: str
) -> str:
    """Set the quiet hours of a guild or a person, or end them where nothing is given; the sentence that says so.

    `given` are beginning, end and zone. Without a zone, the one from before is kept, or else that of the answers.
    """
    said = wording(locale)
    begins, ends, zone = given
    if begins is None and ends is None:
        services.ledger.quiet.forget(owner)
        return said.quiet_off
    before = services.ledger.quiet.of(owner)
    zone = zone or (before.zone if before else services.built.settings.answers.time_zone)
    if (known := zone_meant(zone)) is None:
        return said.no_quiet_zone.format(given=harmless(zone[:_GIVEN]))
    minutes = [minute_of_day(one) if one else None for one in (begins, ends)]
    for one, minute in zip((begins, ends), minutes, strict=True):
        if one and minute is None:
            return said.no_time.format(given=harmless(one[:_GIVEN]))
    first, last = minutes
    if first is None or last is None or first == last:
        return said.quiet_half
    quiet = Quiet(first, last, known)
    services.ledger.quiet.set(owner, quiet)
    return quiet_line(quiet, said)


def quiet_line(quiet: Quiet, said: Wording) -> str:
    """Quiet hours in a sentence."""
    return said.quiet.format(begins=quiet.at(quiet.begins), ends=quiet.at(quiet.ends), zone=quiet.zone)


def minute_of_day(text: str) -> int | None:
    """Minutes after midnight, of "22:30", « 22 h 30 » or "7"; None where it is no time of day. 24 is midnight."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes = int(found[1]), int(found[2] or 0)
    if hours > 24 or minutes > 59 or (hours == 24 and minutes):
        return None
    return (hours * 60 + minutes) % (24 * 60)


def zone_meant(text: str) -> str | None:
    """The name of a time zone, whatever its capitals; a city alone is enough. None where there is none."""
    name = text.strip().replace(" ", "_").casefold()
    return _zones().get(name)


@cache
def _zones() -> dict[str, str]:
    """Zones by their names, and by their cities, folded; a full name goes first."""
    zones = sorted(available_timezones())
    cities = {zone.rpartition("/")[2].casefold(): zone for zone in zones if zone.startswith(_AREAS)}
    return cities | {zone.casefold(): zone for zone in zones}


_AREAS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
