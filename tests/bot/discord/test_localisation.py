"""Every sentence and every name, in both languages, within Discord's limits."""

from __future__ import annotations

import re
import string
from dataclasses import fields
from typing import Any

import pytest

from bot.discord.buttons import question_form, reasons_form
from bot.discord.commands.naming import COMMANDS
from bot.discord.following_wording import ENGLISH_FOLLOWING, FRENCH_FOLLOWING, FollowingWording
from bot.discord.localisation import ENGLISH_WORDING, FRENCH_WORDING, Wording

BOTH = pytest.mark.parametrize("said", [ENGLISH_WORDING, FRENCH_WORDING], ids=["en", "fr"])


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


def test_names_and_descriptions_of_commands_fit() -> None:
    """In both languages."""
    for english, described, french, described_in_french in COMMANDS.values():
        assert all(1 <= len(name) <= 32 for name in (english, french))
        assert all(len(text) <= 100 for text in (described, described_in_french))


@pytest.mark.parametrize("wordings", [(ENGLISH_WORDING, FRENCH_WORDING), (ENGLISH_FOLLOWING, FRENCH_FOLLOWING)])
def test_languages_have_the_same_gaps_to_fill(wordings: tuple[Any, Any]) -> None:
    """So that no sentence of one language fails for want of a word."""
    for one in fields(wordings[0]):
        english, french = (getattr(said, one.name) for said in wordings)
        assert gaps(english) == gaps(french), one.name


@pytest.mark.parametrize("said", [ENGLISH_WORDING, FRENCH_WORDING, ENGLISH_FOLLOWING, FRENCH_FOLLOWING])
def test_commands_are_called_by_the_names_that_the_person_sees(said: Wording | FollowingWording) -> None:
    """In French a command has a French name."""
    column = 2 if said is FRENCH_WORDING or said is FRENCH_FOLLOWING else 0
    names = {spelt[column] for spelt in COMMANDS.values()}
    sentences = " ".join(str(getattr(said, one.name)) for one in fields(said))

    called = {name for line in re.findall(r"`/([^`]+)`", sentences) for name in line.split()}

    assert called
    assert called <= names


def gaps(text: str | dict[str, str]) -> set[str]:
    return (
        {name for _, name, _, _ in string.Formatter().parse(str(text)) if name} if isinstance(text, str) else set(text)
    )
