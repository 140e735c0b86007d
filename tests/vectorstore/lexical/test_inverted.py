from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vectorstore.errors import LexicalIndexError
from vectorstore.lexical import InvertedIndexes

if TYPE_CHECKING:
    from pathlib import Path

PASSAGES = [("p1", 1, "budget harbour"), ("p2", 2, "budget"), ("p3", 3, "été 20_9 co-operation")]
RELEASES = [("p1", 10, "budget harbour"), ("p3", 11, "été")]


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


def test_a_score_among_some_is_that_among_all(indexes: InvertedIndexes) -> None:
    """The passages to choose from are a condition, and count for nothing."""
    index = indexes.open(indexes.build(None, [], PASSAGES, RELEASES))

    assert index.best(["budget", "harbour"], 9, [2]) == [
        hit for hit in index.best(["budget", "harbour"], 9) if hit[0] == 2
    ]
    assert index.best(["budget"], 9, []) == []


def test_the_next_index_is_that_before_without_what_went_and_with_what_came(indexes: InvertedIndexes) -> None:
    """An id that went and came again is there once; the one before stays as it was for those who have it open."""
    first = indexes.build(None, [], PASSAGES, RELEASES)
    reader = indexes.open(first)
    second = indexes.build(first, ["p1", "p2"], [("p1", 4, "budget station")], [("p1", 12, "budget station")])
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
