"""Who may see, set and start what: each cell of the table in docs/discord.md, through the wire and on a terminal."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.discord import services
from ingest.report import IngestReport
from ingest.sources import Failure
from tests.bot.discord.conftest import running
from tests.bot.discord.newsroom import bring
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
    set_discord,
    shown,
    thread_below,
)
from vectorstore.types import Visit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.wiring import Built
    from tests.discord_server.server import Discord

DOCS = Path(__file__).parents[3] / "docs" / "discord.md"
TESTED: set[tuple[str, str]] = set()


def cells(row: str, *columns: str) -> Any:
    """Say which cells of the table a test is about."""
    TESTED.update((row, column) for column in columns)
    return lambda test: test


@pytest.fixture
async def press(discord: Discord, built: Built) -> AsyncIterator[Press]:
    async with pressing(discord, built) as made:
        yield made


@pytest.fixture
def terminal(built: Built, tmp_path: Path) -> Callable[..., str]:
    return operating(built, tmp_path)


@cells("answers", ANYBODY, DIRECT, MANAGER)
@pytest.mark.parametrize("seat", [ANYBODY, DIRECT, MANAGER])
async def test_commands_answer_from_what_may_be_seen(press: Press, seat: str) -> None:
    """A question for all to see, a private one, one by a right click, and a follow-up."""
    member, place = press.seats[seat]
    said = await member.writes(place, SECRET_QUESTION)
    since = len(member.sees(place))

    await member.asks(place, "/ask", question=OPEN_QUESTION, private=True)
    await member.asks(place, "/ask", question=SECRET_QUESTION, private=True)
    await member.right_clicks(said, "Ask about this message")
    form = (await member.presses(member.sees(place)[since], "Follow up")).modal or {}
    await member.submits(place, form, {"question": SECRET_QUESTION}, message=member.sees(place)[since])

    kept = [one for one in member.sees(place) if one["author"]["id"] == press.discord.world.bot["id"]]
    answer, *refusals = (one["content"] for one in kept)
    assert "7 March 2024" in answer
    assert len(refusals) >= 3
    assert all("3 releases searched" in one for one in refusals[-3:])
    assert leaks(shown(member, place, since)) == []


@cells("answers", ANYBODY, DIRECT, MANAGER)
async def test_messages_are_answered_from_what_may_be_seen(press: Press) -> None:
    """A mention, in a thread of its own, a reply there, and a direct message."""
    await press.anybody.writes(press.general, SECRET_QUESTION, mentions=True)
    thread = await thread_below(press.discord, press.general)
    (first,) = await answers(press.discord, thread)
    await press.manager.replies(first, SECRET_QUESTION)
    await press.anybody.writes(press.anybody.direct, SECRET_QUESTION)

    said = [*await answers(press.discord, thread, 2), *await answers(press.discord, press.anybody.direct)]

    assert all("3 releases searched" in one["content"] for one in said)
    assert leaks(shown(press.anybody, thread) + shown(press.anybody, press.anybody.direct)) == []


@cells("releases", ANYBODY, DIRECT, MANAGER)
@pytest.mark.parametrize("seat", [ANYBODY, DIRECT, MANAGER])
async def test_releases_are_listed_and_proposed_that_may_be_seen(press: Press, seat: str) -> None:
    """Neither title nor publisher nor source of another can be chosen, or told from one that is not there."""
    member, place = press.seats[seat]

    assert len(await member.types(place, "/release", "title", "")) == 3
    assert await member.types(place, "/release", "title", "hush") == []
    for command in ("/ask", "/latest"):
        assert await member.types(place, command, "source", "") == ["NATO", "NATO feed"]
    await member.asks(place, "/release", title="Hush in Tallinn")
    await member.asks(place, "/latest")
    await member.asks(place, "/latest", source="Hush Ministry")
    await member.asks(place, "/latest", source="Hush feed")

    missing, latest, *nothing = (one["content"] for one in member.sees(place))
    assert missing == "No release has that title."
    assert latest.count("\n") == 2
    assert nothing == ["No release is stored yet."] * 2
    assert leaks(shown(member, place)) == []


@cells("counts", ANYBODY, DIRECT, MANAGER)
@cells("errors", ANYBODY, DIRECT)
@pytest.mark.parametrize("seat", [ANYBODY, DIRECT, MANAGER])
async def test_counts_are_of_what_may_be_seen_and_no_address_or_error_is_shown(press: Press, seat: str) -> None:
    """A source that fails is named, if it may be seen; how it fails is for the operator."""
    member, place = press.seats[seat]

    await member.asks(place, "/sources")
    await member.asks(place, "/status")

    sources, status = (one["content"] for one in member.sees(place))
    assert "**NATO**: 3 in all" in sources
    assert "**NATO feed** cannot be read" in sources
    assert "Releases: 3, passages: 3 (en 3)" in status
    assert "**NATO feed** cannot be read" in status
    assert leaks(shown(member, place)) == []
    assert not [one for one in ("http", "nato.test", "away") if one in shown(member, place)]


@cells("buttons", ANYBODY, DIRECT, MANAGER)
@pytest.mark.parametrize("seat", [ANYBODY, DIRECT, MANAGER])
async def test_buttons_show_what_may_be_seen_where_they_are_pressed(press: Press, seat: str) -> None:
    """An answer about anything else is shown in no place where that may not be seen, by whatever button."""
    member, place = press.seats[seat]
    discord, built = press.discord, press.built
    scopes = built.settings.discord.scopes
    set_discord(built, scopes=())
    await member.asks(place, "/ask", question=SECRET_QUESTION, private=True)
    await member.asks(place, "/ask", question=OPEN_QUESTION, private=True)
    secret, answer = member.sees(place)
    set_discord(built, scopes=scopes)

    shown_passages = await member.presses(answer, "Show passages")
    hidden_passages = await member.presses(secret, "Show passages")
    if seat != DIRECT:  # in a direct message everything is private, and nothing is to be posted
        await member.presses(secret, "Post to channel")
        await member.presses(answer, "Post to channel")
        (posted,) = await answers(discord, place)
        assert "7 March 2024" in posted["content"]

    assert "Sweden joined NATO" in json.dumps((shown_passages.original or {})["embeds"])
    assert "can no longer be shown here" in (hidden_passages.original or {})["content"]
    assert leaks(shown(member, place, 2)) == []


@cells("announcements", ANYBODY, DIRECT, MANAGER)
async def test_managers_choose_what_is_announced_of_what_may_be_seen(press: Press) -> None:
    """Others do not; whatever is chosen, nothing else is announced."""
    subscriptions, general = press.relay.services.ledger.announcements.subscriptions, press.general
    for command in ("/config announce", "/config silence"):
        await press.anybody.asks(general, command, channel=general)
    assert all("Manage Server" in one["content"] for one in press.anybody.sees(general))
    assert press.discord.command("config")["contexts"] == [0]  # not in direct messages
    assert subscriptions() == []

    assert await press.manager.types(general, "/config announce", "source", "") == ["NATO", "NATO feed"]
    await press.manager.asks(general, "/config announce", channel=general)
    for name, source in (("bridge", FEED), ("whisper tower", HUSH)):
        await asyncio.to_thread(bring, press.built, name)
        await asyncio.to_thread(press.built.store.records.note_visits, [Visit(name, source, NOON, release_id=name)])
    await press.relay.announcer.look()

    assert len(subscriptions()) == 1
    said, announced = await answers(press.discord, general, 2)
    assert "will be announced" in said["content"]
    assert "bridge" in announced["content"]
    assert leaks(shown(press.manager, general)) == []


@cells("narrowing", ANYBODY, DIRECT, MANAGER)
async def test_managers_narrow_a_channel_within_what_it_is_given(press: Press) -> None:
    """Others do not, and nobody widens it."""
    kept, general = press.relay.services.ledger.channel_sources, press.general
    await press.anybody.asks(general, "/config sources", channel=general, source="NATO")
    assert "Manage Server" in press.anybody.sees(general)[-1]["content"]
    await press.manager.asks(general, "/config sources", channel=general, source="Hush feed")
    assert "There is no source" in press.manager.sees(general)[-1]["content"]
    assert press.discord.command("config")["contexts"] == [0]
    assert kept.all() == {}

    await press.manager.asks(general, "/config sources", channel=general, source="NATO feed")

    assert kept.all() == {int(general["id"]): ("NATO feed",)}


@cells("scopes", ANYBODY, DIRECT, MANAGER)
async def test_nobody_on_discord_sets_a_scope(press: Press) -> None:
    """No command has an option for it: what a place is given, whether others are open, who may ingest."""
    names = {option["name"] for one in press.discord.world.commands for option in one.get("options") or ()}
    config = {one["name"] for one in press.discord.command("config")["options"]}

    assert config == {"show", "announce", "silence", "threads", "sources", "quiet", "digest"}
    assert not names & {"scope", "scopes", "guild", "person", "open", "may_ingest"}


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[list[str | None]]:
    """The names of the sources of each ingestion that is started."""
    started: list[list[str | None]] = []

    def ingest(_: object, sources: Any, __: object) -> IngestReport:
        started.append([one.name for one in sources])
        failed = tuple(Failure(one.location, f"{one.location}: no answer") for one in sources)
        return IngestReport(new=1, failed=failed)

    monkeypatch.setattr(services, "ingest_settings", ingest)
    return started


@cells("ingestion", ANYBODY, DIRECT, MANAGER)
@cells("errors", MANAGER)
async def test_managers_start_an_ingestion_of_what_may_be_seen(press: Press, runs: list[list[str | None]]) -> None:
    """And read of those sources alone what went wrong; another guild's are not held up by it."""
    elsewhere = press.discord.guild("Others", "news")
    del elsewhere
    await press.anybody.asks(press.general, "/ingest")
    assert "Manage Server" in press.anybody.sees(press.general)[-1]["content"]
    assert press.discord.command("ingest")["contexts"] == [0]
    assert runs == []

    await press.manager.asks(press.general, "/ingest")
    await press.manager.asks(press.general, "/ingest")
    await press.manager.asks(press.discord.channel("news"), "/ingest")

    report, too_soon = (one["content"] for one in press.manager.sees(press.general))
    assert report == "1 new, 0 changed, 0 unchanged.\n1 could not be read:\n- https://nato.test/feed: no answer"
    assert "may be read again" in too_soon
    assert runs == [["NATO feed"], ["Hush feed"]]


@cells("ingestion", ANYBODY, MANAGER)
@pytest.mark.parametrize("named", ["person", "role", "nobody"])
async def test_the_operator_says_who_else_starts_an_ingestion(
    discord: Discord, built: Built, runs: list[list[str | None]], named: str
) -> None:
    """By the ids of persons and roles, who then may and nobody else; for nobody there is no such command."""
    furnish(built)
    paul, marie, general = (
        discord.member("Paul"),
        discord.member("Marie", permissions=("manage_guild",)),
        discord.channel("general"),
    )
    guild = next(iter(discord.world.guilds.values()))
    guild["roles"].append(guild["roles"][0] | {"id": "4711", "name": "press"})
    paul.roles = ["4711"]
    may: Any = {"person": (int(paul.user["id"]),), "role": (4711,), "nobody": "nobody"}[named]
    set_discord(built, may_ingest=may)
    async with running(discord, built):
        if named == "nobody":
            assert "ingest" not in {one["name"] for one in discord.world.commands}
            return
        assert discord.command("ingest")["default_member_permissions"] is None
        await marie.asks(general, "/ingest")
        assert runs == []
        await paul.asks(general, "/ingest")

    assert "has not given you the right" in marie.sees(general)[-1]["content"]
    assert "1 new" in paul.sees(general)[-1]["content"]


async def test_a_command_from_before_is_said_to_be_gone(press: Press, runs: list[list[str | None]]) -> None:
    """To whoever's Discord still shows it, as after the operator has taken the right away."""
    press.relay.tree.remove_command("ingest")

    await press.manager.asks(press.general, "/ingest")

    assert "is not offered any more" in press.manager.sees(press.general)[-1]["content"]
    assert runs == []


@cells("feedback", ANYBODY, DIRECT, MANAGER)
async def test_everybody_gives_feedback_and_nobody_reads_it(press: Press) -> None:
    """Also on an answer that may no longer be seen where it stands; no command shows what others said or asked."""
    for member, place in press.seats.values():
        await member.asks(place, "/ask", question=OPEN_QUESTION, private=True)
        await member.presses(member.sees(place)[-1], "👍")

    assert len(press.relay.services.ledger.feedback.all()) == 3
    assert {one["name"] for one in press.discord.world.commands} == {
        "ask", "timeline", "latest", "release", "sources", "status", "help", "config", "ingest",
        "Ask about this message", "follow", "following", "unfollow", "quiet", "digest",
    }  # fmt: skip


@cells("answers", OPERATOR)
@cells("releases", OPERATOR)
def test_the_operator_is_answered_from_everything(terminal: Callable[..., str]) -> None:
    """On the terminal no scope holds."""
    assert "7 March 2031" in terminal("ask", SECRET_QUESTION)
    assert {one["id"] for one in json.loads(terminal("releases", "list", "--json"))} > {"whisper", "sweden"}


@cells("counts", OPERATOR)
@cells("errors", OPERATOR)
@cells("scopes", OPERATOR)
def test_the_operator_sees_every_source_with_its_errors_and_sets_the_scopes(terminal: Callable[..., str]) -> None:
    """In `communique.toml`, whose settings are shown and checked."""
    sources = {one["name"]: one for one in json.loads(terminal("sources", "list", "--json"))}

    assert sources["Hush feed"]["location"] == HUSH
    assert "whisper" in sources["Hush feed"]["error"]
    assert json.loads(terminal("status", "--json"))["releases"] == 4
    settings = {one["name"]: one["value"] for one in json.loads(terminal("settings", "show", "--json"))["settings"]}
    assert settings["discord.scopes"][0]["sources"] == ["NATO feed"]
    assert (settings["discord.open"], settings["discord.may_ingest"]) == (True, "managers")


@cells("ingestion", OPERATOR)
@cells("feedback", OPERATOR)
def test_the_operator_ingests_and_reads_feedback(built: Built, terminal: Callable[..., str], tmp_path: Path) -> None:
    """From anywhere, and of everybody."""
    (tmp_path / "norway.txt").write_text("Norway opens a centre\n\nNorway opened a centre for divers on 3 May 2024.\n")
    answer = built.answerer.invoke(SECRET_QUESTION)
    identity = built.ledger.answers.keep(answer, before=None, index_version=1)
    built.ledger.feedback.say(identity, 7, good=False)

    assert json.loads(terminal("ingest", str(tmp_path / "norway.txt"), "--json"))["new"] == 1
    assert SECRET_QUESTION in terminal("feedback", "list")


def test_every_cell_of_the_table_is_tested() -> None:
    """Here or in `test_rights_to_be_told.py`: each of the two tests its own rows."""
    assert {row for row, _ in filled_cells()} == {row for row, _ in TESTED} | TOLD
    assert {cell for cell in filled_cells() if cell[0] not in TOLD} == TESTED
