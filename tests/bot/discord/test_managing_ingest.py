"""`/ingest`: the sources of the settings, read in a thread of the bot."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import pytest

from bot.discord import services
from bot.errors import BotError
from bot.settings import SourceSettings
from ingest.report import IngestReport
from ingest.sources import Failure, FolderReading
from tests.bot.discord.conftest import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.discord.client import Relay
    from bot.wiring import Built
    from tests.discord_server.people import Member
    from tests.discord_server.server import Discord


@pytest.fixture
def manager(discord: Discord) -> Member:
    return discord.member("Marie", permissions=("manage_guild",))


@pytest.fixture
def folder(built: Built, tmp_path: Path) -> Path:
    """The one source of the settings."""
    made = tmp_path / "releases"
    made.mkdir()
    built.settings = built.settings.model_copy(update={"sources": (SourceSettings(location=str(made)),)})
    return made


def last_message(member: Member, discord: Discord) -> str:
    return str(member.sees(discord.channel("general"))[-1]["content"])


@pytest.mark.embedded
async def test_ingest_reads_the_sources_beside_the_bot(
    discord: Discord, relay: Relay, manager: Member, folder: Path
) -> None:
    """What it brought can be asked about at once; a second run has to wait."""
    del relay
    general = discord.channel("general")
    (folder / "norway.txt").write_text("Norway opens a centre\n\nNorway opened a centre for divers on 3 May 2024.\n")

    await manager.asks(general, "/ingest", wait=False)
    await discord.until(lambda: bool(manager.sees(general)) and "new" in last_message(manager, discord), 60)
    assert last_message(manager, discord) == "1 new, 0 changed, 0 unchanged."

    await manager.asks(general, "/ingest")
    assert "may be read again" in last_message(manager, discord)
    await manager.asks(general, "/ask", question="When did Norway open a centre for divers?")
    assert "3 May 2024" in last_message(manager, discord)


async def test_ingest_without_sources_says_where_to_name_them(discord: Discord, relay: Relay, manager: Member) -> None:
    """Nothing is run."""
    await manager.asks(discord.channel("general"), "/ingest")

    assert "communique.toml" in last_message(manager, discord)
    assert not relay.services.ingestion.is_running


@pytest.mark.usefixtures("relay", "folder")
async def test_failures_are_shown_without_secrets(
    discord: Discord, manager: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five of them, after the counts."""
    failed = tuple(Failure(f"page{n}", f"https://me:word@example.org/{n}: **no** answer") for n in range(7))
    monkeypatch.setattr(services, "ingest_settings", lambda *_: IngestReport(new=2, changed=1, failed=failed))

    await manager.asks(discord.channel("general"), "/ingest")

    counts, failures, *pages = last_message(manager, discord).splitlines()
    assert (counts, failures) == ("2 new, 1 changed, 0 unchanged.", "7 could not be read:")
    assert pages == [f"- https://example.org/{n}: \\*\\*no\\*\\* answer" for n in range(5)]


@pytest.mark.usefixtures("relay", "folder")
async def test_a_run_that_cannot_begin_says_why(
    discord: Discord, manager: Member, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """To the person and in the log."""

    def failing(*_: object) -> IngestReport:
        raise BotError("store: another process is writing")

    monkeypatch.setattr(services, "ingest_settings", failing)

    await manager.asks(discord.channel("general"), "/ingest")

    assert last_message(manager, discord) == "That failed: store: another process is writing"
    assert "/ingest failed: store: another process is writing" in caplog.text


@pytest.mark.usefixtures("folder")
async def test_one_run_at_a_time_goes_on_in_the_background_and_holds_nobody_up(
    discord: Discord, relay: Relay, manager: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After twelve minutes the person is told that it goes on; others ask meanwhile."""
    going_on = threading.Event()
    monkeypatch.setattr(services, "_LONGEST", 0.5)
    monkeypatch.setattr(services, "ingest_settings", lambda *_: going_on.wait(20) and IngestReport())
    general = discord.channel("general")
    try:
        await manager.asks(general, "/ingest")
        first = last_message(manager, discord)
        await manager.asks(general, "/ingest")
        second = last_message(manager, discord)
        asked = await manager.asks(general, "/ask", question="When did Sweden join NATO?")
        assert relay.services.ingestion.is_running
    finally:
        going_on.set()

    assert first.startswith("The ingestion continues in the background")
    assert second.startswith("An ingestion is already running")
    assert "7 March 2024" in (asked.original or {})["content"]
    await discord.until(lambda: not relay.services.ingestion.is_running)


async def test_a_run_is_ended_in_good_order_when_the_bot_stops(
    discord: Discord, built: Built, manager: Member, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read by then is in the store, which is whole; nothing new is begun."""
    for number in range(4):
        (folder / f"{number}.txt").write_text(f"Bridge {number}\n\nBridge {number} was opened on 3 May 2024.\n")
    began = threading.Event()
    pages = FolderReading.items

    def slowly(reading: FolderReading) -> Iterator[object]:
        for page in pages(reading):
            began.set()
            time.sleep(0.5)
            yield page

    monkeypatch.setattr(FolderReading, "items", slowly)
    async with running(discord, built) as relay:
        await manager.asks(discord.channel("general"), "/ingest", wait=False)
        await discord.until(began.is_set)
        stopping = asyncio.create_task(relay.services.ingestion.close(20.0))
        await asyncio.sleep(0.05)
        await manager.asks(discord.channel("general"), "/ingest")
        await stopping

        assert not relay.services.ingestion.is_running
        assert "about to restart" in last_message(manager, discord)
    assert built.store.status().consistent
    with built.store.holding(0.1):
        assert built.store.status().releases < 7
