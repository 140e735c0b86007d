"""Every sentence and every name, in both languages, within Discord's limits."""

from __future__ import annotations

import re
import string
from dataclasses import fields
from typing import Any

import pytest

from bot.discord.buttons import question_form, reasons_form
from bot.discord.localisation import LANGUAGES, Wording, commands_in, wording

BOTH = pytest.mark.parametrize("said", [wording("en-GB"), wording("fr")], ids=["en", "fr"])
IN_EACH = pytest.mark.parametrize("language", LANGUAGES)


@BOTH
def test_every_sentence_fits_where_it_is_shown(said: Wording) -> None:
    """Messages of 2,000 characters, buttons of 80."""
    for one in fields(said):
        value = getattr(said, one.name)
        for text in value.values() if isinstance(value, dict) else [value]:
            assert 0 < len(text) <= 1_500
    for verb in ("passages", "follow_up", "post"):
        assert len(getattr(said, verb)) <= 80


@BOTH
async def test_forms_fit(said: Wording) -> None:
    """Titles and labels of 45 characters, placeholders of 100, at most five fields."""
    for form in (reasons_form("0" * 16, said), question_form("0" * 16, said)):
        payload: dict[str, Any] = form.to_dict()
        assert len(payload["title"]) <= 45
        assert len(payload["custom_id"]) <= 100
        assert len(payload["components"]) <= 5
        for row in payload["components"]:
            assert len(row["label"]) <= 45
            inner = row["component"]
            assert len(inner.get("placeholder") or "") <= 100
            assert all(len(option["label"]) <= 100 for option in inner.get("options", []))


@IN_EACH
def test_names_and_descriptions_of_commands_fit(language: str) -> None:
    """In both languages, which name the same."""
    commands = commands_in(language)

    assert commands.keys() == commands_in("en").keys()
    assert all(1 <= len(one.name) <= 32 for one in commands.values())
    assert all(len(one.description) <= 100 for one in commands.values())


def test_languages_have_the_same_gaps_to_fill() -> None:
    """So that no sentence of one language fails for want of a word."""
    for one in fields(Wording):
        english, french = (getattr(wording(language), one.name) for language in LANGUAGES)
        assert gaps(english) == gaps(french), one.name


@IN_EACH
def test_commands_are_called_by_the_names_that_the_person_sees(language: str) -> None:
    """In French a command has a French name."""
    names = {one.name for one in commands_in(language).values()}
    sentences = " ".join(str(getattr(wording(language), one.name)) for one in fields(Wording))

    called = {name for line in re.findall(r"`/([^`]+)`", sentences) for name in line.split()}

    assert called
    assert called <= names


def gaps(text: str | dict[str, str]) -> set[str]:
    return (
        {name for _, name, _, _ in string.Formatter().parse(str(text)) if name} if isinstance(text, str) else set(text)
    )
