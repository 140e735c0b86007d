"""Where a newsroom's address leads: its feeds, its sitemaps, its pages of links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from ingest.errors import PageMissingError
from ingest.listing.discover import ContentKind, read_part
from ingest.listing.newsroom import Newsroom, find_lists, told

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SITE = "https://ministry.fr"


@dataclass(frozen=True)
class Fetched:
    final: str
    content: bytes
    content_type: str | None = None
    charset: str | None = None


class Site:
    """A site of a few pages, by path, that remembers what was asked of it."""

    def __init__(self, pages: dict[str, str]) -> None:
        self.pages = pages
        self.asked: list[str] = []

    def fetch(self, address: str) -> Fetched:
        path = address.removeprefix(SITE)
        self.asked.append(path)
        if path not in self.pages:
            raise PageMissingError(address, 404)
        return Fetched(address, self.pages[path].encode())


def find(site: Site, path: str = "/") -> Newsroom:
    return find_lists(f"{SITE}{path}", site.fetch, read_part, now=NOW)


def rss(*paths: str, language: str = "en") -> str:
    day = "<pubDate>Mon, 12 Oct 2026 08:00:00 GMT</pubDate>"
    items = "".join(f"<item><title>News of {path}</title><link>{path}</link>{day}</item>" for path in paths)
    return f'<rss version="2.0"><channel><title>T</title><language>{language}</language>{items}</channel></rss>'


def urlset(*paths: str) -> str:
    return f"<urlset>{''.join(f'<url><loc>{SITE}{path}</loc></url>' for path in paths)}</urlset>"


def alternates(*paths: str) -> str:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{path}">' for path in paths)
    return f"<!doctype html><html lang=en><head>{links}</head><body><h1>Welcome</h1></body></html>"


def addresses(found: Newsroom) -> list[str]:
    return [one.address.removeprefix(SITE) for one in found.lists]


def test_press_releases_come_before_comments_and_a_blog() -> None:
    """Whatever the order in which the page names its feeds."""
    feeds = {path: rss(f"{path}/1", f"{path}/2", f"{path}/3") for path in ("/comments", "/blog", "/press/feed")}

    found = find(Site({"/": alternates(*feeds), **feeds}))

    assert addresses(found)[0] == "/press/feed"


def test_the_feed_in_the_page_s_language_comes_first() -> None:
    """Two of them that are alike otherwise."""
    feeds = {f"/{code}.xml": rss(f"/{code}/1", f"/{code}/2", f"/{code}/3", language=code) for code in ("fr", "en")}

    found = find(Site({"/": alternates("/fr.xml", "/en.xml"), **feeds}))

    assert [one.languages for one in found.lists[:2]] == [("en",), ("fr",)]


def test_a_sitemap_that_robots_txt_names_is_read_for_its_press_pages() -> None:
    """The rest of the site is left out by a pattern."""
    press = [f"/en/press/{n}" for n in range(4)]
    pages = {"/": alternates(), "/robots.txt": f"User-agent: *\nSitemap: {SITE}/maps/all.xml\n"}

    found = find(Site({**pages, "/maps/all.xml": urlset("/", "/en/jobs/1", "/en/contact", *press)}))

    assert addresses(found) == ["/maps/all.xml"]
    assert (found.lists[0].count, found.lists[0].links) == (4, "/en/press/")


def test_the_sitemap_of_an_index_that_is_called_after_the_press_is_opened() -> None:
    """Of many, only some are read."""
    parts = {f"/map-{name}.xml": urlset(*(f"/{name}/{n}" for n in range(3))) for name in ("a", "b", "c", "d", "news")}
    index = "".join(f"<sitemap><loc>{SITE}{path}</loc></sitemap>" for path in parts)
    site = Site({"/": alternates(), "/sitemap.xml": f"<sitemapindex>{index}</sitemapindex>", **parts})

    found = find(site)

    assert found.lists[0].links == "/news/"
    assert len([path for path in site.asked if path.startswith("/map-")]) == 3


def test_the_press_section_is_looked_through() -> None:
    """A front page that names no feed links to a page that does."""
    front = "<html lang=fr><nav><a href=/contact>Contact</a><a href=/espace-presse>Espace presse</a></nav>"
    pages = {"/": front, "/espace-presse": alternates("/communiques.rss"), "/communiques.rss": rss("/1", "/2", "/3")}

    assert "/communiques.rss" in addresses(find(Site(pages)))


@pytest.mark.parametrize("place", ["/feed", "/news/rss.xml", "/atom.xml", "/news/feed.xml"])
def test_the_usual_places_are_tried(place: str) -> None:
    """Below the page and at the top of the site; no address is asked twice."""
    site = Site({"/news": "<html><h1>News</h1><p>None today.</p>", place: rss("/a/1", "/a/2", "/a/3")})

    found = find(site, "/news")

    assert addresses(found) == [place]
    assert len(site.asked) == len(set(site.asked))


def test_a_page_of_links_is_the_last_resort() -> None:
    """With a pattern for the folder that most headlines lead to, whatever the year."""
    links = "".join(f"<li><a href=/n/{2020 + n}/x-{n}>The bridge number {n} is open</a></li>" for n in range(5))

    found = find(Site({"/": f"<html><h1>News</h1><ul>{links}</ul>"}))

    assert [(one.kind, one.count, one.links) for one in found.lists] == [(ContentKind.HTML, 5, r"/n/\d+/[^/]+$")]


def test_the_same_pages_listed_twice_are_one_list() -> None:
    """RSS and Atom of one newsroom."""
    pages = {"/": alternates("/a.xml", "/b.xml"), "/a.xml": rss("/1", "/2"), "/b.xml": rss("/2", "/1")}

    assert len(find(Site(pages)).lists) == 1


def test_a_feed_is_its_own_newsroom() -> None:
    """Nothing else is asked for."""
    site = Site({"/feed.xml": rss("/1", "/2")})

    assert addresses(find(site, "/feed.xml")) == ["/feed.xml"]
    assert site.asked == ["/feed.xml"]


def test_what_was_asked_in_vain_is_named() -> None:
    """A site without any list is left alone after some thirty requests."""
    site = Site({"/": alternates("/gone.xml")})

    found = find(site)

    assert not found.lists
    assert f"{SITE}/gone.xml: the server says that there is no such page (404)" in told(found)
    assert len(site.asked) <= 32
