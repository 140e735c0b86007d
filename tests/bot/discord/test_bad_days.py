"""Discord's bad days, and what people see of them."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from bot.answering.search import Gatherer
from bot.errors import LedgerError
from bot.state.questions import Answers
from tests.bot.discord.conftest import EVERYWHERE, running, said_by_bot
from tests.bot.discord.newsroom import setting
from tests.discord_server.people import labels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.answering.analysis import QuestionAnalysis
    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.server import Discord
    from vectorstore.types import Hit

QUESTION = "When did Sweden join NATO?"
FRENCH = "Quand la Suède a-t-elle rejoint l’OTAN ?"
ANSWER = "Sweden joined NATO on **7 March 2024**."


async def answered(discord: Discord) -> dict[str, Any]:
    """A question in the general channel, and what is seen of it."""
    general = discord.channel("general")
    await discord.member("Marie").asks(general, "/ask", question=QUESTION)
    return (await said_by_bot(discord, general))[-1]


@pytest.mark.parametrize("part", ["callback", "PATCH /webhooks"])
@pytest.mark.usefixtures("relay")
async def test_a_rate_limit_is_waited_for(discord: Discord, part: str) -> None:
    """As long as Discord says, and the answer comes."""
    discord.rate_limits(part, seconds=0.5, times=2)
    began = time.monotonic()

    shown = await answered(discord)

    assert ANSWER in shown["content"]
    assert time.monotonic() - began >= 1.0


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.usefixtures("relay")
async def test_a_server_error_is_tried_again(discord: Discord, status: int) -> None:
    """The person sees nothing of it."""
    discord.fails("PATCH /webhooks", status=status)

    assert ANSWER in (await answered(discord))["content"]


@pytest.mark.parametrize(
    "happens",
    [lambda gateway: gateway.drop(), lambda gateway: gateway.ask_to_reconnect()],
    ids=["dropped", "asked to reconnect"],
)
@pytest.mark.usefixtures("relay")
async def test_what_was_asked_while_the_gateway_was_away_is_answered(
    discord: Discord, happens: Callable[[Any], Any]
) -> None:
    """The session is resumed, and nothing is answered twice."""
    await happens(discord.gateway)
    general = discord.channel("general")
    marie = discord.member("Marie")

    await marie.writes(marie.direct, QUESTION)

    await discord.until(lambda: discord.gateway.resumed == 1)
    (shown,) = await said_by_bot(discord, marie.direct)
    assert ANSWER in shown["content"]
    assert discord.gateway.identified == 1
    assert discord.messages(general) == []


@pytest.mark.usefixtures("relay")
async def test_after_an_invalid_session_the_bot_comes_back(discord: Discord) -> None:
    """By a new one."""
    await discord.gateway.invalidate()

    await discord.until(lambda: discord.gateway.identified == 2, 20)

    assert ANSWER in (await answered(discord))["content"]


async def test_an_expired_interaction_leaves_a_line_in_the_log_and_no_more(
    discord: Discord, relay: Relay, caplog: pytest.LogCaptureFixture
) -> None:
    """Discord tells the person; nobody can be answered by a token that is dead."""
    discord.tokens_expire = True
    await discord.member("Paul").asks(discord.channel("general"), "/ask", question=QUESTION, wait=False)
    await discord.until(lambda: "could not be told" in caplog.text)
    discord.tokens_expire = False

    assert relay.services.admission.waiting == 0
    assert ANSWER in (await answered(discord))["content"]


@pytest.mark.usefixtures("relay")
async def test_an_answer_after_fifteen_minutes_is_an_ordinary_message(
    discord: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A private one is a direct message."""
    marie, general = discord.member("Marie"), discord.channel("general")
    slowed(monkeypatch, lambda: discord.moves_on(16))

    await marie.asks(general, "/ask", question=QUESTION, wait=False)
    (public,) = [one for one in await said_by_bot(discord, general, 2) if one["content"]]
    await marie.asks(general, "/ask", question=QUESTION, private=True, wait=False)
    (private,) = await said_by_bot(discord, marie.direct)

    for shown in (public, private):
        assert shown["content"].startswith(f"> {QUESTION}\n{ANSWER}")
        assert shown["embeds"]
        assert "👍" in labels(shown)


@pytest.mark.parametrize(
    ("lacks", "code"), [("send_messages", 50013), ("view_channel", 50001)], ids=["may not write", "may not see"]
)
async def test_a_missing_permission_is_no_reason_to_stop(
    discord: Discord, relay: Relay, caplog: pytest.LogCaptureFixture, lacks: str, code: int
) -> None:
    """It is a line in the log for the operator; a command in the same channel is answered, for it needs none."""
    del relay
    caplog.set_level(logging.WARNING)
    marie, general = discord.member("Marie"), discord.channel("general")
    discord.forbids(general, lacks, "create_public_threads")

    await marie.writes(general, QUESTION, mentions=True)
    await discord.until(lambda: f"error code: {code}" in caplog.text)

    await marie.asks(general, "/ask", question=QUESTION)
    assert ANSWER in discord.messages(general)[-1]["content"]


async def test_lesser_permissions_cost_what_they_are_for(
    discord: Discord, relay: Relay, caplog: pytest.LogCaptureFixture
) -> None:
    """Without embeds the answer stands in the text; without the history it is no reply, a follow-up stands alone."""
    del relay
    marie, general = discord.member("Marie"), discord.channel("general")
    discord.forbids(general, "embed_links", "read_message_history", "create_public_threads")

    await marie.writes(general, QUESTION, mentions=True)
    (first,) = await said_by_bot(discord, general)
    await marie.replies(first, "When did Finland join NATO?")
    second = (await said_by_bot(discord, general, 2))[-1]

    assert first["content"].startswith(ANSWER)
    assert first["embeds"] == []
    assert second["content"].startswith("Finland joined NATO")
    assert "message_reference" not in first | second
    assert "permission Embed Links is missing" in caplog.text
    assert "permission Read Message History is missing" in caplog.text


@EVERYWHERE
async def test_without_the_history_everything_is_said_below_what_was_written(
    discord: Discord, relay: Relay, built: Built, caplog: pytest.LogCaptureFixture
) -> None:
    """Where nobody may be replied to: answers with their quotes, excuses, and an example for an empty mention."""
    marie, general = discord.member("Marie"), discord.channel("general")
    await asyncio.to_thread(relay.services.ledger.guilds.set_threads, int(general["guild_id"]), False)
    discord.forbids(general, "read_message_history")

    await marie.writes(general, QUESTION, mentions=True)
    (answer,) = await said_by_bot(discord, general)
    await marie.writes(general, "", mentions=True)
    example = (await said_by_bot(discord, general, 2))[-1]
    written = await marie.writes(general, "When did Sweden join NATO? " * 40, mentions=True)
    excuse = (await said_by_bot(discord, general, 3))[-1]
    await discord.until(lambda: is_settled(built, written["id"]) == [True])

    assert answer["content"].startswith(ANSWER)
    assert answer["embeds"]
    assert "for example" in example["content"]
    assert "at most 1,000 characters" in excuse["content"]
    assert "permission Read Message History is missing" in caplog.text
    assert "Embed Links" not in caplog.text


async def test_a_slow_disk_delays_answers_and_not_their_acknowledgement(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor heartbeats: the loop is free."""
    kept = Answers.keep
    late: list[float] = []

    def slowly(*given: Any, **named: Any) -> str:
        time.sleep(1.0)
        return kept(*given, **named)

    async def watch() -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.05)
            late.append(time.monotonic() - began - 0.05)

    monkeypatch.setattr(Answers, "keep", slowly)
    slowed(monkeypatch, lambda: time.sleep(1.0))
    general = discord.channel("general")
    watching = asyncio.create_task(watch())

    asked = await asyncio.gather(
        *(discord.member(name).asks(general, "/ask", question=QUESTION) for name in ("Marie", "Paul", "Anna"))
    )

    watching.cancel()
    assert all(one.acknowledged_after is not None and one.acknowledged_after < 1.0 for one in asked)
    assert max(late) < 0.5
    assert len(await said_by_bot(discord, general, 3)) == 3


async def test_a_full_disk_costs_the_buttons_and_not_the_answer(
    discord: Discord, relay: Relay, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The operator finds the file's name in the log."""

    def broken(*_: object, **__: object) -> str:
        raise LedgerError("discord.sqlite3", "cannot be used (database or disk is full)")

    monkeypatch.setattr(Answers, "keep", broken)

    shown = await answered(discord)

    assert ANSWER in shown["content"]
    assert shown["components"] == []
    assert "disk is full" in caplog.text


async def test_on_the_way_out_questions_under_way_are_finished_or_apologised_for(
    discord: Discord, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And new ones are told to wait."""
    marie, paul, general = discord.member("Marie"), discord.member("Paul"), discord.channel("general")
    async with running(discord, built) as relay:
        slowed(monkeypatch, lambda: time.sleep(2.0))
        slow = await marie.asks(general, "/ask", question=QUESTION, wait=False)
        await discord.until(lambda: relay.services.admission.waiting == 1)
        stopping = asyncio.create_task(relay.stop(patience=0.5))
        await asyncio.sleep(0.1)
        await paul.asks(general, "/ask", question=QUESTION)
        assert "about to restart" in paul.sees(general)[-1]["content"]
        await stopping

    assert "had to stop" in (slow.original or {})["content"]


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No question is answered before the test is over."""
    over = threading.Event()
    slowed(monkeypatch, lambda: bool(over.wait(60.0)))
    yield
    over.set()


def is_settled(built: Built, *events: str) -> list[bool]:
    """Whether nothing is left to do about each event, as another process sees it."""
    return [built.ledger.claims.claim(int(event), "another", 1.0).settled for event in events]


@EVERYWHERE
@pytest.mark.usefixtures("stuck")
async def test_on_the_way_out_questions_that_wait_are_apologised_for_too(discord: Discord, built: Built) -> None:
    """Where they were asked, in the language of who asked: none of them vanishes."""
    setting(built, at_once=1)
    marie, paul, general = discord.member("Marie"), discord.member("Paul", locale="fr"), discord.channel("general")
    async with running(discord, built) as relay:
        first = await marie.asks(general, "/ask", question=QUESTION, wait=False)
        await discord.until(lambda: relay.services.admission.waiting == 1)
        second = await paul.asks(general, "/ask", question=QUESTION, wait=False)
        timeline = await paul.asks(general, "/timeline", topic="NATO", wait=False)
        written = await marie.writes(marie.direct, QUESTION)
        mention = await marie.writes(general, FRENCH, mentions=True)
        await discord.until(lambda: relay.services.admission.waiting == 5)
        await relay.stop(patience=0.2)

    (direct,) = await said_by_bot(discord, marie.direct)
    (in_thread,) = await said_by_bot(discord, discord.channel(FRENCH))
    said = [one["content"] for one in (first.original, second.original, timeline.original, direct, in_thread) if one]
    english, french = "I had to stop before this was answered", "J’ai dû m’arrêter avant d’avoir répondu"
    expected = [english, french, "Je suis sur le point de redémarrer", english, french]
    assert all(text.startswith(begins) for text, begins in zip(said, expected, strict=True))
    events = [one.payload["id"] for one in (first, second, timeline)] + [written["id"], mention["id"]]
    assert is_settled(built, *events) == [True] * 5


async def test_on_the_way_out_questions_that_wait_are_answered_if_there_is_time(
    discord: Discord, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They were taken before the bot began to stop."""
    setting(built, at_once=1)
    marie, paul, general = discord.member("Marie"), discord.member("Paul"), discord.channel("general")
    async with running(discord, built) as relay:
        slowed(monkeypatch, lambda: time.sleep(0.5))
        asked = [await one.asks(general, "/ask", question=QUESTION, wait=False) for one in (marie, paul)]
        await discord.until(lambda: relay.services.admission.waiting == 2)
        await relay.stop()

    assert all(ANSWER in (one.original or {})["content"] for one in asked)


@pytest.mark.parametrize(
    ("patience", "told"), [(20.0, ANSWER), (0.0, "about to restart")], ids=["there is time", "there is none"]
)
async def test_on_the_way_out_a_question_whose_thread_is_being_opened_is_not_lost(
    discord: Discord, built: Built, patience: float, told: str
) -> None:
    """It is answered like those that have got further, or excused below the question."""
    marie, general = discord.member("Marie"), discord.channel("general")
    async with running(discord, built) as relay:
        discord.rate_limits("/threads", seconds=0.5)
        written = await marie.writes(general, QUESTION, mentions=True)
        await discord.until(lambda: any(path.endswith("/threads") for _, path, _ in discord.requests))
        await relay.stop(patience)

    (said,) = await said_by_bot(discord, discord.channel(QUESTION if told == ANSWER else "general"))
    assert told in said["content"]
    assert is_settled(built, written["id"]) == [True]


@EVERYWHERE
@pytest.mark.usefixtures("stuck")
async def test_on_the_way_out_a_question_that_cannot_be_apologised_for_is_left_to_another_process(
    discord: Discord, built: Built, caplog: pytest.LogCaptureFixture
) -> None:
    """Which takes it for one whose process is gone."""
    marie = discord.member("Marie")
    async with running(discord, built) as relay:
        written = await marie.writes(marie.direct, QUESTION)
        await discord.until(lambda: relay.services.admission.waiting == 1)
        discord.fails(f"POST /channels/{marie.direct['id']}/messages", status=403, code=50007)
        await relay.stop(patience=0)

    assert await said_by_bot(discord, marie.direct, 0) == []
    assert "nobody could be told" in caplog.text
    assert is_settled(built, written["id"]) == [False]


def slowed(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], None]) -> None:
    """Something happens while an answer is looked for, in the thread that looks for it."""
    found = Gatherer.hits

    def hits(gatherer: Gatherer, analysis: QuestionAnalysis) -> list[Hit]:
        meanwhile()
        return found(gatherer, analysis)

    monkeypatch.setattr(Gatherer, "hits", hits)
