"""What stands in the place of a release is kept aside, whatever language it is in, and the release is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ingest.follower import Follower, counts

if TYPE_CHECKING:
    from ingest.report import IngestReport
    from tests.newsroom.site import Newsroom

GATE = ("Odprite vrata", "Ta stran je trenutno zaprta zaradi prenove.", "Prosimo, poskusite znova čez nekaj ur.")
"""In a language of which no phrase is listed."""
REWRITTEN = (
    "Lantern festival postponed",
    "Two hundred lanterns will hang along the quay one week later than planned, since the river is too high.",
    "Tickets stay valid. Whoever cannot come then is given the money back until the end of the month.",
)


def doubts(report: IngestReport) -> dict[str, str]:
    """Why pages are kept aside, by their addresses without the parameters that some lists add."""
    return {one.source.partition("?")[0]: one.error for one in report.doubted}


def is_untouched(follower: Follower, site: Newsroom, key: str) -> bool:
    """Whether a release is as its newsroom published it, and nothing but that ever happened."""
    release = site.release(key)
    kept = follower.store.by_url(release.url)
    return kept is not None and (kept.title, kept.version, kept.withdrawn) == (release.title, 1, None)


def test_a_page_with_nothing_of_the_release_is_kept_aside_for_a_day(site: Newsroom, followed: Follower) -> None:
    """It is told, neither found nor announced; a day later it is a new version."""
    key = site.releases[4].key
    site.shows(key, *REWRITTEN)
    first = followed.run(site.sitemap)
    untouched = is_untouched(followed, site, key)
    [aside] = followed.store.doubted()
    hits = followed.store.search("lanterns", followed.embedder.embed_question("lanterns"), limit=50)
    followed.days = 0.9
    second = followed.run(site.sitemap)
    followed.days = 1.01

    third = followed.run(site.sitemap)

    url = site.release(key).url
    assert (counts(first), counts(second)) == ((0, 0, 9, 0), (0, 0, 9, 0))
    assert "next to nothing in common with what is stored; what is stored is kept" in doubts(first)[url]
    assert ", since " in doubts(second)[url]
    assert (untouched, any("lantern" in hit.passage.text for hit in hits), aside.title, aside.address) == (
        True,
        False,
        REWRITTEN[0],
        url,
    )
    assert (counts(third), third.doubted, followed.store.doubted()) == ((0, 1, 9, 0), (), [])
    assert followed.found("lanterns")[0] == url


def test_a_page_that_comes_back_dispels_the_doubt(site: Newsroom, followed: Follower) -> None:
    """And the day begins anew with the next time that something else stands there."""
    key = site.releases[4].key
    site.shows(key, *REWRITTEN)
    followed.run(site.sitemap)
    site.restore(key)
    followed.days = 0.5
    followed.run(site.sitemap)
    dispelled = followed.store.doubted() == []
    site.shows(key, *REWRITTEN)
    followed.days = 1.2

    report = followed.run(site.sitemap)

    assert dispelled
    assert (counts(report), len(report.doubted)) == ((0, 0, 9, 0), 1)
    assert {kind for kind, _ in followed.kinds()} == {"new"}


def test_another_page_than_the_doubted_one_waits_for_a_day_of_its_own(site: Newsroom, followed: Follower) -> None:
    """What is believed has to be there all the day."""
    key = site.releases[4].key
    site.shows(key, *REWRITTEN)
    followed.run(site.sitemap)
    site.shows(key, "A ferry for Aldrin", "The ferry crosses the lake ten times a day and takes forty cars each time.")
    followed.days = 1.1

    assert len(followed.run(site.sitemap).doubted) == 1
    assert is_untouched(followed, site, key)


@pytest.mark.parametrize("kind", ["correct", "shorten", "notice", "title", "design"])
def test_what_a_newsroom_does_to_its_releases_is_believed_at_once(
    site: Newsroom, followed: Follower, kind: str
) -> None:
    """A correction, a cut, a notice under the old title, a new title, another design."""
    one = site.releases[4]
    text = [one.lead or "", *one.paragraphs]
    if kind == "correct":
        site.correct(one.key, "The figure was wrong and is now 4,711.")
    elif kind == "shorten":
        site.shorten(one.key)
    elif kind == "notice":
        site.shows(one.key, f"Withdrawn: {one.title}", "This release has been withdrawn by the newsroom.")
    elif kind == "title":
        site.shows(one.key, "Quite another headline over the same words", *text)
    else:
        site.shows(one.key, one.title, "Share this page", *reversed(text), "Press office, Monday to Friday")

    report = followed.run(site.sitemap)

    assert (counts(report), report.doubted) == ((0, 1, 9, 0), ())


def test_a_wall_before_every_page_changes_nothing(site: Newsroom, followed: Follower) -> None:
    """Each address says so, the source counts as failed, and days later nothing is withdrawn or believed."""
    for one in site.releases:
        site.shows(one.key, *GATE)
    site.shows("*", *GATE)

    reports = []
    for days in (0.0, 1.1, 9.0):
        followed.days = days
        reports.append(followed.run(site.sitemap))

    assert [(len(doubts(one)), one.withdrawn, one.has_failed) for one in reports] == [(10, 0, True)] * 3
    assert all(is_untouched(followed, site, one.key) for one in site.releases)
    assert {kind for kind, _ in followed.kinds()} == {"new"}
    [health] = followed.store.health()
    assert (health.failures, health.error is not None) == (3, True)


def test_a_sign_in_page_that_addresses_are_sent_on_to_changes_nothing(site: Newsroom, followed: Follower) -> None:
    """Two of ten: in the first run, and a week later."""
    site.shows("/account", *GATE)
    for one in site.releases[3:5]:
        site.redirects(one.key, f"{site.address}/account")
    first = followed.run(site.sitemap)
    followed.days = 7
    second = followed.run(site.sitemap)

    assert [(counts(one), len(doubts(one)), one.withdrawn) for one in (first, second)] == [((0, 0, 8, 0), 2, 0)] * 2
    assert all(is_untouched(followed, site, one.key) for one in site.releases)


def test_a_wall_is_no_new_release_either(site: Newsroom, follower: Follower) -> None:
    """Shown in the place of some, or led to from some: the others come in."""
    site.shows("/account", *GATE)
    for one in site.releases[:2]:
        site.shows(one.key, "Un texte quelconque", "Rien de ce que l’on attend ne se trouve en ce lieu.")
    for one in site.releases[3:5]:
        site.redirects(one.key, f"{site.address}/account")

    report = follower.run(site.sitemap)

    assert (counts(report), len(doubts(report))) == ((6, 0, 0, 0), 4)
    assert follower.store.count_releases() == 6


def test_an_error_page_in_any_language_is_known_by_an_address_that_cannot_be(
    site: Newsroom, follower: Follower
) -> None:
    """The host is asked once, and answers the same with status 200; the addresses that the pages name do not matter."""
    site.shows("*", "Joj", "Tukaj ni ničesar, kar bi bilo mogoče prebrati.", "Številka 4471")
    bad = [site.releases[2], site.releases[5]]
    site.shows(bad[0].key, "Joj", "Tukaj ni ničesar, kar bi bilo mogoče prebrati.", "Številka 9912")

    first = follower.run(site.sitemap)
    site.forget_requests()
    site.shows(bad[1].key, "Joj", "Tukaj ni ničesar, kar bi bilo mogoče prebrati.", "Številka 3105")
    second = follower.run(site.sitemap)
    follower.days = 1.1
    third = follower.run(site.sitemap)

    asked = [one.path for one in site.requests if "no-such-page" in one.path]
    assert (counts(first), list(doubts(first))) == ((9, 0, 0, 0), [bad[0].url])
    assert "what its host answers where there is no page" in doubts(first)[bad[0].url]
    assert (counts(second), set(doubts(second))) == ((0, 0, 8, 0), {one.url for one in bad})
    assert (third.withdrawn, list(doubts(third)), len(asked)) == (1, [bad[0].url], 2)
    kept = follower.store.by_url(bad[1].url)
    assert kept is not None
    assert (kept.title, kept.withdrawn is None) == (bad[1].title, False)


@pytest.mark.parametrize("first", [True, False], ids=["stored", "never seen"])
def test_a_page_that_says_that_there_is_none_is_a_404(site: Newsroom, follower: Follower, first: bool) -> None:
    """Withdrawn a day later, restored when the page is back, and never a release."""
    gone = site.releases[4]
    if first:
        follower.run(gone.url)
    site.shows(
        gone.key, "Oops! That page is gone", "We couldn't find the page you were looking for. Check the address."
    )
    reports = []
    for days in (0.0, 1.1, 1.2):
        follower.days = days
        reports.append(follower.run(gone.url))
    site.restore(gone.key)
    back = follower.run(gone.url)

    assert [one.withdrawn for one in reports] == [0, int(first), 0]
    assert [len(one.doubted) for one in reports] == ([1, 0, 0] if first else [1, 1, 1])
    assert counts(back) == ((0, 0, 1, 0) if first else (1, 0, 0, 0))
    assert is_untouched(follower, site, gone.key)


def test_a_page_that_leads_elsewhere_for_a_day_is_withdrawn(site: Newsroom, followed: Follower) -> None:
    """The site otherwise shows its releases, so it is no wall."""
    site.shows(
        "/en/archive", "Our archive", "Everything from before last year lies in the reading room in Harbour Street."
    )
    moved = site.releases[4]
    site.redirects(moved.key, f"{site.address}/en/archive", status=301)
    first = followed.run(site.sitemap)
    followed.days = 1.1

    second = followed.run(site.sitemap)

    assert (len(first.doubted), first.withdrawn, second.withdrawn) == (1, 0, 1)
    assert followed.kinds()[-1] == ("withdrawn", moved.url)


def test_short_releases_with_the_same_words_below_other_titles_are_releases(site: Newsroom, follower: Follower) -> None:
    """A newsroom's formula under each new title, dated or not."""
    for number in range(4):
        site.publish(f"Weekly bulletin {number}", "The bulletin can be had at the press office.", undated=number < 2)

    report = follower.run(site.sitemap)

    assert (counts(report), report.doubted) == ((14, 0, 0, 0), ())


def test_a_dry_run_tells_of_doubts_and_keeps_none(site: Newsroom, followed: Follower) -> None:
    site.shows(site.releases[4].key, *REWRITTEN)
    followed.cache.forget(site.releases[4].url)

    report = followed.run(site.sitemap, dry=True)

    assert (len(report.doubted), followed.store.doubted()) == (1, [])


def test_a_page_of_teasers_never_takes_a_release_s_place(site: Newsroom, followed: Follower) -> None:
    """Neither that of one that is stored nor one of its own, however long it stands there."""
    teasers = [f'<a href="/n/{n}">Tram line {n} opens in Lyon</a> It opens on {n} May.' for n in range(1, 9)]
    key = site.releases[4].key
    site.shows(key, "Latest news", *teasers)
    new = site.publish("All that is new", "Words that nobody reads.", published=None)
    site.shows(new.key, "Latest news of the week", *teasers[2:])
    first = followed.run(site.sitemap)
    followed.days = 3

    report = followed.run(site.sitemap)

    assert counts(first) == counts(report) == (0, 0, 9, 0)
    assert "is made of links to other pages and their beginnings" in doubts(report)[site.release(key).url]
    assert "nothing is stored of it" in doubts(report)[new.url]
    assert is_untouched(followed, site, key)
