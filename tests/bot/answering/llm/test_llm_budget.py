"""What a day may cost, over processes and midnights."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.answering.llm import DailyBudget
from bot.answering.types import Usage
from bot.errors import CeilingError
from bot.state.ledger import ServerDatabase, UsageTable
from bot.state.tables import BOT
from vectorstore.catalogue.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.postgres_server import Server
    from vectorstore.catalogue import PostgresAddress

BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "usage.sqlite3"


@pytest.fixture
def opened(path: Path, deeds: Callable[[], ServerDatabase | None]) -> Callable[..., DailyBudget]:
    """Opens the one ceiling for one more process, in a file or on a server."""
    return lambda zone, **limits: DailyBudget(UsageTable(path, deeds()), zone, **limits)


def test_a_new_day_is_free(opened: Callable[..., DailyBudget]) -> None:
    """Nothing is spent before the first reply, and no limit is no limit."""
    opened(UTC, tokens_per_day=1).allow("openai:a")
    unlimited = opened(UTC)
    unlimited.spend("openai:a", Usage(10**9, 10**9, 10.0**6))

    unlimited.allow("openai:a")
    assert unlimited.spent() == Usage(10**9, 10**9, 10.0**6)


def test_the_tokens_of_all_models_count_together(opened: Callable[..., DailyBudget]) -> None:
    """Two models on one home share its day."""
    ceiling = opened(UTC, tokens_per_day=100)
    ceiling.spend("openai:a", Usage(60, 9))
    ceiling.allow("openai:a")
    ceiling.spend("ollama:b", Usage(30, 1))

    with pytest.raises(CeilingError, match=r"openai:a: the 100 tokens of a day are spent .*raise model.tokens_per_day"):
        ceiling.allow("openai:a")


def test_the_price_of_a_day_ends_it(opened: Callable[..., DailyBudget]) -> None:
    """The other setting, by its name."""
    ceiling = opened(UTC, cost_per_day=0.5)
    ceiling.spend("openai:a", Usage(1, 1, 0.3))
    ceiling.allow("openai:a")
    ceiling.spend("openai:a", Usage(1, 1, 0.3))

    with pytest.raises(CeilingError, match=r"the 0.5 that replies may cost .*model.cost_per_day"):
        ceiling.allow("openai:a")


def test_a_day_ends_at_midnight_in_the_zone(opened: Callable[..., DailyBudget]) -> None:
    """In summer Brussels is two hours ahead: its day ends while London and UTC still have the same one."""
    clock = [datetime(2026, 7, 14, 21, 59, tzinfo=UTC)]
    ceiling = opened(BRUSSELS, tokens_per_day=10, now=lambda: clock[0])
    ceiling.spend("openai:a", Usage(10, 0))

    with pytest.raises(CeilingError, match=r"until 2026-07-15 00:00 \(Europe/Brussels\)"):
        ceiling.allow("openai:a")
    clock[0] = datetime(2026, 7, 14, 22, 0, tzinfo=UTC)

    ceiling.allow("openai:a")
    assert ceiling.spent().input_tokens == 0


def test_two_processes_share_a_day(
    path: Path, address: PostgresAddress | None, opened: Callable[..., DailyBudget]
) -> None:
    """They begin together on a file that is not there yet, or a server without tables, and no reply is lost."""
    code = (
        "import sys\nfrom datetime import UTC\nfrom pathlib import Path\n"
        "from bot.answering.llm import DailyBudget\nfrom bot.answering.types import Usage\n"
        "from bot.state.ledger import ServerDatabase\nfrom bot.state.ledger import UsageTable\n"
        "from bot.state.tables import BOT\nfrom vectorstore.catalogue import PostgresAddress\n"
        "from vectorstore.catalogue.postgres import PostgresServer\n"
        "path, url = sys.argv[1:]\n"
        "server = ServerDatabase(PostgresServer(PostgresAddress(url), BOT)) if url else None\n"
        "ceiling = DailyBudget(UsageTable(Path(path), server), UTC)\n"
        "for _ in range(60):\n    ceiling.spend('openai:a', Usage(3, 1, 0.5))\n"
    )
    words = [sys.executable, "-c", code, str(path), address.url if address else ""]
    processes = [subprocess.Popen(words, stderr=subprocess.PIPE) for _ in range(2)]
    told = [process.communicate(timeout=120)[1] for process in processes]

    assert told == [b"", b""]
    assert opened(UTC).spent() == Usage(360, 120, 60.0)


def test_a_server_that_is_away_breaks_nothing(path: Path, postgres: Server, caplog: pytest.LogCaptureFixture) -> None:
    """One warning, and this process counts for itself until it is back, and with the others then."""
    server = ServerDatabase(PostgresServer(postgres.new_store(), BOT))
    table = UsageTable(path, server)
    ceiling, other = DailyBudget(table, UTC, tokens_per_day=10), DailyBudget(table, UTC)
    other.spend("openai:a", Usage(1, 0))
    postgres.stop()
    try:
        ceiling.allow("openai:a")
        ceiling.spend("openai:a", Usage(8, 1))
        ceiling.allow("openai:a")
    finally:
        postgres.start()

    with pytest.raises(CeilingError, match="the 10 tokens"):
        ceiling.allow("openai:a")
    server.close()
    (told,) = [one.message for one in caplog.records]
    assert "usage: postgresql://news@127.0.0.1" in told
    assert "start the server" in told
    assert not path.exists()


@pytest.mark.parametrize("spoil", ["folder", "noise"])
def test_a_file_of_no_use_breaks_nothing(path: Path, spoil: str, caplog: pytest.LogCaptureFixture) -> None:
    """One warning, and this process counts for itself: the ceiling still holds."""
    if spoil == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"this is no database, though it is long enough to look at" * 40)
    caplog.set_level(logging.WARNING)
    ceiling = DailyBudget(UsageTable(path), UTC, tokens_per_day=10)

    ceiling.allow("openai:a")
    ceiling.spend("openai:a", Usage(9, 1))
    with pytest.raises(CeilingError, match="the 10 tokens"):
        ceiling.allow("openai:a")

    assert len(caplog.records) == 1
    assert "cannot be used" in caplog.text


def test_a_reply_that_used_nothing_leaves_no_trace(path: Path) -> None:
    """A refused question does not even make the file."""
    DailyBudget(UsageTable(path), UTC).spend("openai:a", Usage())

    assert not path.exists()
