"""Bad days of a newsroom: each page that fails is told with its address and its cause, and the others go on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.ingest.follower import POLICY, Follower, causes, counts, pages_asked_for
from tests.newsroom.site import Newsroom

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize(
    ("spoil", "cause"),
    [
        (lambda site, key: site.breaks(key, times=None), "the server failed (500)"),
        (lambda site, key: site.endless(key), "2097152 bytes are allowed"),
        (lambda site, key: site.endless(key, declared=True), "2097152 bytes are allowed"),
        (lambda site, key: site.gzip_bomb(key), "2097152 bytes are allowed"),
        (lambda site, key: site.cut_short(key), "the connection broke"),
        (lambda site, key: site.garbage(key), "this is binary data, not text"),
        (lambda site, key: site.not_html(key), "this is binary data, not text"),
        (lambda site, key: site.empty(key), "the server answers with an empty page"),
        (lambda site, key: site.slow(key, 9), "no answer within 1.5 s"),
        (lambda site, key: site.redirects(key, "http://169.254.169.254/latest/meta-data/"), "169.254.169.254"),
        (lambda site, key: site.redirects(key, site.release(key).url), "its redirects go in a circle"),
        (lambda site, key: site.withdraw(key, 404), "there is no such page (404)"),
    ],
    ids=["500", "endless", "2 GB", "bomb", "cut", "garbage", "image", "empty", "slow", "metadata", "circle", "404"],
)
def test_a_page_that_fails_is_told_and_the_others_go_on(
    site: Newsroom, tmp_path: Path, spoil: Callable[[Newsroom, str], None], cause: str
) -> None:
    """One failure with its cause; the next run, on a better day, brings the page."""
    bad = next(one for one in site.releases if one.number % 16 != 1)
    spoil(site, bad.key)
    with Follower(tmp_path / "home", policy=replace(POLICY, timeout=1.5, attempts=2)) as follower:
        report = follower.run(site.sitemap)
        site.restore(bad.key)
        mended = follower.run(site.sitemap)

    assert counts(report) == (9, 0, 0, 1)
    assert list(causes(report)) == [bad.url]
    assert cause in causes(report)[bad.url]
    assert counts(mended) == (1, 0, 9, 0)


def test_a_server_that_stumbles_twice_is_asked_a_third_time(site: Newsroom, follower: Follower) -> None:
    """Nothing of it reaches the report but the number of requests."""
    site.breaks(site.releases[4].key, times=2)

    report = follower.run(site.sitemap)

    assert counts(report) == (10, 0, 0, 0)
    assert report.requests == len(site.requests)


def test_a_page_that_breaks_later_keeps_its_release(site: Newsroom, follower: Follower) -> None:
    """A failure in the report, and no word of it in the store."""
    follower.run(site.sitemap)
    bad = site.releases[4]
    site.breaks(bad.key, times=None)

    assert counts(follower.run(site.sitemap)) == (0, 0, 9, 1)

    kept = follower.store.records.by_url(bad.url)
    assert kept is not None
    assert (kept.withdrawn, kept.version) == (None, 1)


def test_a_known_page_that_leads_to_the_front_page_keeps_its_release(site: Newsroom, follower: Follower) -> None:
    """Some sites send readers there where a page is gone: the front page is no release."""
    follower.run(site.sitemap)
    moved = site.releases[4]
    site.redirects(moved.key, f"{site.address}/")

    report = follower.run(site.sitemap)

    assert "which is no release; what is stored is kept" in causes(report)[moved.url]
    kept = follower.store.records.by_url(moved.url)
    assert kept is not None
    assert kept.title == moved.title


def test_a_page_that_leads_to_the_front_page_with_a_number_is_read(site: Newsroom, followed: Follower) -> None:
    """So one system names its releases: the redirect is to the same page."""
    moved = site.releases[4]
    site.redirects(moved.key, f"{site.address}/?p=123")
    site.shows("/", moved.title, moved.lead or "", *moved.paragraphs)

    report = followed.run(moved.url)

    assert (report.failed, report.new, followed.store.records.count_releases()) == ((), 0, 10)


def test_a_slow_page_does_not_hold_up_the_others(follower: Follower) -> None:
    """While it is waited for, all the others are fetched."""
    with Newsroom(releases=20) as site:
        slow = site.releases[0]
        site.slow(slow.key, 1)
        report = follower.run(site.sitemap)
        last = max(request.when for request in site.requests)
        asked = next(request.when for request in site.requests if request.path == slow.path)

    assert counts(report) == (20, 0, 0, 0)
    assert last - asked < 1


def test_robots_txt_is_honoured(site: Newsroom, follower: Follower) -> None:
    """What it asks not to read is not asked for, and the report says so."""
    kept_out = next(one for one in site.releases if one.number % 16 != 1)
    site.allow(f"User-agent: *\nDisallow: {kept_out.path}\n")

    report = follower.run(site.sitemap)

    assert counts(report) == (9, 0, 0, 1)
    assert "robots.txt" in causes(report)[kept_out.url]
    assert kept_out.path not in pages_asked_for(site)


def test_the_loopback_is_refused_unless_it_is_allowed(site: Newsroom, follower: Follower) -> None:
    """Nothing is sent, and the sentence says how to mend it."""
    report = follower.run(site.sitemap, allow_private=False)

    assert "allow_private" in causes(report)[site.sitemap]
    assert site.requests == ()


def test_a_part_of_the_sitemap_that_fails_withdraws_nothing(site: Newsroom, follower: Follower) -> None:
    """What stands in it is not taken for gone: the list was not read whole."""
    follower.run(site.sitemap)
    site.breaks("/sitemap-fr.xml.gz", times=None)
    site.forget_requests()

    report = follower.run(site.sitemap)

    assert list(causes(report)) == [f"{site.address}/sitemap-fr.xml.gz"]
    assert (report.withdrawn, {kind for kind, _ in follower.kinds()}) == (0, {"new"})


def test_a_source_that_cannot_be_reached_does_not_stop_the_next(site: Newsroom, follower: Follower) -> None:
    """Its failures are counted one after the other with the last cause, and end with a run that succeeds."""
    site.breaks("/feed.xml", times=None)
    for _ in range(2):
        report = follower.run(site.feed, site.sitemap)
    broken = {one.location: one for one in follower.store.records.health()}
    site.restore("/feed.xml")
    follower.run(site.feed)
    mended = {one.location: one for one in follower.store.records.health()}

    assert counts(report) == (0, 0, 10, 1)
    assert (broken[site.feed].failures, broken[site.feed].last_success) == (2, None)
    assert "the server failed (500)" in (broken[site.feed].error or "")
    assert (broken[site.sitemap].failures, mended[site.feed].failures, mended[site.feed].error) == (0, 0, None)


def test_a_newsroom_that_is_closed_is_a_failure(follower: Follower) -> None:
    """Nobody listens at its address any more."""
    with Newsroom(releases=1) as site:
        address = site.sitemap

    assert "no connection can be made" in causes(follower.run(address))[address]


@pytest.mark.parametrize("path", ["/feed.xml", "/sitemap.xml"])
def test_a_list_that_leads_to_a_page_stores_nothing(site: Newsroom, follower: Follower, path: str) -> None:
    """What it was is remembered from run to run; when it is a list again, all is as before."""
    source, about = f"{site.address}{path}", f"{site.address}/en/about"
    first = follower.run(source)
    kinds = follower.kinds()
    site.redirects(path, about)

    for _ in range(2):
        report = follower.run(source)
        assert "until now, holds an HTML page; nothing new is stored" in causes(report)[source]
        assert follower.kinds() == kinds

    [health] = follower.store.records.health()
    assert (health.kind, health.failures) == ("feed" if path == "/feed.xml" else "sitemap_index", 2)
    site.restore(path)
    assert counts(follower.run(source)) == (0, 0, first.new, 0)


def test_a_page_that_becomes_a_list_is_one(site: Newsroom, follower: Follower) -> None:
    """The first look may have met a maintenance page; and a folder has no kind."""
    site.redirects("/feed.xml", f"{site.address}/en/about")
    follower.run(site.feed)
    site.restore("/feed.xml")

    assert follower.run(site.feed).new == 10
    assert [health.kind for health in follower.store.records.health()] == ["feed"]


def test_a_page_is_asked_for_with_its_parameters_in_their_order(site: Newsroom, follower: Follower) -> None:
    """Some servers go by it; known is the page by the sorted ones."""
    follower.run(f"{site.releases[4].url}?z=1&b=2")

    asked = [request.path for request in site.requests if "z=1" in request.path]
    assert asked == [f"{site.releases[4].path}?z=1&b=2"]
