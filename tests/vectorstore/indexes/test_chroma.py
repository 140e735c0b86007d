from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from chromadb.api.client import Client

from vectorstore.errors import IndexUnavailableError
from vectorstore.indexes import ChromaFolders, ChromaServer, IndexRows
from vectorstore.indexes.chroma import Details

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vectorstore.indexes import ChromaAddress, DenseIndexes


@pytest.fixture
def indexes(tmp_path: Path, chroma: ChromaAddress | None) -> Iterator[DenseIndexes]:
    """In folders, and on a server; each test has a store of its own there."""
    owner = tmp_path.name.replace("_", "").replace("-", "")
    indexes = ChromaServer(chroma, owner) if chroma else ChromaFolders(tmp_path)
    yield indexes
    indexes.clear(keep=set())
    if isinstance(indexes, ChromaServer):
        indexes.close()


def rows(count: int, start: int = 0, of: str = "A release") -> IndexRows:
    """Passages of a release, with vectors of unit length, each with a direction of its own."""
    vectors = np.random.default_rng(5).normal(size=(start + count, 32))[start:]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = [f"p{number}" for number in range(start, start + count)]
    return IndexRows(ids, vectors.astype(np.float16), [f"text of {one}" for one in ids], [{"title": of} for _ in ids])


def ids_in(indexes: DenseIndexes, name: str) -> set[str]:
    index = indexes.open(name)
    try:
        return set(index.ids())
    finally:
        index.close()


def test_the_nearest_come_with_their_cosine(indexes: DenseIndexes) -> None:
    """A vector finds itself first, with a cosine of one."""
    added = rows(40)
    vectors = added.vectors
    name, *_ = indexes.build(None, (), [added])

    index = indexes.open(name)
    hits = index.nearest(vectors[7].astype(np.float32), 3)
    index.close()

    assert (len(hits), hits[0][0], hits[0][1]) == (3, "p7", pytest.approx(1, abs=1e-3))
    assert hits[1][1] == pytest.approx(max(float(vectors[7] @ v) for n, v in enumerate(vectors) if n != 7), abs=1e-2)


def test_an_index_grows_from_the_one_before(indexes: DenseIndexes) -> None:
    """What is published next has what was added, lacks what was dropped, and may be asked like any other."""
    one, *_ = indexes.build(None, (), [rows(20)])

    two, seal, count = indexes.build(one, ["p0", "p1"], [rows(5, start=20)])

    assert ids_in(indexes, two) == {f"p{number}" for number in range(2, 25)}
    assert count == 23
    assert indexes.is_whole(two, seal)


def test_growing_again_after_a_stop_gives_the_same(indexes: DenseIndexes) -> None:
    """What was added or dropped before the stop is added or dropped once more."""
    one, *_ = indexes.build(None, (), [rows(20)])
    indexes.build(one, ["p0"], [rows(2, start=20)])

    two, *_ = indexes.build(one, ["p0", "p1"], [rows(5, start=20)])

    assert ids_in(indexes, two) == {f"p{number}" for number in range(2, 25)}


def test_texts_and_details_are_there_for_other_tools(indexes: DenseIndexes) -> None:
    """What was taken out and put in again has its new details alone."""
    one, *_ = indexes.build(None, (), [rows(3)])
    two, *_ = indexes.build(one, ["p1"], [rows(1, start=1, of="A newer one")])

    with indexes.share(two) as shared:
        collection = shared.client.get_collection(shared.name, embedding_function=None)
        found = collection.get(ids=["p0", "p1"], include=["documents", "metadatas"])

    assert dict(zip(found["ids"], found["documents"], strict=True)) == {"p0": "text of p0", "p1": "text of p1"}
    titles = [details["title"] for details in found["metadatas"]]
    assert dict(zip(found["ids"], titles, strict=True)) == {"p0": "A release", "p1": "A newer one"}


def test_more_than_chroma_takes_at_once_is_taken_in_parts(indexes: DenseIndexes) -> None:
    """Batches are cut to what it takes, and ids are read page by page."""
    name, *_ = indexes.build(None, (), [rows(6_000)])

    index = indexes.open(name)
    ids = list(index.ids())
    index.close()

    assert len(ids) == len(set(ids)) == 6_000


def test_clearing_leaves_what_is_kept(indexes: DenseIndexes) -> None:
    """And an index that is gone is neither whole nor opened."""
    built = [indexes.build(None, (), [rows(3)]) for _ in range(3)]

    indexes.clear(keep={built[1][0]})

    assert [indexes.is_whole(name, seal) for name, seal, _ in built] == [False, True, False]
    with pytest.raises(IndexUnavailableError, match=r"vector index: .*Chroma cannot work with it"):
        indexes.open(built[0][0])


def test_a_folder_to_copy_that_is_gone_is_an_error(tmp_path: Path) -> None:
    """The caller builds afresh then."""
    with pytest.raises(IndexUnavailableError, match="Chroma cannot work with it"):
        ChromaFolders(tmp_path).build("one", (), [rows(5)])


def test_an_index_that_fails_in_the_middle_leaves_no_folder(tmp_path: Path) -> None:
    """As on a full disk: else every attempt would fill it further."""
    folders = ChromaFolders(tmp_path)
    one, *_ = folders.build(None, (), [rows(5)])
    torn = replace(rows(5), texts=[])

    for base in (None, one):
        with pytest.raises(IndexUnavailableError, match="Chroma cannot work with it"):
            folders.build(base, (), [rows(5, start=5), torn])

    assert [path.name for path in tmp_path.iterdir()] == [one]


def test_the_folder_before_stays_as_it_was(tmp_path: Path) -> None:
    """Its readers go on with it while the next is built from it."""
    folders = ChromaFolders(tmp_path)
    one, seal, _ = folders.build(None, (), [rows(20)])

    two, *_ = folders.build(one, ["p0", "p1"], [rows(5, start=20)])

    assert two != one
    assert ids_in(folders, one) == {f"p{number}" for number in range(20)}
    assert folders.is_whole(one, seal)


def test_nothing_that_the_process_once_held_is_written_into_free_room(tmp_path: Path) -> None:
    """Chroma makes room for a hundred rows at first, and writes it as it found it in memory."""
    folders = ChromaFolders(tmp_path)
    for number in range(20):
        freed = [b"quincunx" * size for size in range(100, 20_000, 100)]
        del freed
        name, *_ = folders.build(None, (), [rows(3, start=number)])

        room = b"".join(file.read_bytes() for file in (tmp_path / name).rglob("*.bin"))

        assert b"quincunx" not in room
        assert ids_in(folders, name) == {f"p{number + row}" for row in range(3)}


def test_a_folder_that_changed_is_not_whole(tmp_path: Path) -> None:
    """A missing, shortened or rewritten file shows, and so does a missing folder."""
    folders = ChromaFolders(tmp_path)
    name, seal, _ = folders.build(None, (), [rows(20)])
    links = next((tmp_path / name).glob("*/link_lists.bin"))
    header = next((tmp_path / name).glob("*/header.bin"))

    header.write_bytes(header.read_bytes()[::-1])
    assert not folders.is_whole(name, seal)
    links.unlink()
    assert not folders.is_whole(name, seal)
    assert not folders.is_whole("nowhere", seal)


def test_a_folder_that_is_no_index_is_an_error(tmp_path: Path) -> None:
    """Chroma makes an empty database where there is none; that is not taken for an index."""
    with pytest.raises(IndexUnavailableError, match=r"vector index: .*empty: Chroma cannot work with it"):
        ChromaFolders(tmp_path).open("empty")


def test_a_folder_closes_with_its_last_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two readers of one folder do not take it from each other, and one that is forgotten is closed."""
    folders = ChromaFolders(tmp_path)
    name, *_ = folders.build(None, (), [rows(20)])
    one, other = folders.open(name), folders.open(name)
    closed, close = [], Client.close
    monkeypatch.setattr(Client, "close", lambda client: closed.append(client) or close(client))

    del one

    assert len(closed) == 1
    assert len(set(other.ids())) == 20
    other.close()
    other.close()


def tables_of(folder: Path) -> dict[str, list[object]]:
    """What Chroma's tables hold of rows, by their ids; the order in which they came in told by none."""
    with contextlib.closing(sqlite3.connect(folder / "chroma.sqlite3")) as database:
        return {
            "details": sorted(database.execute(
                "SELECT e.embedding_id, m.key, m.string_value, m.int_value, m.float_value, m.bool_value "
                "FROM embedding_metadata AS m JOIN embeddings AS e USING (id)"
            ), key=repr),
            "texts": sorted(database.execute(
                "SELECT e.embedding_id, f.string_value "
                "FROM embedding_fulltext_search AS f JOIN embeddings AS e ON e.id = f.rowid"
            )),
        }  # fmt: skip


def test_texts_and_details_are_written_as_chroma_writes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours are faster; whatever Chroma is asked afterwards, it answers the same."""
    folders = ChromaFolders(tmp_path)
    found = []
    for is_ours in (True, False):
        monkeypatch.setattr(Details, "can_be_written", lambda _, is_ours=is_ours: is_ours)
        added = [replace(rows(20, of="L’été"), details=[{"title": "L’été", "day": day} for day in range(20)])]
        one, *_ = folders.build(None, (), added)
        name, *_ = folders.build(one, ["p1", "p19"], [rows(7, start=30)])
        with folders.share(name) as shared:
            asked = shared.client.get_collection(shared.name, embedding_function=None)
            found.append((
                tables_of(tmp_path / name),
                sorted(asked.get(where_document={"$contains": "xt of p3"})["ids"]),
                sorted(asked.get(where={"day": {"$gt": 15}})["ids"]),
                asked.get(ids=["p5"], include=["documents", "metadatas"])["documents"],
            ))  # fmt: skip

    assert found[0] == found[1]
    assert found[0][1] == ["p3", *(f"p{number}" for number in range(30, 37))]
    assert found[0][2] == ["p16", "p17", "p18"]


def test_tables_that_are_others_are_left_to_chroma(tmp_path: Path) -> None:
    """As a newer one may have them: it is slower then, and nothing is lost."""
    with contextlib.closing(sqlite3.connect(tmp_path / "chroma.sqlite3")) as database:
        database.execute("CREATE TABLE embeddings (id, segment_id, embedding_id)")
    with contextlib.closing(Details(tmp_path)) as details:
        assert not details.can_be_written()


def test_a_row_that_was_there_before_is_an_error(tmp_path: Path) -> None:
    """It would keep what was known of it; the caller builds afresh then."""
    folders = ChromaFolders(tmp_path)
    one, *_ = folders.build(None, (), [rows(20)])
    with pytest.raises(IndexUnavailableError, match="were there before"):
        folders.build(one, (), [rows(3)])
