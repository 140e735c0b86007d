"""A site that moves: its releases keep their names, and nothing is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.addresses import spellings
from tests.ingest.follower import counts
from tests.newsroom.site import Newsroom

if TYPE_CHECKING:
    from tests.ingest.follower import Follower


@pytest.mark.parametrize("path", ["/feed.xml", "/sitemap.xml"])
def test_a_site_that_moves_keeps_its_releases(follower: Follower, site: Newsroom, path: str) -> None:
    """A feed and a sitemap, read at the old address as before; and nothing is withdrawn afterwards."""
    before = follower.run(f"{site.address}{path}")
    known = {release.id for release in follower.store.records.releases()}
    with Newsroom(releases=10) as new:
        for old in (path, *(release.path for release in site.releases)):
            site.redirects(old, f"{new.address}{old}", status=301)

        after = follower.run(f"{site.address}{path}")
        again = follower.run(f"{site.address}{path}")
        addresses = {release.url for release in follower.store.records.releases() if release.url}

    assert before.new == 10
    assert (after.new, after.withdrawn, after.failed) == (0, 0, ())
    assert (again.new, again.changed, again.withdrawn) == (0, 0, 0)
    assert {release.id for release in follower.store.records.releases()} == known
    assert all(address.startswith(new.address) for address in addresses)


def test_pages_that_get_other_paths_keep_their_releases(follower: Follower, site: Newsroom) -> None:
    """A relaunch: the feed names new addresses, to which the old ones lead for good."""
    follower.run(site.feed)
    with Newsroom(releases=10) as new:
        site.redirects("/feed.xml", new.feed, status=302)
        for old, now in zip(site.releases, new.releases, strict=True):
            site.redirects(old.path, now.url, status=308)

        assert follower.run(site.feed).new == 0


@pytest.mark.parametrize("by", ["redirect", "canonical", "nothing"])
def test_one_release_that_gets_another_path_is_the_same(follower: Follower, site: Newsroom, by: str) -> None:
    """If its old address leads there, or names it as canonical; else it is one more with the same words."""
    old = site.releases[4]
    follower.run(old.url)
    now = site.publish(old.title, *old.paragraphs, lead=old.lead, language=old.language)
    if by == "redirect":
        site.redirects(old.key, now.url, status=301)
    elif by == "canonical":
        site.shows(old.key, old.title, *old.paragraphs, head=f'<link rel="canonical" href="{now.url}">')

    report = follower.run(now.url)

    assert (report.new, follower.store.records.count_releases()) == ((1, 2) if by == "nothing" else (0, 1))


def test_a_site_that_leads_elsewhere_for_now_has_not_moved(follower: Follower, site: Newsroom) -> None:
    """A temporary redirect to another page says nothing of which release is there."""
    follower.run(site.feed)
    with Newsroom(releases=30) as other:
        site.redirects("/feed.xml", other.feed, status=302)
        for release in site.releases:
            site.redirects(release.path, other.releases[-1].url, status=302)

        assert follower.run(site.feed).new > 10


def test_a_feed_of_new_releases_asks_for_few_old_ones(follower: Follower, site: Newsroom) -> None:
    """After a busy week most entries are new; the first old addresses tell that the site has not moved."""
    follower.run(site.feed)
    for number in range(20):
        site.publish(f"Tram line {number} opens in Lyon", f"Line {number} opens on Monday.")
    site.forget_requests()

    report = follower.run(site.feed)

    old = {release.path for release in site.releases[:10]}
    assert counts(report)[0] == 20
    assert len([asked for asked in site.requests if asked.path in old]) <= 3


@pytest.mark.parametrize(
    ("address", "others"),
    [
        ("https://a.fr/x?y=1", {"http://a.fr/x?y=1", "http://www.a.fr/x?y=1", "https://www.a.fr/x?y=1"}),
        ("http://www.a.fr/", {"https://a.fr/", "http://a.fr/", "https://www.a.fr/"}),
        ("http://127.0.0.1/a", {"https://127.0.0.1/a"}),
        ("http://a.fr:8080/", set()),
    ],
)
def test_a_site_has_few_spellings(address: str, others: set[str]) -> None:
    """With and without `www.`, http and https; another port is another site."""
    assert set(spellings(address)) == others
