from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.fakes import a_release, keep
from vectorstore import lexical
from vectorstore.passage import Filter

if TYPE_CHECKING:
    from tests.fakes import WordEmbedder
    from vectorstore.store import PassageStore


def found(store: PassageStore, question: str, where: Filter | None = None, limit: int = 10) -> list[str]:
    """The texts that a question's words find, best first."""
    details = store._catalogue.passages(numbers(store, question, where, limit))
    return [passage.text for passage, _ in details.values()]


def numbers(store: PassageStore, question: str, where: Filter | None = None, limit: int = 10) -> list[int]:
    """The numbers of the passages that a question's words find, best first."""
    connection = store._catalogue.connection
    allowed = store._catalogue.matching(where) if where else None
    match = lexical.expression(connection, question, "en")
    return [number for number, _ in lexical.scored(connection, match, allowed=allowed, limit=limit).ranked]


def test_the_rarer_word_decides(store: PassageStore, embedder: WordEmbedder) -> None:
    """A word that few passages have weighs more than one that many have."""
    for number in range(8):
        keep(store, a_release(f"r{number}", f"The budget of year{number}."), embedder)
    keep(store, a_release("rare", "A submarine."), embedder)

    assert found(store, "budget submarine")[0] == "A submarine."


@pytest.mark.parametrize("question", ["harbour", "17 October 2024", "octobre"])
def test_title_and_date_are_words_of_every_passage(store: PassageStore, embedder: WordEmbedder, question: str) -> None:
    """A passage is found by its release's headline and by its date in either language."""
    day = datetime(2024, 10, 17, tzinfo=UTC)
    keep(store, a_release("one", "Ships came.", title="The harbour", published=day), embedder)
    keep(store, a_release("two", "Trains came.", title="The station"), embedder)

    assert found(store, question) == ["Ships came."]


def test_what_neighbours_say_counts(store: PassageStore, embedder: WordEmbedder) -> None:
    """Of two like passages, the one whose release speaks of the other word too comes first."""
    keep(store, a_release("alone", "Ships came. " * 9, "Nothing else happened here at all. " * 5), embedder)
    keep(
        store, a_release("together", "Ships came. " * 9, "All were submarines and nothing else at all. " * 5), embedder
    )

    ships = [text for text in found(store, "ships submarines") if text.startswith("Ships")]
    first = numbers(store, "ships submarines")[0]

    assert len(ships) == 2
    assert store._catalogue.passages([first])[first][1].id == "together"


def test_a_filter_and_a_limit_hold(store: PassageStore, embedder: WordEmbedder) -> None:
    """Only releases that the filter lets through are listed, and not more than asked for."""
    for number in range(10):
        keep(store, a_release(f"r{number}", f"Budget {number}.", language="fr" if number % 2 else "en"), embedder)

    assert sorted(found(store, "budget", Filter(languages=("fr",)))) == [f"Budget {n}." for n in (1, 3, 5, 7, 9)]
    assert len(found(store, "budget", limit=4)) == 4


def test_others_are_scored_as_if_they_were_ranked(store: PassageStore, embedder: WordEmbedder) -> None:
    """A passage asked for by number has the score that it has in the ranking; one without a shared word has none."""
    for number in range(10):
        keep(store, a_release(f"r{number}", "Budget. " * (number + 1)), embedder)
    keep(store, a_release("none", "Harbour."), embedder)
    connection = store._catalogue.connection
    match = lexical.expression(connection, "budget", "en")

    every = dict(lexical.scored(connection, match, limit=20).ranked)
    few = lexical.scored(connection, match, limit=2, also=[1, 5, 11])

    assert len(few.ranked) == 2
    assert few.others == {1: every[1], 5: every[5]}


def test_dropped_passages_leave_the_full_text(store: PassageStore, embedder: WordEmbedder) -> None:
    """A replaced release is found by its new words only, as a whole too."""
    keep(store, a_release("one", "Old harbour."), embedder)
    keep(store, a_release("one", "New station."), embedder)

    count = "SELECT count(*) FROM release_words WHERE release_words MATCH 'harbour'"

    assert found(store, "harbour") == []
    assert store._catalogue.connection.execute(count).fetchone() == (0,)
    assert found(store, "station") == ["New station."]


def test_a_release_is_found_by_text_outside_its_passages(store: PassageStore, embedder: WordEmbedder) -> None:
    """Where the passages leave something out, the words of the whole are read from its text."""
    release = a_release("one", "Ships came.", "Submarines left.")
    first = keep(store, release, embedder, size=11)[:1]
    store.replace(release, first, embedder.embed_passages([first[0].text]))

    count = "SELECT count(*) FROM release_words WHERE release_words MATCH 'submarin'"

    assert first[0].text == "Ships came."
    assert store._catalogue.connection.execute(count).fetchone() == (1,)


def test_a_question_without_words_finds_nothing(store: PassageStore, embedder: WordEmbedder) -> None:
    """Signs alone are no error."""
    keep(store, a_release("one", "Some words."), embedder)

    assert found(store, "?!") == []
    assert lexical.scored(store._catalogue.connection, "", limit=5, also=[1]).others == {}


def test_a_misspelt_word_is_looked_for_as_it_was_meant(store: PassageStore, embedder: WordEmbedder) -> None:
    """What no text holds is asked for under the nearest word that one does, and as it was typed."""
    keep(store, a_release("one", "The harbour opened."), embedder)

    expression = lexical.expression(store._catalogue.connection, "harbuor", "en")

    assert expression.split(" OR ") == ['"harbuor"', '"harbor"']
    assert found(store, "harbuor") == ["The harbour opened."]
    assert lexical.expression(store._catalogue.connection, "?!", "en") == ""


def test_common_words_are_scored_where_rarer_ones_choose(
    store: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same passages with the same scores, best first; where the rarer words bring too few, all words choose."""
    for number in range(60):
        words = "Budget harbour." if number % 20 == 0 else "Budget for the year. " * (number % 3 + 1)
        keep(store, a_release(f"r{number}", words, language="fr" if number % 2 else "en"), embedder)
    every = {name: found(store, "budget harbour", where, 3) for name, where in FILTERS.items()}
    scores = scored(store, limit=3)

    monkeypatch.setattr(lexical, "_MANY", 10)
    monkeypatch.setattr(lexical, "_RARE", 5)
    monkeypatch.setattr(lexical, "_DEEPER", 1)

    assert {name: found(store, "budget harbour", where, 3) for name, where in FILTERS.items()} == every
    assert scored(store, limit=3) == scores
    assert len(found(store, "budget harbour", limit=30)) == 30
    monkeypatch.setattr(lexical, "_FEW", 5)
    assert {name: found(store, "budget harbour", where, 3) for name, where in FILTERS.items()} == every


FILTERS = {"all": None, "french": Filter(languages=("fr",)), "english": Filter(languages=("en",))}


def scored(store: PassageStore, limit: int) -> lexical.Scored:
    connection = store._catalogue.connection
    match = lexical.expression(connection, "budget harbour", "en")
    return lexical.scored(connection, match, limit=limit, also=[2, 3])
