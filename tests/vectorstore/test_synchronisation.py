from __future__ import annotations

import contextlib
import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.fakes import a_release, keep
from tests.vectorstore.writing_process import text_of
from vectorstore.errors import IndexUnavailableError
from vectorstore.retrieval.dense import backlog, is_whole, published
from vectorstore.synchronisation import publish

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.fakes import WordEmbedder
    from vectorstore.store import PassageStore


def name_of(store: PassageStore) -> str:
    return store.backends.catalogue.meta("index_folder")


def fail(*_: object, **__: object) -> str:
    raise IndexUnavailableError("a folder", "No space left on device")


def keep_and_stop(store: PassageStore, embedder: WordEmbedder) -> None:
    keep(store, a_release("one", text_of(1)), embedder)
    raise KeyboardInterrupt("stop")


def test_nothing_is_published_in_a_new_store(store: PassageStore) -> None:
    """No folder, no backlog, and nothing that could be opened."""
    state = published(store.backends.catalogue, store.backends.indexes)

    assert (state.name, backlog(store.backends.catalogue, store.backends.indexes)) == (None, 0)
    assert not is_whole(state, store.backends.indexes)


def test_the_next_index_is_built_aside(in_folders: PassageStore, embedder: WordEmbedder) -> None:
    """A published folder is not written to again; the one before stays for its readers, older ones go."""
    names = []
    for number in range(4):
        keep(in_folders, a_release(f"r{number}", text_of(number)), embedder)
        names.append(name_of(in_folders))

    assert len(set(names)) == 4
    assert {path.name for path in (in_folders.home / "chroma").iterdir()} == set(names[-2:])


def test_the_index_is_brought_in_step_once_for_many_writes(store: PassageStore, embedder: WordEmbedder) -> None:
    """Inside nested `writing()`, only the end of the outermost publishes."""
    with store.writing():
        for number in range(3):
            with store.writing():
                keep(store, a_release(f"r{number}", text_of(number)), embedder)
        assert (name_of(store), backlog(store.backends.catalogue, store.backends.indexes)) == (None, 3)

    assert backlog(store.backends.catalogue, store.backends.indexes) == 0
    assert store.status().consistent


def test_an_interrupted_run_leaves_the_index_for_the_next(store: PassageStore, embedder: WordEmbedder) -> None:
    """Ctrl-C does not wait for Chroma; what was written is found, and the next write brings the index in step."""
    with pytest.raises(KeyboardInterrupt, match="stop"), store.writing():
        keep_and_stop(store, embedder)

    assert backlog(store.backends.catalogue, store.backends.indexes) == 1
    assert store.search("", embedder.embed_question(text_of(1)))[0].release.id == "one"
    keep(store, a_release("two", text_of(2)), embedder)
    assert store.status().consistent


def test_a_checkpoint_publishes_once_enough_has_gathered(
    store: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of a long run, and then again once as much waits as the index holds."""
    monkeypatch.setattr("vectorstore.store._PUBLISH_AT", 2)
    waiting = []
    with store.writing():
        for number in range(9):
            keep(store, a_release(f"r{number}", text_of(number)), embedder)
            store.checkpoint()
            waiting.append(backlog(store.backends.catalogue, store.backends.indexes))

    assert waiting == [1, 0, 1, 0, 1, 2, 3, 0, 1]


def test_an_index_that_cannot_be_built_stops_no_writer(
    store: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The release is kept and found, a warning says what happened, and repair tells the cause until it succeeds."""
    with monkeypatch.context() as broken, caplog.at_level(logging.WARNING):
        broken.setattr(store.backends.indexes, "build", fail)
        keep(store, a_release("one", text_of(1)), embedder)
        with pytest.raises(IndexUnavailableError, match="No space left on device"):
            store.repair()

    assert "searches are exact until `communique status --repair`" in caplog.text
    assert store.search("", embedder.embed_question(text_of(1)))[0].release.id == "one"
    assert store.repair()
    assert store.status().consistent


@pytest.mark.parametrize("cause", [IndexUnavailableError("a folder", "No space left on device"), KeyboardInterrupt()])
def test_an_attempt_that_fails_leaves_no_copies(
    in_folders: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch, cause: BaseException
) -> None:
    """Neither of words, which had been built, nor what a process beside left; what is published stays."""

    def stop(*_: object) -> None:
        (in_folders.home / "chroma" / "left").mkdir(exist_ok=True)
        raise cause

    in_folders.backends.words.beyond = 0
    keep(in_folders, a_release("one", text_of(1)), embedder)
    catalogue = in_folders.backends.catalogue
    named = {"words": catalogue.meta("words_index"), "chroma": name_of(in_folders)}
    monkeypatch.setattr(in_folders.backends.indexes, "build", stop)

    for number in (2, 3):
        with contextlib.suppress(KeyboardInterrupt):
            keep(in_folders, a_release("one", text_of(number)), embedder)

    assert {part: [path.name for path in (in_folders.home / part).iterdir()] for part in named} == {
        part: [name] for part, name in named.items()
    }
    monkeypatch.undo()
    assert in_folders.repair()
    assert in_folders.status().consistent


def torn(database: Path) -> None:
    database.write_bytes(b"no database" * 500)


def emptied(database: Path) -> None:
    database.write_bytes(b"")


def gone(database: Path) -> None:
    database.unlink()


@pytest.mark.parametrize("damage", [torn, emptied, gone])
def test_a_base_that_is_damaged_is_not_needed(
    in_folders: PassageStore, embedder: WordEmbedder, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], None]
) -> None:
    """Chroma's database may be lost too: the next index is built from the catalogue alone, and holds all passages."""
    keep(in_folders, a_release("one", text_of(1)), embedder)
    damage(in_folders.home / "chroma" / name_of(in_folders) / "chroma.sqlite3")

    with caplog.at_level(logging.WARNING):
        keep(in_folders, a_release("two", text_of(2)), embedder)

    assert "it is built again from the catalogue" in caplog.text
    assert in_folders.status().consistent


def test_an_index_that_holds_too_few_is_not_named(in_folders: PassageStore, embedder: WordEmbedder) -> None:
    """Whoever made it, and whatever it was made from."""
    parts = in_folders.backends.catalogue, in_folders.backends.indexes, in_folders.backends.words
    keep(in_folders, a_release("one", text_of(1)), embedder)
    publish(*parts, model=1, built=lambda _: parts[1].build(None, (), ()))

    assert in_folders.status().consistent


def test_an_index_is_not_opened_to_be_counted(
    in_folders: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That would read all that was just written: whoever builds it knows how many it holds."""
    keep(in_folders, a_release("one", text_of(1)), embedder)
    with monkeypatch.context() as patched:
        patched.setattr(in_folders.backends.indexes, "open", lambda name: pytest.fail(f"{name} was opened"))
        keep(in_folders, a_release("two", text_of(2)), embedder)

    assert in_folders.status().consistent


def test_an_index_built_afresh_holds_the_same(store: PassageStore, embedder: WordEmbedder) -> None:
    """What many small steps led to, the catalogue alone gives as well."""
    for number in range(5):
        keep(store, a_release("one", text_of(number)), embedder)
    publish(store.backends.catalogue, store.backends.indexes, store.backends.words, model=1, afresh=True)

    index = store.backends.indexes.open(name_of(store))
    ids = list(index.ids())
    index.close()

    assert len(ids) == 1
    assert store.status().consistent


def documents_in(store: PassageStore) -> list[tuple[str, dict[str, object]]]:
    """Texts and details of the published index, by Chroma's own client."""
    with store.collection() as shared:
        collection = shared.client.get_collection(shared.name, embedding_function=None)
        found = collection.query(query_embeddings=[[1.0] * 64], include=["documents", "metadatas"])
    return list(zip(found["documents"][0], found["metadatas"][0], strict=True))


def test_other_tools_find_texts_with_their_releases(store: PassageStore, embedder: WordEmbedder) -> None:
    """What is not known is left out, and so is an address with a password in it."""
    release = a_release(
        "one", "Ann Lee chaired it.", title="Geneva", publisher="City", published=datetime(2024, 5, 6, 12, tzinfo=UTC)
    )
    keep(store, replace(release, url="https://example.org/one"), embedder)
    ((text, details),) = documents_in(store)

    assert text == "Ann Lee chaired it."
    assert details == {
        "release_id": "one",
        "title": "Geneva",
        "url": "https://example.org/one",
        "publisher": "City",
        "language": "en",
        "published": "2024-05-06T12:00:00+00:00",
        "published_timestamp": 1714996800,
        "start": 0,
        "end": 19,
    }

    keep(store, replace(release, url="https://ann:hush@example.org/one", published=None, publisher=None), embedder)
    ((_, details),) = documents_in(store)

    assert set(details) == {"release_id", "title", "language", "start", "end"}


@pytest.mark.parametrize("mend", ["repair", "ingest", "rebuild"])
def test_an_index_without_texts_is_built_again(
    store: PassageStore, embedder: WordEmbedder, mend: str, caplog: pytest.LogCaptureFixture
) -> None:
    """One that an older version wrote is searched until the next repair or ingestion, be it one that brings nothing."""
    keep(store, a_release("one", text_of(1)), embedder)
    with store.backends.catalogue.transaction() as connection:
        connection.execute("DELETE FROM meta WHERE key = 'index_version'")
    before = name_of(store)

    assert store.status().consistent
    with caplog.at_level(logging.WARNING):
        if mend == "repair":
            assert store.repair()
        elif mend == "rebuild":
            store.rebuild(embedder)
        else:
            with store.writing():
                pass

    assert name_of(store) != before
    assert [text for text, _ in documents_in(store)] == [text_of(1)]
    assert not store.repair()
    assert not caplog.records


def test_nothing_is_shared_before_something_is_published(store: PassageStore) -> None:
    """The error says what to do."""
    with pytest.raises(IndexUnavailableError, match="nothing is published there yet; run `communique ingest`"):
        store.collection()


def test_a_passage_that_goes_and_comes_again_stays_in_the_index(store: PassageStore, embedder: WordEmbedder) -> None:
    """Dropped and added within one run under the same id: it is taken out first and put in afterwards."""
    keep(store, a_release("one", text_of(1)), embedder)
    with store.writing():
        keep(store, a_release("one", text_of(2)), embedder)
        keep(store, a_release("one", text_of(1)), embedder)

    assert store.status().consistent
    assert store.status().passages == 1
