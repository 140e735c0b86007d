"""Pages that are not there any more: a release is withdrawn on positive evidence only, and never lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ingest.following import cause_of_withdrawal
from tests.ingest.follower import Follower, counts
from vectorstore.types import Visit

if TYPE_CHECKING:
    from tests.newsroom.site import Newsroom

NOW = datetime(2024, 5, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "delisted", "withdrawn"),
    [(None, False, False), (23, False, False), (24, False, True), (None, True, True)],
)
def test_it_takes_a_day_or_the_word_of_the_sitemap(hours: int | None, delisted: bool, withdrawn: bool) -> None:
    """A site may be half down for hours; one that also takes the address off its list means it."""
    since = None if hours is None else NOW - timedelta(hours=hours)
    visit = Visit("https://x.test/1", "https://x.test/", NOW, "r", missing_since=since)

    cause = cause_of_withdrawal(visit, status=404, delisted=delisted, now=NOW)

    assert (cause is not None) is withdrawn


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_vanishes_is_withdrawn_a_day_later(site: Newsroom, followed: Follower, status: int) -> None:
    """First a warning, then the mark and one event; the release is kept and found."""
    gone = site.releases[4]
    site.withdraw(gone.key, status)

    first = followed.run(site.sitemap)
    followed.days = 1.01
    second = followed.run(site.sitemap)

    assert (first.withdrawn, len(first.warnings), second.withdrawn) == (0, 1, 1)
    assert f"{gone.url}: there is no such page any more" in first.warnings[0]
    kept = followed.store.records.by_url(gone.url)
    assert kept is not None
    assert kept.withdrawn is not None
    assert [kind for kind, _ in followed.kinds()].count("withdrawn") == 1
    assert gone.url in followed.found(gone.title)


def test_a_page_that_is_away_for_an_hour_is_as_before(site: Newsroom, followed: Follower) -> None:
    """No event, and the day begins again with the next time that it is missed."""
    away = site.releases[4]
    site.withdraw(away.key, 404)
    followed.run(site.sitemap)
    site.restore(away.key)
    followed.days = 0.05
    report = followed.run(site.sitemap)
    site.withdraw(away.key, 404)
    followed.days = 1.5

    assert counts(report) == (0, 0, 10, 0)
    assert followed.run(site.sitemap).withdrawn == 0
    assert {kind for kind, _ in followed.kinds()} == {"new"}


def test_what_the_sitemap_and_the_server_call_gone_is_withdrawn_at_once(site: Newsroom, followed: Follower) -> None:
    """It is asked for once more although nothing names it, and then no more."""
    gone = site.releases[4]
    site.withdraw(gone.key, 410, listed=False)

    assert followed.run(site.sitemap).withdrawn == 1

    site.forget_requests()
    assert followed.run(site.sitemap).withdrawn == 0
    assert gone.path not in [request.path for request in site.requests]


def test_what_only_the_sitemap_drops_stays(site: Newsroom, followed: Follower) -> None:
    """Its page answers: nothing is said of it, and it is not asked for again and again."""
    dropped = site.releases[4]
    site.drop_from_sitemap(dropped.key)

    first = followed.run(site.sitemap)
    site.forget_requests()
    followed.run(site.sitemap)

    assert (counts(first), first.withdrawn, first.warnings) == ((0, 0, 10, 0), 0, ())
    assert {kind for kind, _ in followed.kinds()} == {"new"}
    assert dropped.path not in [request.path for request in site.requests]


def test_what_the_feed_let_go_of_is_asked_for_until_it_is_sure(site: Newsroom, followed: Follower) -> None:
    """A page that was missing once is looked at again a day later, though no list names it by then."""
    followed.run(site.feed)
    gone = site.releases[4]
    site.withdraw(gone.key, 404)
    followed.run(site.feed)
    site.withdraw(gone.key, 404, listed=False)
    followed.days = 1.01

    assert followed.run(site.feed).withdrawn == 1


def test_a_withdrawn_release_that_comes_back_is_restored(site: Newsroom, followed: Follower) -> None:
    """The mark goes, one event says so, and no second version is made."""
    back = site.releases[4]
    site.withdraw(back.key, 410, listed=False)
    followed.run(site.sitemap)
    site.restore(back.key)

    report = followed.run(site.sitemap)

    kept = followed.store.records.by_url(back.url)
    assert kept is not None
    assert (kept.withdrawn, kept.version, counts(report)) == (None, 1, (0, 0, 10, 0))
    assert [kind for kind, _ in followed.kinds()][-2:] == ["withdrawn", "restored"]


def test_a_dry_run_tells_of_a_withdrawal_and_marks_nothing(site: Newsroom, followed: Follower) -> None:
    """Its cache is old enough for it to ask."""
    site.withdraw(site.releases[4].key, 410, listed=False)
    followed.cache.forget(site.releases[4].url)
    for path in ("/sitemap.xml", "/sitemap-en.xml", "/sitemap-fr.xml.gz", "/sitemap-both.xml"):
        followed.cache.forget(site.address + path)

    report = followed.run(site.sitemap, dry=True)

    assert report.withdrawn == 1
    assert {kind for kind, _ in followed.kinds()} == {"new"}


def test_a_single_page_that_is_gone_for_a_day_is_withdrawn(site: Newsroom, follower: Follower) -> None:
    """A source may be one page: that it is gone is missed as any other, and is no failure of the source."""
    page = site.releases[0]
    follower.run(page.url)
    site.withdraw(page.key)
    first = follower.run(page.url)
    follower.days = 1.1

    second = follower.run(page.url)

    assert (first.withdrawn, first.failed, len(first.warnings)) == (0, (), 1)
    assert (second.withdrawn, second.failed) == (1, ())
