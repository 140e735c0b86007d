"""What the bot remembers on the catalogue's server: beside the catalogue, whole, and told plainly where it is away."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.errors import LedgerError
from bot.state.ledger import FileDatabase, Ledger, ServerDatabase
from bot.state.tables import BOT
from vectorstore.catalogue import Catalogue, PostgresAddress
from vectorstore.catalogue.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.postgres_server import Server

    OpenServer = Callable[..., ServerDatabase]
    OpenLedger = Callable[[PostgresAddress], Ledger]

# What the versions after the first added, taken away again.
_SINCE_THE_FIRST = [
    f"DROP TABLE main.{name}"
    for name in (
        "claims", "channel_sources", "follows", "followers", "matches", "matched", "recipients", "deliveries",
        "quiet_hours", "questions", "wishes", "digests",
    )
] + [f"ALTER TABLE main.subscriptions DROP COLUMN {name}" for name in ("about", "role")]  # fmt: skip


@pytest.fixture
def address(postgres: Server) -> PostgresAddress:
    return postgres.new_store()


@pytest.fixture
def server_at() -> Iterator[OpenServer]:
    """Reaches the bot's tables for one more process."""
    with contextlib.ExitStack() as opened:
        yield lambda at, tables=BOT: opened.enter_context(
            contextlib.closing(ServerDatabase(PostgresServer(at, tables)))
        )


@pytest.fixture
def ledger_at(server_at: OpenServer) -> OpenLedger:
    """Opens a ledger whose file is never made."""
    return lambda at: Ledger(Path("nowhere") / "discord.sqlite3", server_at(at))


def test_a_full_disk_is_told_although_sqlite_has_rolled_back_by_itself(tmp_path: Path) -> None:
    """Not that there is no transaction to roll back."""
    database = FileDatabase(tmp_path / "a.sqlite3", {1: "CREATE TABLE one (name TEXT PRIMARY KEY)"})
    full = "database or disk is full"

    def fill() -> None:
        with database.transaction() as connection:
            connection.execute("ROLLBACK")  # as SQLite does
            raise sqlite3.OperationalError(full)

    with pytest.raises(LedgerError, match=rf"cannot be used \({full}\)"):
        fill()


def test_its_tables_lie_beside_the_catalogues(address: PostgresAddress, ledger_at: OpenLedger) -> None:
    """Whichever are made first, and each with a version of its own."""
    ledger = ledger_at(address)
    ledger.set_meta("generation", "mine")
    catalogue = Catalogue(PostgresServer(address))

    assert catalogue.meta("generation") == "0"
    assert (catalogue.meta("schema"), ledger.meta("schema")) == ("8", "5")
    assert ledger.meta("generation") == "mine"
    catalogue.close()


def test_many_may_come_first_at_the_same_moment(address: PostgresAddress, ledger_at: OpenLedger) -> None:
    """The tables are made once."""
    made: list[Ledger] = []
    hosts = [threading.Thread(target=lambda: made.append(ledger_at(address))) for _ in range(4)]
    for host in hosts:
        host.start()
    for host in hosts:
        host.join()

    assert [ledger.meta("schema") for ledger in made] == ["5"] * 4


def test_a_deed_that_fails_leaves_nothing(address: PostgresAddress, server_at: OpenServer) -> None:
    """And the next one is done."""
    deeds = server_at(address)
    with pytest.raises(LedgerError, match=r"cannot be used \(relation .*does not exist.*look at the server's log"):
        fail_in_the_middle(deeds)

    with deeds.transaction() as connection:
        assert connection.execute("SELECT * FROM main.guilds").fetchall() == []


def fail_in_the_middle(deeds: ServerDatabase) -> None:
    with deeds.transaction() as connection:
        connection.execute("INSERT INTO main.guilds VALUES (?, ?)", (1, True))
        connection.execute("INSERT INTO main.nowhere VALUES (?)", (1,))


def test_a_server_that_goes_away_is_told_and_found_again(
    postgres: Server, address: PostgresAddress, ledger_at: OpenLedger
) -> None:
    """One sentence without a password, for a deed and at the start; then it goes on by itself."""
    secret = PostgresAddress(address.url.replace("news@", "news:hush@"))
    ledger = ledger_at(secret)
    ledger.guilds.set_threads(1, False)
    told = rf"ledger: postgresql://news@127.0.0.1:{postgres.port}/postgres .*cannot be reached .*start the server"
    postgres.stop()
    try:
        with pytest.raises(LedgerError, match=told) as reading:
            ledger.guilds.opens_threads(1)
        with pytest.raises(LedgerError, match=told) as starting:
            ledger_at(secret)
    finally:
        postgres.start()

    assert not ledger.guilds.opens_threads(1)
    assert "hush" not in f"{reading.value} {reading.value.__cause__} {starting.value} {starting.value.__cause__}"


def test_a_ledger_of_a_newer_version_is_refused(address: PostgresAddress, ledger_at: OpenLedger) -> None:
    """A schema from the future is not touched; the catalogue beside it is read on."""
    newer = ledger_at(address)
    newer.set_meta("schema", "6")

    with pytest.raises(LedgerError, match="has schema 6, this version reads 5; upgrade communique"):
        ledger_at(address)
    Catalogue(PostgresServer(address)).close()


def test_tables_are_brought_up_to_date(address: PostgresAddress, ledger_at: OpenLedger, server_at: OpenServer) -> None:
    """As the catalogue's are, by what each version changed."""
    ledger_at(address).guilds.set_threads(1, False)
    following = replace(BOT, version=6, changes={6: "ALTER TABLE bot_guilds ADD COLUMN colour TEXT"})

    with server_at(address, following).transaction() as connection:
        assert connection.execute("SELECT * FROM main.guilds").fetchall() == [(1, False, None)]
        assert connection.execute("SELECT value FROM main.meta WHERE key = 'schema'").fetchone() == ("6",)


def test_tables_of_the_first_version_learn_of_claims(
    address: PostgresAddress, ledger_at: OpenLedger, server_at: OpenServer
) -> None:
    """What was remembered is kept; and a file is brought up to date like a server."""
    ledger_at(address).guilds.set_threads(1, False)
    with server_at(address).transaction() as connection:
        for statement in _SINCE_THE_FIRST:
            connection.execute(statement)
        connection.execute("UPDATE main.meta SET value = '1' WHERE key = 'schema'")

    newer = ledger_at(address)

    assert newer.claims.claim(7, "one", 60.0).mine
    assert not newer.guilds.opens_threads(1)
    assert newer.meta("schema") == "5"


def test_a_file_of_the_first_version_learns_of_claims(tmp_path: Path) -> None:
    """What was remembered is kept."""
    Ledger(tmp_path / "discord.sqlite3").guilds.set_threads(1, False)
    with contextlib.closing(sqlite3.connect(tmp_path / "discord.sqlite3", isolation_level=None)) as connection:
        for statement in _SINCE_THE_FIRST:
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")

    newer = Ledger(tmp_path / "discord.sqlite3")

    assert newer.claims.claim(7, "one", 60.0).mine
    assert not newer.guilds.opens_threads(1)


def test_sqlite_reads_the_same_names(tmp_path: Path) -> None:
    """`main.` is its own word for the file."""
    Ledger(tmp_path / "discord.sqlite3").guilds.set_threads(1, False)

    with sqlite3.connect(tmp_path / "discord.sqlite3") as connection:
        assert connection.execute("SELECT * FROM main.guilds").fetchall() == [(1, 0)]
    connection.close()
