"""Scopes: what is not among somebody's sources is not found, not counted and not named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.fakes import a_release, keep
from vectorstore.types import Filter, Scope, Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.fakes import WordEmbedder
    from vectorstore.store import PassageStore

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FEED, BELOW = "https://nato.test/press", "https://nato.test/press/secret/feed"


@pytest.fixture
def store(opened: Callable[..., PassageStore], tmp_path: Path, embedder: WordEmbedder) -> Iterator[PassageStore]:
    """Two releases of a feed, one of another that lies below it, and one of a folder."""
    with opened(tmp_path / "home", model=embedder.name) as made:
        for name, source, publisher in (
            ("one", FEED, "NATO"),
            ("two", FEED, "Council"),
            ("secret", BELOW, "NATO"),
            ("file", "releases", "EU"),
        ):
            read_at = f"releases/{name}.txt" if name == "file" else f"https://nato.test/press/{name}"
            release = a_release(name, f"The {name} ferry sails.", title=f"Ferry {name}", publisher=publisher)
            keep(made, replace(release, source=read_at), embedder)
            if name != "file":
                made.records.note_visits([Visit(read_at, source, NOON, release_id=name)])
        yield made


def seen(store: PassageStore, embedder: WordEmbedder, where: Filter) -> set[str]:
    """What a search finds, which is what everything else counts and lists."""
    hits = store.search("ferry sails", embedder.embed_question("ferry sails"), where=where, limit=10)
    found = {hit.release.id for hit in hits}
    assert {one.id for one in store.records.releases(where)} == found
    assert {identity for identity, _ in store.records.titled("ferry", 10, where)} == found
    assert store.records.among(["one", "two", "secret", "file", "nobody"], where) == found
    assert store.mentioning("ferry", language="en", where=where)[0] == len(found)
    assert store.records.count_releases(where) == store.records.count_passages(where) == len(found)
    assert sum(count for _, count, _ in store.records.publishers(where)) == len(found)
    return found


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        ((), {"one", "two", "secret", "file"}),
        ((Scope(),), set()),
        ((Scope(publishers=("NATO",)),), {"one", "secret"}),
        ((Scope(sources=(FEED,)),), {"one", "two"}),
        ((Scope(sources=(BELOW,)),), {"secret"}),
        ((Scope(sources=("releases",)),), {"file"}),
        ((Scope(sources=("release",)),), set()),
        ((Scope(publishers=("EU",), sources=(FEED,)),), {"one", "two", "file"}),
        ((Scope(publishers=("NATO",)), Scope(sources=(FEED,))), {"one"}),
        ((Scope(publishers=("NATO",)), Scope(publishers=("EU",))), set()),
    ],
)
def test_a_scope_holds_what_its_publishers_and_sources_brought(
    store: PassageStore, embedder: WordEmbedder, scopes: tuple[Scope, ...], expected: set[str]
) -> None:
    """Either is enough for one scope; of several each must hold it. What a source named is of no other."""
    assert seen(store, embedder, Filter(scopes=scopes)) == expected


def test_what_a_person_chooses_does_not_lift_a_scope(store: PassageStore, embedder: WordEmbedder) -> None:
    """Whether it is a publisher or a release by its id."""
    where = Filter(scopes=(Scope(sources=(FEED,)),))

    assert seen(store, embedder, replace(where, publishers=("NATO",))) == {"one"}
    assert seen(store, embedder, replace(where, releases=("one", "secret"))) == {"one"}
    assert replace(where, publishers=("NATO",)).scopes_alone == where
    assert Filter(publishers=("NATO",)).within(where.scopes) == replace(where, publishers=("NATO",))


def test_a_page_is_of_no_source_until_that_is_written_down(store: PassageStore, embedder: WordEmbedder) -> None:
    """Which comes a moment after the release itself; a file is where it lies."""
    keep(store, replace(a_release("three", "A ferry."), source="https://nato.test/press/three"), embedder)

    assert store.records.unplaced(["one", "three", "file", "nobody"]) == {"three"}
    assert "three" not in seen(store, embedder, Filter(scopes=(Scope(sources=(FEED,)),)))

    store.records.note_visits([Visit("https://nato.test/press/three", FEED, NOON, release_id="three")])

    assert store.records.unplaced(["three"]) == set()
    assert store.records.among(["three"], Filter(scopes=(Scope(sources=(FEED,)),))) == {"three"}
