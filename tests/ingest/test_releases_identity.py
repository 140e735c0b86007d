"""What a release is known by: its canonical address, whatever leads there and whatever becomes of its text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ingest.releases import address_of, named
from ingest.types import Page, Source, WebPage
from tests.fakes import a_release
from tests.ingest.follower import Follower, counts
from vectorstore.types import Visit

if TYPE_CHECKING:
    from tests.newsroom.site import Newsroom

ADDRESS = "https://news.test/en/1"
NOW = datetime(2024, 5, 2, tzinfo=UTC)


def page(known: str | None = None, published: datetime | None = None) -> WebPage:
    held = Page(ADDRESS, ADDRESS, b"", Source("https://news.test/feed"))
    return WebPage(held, Visit(ADDRESS, "https://news.test/feed", NOW, published=published), known)


@pytest.mark.parametrize(
    ("stated", "address"),
    [
        (None, ADDRESS),
        ("https://news.test/en/one?utm_source=x", "https://news.test/en/one"),
        ("https://www.news.test/en/one", "https://www.news.test/en/one"),
        ("https://other.test/en/1", ADDRESS),
        ("https://news.test/", ADDRESS),
        ("https://news.test/?p=123", "https://news.test/?p=123"),
    ],
    ids=["none", "tracked", "with www", "another site", "the front page", "a number"],
)
def test_the_canonical_address_is_believed_within_reason(stated: str | None, address: str) -> None:
    """Another site's, or the front page's, is a slip in a template."""
    assert address_of(replace(a_release("x", "Words."), url=stated), page()) == address


def test_what_was_read_at_an_address_stays_the_same_release() -> None:
    """The page's new name for itself is its address from now on, not another release."""
    release = replace(a_release("x", "Words."), url="https://news.test/en/new-name")

    told = named(release, page(known=ADDRESS), address="https://news.test/en/new-name", owner=None)

    assert (told.id, told.url) == (ADDRESS, "https://news.test/en/new-name")


@pytest.mark.parametrize(
    ("listed", "kept"),
    [
        (datetime(2024, 5, 1, 22, tzinfo=UTC), NOW),
        (datetime(2026, 11, 30, 10, tzinfo=UTC), NOW),
        (datetime(2024, 5, 2, 9, 30, tzinfo=UTC), datetime(2024, 5, 2, 9, 30, tzinfo=UTC)),
        (None, NOW),
    ],
    ids=["midnight in another zone", "a site that moved", "the same day", "no date"],
)
def test_the_day_beside_the_headline_goes_before_the_date_of_the_list(listed: datetime | None, kept: datetime) -> None:
    """It is what readers see; of the same day, the list knows the hour."""
    release = replace(a_release("x", "Words.", published=NOW), signs=("dated",))

    assert named(release, page(published=listed), address=ADDRESS, owner=None).published == kept


def test_the_date_of_the_list_goes_before_what_the_page_says_elsewhere() -> None:
    """A feed knows it to the minute, and says it the same at each run."""
    stated = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)

    told = named(a_release("x", "Words.", published=NOW), page(published=stated), address=ADDRESS, owner=None)

    assert told.published == stated


def test_a_template_that_names_one_address_on_every_page_loses_no_release(site: Newsroom, follower: Follower) -> None:
    """The first release has that address; what comes later is read at its own, and the first one's text is kept."""
    head = f'<link rel="canonical" href="{site.address}/news.aspx"><meta property="og:url" content="/en">'
    for one in site.releases:
        site.shows(one.key, one.title, one.lead or "", *one.paragraphs, head=head)
    follower.run(site.sitemap)
    text = "Two hundred lanterns will hang along the quay one week later than planned. The council pays 4,000 euros."
    later = site.publish("Lantern festival postponed", text)
    site.shows(later.key, later.title, text, head=head)

    report = follower.run(site.sitemap)

    assert (report.new, report.changed, report.doubted) == (1, 0, ())
    kept = follower.store.records.by_url(later.url)
    assert kept is not None
    assert (kept.title, kept.version) == (later.title, 1)


def test_a_known_page_never_takes_the_address_of_another_release(site: Newsroom, followed: Follower) -> None:
    """Its template may have begun to name that one as canonical."""
    one, other = site.releases[4], site.releases[5]
    head = f'<link rel="canonical" href="{other.url}">'
    site.shows(one.key, one.title, one.lead or "", *one.paragraphs, "Tickets cost 4 euros.", head=head)

    assert followed.run(one.url).changed == 1

    kept, others = followed.store.records.by_url(one.url), followed.store.records.by_url(other.url)
    assert kept is not None
    assert others is not None
    assert ("Tickets cost 4 euros." in kept.text, others.title) == (True, other.title)


def test_a_corrected_page_is_a_second_version(site: Newsroom, followed: Follower) -> None:
    """One event, the first version in its history, and nothing embedded but its passages; its guid is new by now."""
    before = followed.embedder.embedded
    fixed = site.correct(site.releases[4].key, "The figure was wrong and is now 4,711.")

    report = followed.run(site.sitemap)

    kept = followed.store.records.by_url(fixed.url)
    assert kept is not None
    assert "4,711" in kept.text
    assert counts(report) == (0, 1, 9, 0)
    assert [one.version for one in followed.store.records.history(kept.id)] == [1, 2]
    assert [kind for kind, _ in followed.kinds()].count("changed") == 1
    assert 0 < report.passages <= followed.embedder.embedded - before < 25


def test_a_correction_in_the_middle_of_a_round_is_not_lost(site: Newsroom, followed: Follower) -> None:
    """The feed's look came before it, the sitemap's after: the next round at the latest takes it in."""
    address = f"{site.releases[2].url}?utm_source=rss"
    followed.run(address)
    pipeline = followed.pipeline()
    pipeline.run(Source(address, allow_private=True))
    fixed = site.correct(site.releases[2].key, "It came between the two looks.")
    pipeline.run(Source(site.sitemap, allow_private=True))
    pipeline.close()

    followed.run(site.sitemap)

    kept = followed.store.records.by_url(fixed.url)
    assert kept is not None
    assert "It came between the two looks." in kept.text


def test_an_entry_with_a_new_guid_is_no_new_release(site: Newsroom, followed: Follower) -> None:
    """The feed names a corrected entry by another guid; the address is the same."""
    site.correct(site.releases[4].key, "A better last sentence.")

    assert counts(followed.run(site.feed)) == (0, 1, 9, 0)

    assert followed.store.records.count_releases() == 10


def test_a_page_that_shrinks_leaves_no_stale_passage(site: Newsroom, followed: Follower) -> None:
    """What was dropped is found no more, and the count of passages goes down."""
    long = max(site.releases, key=lambda one: len(one.paragraphs[-1]))
    before = followed.store.status().passages
    site.shorten(long.key)

    followed.run(site.sitemap)

    kept = followed.store.records.by_url(long.url)
    assert kept is not None
    assert long.paragraphs[-1] not in kept.text
    assert followed.store.status().passages < before
    hits = followed.store.search(long.paragraphs[-1], followed.embedder.embed_question(long.paragraphs[-1]))
    assert all(hit.release.text[hit.passage.start : hit.passage.end] == hit.passage.text for hit in hits)


@pytest.mark.parametrize("mark", ["?utm_source=rss", "?utm_medium=x&utm_source=y", "?ref=rss"])
def test_addresses_that_only_count_readers_are_one_release(site: Newsroom, followed: Follower, mark: str) -> None:
    """Named with parameters of whoever counts visits, a known release is no new one."""
    assert counts(followed.run(site.releases[4].url + mark)) == (0, 0, 1, 0)

    assert followed.store.records.count_releases() == 10


def test_a_parameter_that_changes_nothing_is_no_new_release(site: Newsroom, followed: Follower) -> None:
    """`?ref=home` might choose a page; this one shows the same words, and names its own address."""
    followed.run(f"{site.releases[4].url}?ref=home")

    assert followed.store.records.count_releases() == 10
    assert {kind for kind, _ in followed.kinds()} == {"new"}


def test_an_address_that_leads_to_another_release_keeps_its_own(site: Newsroom, followed: Follower) -> None:
    """The other one is read at its own address: nothing is stored twice, and no text is put in place of another."""
    old, other = site.releases[4], site.releases[5]
    site.redirects(old.key, other.url, status=301)

    report = followed.run(site.sitemap)

    kept = followed.store.records.by_url(old.url)
    assert kept is not None
    assert (kept.title, kept.version) == (old.title, 1)
    assert f"{old.url}: now leads to another release, {other.url}" in report.warnings[0]
    assert {kind for kind, _ in followed.kinds()} == {"new"}
