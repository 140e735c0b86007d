"""What the bot says on Discord besides answers, and what its commands are called, in French and English.

Both stand in `wording.toml`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str

FRENCH = "fr"
LANGUAGES = ("en", FRENCH)

_WORDING = Path(__file__).with_name("wording.toml")
_COMMANDS = "commands"
_ENGLISH_LOCALES = (discord.Locale.american_english, discord.Locale.british_english)


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language; `{…}` are filled in."""

    busy: str
    cooldown: str
    failed: str
    away: str
    nothing_stored: str
    sources: str
    working: str
    failing: str
    paused: str
    never_read: str
    no_release: str
    status: str
    no_status: str
    help: str
    empty_mention: str
    empty_message: str
    too_long: str
    no_date: str
    no_period: str
    closing: str
    interrupted: str
    not_allowed: str
    not_offered: str
    not_open: str
    not_open_directly: str
    outside: str
    may_not_ingest: str
    kept_to: str
    kept_to_all: str
    no_such_source: str
    thread_hint: str
    no_thread: str
    answered_in: str
    asked_by: str
    good: str
    bad: str
    passages: str
    follow_up: str
    save: str
    saved: str
    post: str
    thanks: str
    forgotten: str
    may_not_post: str
    posted: str
    no_passages: str
    why: str
    reasons: dict[str, str]
    comment: str
    say_more: str
    question: str
    question_hint: str
    threads_on: str
    threads_off: str
    announces: str
    announces_nothing: str
    announces_here: str
    all_sources: str
    all_languages: str
    trouble: str
    cannot_announce: str
    silenced: str
    no_channel: str
    was_silent: str
    ingesting: str
    ingested_lately: str
    still_ingesting: str
    no_sources: str
    no_sources_here: str
    ingested: str
    not_ingested: str
    failed_pages: str
    new_release: str
    changed_release: str
    withdrawn: str
    more_changes: str
    questions_kept: str
    tell: str
    will_tell: str
    tells_no_more: str
    not_kept: str
    can_be_answered: str
    questions_note: str
    question_line: str
    question_answered: str
    more_questions: str
    digest_head: dict[str, str]
    digest_corrections: str
    digest_withdrawn: str
    digest_corrects: str
    digest_updated: str
    digest_more: str
    other_publisher: str
    digest_set: str
    channel_digest: str
    digest_days: dict[str, str]
    digest_about: str
    no_digest: str
    digest_off: str
    digest_was_off: str
    too_many_topics: str
    no_zone: str
    digests_here: str
    told: str
    told_one: str
    how_to_stop: str
    on_topics: str
    followed: str
    follows_newest: str
    follows_none: str
    no_topic: str
    too_many: str
    list_head: str
    list_line: str
    list_empty: str
    only_from: str
    only_in: dict[str, str]
    unreachable: str
    waiting: str
    unfollowed: str
    not_followed: str
    quiet: str
    quiet_off: str
    no_time: str
    no_quiet_zone: str
    quiet_half: str
    about: str
    pings: str
    no_role: str
    no_role_bot: str


def language_of(locale: str | None) -> str:
    """`fr` or `en`, for a person's locale as Discord gives it."""
    return FRENCH if (locale or "").startswith(FRENCH) else "en"


def wording(locale: str | None) -> Wording:
    """The sentences for a person's locale, as Discord gives it."""
    return wording_in(language_of(locale))


@cache
def wording_in(language: str) -> Wording:
    """The sentences of one of `LANGUAGES`."""
    said: dict[str, Any] = {name: _in(language, spelt) for name, spelt in _written().items() if name != _COMMANDS}
    return Wording(**said)


def _in(language: str, spelt: dict[str, Any]) -> str | dict[str, str]:
    """A sentence in a language, or several by their keys, each with a table of languages."""
    if all(isinstance(sentence, str) for sentence in spelt.values()):
        return str(spelt[language])
    return {key: str(sentence[language]) for key, sentence in spelt.items()}


@dataclass(frozen=True, slots=True)
class Named:
    """A command, an option or a choice in one language: what it is called, and what is said of it, if anything."""

    name: str
    description: str = ""


@cache
def commands_in(language: str) -> dict[str, Named]:
    """What the commands, options and choices are called in one of `LANGUAGES`, by what the code calls them."""
    return {key: Named(*spelt[language]) for key, spelt in _written()[_COMMANDS].items()}


def command_name(key: str) -> locale_str:
    """The name of a command or an option."""
    return locale_str(commands_in("en")[key].name, french=commands_in(FRENCH)[key].name)


def description(key: str) -> locale_str:
    """The description of a command or an option."""
    return locale_str(commands_in("en")[key].description, french=commands_in(FRENCH)[key].description)


class CommandTranslator(app_commands.Translator):
    """Names and descriptions in French, and in the English that the commands are written in."""

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """The text for a locale, or None if it has none of its own."""
        del context
        if "french" not in string.extras:
            return None
        if locale is discord.Locale.french:
            return str(string.extras["french"])
        return string.message if locale in _ENGLISH_LOCALES else None


@cache
def _written() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_WORDING.read_text(encoding="utf-8"))
