from __future__ import annotations

import re

import pytest

from ingest.errors import SourceError
from ingest.listing.entries import Part
from ingest.listing.links import compile_pattern, feeds_of, matches, read_links
from ingest.types import Entry, Source

HERE = "https://ministry.fr/press/"


def read(html: str) -> Part:
    return read_links(html.encode(), HERE)


def test_links_are_listed_once_in_the_order_of_the_page() -> None:
    """A link to a place on another page is one to that page; mail, scripts and the page itself are none."""
    part = read(
        "<a href='b#top'>B</a><a href='/a?utm_source=x'>A</a><a href='b'>B</a><a href='mailto:a@b.fr'>M</a>"
        "<a href='javascript:void(0)'>J</a><a href='#'>top</a><a href='http://[x'>?</a><a href=' c '>C</a>"
    )

    names = ["https://ministry.fr/press/b", "https://ministry.fr/a", "https://ministry.fr/press/c"]
    assert [entry.address for entry in part.entries] == names


def test_the_headline_of_a_card_is_the_title() -> None:
    """Not its picture, nor "read more", nor the whole card."""
    part = read(
        "<a href='a'><img src='x.png'></a><a href='a'>Une école\n ouvre à Lyon</a><a href='a'>Lire</a>"
        f"<a href='b'><h3>Un pont</h3><p>{'Le texte. ' * 50}</p></a><a href='c' title='Une gare'><img></a>"
    )

    assert [entry.title for entry in part.entries] == ["Une école ouvre à Lyon", "Un pont", "Une gare"]


def test_the_base_of_a_page_holds() -> None:
    """Relative to the page itself or whole."""
    assert read("<base href='/news/'><a href='a'>A</a>").entries[0].address == "https://ministry.fr/news/a"


@pytest.mark.parametrize(
    "pager",
    [
        "<link rel='next' href='?page=2'>",
        "<a rel='nofollow next' href='?page=2#list'>2</a>",
        "<a class='next page-numbers' href='?page=2'>»</a>",
        "<a rel='next' href='#'>›</a><a rel='next' href='?page=2'>2</a>",
    ],
)
def test_the_next_page_of_a_listing_is_found(pager: str) -> None:
    """In the head or in the pager, and as WordPress has it."""
    assert read(f"<html><body>{pager}</body></html>").following == (Entry(f"{HERE}?page=2"),)


def test_a_page_of_nothing_has_no_links() -> None:
    """A comment alone is an empty page."""
    assert read("<!-- nothing -->") == Part()
    assert read("<p>No link.</p>") == Part()


def test_a_pattern_is_found_in_the_address_as_it_is_read() -> None:
    """With accents as a browser shows them, or as they are sent."""
    address = "https://ministry.fr/communiqu%C3%A9/12"

    assert matches(re.compile(r"/communiqué/\d+$"), address)
    assert matches(re.compile(r"communiqu%C3%A9"), address)
    assert not matches(re.compile(r"^/communiqué"), address)


def test_a_mistake_in_a_pattern_is_shown() -> None:
    """With its place; no pattern is no mistake."""
    with pytest.raises(SourceError, match=r"`links` is no regular expression: '/\(a': missing \).* at position 1"):
        compile_pattern(Source(HERE, links="/(a"))

    assert compile_pattern(Source(HERE)) is None


def test_the_feeds_of_a_page_are_found() -> None:
    """RSS, Atom and JSON Feed, each once; a version in another language is no feed."""
    page = (
        "<link rel=alternate type='application/rss+xml' href='/rss'>"
        "<link rel=alternate type='application/rss+xml' href='/rss#again'>"
        "<link rel='ALTERNATE alternate' type='Application/Atom+XML; charset=utf-8' href='atom'>"
        "<link rel=alternate type='application/feed+json' href='f.json'><link rel=alternate hreflang=en href='/en'>"
    )

    feeds = ("https://ministry.fr/rss", "https://ministry.fr/press/atom", "https://ministry.fr/press/f.json")
    assert feeds_of(page.encode(), HERE) == feeds
    assert feeds_of(b"", HERE) == ()


@pytest.mark.parametrize(
    ("encoding", "charset", "meta"),
    [
        ("utf-8", "iso-8859-1", ""),
        ("latin-1", "iso-8859-1", ""),
        ("latin-1", None, "<meta charset='iso-8859-1'>"),
        ("latin-1", "no-such-charset", "<meta charset='iso-8859-1'>"),
        ("utf-16", None, ""),
    ],
)
def test_titles_have_their_accents(encoding: str, charset: str | None, meta: str) -> None:
    """UTF-8 wherever it fits, then the server's word, then the page's."""
    page = f"<html><head>{meta}</head><body><a href='a'>Été</a></body></html>".encode(encoding)

    assert read_links(page, HERE, charset=charset).entries[0].title == "Été"
