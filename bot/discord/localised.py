"""Names and descriptions of commands in the languages of Discord's clients, and what is proposed for publishers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.discord.wording import COMMANDS
from bot.language.prompt_injection import plain

if TYPE_CHECKING:
    from vectorstore.store import PassageStore

_CHOICES = 25
_CHOICE = 100  # characters
_ENGLISH = (discord.Locale.american_english, discord.Locale.british_english)


class Localised(app_commands.Translator):
    """Names and descriptions in French, and in the English that the commands are written in."""

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """The text of a locale, or None where it has none of its own."""
        del context
        if "french" not in string.extras:
            return None
        if locale is discord.Locale.french:
            return str(string.extras["french"])
        return string.message if locale in _ENGLISH else None


def named(key: str) -> locale_str:
    """The name of a command or an option."""
    return locale_str(COMMANDS[key][0], french=COMMANDS[key][2])


def told(key: str) -> locale_str:
    """Its description."""
    return locale_str(COMMANDS[key][1], french=COMMANDS[key][3])


def titles_like(store: PassageStore, typed: str) -> list[app_commands.Choice[str]]:
    """Titles that hold what was typed, the newest first; what is too long to be proposed is cut."""
    titles = dict.fromkeys(title[:_CHOICE] for _, title in store.titled(typed, 2 * _CHOICES))
    return [_choice(one) for one in titles if plain(one).strip()][:_CHOICES]


def publishers_like(store: PassageStore, typed: str) -> list[app_commands.Choice[str]]:
    """Publishers that hold what was typed, the one with the most recent release first."""
    known = [name for name, _, _ in store.publishers() if name]
    fitting = [one for one in known if typed.casefold() in one.casefold() and len(one) <= _CHOICE]
    return [_choice(one) for one in fitting if plain(one).strip()][:_CHOICES]


def _choice(value: str) -> app_commands.Choice[str]:
    """What is proposed, shown without what nobody sees."""
    return app_commands.Choice(name=" ".join(plain(value).split()), value=value)
