from __future__ import annotations

import logging
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.fakes import a_release, keep
from tests.vectorstore.retrieval.asking import found, numbers, scored
from vectorstore.errors import LexicalIndexError
from vectorstore.indexes.tantivy import InvertedIndexes
from vectorstore.retrieval import lexical
from vectorstore.types import Filter, Scope

if TYPE_CHECKING:
    from tests.fakes import WordEmbedder
    from vectorstore.store import PassageStore

FRENCH = Filter(languages=("fr",))


@pytest.fixture
def store(by_each_engine: PassageStore) -> PassageStore:
    """Looked through in SQLite, in tantivy and in PostgreSQL."""
    return by_each_engine


def budgets(store: PassageStore, embedder: WordEmbedder, count: int) -> None:
    """Releases that speak of a budget, every other one in French."""
    with store.writing():
        for number in range(count):
            keep(store, a_release(f"r{number}", f"Budget {number}.", language="fr" if number % 2 else "en"), embedder)


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
    assert store.backends.catalogue.passages.by_number([first])[first][1].id == "together"


def test_a_filter_and_a_limit_hold(store: PassageStore, embedder: WordEmbedder) -> None:
    """Only releases that the filter lets through are listed, and not more than asked for."""
    budgets(store, embedder, 10)

    assert sorted(found(store, "budget", FRENCH)) == [f"Budget {n}." for n in (1, 3, 5, 7, 9)]
    assert len(found(store, "budget", FRENCH, limit=2)) == 2
    assert len(found(store, "budget", limit=4)) == 4
    assert found(store, "budget", Filter(publishers=("nobody",))) == []


@pytest.mark.parametrize("deepest", [0, 5, 4_000])
def test_a_scope_of_sources_holds_however_deep_the_index_is_read(
    store: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch, deepest: int
) -> None:
    """Tantivy knows no sources: what it gives is held against the catalogue; SQLite makes up for the rest."""
    monkeypatch.setattr("vectorstore.retrieval.lexical._DEEPEST", deepest)
    budgets(store, embedder, 40)
    with store.writing():
        for number in (7, 8, 39):
            keep(store, replace(a_release(f"r{number}", f"A budget, {number}.", "Else."), source="in/r.txt"), embedder)
    where = Filter(scopes=(Scope(sources=("in",)),))
    alike = {"A budget, 7.", "A budget, 8.", "A budget, 39."}

    assert {text.split("\n")[0] for text in found(store, "budget", where)} == alike
    assert len(found(store, "budget", where, limit=2)) == 2
    assert found(store, "budget", replace(where, languages=("fr",))) == []
    assert found(store, "budget", Filter(scopes=(Scope(publishers=("nobody",)),))) == []


def test_others_are_scored_as_if_they_were_ranked(store: PassageStore, embedder: WordEmbedder) -> None:
    """A passage asked for by number has the score that it has in the ranking; one without a shared word has none."""
    for number in range(10):
        keep(store, a_release(f"r{number}", "Budget. " * (number + 1)), embedder)
    keep(store, a_release("none", "Harbour."), embedder)

    every = dict(scored(store, "budget", limit=20).ranked)
    few = scored(store, "budget", limit=2, also=[1, 5, 11])

    assert len(few.ranked) == 2
    assert few.others == {1: every[1], 5: every[5]}


def test_a_replaced_release_is_found_by_its_new_words_only(store: PassageStore, embedder: WordEmbedder) -> None:
    """What it said before is gone, whichever engine held it."""
    keep(store, a_release("one", "Old harbour."), embedder)
    keep(store, a_release("one", "New station."), embedder)

    assert found(store, "harbour") == []
    assert found(store, "station") == ["New station."]


def test_a_question_without_words_finds_nothing(store: PassageStore, embedder: WordEmbedder) -> None:
    """Signs alone are no error."""
    keep(store, a_release("one", "Some words."), embedder)

    assert found(store, "?!") == []
    assert scored(store, "?!", also=[1]).others == {}


def test_a_misspelt_word_finds_what_was_meant(store: PassageStore, embedder: WordEmbedder) -> None:
    """A word that no text holds is looked for under the nearest that one does."""
    keep(store, a_release("one", "The harbour opened."), embedder)

    assert found(store, "harbuor") == ["The harbour opened."]


def test_a_large_store_is_searched_in_tantivy(
    large: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite is not asked for what the index of words holds."""
    budgets(large, embedder, 4)
    monkeypatch.setattr("vectorstore.retrieval.full_text.scored", pytest.fail)

    assert len(found(large, "budget")) == 4


def test_a_misspelt_word_is_looked_up_in_tantivy_once_it_holds_all(
    large: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To read all words along takes SQLite fifteen times as long; what the index does not hold yet only it knows."""
    asked: list[str] = []
    by_sqlite = lexical._beginning
    monkeypatch.setattr(lexical, "_beginning", lambda *given: (asked.append(given[1]), by_sqlite(*given))[1])
    keep(large, a_release("one", "The harbour opened."), embedder)

    assert found(large, "harbuor") == ["The harbour opened."]
    assert asked == []
    with large.writing():
        keep(large, a_release("two", "The ministry closed."), embedder)
        assert found(large, "minstry") == ["The ministry closed."]
    assert asked == ["m"]


def test_what_came_and_went_since_the_index_was_built_counts(large: PassageStore, embedder: WordEmbedder) -> None:
    """Before the end of a run, new passages are found beside those of the index, and dropped ones are not."""
    budgets(large, embedder, 6)
    with large.writing():
        keep(large, a_release("new", "Budget and harbour."), embedder)
        large.remove("r0")
        large.remove("r1")

        assert sorted(found(large, "budget", limit=5)) == [
            *(f"Budget {n}." for n in (2, 3, 4, 5)),
            "Budget and harbour.",
        ]
        assert found(large, "harbour") == ["Budget and harbour."]
        assert sorted(found(large, "budget", FRENCH)) == ["Budget 3.", "Budget 5."]
        assert set(scored(large, "budget", limit=1, also=[1, 3, 7]).others) == {3, 7}


def test_an_index_built_in_steps_finds_what_one_built_at_once_does(large: PassageStore, embedder: WordEmbedder) -> None:
    """What went leaves no trace in ranks; a repair of a damaged index builds it from the catalogue."""
    for number in range(6):
        keep(large, a_release(f"r{number % 3}", "Budget. " * (number + 1)), embedder)
    in_steps = numbers(large, "budget")
    shutil.rmtree(large.home / "words" / large.backends.catalogue.meta("words_index"))

    assert "index of words" in large.status().disagreement
    assert large.repair()
    assert large.status().consistent
    assert numbers(large, "budget") == in_steps


def test_a_damaged_index_stops_no_search(
    large: PassageStore, embedder: WordEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLite answers instead; one warning says how to mend it, and the next ingestion does."""
    budgets(large, embedder, 4)
    shutil.rmtree(large.home / "words")

    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert len(large.search("budget", embedder.embed_question("nothing"), limit=9)) == 4
    assert caplog.text.count("searching in SQLite instead until `communique status --repair` mends it") == 1
    keep(large, a_release("new", "Budget."), embedder)
    assert large.status().consistent
    assert len(found(large, "budget")) == 5


def test_an_index_that_cannot_be_written_stops_no_writer(
    large: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The release is kept and found in SQLite, and a later run builds the index."""
    with monkeypatch.context() as broken, caplog.at_level(logging.WARNING):
        broken.setattr(InvertedIndexes, "build", _full)
        budgets(large, embedder, 2)
        assert len(found(large, "budget")) == 2
    assert "No space left on device; words are looked for in SQLite" in caplog.text
    keep(large, a_release("new", "Budget."), embedder)
    assert large.status().consistent


def test_a_store_of_an_older_version_gets_its_index_with_the_next_run(
    large: PassageStore, embedder: WordEmbedder
) -> None:
    """Though that run writes nothing new; until then the store is in step, and SQLite answers."""
    budgets(large, embedder, 3)
    with large.backends.catalogue.transaction():
        large.backends.catalogue.set_meta(words_index="")

    assert large.status().consistent
    assert len(found(large, "budget")) == 3
    with large.writing():
        pass
    assert large.backends.catalogue.meta("words_index")
    assert not large.repair()


def test_a_store_that_shrinks_needs_no_index_of_words(
    large: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below the size from which on one is kept, SQLite answers again."""
    budgets(large, embedder, 4)
    monkeypatch.setattr(large.backends.words, "beyond", 3)
    large.remove("r0")

    assert large.backends.catalogue.meta("words_index") == ""
    assert large.status().consistent
    assert len(found(large, "budget")) == 3


def _full(self: InvertedIndexes, *_: object) -> str:
    raise LexicalIndexError(self.path, "No space left on device")


@pytest.mark.parametrize("zone", ["America/Montreal", "Europe/Paris", "Pacific/Kiritimati", "UTC"])
def test_a_bare_day_is_found_by_its_day_in_every_zone(store: PassageStore, embedder: WordEmbedder, zone: str) -> None:
    """By words as in a count: not by the day before or after, which it is elsewhere at that moment."""
    for day in (16, 17, 18):
        keep(store, a_release(f"r{day}", f"Ferry {day}.", published=datetime(2024, 10, day, tzinfo=UTC)), embedder)
    first = datetime(2024, 10, 17, tzinfo=ZoneInfo(zone))
    where = Filter(since=first, until=first + timedelta(days=1))

    assert found(store, "ferry", where) == ["Ferry 17."]
    assert [release.id for release in store.records.each(where)] == ["r17"]
    assert {*found(store, "ferry", Filter(since=first + timedelta(hours=1)))} == {"Ferry 18."}
    assert {*found(store, "ferry", Filter(until=first + timedelta(hours=1)))} == {"Ferry 16.", "Ferry 17."}


def test_releases_that_mention_all_words_are_counted(store: PassageStore, embedder: WordEmbedder) -> None:
    """In any form of theirs, newest first, in their current version; no word is in none."""
    for year, text in enumerate(("Ferries sail to the harbour.", "The ferry sails.", "A harbour without boats."), 2021):
        keep(store, a_release(f"r{year}", text, published=datetime(year, 1, 1, tzinfo=UTC)), embedder)
    keep(
        store,
        a_release("r2022", "The ferry has sunk in the harbour.", published=datetime(2022, 1, 1, tzinfo=UTC)),
        embedder,
    )

    count, found = store.mentioning("ferry harbour", language="en", limit=1)

    assert (count, [release.id for release in found]) == (2, ["r2022"])
    assert store.mentioning("ferry", where=Filter(until=datetime(2021, 6, 1, tzinfo=UTC)))[0] == 1
    assert store.mentioning("sails", language="en")[0] == 1
    assert store.mentioning("zeppelin") == (0, [])
    assert store.mentioning("?!") == (0, [])


def test_one_of_several_texts_may_be_mentioned(store: PassageStore, embedder: WordEmbedder) -> None:
    """A text without words is mentioned by none."""
    for number, text in enumerate(("A ferry sails.", "A train leaves.", "A ferry waits for the train."), 1):
        keep(store, a_release(f"r{number}", text, published=datetime(2024, 1, number, tzinfo=UTC)), embedder)

    def ids(*texts: str) -> list[str]:
        return [release.id for release in store.mentioning(*texts, language="en")[1]]

    assert ids("ferry", "train") == ["r3", "r2", "r1"]
    assert ids("ferry waits", "train leaves", "?!") == ["r3", "r2"]
    assert ids() == []
