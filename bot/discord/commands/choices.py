"""What is proposed while people type: titles, sources and topics that they may see, and time zones."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from discord import app_commands

from bot.language.prompt_injection import plain
from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.operations.scopes import SourceNames
    from vectorstore.store import PassageStore
    from vectorstore.types import Filter

LONGEST_CHOICE = 100
"""Characters of what is proposed, as Discord has it."""

_CHOICES = 25
_FRENCH_ZONES = ("Europe/Paris", "Europe/Brussels", "Europe/Zurich", "America/Toronto", "Africa/Abidjan", "UTC")
_ENGLISH_ZONES = (
    "Europe/London", "Europe/Brussels", "America/New_York", "America/Chicago", "America/Los_Angeles", "UTC",
)  # fmt: skip


def titles_like(store: PassageStore, typed: str, where: Filter) -> list[app_commands.Choice[str]]:
    """Titles that hold what was typed, the newest first; those that are too long for Discord are cut."""
    titles = dict.fromkeys(title[:LONGEST_CHOICE] for _, title in store.titled(typed, 2 * _CHOICES, where))
    return _choices(titles)


def sources_like(names: SourceNames, typed: str, where: Filter) -> list[app_commands.Choice[str]]:
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


def zones_like(typed: str, locale: str) -> list[app_commands.Choice[str]]:
    """Time zones whose name holds what was typed; before anything is, those where the language is spoken."""
    wanted = fold(typed.strip()).replace(" ", "_")
    if not wanted:
        return _choices(_FRENCH_ZONES if locale.startswith("fr") else _ENGLISH_ZONES)
    zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/")))
    holding = [zone for zone in zones if wanted in zone.lower()]
    return _choices(sorted(holding, key=lambda zone: not zone.lower().rpartition("/")[2].startswith(wanted)))
