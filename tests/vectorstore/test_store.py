"""What the store promises while nothing goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import chromadb
import httpx
import numpy as np
import pytest

from ingest.passages import split_release
from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.errors import CatalogueError, ModelMismatchError, StoreBusyError, VectorShapeError
from vectorstore.store import EmbeddedRelease, PassageStore
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vectorstore.indexes import ChromaAddress
    from vectorstore.types import Release


def found(store: PassageStore, embedder: WordEmbedder, question: str, where: Filter | None = None) -> list[str]:
    hits = store.search(question, embedder.embed_question(question), where=where)
    return [hit.release.id for hit in hits]


def test_a_release_is_found_by_its_words_and_by_its_vector(store: PassageStore, embedder: WordEmbedder) -> None:
    """Both ways lead to the same passage, and its offsets cut it out of the release's text."""
    keep(store, a_release("harbour", "The new harbour opened on Monday.", "Ships came from Norway."), embedder)

    by_words = store.search("harbour", np.zeros(64, dtype=np.float32))[0]
    by_vector = store.search("", embedder.embed_question("Ships came from Norway."))[0]

    assert by_words.lexical_rank == 1
    assert by_vector.dense_rank == 1
    for hit in (by_words, by_vector):
        assert hit.release.text[hit.passage.start : hit.passage.end] == hit.passage.text


def test_an_empty_store_finds_nothing(store: PassageStore, embedder: WordEmbedder) -> None:
    """No release, no hits, no error."""
    assert store.search("anything", embedder.embed_question("anything")) == ()
    assert store.status().consistent


def test_a_shorter_version_leaves_no_stale_passage(store: PassageStore, embedder: WordEmbedder) -> None:
    """What the new version lost is found neither by words nor by vector, and the old version stays readable."""
    keep(store, a_release("plan", "A first paragraph on budgets. " * 9, "Then submarines are named."), embedder)
    keep(store, a_release("plan", "A first paragraph on budgets."), embedder)

    hits = store.search("submarines named", embedder.embed_question("Then submarines are named."))

    assert [hit.passage.text for hit in hits] == ["A first paragraph on budgets."]
    assert ["submarines" in version.text for version in store.records.history("plan")] == [True, False]


def entry(embedder: WordEmbedder, release: Release) -> EmbeddedRelease:
    passages = split_release(release, size=200)
    return EmbeddedRelease(release, passages, embedder.embed_passages([passage.text for passage in passages]))


def test_many_releases_are_kept_at_once(store: PassageStore, embedder: WordEmbedder) -> None:
    """New ones and changed ones, each with its own passages, as if they had come one by one."""
    keep(store, a_release("old", "Submarines were named."), embedder)
    releases = [
        replace(a_release("new", "Harbours opened.", "Ships came. " * 30), translations=("https://a.example/fr",)),
        a_release("old", "Budgets were cut."),
        a_release("last", "Bridges fell."),
    ]

    stored = store.replace_all([entry(embedder, release) for release in releases])

    assert [(one.id, one.version) for one in stored] == [("new", 1), ("old", 2), ("last", 1)]
    assert stored == [store.records.get(release.id) for release in releases]
    assert [(event.kind, event.release_id) for event in store.records.events()[1:]] == [
        ("new", "new"), ("changed", "old"), ("new", "last")
    ]  # fmt: skip
    for question, identity in (("harbours", "new"), ("budgets", "old"), ("bridges", "last")):
        hit = store.search(question, np.zeros(64, dtype=np.float32))[0]
        nearest = store.search("", embedder.embed_question(hit.passage.text))[0]
        assert (hit.release.id, nearest.passage.id) == (identity, hit.passage.id)
    assert store.mentioning("submarines") == (0, [])
    assert store.status().consistent


def test_of_many_releases_none_is_kept_where_one_fails(store: PassageStore, embedder: WordEmbedder) -> None:
    """Neither a row nor an event is left of those before it."""
    fitting = entry(embedder, a_release("one", "Some words."))
    other = entry(WordEmbedder(dimension=8), a_release("two", "Some words."))

    with pytest.raises(VectorShapeError, match="the store's vectors have length"):
        store.replace_all([fitting, other])

    assert (store.records.get("one"), store.records.events(), store.status().passages) == (None, [], 0)
    assert store.replace_all([]) == []


def test_versions_are_counted_and_kept(store: PassageStore, embedder: WordEmbedder) -> None:
    """Each replacement is a version; the latest is the one that is searched."""
    for text in ("One text.", "Two texts.", "Three texts."):
        keep(store, a_release("counted", text), embedder)

    assert [version.version for version in store.records.history("counted")] == [1, 2, 3]
    assert store.records.get("counted").text == "Three texts."
    assert store.records.get("counted", 1).text == "One text."
    assert store.records.get("counted", 9) is None


def test_a_removed_release_is_gone(store: PassageStore, embedder: WordEmbedder) -> None:
    """Neither search nor history knows it, and the two halves of the store agree."""
    keep(store, a_release("gone", "Something about zebras."), embedder)
    keep(store, a_release("stays", "Something about lions."), embedder)

    assert store.remove("gone")

    assert found(store, embedder, "zebras") == ["stays"]
    assert store.records.history("gone") == []
    assert store.status().consistent
    assert not store.remove("gone")


def ids_in_chroma(store: PassageStore, chroma: ChromaAddress | None) -> list[str]:
    """What Chroma holds under the published name, asked without the store."""
    name = store.backends.catalogue.meta("index_folder")
    if chroma is None:
        client = chromadb.PersistentClient(path=str(store.home / "chroma" / name))
        ids = client.get_collection("passages", embedding_function=None).get(include=[])["ids"]
        client.close()
        return ids
    collections = f"{chroma.url}/api/v2/tenants/default_tenant/databases/default_database/collections"
    identity = httpx.get(f"{collections}/{name}").json()["id"]
    return httpx.post(f"{collections}/{identity}/get", json={"include": []}).json()["ids"]


def test_catalogue_and_chroma_hold_the_same_ids(
    store: PassageStore, embedder: WordEmbedder, chroma: ChromaAddress | None
) -> None:
    """Chroma, opened by itself, holds exactly the passages that were stored and not replaced since."""
    keep(store, a_release("one", "Old words. " * 40), embedder)
    passages = keep(store, a_release("one", "New words."), embedder) + keep(store, a_release("two", "More."), embedder)

    assert set(ids_in_chroma(store, chroma)) == {passage.id for passage in passages}
    assert store.status().consistent


def test_another_model_is_refused_with_the_way_out(
    store: PassageStore, embedder: WordEmbedder, opened: Callable[..., PassageStore]
) -> None:
    """A store remembers who wrote its vectors, and says what to do about a change."""
    keep(store, a_release("one", "Some words."), embedder)

    with opened(store.home, model="other") as other:
        with pytest.raises(ModelMismatchError, match="words, but the settings name other; run `communique rebuild`"):
            other.search("words", embedder.embed_question("words"))
        with pytest.raises(ModelMismatchError, match="communique rebuild"):
            keep(other, a_release("two", "Some words."), embedder)


def test_vectors_of_another_length_are_refused(store: PassageStore, embedder: WordEmbedder) -> None:
    """Vectors that do not fit are an error, for a question and for a release."""
    keep(store, a_release("one", "Some words."), embedder)

    with pytest.raises(VectorShapeError, match=r"\(3,\): the store's vectors have shape \(64,\)"):
        store.search("words", np.ones(3, dtype=np.float32))
    with pytest.raises(VectorShapeError, match="length 8: the store's vectors have length 64"):
        keep(store, a_release("two", "Some words."), WordEmbedder(dimension=8))
    with pytest.raises(VectorShapeError, match="one row each is needed"):
        store.replace(a_release("two", "Some words."), [], np.ones((2, 64), dtype=np.float32))


def test_a_rebuild_with_another_model_changes_every_vector(
    store: PassageStore, embedder: WordEmbedder, opened: Callable[..., PassageStore]
) -> None:
    """Afterwards the new model searches, the old one is refused, and nothing of it is left."""
    keep(store, a_release("one", "Some words."), embedder)
    other = WordEmbedder(name="other", dimension=32)

    assert store.rebuild(other) == 1

    assert store.search("", other.embed_question("Some words."))[0].dense_score > 0.5
    assert (store.status().model, store.status().dimension, store.status().consistent) == ("other", 32, True)
    with opened(store.home, model="words") as old, pytest.raises(ModelMismatchError, match="model other"):
        old.search("", embedder.embed_question("Some words."))


def test_a_stopped_rebuild_goes_on_where_it_was(store: PassageStore, embedder: WordEmbedder) -> None:
    """The old vectors answer meanwhile, and no passage is embedded twice."""
    with store.writing():
        for number in range(300):
            keep(store, a_release(f"r{number}", f"Words of release {number}."), embedder)
    other = WordEmbedder(name="other")

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.rebuild(other, stop)
    assert found(store, embedder, "Words of release 7")

    store.rebuild(other)
    assert other.embedded == 300
    assert store.status().consistent


def test_filters_by_language_publisher_and_date(store: PassageStore, embedder: WordEmbedder) -> None:
    """Each side of a filter leaves out what it should; an undated release is outside of every period."""
    day = datetime(2024, 10, 17, tzinfo=UTC)
    keep(store, a_release("a", "Common words.", language="fr", publisher="NATO", published=day), embedder)
    keep(store, a_release("b", "Common words here.", language="en", publisher="EU", published=day), embedder)
    keep(store, a_release("c", "Common words there.", publisher="EU"), embedder)

    assert found(store, embedder, "common words", Filter(languages=("fr",))) == ["a"]
    assert set(found(store, embedder, "common words", Filter(publishers=("EU",)))) == {"b", "c"}
    assert set(found(store, embedder, "common words", Filter(since=day))) == {"a", "b"}
    assert found(store, embedder, "common words", Filter(until=day)) == []
    assert store.records.count_releases(Filter(publishers=("EU", "NATO"))) == 3
    assert found(store, embedder, "common words", Filter(releases=("b",))) == ["b"]


def test_a_filter_sees_what_came_in_since_it_was_last_asked(store: PassageStore, embedder: WordEmbedder) -> None:
    """What it lets through is remembered, and not for longer than it is true."""
    french = Filter(languages=("fr",))

    def seen() -> list[str]:
        vector = embedder.embed_question("harbour")
        return sorted(hit.release.id for hit in store.search("harbour", vector, where=french))

    keep(store, a_release("one", "The harbour.", language="fr"), embedder)
    assert seen() == ["one"]
    keep(store, a_release("two", "The harbour.", language="fr"), embedder)
    assert seen() == ["one", "two"]
    store.remove("one")
    assert seen() == ["two"]


def test_a_wide_filter_finds_what_exact_search_finds(
    store: PassageStore, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More passages behind a filter than are read one by one go another way through the store, to the same hits."""
    monkeypatch.setattr("vectorstore.retrieval.dense._FEW", 200)
    releases = [
        a_release(f"r{number}", f"Word{number} about topic{number % 50}.", language="fr" if number % 2 else "en")
        for number in range(500)
    ]
    with store.writing():
        for release in releases:
            keep(store, release, embedder)

    hits = store.search("", embedder.embed_question("Word421 about topic21."), where=Filter(languages=("fr",)))

    assert hits[0].release.id == "r421"
    assert {hit.release.language for hit in hits} == {"fr"}


def test_at_most_so_many_passages_of_one_release(store: PassageStore, embedder: WordEmbedder) -> None:
    """A long release does not crowd out the others."""
    keep(store, a_release("long", *[f"Harbour news number {number}. " * 8 for number in range(8)]), embedder)
    keep(store, a_release("short", "The harbour."), embedder)

    hits = store.search("harbour", embedder.embed_question("harbour"), per_release=2)

    assert sorted(hit.release.id for hit in hits) == ["long", "long", "short"]
    assert [hit.rank for hit in hits] == [1, 2, 3]


def test_a_second_writer_is_told_to_wait(
    store: PassageStore, embedder: WordEmbedder, opened: Callable[..., PassageStore]
) -> None:
    """One writer at a time, also within one process."""
    with (
        store.writing(),
        opened(store.home, model="words") as other,
        pytest.raises(StoreBusyError, match="another process is writing"),
        other.writing(wait=0.05),
    ):
        pass


def test_a_failed_replacement_leaves_the_old_release(store: PassageStore, embedder: WordEmbedder) -> None:
    """All or nothing: two passages with one id cannot be stored, and what was there is still found."""
    passages = keep(store, a_release("one", "The first text."), embedder)

    with pytest.raises(CatalogueError, match=r"(UNIQUE|unique) constraint"):
        store.replace(a_release("one", "The second text."), passages * 2, np.ones((2, 64), dtype=np.float32))

    assert found(store, embedder, "first text") == ["one"]
    assert len(store.records.history("one")) == 1


def test_a_search_that_fails_is_an_error(store: PassageStore, embedder: WordEmbedder) -> None:
    """A broken full text is told, never taken for nothing found."""
    keep(store, a_release("one", "Some words."), embedder)
    store.backends.catalogue.connection.execute("DROP TABLE words")

    with pytest.raises(CatalogueError, match=r"no such (fts5 )?table: (main\.)?words|relation .words. does not exist"):
        store.search("words", embedder.embed_question("words"))


def test_a_file_that_is_no_catalogue_is_named(tmp_path: Path) -> None:
    """The error says which file, and what to do about it."""
    (tmp_path / "catalogue.sqlite3").write_bytes(b"not a database at all, but long enough to be read as one" * 20)

    with pytest.raises(CatalogueError, match=r"catalogue.sqlite3: cannot be opened .*restore it from a backup"):
        PassageStore(tmp_path, model="words")


def test_a_catalogue_of_a_newer_version_is_refused(in_folders: PassageStore) -> None:
    """A schema from the future is not touched."""
    in_folders.backends.catalogue.connection.execute("PRAGMA user_version = 99")

    with pytest.raises(CatalogueError, match="has schema 99, this version reads 8; upgrade communique"):
        PassageStore(in_folders.home, model="words")


def test_a_catalogue_of_an_older_version_is_refused(in_folders: PassageStore) -> None:
    """A schema without subwords is not searched; the error says what to do."""
    in_folders.backends.catalogue.connection.execute("PRAGMA user_version = 1")

    with pytest.raises(CatalogueError, match="has schema 1 of an older version; move it away and ingest again"):
        PassageStore(in_folders.home, model="words")


def test_a_question_full_of_query_syntax_is_only_words(store: PassageStore, embedder: WordEmbedder) -> None:
    """Quotes, brackets and operators of FTS5 are text like any other."""
    keep(store, a_release("one", "The budget AND the harbour."), embedder)

    for question in ('"budget', "budget AND (", "NEAR(budget", "title:budget*", "budget; DROP TABLE words", "^-:{}[]"):
        store.search(question, embedder.embed_question(question))

    assert found(store, embedder, 'NEAR("budget" harbour') == ["one"]
