from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from ingest.errors import (
    AddressRefusedError,
    FetchError,
    HostPausedError,
    PageMissingError,
    PageTooLargeError,
    RobotsRefusedError,
    UnavailableError,
)
from ingest.fetch.fetcher import Fetcher
from ingest.fetch.politeness import Hosts

if TYPE_CHECKING:
    from ingest.fetch.cache import PageCache
    from ingest.fetch.politeness import FetchPolicy
    from tests.ingest.fetch.conftest import Site


def test_a_page_comes_with_what_the_server_says_of_it(site: Site, fetcher: Fetcher) -> None:
    """Bytes as they are, the bare media type, the charset, the date."""
    headers = {"content_type": "Text/HTML; Charset=ISO-8859-1", "last_modified": "Mon, 02 Jun 2025 08:00:00 GMT"}
    site.answer("/a", "été".encode("latin-1"), **headers)

    page = fetcher.fetch(site.url("/a"), allow_private=True)

    assert (page.address, page.final) == (site.url("/a"), site.url("/a"))
    assert (page.content, page.modified) == (b"\xe9t\xe9", True)
    assert (page.content_type, page.charset) == ("text/html", "iso-8859-1")
    assert page.last_modified == "Mon, 02 Jun 2025 08:00:00 GMT"


def test_every_request_says_who_asks(site: Site, fetcher: Fetcher) -> None:
    """Product and contact, for robots.txt too; only packings that can be unpacked to a limit; no cookie is kept."""
    site.answer("/a", b"words", set_cookie="seen=1")

    fetcher.fetch(site.url("/a"), allow_private=True)
    fetcher.fetch(site.url("/a"), allow_private=True)

    assert [asked.path for asked in site.asked] == ["/robots.txt", "/a", "/a"]
    for asked in site.asked:
        assert asked.headers["User-Agent"].startswith("Communique/")
        assert "+press@newsroom.test" in asked.headers["User-Agent"]
        assert asked.headers["Accept-Encoding"] == "gzip, deflate"
        assert "Cookie" not in asked.headers


@pytest.mark.parametrize(
    ("name", "value", "question"),
    [
        ("etag", 'W/"été"', "If-None-Match"),
        ("last_modified", "Mon, 02 Jun 2025 08:00:00 GMT", "If-Modified-Since"),
    ],
)
def test_an_unchanged_page_is_asked_for_but_not_sent_again(
    site: Site, fetcher: Fetcher, name: str, value: str, question: str
) -> None:
    """The validator goes back as it came, and the page comes from the cache."""
    site.answer("/a", b"words", **{name: value})
    first = fetcher.fetch(site.url("/a"), allow_private=True)

    second = fetcher.fetch(site.url("/a"), allow_private=True)

    assert site.pages()[1].headers[question] == value
    assert second == replace(first, modified=False)
    assert (fetcher.traffic.conditional, fetcher.traffic.not_modified) == (1, 1)


def test_a_changed_page_replaces_the_one_in_the_cache(site: Site, fetcher: Fetcher, cache: PageCache) -> None:
    """Content and validator are the new ones."""
    site.answer("/a", b"old", etag='"1"')
    site.answer("/a", b"new", etag='"2"')
    fetcher.fetch(site.url("/a"), allow_private=True)

    page = fetcher.fetch(site.url("/a"), allow_private=True)

    held = cache.get(site.url("/a"))
    assert (page.content, page.modified) == (b"new", True)
    assert held is not None
    assert (held.content, held.etag) == (b"new", '"2"')


def test_what_was_confirmed_lately_is_given_without_any_request(
    site: Site, fetcher: Fetcher, cache: PageCache, policy: FetchPolicy
) -> None:
    """Not even robots.txt is asked for, though the site has none."""
    site.answer("/a", b"words")
    fetcher.fetch(site.url("/a"), allow_private=True)
    site.asked.clear()

    with Fetcher(cache, policy, fresh_for=timedelta(hours=1)) as later:
        page = later.fetch(site.url("/a"), allow_private=True)
        with pytest.raises(PageMissingError, match="no such page"):
            later.fetch(site.url("/b"), allow_private=True)

    assert (page.content, page.modified, later.traffic.from_cache) == (b"words", False, 2)
    assert [asked.path for asked in site.asked] == ["/b"]


def test_redirects_are_followed_to_the_page(site: Site, fetcher: Fetcher) -> None:
    """Relative ones too; the validator goes only to the address that gave it."""
    site.answer("/a", status=301, location="b/c")
    site.answer("/b/c", status=302, location="../d")
    site.answer("/d", b"words", etag='"1"')
    fetcher.fetch(site.url("/a"), allow_private=True)

    page = fetcher.fetch(site.url("/a"), allow_private=True)

    assert (page.address, page.final, page.modified) == (site.url("/a"), site.url("/d"), False)
    conditional = [asked.path for asked in site.asked if "If-None-Match" in asked.headers]
    assert conditional == ["/d"]


def test_redirects_in_a_circle_are_told(site: Site, fetcher: Fetcher) -> None:
    """At the first address that comes again."""
    site.answer("/a", status=302, location="/b")
    site.answer("/b", status=302, location="/a")

    with pytest.raises(FetchError, match=r"/a: its redirects go in a circle"):
        fetcher.fetch(site.url("/a"), allow_private=True)

    assert len(site.pages()) == 2


def test_too_many_redirects_are_refused(site: Site, fetcher: Fetcher) -> None:
    """Five are followed, a sixth is not."""
    for number in range(9):
        site.answer(f"/{number}", status=302, location=f"/{number + 1}")

    with pytest.raises(FetchError, match="sent on more than 5 times"):
        fetcher.fetch(site.url("/0"), allow_private=True)

    assert len(site.pages()) == 6


def test_a_redirect_to_no_address_is_told(site: Site, fetcher: Fetcher) -> None:
    """It is not tried again."""
    site.answer("/a", status=302, location="http://[::broken/")

    with pytest.raises(FetchError, match="sends on to what is no web address"):
        fetcher.fetch(site.url("/a"), allow_private=True)

    assert len(site.pages()) == 1


@pytest.mark.parametrize(
    ("target", "cause"),
    [
        ("http://169.254.169.254/latest/meta-data", "sent on to .*it is never asked"),
        ("file:///etc/passwd", "no web address"),
        ("http://name:word@127.0.0.1/", "holds a user name or password"),
    ],
)
def test_a_redirect_never_leads_where_nothing_is_fetched_from(
    site: Site, fetcher: Fetcher, target: str, cause: str
) -> None:
    """Though private networks are allowed; it is told of the address that was asked for."""
    site.answer("/a", status=302, location=target)

    with pytest.raises(AddressRefusedError, match=cause) as caught:
        fetcher.fetch(site.url("/a"), allow_private=True)

    assert caught.value.location == site.url("/a")
    assert len(site.pages()) == 1


def test_this_machine_is_asked_only_where_allowed(site: Site, fetcher: Fetcher) -> None:
    """A connection that was allowed for one source serves no other; the error says how to allow it."""
    site.answer("/a", b"words")
    fetcher.fetch(site.url("/a"), allow_private=True)
    site.asked.clear()

    with pytest.raises(AddressRefusedError, match="allow_private = true"):
        fetcher.fetch(site.url("/a"))

    assert site.asked == []


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_failure_that_passes_is_tried_again(site: Site, fetcher: Fetcher, status: int) -> None:
    """The second answer counts."""
    site.answer("/a", status=status)
    site.answer("/a", b"words")

    assert fetcher.fetch(site.url("/a"), allow_private=True).content == b"words"

    assert (len(site.pages()), fetcher.traffic.retries) == (2, 1)


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_is_asked_too_often_is_left_alone_for_a_while(
    site: Site, cache: PageCache, policy: FetchPolicy, status: int
) -> None:
    """Although it does not say for how long."""
    site.answer("/a", status=status)
    site.answer("/a", b"words")

    with Fetcher(cache, replace(policy, pause=0.5)) as fetcher:
        fetcher.fetch(site.url("/a"), allow_private=True)

    first, second = site.pages()
    assert second.moment - first.moment >= 0.45


def test_a_host_that_answers_no_more_is_not_asked_for_each_of_its_pages(
    site: Site, cache: PageCache, policy: FetchPolicy
) -> None:
    """Neither again and again, nor for as long as each may take."""

    async def hang_up(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    site.answer("/a", b"words")
    site.answers["/b"].append(hang_up)
    with Fetcher(cache, replace(policy, failures=4)) as fetcher:
        fetcher.fetch(site.url("/a"), allow_private=True)
        causes = []
        for _ in range(3):
            with pytest.raises(UnavailableError) as failed:
                fetcher.fetch(site.url("/b"), allow_private=True)
            causes.append(failed.value.cause)

    assert "the connection broke" in causes[0]
    assert "again and again" in causes[-1]
    assert len(site.pages()) == 5


def test_a_failure_that_stays_is_told_after_three_attempts(site: Site, fetcher: Fetcher) -> None:
    """With its meaning and its number."""
    site.answer("/a", status=502)

    with pytest.raises(UnavailableError, match=r"the server failed \(502\)"):
        fetcher.fetch(site.url("/a"), allow_private=True)

    assert len(site.pages()) == 3


def test_a_pause_that_the_server_asks_for_is_kept(site: Site, fetcher: Fetcher) -> None:
    """A Retry-After of one second."""
    site.answer("/a", status=429, retry_after="1")
    site.answer("/a", b"words")

    fetcher.fetch(site.url("/a"), allow_private=True)

    first, second = site.pages()
    assert second.moment - first.moment >= 0.99


def test_a_pause_that_is_too_long_is_not_waited_out(site: Site, fetcher: Fetcher) -> None:
    """Neither by this page nor by the next of the same host, which is not asked at all."""
    site.answer("/a", status=503, retry_after="3600")

    with pytest.raises(UnavailableError, match="come again in 3600 seconds") as first:
        fetcher.fetch(site.url("/a"), allow_private=True)
    with pytest.raises(UnavailableError, match="asks for a pause of 3600 seconds") as second:
        fetcher.fetch(site.url("/b"), allow_private=True)

    assert first.value.retry_after == 3600
    assert second.value.retry_after == pytest.approx(3600, abs=5)
    assert len(site.pages()) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_page_is_missing_at_once(site: Site, fetcher: Fetcher, status: int) -> None:
    """No second attempt; the status is kept."""
    site.answer("/a", status=status)

    with pytest.raises(PageMissingError, match="no such page") as caught:
        fetcher.fetch(site.url("/a"), allow_private=True)

    assert (caught.value.status, len(site.pages())) == (status, 1)


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (401, "an account"),
        (403, "refuses access"),
        (418, "is unusable"),
        (204, "no content"),
        (304, "not modified"),
        (200, "empty page"),
    ],
)
def test_an_answer_of_no_use_says_what_it_means(site: Site, fetcher: Fetcher, status: int, cause: str) -> None:
    """No second attempt, and it is no passing failure."""
    site.answer("/a", status=status)

    with pytest.raises(FetchError, match=cause) as caught:
        fetcher.fetch(site.url("/a"), allow_private=True)

    assert type(caught.value) is FetchError
    assert len(site.pages()) == 1


def test_robots_txt_is_obeyed_and_read_once(site: Site, fetcher: Fetcher) -> None:
    """The group for us counts, not the one for all; a redirect is asked about too."""
    site.answer("/robots.txt", b"User-agent: *\nDisallow: /\n\nUser-agent: communique\nDisallow: /closed\n")
    site.answer("/a", b"words")
    site.answer("/b", status=302, location="/closed/c")

    fetcher.fetch(site.url("/a"), allow_private=True)
    for path in ("/closed", "/b"):
        with pytest.raises(RobotsRefusedError, match=r"robots\.txt asks that `Communique` does not read it"):
            fetcher.fetch(site.url(path), allow_private=True)

    assert [asked.path for asked in site.asked] == ["/robots.txt", "/a", "/b"]


def test_the_delay_that_robots_txt_asks_for_is_kept(site: Site, fetcher: Fetcher) -> None:
    """It is longer than our own."""
    site.answer("/robots.txt", b"User-agent: *\nCrawl-delay: 0.3\n")
    site.answer("/a", b"words")

    for _ in range(3):
        fetcher.fetch(site.url("/a"), allow_private=True)

    moments = [asked.moment for asked in site.pages()]
    assert moments[2] - moments[0] >= 0.55


def test_a_delay_of_an_hour_is_cut_and_told_once(site: Site, cache: PageCache, policy: FetchPolicy) -> None:
    """It would hold everything up."""
    site.answer("/robots.txt", b"User-agent: *\nCrawl-delay: 3600\n")
    site.answer("/a", b"words")

    with Fetcher(cache, replace(policy, longest_delay=0.2)) as fetcher:
        for _ in range(3):
            fetcher.fetch(site.url("/a"), allow_private=True)
        warnings = fetcher.take_warnings()

    moments = [asked.moment for asked in site.pages()]
    assert 0.35 <= moments[2] - moments[0] < 30
    assert warnings == (
        f"{site.url('/robots.txt')}: asks for 3600 seconds between requests; 0.2 are kept, as fetch.longest_delay says",
    )
    assert fetcher.take_warnings() == ()


def test_fetchers_that_share_what_they_know_are_as_polite_as_one(
    site: Site, cache: PageCache, policy: FetchPolicy
) -> None:
    """One robots.txt for both, one distance, and one pause."""
    site.answer("/a", b"words")
    site.answer("/b", status=429, retry_after="600")
    hosts = Hosts()
    limits = replace(policy, delay=0.3)

    with Fetcher(cache, limits, hosts=hosts) as one, Fetcher(cache, limits, hosts=hosts) as other:
        one.fetch(site.url("/a"), allow_private=True)
        other.fetch(site.url("/a"), allow_private=True)
        with pytest.raises(HostPausedError, match="come again in 600 seconds, and is left alone for now"):
            one.fetch(site.url("/b"), allow_private=True)
        one.stop()
        with pytest.raises(HostPausedError, match="its host asks for a pause of"):
            other.fetch(site.url("/a"), allow_private=True)

    assert [asked.path for asked in site.asked] == ["/robots.txt", "/a", "/a", "/b"]
    assert site.asked[2].moment - site.asked[1].moment >= 0.29
    assert (one.traffic.requests, other.traffic.requests) == (3, 1)


@pytest.mark.parametrize("value", ["9" * 400, "Mon, 1 Jan 2030 00:00:00 +99999999999999999999", "-1", "nan"])
def test_a_pause_that_cannot_be_read_ends_nothing(site: Site, fetcher: Fetcher, value: str) -> None:
    """The page is a failure, and others are read unless a day's pause was asked for."""
    site.answer("/a", status=503, retry_after=value)

    with pytest.raises(UnavailableError, match="out of service"):
        fetcher.fetch(site.url("/a"), allow_private=True)


def test_no_password_stands_in_an_error(site: Site, fetcher: Fetcher) -> None:
    """Neither one of a redirect, nor one of the address itself."""
    site.answer("/a", status=302, location="http://name:secret@127.0.0.1/")
    site.answer("/b", status=302, location="http://name:secret@[::broken/")

    for address in (site.url("/a"), site.url("/b"), "http://name:secret@127.0.0.1/c"):
        with pytest.raises(FetchError) as caught:
            fetcher.fetch(address, allow_private=True)
        assert "secret" not in f"{caught.value} {caught.value.location} {caught.value.cause}"


def test_nothing_is_read_while_robots_txt_cannot_be(site: Site, fetcher: Fetcher) -> None:
    """It is tried three times for all pages together."""
    site.answer("/robots.txt", status=500)
    site.answer("/a", b"words")

    for _ in range(2):
        with pytest.raises(UnavailableError, match=r"/a: .*robots\.txt cannot be read.*\(500\)"):
            fetcher.fetch(site.url("/a"), allow_private=True)

    assert [asked.path for asked in site.asked] == ["/robots.txt"] * 3


def test_robots_txt_is_cut_and_may_be_moved(site: Site, fetcher: Fetcher) -> None:
    """What stands behind its first 500 KiB is not read, though it is larger than a page may be; limits stay."""
    site.answer("/robots.txt", status=301, location="/elsewhere.txt")
    site.answer("/elsewhere.txt", b"User-agent: *\nDisallow: /closed\n" + b"#" * 600_000 + b"\nDisallow: /\n")
    site.answer("/a", b"words")

    assert fetcher.fetch(site.url("/a"), allow_private=True).content == b"words"

    with pytest.raises(RobotsRefusedError, match="does not read it"):
        fetcher.fetch(site.url("/closed"), allow_private=True)


def test_requests_to_a_host_start_at_a_distance(site: Site, cache: PageCache, policy: FetchPolicy) -> None:
    """Of several threads as of one."""
    site.answer("/a", b"words")
    with Fetcher(cache, replace(policy, delay=0.1)) as fetcher:
        url = site.url("/a")
        threads = [threading.Thread(target=fetcher.fetch, args=(url,), kwargs={"allow_private": True}) for _ in "1234"]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    moments = sorted(asked.moment for asked in site.asked)
    assert len(moments) == 5
    # A busy machine may hold any of them up, so that two arrive together; none comes before its time.
    assert all(moment - began >= 0.1 * place for place, moment in enumerate(moments))


def test_a_page_announced_too_large_is_not_read(site: Site, fetcher: Fetcher) -> None:
    """2 GB by its own word."""

    async def announce(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": str(2 * 10**9)})
        await answer.prepare(request)
        await answer.write(b"x")
        return answer

    site.answers["/a"] = [announce]

    with pytest.raises(PageTooLargeError, match="announces 2000000000 bytes"):
        fetcher.fetch(site.url("/a"), allow_private=True)

    assert fetcher.traffic.bytes < 100_000


def test_a_page_without_an_end_is_left_at_the_limit(site: Site, fetcher: Fetcher) -> None:
    """Pieces that come for ever, without a length."""

    async def pour(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(32_000):
            await answer.write(b"x" * 2**16)
        return answer

    site.answers["/a"] = [pour]

    with pytest.raises(PageTooLargeError, match="100000 bytes are allowed"):
        fetcher.fetch(site.url("/a"), allow_private=True)

    assert fetcher.traffic.bytes < 500_000


def test_a_slow_page_is_left_when_its_time_is_up(site: Site, cache: PageCache, policy: FetchPolicy) -> None:
    """A byte now and then never is a silence; it is not tried again."""

    async def drip(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(200):
            await answer.write(b"x")
            await asyncio.sleep(0.05)
        return answer

    site.answers["/a"] = [drip]

    with (
        Fetcher(cache, replace(policy, longest=0.5)) as fetcher,
        pytest.raises(UnavailableError, match=r"longer than 0\.5 seconds"),
    ):
        fetcher.fetch(site.url("/a"), allow_private=True)

    assert len(site.pages()) == 1


def test_a_silent_server_is_unavailable(site: Site, cache: PageCache, policy: FetchPolicy) -> None:
    """After the time-out and every attempt."""

    async def sleep(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    site.answers["/a"] = [sleep]

    with (
        Fetcher(cache, replace(policy, timeout=0.2, attempts=2)) as fetcher,
        pytest.raises(UnavailableError, match=r"no answer within 0\.2 s"),
    ):
        fetcher.fetch(site.url("/a"), allow_private=True)

    assert len(site.pages()) == 2


def test_a_page_cut_short_is_tried_again_and_never_taken(site: Site, fetcher: Fetcher, cache: PageCache) -> None:
    """Fewer bytes than announced."""

    async def cut(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "1000"})
        await answer.prepare(request)
        await answer.write(b"words")
        assert request.transport is not None
        request.transport.close()
        return answer

    site.answers["/a"] = [cut]

    with pytest.raises(UnavailableError, match="the connection broke"):
        fetcher.fetch(site.url("/a"), allow_private=True)

    assert (len(site.pages()), cache.get(site.url("/a"))) == (3, None)


def test_stop_ends_a_wait_at_once(site: Site, fetcher: Fetcher) -> None:
    """In the middle of a pause of a minute; what is asked for afterwards is not fetched."""
    site.answer("/a", status=429, retry_after="50")
    begun = time.monotonic()
    threading.Timer(0.3, fetcher.stop).start()

    with pytest.raises(UnavailableError, match="/a: stopped"):
        fetcher.fetch(site.url("/a"), allow_private=True)
    with pytest.raises(UnavailableError, match="stopped"):
        fetcher.fetch(site.url("/b"), allow_private=True)

    assert time.monotonic() - begun < 10
    assert len(site.pages()) == 1


def test_stop_ends_a_read_at_once(site: Site, cache: PageCache, policy: FetchPolicy) -> None:
    """In the middle of a silence that would be waited out for a minute."""

    async def sleep(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    site.answers["/a"] = [sleep]
    begun = time.monotonic()

    with Fetcher(cache, replace(policy, timeout=60, longest=60)) as fetcher:
        threading.Timer(0.3, fetcher.stop).start()
        with pytest.raises(UnavailableError, match="stopped"):
            fetcher.fetch(site.url("/a"), allow_private=True)

    assert time.monotonic() - begun < 10


def test_a_closed_port_and_plain_http_are_told_plainly(site: Site, fetcher: Fetcher) -> None:
    """No connection; no secure one."""
    with pytest.raises(UnavailableError, match="no connection can be made"):
        fetcher.fetch("http://127.0.0.1:9/a", allow_private=True)
    with pytest.raises(UnavailableError, match="no secure connection can be made"):
        fetcher.fetch(site.url("/a").replace("http", "https"), allow_private=True)
