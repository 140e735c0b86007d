from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from vectorstore.errors import LexicalIndexError
from vectorstore.indexes.tantivy import IndexedText, InvertedIndexes
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def entry(identity: str, number: int, words: str, **given: Any) -> IndexedText:
    told = {"language": None, "publisher": None, "release": f"r{number}", "published": None}
    return IndexedText(identity, number, words, **told | given)


PASSAGES = [
    entry("p1", 1, "budget harbour", language="en", publisher="NATO", published=100),
    entry("p2", 2, "budget", language="fr", publisher="Bund", published=200),
    entry("p3", 3, "été 20_9 co-operation"),
]
RELEASES = [entry("p1", 10, "budget harbour"), entry("p3", 11, "été")]


@pytest.fixture
def indexes(tmp_path: Path) -> InvertedIndexes:
    return InvertedIndexes(tmp_path / "words", beyond=0)


def test_passages_and_releases_are_found_by_their_words(indexes: InvertedIndexes) -> None:
    """The rarer word first; words are taken as they were cut, decimals and accents too; nothing by no word."""
    index = indexes.open(indexes.build(None, [], PASSAGES, RELEASES))

    assert [number for number, _ in index.best(["budget", "harbour"], 9)] == [1, 2]
    assert [number for number, _ in index.best(["20_9"], 9)] == [number for number, _ in index.best(["été"], 9)] == [3]
    assert index.best([], 9) == index.best(["budget"], 0) == index.best(["ete"], 9) == []
    assert set(index.of_releases(["budget", "été"], [10, 11])) == {10, 11}
    assert set(index.of_releases(["budget", "été"], [11])) == {11}


def test_the_forms_that_begin_alike(indexes: InvertedIndexes) -> None:
    """Each with the number of passages that hold it, whatever letters they are."""
    index = indexes.open(indexes.build(None, [], PASSAGES, RELEASES))

    assert index.beginning("b") == [("budget", 2)]
    assert index.beginning("é") == [("été", 1)]
    assert index.beginning("x") == []
    assert index.holds("budget")
    assert not index.holds("budge")


def test_scores_of_some_are_those_among_all(indexes: InvertedIndexes) -> None:
    """The passages to choose from are a condition, and count for nothing."""
    index = indexes.open(indexes.build(None, [], PASSAGES, RELEASES))
    every = dict(index.best(["budget", "harbour"], 9))

    assert index.of_passages(["budget", "harbour"], [2, 3]) == {2: every[2]}
    assert index.of_passages(["budget"], []) == {}


@pytest.mark.parametrize(
    ("where", "numbers"),
    [
        (Filter(languages=("en",)), [1]),
        (Filter(languages=("en", "fr"), publishers=("Bund",)), [2]),
        (Filter(releases=("r2", "r3")), [2]),
        (Filter(since=datetime.fromtimestamp(200, UTC)), [2]),
        (Filter(until=datetime.fromtimestamp(200, UTC)), [1]),
        (Filter(since=datetime.fromtimestamp(100, UTC), until=datetime.fromtimestamp(201, UTC)), [1, 2]),
        (Filter(since=datetime.fromtimestamp(300, UTC)), []),
    ],
)
def test_a_filter_counts_for_nothing_in_the_score(indexes: InvertedIndexes, where: Filter, numbers: list[int]) -> None:
    """What the catalogue lets through, each with the score that it has without; undated passages stay out."""
    index = indexes.open(indexes.build(None, [], PASSAGES, RELEASES))

    every = index.best(["budget", "harbour"], 9)

    assert index.best(["budget", "harbour"], 9, where) == [hit for hit in every if hit[0] in numbers]


def test_the_next_index_is_that_before_without_what_went_and_with_what_came(indexes: InvertedIndexes) -> None:
    """An id that went and came again is there once; the one before stays as it was for those who have it open."""
    first = indexes.build(None, [], PASSAGES, RELEASES)
    reader = indexes.open(first)
    second = indexes.build(first, ["p1", "p2"], [entry("p1", 4, "budget station")], [entry("p1", 12, "budget station")])
    index = indexes.open(second)

    assert [number for number, _ in index.best(["budget", "harbour"], 9)] == [4]
    assert set(index.of_releases(["budget", "été"], [10, 11, 12])) == {11, 12}
    assert [number for number, _ in reader.best(["budget", "harbour"], 9)] == [1, 2]


def test_outlived_indexes_go(indexes: InvertedIndexes, tmp_path: Path) -> None:
    """Those to keep stay; a reader that has another open goes on reading it."""
    first, second = (indexes.build(None, [], PASSAGES, RELEASES) for _ in range(2))
    reader = indexes.open(first)
    indexes.clear(keep={second})

    assert [path.name for path in (tmp_path / "words").iterdir()] == [second]
    assert len(reader.best(["budget"], 9)) == 2


def test_an_index_that_fails_in_the_middle_leaves_no_folder(indexes: InvertedIndexes, tmp_path: Path) -> None:
    """As on a full disk: else every attempt would fill it further."""

    def torn() -> Iterator[IndexedText]:
        yield from PASSAGES
        raise OSError("No space left on device")

    first = indexes.build(None, [], PASSAGES, RELEASES)
    for base in (None, first):
        with pytest.raises(LexicalIndexError, match="No space left on device"):
            indexes.build(base, [], torn(), RELEASES)

    assert [path.name for path in (tmp_path / "words").iterdir()] == [first]


@pytest.mark.parametrize("suffix", [".idx", ".term", ".fast", "meta.json"])
def test_a_torn_or_missing_file_is_told(indexes: InvertedIndexes, tmp_path: Path, suffix: str) -> None:
    """An index is opened whole or not at all; the error names its folder."""
    name = indexes.build(None, [], PASSAGES, RELEASES)
    file = next(path for path in (tmp_path / "words" / name / "passages").iterdir() if path.name.endswith(suffix))
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    with pytest.raises(LexicalIndexError, match=f"index of words: .*{name}: "):
        indexes.open(name)
    with pytest.raises(LexicalIndexError, match=r"index of words: .*none: "):
        indexes.open("none")
