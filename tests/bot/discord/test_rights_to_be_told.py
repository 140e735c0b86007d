"""Who is told of what, later or otherwise than in an answer: rows of the table in docs/discord.md, and more."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.settings import QuestionsSettings
from bot.state.following import Follow
from tests.bot.discord.conftest import running
from tests.bot.discord.newsroom import subscribe, tomorrow
from tests.bot.discord.table_of_rights import (
    ANYBODY,
    DIRECT,
    MANAGER,
    OPERATOR,
    TOLD,
    Press,
    filled_cells,
    operating,
    pressing,
)
from tests.bot.discord.two_newsrooms import (
    FEED,
    HUSH,
    NOON,
    OPEN_QUESTION,
    SECRET_QUESTION,
    answers,
    furnish,
    leaks,
    scope,
    set_discord,
    shown,
)
from tests.fakes import a_release, keep
from vectorstore.types import Correction, Visit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.wiring import Built
    from tests.discord_server.server import Discord

TESTED: set[tuple[str, str]] = set()
SEATS = [ANYBODY, DIRECT, MANAGER]
ICELAND = "Iceland opened a museum in its harbour. The government of Iceland paid for it. Icelandic ministers came."
TELEPHONE = "Who invented the telephone?"
BELL = "Alexander Graham Bell invented the telephone in 1876."
TELL = "Tell me if this gets answered"
LATER = datetime.now(UTC) + timedelta(days=8)


def cells(row: str, *columns: str) -> Any:
    """Say which cells of the table a test is about."""
    TESTED.update((row, column) for column in columns)
    return lambda test: test


def publish(built: Built, name: str, title: str, *, text: str = ICELAND, secret: bool = False) -> None:
    """A release of the open newsroom comes in, or one of the other, and where its page was named."""
    publisher, source = ("Hush Ministry", HUSH) if secret else ("NATO", FEED)
    address = f"https://{'hush' if secret else 'nato'}.test/{name}"
    release = a_release(name, text, title=title, publisher=publisher, published=tomorrow())
    keep(built.store, replace(release, source=address, url=address), built.embedder)
    built.store.records.note_visits([Visit(address, source, NOON, release_id=name)])


def both_publish(built: Built, number: int = 1) -> None:
    """Both newsrooms publish a release about Iceland."""
    publish(built, f"iceland{number}", f"Iceland opens museum {number}")
    publish(built, f"whispered{number}", f"Hush in Iceland {number}", secret=True)


@pytest.fixture
async def press(discord: Discord, built: Built) -> AsyncIterator[Press]:
    chosen = QuestionsSettings(keep=True, days=30)  # type: ignore[call-arg]
    built.settings = built.settings.model_copy(update={"questions": chosen})
    async with pressing(discord, built) as made:
        yield made


@cells("timelines", *SEATS)
@pytest.mark.parametrize("seat", SEATS)
async def test_a_timeline_is_of_what_may_be_seen(press: Press, seat: str) -> None:
    """Neither an entry nor a count nor a proposal is of anything else, whatever source is chosen."""
    member, place = press.seats[seat]
    await asyncio.to_thread(both_publish, press.built)

    assert await member.types(place, "/timeline", "source", "") == ["NATO", "NATO feed"]
    for chosen in ({}, {"source": "NATO feed"}, {"source": "Hush feed"}):
        await member.asks(place, "/timeline", topic="Iceland", private=True, **chosen)

    everything, own, other = (one["content"] for one in member.sees(place))
    assert "1 release is about “Iceland”" in everything
    assert "Iceland opens museum 1" in own
    assert other == "**No release is about “Iceland”.**"
    assert leaks(shown(member, place)) == []


@cells("saving", *SEATS)
@pytest.mark.parametrize("seat", SEATS)
async def test_an_answer_is_saved_where_it_may_be_seen(press: Press, seat: str) -> None:
    """One from before the scope was narrowed is no longer given as a file."""
    member, place = press.seats[seat]
    scopes = press.built.settings.discord.scopes
    set_discord(press.built, scopes=())
    await member.asks(place, "/ask", question=SECRET_QUESTION, private=True)
    await member.asks(place, "/ask", question=OPEN_QUESTION, private=True)
    secret, answer = member.sees(place)
    set_discord(press.built, scopes=scopes)

    saved = (await member.presses(answer, "Save")).original or {}
    refused = (await member.presses(secret, "Save")).original or {}

    assert "Sweden joined NATO on 7 March 2024." in saved["attachments"][0]["text"]
    assert "can no longer be shown here" in refused["content"]
    assert refused["attachments"] == []


@cells("following", *SEATS)
@pytest.mark.parametrize("seat", SEATS)
async def test_people_are_told_of_what_they_may_see(press: Press, seat: str) -> None:
    """Also when they begin to follow, and in what is proposed; who sees everything is told of everything."""
    member, place = press.seats[seat]
    carl = press.discord.member("Carl")
    await asyncio.to_thread(both_publish, press.built)

    assert await member.types(place, "/follow", "source", "") == ["NATO", "NATO feed"]
    await member.asks(place, "/follow", topic="Iceland")
    await member.asks(place, "/follow", topic="harbour museum", source="Hush feed")
    await carl.asks(carl.direct, "/follow", topic="Iceland", source="NATO feed; Hush Ministry")
    await asyncio.to_thread(both_publish, press.built, 2)
    await press.relay.follower.look()
    await member.asks(place, "/following")

    assert "Iceland opens museum 1" in member.sees(place)[0]["content"]
    assert "No stored release is about it yet" in member.sees(place)[1]["content"]
    direct = shown(member, member.direct)
    assert "iceland opens museum 2" in direct
    assert leaks((direct + shown(member, place)).replace("hush feed", "")) == []
    assert "waiting" not in member.sees(place)[-1]["content"]
    everything = shown(carl, carl.direct)
    assert "iceland opens museum 2" in everything
    assert "hush in iceland 2" in everything


async def test_what_may_be_seen_is_decided_when_it_is_told(press: Press) -> None:
    """A scope that was narrowed after a release was matched holds all the same."""
    paul, built = press.anybody, press.built
    scopes = built.settings.discord.scopes
    set_discord(built, scopes=())
    wanted = Follow(int(paul.user["id"]), "Iceland", since=built.store.records.last_event())
    built.ledger.following.follow(wanted, locale="en-US", most=9)
    await asyncio.to_thread(both_publish, built)
    await asyncio.to_thread(press.relay.follower.match_all)
    assert len(built.ledger.following.pending(wanted.person).matches) == 2
    set_discord(built, scopes=scopes)

    await paul.asks(press.general, "/following")
    for _ in range(3):
        await press.relay.follower.look()

    assert "1 more are waiting" in paul.sees(press.general)[-1]["content"]
    assert "iceland opens museum 1" in shown(paul, paul.direct)
    assert leaks(shown(paul, paul.direct)) == []
    assert built.ledger.following.pending(wanted.person).matches == ()


async def test_a_follower_waits_until_it_is_written_down_of_which_source_a_release_is(press: Press) -> None:
    """Which is a moment after it came in; and is told of it once."""
    paul, built = press.anybody, press.built
    await paul.asks(paul.direct, "/follow", topic="Iceland")
    address = "https://nato.test/iceland"
    release = a_release("iceland", ICELAND, title="Iceland opens a museum", publisher="Press", published=tomorrow())
    await asyncio.to_thread(keep, built.store, replace(release, source=address, url=address), built.embedder)
    await press.relay.follower.look()
    assert "iceland opens" not in shown(paul, paul.direct)
    await asyncio.to_thread(built.store.records.note_visits, [Visit(address, FEED, NOON, release_id="iceland")])

    for _ in range(2):
        await press.relay.follower.look()

    assert shown(paul, paul.direct).count("[iceland opens a museum]") == 1


@cells("digests", *SEATS)
@pytest.mark.parametrize("seat", SEATS)
async def test_a_digest_tells_a_person_what_they_may_see(press: Press, seat: str) -> None:
    """And names no release that one of theirs corrects, but may not be seen."""
    member, place = press.seats[seat]

    assert await member.types(place, "/digest", "source", "") == ["NATO", "NATO feed"]
    await member.asks(place, "/digest", every="daily")
    await asyncio.to_thread(both_publish, press.built)
    await asyncio.to_thread(
        press.built.store.records.relate, (), [Correction("iceland1", "whispered1")], of=("iceland1",), up_to=99
    )
    await press.relay.digests.look(LATER)

    direct = shown(member, member.direct)
    assert "iceland opens museum 1" in direct
    assert leaks(direct + shown(member, place)) == []


@cells("digests", MANAGER)
async def test_a_digest_tells_a_channel_what_it_sees(press: Press) -> None:
    """Whatever sources a manager chose for it; nobody else chooses any."""
    general, member = press.general, press.manager
    await press.anybody.asks(general, "/config digest", channel=general, every="daily")
    assert "Manage Server" in press.anybody.sees(general)[-1]["content"]

    await member.asks(general, "/config digest", channel=general, every="daily", source="NATO feed; Hush feed")
    await asyncio.to_thread(both_publish, press.built)
    await press.relay.digests.look(LATER)

    *_, digest = await answers(press.discord, general, 2)
    assert "Iceland opens museum 1" in digest["content"]
    assert leaks(shown(member, general).replace("hush feed", "")) == []


@cells("kept", *SEATS)
@pytest.mark.parametrize("seat", SEATS)
async def test_a_kept_question_is_answered_from_what_could_be_seen(press: Press, seat: str) -> None:
    """By none of the other newsroom's releases; by one of the open newsroom's, once there is one."""
    member, place = press.seats[seat]
    await member.asks(place, "/ask", question=TELEPHONE, private=True)
    await member.presses(member.sees(place)[-1], TELL)

    await asyncio.to_thread(publish, press.built, "whispered", "Hush", text=BELL, secret=True)
    await press.relay.teller.look()
    assert "bell" not in shown(member, member.direct)
    await asyncio.to_thread(publish, press.built, "bell", "The telephone", text=BELL)
    await press.relay.teller.look()

    assert "the telephone" in shown(member, member.direct)
    assert leaks(shown(member, member.direct)) == []


async def test_a_kept_question_waits_until_it_is_written_down_of_which_source_a_release_is(press: Press) -> None:
    """What came in a moment before it was asked, or since, answers it then."""
    paul, built, address = press.anybody, press.built, "https://nato.test/bell"
    release = a_release("bell", BELL, title="The telephone", publisher="Press", published=tomorrow())
    await asyncio.to_thread(keep, built.store, replace(release, source=address, url=address), built.embedder)
    await paul.asks(press.general, "/ask", question=TELEPHONE, private=True)
    await paul.presses(paul.sees(press.general)[-1], TELL)
    await press.relay.teller.look()
    assert "the telephone" not in shown(paul, paul.direct)
    await asyncio.to_thread(built.store.records.note_visits, [Visit(address, FEED, NOON, release_id="bell")])
    with built.ledger.database.transaction() as connection:
        connection.execute("UPDATE main.questions SET held_until = 0")  # as it is after two minutes

    await press.relay.teller.look()

    assert "the telephone" in shown(paul, paul.direct)


async def test_an_answer_is_told_directly_to_who_may_see_it_there(press: Press) -> None:
    """Not to who asked where more could be seen than in their direct messages; the wish is forgotten."""
    set_discord(press.built, scopes=(scope(person=press.anybody),))
    people, general = (press.anybody, press.discord.member("Carl")), press.general
    await press.anybody.asks(general, "/ask", question=TELEPHONE)
    for one in people:
        await one.presses((await answers(press.discord, general))[0], TELL)
    await asyncio.to_thread(publish, press.built, "whispered", "Hush", text=BELL, secret=True)

    await press.relay.teller.look()

    paul, carl = (shown(one, one.direct) for one in people)
    assert "bell" not in paul
    assert "graham bell" in carl
    assert press.built.ledger.questions.to_tell(9) == []


async def test_the_note_of_the_week_names_what_may_be_seen_in_its_channel(press: Press) -> None:
    """The question stands there all the same: the operator has chosen the channel."""
    questions = press.built.settings.questions.model_copy(update={"note_channel": int(press.general["id"])})
    press.built.settings = press.built.settings.model_copy(update={"questions": questions})
    teller = type(press.relay.teller)(press.relay, press.built, press.relay.delivery, press.relay.services.scopes)
    press.built.ledger.set_meta("questions_noted", "2026-01-01")
    carl = press.discord.member("Carl")
    await carl.asks(carl.direct, "/ask", question=TELEPHONE)
    await asyncio.to_thread(publish, press.built, "whispered", "Hush", text=BELL, secret=True)

    await teller.look()
    await teller.note(LATER)

    note = (await answers(press.discord, press.general))[-1]["content"]
    assert "Who invented the telephone?" in note
    assert leaks(note) == []


async def test_nothing_is_told_to_who_may_see_nothing(discord: Discord, built: Built) -> None:
    """They learn so when they ask for it; what was asked for before stays unsent."""
    chosen = QuestionsSettings(keep=True, days=30)  # type: ignore[call-arg]
    built.settings = built.settings.model_copy(update={"questions": chosen})
    furnish(built)
    marie, general = discord.member("Marie", permissions=("manage_guild",)), discord.channel("general")
    async with running(discord, built) as relay:
        for command, options in (("/follow", {"topic": "Iceland"}), ("/digest", {"every": "daily"})):
            await marie.asks(general, command, **options)
        await marie.asks(general, "/config digest", channel=general, every="daily")
        await marie.asks(general, "/ask", question=TELEPHONE, private=True)
        refusal, before = marie.sees(general)[-1], len(marie.sees(general))
        set_discord(built, open=False, scopes=(scope(channel=general),))
        for command, options in (("/follow", {"topic": "Iceland"}), ("/digest", {"every": "weekly"})):
            await marie.asks(general, command, **options)
        await marie.presses(refusal, TELL)
        told = [one["content"] for one in marie.sees(general)[before:]]
        set_discord(built, open=False, scopes=())
        await marie.asks(general, "/config digest", channel=general, every="weekly")
        closed = marie.sees(general)[-1]["content"]
        await asyncio.to_thread(both_publish, built)
        await relay.follower.look()
        await relay.digests.look(LATER)
        await marie.asks(general, "/config digest", channel=general, every="off")

    assert ["in direct messages" in one for one in told] == [True] * 3
    assert "No source is open here" in closed
    assert marie.sees(general)[-1]["content"] == "No digest comes any more."
    assert discord.messages(marie.direct) == []
    assert "iceland opens" not in shown(marie, general)


async def test_topics_of_a_channel_are_looked_for_in_what_it_sees(press: Press) -> None:
    """A release of the other newsroom is not announced, however much it is about one of them."""
    subscribe(press.relay, press.general, about=("Iceland",))
    await asyncio.to_thread(both_publish, press.built)
    await asyncio.to_thread(publish, press.built, "tunnel", "The tunnel", text="The tunnel was opened.")

    await press.relay.announcer.look()

    (announced,) = await answers(press.discord, press.general)
    assert "Iceland opens museum 1" in announced["content"]


@cells("timelines", OPERATOR)
@cells("saving", OPERATOR)
@cells("kept", OPERATOR)
def test_the_operator_sees_all_of_it(built: Built, tmp_path: Path) -> None:
    """On the terminal no scope holds."""
    terminal = operating(built, tmp_path, "[questions]\nkeep = true\n")
    both_publish(built)
    terminal("ask", SECRET_QUESTION)

    assert "7 March 2031" in terminal("export", "answer")
    assert "Hush in Iceland 1" in terminal("timeline", "Iceland")
    terminal("ask", TELEPHONE)
    (group,) = json.loads(terminal("questions", "list", "--json"))
    assert group["question"] == TELEPHONE


def test_every_cell_of_these_rows_is_tested() -> None:
    """The other rows are tested in `test_rights.py`."""
    assert {cell for cell in filled_cells() if cell[0] in TOLD} == TESTED
