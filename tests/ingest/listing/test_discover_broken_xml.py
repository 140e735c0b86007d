"""Lists as some servers send them: a bare `&`, a notice before the XML, entries that are places on one page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ingest.listing.discover import ContentKind, Unread, read_part

if TYPE_CHECKING:
    from ingest.types import Part

NOW = datetime(2026, 11, 20, tzinfo=UTC)
MAP = "<urlset><url><loc>https://a.fr/{}</loc></url></urlset>"
FEED = "<rss version='2.0'><channel><title>T</title><item><title>A & B</title><link>{}</link></item></channel></rss>"


def read(text: str) -> tuple[ContentKind, Part]:
    return read_part(Unread(text.encode(), "https://a.fr/list.xml", None, NOW, links=False))


@pytest.mark.parametrize("written", ["n?id=4&lang=en", "n?id=4&amp;lang=en", "<![CDATA[n?id=4&lang=en]]>"])
def test_an_ampersand_is_one_however_it_is_written(written: str) -> None:
    """`&lang` is no entity; such a sitemap is whole, and has no warning."""
    part = read(MAP.format(written).replace("https://a.fr/<![CDATA[", "<![CDATA[https://a.fr/"))[1]

    assert [entry.address for entry in part.entries] == ["https://a.fr/n?id=4&lang=en"]
    assert (part.complete, part.warnings) == (True, ())


def test_a_feed_may_have_bare_ampersands_too() -> None:
    """In its titles and its links."""
    part = read(FEED.format("https://a.fr/n?id=4&copy=2"))[1]

    assert [(entry.address, entry.title) for entry in part.entries] == [("https://a.fr/n?copy=2&id=4", "A & B")]
    assert part.warnings == ()


def test_what_html_has_a_name_for_is_a_character() -> None:
    """XML has no names for letters with accents."""
    assert read(MAP.format("caf&eacute;"))[1].entries[0].address == "https://a.fr/caf%C3%A9"


@pytest.mark.parametrize(
    "notice",
    ["\n\n", "Warning: session_start() in <b>/srv/a.php</b> on line 3<br />\n", "0", "<!-- cached -->\n", "\ufeff \n"],
)
@pytest.mark.parametrize("declaration", ['<?xml version="1.0" encoding="UTF-8"?>\n', ""])
def test_a_notice_before_the_xml_is_passed_over(notice: str, declaration: str) -> None:
    """Of a sitemap as of a feed, with and without an XML declaration."""
    sitemap, feed = (read(notice + declaration + text.format("x")) for text in (MAP, FEED))

    assert (sitemap[0], len(sitemap[1].entries)) == (ContentKind.SITEMAP, 1)
    assert (feed[0], len(feed[1].entries)) == (ContentKind.FEED, 1)


def test_a_page_about_feeds_is_no_feed() -> None:
    """What stands in a page is part of it."""
    page = f"<!doctype html><h1>How to write a feed</h1><pre>{FEED.format('x')}</pre>"

    assert read(page)[0] is ContentKind.HTML


def items(*links: str) -> str:
    entries = "".join(f"<item><title>News {link}</title><link>{link}</link></item>" for link in links)
    return f"<rss version='2.0'><channel><title>T</title>{entries}</channel></rss>"


def test_entries_that_are_places_on_one_page_keep_them() -> None:
    """Each is a release of its own; one place on a page of its own says where to look, and is no part of its name."""
    part = read(items("/news#one", "/news#two", "/a#content", "/b"))[1]

    assert [entry.address for entry in part.entries] == [
        "https://a.fr/news#one", "https://a.fr/news#two", "https://a.fr/a", "https://a.fr/b",
    ]  # fmt: skip
    assert part.warnings == ()
