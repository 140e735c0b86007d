from __future__ import annotations

import re

import pytest

from ingest.errors import SourceError
from ingest.listing.links import compile_pattern, matches, read_links, read_page
from ingest.types import Entry, Part, Source

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
    assert read(page).feeds == feeds
    assert read("").feeds == ()


RELEASE = "<h1>A bridge for Lyon</h1><p>3 May 2025</p><p>{}</p>".format("A bridge will cross the Saône by 2027. " * 8)


@pytest.mark.parametrize(
    "teasers",
    [
        "<article><h3><a href=/r/{0}>Tram line {0} opens</a></h3><p>It opens on {0} May, for nothing.</p></article>",
        "<li><time>{0} May 2025</time> <a href=/r/{0}>Tram line {0} opens in May</a></li>",
        "<a href=/r/{0}><h2>Tram line {0}</h2><p>It opens on {0} May, and it costs nothing on the first day.</p></a>",
        "<h3><a href=/r/{0}>Tram line {0} opens</a></h3><p>It opens on {0} May, and costs nothing at first.</p>",
        "<tr><td>{0} May 2025<td><a href=/r/{0}>Tram line {0} opens in May</a><td><a href=/r/{0}>Read more</a></tr>",
    ],
)
def test_a_page_of_teasers_is_a_list(teasers: str) -> None:
    """Boxes, items, cards, headlines with a line behind each, rows of a table; a release above four of them is none."""
    four = "".join(teasers.format(number) for number in range(1, 5))
    page = "<html lang=en><link rel=alternate type='application/rss+xml' href=/rss><main>{}</main>"

    listed = read_page(page.format(f"<h1>Latest news</h1>{four}").encode(), HERE)
    release = read_page(page.format(f"<article>{RELEASE}</article><h2>Related</h2>{four}").encode(), HERE)

    assert (listed.is_list, listed.feeds) == (True, ("https://ministry.fr/rss",))
    assert not release.is_list


def test_a_release_that_links_to_its_sources_is_no_list() -> None:
    """Links inside sentences, and documents below the text."""
    linked = "".join(f"<p>The <a href=/law/{n}>law of the year {n}</a> says how it is paid for.</p>" for n in range(9))
    files = "".join(f"<li><a href=/file/{n}.pdf>Annex number {n} (PDF)</a></li>" for n in range(3))

    assert not read_page(f"<main>{RELEASE}{linked}<ul>{files}</ul></main>".encode(), HERE).is_list


@pytest.mark.parametrize("path", ["", "fr", "en/", "index.html", "fr/accueil.php"])
def test_a_front_page_is_a_list_unless_it_has_a_date(path: str) -> None:
    """Whatever is on it; with parameters it may be any page."""
    welcome = b"<html lang=en><h1>Welcome</h1><p>We build bridges all over the country, and have done so for years.</p>"

    assert read_page(welcome, f"https://ministry.fr/{path}").is_list
    assert not read_page(welcome, f"https://ministry.fr/{path}?p=7").is_list
    assert not read_page(RELEASE.encode(), f"https://ministry.fr/{path}").is_list


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
