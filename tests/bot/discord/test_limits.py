"""Discord's limits, held for answers of any length and in every language, through the wire."""

from __future__ import annotations

import re
import string
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest

from bot.answering.types import Note, NoteKind
from bot.discord.buttons import AnswerButton, ask_form, why_form
from bot.discord.wording import COMMANDS, ENGLISH_WORDING, FRENCH_WORDING, Wording
from tests.bot.discord.conftest import answers_with, said_by_bot

if TYPE_CHECKING:
    from bot.discord.client import Relay
    from tests.discord_server.server import Discord

SENTENCE = "Sweden joined NATO on 7 March 2024 & raised its flag. "
BOTH = pytest.mark.parametrize("said", [ENGLISH_WORDING, FRENCH_WORDING], ids=["en", "fr"])


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
@pytest.mark.parametrize("length", [1, 1_999, 2_000, 2_001, 20_000])
async def test_answers_of_any_length_are_shown_whole(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch, length: int, private: bool
) -> None:
    """In as many messages as it takes, the buttons under the last; nothing that Discord would refuse."""
    text = (SENTENCE * 400)[:length].strip()
    whole = await relay.built.answerer.ainvoke("When did Sweden join NATO?")
    (one,) = whole.citations
    long = replace(one.release, title="Un titre très long : " * 30, url="https://example.org/" + "é" * 900)
    cited = tuple(replace(one, key=str(n), release=long, quote="Très long. " * 300) for n in range(1, 13))
    notes = (Note(NoteKind.PERIOD, "Une remarque assez longue. " * 10),)
    made = replace(whole, text=text, citations=cited, notes=notes)

    answers_with(relay, monkeypatch, made)
    marie, general = discord.member("Marie", locale="fr"), discord.channel("general")

    await marie.asks(general, "/ask", question="Quand ? " * 100, private=private, wait=False)
    await discord.until(lambda: any(message["components"] for message in marie.sees(general)))

    messages = marie.sees(general)
    shown = "".join(message["content"] for message in messages)
    assert squeezed(text) in squeezed(shown)
    assert sum(len(message["embeds"]) for message in messages) == 12
    assert [bool(message["components"]) for message in messages] == [False] * (len(messages) - 1) + [True]
    assert all(message["content"] or message["embeds"] for message in messages)
    assert discord.refused == []


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
    for form in (why_form("0" * 16, said), ask_form("0" * 16, said)):
        told: dict[str, Any] = form.to_dict()
        assert len(told["title"]) <= 45
        assert len(told["custom_id"]) <= 100
        assert len(told["components"]) <= 5
        for row in told["components"]:
            assert len(row["label"]) <= 45
            inner = row["component"]
            assert len(inner.get("placeholder") or "") <= 100
            assert all(len(option["label"]) <= 100 for option in inner.get("options", []))


def test_names_and_descriptions_of_commands_fit() -> None:
    """In both languages."""
    for english, told, french, dit in COMMANDS.values():
        assert all(1 <= len(name) <= 32 for name in (english, french))
        assert all(len(text) <= 100 for text in (told, dit))


def test_languages_have_the_same_gaps_to_fill() -> None:
    """So that no sentence of one language fails for want of a word."""
    for one in fields(Wording):
        english, french = (getattr(said, one.name) for said in (ENGLISH_WORDING, FRENCH_WORDING))
        assert gaps(english) == gaps(french), one.name


@BOTH
def test_commands_are_called_by_the_names_that_the_person_sees(said: Wording) -> None:
    """In French a command has a French name."""
    column = 2 if said is FRENCH_WORDING else 0
    names = {spelt[column] for spelt in COMMANDS.values()}
    told = " ".join(str(getattr(said, one.name)) for one in fields(said))

    called = {name for line in re.findall(r"`/([^`]+)`", told) for name in line.split()}

    assert called
    assert called <= names


def test_ids_of_buttons_fit() -> None:
    """100 characters."""
    assert len(AnswerButton("passages", "0" * 16).custom_id) <= 100


def squeezed(text: str) -> str:
    return "".join(text.replace("\\", "").split())


def gaps(text: str | dict[str, str]) -> set[str]:
    return (
        {name for _, name, _, _ in string.Formatter().parse(str(text)) if name} if isinstance(text, str) else set(text)
    )


@pytest.mark.parametrize(
    ("locale", "told"), [("en-US", "at most 1,000 characters"), ("fr", "au plus 1000 caractères")], ids=["en", "fr"]
)
async def test_a_question_has_one_length_however_it_is_asked(
    discord: Discord, relay: Relay, locale: str, told: str
) -> None:
    """By mention, directly, as a reply, by a command, of a message: one sentence, in the language of who asks."""
    marie, general = discord.member("Marie", locale=locale), discord.channel("general")
    words = "When did Sweden join NATO? " if locale == "en-US" else "Quand la Suède a-t-elle rejoint l’OTAN ? "
    long = words * 40

    await marie.writes(general, long, mentions=True)
    (first,) = await said_by_bot(discord, general)
    await marie.replies(first, long)
    await marie.writes(marie.direct, long)
    replies = [*await said_by_bot(discord, general, 2), *await said_by_bot(discord, marie.direct)]
    await marie.asks(general, "/ask", question=long)
    refused = [*replies, marie.sees(general)[-1]]
    said = await discord.member("Paul").writes(general, long)
    await marie.right_clicks(said, "Ask about this message")
    refused.append(marie.sees(general)[-1])

    assert [told in one["content"] for one in refused] == [True] * 5
    failed = relay.built.metrics.registry.get_sample_value("communique_questions_total", {"outcome": "failed"})
    assert not failed
