from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.fakes import a_release, keep
from vectorstore.catalogue import Catalogue
from vectorstore.catalogue.passages import Extent, Origin
from vectorstore.catalogue.sqlite import SqliteFile
from vectorstore.errors import CatalogueError, StoreHomeError
from vectorstore.store import PassageStore
from vectorstore.types import Passage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.fakes import WordEmbedder

NOW = datetime(2025, 3, 1, tzinfo=UTC)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    catalogue = Catalogue(SqliteFile(tmp_path / "catalogue.sqlite3"))
    yield catalogue
    catalogue.close()


def add(catalogue: Catalogue, identity: str, passages: int = 2) -> list[int]:
    """Numbers of the passages of a new release, each a word long."""
    release = a_release(identity, "word " * passages)
    with catalogue.transaction():
        model = catalogue.passages.add_model("words", 4)
        last = catalogue.releases.last_versions([identity])
        [(row, _)] = catalogue.releases.add_versions([release], NOW, last=last)
        cut = [(row, Passage(f"{identity}-{n}", identity, "word", 5 * n, 5 * n + 4)) for n in range(passages)]
        return list(catalogue.passages.add(cut, np.ones((passages, 4), dtype=np.float16), model=model))


def drop(catalogue: Catalogue, numbers: list[int]) -> None:
    with catalogue.transaction():
        catalogue.passages.drop(numbers)


def interrupt_after(catalogue: Catalogue) -> None:
    catalogue.set_meta(something="half-written")
    raise KeyboardInterrupt("stop")


def test_a_passage_number_is_never_used_again(catalogue: Catalogue) -> None:
    """Numbers above the last one seen are the new passages, also after the newest were dropped."""
    first = add(catalogue, "one")
    drop(catalogue, first)

    second = add(catalogue, "two")

    assert min(second) > max(first)
    assert catalogue.passages.all_numbers(above=max(first)) == second


def test_dropped_passages_take_their_vectors_along(catalogue: Catalogue) -> None:
    """Nothing of them is left but their ids, which the vector index has yet to let go of."""
    numbers = add(catalogue, "one") + add(catalogue, "two")
    drop(catalogue, numbers[:2])

    assert list(catalogue.passages.by_number(numbers)) == numbers[2:]
    assert list(catalogue.passages.vectors_of(numbers, 1)) == numbers[2:]
    assert catalogue.connection.execute("SELECT id FROM dropped").fetchall() == [("one-0",), ("one-1",)]


def test_to_drop_a_passage_reads_no_other_vector(catalogue: Catalogue) -> None:
    """SQLite goes straight to the rows by their key; a replacement must not take longer in a larger store."""
    queries = ("DELETE FROM vectors WHERE model = 1 AND passage = 1", "SELECT 1 FROM vectors WHERE passage = 1")
    for query in queries:
        plan = " ".join(row[3] for row in catalogue.connection.execute(f"EXPLAIN QUERY PLAN {query}"))
        assert "SEARCH" in plan
        assert "SCAN" not in plan


def test_a_snapshot_stays_what_it_was(catalogue: Catalogue) -> None:
    """What another thread writes in between is seen by the next snapshot, not by this one."""
    add(catalogue, "one")
    with catalogue.snapshot():
        before = catalogue.generation(), catalogue.passages.count()
        writer = threading.Thread(target=add, args=(catalogue, "two"))
        writer.start()
        writer.join()
        assert (catalogue.generation(), catalogue.passages.count()) == before

    assert (catalogue.generation(), catalogue.passages.count()) == (before[0] + 1, 4)


def test_how_many_passages_there_are_is_counted_once_a_generation(catalogue: Catalogue) -> None:
    """What was written since is seen by the next snapshot; `dropped` counts what the indexes may still hold."""
    numbers = add(catalogue, "one", 3)
    seen: list[str] = []
    with catalogue.snapshot():
        assert catalogue.passages.extent() == Extent(count=3, last=numbers[-1], dropped=0)
        catalogue.connection.set_trace_callback(seen.append)
        assert catalogue.passages.extent().count == 3
        catalogue.connection.set_trace_callback(None)
    drop(catalogue, numbers[:2])

    with catalogue.snapshot():
        assert catalogue.passages.extent() == Extent(count=1, last=numbers[-1], dropped=2)
    assert seen == []


def test_what_a_failed_transaction_counted_is_forgotten(catalogue: Catalogue) -> None:
    """Its generation is the same as before; only what was committed is remembered for one."""
    numbers = add(catalogue, "one", 3)
    within: list[Extent] = []

    def drop_count_and_stop() -> None:
        with catalogue.transaction():
            catalogue.passages.drop(numbers)
            within.append(catalogue.passages.extent())
            interrupt_after(catalogue)

    with pytest.raises(KeyboardInterrupt, match="stop"):
        drop_count_and_stop()

    assert within == [Extent(count=0, last=0, dropped=3)]
    with catalogue.snapshot():
        assert catalogue.passages.extent() == Extent(count=3, last=numbers[-1], dropped=0)


def test_where_passages_come_from(catalogue: Catalogue) -> None:
    """The row and language of the version, and what its twins share; what is gone has no origin."""
    numbers = add(catalogue, "one") + add(catalogue, "two")
    with catalogue.transaction() as connection:
        connection.execute("INSERT INTO joined VALUES ('two', 'both')")

    versions = catalogue.passages.versions_of([*numbers, 99])

    assert list(versions) == numbers
    for known in ({}, versions, {numbers[0]: versions[numbers[0]]}):
        assert catalogue.passages.origins([numbers[0], numbers[2], 99], known) == {
            numbers[0]: Origin(versions[numbers[0]], "en"),
            numbers[2]: Origin(versions[numbers[2]], "en", "both"),
        }
    assert catalogue.passages.origins([99], {99: 99}) == {}


def test_where_passages_come_from_is_the_same_however_often_it_is_asked(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked often, all is read at once; what others write is seen all the same, and a snapshot stays as it is."""
    monkeypatch.setattr("vectorstore.catalogue.passages._OFTEN", 2)
    numbers = add(catalogue, "one") + add(catalogue, "two")

    def asked() -> tuple[list[int | None], dict[int, int], dict[int, Origin]]:
        versions = catalogue.passages.versions_of([numbers[3], numbers[0], 99])
        of_ids = catalogue.passages.numbers_of(["two-1", "gone", "one-0"])
        return of_ids, versions, catalogue.passages.origins([*versions, 99], versions)

    with catalogue.snapshot():
        before = [asked() for _ in range(4)]
        drop(Catalogue(catalogue.engine), numbers[:2])
        before.append(asked())
    with catalogue.snapshot():
        after = [asked() for _ in range(4)]

    first, second = before[0][1][numbers[0]], before[0][1][numbers[3]]
    both = {numbers[0]: Origin(first, "en"), numbers[3]: Origin(second, "en")}
    assert before == [([numbers[3], None, numbers[0]], {numbers[0]: first, numbers[3]: second}, both)] * 5
    assert after == [([numbers[3], None, None], {numbers[3]: second}, {numbers[3]: Origin(second, "en")})] * 4


def test_a_transaction_that_fails_leaves_nothing(catalogue: Catalogue) -> None:
    """Not even the generation moves, and the next transaction works."""
    with pytest.raises(KeyboardInterrupt, match="stop"), catalogue.transaction():
        interrupt_after(catalogue)

    assert (catalogue.meta("something"), catalogue.generation()) == (None, 0)
    assert add(catalogue, "one")


def test_connections_of_ended_threads_are_closed(catalogue: Catalogue) -> None:
    """A service whose threads come and go does not run out of file handles."""
    for _ in range(5):
        thread = threading.Thread(target=catalogue.passages.count)
        thread.start()
        thread.join()

    assert catalogue.connections <= 2


def test_a_closed_catalogue_says_so(catalogue: Catalogue) -> None:
    """Whoever comes late is told, and no file is opened again."""
    catalogue.close()

    with pytest.raises(CatalogueError, match="is closed; open the store again"):
        catalogue.passages.count()


def test_a_full_disk_is_told_and_nothing_is_lost(in_folders: PassageStore, embedder: WordEmbedder) -> None:
    """The release that did not fit is not there, the others are, and there is room again later."""
    keep(in_folders, a_release("one", "Small words."), embedder)
    in_folders.backends.catalogue.connection.execute("PRAGMA max_page_count = 1")

    with pytest.raises(CatalogueError, match=r"database or disk is full.*check the disk"):
        keep(in_folders, a_release("two", "Large words. " * 20_000), embedder)

    in_folders.backends.catalogue.connection.execute("PRAGMA max_page_count = 1000000")
    assert [hit.release.id for hit in in_folders.search("words", embedder.embed_question("words"))] == ["one"]
    assert keep(in_folders, a_release("two", "Large words."), embedder)


@pytest.mark.parametrize("home", ["file", "file/below"])
def test_a_home_that_is_a_file_is_refused(tmp_path: Path, home: str, opened: Callable[..., PassageStore]) -> None:
    """The error names the path and asks for a folder."""
    (tmp_path / "file").write_text("a letter")

    with pytest.raises(StoreHomeError, match=rf"{home}: is a file or lies in one; name a folder instead"):
        opened(tmp_path / home, model="words")


@pytest.mark.parametrize("refused", ["home", "catalogue.sqlite3"])
def test_a_home_that_cannot_be_written_to_is_refused(
    in_folders: PassageStore, refused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader without write permission is told what it lacks. Root may write anywhere, so the right is taken away."""
    monkeypatch.setattr("vectorstore.home.os.access", lambda path, mode: path.name != refused)

    with pytest.raises(StoreHomeError, match=rf"you may not write to {refused}, which even reading needs"):
        PassageStore(in_folders.home, model="words")
