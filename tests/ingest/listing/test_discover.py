from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from ingest.errors import FetchError, PageMissingError, SourceError
from ingest.listing.discover import ContentKind, FoundEntries, entries_of
from ingest.sources import Failure
from ingest.types import Entry, Source

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SITE = "https://ministry.fr"


@dataclass(frozen=True)
class Fetched:
    final: str
    content: bytes
    content_type: str | None = None
    charset: str | None = None


class Site:
    """A site of a few pages that remembers what was asked of it."""

    def __init__(self, pages: dict[str, str | bytes], moved: dict[str, str] | None = None) -> None:
        self.pages = {f"{SITE}{path}": page for path, page in pages.items()}
        self.moved = {f"{SITE}{path}": f"{SITE}{target}" for path, target in (moved or {}).items()}
        self.asked: list[str] = []

    def fetch(self, address: str) -> Fetched:
        self.asked.append(address.removeprefix(SITE))
        final = self.moved.get(address, address)
        if final not in self.pages:
            raise PageMissingError(final, 404)
        page = self.pages[final]
        return Fetched(final, page.encode() if isinstance(page, str) else page)


def find(site: Site, path: str, links: str | None = None) -> FoundEntries:
    return entries_of(Source(f"{SITE}{path}", links=links), site.fetch, now=NOW)


def paths(found: FoundEntries) -> list[str]:
    return [entry.address.removeprefix(SITE) for entry in found.entries]


def urlset(*paths: str) -> str:
    return f"<urlset>{''.join(f'<url><loc>{SITE}{path}</loc></url>' for path in paths)}</urlset>"


def index(*paths: str) -> str:
    return f"<sitemapindex>{''.join(f'<sitemap><loc>{SITE}{path}</loc></sitemap>' for path in paths)}</sitemapindex>"


def rss(*paths: str, following: str = "") -> str:
    onward = f"<a:link xmlns:a='http://www.w3.org/2005/Atom' rel='next' href='{following}'/>" if following else ""
    items = "".join(f"<item><link>{path}</link></item>" for path in paths)
    return f"<rss version='2.0'><channel>{onward}{items}</channel></rss>"


def page(*paths: str, following: str = "") -> str:
    onward = f"<a rel='next' href='{following}'>›</a>" if following else ""
    return f"<html><body>{''.join(f'<a href={path}>A</a>' for path in paths)}{onward}</body></html>"


def test_a_feed_is_listed_as_it_stands() -> None:
    """In its order, each address once; what is missing from it is not gone."""
    found = find(Site({"/feed": rss("/b", "/a?utm_source=rss", "/b#x", "/a")}), "/feed")

    assert paths(found) == ["/b", "/a"]
    assert not found.complete


def test_the_next_pages_of_a_feed_follow() -> None:
    """Relative to where a redirect led."""
    site = Site({"/new/feed": rss("/c", following="?p=2"), "/new/feed?p=2": rss("/b", "/a")}, {"/feed": "/new/feed"})

    assert paths(find(site, "/feed")) == ["/c", "/b", "/a"]


def test_every_sitemap_of_an_index_is_read_in_order() -> None:
    """Nested ones, compressed ones and one that is a feed in text; each once, and a circle ends."""
    site = Site(
        {
            "/i.xml": index("/1.xml.gz", "/j.xml", "/3.txt", "/1.xml.gz"),
            "/1.xml.gz": gzip.compress(urlset("/a", "/b").encode()),
            "/j.xml": index("/2.xml", "/i.xml", "/j.xml"),
            "/2.xml": urlset("/b", "/c"),
            "/3.txt": f"{SITE}/d\n{SITE}/e\n",
        }
    )

    found = find(site, "/i.xml")

    assert paths(found) == ["/a", "/b", "/c", "/d", "/e"]
    assert found.complete
    assert site.asked == ["/i.xml", "/1.xml.gz", "/j.xml", "/2.xml", "/3.txt"]


def test_a_sitemap_that_fails_is_told_and_the_others_are_read() -> None:
    """Then nothing can be said of what is missing."""
    site = Site({"/i.xml": index("/1.xml", "/2.xml", "/3.xml"), "/2.xml": urlset("/a"), "/3.xml": page("/login")})

    found = find(site, "/i.xml")

    assert paths(found) == ["/a"]
    assert not found.complete
    assert found.failures == (
        Failure(f"{SITE}/1.xml", "the server says that there is no such page (404)"),
        Failure(f"{SITE}/3.xml", "holds an HTML page, though a sitemap index names it as a part of its list"),
    )


def test_an_index_all_of_whose_sitemaps_fail_tells_each() -> None:
    """Failures are no reason to say that the pattern is wrong."""
    found = find(Site({"/i.xml": index("/1.xml", "/2.xml")}), "/i.xml", links="/news/")

    assert (found.entries, found.complete, len(found.failures)) == ((), False, 2)


def test_indexes_are_followed_three_deep() -> None:
    """A fourth is not opened, and said not to be."""
    pages: dict[str, str | bytes] = {f"/{depth}.xml": index(f"/{depth + 1}.xml") for depth in range(1, 4)}

    assert find(Site({**pages, "/4.xml": urlset("/a")}), "/1.xml").complete
    found = find(Site({**pages, "/4.xml": index("/5.xml"), "/5.xml": urlset("/a")}), "/1.xml")

    assert found.warnings[0] == f"{SITE}/5.xml: not read, nor what follows it: a list is read for 3 indexes deep"
    assert not found.complete


def test_a_pattern_chooses_from_a_sitemap() -> None:
    """The list is still complete as to what matches."""
    found = find(Site({"/s.xml": urlset("/about", "/press/1", "/press/2")}), "/s.xml", links=r"/press/\d+$")

    assert paths(found) == ["/press/1", "/press/2"]
    assert found.complete


def test_a_broken_sitemap_is_not_complete() -> None:
    """What was cut off may have named the rest."""
    found = find(Site({"/s.xml": urlset("/a", "/b")[:-30]}), "/s.xml")

    assert paths(found)[0] == "/a"
    assert not found.complete


def test_an_empty_sitemap_is_not_evidence() -> None:
    """Nor is it an error: a warning says that there is nothing."""
    assert find(Site({"/s.xml": urlset()}), "/s.xml") == FoundEntries(
        (), warnings=(f"{SITE}/s.xml: names no page at the moment",), kind=ContentKind.SITEMAP
    )


def test_the_pages_of_a_listing_follow() -> None:
    """Links that match, from each page, until there is no next one."""
    site = Site({"/news": page("/n/3", "/about", following="/news?p=2"), "/news?p=2": page("/n/2", "/n/1")})

    assert paths(find(site, "/news", links="/n/")) == ["/n/3", "/n/2", "/n/1"]


def test_a_list_without_an_end_is_cut_at_fifty_pages() -> None:
    """And a warning says so."""
    pages: dict[str, str | bytes] = {f"/f{n}": rss(f"/{n}", following=f"/f{n + 1}") for n in range(60)}
    site = Site(pages)

    found = find(site, "/f0")

    assert len(found.entries) == len(site.asked) == 50
    assert found.warnings == (f"{SITE}/f50: not read, nor what follows it: a list is read for 50 pages",)


def test_an_index_of_too_many_sitemaps_is_cut() -> None:
    """And a warning says so; then nothing can be said of what is missing."""
    pages: dict[str, str | bytes] = {f"/{n}.xml": urlset(f"/{n}") for n in range(3_000)}
    site = Site({"/i.xml": index(*pages), **pages})

    found = find(site, "/i.xml")

    assert len(found.entries) == 1_999
    assert not found.complete
    assert found.warnings == (f"{SITE}/1999.xml: not read, nor 1000 more: a list has too many parts",)


def test_a_page_that_brings_nothing_new_is_the_last() -> None:
    """Some sites show the last page for every number beyond it."""
    pages: dict[str, str | bytes] = {f"/f{n}": rss("/a", following=f"/f{n + 1}") for n in range(60)}
    site = Site(pages)

    found = find(site, "/f0")

    assert site.asked == ["/f0", "/f1"]
    assert found.warnings == ()


@pytest.mark.parametrize("content", [page("/a"), b"%PDF-1.7 ", "The ministry opens a school."])
def test_a_page_without_a_pattern_is_one_release(content: str | bytes) -> None:
    """Its address is the source's, wherever a redirect led; it is at hand and needs no second fetch."""
    found = find(Site({"/new": content}, {"/a?utm_source=x": "/new"}), "/a?utm_source=x")

    assert found.entries == (Entry(f"{SITE}/a"),)
    assert found.single is not None
    assert found.single.final == f"{SITE}/new"


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (page("/b", "/c", "/d"), f"no link of 3 matches '/n/'; links here look like {SITE}/b or {SITE}/c"),
        (urlset("/b"), f"no link of 1 matches '/n/'; links here look like {SITE}/b: correct"),
        (page(), "there is no link at all to match '/n/'"),
    ],
)
def test_a_pattern_that_matches_nothing_is_shown_what_there_is(content: str, cause: str) -> None:
    """How many links were looked at, and how they look."""
    with pytest.raises(SourceError, match=cause):
        find(Site({"/x": content}), "/x", links="/n/")


def test_what_is_no_list_and_no_page_is_an_error() -> None:
    """It says what could be named instead, and what the server says it is."""

    def picture(address: str) -> Fetched:
        return Fetched(address, b"\x89PNG\r\n\x1a\n\x00", "image/png")

    with pytest.raises(SourceError, match=r"neither page, feed nor sitemap, which the server calls image/png; name a"):
        entries_of(Source(f"{SITE}/a.png"), picture)


@pytest.mark.parametrize("links", [None, "/n/"])
@pytest.mark.parametrize(
    ("content", "holds"),
    [
        (page("/n/1"), "an HTML page"),
        (b"%PDF-1.7 ", "a PDF file"),
        ("We are back at noon.", "plain text"),
        ('{"error": "maintenance"}', "neither page, feed nor sitemap, which the server calls text/x"),
        (b"\x89PNG\r\n\x1a\n\x00", "neither page, feed nor sitemap, which the server calls text/x"),
    ],
)
@pytest.mark.parametrize(
    ("kind", "was"),
    [(ContentKind.FEED, "a feed"), (ContentKind.SITEMAP, "a sitemap"), (ContentKind.SITEMAP_INDEX, "a sitemap index")],
)
def test_a_list_that_becomes_something_else_has_failed(
    kind: ContentKind, was: str, content: str | bytes, holds: str, links: str | None
) -> None:
    """What stands in its place is no release and no list; the error says how to have it believed."""
    sent = content.encode() if isinstance(content, str) else content

    with pytest.raises(
        SourceError, match=f"/f: {was} until now, holds {holds}; nothing new is stored; .*`communique sources forget`"
    ):
        entries_of(
            Source(f"{SITE}/f", links=links), lambda address: Fetched(address, sent, "text/x"), until_now=kind, now=NOW
        )


@pytest.mark.parametrize(
    "until_now", [ContentKind.FEED, ContentKind.SITEMAP, ContentKind.SITEMAP_INDEX, ContentKind.HTML, None]
)
@pytest.mark.parametrize(("content", "kind"), [(rss("/a"), ContentKind.FEED), (urlset("/a"), ContentKind.SITEMAP)])
def test_one_list_may_become_another(until_now: ContentKind | None, content: str, kind: ContentKind) -> None:
    """A feed where a sitemap was, and either where a page was."""
    found = entries_of(Source(f"{SITE}/f"), Site({"/f": content}).fetch, until_now=until_now, now=NOW)

    assert (paths(found), found.kind) == (["/a"], kind)


@pytest.mark.parametrize("content", [b"%PDF-1.7 ", b"We are back at noon."])
def test_a_page_of_links_that_has_none_is_no_release(content: bytes) -> None:
    """A pattern says that it is a list; a page of links is known as such."""
    with pytest.raises(SourceError, match="and no links; leave `links` out if it is a release"):
        find(Site({"/news": content}), "/news", links="/n/")
    assert find(Site({"/news": page("/n/1")}), "/news", links="/n/").kind is ContentKind.HTML


def test_a_source_that_cannot_be_fetched_passes_its_error_on() -> None:
    """As it is, for the report to tell its kind; of a wrong pattern nothing is fetched."""
    site = Site({})

    with pytest.raises(FetchError, match="no such page"):
        find(site, "/gone")
    with pytest.raises(SourceError, match="no regular expression"):
        find(site, "/gone", links="(")
    assert site.asked == ["/gone"]
