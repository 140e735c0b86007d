"""The buttons under an answer, pressed through the wire."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.bot.discord.conftest import EVERYWHERE, running, said_by_bot
from tests.discord_server import objects
from tests.discord_server.people import is_private, labels

if TYPE_CHECKING:
    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.server import Discord

pytestmark = EVERYWHERE

QUESTION = "When did Sweden join NATO?"


async def test_each_answer_has_its_buttons_in_the_language_of_the_person(discord: Discord, relay: Relay) -> None:
    """A refusal has no passages to show; only a private answer can be posted."""
    del relay
    marie, paul, general = discord.member("Marie", locale="fr"), discord.member("Paul"), discord.channel("general")

    await marie.asks(general, "/ask", question=QUESTION)
    await paul.asks(general, "/ask", question=QUESTION, private=True)
    await paul.asks(general, "/ask", question="Who invented the telephone?")

    public, private, refusal = paul.sees(general)
    assert labels(public) == ["👍", "👎", "Voir les passages", "Poursuivre", "Enregistrer"]
    assert labels(private) == ["👍", "👎", "Show passages", "Follow up", "Save", "Post to channel"]
    assert labels(refusal) == ["👍", "👎", "Follow up", "Save"]


async def test_feedback_is_kept_with_its_reasons(discord: Discord, relay: Relay) -> None:
    """The last word of a person counts; a form that is never sent in leaves the bare verdict."""
    marie, paul, general = discord.member("Marie"), discord.member("Paul"), discord.channel("general")
    await marie.asks(general, "/ask", question=QUESTION)
    (shown,) = await said_by_bot(discord, general)

    thanked = await marie.presses(shown, "👍")
    form = (await paul.presses(shown, "👎")).modal
    await discord.until(lambda: len(relay.services.ledger.feedback.all()) == 2)

    assert "Thank you" in (thanked.original or {})["content"]
    assert is_private(thanked.original or {})
    assert form is not None
    assert [(one.good, one.reasons) for one in relay.services.ledger.feedback.all()] == [(False, ()), (True, ())]

    await paul.submits(general, form, {"reasons": "out_of_date", "comment": "It is 2026."}, message=shown)

    last = relay.services.ledger.feedback.all()[0]
    assert (last.good, last.reasons, last.comment) == (False, ("out_of_date",), "It is 2026.")
    assert last.answer.record.question == QUESTION
    assert last.answer.record.citations[0].quote == "Sweden joined NATO on 7 March 2024."
    assert last.answer.index_version == relay.services.built.store.records.last_event()
    assert len(relay.services.ledger.feedback.all()) == 2
    assert discord.refused == []


async def test_passages_are_shown_around_their_quotes(discord: Discord, relay: Relay) -> None:
    """To who pressed, alone."""
    del relay
    marie, paul, general = discord.member("Marie"), discord.member("Paul"), discord.channel("general")
    await marie.asks(general, "/ask", question=QUESTION)
    (shown,) = await said_by_bot(discord, general)

    pressed = (await paul.presses(shown, "Show passages")).original

    assert pressed is not None
    assert is_private(pressed)
    assert pressed["embeds"][0]["description"].startswith(
        "**Sweden joined NATO on 7 March 2024.** Its flag was raised in Brussels."
    )


async def test_an_answer_is_saved_as_a_file_after_a_restart(discord: Discord, built: Built) -> None:
    """By whoever sees it, for themselves alone: question, quote, and where it stands."""
    marie, paul, general = discord.member("Marie"), discord.member("Paul", locale="fr"), discord.channel("general")
    async with running(discord, built):
        await marie.asks(general, "/ask", question=QUESTION)
        (shown,) = await said_by_bot(discord, general)

    async with running(discord, built):
        saved = (await paul.presses(shown, "Save")).original or {}

        assert is_private(saved)
        assert saved["content"].startswith("La réponse avec ses citations")
        (file,) = saved["attachments"]
        assert file["filename"] == "when-did-sweden-join-nato.md"
        assert file["text"].startswith(f"# {QUESTION}\n\n*Asked on ")
        assert "\n> Sweden joined NATO on 7 March 2024.\n" in file["text"]
        assert len(await said_by_bot(discord, general)) == 1
        assert discord.refused == []


async def test_a_file_cannot_be_broken_by_a_release(discord: Discord, relay: Relay) -> None:
    """A refusal names the nearest releases, whose titles are text."""
    del relay
    marie, general = discord.member("Marie"), discord.channel("general")
    await marie.asks(general, "/ask", question="When does the harbour museum open?")
    (shown,) = await said_by_bot(discord, general)

    text = ((await marie.presses(shown, "Save")).original or {})["attachments"][0]["text"]

    assert r"- @everyone \[click\](javascript:alert) · NATO" in text


async def test_a_private_answer_is_posted_for_everybody(discord: Discord, relay: Relay) -> None:
    """With who posted it, whom that does not ping; not by somebody who may not write there."""
    del relay
    marie, paul, general = discord.member("Marie"), discord.member("Paul"), discord.channel("general")
    await marie.asks(general, "/ask", question=QUESTION, private=True)
    (private,) = marie.sees(general)

    await marie.presses(private, "Post to channel")

    (posted,) = await said_by_bot(discord, general)
    assert posted["content"].startswith(f"> {QUESTION}\nSweden joined NATO on **7 March 2024**.")
    assert f"<@{marie.user['id']}>" in posted["content"]
    assert posted["embeds"][0]["title"] == "[1] Sweden joins NATO"
    assert labels(posted) == ["👍", "👎", "Show passages", "Follow up", "Save"]

    marie.may_not("send_messages")
    refused = await marie.presses(private, "Post to channel")

    assert "may not write" in (refused.original or {})["content"]
    assert len(paul.sees(general)) == 1


async def test_a_private_conversation_stays_private(discord: Discord, relay: Relay) -> None:
    """Its memory are the answers that were kept."""
    del relay
    marie, paul, general = discord.member("Marie"), discord.member("Paul"), discord.channel("general")
    await marie.asks(general, "/ask", question=QUESTION, private=True)
    form = (await marie.presses(marie.sees(general)[-1], "Follow up")).modal
    assert form is not None

    await marie.submits(general, form, {"question": "And Finland?"}, message=marie.sees(general)[-1])

    assert "Finland joined NATO on **4 April 2023**." in marie.sees(general)[-1]["content"]
    assert all(map(is_private, marie.sees(general)))
    assert paul.sees(general) == []


async def test_buttons_and_forms_work_after_a_restart(discord: Discord, built: Built) -> None:
    """A form that was opened before it, too."""
    marie, general = discord.member("Marie"), discord.channel("general")
    async with running(discord, built):
        await marie.asks(general, "/ask", question=QUESTION)
        (shown,) = await said_by_bot(discord, general)
        form = (await marie.presses(shown, "👎")).modal

    async with running(discord, built) as relay:
        passages = await marie.presses(shown, "Show passages")
        await marie.submits(general, form or {}, {"reasons": "wrong_passage"}, message=shown)

        assert "Sweden joined NATO" in (passages.original or {})["embeds"][0]["description"]
        assert relay.services.ledger.feedback.all()[0].reasons == ("wrong_passage",)


async def test_an_answer_that_was_forgotten_says_so(discord: Discord, relay: Relay) -> None:
    """Rather than fail; an answer with feedback is not forgotten."""
    marie, general = discord.member("Marie"), discord.channel("general")
    await marie.asks(general, "/ask", question=QUESTION)
    await marie.asks(general, "/ask", question="When did Finland join NATO?")
    sweden, finland = await said_by_bot(discord, general, 2)
    await marie.presses(sweden, "👍")

    assert relay.services.ledger.answers.forget(timedelta(0)) == 1

    kept, gone = await marie.presses(sweden, "Show passages"), await marie.presses(finland, "Show passages")
    assert (kept.original or {})["embeds"]
    assert "too old" in (gone.original or {})["content"]


async def test_an_answer_from_a_release_that_was_taken_down_is_shown_no_more(discord: Discord, relay: Relay) -> None:
    """Neither its passages nor by posting it: it is forgotten, with what was said of it; other answers stay."""
    marie, general = discord.member("Marie"), discord.channel("general")
    await marie.asks(general, "/ask", question=QUESTION, private=True)
    await marie.asks(general, "/ask", question="When did Finland join NATO?")
    sweden, finland = marie.sees(general)
    await marie.presses(sweden, "👍")
    store = relay.services.built.store
    gone = next(one for one in store.records.releases() if "Sweden joined NATO" in one.text)

    await asyncio.to_thread(relay.services.built.take_down, gone.id)

    for button in ("Show passages", "Save", "Post to channel"):
        pressed = (await marie.presses(sweden, button)).original or {}
        assert ("no longer kept" in pressed["content"], pressed.get("embeds", [])) == (True, [])
        assert pressed["attachments"] == []
    assert ((await marie.presses(finland, "Show passages")).original or {})["embeds"]
    assert relay.services.ledger.feedback.all() == []


async def test_an_answer_is_not_shown_from_a_release_that_another_process_removed(
    discord: Discord, relay: Relay
) -> None:
    """Its ledger was elsewhere: the store decides."""
    marie, general = discord.member("Marie"), discord.channel("general")
    await marie.asks(general, "/ask", question=QUESTION)
    (shown,) = marie.sees(general)
    store = relay.services.built.store
    gone = next(one for one in store.records.releases() if "Sweden joined NATO" in one.text)
    await asyncio.to_thread(store.remove, gone.id)

    pressed = (await marie.presses(shown, "Show passages")).original or {}

    assert "no longer kept" in pressed["content"]


async def test_following_up_as_a_guest_stays_in_place(discord: Discord, relay: Relay) -> None:
    """A thread is the guild's to allow."""
    del relay
    marie, general = discord.member("Marie"), discord.channel("general")
    marie.brings_the_bot = True
    await marie.asks(general, "/ask", question=QUESTION)
    (shown,) = await said_by_bot(discord, general)
    form = (await marie.presses(shown, "Follow up")).modal

    await marie.submits(general, form or {}, {"question": "And Finland?"}, message=shown)

    second = (await said_by_bot(discord, general, 2))[-1]
    assert second["content"].startswith("> And Finland?\nFinland joined NATO")
    assert not is_private(second)
    assert all(one["type"] != objects.PUBLIC_THREAD for one in discord.world.channels.values())
