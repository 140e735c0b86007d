from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.fakes import WordEmbedder, a_release, keep
from tests.vectorstore.retrieval.asking import found, scored
from vectorstore.retrieval import postgres_text
from vectorstore.store import PassageStore
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgres_server import Server

FILTERS = {"all": None, "french": Filter(languages=("fr",)), "english": Filter(languages=("en",))}
TEXTS = (
    ("The harbour opened. Ships came from Norway, and ships left for Norway.", "The budget of the harbour."),
    ("Budget budget budget 20.9 million. " * 30, "Nothing of it is known."),
    ("L’OTAN réaffirme son soutien à l’Ukraine.", "Les Alliés élus se réunissent."),
    ("The station, and the defence of the harbour in 2024.",),
)
QUESTIONS = ("harbour budget", "ships to Norway", "budget 20.9", "October 2024", "allies elus ukraine", "harbuor")


@pytest.fixture
def store(tmp_path: Path, postgres: Server) -> Iterator[PassageStore]:
    with PassageStore(tmp_path / "home", model=WordEmbedder().name, catalogue=postgres.new_store()) as store:
        yield store


def test_scores_are_those_of_sqlite(store: PassageStore, in_folders: PassageStore, embedder: WordEmbedder) -> None:
    """The same words, weights and lengths give the same BM25, after replacements and removals too."""
    day = datetime(2024, 10, 17, tzinfo=UTC)
    for one in (store, in_folders):
        with one.writing():
            for number, texts in enumerate(TEXTS * 2):
                keep(one, a_release(f"r{number}", *texts, title=f"Budget {number}", published=day), embedder)
            keep(one, a_release("r1", "A short one on the harbour."), embedder)
            one.remove("r0")

    numbers = store.backends.catalogue.passages.all_numbers()
    assert numbers == in_folders.backends.catalogue.passages.all_numbers()
    for question in QUESTIONS:
        here, there = (scored(one, question, limit=50, also=numbers) for one in (store, in_folders))
        assert [number for number, _ in here.ranked] == [number for number, _ in there.ranked]
        assert here.others == pytest.approx(there.others)
        assert here.others


def test_common_words_are_scored_where_rarer_ones_choose(
    store: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same passages with the same scores, best first; where the rarer words bring too few, all words choose."""
    with store.writing():
        for number in range(60):
            words = "Budget harbour." if number % 20 == 0 else "Budget for the year. " * (number % 3 + 1)
            keep(store, a_release(f"r{number}", words, language="fr" if number % 2 else "en"), embedder)
    every = {name: found(store, "budget harbour", where, 3) for name, where in FILTERS.items()}
    scores = scored(store, "budget harbour", limit=3, also=[2, 3])

    monkeypatch.setattr(postgres_text, "_LOOKS", 10)
    monkeypatch.setattr(postgres_text, "DEEPER", 1)

    assert {name: found(store, "budget harbour", where, 3) for name, where in FILTERS.items()} == every
    assert scored(store, "budget harbour", limit=3, also=[2, 3]) == scores
    assert len(found(store, "budget harbour", limit=30)) == 30


def test_a_text_of_very_many_words_is_kept(store: PassageStore, embedder: WordEmbedder) -> None:
    """A tsvector holds a megabyte: a word that comes often is counted less high before one is left out."""
    words = " ".join(f"word{number}" for number in range(40_000))
    keep(store, a_release("long", f"{words}. ", "Harbour. " * 3_000), embedder, size=600)

    assert found(store, "word39999")
    assert found(store, "harbour", limit=1)[0].startswith("Harbour.")


def test_every_position_is_read_back(store: PassageStore) -> None:
    """What `ts_rank` makes of so many positions is turned into their count without an error."""
    read = f"round({postgres_text.RANK_SCALE!r} / (1.0 - ts_rank(CAST(? AS tsvector), 'a')) - 0.5)"
    for count in range(1, postgres_text.MOST_POSITIONS + 1):
        vector = f"a:{postgres_text.positions(count)}"
        assert store.backends.catalogue.connection.execute(f"SELECT {read}", (vector,)).fetchone() == (count,)
