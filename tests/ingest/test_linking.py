from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ingest.linking import relate
from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vectorstore.types import Release

DAY = datetime(2024, 5, 2, 9, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PassageStore]:
    with PassageStore(tmp_path / "home", model="words") as opened:
        yield opened


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


def pair(
    english: str = "one", french: str = "two", *, figure: int = 417, stated: bool = False
) -> tuple[Release, Release]:
    """One release in two languages, with figures and names that only these two share."""
    numbers = f"{figure} Tallinn 38,5 Nordkapp {figure + 9000} Eurofor 12"
    key = f"pair-{figure}" if stated else None
    first = a_release(english, f"{numbers}.", title=f"Nordkapp {figure}", publisher="Agency", published=DAY)
    second = a_release(
        french, f"{numbers}.", title=f"Nordkapp {figure}", language="fr", publisher="Agency", published=DAY
    )
    return replace(first, pair=key), replace(second, pair=key)


def twins(store: PassageStore, identity: str) -> list[str]:
    return [twin.other(identity) for twin in store.records.relations(identity).twins]


@pytest.mark.parametrize("stated", [True, False])
def test_twins_of_one_run_are_joined(store: PassageStore, embedder: WordEmbedder, stated: bool) -> None:
    """By what they state, else by what they say; the number of joins is returned."""
    for release in pair(stated=stated):
        keep(store, release, embedder)

    assert relate(store, embedder) == 1
    assert (twins(store, "one"), twins(store, "two")) == (["two"], ["one"])
    assert store.records.relations("one").twins[0].reason == ("pair" if stated else "content")


@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize("late", [0, 1])
def test_a_twin_may_come_in_a_later_run(store: PassageStore, embedder: WordEmbedder, stated: bool, late: int) -> None:
    """Whichever of the two is the later one."""
    releases = pair(stated=stated)
    keep(store, releases[1 - late], embedder)
    before = relate(store, embedder)
    keep(store, releases[late], embedder)

    assert (before, relate(store, embedder)) == (0, 1)
    assert twins(store, "one") == ["two"]


def test_joins_do_not_depend_on_the_order_of_runs(tmp_path: Path, embedder: WordEmbedder) -> None:
    """One run over all, or one for each release from the last to the first."""
    releases = [one for figure in (417, 523, 688) for one in pair(f"one-{figure}", f"two-{figure}", figure=figure)]
    joined = []
    for name, order, each in (("all", releases, False), ("each", releases[::-1], True)):
        with PassageStore(tmp_path / name, model="words") as store:
            for release in order:
                keep(store, release, embedder)
                _ = relate(store, embedder) if each else 0
            relate(store, embedder)
            joined.append([store.records.relations(release.id).twins for release in releases])

    assert joined[0] == joined[1]
    assert all(joined[0])


def test_a_run_with_nothing_new_embeds_nothing(store: PassageStore, embedder: WordEmbedder) -> None:
    """It costs nothing, and changes nothing."""
    for release in pair():
        keep(store, release, embedder)
    relate(store, embedder)
    embedder.embedded = 0

    assert (relate(store, embedder), embedder.embedded) == (0, 0)
    assert twins(store, "one") == ["two"]


@pytest.mark.parametrize(
    "change", [{"language": "en"}, {"published": DAY + timedelta(days=300)}], ids=["language", "date"]
)
def test_a_release_that_becomes_another_loses_its_twin(
    store: PassageStore, embedder: WordEmbedder, change: dict[str, object]
) -> None:
    """What made the two alike is looked at again."""
    english, french = pair()
    for release in (english, french):
        keep(store, release, embedder)
    relate(store, embedder)

    keep(store, replace(french, **change), embedder)  # type: ignore[arg-type]
    relate(store, embedder)

    assert (twins(store, "one"), twins(store, "two")) == ([], [])


def test_the_twin_of_a_removed_release_is_free_again(store: PassageStore, embedder: WordEmbedder) -> None:
    """It may be joined with the release that comes in its place."""
    english, french = pair()
    for release in (english, french):
        keep(store, release, embedder)
    relate(store, embedder)

    store.remove("two")
    relate(store, embedder)
    alone = twins(store, "one")
    keep(store, replace(french, id="three"), embedder)
    relate(store, embedder)

    assert (alone, twins(store, "one")) == ([], ["three"])


def test_a_model_of_one_language_joins_only_what_is_stated(store: PassageStore, embedder: WordEmbedder) -> None:
    """Its vectors of French say nothing about what is alike."""
    embedder.languages = ("en",)
    for release in (*pair("one", "two", figure=417), *pair("three", "four", figure=523, stated=True)):
        keep(store, release, embedder)
    embedder.embedded = 0

    relate(store, embedder)

    assert (twins(store, "one"), twins(store, "three")) == ([], ["four"])
    assert embedder.embedded == 0


def test_corrections_are_joined_and_taken_back(store: PassageStore, embedder: WordEmbedder) -> None:
    """The correction may come before what it corrects, and its title may change again."""
    original = a_release("a", "Text one.", title="Aid for Ukraine", publisher="Agency", published=DAY)
    correction = replace(original, id="b", title="Correction: Aid for Ukraine", published=DAY + timedelta(days=1))
    for release in (correction, original):
        keep(store, release, embedder)
        relate(store, embedder)
    joined = store.records.relations("a").corrected_by, store.records.relations("b").corrects

    keep(store, replace(correction, title="Another matter"), embedder)
    relate(store, embedder)

    assert joined == (("b",), "a")
    assert (store.records.relations("a").corrected_by, store.records.relations("b").corrects) == ((), None)
