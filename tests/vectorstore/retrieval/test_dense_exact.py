from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.fakes import a_release, keep
from vectorstore.retrieval import dense
from vectorstore.retrieval.dense import ExactIndex, as_matrix, best

if TYPE_CHECKING:
    from tests.fakes import WordEmbedder
    from vectorstore.store import PassageStore


def index_of(store: PassageStore, above: int = 0) -> ExactIndex:
    return ExactIndex(store.backends.catalogue, model=1, dimension=64, above=above)


def found(store: PassageStore, index: ExactIndex, vector: np.ndarray) -> list[str]:
    """The texts that the index finds, best first, as the catalogue's snapshot has them."""
    numbers = [number for number, _ in index.nearest(vector, 10)]
    return [passage.text for passage, _ in store.backends.catalogue.passages.by_number(numbers).values()]


def test_the_nearest_come_first_with_their_cosine(store: PassageStore, embedder: WordEmbedder) -> None:
    """A passage's own vector finds it, with a cosine of one within the precision of float16."""
    for number in range(20):
        keep(store, a_release(f"r{number}", f"Subject{number} alone."), embedder)

    hits = index_of(store).nearest(embedder.embed_question("Subject7 alone."), 3)

    assert (hits[0][0], hits[0][1]) == (8, pytest.approx(1, abs=1e-3))
    assert hits[1][1] >= hits[2][1]


def test_only_passages_above_a_number_are_held(store: PassageStore, embedder: WordEmbedder) -> None:
    """The tail behind a vector index holds what came after it."""
    for number in range(6):
        keep(store, a_release(f"r{number}", f"Subject{number} alone."), embedder)

    hits = index_of(store, above=4).nearest(embedder.embed_question("Subject1 alone."), 10)

    assert {number for number, _ in hits} == {5, 6}


def test_it_follows_what_is_written(store: PassageStore, embedder: WordEmbedder) -> None:
    """New passages come in, replaced and removed ones go, and nothing is read twice."""
    index, vector = index_of(store), embedder.embed_question("words")
    assert index.nearest(np.ones(64, dtype=np.float32), 5) == []

    keep(store, a_release("one", "Old words."), embedder)
    keep(store, a_release("two", "More words."), embedder)
    assert set(found(store, index, vector)) == {"Old words.", "More words."}
    keep(store, a_release("one", "New words."), embedder)
    store.remove("two")
    assert found(store, index, vector) == ["New words."]


def test_a_reader_in_an_older_snapshot_loses_nothing(store: PassageStore, embedder: WordEmbedder) -> None:
    """While one thread's snapshot holds the old release, another takes in the new one; each finds its own."""
    keep(store, a_release("one", "Old words."), embedder)
    keep(store, a_release("two", "Other words."), embedder)
    index, vector = index_of(store), embedder.embed_question("words")

    with ThreadPoolExecutor(1) as pool, store.backends.catalogue.snapshot():
        assert set(found(store, index, vector)) == {"Old words.", "Other words."}
        pool.submit(keep, store, a_release("one", "New words."), embedder).result()
        assert set(pool.submit(found, store, index, vector).result()) == {"New words.", "Other words."}
        assert set(found(store, index, vector)) == {"Old words.", "Other words."}
        assert set(pool.submit(found, store, index, vector).result()) == {"New words.", "Other words."}


def test_threads_find_every_live_passage_while_others_write(store: PassageStore, embedder: WordEmbedder) -> None:
    """A release that is replaced again and again, with the same text, is found at every moment."""
    keep(store, a_release("one", "Constant words."), embedder)
    index, vector = index_of(store), embedder.embed_question("Constant words.")

    def look(_: int) -> list[str]:
        with store.backends.catalogue.snapshot():
            return found(store, index, vector)

    with ThreadPoolExecutor(4) as pool:
        looks = pool.map(look, range(300))
        with store.writing():
            for _ in range(40):
                keep(store, a_release("one", "Constant words."), embedder)
        assert list(looks) == [["Constant words."]] * 300


def test_among_some_passages_the_others_are_left_out(
    store: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers that are not there are passed over, whether few are read one by one or many out of all."""
    for number in range(5):
        keep(store, a_release(f"r{number}", f"Subject{number}."), embedder)

    index, question, allowed = index_of(store), embedder.embed_question("Subject0."), np.array([2, 4, 99])

    few = index.nearest(question, 10, allowed)
    monkeypatch.setattr(dense, "_FEW", 0)
    many = index.nearest(question, 10, allowed)

    assert {number for number, _ in few} == {number for number, _ in many} == {2, 4}


def test_equal_scores_are_ordered_by_number() -> None:
    """The order does not hang on how numpy sorts, and no limit is too large or too small."""
    numbers, scores = np.array([5, 3, 9, 1]), np.array([0.5, 0.5, 0.9, 0.1], dtype=np.float32)

    assert [number for number, _ in best(numbers, scores, 3)] == [9, 3, 5]
    assert len(best(numbers, scores, 99)) == 4
    assert best(numbers, scores, 0) == []


def test_stored_vectors_are_compared_as_they_were_given() -> None:
    """Bytes of float16 become rows again."""
    rows = as_matrix([np.array(row, dtype=np.float16).tobytes() for row in ([1, 0], [0.6, 0.8])])

    assert (rows @ np.array([0, 1], dtype=np.float32)).tolist() == pytest.approx([0, 0.8], abs=1e-3)
