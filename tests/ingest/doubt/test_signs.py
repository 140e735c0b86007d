"""What speaks against a page by itself, and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingest.doubt.signs import sign_of
from ingest.types import Entry
from vectorstore.types import Release

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
