"""What the store knows of releases beside their text."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.fakes import a_release, keep
from vectorstore.catalogue.sqlite import SCHEMA_VERSION
from vectorstore.store import PassageStore
from vectorstore.types import Correction, Doubted, Filter, SourceHealth, Twin, Visit

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes import WordEmbedder

NOON = datetime(2024, 10, 17, 12, tzinfo=UTC)


def kinds(store: PassageStore, after: int = 0) -> list[tuple[str, str, int]]:
    return [(event.kind, event.release_id, event.version) for event in store.records.events(after)]


def test_each_new_changed_and_withdrawn_release_is_an_event(store: PassageStore, embedder: WordEmbedder) -> None:
    """Events come in the order in which things happened, each with the version at that time."""
    keep(store, a_release("one", "Ministers met."), embedder)
    keep(store, a_release("one", "Ministers met in Brussels."), embedder)
    store.records.withdraw("one", "gone from the sitemap")
    store.records.restore("one")
    store.remove("one")

    expected = [("new", 1), ("changed", 2), ("withdrawn", 2), ("restored", 2), ("removed", 2)]
    assert kinds(store) == [(kind, "one", version) for kind, version in expected]


def test_events_are_read_on_from_a_number(store: PassageStore, embedder: WordEmbedder) -> None:
    """Who has read up to one event asks for those after it."""
    for name in ("one", "two", "three"):
        keep(store, a_release(name, "Ministers met."), embedder)
    first = store.records.events(limit=1)[0]

    assert kinds(store, after=first.number) == [("new", "two", 1), ("new", "three", 1)]


def test_the_last_changes_are_read_backwards(store: PassageStore, embedder: WordEmbedder) -> None:
    """Without the releases that came in new, however many those are."""
    for text in ("Ministers met.", "Ministers met in Brussels.", "Ministers met in Riga."):
        keep(store, a_release("one", text), embedder)
        keep(store, a_release(text, "Allies met."), embedder)
    store.records.withdraw("one", "gone from the sitemap")

    last = store.records.changes(2)

    assert [(event.kind, event.version) for event in last] == [("withdrawn", 3), ("changed", 3)]
    assert [(event.kind, event.version) for event in store.records.changes(9, last[-1].number)] == [("changed", 2)]


def test_releases_are_read_one_after_the_other(
    store: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newest first and undated ones last, in any number; what is removed meanwhile is left out."""
    monkeypatch.setattr("vectorstore.records._PAGE", 2)
    for number in range(5):
        keep(store, a_release(str(number), "Met.", published=NOON + timedelta(days=number)), embedder)
    keep(store, a_release("undated", "Met.", language="fr"), embedder)

    reading = store.records.each()
    first = next(reading)
    store.remove("1")

    assert [first.id, *(one.id for one in reading)] == ["4", "3", "2", "0", "undated"]
    assert [one.id for one in store.records.each(Filter(languages=("fr",)))] == ["undated"]


def test_releases_are_found_by_a_part_of_title_or_id(store: PassageStore, embedder: WordEmbedder) -> None:
    """Whatever its capitals and accents, newest first, so many as are wanted."""
    keep(store, a_release("réunion.fr", "Texte.", title="Une journée à Oslo", published=NOON), embedder)
    keep(store, a_release("b", "Text.", title="The REUNION of ministers", published=NOON + timedelta(days=1)), embedder)

    assert [identity for identity, _ in store.records.resembling("reunion", 9)] == ["b", "réunion.fr"]
    assert store.records.resembling("JOURNEE", 9) == [("réunion.fr", "Une journée à Oslo")]
    assert len(store.records.resembling("", 1)) == 1


def test_what_a_filter_lets_through_is_told_by_language_and_days(store: PassageStore, embedder: WordEmbedder) -> None:
    """Counted; from the oldest day to the newest, where any release has a day."""
    for name, language, published in (("a", "fr", NOON), ("b", "fr", NOON + timedelta(days=2)), ("c", None, None)):
        keep(store, a_release(name, "Text.", language=language, publisher="NATO", published=published), embedder)

    assert store.records.languages() == {"fr": 2, "und": 1}
    assert store.records.languages(Filter(since=NOON + timedelta(days=1))) == {"fr": 1}
    assert store.records.span() == (NOON, NOON + timedelta(days=2))
    assert store.records.span(Filter(publishers=("EU",))) == (None, None)


def test_a_withdrawn_release_is_kept_and_says_so(store: PassageStore, embedder: WordEmbedder) -> None:
    """Withdrawing deletes nothing: the release is found, with the day it was withdrawn."""
    keep(store, a_release("one", "Ministers met."), embedder)

    assert store.records.withdraw("one", "410 twice")
    assert not store.records.withdraw("one", "410 again")
    hits = store.search("ministers", embedder.embed_question("ministers"))
    assert hits[0].release.withdrawn is not None


def test_a_release_that_comes_again_is_withdrawn_no_more(store: PassageStore, embedder: WordEmbedder) -> None:
    """A new version takes the mark away."""
    keep(store, a_release("one", "Ministers met."), embedder)
    store.records.withdraw("one", "410 twice")

    keep(store, a_release("one", "Ministers met again."), embedder)

    assert store.records.releases()[0].withdrawn is None


def test_an_unknown_release_is_not_withdrawn(store: PassageStore) -> None:
    """There is nothing to mark, and no event."""
    assert not store.records.withdraw("nothing", "410 twice")
    assert not store.records.restore("nothing")
    assert store.records.events() == []


def test_a_visit_comes_back_as_it_was_noted(store: PassageStore) -> None:
    """Every field survives, by address and by source."""
    visit = Visit(
        "https://a.example/1", "https://a.example/feed", NOON, "one", "abc", "2024-10", NOON, NOON, listed=True
    )

    store.records.note_visits([visit])

    assert store.records.visit(visit.address) == visit
    assert store.records.visits(visit.source) == [visit]


def test_what_was_taken_down_is_known_by_its_addresses_and_words(store: PassageStore, embedder: WordEmbedder) -> None:
    """Its id, where it was read, what its page called itself, and hashes of its words in every version."""
    keep(store, replace(a_release("one", "Ministers met."), url="https://a.example/one"), embedder)
    keep(store, a_release("one", "Ministers met again."), embedder)
    store.records.note_visits([Visit("https://a.example/1", "feed", NOON, "one", "abc")])

    store.remove("one", known_by=["https://a.example/alias"])

    addresses = {"https://a.example/1", "https://a.example/alias", "https://a.example/one"}
    assert set(store.records.kept_away()) >= {"one"} | addresses
    assert [mark.partition(":")[0] for mark in store.records.kept_away()].count("sha256") == 2
    assert store.records.visit("https://a.example/1") is None
    [takedown] = store.records.takedowns()
    assert (takedown.release_id, takedown.allowed, set(takedown.addresses)) == ("one", None, addresses)


def test_what_may_come_in_again_is_no_news(store: PassageStore, embedder: WordEmbedder) -> None:
    """It is restored, not new: under its id, or with its words under another."""
    for name in ("one", "two"):
        keep(store, a_release(name, f"Ministers met in {name}."), embedder)
        store.remove(name)

    assert [
        store.records.allow_again("one"),
        store.records.allow_again("one"),
        store.records.allow_again("nobody"),
    ] == [True, False, False]
    keep(store, a_release("one", "Ministers met in Rome."), embedder)
    keep(store, replace(a_release("two", "Ministers met in two."), id="moved"), embedder)

    assert "one" not in store.records.kept_away()
    assert kinds(store)[-2:] == [("restored", "one", 1), ("restored", "moved", 1)]


def test_doubted_pages_are_kept_aside_until_they_are_dispelled(store: PassageStore) -> None:
    """One for each address, the last word on it."""
    page = Doubted("https://a.example/1", "feed", "Oops", "Nothing here.", "an error page", NOON, NOON, "one")
    store.records.note_doubts([page, replace(page, address="https://a.example/2")], dispelled=[])
    store.records.note_doubts([replace(page, cause="a wall")], dispelled=["https://a.example/2", "https://a.example/3"])

    assert store.records.doubted() == [replace(page, cause="a wall")]


def test_a_source_is_left_out_until_it_is_taken_in_again(store: PassageStore) -> None:
    """Pausing twice and resuming twice is no more than once; what is forgotten is not paused either."""
    assert [store.records.pause("feed"), store.records.pause("feed"), list(store.records.paused())] == [
        True,
        False,
        ["feed"],
    ]
    assert [store.records.resume("feed"), store.records.resume("feed"), list(store.records.paused())] == [
        True,
        False,
        [],
    ]
    store.records.pause("feed")
    store.records.note_health(SourceHealth("feed", None, NOON, "1 new"))

    assert [store.records.forget_source("feed"), store.records.forget_source("feed")] == [True, False]

    assert (store.records.health(), store.records.paused()) == ([], {})


@pytest.mark.parametrize("last", ["old", "new"])
def test_two_spellings_of_a_source_become_one(store: PassageStore, last: str) -> None:
    """What ran last holds, and the addresses that either has named stay known."""
    for name in ("old", "new"):
        store.records.note_visits([Visit(f"https://a.example/{name}", name, NOON)])
        store.records.note_health(SourceHealth(name, None, NOON + timedelta(hours=name == last), f"{name} ran"))

    store.records.rename_sources([("old", "new"), ("unknown", "new")])

    assert [(one.location, one.outcome) for one in store.records.health()] == [("new", f"{last} ran")]
    assert len(store.records.visits("new")) == 2


def test_a_spelling_alone_is_renamed(store: PassageStore) -> None:
    """Nothing was known of the other."""
    store.records.note_health(SourceHealth("old", None, NOON, "ran"))

    store.records.rename_sources([("old", "new")])

    assert [one.location for one in store.records.health()] == ["new"]


def test_health_comes_back_as_it_was_noted(store: PassageStore) -> None:
    """The last word on a source is kept."""
    health = SourceHealth("https://a.example/feed", "A", NOON, "2 new", NOON, 3, "timed out", NOON)

    store.records.note_health(replace(health, failures=2))
    store.records.note_health(health)

    assert store.records.health() == [health]


def test_twins_count_once_among_hits(store: PassageStore, embedder: WordEmbedder) -> None:
    """Of two languages of one release the one in the question's language is shown."""
    keep(store, a_release("en", "The budget of NATO grows.", language="en"), embedder)
    keep(store, a_release("fr", "Le budget of NATO grows.", language="fr"), embedder)
    store.records.relate([Twin("en", "fr", "pair", 1.0)], [], of=["en", "fr"], up_to=2)

    question = embedder.embed_question("budget of NATO grows")
    french = store.search("budget of NATO grows", question, language="fr")
    english = store.search("budget of NATO grows", question, language="en")

    assert [hit.release.id for hit in french] == ["fr"]
    assert [hit.release.id for hit in english] == ["en"]


def test_a_twin_takes_the_place_of_the_better_one(store: PassageStore, embedder: WordEmbedder) -> None:
    """The French version is shown to who asks in French, where the English one would have stood: before all others."""
    keep(store, a_release("en", "The budget of NATO grows again.", language="en"), embedder)
    keep(store, a_release("fr", "Le budget of NATO grows encore.", language="fr"), embedder)
    keep(store, a_release("other", "Le budget of NATO diminue.", language="fr"), embedder)
    question, vector = "the budget of NATO grows again", embedder.embed_question("the budget of NATO grows again")
    before = [hit.release.id for hit in store.search(question, vector, language="fr")]

    store.records.relate([Twin("en", "fr", "pair", 1.0)], [], of=["en", "fr"], up_to=3)

    assert before[0] == "en"
    assert next(hit.release.id for hit in store.search(question, vector, language="fr")) == "fr"


def test_a_twin_is_found_where_only_it_fits(store: PassageStore, embedder: WordEmbedder) -> None:
    """A filter that leaves the other language out leaves the twin in."""
    keep(store, a_release("en", "The budget grows.", language="en"), embedder)
    keep(store, a_release("fr", "Le budget augmente.", language="fr"), embedder)
    store.records.relate([Twin("en", "fr", "pair", 1.0)], [], of=["en", "fr"], up_to=2)

    where = Filter(languages=("fr",))
    hits = store.search("budget", embedder.embed_question("budget"), where=where, language="en")

    assert [hit.release.id for hit in hits] == ["fr"]


def test_relations_are_told_from_both_sides(store: PassageStore, embedder: WordEmbedder) -> None:
    """Twin know each other; a correction knows what it corrects, and the corrected release its correction."""
    for name in ("a", "b", "c"):
        keep(store, a_release(name, "Ministers met."), embedder)
    store.records.relate([Twin("a", "b", "address", 0.9)], [Correction("c", "a")], of=["a", "b", "c"], up_to=3)

    assert store.records.relations("b").twins == (Twin("a", "b", "address", 0.9),)
    assert store.records.relations("a").corrected_by == ("c",)
    assert store.records.relations("c").corrects == "a"
    assert store.records.unrelated() == ([], 3)


def test_a_join_that_no_longer_holds_goes(store: PassageStore, embedder: WordEmbedder) -> None:
    """Joins of the releases looked at are put in place of the old ones; others stay."""
    for name in ("a", "b", "c", "d", "e"):
        keep(store, a_release(name, "Ministers met."), embedder)
    store.records.relate(
        [Twin("a", "b", "content", 0.9), Twin("d", "e", "content", 0.8)], [], of=["a", "b", "d", "e"], up_to=5
    )

    store.records.relate([Twin("a", "c", "content", 0.95)], [], of=["a", "b", "c"], up_to=5)

    assert store.records.relations("a").twins == (Twin("a", "c", "content", 0.95),)
    assert store.records.relations("b").twins == ()
    assert store.records.relations("d").twins == (Twin("d", "e", "content", 0.8),)


def test_author_section_and_translations_are_kept(store: PassageStore, embedder: WordEmbedder) -> None:
    """What a page says beside its text comes back with the release."""
    release = replace(
        a_release("one", "Ministers met."),
        author="Press office",
        section="News",
        translations=("https://a.example/fr",),
    )

    keep(store, release, embedder)

    stored = store.records.get("one")
    assert stored is not None
    assert (stored.author, stored.section, stored.translations) == ("Press office", "News", ("https://a.example/fr",))


def test_a_catalogue_of_the_version_before_is_brought_up_to_date(tmp_path: Path, embedder: WordEmbedder) -> None:
    """Releases of an older store stay, and each of their versions becomes an event."""
    with PassageStore(tmp_path, model=embedder.name) as store:
        keep(store, a_release("one", "Ministers met."), embedder)
        keep(store, a_release("one", "Ministers met again."), embedder)
    _take_back(tmp_path / "catalogue.sqlite3")

    with PassageStore(tmp_path, model=embedder.name) as store:
        assert kinds(store) == [("new", "one", 1), ("changed", "one", 2)]
        assert store.backends.catalogue.meta("identity")
        assert store.search("ministers", embedder.embed_question("ministers"))[0].release.version == 2
        keep(store, a_release("two", "Ministers left."), embedder)


def test_the_beginnings_of_pages_are_kept_with_a_release(store: PassageStore, embedder: WordEmbedder) -> None:
    """A place in the text lies on the last page that begins there or before it; a blank page begins with the next."""
    keep(store, replace(a_release("one", "Ministers met.", "They signed."), pages=(0, 10, 10), scanned=(3,)), embedder)
    keep(store, a_release("two", "Ministers met."), embedder)

    paged, plain = store.records.get("one"), store.records.get("two")

    assert paged is not None
    assert plain is not None
    assert [paged.page_at(offset) for offset in (0, 9, 10, 99)] == [1, 1, 3, 3]
    assert paged.scanned == (3,)
    assert (plain.pages, plain.scanned, plain.page_at(5)) == ((), (), None)


def test_where_pages_begin_is_set_without_a_new_version(store: PassageStore, embedder: WordEmbedder) -> None:
    """A release that was read before pages were kept gets them when it is read again."""
    keep(store, a_release("one", "Ministers met.", "They signed."), embedder)

    store.records.set_pages("one", (0, 16), scanned=(2,))

    release = store.records.get("one")
    assert release is not None
    assert (release.version, release.pages, release.scanned) == (1, (0, 16), (2,))


def test_a_source_of_an_older_version_is_of_no_kind_yet(tmp_path: Path, embedder: WordEmbedder) -> None:
    """How it fared stays; its kind is learnt at the next run."""
    health = SourceHealth(
        "https://newsroom.test/feed", "A newsroom", datetime(2026, 1, 1, tzinfo=UTC), "1 new", failures=2
    )
    with PassageStore(tmp_path, model=embedder.name) as store, store.writing(1):
        store.records.note_health(health)
    with contextlib.closing(sqlite3.connect(tmp_path / "catalogue.sqlite3")) as connection:
        connection.execute("ALTER TABLE sources DROP COLUMN kind")
        for column in ("annotations", "pages", "scanned"):
            connection.execute(f"ALTER TABLE versions DROP COLUMN {column}")
        for table in ("doubted", "takedowns", "takedown_marks", "paused"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("PRAGMA user_version = 4")

    with PassageStore(tmp_path, model=embedder.name) as store, store.writing(1):
        assert store.records.health() == [health]
        store.records.note_health(replace(health, kind="feed"))
        assert store.records.health() == [replace(health, kind="feed")]


def _take_back(catalogue: Path) -> None:
    """Make a catalogue what version 2 of the schema was."""
    connection = sqlite3.connect(catalogue)
    for table in (
        "translations",
        "withdrawn",
        "corrections",
        "twins",
        "joined",
        "events",
        "visits",
        "sources",
        "doubted",
        "takedowns",
        "takedown_marks",
        "paused",
    ):
        connection.execute(f"DROP TABLE {table}")
    for column in ("author", "section", "annotations", "pages", "scanned"):
        connection.execute(f"ALTER TABLE versions DROP COLUMN {column}")
    connection.execute("DELETE FROM meta WHERE key = 'identity'")
    assert connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    connection.execute("PRAGMA user_version = 2")
    connection.commit()
    connection.close()
