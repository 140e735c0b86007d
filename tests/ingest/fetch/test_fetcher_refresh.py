"""Pages that send their readers on, and pages that are shown only to who brings a cookie back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ingest.errors import FetchError
from ingest.fetch.fetcher import Fetcher

if TYPE_CHECKING:
    from ingest.fetch.cache import PageCache
    from ingest.fetch.politeness import FetchPolicy
    from tests.ingest.fetch.conftest import Site

HTML = {"content_type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    "page",
    [
        '<meta http-equiv="refresh" content="0; url=/new">',
        "<META CONTENT='3;URL=\"/new\"' HTTP-EQUIV=Refresh>",
        '<!-- moved --><meta charset=utf-8><meta content="1,/new" http-equiv="refresh"/>',
    ],
)
def test_a_page_that_sends_on_at_once_is_followed(site: Site, fetcher: Fetcher, page: str) -> None:
    """As browsers do; the page is known to have moved."""
    site.answer("/old", page.encode(), **HTML)
    site.answer("/new", b"<p>Here</p>", **HTML)

    fetched = fetcher.fetch(site.url("/old"), allow_private=True)

    assert (fetched.final, fetched.content, fetched.moved) == (site.url("/new"), b"<p>Here</p>", True)


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ('<meta http-equiv="refresh" content="300; url=/new">', "text/html"),
        ('<meta http-equiv="refresh" content="5">', "text/html"),
        ('<noscript><meta http-equiv="refresh" content="0; url=/new"></noscript>', "text/html"),
        ('<!-- <meta http-equiv="refresh" content="0; url=/new"> -->', "text/html"),
        ('<meta http-equiv="refresh" content="0; url=/old#top">', "text/html"),
        ('<meta http-equiv="refresh" content="0; url=/new">', "text/plain"),
    ],
)
def test_a_page_that_is_meant_to_be_read_is_read(site: Site, fetcher: Fetcher, page: str, kind: str) -> None:
    """One that is shown for minutes, loads itself again, or speaks to browsers without scripts."""
    site.answer("/old", page.encode(), content_type=kind)

    assert fetcher.fetch(site.url("/old"), allow_private=True).content == page.encode()


def test_pages_that_send_on_to_each_other_fail(site: Site, fetcher: Fetcher) -> None:
    """As redirects in a circle do."""
    site.answer("/a", b'<meta http-equiv=refresh content="0;url=/b">', **HTML)
    site.answer("/b", b'<meta http-equiv=refresh content="0;url=/a">', **HTML)

    with pytest.raises(FetchError, match="in a circle"):
        fetcher.fetch(site.url("/a"), allow_private=True)


@pytest.mark.parametrize(("status", "moved"), [(301, True), (308, True), (302, False), (307, False)])
def test_only_some_redirects_are_for_good(site: Site, fetcher: Fetcher, status: int, moved: bool) -> None:
    """All hops have to be."""
    site.answer("/a", status=301, location="/b")
    site.answer("/b", status=status, location="/c")
    site.answer("/c", b"page")

    assert fetcher.fetch(site.url("/a"), allow_private=True).moved is moved


def wall(site: Site, *, by_page: bool = False) -> None:
    """A page that sets a cookie, sends on to itself, and is there for who has asked before."""
    if by_page:
        page = f'<meta http-equiv="refresh" content="0; url={site.url("/a")}">'.encode()
        site.answer("/a", page, set_cookie="seen=yes; Path=/; HttpOnly", **HTML)
    else:
        site.answer("/a", status=302, location="/a", set_cookie="seen=yes; Path=/; HttpOnly")
    site.answer("/a", b"<p>The release</p>", **HTML)


@pytest.mark.parametrize("by_page", [False, True])
def test_a_wall_that_wants_its_cookie_back_is_named(site: Site, fetcher: Fetcher, by_page: bool) -> None:
    """With the setting that brings it back."""
    wall(site, by_page=by_page)

    with pytest.raises(FetchError, match=r"sets a cookie.*fetch\.cookies = true"):
        fetcher.fetch(site.url("/a"), allow_private=True)


@pytest.mark.parametrize("by_page", [False, True])
def test_a_cookie_goes_back_to_its_host_where_that_is_set(
    site: Site, cache: PageCache, policy: FetchPolicy, by_page: bool
) -> None:
    """For the rest of the run, and without its attributes."""
    wall(site, by_page=by_page)
    site.answer("/b", b"<p>Another</p>", **HTML)

    with Fetcher(cache, replace(policy, cookies=True)) as fetcher:
        first = fetcher.fetch(site.url("/a"), allow_private=True)
        fetcher.fetch(site.url("/b"), allow_private=True)

    assert first.content == b"<p>The release</p>"
    assert [asked.headers.get("Cookie") for asked in site.pages()] == [None, "seen=yes", "seen=yes"]


def test_a_wall_that_is_never_content_fails(site: Site, cache: PageCache, policy: FetchPolicy) -> None:
    """A new cookie each time is no way on."""
    for number in range(9):
        site.answer("/a", status=302, location="/a", set_cookie=f"seen={number}")

    with Fetcher(cache, replace(policy, cookies=True)) as fetcher, pytest.raises(FetchError, match="more than 5 times"):
        fetcher.fetch(site.url("/a"), allow_private=True)


@pytest.mark.parametrize("cookies", [True, False])
def test_a_cookie_set_on_the_way_is_kept(site: Site, cache: PageCache, policy: FetchPolicy, cookies: bool) -> None:
    """A page sends to a check, which sets a cookie and sends back; without cookies, that is what is wrong."""
    site.answer("/a", status=302, location="/check")
    site.answer("/check", status=302, location="/b", set_cookie="seen=yes; Path=/")
    site.answer("/b", status=302, location="/a")
    site.answer("/a", b"<p>The release</p>", **HTML)

    with Fetcher(cache, replace(policy, cookies=cookies)) as fetcher:
        if cookies:
            assert fetcher.fetch(site.url("/a"), allow_private=True).content == b"<p>The release</p>"
        else:
            with pytest.raises(FetchError, match=r"sets a cookie.*fetch\.cookies = true"):
                fetcher.fetch(site.url("/a"), allow_private=True)
