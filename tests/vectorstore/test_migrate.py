"""A store is moved to servers and back, whatever comes in between: it is the same store afterwards."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.chroma_server import free_port
from tests.fakes import WordEmbedder, a_release, keep
from tests.vectorstore.migrating_process import Moment, die_migrating
from tests.vectorstore.writing_process import text_of
from vectorstore.catalogue import Catalogue
from vectorstore.catalogue.postgres import PostgresServer
from vectorstore.errors import CatalogueError, MigrationError, StoreBusyError
from vectorstore.indexes import ChromaAddress
from vectorstore.migrate import COPIED, StoreMigration, own_record
from vectorstore.store import PassageStore
from vectorstore.types import Correction, Doubted, SourceHealth, Twin, Visit

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres_server import Server
    from vectorstore.catalogue import PostgresAddress

EMBEDDER = WordEmbedder()
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Moving:
    """A home, the servers that it moves to, and another home that it comes back to."""

    def __init__(self, home: Path, catalogue: PostgresAddress, chroma: ChromaAddress) -> None:
        self.home = home
        self.catalogue = catalogue
        self.chroma = chroma
        self.other = home.with_name("other")

    def at_home(self, home: Path | None = None) -> PassageStore:
        return PassageStore(home or self.home, model=EMBEDDER.name)

    def on_servers(self) -> PassageStore:
        return PassageStore(self.home, model=EMBEDDER.name, catalogue=self.catalogue, chroma=self.chroma)

    def there(self) -> StoreMigration:
        return StoreMigration(self.home, catalogue=self.catalogue, chroma=self.chroma, back=False, batch=2)

    def back(self) -> StoreMigration:
        return StoreMigration(self.other, catalogue=self.catalogue, chroma=self.chroma, back=True, batch=2)


@pytest.fixture
def moving(tmp_path: Path, postgres: Server, server: ChromaAddress) -> Moving:
    """A home with something in every table: seven releases, one removed, one changed twice, and so on."""
    moving = Moving(tmp_path / "home", postgres.new_store(), server)
    with moving.at_home() as store:
        fill(store)
    return moving


def fill(store: PassageStore) -> None:
    with store.writing():
        for number in range(8):
            keep(store, a_release(f"r{number}", text_of(number), published=NOON, publisher="NATO"), EMBEDDER)
        for text in ("Première version à Chypre.", "Deuxième version à Chypre."):
            keep(
                store,
                replace(a_release("r2", text, title="Une aide", language="fr"), pages=(0, 9), scanned=(2,)),
                EMBEDDER,
            )
        store.remove("r3")
        store.records.withdraw("r4", "gone")
        store.records.relate([Twin("r0", "r2", "address", 0.75)], [Correction("r5", "r6")], of=["r0", "r2"], up_to=9)
        store.records.note_visits([Visit("https://a.example/1", "feed", NOON, release_id="r1", listed=True)])
        store.records.note_health(SourceHealth("feed", "Feed", NOON, "1 new", NOON))
        store.records.note_doubts(
            [Doubted("https://a.example/1", "feed", "Oops", "-", "a wall", NOON, NOON)], dispelled=[]
        )
        store.records.pause("feed")
        store.records.record_ingest(NOON)
        with store.backends.catalogue.transaction() as connection:
            connection.execute("INSERT INTO translations VALUES ('r2', 'https://a.example/en')")
            number = store.backends.catalogue.passages.numbers_of_releases(["r2"])[0]
            connection.execute("INSERT INTO subwords VALUES (?, 1, ?)", (number, b"\x01\x00"))


def contents(store: PassageStore) -> dict[str, object]:
    """Every row of every table, vectors as bytes, and the part of the store's own record that goes with it."""
    catalogue = store.backends.catalogue
    rows = {table.name: [row for page in table.pages(catalogue) for row in page] for table in COPIED}
    return {"record": own_record(catalogue), **rows}


def found(store: PassageStore) -> list[list[tuple[str, int, float, float]]]:
    """What searches find, by words and by vectors, and how well."""
    asked = [*(text_of(number) for number in range(8)), "aide à Chypre", "version"]
    return [
        [
            (hit.passage.id, hit.rank, round(hit.dense_score, 5), round(hit.lexical_score, 5))
            for hit in store.search(text, EMBEDDER.embed_question(text))
        ]
        for text in asked
    ]


def test_there_and_back_again_it_is_the_same_store(moving: Moving) -> None:
    """With its versions, vectors and events; the same searches find the same passages with the same scores."""
    with moving.at_home() as store:
        before, hits = contents(store), found(store)
    assert all(before.values())

    there = moving.there().run()
    with moving.on_servers() as store:
        assert contents(store) == before
        assert found(store) == hits
        assert store.status().consistent
    back = moving.back().run()

    with moving.at_home(moving.other) as store:
        assert (contents(store), found(store)) == (before, hits)
        assert store.status().consistent
        assert [one.version for one in store.records.history("r2")] == [1, 2, 3]
    assert there.counts == back.counts
    assert {one.name: one.source for one in there.counts}["releases"] == 7
    assert [one for one in back.counts if one.source != one.target] == []


def test_a_moved_store_is_written_on(moving: Moving) -> None:
    """Numbers go on after those that came along, on the servers and in the home again."""
    moving.there().run()
    with moving.on_servers() as store:
        last = store.records.last_event()
        keep(store, a_release("new", text_of(50)), EMBEDDER)
        keep(store, a_release("r2", text_of(51)), EMBEDDER)
        assert store.records.last_event() == last + 2
        assert store.records.get("r2").version == 4
    moving.back().run()

    with moving.at_home(moving.other) as store:
        keep(store, a_release("newer", text_of(52)), EMBEDDER)
        nearest = [store.search("", EMBEDDER.embed_question(text_of(number)))[0] for number in (50, 52)]
        assert [hit.release.id for hit in nearest] == ["new", "newer"]
        assert store.status().consistent


def test_the_source_stays_as_it_was_and_the_target_is_another_store(moving: Moving) -> None:
    """The two may live on side by side, and write to the same Chroma server."""
    with moving.at_home() as store:
        before, generation = contents(store), store.backends.catalogue.generation()
    moving.there().run()

    with moving.at_home() as store, moving.on_servers() as moved:
        assert (contents(store), store.backends.catalogue.generation()) == (before, generation)
        assert store.backends.catalogue.meta("identity") != moved.backends.catalogue.meta("identity")
        assert moved.remove("r1")
        assert store.records.get("r1")


MOMENTS = [
    Moment("vectorstore.migrate", "_Copy._mark", after=True),
    Moment("vectorstore.migrate", "Table.put", nth=8),  # in the middle of the second batch
    Moment("vectorstore.migrate", "_Copy._copy_batch", nth=2, after=True),
    Moment("vectorstore.migrate", "Table.count", nth=3),  # all is copied and published
    Moment("vectorstore.migrate", "publish"),
    Moment("vectorstore.indexes.chroma", "fill", after=True),  # a collection that nobody knows of
]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_a_killed_migration_goes_on_where_it_was(moving: Moving, moment: Moment) -> None:
    """Until it does, nobody else may open what is half there."""
    die_migrating(moving.home, moving.catalogue, moving.chroma, moment)
    with pytest.raises(MigrationError, match=r"postgresql://.*not finished; run `communique migrate` again"):
        moving.on_servers()

    assert moving.there().run().begun == "resumed"

    with moving.at_home() as store, moving.on_servers() as moved:
        assert contents(moved) == contents(store)
        assert found(moved) == found(store)
        assert moved.status().consistent


def test_a_migration_back_that_was_killed_goes_on(moving: Moving) -> None:
    """A home that is half there says which command ends it."""
    moving.there().run()
    moment = Moment("vectorstore.migrate", "_Copy._copy_batch", nth=2)
    die_migrating(moving.other, moving.catalogue, moving.chroma, moment, back=True)
    with pytest.raises(MigrationError, match=r"other/catalogue\.sqlite3: .*run `communique migrate --back` again"):
        moving.at_home(moving.other)
    with pytest.raises(MigrationError, match="not finished"):
        StoreMigration(moving.other, catalogue=moving.catalogue, chroma=moving.chroma, back=False).run()

    assert moving.back().run().begun == "resumed"

    with moving.at_home() as store, moving.at_home(moving.other) as moved:
        assert contents(moved) == contents(store)


def test_what_changed_after_the_kill_is_there_in_the_end(moving: Moving, caplog: pytest.LogCaptureFixture) -> None:
    """Releases that were copied already may be gone or changed since: all is copied afresh, and that is told."""
    die_migrating(
        moving.home, moving.catalogue, moving.chroma, Moment("vectorstore.indexes.chroma", "fill", after=True)
    )
    with moving.at_home() as store:
        store.remove("r0")
        keep(store, a_release("r1", "Something else."), EMBEDDER)

    assert moving.there().run().begun == "afresh"

    assert "has changed since the migration was stopped" in caplog.text
    with moving.at_home() as store, moving.on_servers() as moved:
        assert contents(moved) == contents(store)
        assert found(moved) == found(store)
        assert moved.status().consistent


def test_a_store_is_never_written_over(moving: Moving, tmp_path: Path) -> None:
    """Neither on servers nor in a home, and no half of another one; each error says where else to go."""
    moving.there().run()
    with pytest.raises(MigrationError, match=r"holds a store already; .*Make a schema .*search_path"):
        moving.there().run()
    with pytest.raises(MigrationError, match=r"home/catalogue\.sqlite3: holds a store already; .*--home"):
        StoreMigration(moving.home, catalogue=moving.catalogue, chroma=moving.chroma, back=True).run()
    with moving.on_servers() as store, store.backends.catalogue.transaction():
        store.backends.catalogue.set_meta(moving="0123456789ab 7")

    with pytest.raises(MigrationError, match="holds half of another store"):
        moving.there().run()


def test_where_there_is_nothing_to_move_is_told(moving: Moving, tmp_path: Path, postgres: Server) -> None:
    """A home without a store, and a database that holds none."""
    nowhere, empty = tmp_path / "nowhere", postgres.new_store()
    with pytest.raises(MigrationError, match=r"nowhere: holds no store; name the home with --home"):
        StoreMigration(nowhere, catalogue=empty, chroma=moving.chroma, back=False).run()
    with pytest.raises(MigrationError, match=r"postgresql://.* holds no store yet"):
        StoreMigration(nowhere, catalogue=empty, chroma=moving.chroma, back=True).run()


def test_ends_of_different_schemas_are_refused(moving: Moving, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is written."""
    monkeypatch.setattr(PostgresServer, "schema", 99)

    with pytest.raises(MigrationError, match=r"has schema 99, .* upgrade communique"):
        moving.there().run()


def test_a_writer_at_either_end_is_waited_for_and_told(moving: Moving) -> None:
    """And while it runs others may read, not write."""
    with moving.at_home() as store, store.holding(), pytest.raises(StoreBusyError, match="another process is writing"):
        moving.there().run(wait=0.1)
    seen = []

    def look(done: int, total: int) -> None:
        with moving.at_home() as store:
            seen.append(store.records.count_releases())
            with pytest.raises(StoreBusyError), store.holding(0):
                pass

    moving.there().run(look)
    assert set(seen) == {7}


def test_an_open_store_does_not_write_into_what_is_half_there(moving: Moving) -> None:
    """It was opened while its database was empty."""
    with moving.on_servers() as store:
        die_migrating(moving.home, moving.catalogue, moving.chroma, Moment("vectorstore.migrate", "publish"))

        with pytest.raises(MigrationError, match="not finished"):
            keep(store, a_release("new", text_of(50)), EMBEDDER)


def test_counts_that_differ_are_told_and_mended(moving: Moving) -> None:
    """What somebody did to the half that was there is found; the next run copies all afresh."""
    die_migrating(moving.home, moving.catalogue, moving.chroma, Moment("vectorstore.migrate", "_Copy._copy_the_rest"))
    with contextlib.closing(Catalogue(PostgresServer(moving.catalogue))) as catalogue, catalogue.transaction():
        catalogue.connection.execute("DELETE FROM vectors WHERE passage = 1")

    told = r"postgresql://.*: holds 6 vectors instead of 7; run `communique migrate` again"
    with pytest.raises(MigrationError, match=told):
        moving.there().run()

    assert moving.there().run().begun == "afresh"
    with moving.on_servers() as store:
        assert store.status().consistent


def test_a_database_that_goes_away_is_told_and_gone_on_with(
    tmp_path: Path, server: ChromaAddress, mortal: Server
) -> None:
    """One sentence; when it is back the same command ends it."""
    moving = Moving(tmp_path / "home", mortal.new_store(), server)
    with moving.at_home() as store:
        fill(store)
    calls = iter([lambda: None, mortal.stop])

    with pytest.raises(CatalogueError, match=r"cannot be reached .*start the server.*try again"):
        moving.there().run(lambda *_: next(calls)())
    mortal.start()

    assert moving.there().run().begun == "resumed"
    with moving.at_home() as store, moving.on_servers() as moved:
        assert contents(moved) == contents(store)


def test_a_chroma_server_that_is_away_is_told_before_anything_is_copied(moving: Moving) -> None:
    """Not after hours."""
    moving.chroma = ChromaAddress(f"http://127.0.0.1:{free_port()}")

    with pytest.raises(MigrationError, match=r"cannot be reached .*store\.chroma right.*`communique migrate` again"):
        moving.there().run()

    with contextlib.closing(Catalogue(PostgresServer(moving.catalogue))) as catalogue:
        assert all(table.is_empty(catalogue) for table in COPIED)
