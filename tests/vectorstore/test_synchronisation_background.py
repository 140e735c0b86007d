"""An index that a process beside the writer builds while the catalogue is filled."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import a_release, keep
from tests.vectorstore.writing_process import text_of
from vectorstore import synchronisation
from vectorstore.indexes import Built, ChromaFolders
from vectorstore.retrieval.dense import published
from vectorstore.synchronisation import build_in_background, rows_above

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.fakes import WordEmbedder
    from vectorstore.store import PassageStore


@pytest.fixture(autouse=True)
def _from_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vectorstore.store._BUILD_AT", 1)


def folders_of(store: PassageStore) -> ChromaFolders:
    assert isinstance(store.backends.indexes, ChromaFolders)
    return store.backends.indexes


def must_not_build(*_: object) -> Built:
    pytest.fail("the index was built by the process that writes")


def write(store: PassageStore, embedder: WordEmbedder, meanwhile: Callable[[], object] = lambda: None) -> None:
    """A run of a few releases over one that is there: one is replaced twice, one is taken out and comes again."""
    with store.writing():
        for number in range(4):
            keep(store, a_release(f"r{number}", text_of(number)), embedder)
            store.checkpoint()
        meanwhile()
        keep(store, a_release("r1", text_of(11), text_of(12)), embedder)
        keep(store, a_release("r1", text_of(13)), embedder)
        keep(store, a_release("old", text_of(14)), embedder)


def test_the_index_of_a_run_is_built_beside_it(
    in_folders: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the published index on, with what was replaced meanwhile, and nothing that is gone; not by the writer."""
    keep(in_folders, a_release("old", text_of(20), text_of(21)), embedder)
    before = published(in_folders.backends.catalogue, in_folders.backends.indexes)
    monkeypatch.setattr(in_folders.backends.indexes, "build", must_not_build)

    write(in_folders, embedder)

    after = published(in_folders.backends.catalogue, in_folders.backends.indexes)
    assert after.name != before.name
    assert in_folders.status().consistent
    assert {path.name for path in (in_folders.home / "chroma").iterdir()} == {before.name, after.name}


def test_a_process_that_was_killed_is_done_without(
    in_folders: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer builds the index itself, and what the other has begun goes with the next index."""
    started: list[synchronisation.BackgroundBuild] = []

    def start(*arguments: object) -> synchronisation.BackgroundBuild | None:
        build = build_in_background(*arguments)  # type: ignore[arg-type]
        started.extend([build] if build and build not in started else [])
        return build

    monkeypatch.setattr("vectorstore.store.build_in_background", start)

    write(in_folders, embedder, lambda: os.kill(started[0].pid, signal.SIGKILL))

    assert len(started) == 1
    assert in_folders.status().consistent
    name = published(in_folders.backends.catalogue, in_folders.backends.indexes).name
    assert {path.name for path in (in_folders.home / "chroma").iterdir()} == {name}


def test_what_is_taken_down_meanwhile_leaves_no_trace(
    in_folders: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index that was built with it is not published, though it is whole."""
    catalogue, folders = in_folders.backends.catalogue, folders_of(in_folders)
    gone, base = text_of(2).encode(), published(catalogue, folders)
    with in_folders.writing():
        for number in range(3):
            keep(in_folders, a_release(f"r{number}", text_of(number)), embedder)
        build = synchronisation.BackgroundBuild(catalogue, folders, model=1, base=base)
        build.finish()
        built = build.result(1, base)
        assert built is not None
        inside = [path for path in (in_folders.home / "chroma" / built[0]).rglob("*") if path.is_file()]
        assert any(gone in path.read_bytes() for path in inside)
        monkeypatch.setattr(synchronisation.BackgroundBuild, "result", lambda *_: built)
        in_folders.checkpoint()
        in_folders.remove("r2")
        in_folders.checkpoint()

    assert in_folders.status().consistent
    files = [path for path in in_folders.home.rglob("*") if path.is_file()]
    assert not any(gone in path.read_bytes() for path in files)


def test_one_that_has_ended_is_begun_anew(in_folders: PassageStore, embedder: WordEmbedder) -> None:
    """As where it was killed in the middle of a long run, or where another store has published since."""
    keep(in_folders, a_release("old", text_of(20)), embedder)
    catalogue, indexes = in_folders.backends.catalogue, in_folders.backends.indexes
    first = build_in_background(catalogue, indexes)
    assert first is not None
    assert build_in_background(catalogue, indexes, first) is first
    first.close()

    second = build_in_background(catalogue, indexes, first)
    assert second not in {None, first}
    keep(in_folders, a_release("new", text_of(21)), embedder)
    third = build_in_background(catalogue, indexes, second)

    assert third not in {None, second}
    assert third is not None
    third.close()


def test_one_that_fails_says_nothing_by_itself(
    in_folders: PassageStore, embedder: WordEmbedder, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whoever wanted the index builds it, and tells what is wrong."""
    keep(in_folders, a_release("old", text_of(20)), embedder)
    catalogue, indexes = in_folders.backends.catalogue, folders_of(in_folders)
    base = published(catalogue, indexes)
    build = synchronisation.BackgroundBuild(catalogue, indexes, model=1, base=replace(base, name="nowhere"))
    build.finish()

    assert build.result(1, replace(base, name="nowhere")) is None
    assert capfd.readouterr().err == ""


def test_closing_leaves_no_process(in_folders: PassageStore, embedder: WordEmbedder) -> None:
    """As where a run is interrupted; the next brings the index in step."""
    keep(in_folders, a_release("one", text_of(1)), embedder)
    build = build_in_background(in_folders.backends.catalogue, in_folders.backends.indexes)
    assert build is not None

    build.close()

    with pytest.raises(ProcessLookupError):
        os.kill(build.pid, 0)
    keep(in_folders, a_release("two", text_of(2)), embedder)
    assert in_folders.status().consistent


def test_batches_are_taken_in_as_they_come(
    in_folders: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A passage that was taken in and then replaced under the same id is there once, as it is now."""
    monkeypatch.setattr(synchronisation, "_AT_ONCE", 1)
    monkeypatch.setattr(synchronisation, "_PAUSE", 0.01)
    catalogue, folders = in_folders.backends.catalogue, folders_of(in_folders)
    finishing, taken, built = threading.Event(), threading.Semaphore(0), list[Built]()

    def told(*arguments: object, **more: object) -> Iterator[object]:
        yield from rows_above(*arguments, **more)  # type: ignore[arg-type]
        taken.release()

    monkeypatch.setattr(synchronisation, "rows_above", told)
    base = published(catalogue, folders)
    with in_folders.holding():
        keep(in_folders, a_release("one", text_of(1)), embedder)
        following = threading.Thread(
            target=lambda: built.append(
                synchronisation.build(catalogue, folders, model=1, base=base, finishing=finishing)
            )
        )
        following.start()
        assert taken.acquire(timeout=20)
        keep(in_folders, a_release("one", text_of(2)), embedder)
        keep(in_folders, a_release("two", text_of(3)), embedder)
        assert taken.acquire(timeout=20)
        finishing.set()
        following.join(20)

    (result,) = built
    name, seal, count = result
    assert folders.is_whole(name, seal)
    assert count == 2
    index = folders.open(name)
    assert [score for _, score in index.nearest(embedder.embed_question(text_of(2)), 1)] == pytest.approx([1], abs=0.01)
    assert len(list(index.ids())) == 2
