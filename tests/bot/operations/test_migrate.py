"""What the bot remembers moves to a server and back, whole, and nothing is written over."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from bot.answering.llm import DailyBudget
from bot.answering.types import Answer, Usage
from bot.operations.migrate import REMEMBERED, SPENT, RecordMigration
from bot.state.deliveries import Subscription
from bot.state.following import Digest, Follow, Match
from bot.state.ledger import FileDatabase, Ledger, Quiet, ServerDatabase, UsageTable
from bot.state.questions import AnswerPlace
from bot.state.tables import BOT, LEDGER, USAGE
from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.catalogue.postgres import PostgresServer
from vectorstore.errors import MigrationError
from vectorstore.store import PassageStore
from vectorstore.types import Filter

if TYPE_CHECKING:
    from pathlib import Path

    from bot.state import Database
    from tests.postgres_server import Server
    from vectorstore.catalogue import PostgresAddress

pytestmark = pytest.mark.embedded  # it is homes that move

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
DIGEST = Digest(2**62, None, "fr", "weekly", 8, "Europe/Paris", ("NATO",), ("fr",), ("Finlande",), NOON, 4)
GENERAL = Subscription(2**62, 7, ("NATO",), (), "en", 3)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A store, and a bot that has something to remember."""
    with contextlib.closing(PassageStore(tmp_path / "home", model="words")) as store:
        keep(store, a_release("a", "Sweden joined."), WordEmbedder())
    ledger = Ledger(tmp_path / "home" / "discord.sqlite3")
    answered = answer(ledger, "When « did » it join?")
    answer(ledger, "Where?", before=answered)
    ledger.feedback.say(answered, 2**62, good=False, reasons=("out_of_date",), comment="100 % ?")
    ledger.guilds.set_threads(7, False)
    ledger.announcements.subscribe(GENERAL)
    ledger.announcements.begin(GENERAL.channel, 4, "a")
    ledger.announcements.posted(GENERAL.channel, 4, 2**61, finished=True)
    ledger.announcements.begin(GENERAL.channel, 5, "b")
    ledger.claims.claim(9, "one", 60.0)
    ledger.claims.settle(9, "one")
    ledger.channel_sources.keep_to(900, ["NATO"], guild=7)
    follow = Follow(2**62, "Finlande « 2023 »", languages=("fr",), since=3)
    ledger.following.follow(follow, locale="fr", most=1)
    ledger.following.take(4, "one", 60.0)
    match = Match(follow.person, follow.topic, "a", 1, 4, "new", 0, 14)
    ledger.following.matched(4, "one", [match], [follow])
    ledger.following.begin(follow.person, [match])
    ledger.deliveries.hold(follow.person, "one", 60.0)
    ledger.deliveries.begin(follow.person, "topics:1", "mark")
    ledger.quiet.set(7, Quiet(22 * 60, 7 * 60, "Europe/Paris"))
    asked = ledger.questions.keep("Et « elle » ?", language="fr", where=Filter(("fr",)), reason="rien", up_to=3)
    ledger.questions.wish(asked, follow.person, locale="fr")
    ledger.questions.answer(asked, AnswerPlace("a", 1, 0, 14), up_to=4)
    ledger.digests.set(DIGEST)
    ceiling = DailyBudget(UsageTable(tmp_path / "home" / "usage.sqlite3"), ZoneInfo("UTC"))
    ceiling.spend("small", Usage(100, 20, 0.25))
    return tmp_path / "home"


@pytest.fixture
def address(postgres: Server) -> PostgresAddress:
    return postgres.new_store()


def answer(ledger: Ledger, question: str, before: str | None = None) -> str:
    told = Answer(question, question, "It « was ».", "en", (), None, 1.0, "x", datetime(2026, 11, 24, tzinfo=UTC), {})
    return ledger.answers.keep(told, before=before, index_version=7)


def rows(record: Database, usage: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every table with its rows, truths as such."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for deeds, tables in ((record, REMEMBERED), (usage, SPENT)):
        with deeds.transaction() as connection:
            for table in tables:
                query = f"SELECT {', '.join(table.columns)} FROM {table.name} ORDER BY {', '.join(table.key)}"
                found[table.name] = [tuple(row) for row in connection.execute(query).fetchall()]
    return found


def in_home(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    return rows(FileDatabase(home / "discord.sqlite3", LEDGER), FileDatabase(home / "usage.sqlite3", USAGE))


def on_server(address: PostgresAddress) -> dict[str, list[tuple[Any, ...]]]:
    with contextlib.closing(ServerDatabase(PostgresServer(address, BOT))) as deeds:
        return rows(deeds, deeds)


def test_all_that_is_remembered_moves_and_comes_back(home: Path, address: PostgresAddress, tmp_path: Path) -> None:
    """Row by row; the source stays as it is."""
    before = in_home(home)
    moved = RecordMigration(home, address, back=False).run()
    umask = os.umask(0)
    back = RecordMigration(tmp_path / "other", address, back=True).run()
    os.umask(umask)

    assert not [path for path in (tmp_path / "other", *(tmp_path / "other").iterdir()) if path.stat().st_mode & 0o077]
    assert on_server(address) == before == in_home(home) == in_home(tmp_path / "other")
    assert {one.name: (one.source, one.target) for one in moved.counts} == {
        "answers": (2, 2), "feedback": (1, 1), "guilds": (1, 1), "subscriptions": (1, 1), "announced": (2, 2),
        "claims": (1, 1), "channel_sources": (1, 1), "follows": (1, 1), "followers": (1, 1), "matches": (1, 1),
        "matched": (1, 1), "recipients": (1, 1), "deliveries": (1, 1), "quiet_hours": (1, 1), "questions": (1, 1),
        "wishes": (1, 1), "digests": (1, 1), "usage": (1, 1),
    }  # fmt: skip
    assert (moved.part, moved.begun, moved.counts) == ("record", "anew", back.counts)
    assert Ledger(tmp_path / "other" / "discord.sqlite3").announcements.subscriptions() == [replace(GENERAL)]


def test_what_a_stopped_migration_copied_is_copied_once_more(home: Path, address: PostgresAddress) -> None:
    """As it is by then; for until the store is there, nobody uses it there."""
    RecordMigration(home, address, back=False).run()
    Ledger(home / "discord.sqlite3").announcements.unsubscribe(GENERAL.channel, guild=GENERAL.guild)

    assert RecordMigration(home, address, back=False).run().begun == "resumed"
    assert on_server(address)["main.subscriptions"] == []
    assert on_server(address) == in_home(home)


def test_nothing_is_written_over(home: Path, address: PostgresAddress) -> None:
    """What a bot remembers on the server already, for itself."""
    with contextlib.closing(ServerDatabase(PostgresServer(address, BOT))) as deeds:
        Ledger(home / "unused", deeds).guilds.set_threads(1, False)

    with pytest.raises(MigrationError, match=r"holds what a bot remembers already; .*Make a schema for the new one"):
        RecordMigration(home, address, back=False).run()
    assert on_server(address)["main.guilds"] == [(1, False)]


def test_a_store_that_is_there_keeps_its_record(home: Path, address: PostgresAddress, tmp_path: Path) -> None:
    """However the record came there."""
    RecordMigration(home, address, back=False).run()
    with contextlib.closing(PassageStore(tmp_path / "host", model="words", catalogue=address)) as store:
        keep(store, a_release("a", "Finland joined."), WordEmbedder())

    with pytest.raises(MigrationError, match="holds a store already"):
        RecordMigration(home, address, back=False).run()
    with pytest.raises(MigrationError, match=r"catalogue.sqlite3: holds a store already; .*usage.sqlite3 out of"):
        RecordMigration(home, address, back=True).run()


def test_a_home_without_a_bot_has_nothing_to_move(tmp_path: Path, address: PostgresAddress) -> None:
    """And gets no files by it."""
    with contextlib.closing(PassageStore(tmp_path, model="words")) as store:
        keep(store, a_release("a", "Sweden joined."), WordEmbedder())

    assert RecordMigration(tmp_path, address, back=False).run().counts == ()
    assert not list(tmp_path.glob("*s*d*.sqlite3"))
    with pytest.raises(MigrationError, match="holds no store; name the home"):
        RecordMigration(tmp_path / "nowhere", address, back=False).run()


def test_no_table_and_no_column_is_forgotten(home: Path, postgres: Server) -> None:
    """Who adds one says how it moves."""
    in_files: dict[str, set[str]] = {}
    for name in ("discord.sqlite3", "usage.sqlite3"):
        with contextlib.closing(sqlite3.connect(home / name)) as connection:
            for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
                in_files[table] = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    address = postgres.new_store()
    query = (
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND table_name LIKE 'bot_%' AND table_name <> 'bot_meta'"
    )
    with contextlib.closing(ServerDatabase(PostgresServer(address, BOT))) as deeds, deeds.transaction() as connection:
        kinds = {(table.removeprefix("bot_"), name): kind for table, name, kind in connection.execute(query).fetchall()}

    copied = {one.name.removeprefix("main."): one for one in (*REMEMBERED, *SPENT)}
    in_files.pop("meta")
    assert in_files == {name: set(table.columns) for name, table in copied.items()}
    assert {key: kind == "boolean" for key, kind in kinds.items()} == {
        (name, column): column in table.truths for name, table in copied.items() for column in table.columns
    }
