"""What speaks against a page by itself, and how what stands in the place of a release is kept aside."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ingest.doubt import sign_of
from ingest.types import Entry
from tests.ingest.follower import Follower, counts
from vectorstore.types import Release

if TYPE_CHECKING:
    from ingest.report import IngestReport
    from tests.newsroom.site import Newsroom

ADDRESS = "https://news.test/en/1"
DAY = datetime(2024, 5, 2, tzinfo=UTC)


def a_page(title: str, text: str, *signs: str, published: datetime | None = None) -> Release:
    return Release("x", title, (text,), ADDRESS, published=published, signs=signs)


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("404 – Page not found", "We looked everywhere. Try the search instead.", "missing"),
        ("Error 404", "The page you requested does not exist or has been deleted.", "missing"),
        ("Oups !", "Cette page n’existe plus ou a été déplacée. Retour à l’accueil.", "missing"),
        ("Mairie de Lancy | Page introuvable", "Utilisez la recherche ou le menu.", "missing"),
        ("news.test", "Verify you are human by completing the action below. Ray ID: 8f2ab10c", "wall"),
        ("Un instant…", "Activez JavaScript et les cookies pour continuer.", "wall"),
        ("Your privacy", "We and our partners store data. Accept all or reject all; see our privacy policy.", "wall"),
        ("Avant de continuer", "Nous utilisons des cookies. Tout accepter. Tout refuser.", "wall"),
        ("Member login", "User name. Forgot your password? Create an account.", "wall"),
        ("Espace presse", "Veuillez vous identifier pour accéder à ce contenu. Mot de passe oublié ?", "wall"),
        ("We’ll be back soon", "Our site is down for maintenance. Please try again later.", "wall"),
        ("Site en maintenance", "Nous serons de retour lundi. Merci de votre patience.", "wall"),
        ("Service Unavailable", "The server is temporarily unable to answer. Try again later.", "wall"),
        ("Seite nicht gefunden", "Die Seite, die Sie aufrufen wollten, gibt es hier nicht mehr.", "missing"),
        ("Página no encontrada", "Puede volver a la portada o usar el buscador.", "missing"),
        ("Strona nie znaleziona", "Sprawdź adres i spróbuj jeszcze raz.", "missing"),
        ("Ministero | Sito in manutenzione", "Torneremo online lunedì mattina.", "wall"),
        ("Wartungsarbeiten", "Die Website ist vorübergehend nicht verfügbar.", "wall"),
        ("Onderhoud", "De website is tijdelijk niet beschikbaar. Probeer het later opnieuw.", "wall"),
    ],
)
def test_what_stands_in_the_place_of_a_release_is_known_by_its_words(title: str, text: str, kind: str) -> None:
    """Also where it bears a date, as a maintenance page may."""
    for published in (None, DAY):
        found = sign_of(a_page(title, text, published=published), ADDRESS, None)
        assert found is not None
        assert found.kind == kind


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Maintenance of the Gotthard tunnel", "The tunnel is closed on two nights. Thank you for your patience."),
        ("Access denied to 40 reporters", "The union of journalists protests against the decision of the court."),
        ("Cookies: the watchdog fines two shops", "They asked for personal data without a reason."),
        ("Connexion ferroviaire rétablie", "Les trains circulent de nouveau entre Genève et Lyon."),
        ("Une page se tourne à la mairie", "Le maire quitte ses fonctions après vingt ans."),
        ("Password day: one in five uses 123456", "A survey of 2,000 people was published today."),
        ("Manutenzione del traforo del Gottardo", "Il tunnel chiude due notti per lavori di pulizia e controllo."),
        ("Fehler in der Statistik berichtigt", "Das Amt hat die Zahlen für 2023 berichtigt und neu veröffentlicht."),
        ("Erreur de calcul : le budget est corrigé", "Le conseil a adopté le budget corrigé de 4 millions."),
    ],
)
def test_a_release_about_such_things_is_one(title: str, text: str) -> None:
    assert sign_of(a_page(title, text), ADDRESS, None) is None


def test_a_long_page_is_not_doubted_for_what_it_quotes() -> None:
    """A release on error pages says a few such words among many."""
    text = (
        "Readers who saw « page not found » were asked what they did next. " + "They answered in their own words. " * 60
    )

    assert sign_of(a_page("What readers do", text), ADDRESS, None) is None


@pytest.mark.parametrize(("sign", "kind"), [("password", "wall"), ("noindex", "other")])
def test_marks_of_the_page_count_where_it_is_bare(sign: str, kind: str) -> None:
    """With a date, or with a text of some length, it is a release beside a form."""
    page = a_page("Gallery", "Pictures of the opening.", sign)
    found = sign_of(page, ADDRESS, None)

    assert found is not None
    assert found.kind == kind
    assert sign_of(replace(page, published=DAY), ADDRESS, None) is None
    assert sign_of(replace(page, body=("Pictures of the opening. " * 60,)), ADDRESS, None) is None


def test_a_page_without_a_word_of_its_lists_title_is_doubted() -> None:
    """Or, where the list says none, of the words in its address; two of them are too few to tell."""
    page = a_page("Prosimo počakajte", "Stran bo kmalu na voljo.")
    told = Entry(ADDRESS, title="Second track for the Aldrin line")
    slug = "https://news.test/2024/second-track-aldrin-line.html"

    assert sign_of(page, ADDRESS, told) is not None
    assert sign_of(page, slug, None) is not None
    assert sign_of(page, "https://news.test/2024/second-track", None) is None
    assert sign_of(replace(page, title="The Aldrin line"), slug, None) is None


@pytest.mark.parametrize("sign", ["password", "noindex"])
def test_a_short_page_under_the_title_that_its_list_announced_is_a_release(sign: str) -> None:
    """Its site may have a form for members above every page; a sign-in page has a title of its own."""
    told = Entry(ADDRESS, title="Second track for the Aldrin line")
    page = a_page("Second track for the Aldrin line", "Work begins in spring.", sign)

    assert sign_of(page, ADDRESS, told) is None
    assert sign_of(replace(page, title="Members’ area"), ADDRESS, told) is not None


@pytest.mark.parametrize(
    ("title", "published", "kind"),
    [("News of week 14", DAY, "other"), ("News of week 14", None, "wall"), ("The week", DAY, "wall")],
)
def test_a_dated_digest_is_believed_if_it_stays(title: str, published: datetime | None, kind: str) -> None:
    """Under the very title that its list announced it by."""
    found = sign_of(
        a_page(title, "Trams. Buses.", "list", published=published), ADDRESS, Entry(ADDRESS, title="News of week 14")
    )

    assert found is not None
    assert found.kind == kind


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
    kept = follower.store.records.by_url(release.url)
    return kept is not None and (kept.title, kept.version, kept.withdrawn) == (release.title, 1, None)


def test_a_page_with_nothing_of_the_release_is_kept_aside_for_a_day(site: Newsroom, followed: Follower) -> None:
    """It is told, neither found nor announced; a day later it is a new version."""
    key = site.releases[4].key
    site.shows(key, *REWRITTEN)
    first = followed.run(site.sitemap)
    untouched = is_untouched(followed, site, key)
    [aside] = followed.store.records.doubted()
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
    assert (counts(third), third.doubted, followed.store.records.doubted()) == ((0, 1, 9, 0), (), [])
    assert followed.found("lanterns")[0] == url


def test_a_page_that_comes_back_dispels_the_doubt(site: Newsroom, followed: Follower) -> None:
    """And the day begins again with the next time that something else stands there."""
    key = site.releases[4].key
    site.shows(key, *REWRITTEN)
    followed.run(site.sitemap)
    site.restore(key)
    followed.days = 0.5
    followed.run(site.sitemap)
    dispelled = followed.store.records.doubted() == []
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
    [health] = followed.store.records.health()
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
    assert follower.store.records.count_releases() == 6


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
    kept = follower.store.records.by_url(bad[1].url)
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

    assert (len(report.doubted), followed.store.records.doubted()) == (1, [])


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
