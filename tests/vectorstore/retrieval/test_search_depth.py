from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.fakes import a_release, keep
from vectorstore.retrieval.search import Search
from vectorstore.types import Filter

if TYPE_CHECKING:
    from tests.fakes import WordEmbedder
    from vectorstore.store import PassageStore


@pytest.fixture
def depths(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many candidates each ranking is asked for, one number for each time that it is asked."""
    asked: list[int] = []
    fused = Search.fused

    def noting(self: Search, *args: object, depth: int, **options: object) -> object:
        asked.append(depth)
        return fused(self, *args, depth=depth, **options)

    monkeypatch.setattr(Search, "fused", noting)
    return asked


def add_long(store: PassageStore, embedder: WordEmbedder, name: str, passages: int) -> None:
    keep(store, a_release(name, *(f"The harbour, part {number}." for number in range(passages))), embedder, size=20)


def releases_found(store: PassageStore, embedder: WordEmbedder, where: Filter | None = None) -> Counter[str]:
    """How many of ten hits each release has."""
    hits = store.search("harbour", embedder.embed_question("harbour"), limit=10, where=where, language="en")
    return Counter(hit.release.id for hit in hits)


def test_one_long_release_does_not_take_the_places_of_others(
    store: PassageStore, embedder: WordEmbedder, depths: list[int]
) -> None:
    """Of it three passages are found, and behind them one of each other release."""
    with store.writing():
        add_long(store, embedder, "long", 120)
        for number in range(5):
            keep(store, a_release(f"r{number}", f"Minister{number} saw a bridge, a mill and a harbour."), embedder)

    assert releases_found(store, embedder) == {"long": 3, **dict.fromkeys((f"r{number}" for number in range(5)), 1)}
    assert depths == [50, 200]


def test_nothing_is_searched_twice_for_want_of_releases(
    store: PassageStore, embedder: WordEmbedder, depths: list[int]
) -> None:
    """Two long releases have no more than three hits each, and one that is chosen has three."""
    with store.writing():
        for name in ("one", "two"):
            add_long(store, embedder, name, 40)

    assert releases_found(store, embedder) == {"one": 3, "two": 3}
    assert releases_found(store, embedder, Filter(releases=("two",))) == {"two": 3}
    assert depths == [50, 50]


def test_what_is_too_small_is_searched_once(store: PassageStore, embedder: WordEmbedder, depths: list[int]) -> None:
    """Every passage was a candidate: there are no more."""
    with store.writing():
        for name in ("one", "two"):
            add_long(store, embedder, name, 2)

    assert releases_found(store, embedder) == {"one": 2, "two": 2}
    assert depths == [50]
