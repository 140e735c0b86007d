"""Inputs at the edge of what there may be: dates, titles, lines, tags, versions. None stops what comes after it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from ingest.errors import ParseError
from ingest.linking import find_corrections
from ingest.listing.feeds import read_feed
from ingest.parse.markdown import parse_markdown
from ingest.pipeline import Pipeline
from ingest.twins import TwinCandidate, affected, join_stated
from ingest.types import Page, Source
from tests.fakes import WordEmbedder
from vectorstore.store import PassageStore
from vectorstore.types import Outline

if TYPE_CHECKING:
    from pathlib import Path


def markdown(front: str) -> Page:
    content = f"---\ntitle: A bridge\n{front}\n---\nThe bridge of Arles was built in three years.\n".encode()
    return Page(location="a.md", id="a.md", content=content, source=Source("a.md"))


@pytest.mark.parametrize("date", ["9999-12-31", "0001-01-01", "9999-12-31T23:59:59-05:00", "0001-01-01 00:00:00+05:00"])
def test_a_date_at_the_edge_of_the_calendar_is_none(date: str) -> None:
    """As in every other format; a warning says so."""
    release = parse_markdown(markdown(f"date: {date}"))

    assert release.published is None
    assert any("cannot read the date" in warning for warning in release.warnings)


def test_a_store_that_holds_such_a_date_is_read_on() -> None:
    """It may have come in before it was refused."""
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

    spans = affected([first, datetime(2024, 5, 6, tzinfo=UTC), last])

    assert (spans[0][0], spans[-1][1]) == (first, last)


@pytest.mark.parametrize("value", ["!!timestamp x", "!!bool x", "!!int ''", "!!float x"])
def test_a_value_that_is_not_of_its_tag_is_told_as_the_front_matters(value: str) -> None:
    """YAML's reader takes a tag at its word, and falls over it in ways of its own."""
    with pytest.raises(ParseError, match="front matter"):
        parse_markdown(markdown(f"lead: {value}"))


def test_titles_without_an_end_are_compared_by_how_they_begin() -> None:
    """The cost of comparing two grows with the square of their length."""
    long = "The ministers of the Alliance met in Brussels " * 20_000
    when = datetime(2024, 5, 6, tzinfo=UTC)
    releases = [
        Outline("1", "en", long, when, "Council", None, None),
        Outline("2", "en", f"Correction: {long}", when.replace(day=7), "Council", None, None),
    ]

    assert [(one.release_id, one.corrects) for one in find_corrections(releases)] == [("2", "1")]


def test_a_key_that_thousands_share_joins_none_of_them() -> None:
    """Two of a language would claim what each of the others is to have."""
    many = [_candidate(number, pair="all") for number in range(6_000)]
    two = [_candidate(number, pair="two") for number in (6_001, 6_002)]

    (twin,) = join_stated([*many, *two]).twins

    assert {twin.first, twin.second} == {"6001", "6002"}


def test_pages_that_link_to_all_others_are_no_versions_of_each_other() -> None:
    """A menu is none; pages that name a few are."""
    addresses = tuple(f"https://ministry.fr/{number}" for number in range(400))
    many = [_candidate(number, url=addresses[number], translations=addresses) for number in range(400)]
    few = [
        _candidate(number, url=f"https://other.fr/{number}", translations=("https://other.fr/402",))
        for number in (401, 402)
    ]

    assert len(join_stated([*many, *few]).twins) == 1


def _candidate(number: int, **stated: Any) -> TwinCandidate:
    language = "en" if number % 2 else "fr"
    return TwinCandidate(id=str(number), language=language, title="", text="", **stated)


@pytest.mark.parametrize("odd", ["<links>x</links><link/>", "<title_detail>x</title_detail>"])
def test_an_odd_item_of_a_feed_loses_no_other(odd: str) -> None:
    """Elements that are called as what the reader makes of them."""
    good = "<item><title>A bridge</title><link>https://ministry.fr/a</link></item>"
    feed = f"<rss version='2.0'><channel><title>Press</title><item>{odd}</item>{good}</channel></rss>"

    part = read_feed(feed.encode(), "https://ministry.fr/feed", now=datetime(2026, 11, 20, tzinfo=UTC))

    assert "https://ministry.fr/a" in [entry.address for entry in part.entries]


@pytest.mark.parametrize("odd", ["1", "{", "{}", "[[[["])
def test_a_file_of_lines_that_are_none_is_not_read_to_its_end(tmp_path: Path, odd: str) -> None:
    """Each failure is told, and kept in memory till then; what stands before them, and beside that file, is kept."""
    folder = tmp_path / "releases"
    folder.mkdir()
    release = json.dumps({"id": "a", "title": "A bridge", "body": "The bridge of Arles was built in three years."})
    (folder / "a.jsonl").write_text(f"{release}\n" + f"{odd}\n" * 20_000)
    (folder / "b.md").write_text("# A pier\n\nThe pier of Arles was built in two years.\n")
    with PassageStore(tmp_path / "home", model="words") as store:
        report = Pipeline(store, WordEmbedder()).run(Source(str(folder)))

    assert report.new == 2
    assert len(report.failed) == 1_001
    assert "1,000 lines in a row are no JSON objects" in {one.error.split(";")[0] for one in report.failed}


def test_a_title_without_an_end_is_cut_and_told(tmp_path: Path) -> None:
    """It is shown beside every quote."""
    file = tmp_path / "some.jsonl"
    file.write_text(json.dumps({"id": "a", "title": "bridge " * 90_000, "body": "It was built in three years."}))
    with PassageStore(tmp_path / "home", model="words") as store:
        report = Pipeline(store, WordEmbedder()).run(Source(str(file)))
        release = store.records.get("a")

    assert release
    assert len(release.title) <= 2_000
    assert any("has 629,999 characters" in warning for warning in report.warnings)


def test_a_text_longer_than_any_release_is_a_failure_that_says_so(tmp_path: Path) -> None:
    """What follows parsing has no limit of time; the next release is kept."""
    file = tmp_path / "some.jsonl"
    texts = {"long": "The bridge was built. " * 100_000, "short": "The bridge was built in three years."}
    file.write_text("".join(json.dumps({"id": key, "title": key, "body": text}) + "\n" for key, text in texts.items()))
    with PassageStore(tmp_path / "home", model="words") as store:
        report = Pipeline(store, WordEmbedder()).run(Source(str(file)))

    assert report.new == 1
    assert [one.error for one in report.failed] == [
        "has 2,199,999 characters; a release has at most 2,000,000: split it"
    ]
