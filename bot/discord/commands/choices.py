"""What is proposed while people type: titles and sources that they may see, as many as Discord takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from bot.language.prompt_injection import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.operations.scopes import SourceNames
    from vectorstore.store import PassageStore
    from vectorstore.types import Filter

LONGEST_CHOICE = 100
"""Characters of what is proposed, as Discord has it."""

_CHOICES = 25


def titles_like(store: PassageStore, typed: str, where: Filter) -> list[app_commands.Choice[str]]:
    """Titles that hold what was typed, the newest first; those that are too long for Discord are cut."""
    titles = dict.fromkeys(title[:LONGEST_CHOICE] for _, title in store.titled(typed, 2 * _CHOICES, where))
    return _choices(titles)


def sources_like(names: SourceNames, typed: str, where: Filter) -> list[app_commands.Choice[str]]:
    """Publishers that hold what was typed, the one with the most recent release first, then sources."""
    fitting = (name for name in names.proposed(where) if typed.casefold() in name.casefold())
    return _choices(name for name in fitting if len(name) <= LONGEST_CHOICE)


def _choices(values: Iterable[str]) -> list[app_commands.Choice[str]]:
    """As many values as Discord takes, shown without invisible characters."""
    shown = [(" ".join(plain(value).split()), value) for value in values]
    return [app_commands.Choice(name=name, value=value) for name, value in shown if name][:_CHOICES]
