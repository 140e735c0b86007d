"""Runs over a newsroom on good days: all of it comes in, once, and a second look costs next to nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ingest.sources import Limits
from ingest.types import Source
from tests.ingest.follower import Follower, contents, counts, pages_asked_for
from tests.newsroom.site import Newsroom

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@pytest.fixture
def site() -> Iterator[Newsroom]:
    with Newsroom(releases=40) as site:
        yield site


@pytest.mark.long
@pytest.mark.embedded
def test_three_hundred_releases_come_in_as_they_were_published(follower: Follower) -> None:
    """Titles, languages, dates and texts; the second run asks only for what has changed, and embeds nothing."""
    with Newsroom(releases=300) as site:
        first = follower.run(site.feed, site.sitemap)
        embedded, before = follower.embedder.embedded, contents(follower.home)
        site.forget_requests()
        second = follower.run(site.feed, site.sitemap)

        stored = {one.url: one for one in follower.store.records.releases()}
        for told in (one for one in site.releases if not one.is_pdf):
            kept = stored[told.url]
            assert (kept.title, kept.language, kept.published) == (told.title, told.language, told.moment)
            assert all(paragraph in kept.text for paragraph in told.paragraphs)
        assert (counts(first), len(stored)) == ((300, 0, 0, 0), 300)
        assert counts(second) == (0, 0, 300, 0)
        assert (follower.embedder.embedded, contents(follower.home)) == (embedded, before)
        bare = {site.release(key).path for key in site.without_validators}
        unconditional = {one.path.partition("?")[0] for one in site.requests if "if-none-match" not in one.headers}
        assert unconditional <= bare
        assert second.requests == len(site.requests)
        assert second.not_modified == len([one for one in site.requests if one.status == 304])


def test_a_pdf_is_a_release_like_any_other(follower: Follower) -> None:
    """It is read by its address, with its title and its language."""
    with Newsroom(releases=50) as site:
        pdf = next(one for one in site.releases if one.is_pdf)

        assert counts(follower.run(pdf.url)) == (1, 0, 0, 0)

    kept = follower.store.records.by_url(pdf.url)
    assert kept is not None
    assert (kept.title, kept.language) == (pdf.title, pdf.language)
    assert kept.page_at(0) == 1


def test_a_single_page_needs_one_request_beside_robots_txt(site: Newsroom, follower: Follower) -> None:
    """The page that tells what the source is holds the release: it is not fetched twice."""
    report = follower.run(site.releases[0].url)

    assert counts(report) == (1, 0, 0, 0)
    assert [one.path for one in site.requests] == ["/robots.txt", site.releases[0].path]


def test_a_listing_is_followed_through_its_pages(follower: Follower) -> None:
    """With a pattern for its links; what does not match it is not opened."""
    with Newsroom(releases=80) as site:
        report = follower.run(site.listing, links=site.links)

        assert counts(report) == (40, 0, 0, 0)
        assert {one.language for one in follower.store.records.releases()} == {"en"}
        assert not [one for one in site.requests if one.path.startswith("/en/about")]


@pytest.mark.parametrize("path", ["/feed.xml", "/atom.xml", "/feed.json"])
def test_feed_then_sitemap_holds_nothing_twice(site: Newsroom, follower: Follower, path: str) -> None:
    """Marked addresses in the feed, `?ref=` in the sitemap, and every release once."""
    first = follower.run(site.address + path)
    second = follower.run(site.sitemap)

    assert counts(first) == (20, 0, 0, 0)
    assert (counts(second), second.duplicates) == ((20, 0, 20, 0), 4)
    assert sorted(one.url or "" for one in follower.store.records.releases()) == sorted(
        one.url for one in site.releases
    )


def test_a_page_without_a_canonical_address_is_one_release_whatever_its_parameters(follower: Follower) -> None:
    """A PDF under `?ref=home` in one run and without it in the next: the same words at the same path."""
    with Newsroom(releases=80) as site:
        pdf = next(one for one in site.releases if one.is_pdf)
        follower.run(f"{pdf.url}?ref=home")

        report = follower.run(pdf.url)

        assert (counts(report), report.duplicates) == ((0, 0, 0, 0), 1)
        assert follower.store.records.count_releases() == 1
        assert counts(follower.run(pdf.url)) == (0, 0, 1, 0)


def test_a_feed_does_not_hide_what_the_sitemap_drops(site: Newsroom, follower: Follower) -> None:
    """A page that both name, and that is gone from the sitemap and from the server, is withdrawn at once."""
    last = site.releases[-1]
    follower.run(site.sitemap, site.feed)
    site.withdraw(last.key, listed=False)

    report = follower.run(site.sitemap)

    assert (report.withdrawn, report.failed) == (1, ())


def test_scrolling_off_the_feed_means_nothing(site: Newsroom, follower: Follower) -> None:
    """Releases that the feed names no more stay, and nothing is said of them."""
    follower.run(site.feed)
    for number in range(3):
        site.publish(f"News {number}", f"Sentence number {number} of the day.")

    report = follower.run(site.feed)

    assert counts(report) == (3, 0, 17, 0)
    assert (follower.store.records.count_releases(), {kind for kind, _ in follower.kinds()}) == (23, {"new"})
    assert report.warnings == ()


def test_undated_releases_stay_undated(site: Newsroom, follower: Follower) -> None:
    """Not the time of the request: they would come again as new with every look."""
    undated = [one.url for one in site.releases if one.published is None]
    follower.run(site.feed, site.sitemap)

    report = follower.run(site.sitemap)

    assert undated
    assert counts(report) == (0, 0, 40, 0)
    assert [one.published for one in follower.store.records.releases() if one.url in undated] == [None] * len(undated)


def test_days_without_a_time_and_equal_times_are_all_there(site: Newsroom, follower: Follower) -> None:
    """Nothing is passed over because something else bears the same date."""
    moments = [one.moment for one in site.releases if one.moment and not one.is_pdf]
    shared = {moment for moment in moments if moments.count(moment) > 1}

    follower.run(site.sitemap)

    kept = [one.published for one in follower.store.records.releases()]
    assert shared
    assert all(kept.count(moment) >= moments.count(moment) for moment in moments)


def test_a_release_of_a_moment_already_seen_is_not_passed_over(site: Newsroom, follower: Follower) -> None:
    """It comes later with the very time of an older one."""
    follower.run(site.feed)
    same = next(one.moment for one in reversed(site.releases) if one.moment)
    late = site.publish("A late release", "It bears the time of another.", published=same)

    assert counts(follower.run(site.feed)) == (1, 0, 19, 0)

    assert follower.store.records.by_url(late.url) is not None


@pytest.mark.embedded
def test_a_dry_run_after_a_run_asks_and_writes_nothing(site: Newsroom, follower: Follower) -> None:
    """What was read within the hour is not asked for again."""
    follower.run(site.sitemap)
    before, health = contents(follower.home), follower.store.records.health()
    site.correct(site.releases[0].key, "A sentence that the dry run does not see.")
    site.forget_requests()

    report = follower.run(site.sitemap, dry=True)

    assert (counts(report), report.requests, site.requests) == ((0, 0, 40, 0), 0, ())
    assert (contents(follower.home), follower.store.records.health()) == (before, health)


def test_a_run_after_a_dry_run_fetches_nothing_twice(site: Newsroom, follower: Follower) -> None:
    """The dry run keeps no release, but its pages: they are asked for again only if they have changed."""
    dry = follower.run(site.sitemap, dry=True)
    held = (follower.store.records.count_releases(), follower.store.records.health(), follower.embedder.embedded)
    site.forget_requests()

    real = follower.run(site.sitemap)

    assert (counts(dry), counts(real), held) == ((40, 0, 0, 0), (40, 0, 0, 0), (0, [], 0))
    bare = {site.release(key).path for key in site.without_validators}
    assert {one.path.partition("?")[0] for one in site.requests if one.status == 200} <= bare


def test_limit_counts_what_it_leaves_out(site: Newsroom, follower: Follower) -> None:
    """A later run without it brings the rest."""
    first = follower.run(site.sitemap, limits=Limits(limit=7))
    second = follower.run(site.sitemap)

    assert (first.new, first.beyond_limit) == (7, 37)
    assert (counts(second), second.left_out) == ((33, 0, 7, 0), 0)


def test_since_counts_what_it_leaves_out(site: Newsroom, follower: Follower) -> None:
    """Pages whose sitemap date is older are not even asked for; undated ones stay in."""
    day = datetime(2024, 2, 15, tzinfo=UTC)
    older = [one for one in site.releases if one.moment and one.moment < day]

    first = follower.run(site.sitemap, limits=Limits(since=day))
    asked = pages_asked_for(site)
    second = follower.run(site.sitemap)

    assert first.new == 40 - len(older)
    assert first.before_since >= len(older) > 0
    assert not {one.path for one in older} & set(asked)
    assert second.new == len(older)


def test_where_lastmod_is_trusted_nothing_unchanged_is_asked_for(site: Newsroom, follower: Follower) -> None:
    """Only the corrected page, and the undated ones, of which the sitemap says nothing."""
    follower.run(site.sitemap, trust_lastmod=True)
    fixed = site.correct(next(one.key for one in site.releases if one.published), "A corrected sentence.")
    undated = {one.path for one in site.releases if one.published is None}
    site.forget_requests()

    report = follower.run(site.sitemap, trust_lastmod=True)

    assert counts(report) == (0, 1, 39, 0)
    assert set(pages_asked_for(site)) == {fixed.path} | undated


def test_ctrl_c_keeps_what_was_written(site: Newsroom, follower: Follower, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second batch is interrupted; the first is kept, and the next run brings the rest."""
    embed, calls = follower.embedder.embed_passages, []

    def interrupted(texts: Sequence[str]) -> object:
        calls.append(len(texts))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return embed(texts)

    monkeypatch.setattr("ingest.pipeline._BATCH", 20)
    monkeypatch.setattr(follower.embedder, "embed_passages", interrupted)
    with pytest.raises(KeyboardInterrupt):
        follower.run(site.sitemap)
    kept = follower.store.records.count_releases()

    assert 0 < kept < 40
    assert counts(follower.run(site.sitemap)) == (40 - kept, 0, kept, 0)


def test_progress_reaches_the_total(site: Newsroom, follower: Follower) -> None:
    """Every address of the sitemap counts, those that lead to one release too."""
    seen: list[tuple[int, int]] = []
    pipeline = follower.pipeline()

    pipeline.run(Source(site.sitemap, allow_private=True), progress=lambda *step: seen.append(step))
    pipeline.close()

    assert seen == [(done, 44) for done in range(1, 45)]
