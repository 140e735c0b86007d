"""What only a catalogue on a server brings: it goes away and comes back, others share it, and passwords stay hidden."""

from __future__ import annotations

import random
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.fakes import WordEmbedder, a_release, keep
from tests.vectorstore.writing_process import drain, start_writing, text_of
from vectorstore.catalogue import PostgresAddress
from vectorstore.catalogue.postgres import SCHEMA_VERSION
from vectorstore.errors import CatalogueError, StoreBusyError
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.postgres_server import Server
    from vectorstore.indexes import ChromaAddress

EMBEDDER = WordEmbedder()


@pytest.fixture
def address(postgres: Server) -> PostgresAddress:
    return postgres.new_store()


@pytest.fixture
def opened(tmp_path: Path, address: PostgresAddress) -> Callable[[str], PassageStore]:
    """Opens the one store on another host, which has a home of its own."""
    return lambda host: PassageStore(tmp_path / host, model=EMBEDDER.name, catalogue=address)


def finds(store: PassageStore, number: int) -> bool:
    hits = store.search(f"subject{number}", EMBEDDER.embed_question(text_of(number)), limit=1)
    return [hit.release.id for hit in hits] == [f"r{number}"]


def fill(store: PassageStore, numbers: range) -> None:
    with store.writing():
        for number in numbers:
            keep(store, a_release(f"r{number}", text_of(number)), EMBEDDER)


def test_two_hosts_share_one_store(opened: Callable[[str], PassageStore]) -> None:
    """What one writes the other finds at once, and may change."""
    with opened("one") as one, opened("other") as other:
        fill(one, range(3))
        assert all(finds(other, number) for number in range(3))

        assert other.remove("r1")
        assert one.records.get("r1") is None
        assert [event.kind for event in one.records.events()] == ["new", "new", "new", "removed"]


def test_one_of_two_hosts_waits_until_the_other_has_written(opened: Callable[[str], PassageStore]) -> None:
    """Patience that runs out is an error that names the database; patience that lasts is rewarded."""
    with opened("one") as one, opened("other") as other:
        with one.holding():
            with pytest.raises(StoreBusyError, match=r"store: postgresql://.*another process is writing"):
                fill_within(other, 0.1)
            waiting = threading.Thread(target=fill_within, args=(other, 20.0))
            waiting.start()
            time.sleep(0.2)
            assert other.records.get("r9") is None
        waiting.join()
        assert finds(one, 9)


def fill_within(store: PassageStore, patience: float) -> None:
    with store.writing(patience):
        fill(store, range(9, 10))


def test_two_hosts_may_open_a_new_catalogue_at_the_same_moment(opened: Callable[[str], PassageStore]) -> None:
    """The tables are made once."""
    stores: list[PassageStore] = []
    hosts = [threading.Thread(target=lambda host=host: stores.append(opened(host))) for host in "abcd"]
    for host in hosts:
        host.start()
    for host in hosts:
        host.join()

    assert len({store.backends.catalogue.meta("identity") for store in stores}) == 1
    for store in stores:
        store.close()


def test_two_stores_in_one_database_leave_each_other_alone(tmp_path: Path, postgres: Server) -> None:
    """Each has a schema, an identity and a writer lock of its own."""
    one, other = (
        PassageStore(tmp_path / name, model=EMBEDDER.name, catalogue=postgres.new_store()) for name in ("a", "b")
    )
    with one, other, one.writing():
        fill(other, range(2))
        assert one.status().releases == 0
        assert finds(other, 1)


def test_a_server_that_goes_away_is_told_and_found_again(tmp_path: Path, mortal: Server) -> None:
    """One sentence while it is away, for reading, writing and opening; what was stored is there when it is back."""
    address = mortal.new_store()
    with PassageStore(tmp_path, model=EMBEDDER.name, catalogue=address) as store:
        fill(store, range(3))
        mortal.stop()

        told = rf"catalogue: postgresql://news@127.0.0.1:{mortal.port}/postgres .*cannot be reached .*start the server"
        with pytest.raises(CatalogueError, match=told):
            store.records.get("r1")
        with pytest.raises(CatalogueError, match=told):
            fill(store, range(3, 4))
        with pytest.raises(CatalogueError, match=told):
            PassageStore(tmp_path / "another", model=EMBEDDER.name, catalogue=address)

        mortal.start()
        assert finds(store, 1)
        fill(store, range(4, 5))
        assert finds(store, 4)


def test_a_read_is_answered_though_the_server_was_started_anew(tmp_path: Path, mortal: Server) -> None:
    """Nobody notices where nothing was under way."""
    with PassageStore(tmp_path, model=EMBEDDER.name, catalogue=mortal.new_store()) as store:
        fill(store, range(2))
        mortal.stop()
        mortal.start()

        assert finds(store, 1)
        assert store.backends.catalogue.passages.count() == 2


def test_who_loses_the_server_loses_the_writers_place(tmp_path: Path, mortal: Server) -> None:
    """A write that began before is not gone on with after: another may have the place by then."""
    with PassageStore(tmp_path, model=EMBEDDER.name, catalogue=mortal.new_store()) as store:
        fill(store, range(2))
        with pytest.raises(CatalogueError, match="cannot be reached"):
            fill_with_a_pause(store, mortal)

        assert finds(store, 2)
        assert store.records.get("r3") is None
        fill(store, range(3, 4))
        assert finds(store, 3)


def test_a_write_that_loses_the_server_leaves_nothing(
    tmp_path: Path, mortal: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The release that was being replaced is there as it was."""
    with PassageStore(tmp_path, model=EMBEDDER.name, catalogue=mortal.new_store()) as store:
        fill(store, range(1))
        monkeypatch.setattr(store.backends.catalogue.events, "add", lambda *_: mortal.stop())
        with pytest.raises(CatalogueError, match="cannot be reached"):
            keep(store, a_release("r0", "Something else."), EMBEDDER)
        monkeypatch.undo()

        mortal.start()
        assert finds(store, 0)
        assert len(store.records.history("r0")) == 1


def fill_with_a_pause(store: PassageStore, server: Server) -> None:
    with store.writing():
        fill(store, range(2, 3))
        server.stop()
        server.start()
        fill(store, range(3, 4))


@pytest.mark.long
def test_killed_writers_lose_nothing_that_was_acknowledged(
    tmp_path: Path, address: PostgresAddress, server: ChromaAddress
) -> None:
    """Ten writers in turn are killed with SIGKILL; the next takes the place at once, and finds what was stored."""
    chance, acknowledged = random.Random(19), []
    for turn in range(10):
        process, arriving = start_writing(tmp_path, server, first=1 + 1000 * turn, batch=40, catalogue=address)
        fresh = [arriving.recv()]
        time.sleep(chance.uniform(0.05, 0.6))
        process.kill()
        process.join()
        acknowledged += fresh + drain(arriving)
    with PassageStore(tmp_path, model="words", chroma=server, catalogue=address) as store:
        for number in acknowledged:
            hits = store.search(f"subject{number}", EMBEDDER.embed_question(text_of(number)), limit=1)
            assert hits[0].release.id == f"release-{number}"
        store.repair()
        assert store.status().consistent
        assert store.status().releases >= len(acknowledged) > 10
        assert_counts_agree(store)


def test_what_is_counted_of_words_is_what_is_there(opened: Callable[[str], PassageStore]) -> None:
    """After replacements and removals, and with nothing left at the end."""
    with opened("one") as store:
        fill(store, range(4))
        keep(store, a_release("r1", "Other words, words that count.", "And more. " * 30), EMBEDDER)
        store.remove("r2")
        assert_counts_agree(store)
        for number in range(4):
            store.remove(f"r{number}")
        connection = store.backends.catalogue.connection
        assert connection.execute("SELECT count(*) FROM terms").fetchone() == (0,)
        assert set(connection.execute("SELECT texts, length FROM totals")) == {(0, 0)}


def assert_counts_agree(store: PassageStore) -> None:
    connection = store.backends.catalogue.connection
    for kind, table in (("passages", "words"), ("releases", "release_words")):
        held = f"SELECT u.lexeme, count(*) FROM {table} w, unnest(w.terms) u GROUP BY u.lexeme"
        assert dict(connection.execute(f"SELECT form, {kind} FROM terms WHERE {kind} > 0")) == dict(
            connection.execute(held)
        )
        total = connection.execute(f"SELECT count(*), sum(length) FROM {table}").fetchone()
        assert connection.execute("SELECT texts, length FROM totals WHERE name = ?", (kind,)).fetchone() == total


def test_a_catalogue_of_a_newer_version_is_refused(opened: Callable[[str], PassageStore]) -> None:
    """A schema from the future is not touched."""
    with opened("one") as store, store.backends.catalogue.transaction():
        store.backends.catalogue.set_meta(schema=SCHEMA_VERSION + 1)

    with pytest.raises(CatalogueError, match=f"has schema {SCHEMA_VERSION + 1}, this version reads .*upgrade"):
        opened("other")


def test_an_older_catalogue_is_brought_up_to_date(opened: Callable[[str], PassageStore]) -> None:
    """The same tables as a new one has."""
    with opened("one") as store, store.backends.catalogue.transaction():
        store.backends.catalogue.connection.execute("ALTER TABLE sources DROP COLUMN kind")
        for column in ("annotations", "pages", "scanned"):
            store.backends.catalogue.connection.execute(f"ALTER TABLE versions DROP COLUMN {column}")
        for table in ("doubted", "takedowns", "takedown_marks", "paused"):
            store.backends.catalogue.connection.execute(f"DROP TABLE {table}")
        store.backends.catalogue.set_meta(schema=4)

    with opened("other") as store:
        assert (store.records.health(), store.records.doubted(), store.records.takedowns(), store.records.paused()) == (
            [],
            [],
            [],
            {},
        )
        assert store.backends.catalogue.meta("schema") == str(SCHEMA_VERSION)


def test_tables_of_something_else_are_left_alone(tmp_path: Path, postgres: Server) -> None:
    """The error says how to give the store a schema of its own."""
    import psycopg

    address = postgres.new_store()
    with psycopg.connect(address.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE meta (name TEXT)")

    with pytest.raises(CatalogueError, match=r"tables of something else in schema .*search_path%3Dcommunique"):
        PassageStore(tmp_path, model=EMBEDDER.name, catalogue=address)


def test_a_schema_that_is_not_there_is_told(tmp_path: Path, postgres: Server) -> None:
    """Whoever named it is told how to make it."""
    with pytest.raises(CatalogueError, match=r"\(schema nowhere\): lacks the schema .*CREATE SCHEMA"):
        PassageStore(tmp_path, model=EMBEDDER.name, catalogue=postgres.address("nowhere"))


def test_a_missing_package_is_told_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: Server
) -> None:
    """Ready to paste; who keeps the catalogue in a file needs none."""
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(CatalogueError, match=r"run pip install '\.\[postgres\]' in the folder"):
        PassageStore(tmp_path, model=EMBEDDER.name, catalogue=postgres.address())


def test_a_password_is_taken_from_the_environment(
    tmp_path: Path, mortal: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the server asks for one; without it, or with a wrong one, it is said where to put it."""
    address = mortal.new_store()
    mortal.demand_password("news", "hush")
    with pytest.raises(CatalogueError, match=r"put its password into PGPASSWORD or ~/\.pgpass"):
        PassageStore(tmp_path, model=EMBEDDER.name, catalogue=address)
    monkeypatch.setenv("PGPASSWORD", "wrong")
    with pytest.raises(CatalogueError, match=r"password authentication failed.*put its password into PGPASSWORD"):
        PassageStore(tmp_path, model=EMBEDDER.name, catalogue=address)

    monkeypatch.setenv("PGPASSWORD", "hush")
    with PassageStore(tmp_path, model=EMBEDDER.name, catalogue=address) as store:
        assert store.status().releases == 0


@pytest.mark.parametrize("query", ["", "?sslmode=never", "?nothing=known"])
def test_a_password_is_in_no_error(tmp_path: Path, mortal: Server, query: str) -> None:
    """Neither in its text nor in the representation of the address."""
    address = PostgresAddress(f"postgresql://news:hush@127.0.0.1:{mortal.port}/nowhere{query}")

    with pytest.raises(CatalogueError, match="catalogue: postgresql://news@127") as exc:
        PassageStore(tmp_path, model=EMBEDDER.name, catalogue=address)

    assert "hush" not in f"{exc.value} {exc.value.__cause__} {address} {address!r}"


@pytest.mark.parametrize("url", ["http://host/database", "postgresql://host", "postgresql://u:hu/sh@host/d", "news"])
def test_what_is_no_address_is_refused_without_repeating_it(url: str) -> None:
    """A password may stand in what was written wrong."""
    with pytest.raises(ValueError, match="is no address of a database; write it as postgresql://") as exc:
        PostgresAddress(url)

    assert url not in str(exc.value)


def test_a_word_longer_than_any_is_no_error(opened: Callable[[str], PassageStore]) -> None:
    """What a page holds of encoded data is cut, for a tsvector takes no such word."""
    with opened("one") as store:
        keep(store, a_release("long", f"Harbour {'x' * 5_000} opened.", "Budget. " * 400), EMBEDDER)

        assert store.search("harbour", EMBEDDER.embed_question("harbour"))[0].lexical_rank == 1
