from __future__ import annotations

import logging
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes import WordEmbedder, a_release, keep
from tests.vectorstore.writing_process import text_of
from vectorstore.indexes import DenseIndex
from vectorstore.store import PassageStore
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

ROOT = Path(__file__).parents[3]


@pytest.fixture
def asking_chroma(
    tmp_path: Path, embedder: WordEmbedder, opened: Callable[..., PassageStore]
) -> Iterator[PassageStore]:
    """A store of sixty releases in which Chroma finds the nearest, however few they are."""
    with opened(tmp_path / "home", model=embedder.name, exact_up_to=0) as store:
        with store.writing():
            for number in range(60):
                keep(store, a_release(f"r{number}", text_of(number), language="fr" if number % 2 else "en"), embedder)
        yield store


def nearest(store: PassageStore, text: str, where: Filter | None = None, limit: int = 5) -> list[str]:
    """The releases that the vector alone finds."""
    hits = store.search("", WordEmbedder().embed_question(text), where=where, limit=limit)
    return [hit.release.id for hit in hits]


def without_index(store: PassageStore) -> None:
    """Take the published index away."""
    store.backends.indexes.clear(keep=set())


def test_chroma_and_exact_search_agree(asking_chroma: PassageStore, opened: Callable[..., PassageStore]) -> None:
    """Both ways give the same hits in the same order, with the same cosines as far as 16 bits hold a vector."""
    with opened(asking_chroma.home, model="words") as exact:
        for number in range(0, 60, 7):
            vector = WordEmbedder().embed_question(text_of(number))
            one, other = (store.search("", vector, limit=3) for store in (asking_chroma, exact))
            assert [hit.passage.id for hit in one] == [hit.passage.id for hit in other]
            assert one[0].dense_score == pytest.approx(other[0].dense_score, abs=1e-3)


def test_chroma_is_asked_only_above_the_bound(
    asking_chroma: PassageStore, opened: Callable[..., PassageStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to `exact_up_to` passages the index is not even opened."""
    asked = []
    indexes = asking_chroma.backends.indexes
    open_index = type(indexes).open
    monkeypatch.setattr(type(indexes), "open", lambda self, name: asked.append(name) or open_index(self, name))
    with opened(asking_chroma.home, model="words", exact_up_to=60) as small:
        assert nearest(small, text_of(3))[0] == "r3"
    assert asked == []

    assert nearest(asking_chroma, text_of(3))[0] == "r3"
    assert len(asked) == 1


def test_what_chroma_does_not_hold_yet_is_found(asking_chroma: PassageStore, embedder: WordEmbedder) -> None:
    """Inside a long run, new releases are found before the index takes them in, and replaced ones no longer."""
    with asking_chroma.writing():
        keep(asking_chroma, a_release("r7", "Quite another story."), embedder)
        keep(asking_chroma, a_release("late", text_of(99)), embedder)

        assert nearest(asking_chroma, text_of(99))[0] == "late"
        assert nearest(asking_chroma, "Quite another story.")[0] == "r7"
        assert "r7" not in nearest(asking_chroma, text_of(7))


def test_a_passage_that_came_again_has_its_new_vector(asking_chroma: PassageStore, embedder: WordEmbedder) -> None:
    """The same text may be embedded again, under another title; Chroma's old vector of it must not speak any more."""
    [(passage, release)] = asking_chroma.backends.catalogue.passages.by_number([8]).values()
    with asking_chroma.writing():
        asking_chroma.replace(release, [passage], embedder.embed_passages([text_of(77)]))

        assert nearest(asking_chroma, text_of(7))[0] != "r7"
        assert nearest(asking_chroma, text_of(77))[0] == "r7"


def test_chroma_searches_while_the_caller_does_something_else(
    asking_chroma: PassageStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What begins a search does not wait for it; what is begun when all threads are taken is searched by the caller."""
    assert nearest(asking_chroma, text_of(3))[0] == "r3"
    search, by = asking_chroma._search.nearest, list[str]()
    index, asked, free = search._index, threading.Event(), threading.Event()

    def slowly(vector: NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
        by.append(threading.current_thread().name)
        asked.set()
        assert free.wait(60)
        return DenseIndex.nearest(index, vector, limit)

    monkeypatch.setattr(index, "nearest", slowly)
    with asking_chroma.backends.catalogue.snapshot():
        begun = [search.begin(WordEmbedder().embed_question(text_of(n)), 1, None) for n in range(12)]
        assert asked.wait(60)
        free.set()
        found = [look() for look in reversed(begun)]

    numbers = [number for [(number, _)] in reversed(found)]
    releases = [one.id for _, one in asking_chroma.backends.catalogue.passages.by_number(numbers).values()]
    assert releases == [f"r{n}" for n in range(12)]
    assert by[0] != threading.main_thread().name


def test_filters_hold_beside_chroma(asking_chroma: PassageStore) -> None:
    """Few passages are compared one by one; the filter lets no other through."""
    assert nearest(asking_chroma, text_of(8), Filter(languages=("en",)))[0] == "r8"
    assert "r8" not in nearest(asking_chroma, text_of(8), Filter(languages=("fr",)), limit=60)
    assert nearest(asking_chroma, text_of(8), Filter(languages=("de",))) == []


def test_a_lost_index_does_not_stop_search(asking_chroma: PassageStore, opened: Callable[..., PassageStore]) -> None:
    """A reader that comes to an empty place searches exactly."""
    without_index(asking_chroma)

    with opened(asking_chroma.home, model="words", exact_up_to=0) as reader:
        assert nearest(reader, text_of(9))[0] == "r9"
        assert not reader.status().consistent


def test_an_index_whose_database_is_damaged_is_told(
    in_folders: PassageStore, embedder: WordEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    """The HNSW files are whole but Chroma cannot open the folder: a warning, and exact hits."""
    keep(in_folders, a_release("r9", text_of(9)), embedder)
    name = in_folders.backends.catalogue.meta("index_folder")
    (in_folders.home / "chroma" / name / "chroma.sqlite3").write_bytes(b"no database" * 500)

    with (
        caplog.at_level(logging.WARNING),
        PassageStore(in_folders.home, model="words", exact_up_to=0) as reader,
    ):
        assert nearest(reader, text_of(9))[0] == "r9"
    assert "searching exactly instead" in caplog.text


@pytest.mark.parametrize("exact_up_to", [0, 20_000])
def test_threads_find_all_while_the_index_is_published_again(
    asking_chroma: PassageStore, embedder: WordEmbedder, exact_up_to: int, opened: Callable[..., PassageStore]
) -> None:
    """Readers in threads, in this store and in another on the same folder, lose nothing and meet no error."""

    def look(number: int) -> bool:
        return nearest((asking_chroma, other)[number % 2], text_of(number % 60))[0] == f"r{number % 60}"

    with opened(asking_chroma.home, model="words", exact_up_to=exact_up_to) as other:
        with ThreadPoolExecutor(4) as pool:
            looks = pool.map(look, range(240))
            for number in range(6):
                keep(asking_chroma, a_release(f"more{number}", text_of(1000 + number)), embedder)
            assert all(looks)
        assert nearest(other, text_of(1005))[0] == "more5"


def test_the_first_question_of_a_process_does_not_wait_for_chroma(
    in_folders: PassageStore, embedder: WordEmbedder
) -> None:
    """To import chromadb takes a second; a store that is searched exactly does without."""
    keep(in_folders, a_release("one", "Some words."), embedder)
    code = (
        "import sys; from pathlib import Path; from tests.fakes import WordEmbedder as W;"
        "from vectorstore.store import PassageStore as S; s = S(Path(sys.argv[1]), model='words');"
        "print(s.search('words', W().embed_question('words'))[0].release.id, 'chromadb' in sys.modules); s.close()"
    )

    run = subprocess.run(
        [sys.executable, "-c", code, str(in_folders.home)], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert run.stdout.split() == ["one", "False"]
