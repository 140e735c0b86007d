from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.fakes import WordEmbedder, a_release, keep
from tests.vectorstore.writing_process import text_of
from vectorstore.errors import ModelMismatchError
from vectorstore.synchronisation import embed_again

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from vectorstore.store import PassageStore


class OtherWordEmbedder(WordEmbedder):
    """The same name, other vectors: a model that was trained again in its folder."""

    def embed_question(self, text: str) -> NDArray[np.float32]:
        return np.roll(super().embed_question(text), 7)


def test_every_passage_is_embedded_under_its_title(store: PassageStore, embedder: WordEmbedder) -> None:
    """Progress ends at the total, and the old model stays in use until somebody publishes the new one."""
    for number in range(3):
        keep(store, a_release(f"r{number}", text_of(number), title="A title"), embedder)
    other, told = WordEmbedder("other"), []

    model, count = embed_again(store.backends.catalogue, other, lambda done, total: told.append((done, total)))

    vector = np.frombuffer(store.backends.catalogue.passages.vectors_of([1], model)[1], dtype=np.float16)
    assert (count, told[-1]) == (3, (3, 3))
    assert vector == pytest.approx(other.embed_question(f"A title\n{text_of(0)}"), abs=1e-3)
    assert store.backends.catalogue.passages.model()[1] == "words"


@pytest.mark.parametrize("exact_up_to", [0, 20_000])
def test_the_same_model_trained_again_is_believed(
    store: PassageStore, embedder: WordEmbedder, exact_up_to: int, opened: Callable[..., PassageStore]
) -> None:
    """A reader that was open before compares with the new vectors, not with those that it remembers."""
    for number in range(20):
        keep(store, a_release(f"r{number}", text_of(number)), embedder)
    other = OtherWordEmbedder()

    with opened(store.home, model="words", exact_up_to=exact_up_to) as reader:
        assert reader.search("", embedder.embed_question(text_of(3)))[0].release.id == "r3"
        assert store.rebuild(other) == 20
        hit = reader.search("", other.embed_question(text_of(3)))[0]

    assert (hit.release.id, hit.dense_rank) == ("r3", 1)


@pytest.mark.parametrize("exact_up_to", [0, 20_000])
def test_readers_find_all_until_the_model_changes(
    store: PassageStore, embedder: WordEmbedder, exact_up_to: int, opened: Callable[..., PassageStore]
) -> None:
    """While another model takes over, a reader gets right hits or the word that the model changed; nothing between."""
    with store.writing():
        for number in range(40):
            keep(store, a_release(f"r{number}", text_of(number)), embedder)

    def look(number: int) -> str:
        try:
            hits = reader.search("", embedder.embed_question(text_of(number % 40)))
        except ModelMismatchError:
            return "changed"
        return "right" if hits[0].release.id == f"r{number % 40}" and hits[0].dense_score > 0.9 else "wrong"

    with opened(store.home, model="words", exact_up_to=exact_up_to) as reader, ThreadPoolExecutor(4) as pool:
        looks = pool.map(look, range(400))
        store.rebuild(WordEmbedder("other", dimension=32))
        seen = set(looks)
        assert look(1) == "changed"
    assert seen <= {"right", "changed"}
