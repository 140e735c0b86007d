"""What is proposed while people type: titles and publishers, as many as Discord takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from bot.language.prompt_injection import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vectorstore.store import PassageStore

_CHOICES = 25
_CHOICE = 100  # characters


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
