from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes import a_release, keep
from tests.vectorstore.retrieval.asking import found, scored
from vectorstore.retrieval import full_text
from vectorstore.store import PassageStore
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fakes import WordEmbedder

FILTERS = {"all": None, "french": Filter(languages=("fr",)), "english": Filter(languages=("en",))}


@pytest.fixture
def store(tmp_path: Path, embedder: WordEmbedder) -> Iterator[PassageStore]:
    """A store that is small enough to be searched in SQLite alone."""
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        yield store


def test_dropped_passages_leave_the_full_text(store: PassageStore, embedder: WordEmbedder) -> None:
    """A replaced release is found by its new words only, as a whole too."""
    keep(store, a_release("one", "Old harbour."), embedder)
    keep(store, a_release("one", "New station."), embedder)

    count = "SELECT count(*) FROM release_words WHERE release_words MATCH 'harbour'"

    assert store.backends.catalogue.connection.execute(count).fetchone() == (0,)
    assert found(store, "station") == ["New station."]


def test_a_release_is_found_by_text_outside_its_passages(store: PassageStore, embedder: WordEmbedder) -> None:
    """Where the passages leave something out, the words of the whole are read from its text."""
    release = a_release("one", "Ships came.", "Submarines left.")
    first = keep(store, release, embedder, size=11)[:1]
    store.replace(release, first, embedder.embed_passages([first[0].text]))

    count = "SELECT count(*) FROM release_words WHERE release_words MATCH 'submarin'"

    assert first[0].text == "Ships came."
    assert store.backends.catalogue.connection.execute(count).fetchone() == (1,)


def test_a_misspelt_word_is_looked_for_as_typed_and_as_meant(
    store: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no text holds is asked for under the nearest word that one does, and as it was typed."""
    asked = []
    monkeypatch.setattr(full_text, "scored", lambda _, forms, **__: asked.append(forms))
    keep(store, a_release("one", "The harbour opened."), embedder)

    scored(store, "harbuor")
    scored(store, "?!")

    assert asked == [["harbuor", "harbor"], []]


def test_passages_above_a_number_alone_are_looked_at(store: PassageStore, embedder: WordEmbedder) -> None:
    """What an index of words holds already is not ranked again."""
    for number in range(4):
        keep(store, a_release(f"r{number}", f"Budget {number}."), embedder)

    ranked = full_text.scored(store.backends.catalogue.connection, ["budget"], limit=9, above=2).ranked

    assert sorted(number for number, _ in ranked) == [3, 4]


def test_common_words_are_scored_where_rarer_ones_choose(
    store: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same passages with the same scores, best first; where the rarer words bring too few, all words choose."""
    for number in range(60):
        words = "Budget harbour." if number % 20 == 0 else "Budget for the year. " * (number % 3 + 1)
        keep(store, a_release(f"r{number}", words, language="fr" if number % 2 else "en"), embedder)
    every = {name: found(store, "budget harbour", where, 3) for name, where in FILTERS.items()}
    scores = scored(store, "budget harbour", limit=3, also=[2, 3])

    monkeypatch.setattr(full_text, "_MANY", 10)
    monkeypatch.setattr(full_text, "_RARE", 5)
    monkeypatch.setattr(full_text, "DEEPER", 1)

    assert {name: found(store, "budget harbour", where, 3) for name, where in FILTERS.items()} == every
    assert scored(store, "budget harbour", limit=3, also=[2, 3]) == scores
    assert len(found(store, "budget harbour", limit=30)) == 30
    monkeypatch.setattr(full_text, "_FEW", 5)
    assert {name: found(store, "budget harbour", where, 3) for name, where in FILTERS.items()} == every
