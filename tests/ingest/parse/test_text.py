"""Tests of `ingest.parse.text`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingest.errors import ParseError
from ingest.parse.text import parse_text
from tests.shared_data import shared

SENTENCE = "Les ministres ont adopté à Bruxelles un plan d’assistance à la sécurité de l’Ukraine."
OTHER = "Le sommet de Washington, en juillet, a confirmé cette décision prise par les ministres."


@pytest.mark.data
def test_the_seed_becomes_a_release(make_page):
    """A real page gives title, both dates, language and nine paragraphs, without bullets and caption."""
    seed = shared("seed/otan-2024-10-17.fr.txt")
    release = parse_text(make_page(seed.read_bytes(), seed.name))
    assert release.title.startswith("La réunion des ministres")
    assert release.title.endswith("à l’Ukraine et à l’Indo-Pacifique")
    assert release.published == datetime(2024, 10, 17, tzinfo=UTC)
    assert release.updated == datetime(2024, 10, 17, 20, 23, tzinfo=UTC)
    assert release.language == "fr"
    assert len(release.body) == 9
    assert not any(stray in release.text for stray in ("•", "Mis à jour", "View of the room"))


def test_an_english_page_keeps_its_list_and_loses_its_furniture(saved):
    """Breadcrumb, kicker, caption, subheading, share links, credit and related news stay out; bullets stay in."""
    release = parse_text(saved("washington.en.txt"))
    assert release.title == "NATO leaders gather in Washington for the Alliance's 75th anniversary"
    assert release.published == datetime(2024, 7, 9, tzinfo=UTC)
    assert release.updated == datetime(2024, 7, 10, 8, 15, tzinfo=UTC)
    assert [paragraph.split()[0] for paragraph in release.body] == [
        "NATO", "The", "Allies", "training", "deliveries", "the", "They",
    ]  # fmt: skip


def test_wrapped_lines_become_whole_paragraphs(saved):
    """A hand-wrapped page gives its title in one piece and two paragraphs."""
    release = parse_text(saved("wrapped.fr.txt"))
    assert release.title.endswith("préparent le sommet de Washington")
    assert release.published == datetime(2024, 6, 14, tzinfo=UTC)
    assert len(release.body) == 2
    assert "des pays de l’OTAN ont préparé le sommet qui se tiendra à Washington en juillet" in release.body[0]
    assert release.body[1].endswith("pays alliés et partenaires.")


def test_each_line_is_a_paragraph_where_no_blank_lines_stand(saved):
    """A page without blank lines gives a paragraph a line, less credit and caption."""
    release = parse_text(saved("lines.en.txt"))
    assert release.title == "Sweden becomes the 32nd member of NATO"
    assert release.published == datetime(2024, 3, 7, tzinfo=UTC)
    assert [paragraph.split()[0] for paragraph in release.body] == ["Sweden", "The", "Finland"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_makes_no_difference(make_page, encoding):
    """The same page in UTF-8, with a mark, in UTF-16 or in Windows-1252 gives the same release."""
    text = f"Un plan d’aide est adopté\r\n\r\n{SENTENCE}\r\n\r\n{OTHER}\r\n"
    release = parse_text(make_page(text.encode(encoding)))
    assert release.title == "Un plan d’aide est adopté"
    assert release.body == (SENTENCE, OTHER)


def test_no_break_spaces_stay_and_plain_ones_collapse(make_page):
    """Typography survives; filling does not."""
    release = parse_text(
        make_page("Titre\n\nLe soutien   atteint «\u00a020,9\u202fmilliards\u00a0» d’euros \t cette année.\n")
    )
    assert release.body == ("Le soutien atteint «\u00a020,9\u202fmilliards\u00a0» d’euros cette année.",)


@pytest.mark.parametrize(
    "line",
    ["View of the room", "Partager cet article", "Facebook | LinkedIn", "Crédit photo : OTAN", "© OTAN", "* * *",
     "Accueil > Actualités > 2024", "Lire aussi : Un autre titre", "Ce site utilise des cookies pour vous servir."],
)  # fmt: skip
def test_what_surrounds_a_release_stays_out(make_page, line):
    """A line of the page between two sentences is no paragraph."""
    release = parse_text(make_page(f"Titre du communiqué\n\n{SENTENCE}\n\n{line}\n\n{OTHER}\n"))
    assert release.body == (SENTENCE, OTHER)


@pytest.mark.parametrize(
    "line",
    ["Les Alliés partagent cette analyse.", "Pourquoi maintenant ?", "« C’est un signe clair. »", "Il a dit oui…"],
)
def test_a_short_sentence_is_never_lost(make_page, line):
    """What ends like a sentence is a paragraph, however short."""
    release = parse_text(make_page(f"Titre du communiqué\n\n{SENTENCE}\n\n{line}\n\n{OTHER}\n"))
    assert line in release.body


def test_titles_of_related_pages_stay_out_whatever_their_length(make_page):
    """Below « À lire aussi », titles and dates are left out."""
    links = (
        "À lire aussi\n\nLes ministres des Affaires étrangères de tous les pays alliés se retrouvent à Prague\n\n"
        "31 mai 2024\n"
    )
    release = parse_text(make_page(f"Titre du communiqué\n\n14 juin 2024\n\n{SENTENCE}\n\n{OTHER}\n\n{links}"))
    assert release.body == (SENTENCE, OTHER)
    assert release.published == datetime(2024, 6, 14, tzinfo=UTC)


def test_a_list_without_bullets_stays_after_a_colon(make_page):
    """Short lines after a colon are content."""
    release = parse_text(
        make_page(f"Titre du communiqué\n\n{SENTENCE}\n\nIl comprend :\n\nla formation\n\nles livraisons\n\n{OTHER}\n")
    )
    assert release.body == (SENTENCE, "Il comprend :", "la formation", "les livraisons", OTHER)


def test_a_date_that_opens_the_text_serves_where_none_stands_above(make_page):
    """The dateline gives the date of publication, and stays in the quote."""
    dateline = f"Bruxelles, le 14 juin 2024 – {SENTENCE}"
    release = parse_text(make_page(f"Titre du communiqué\n\n{dateline}\n\n{OTHER}\n"))
    assert release.published == datetime(2024, 6, 14, tzinfo=UTC)
    assert release.body == (dateline, OTHER)


def test_an_address_to_write_to_stays(make_page):
    """A short line with a telephone number or an address is content."""
    contact = "Service de presse, +32 2 000 00 00"
    assert parse_text(make_page(f"Titre du communiqué\n\n{SENTENCE}\n\n{contact}\n")).body == (SENTENCE, contact)


def test_a_dash_in_front_of_a_wrapped_line_is_no_bullet(make_page):
    """A sentence that was wrapped before its dash stays whole, while a list under a colon is parted."""
    wrapped = (
        "Les ministres réunis à Bruxelles ont adopté un plan d’assistance à\n"
        "l’Ukraine, que le secrétaire général de l’Alliance avait proposé\n"
        "– et que tous attendaient depuis des mois – pour l’année prochaine :\n"
        "- former\n- équiper\n"
    )
    release = parse_text(make_page(f"Titre du communiqué\n\n14 juin 2024\n\n{wrapped}"))
    assert release.body[0].endswith(
        "avait proposé – et que tous attendaient depuis des mois – pour l’année prochaine :"
    )
    assert release.body[1:] == ("former", "équiper")


def test_a_page_without_a_title_gets_its_first_sentence(make_page):
    """A long first paragraph stays body, and its first sentence serves as title."""
    release = parse_text(make_page(f"{SENTENCE} {OTHER} {OTHER}\n\n{OTHER}\n"))
    assert release.title == SENTENCE
    assert len(release.body) == 2


def test_the_source_says_what_the_page_does_not(make_page):
    """Publisher and language of the source are taken."""
    release = parse_text(make_page(f"Titre\n\n{SENTENCE}\n", publisher="OTAN", language="fr-BE"))
    assert (release.publisher, release.language) == ("OTAN", "fr")
    assert (release.id, release.source) == ("release.txt", "folder/release.txt")


@pytest.mark.parametrize(
    ("content", "cause"),
    [(b" \n", "empty"), (b"\x89PNG\r\n\x00\x01", "binary"), (b"- - -\n***", "no word"),
     (b"Home > News\n\nShare this\n", "only links"),
     ("été à la fête ".encode() * 5 + b"\xc3", "damaged UTF-8 at byte 90")],
)  # fmt: skip
def test_what_holds_no_text_is_refused_with_its_cause(make_page, content, cause):
    """Empty, binary, wordless and damaged files each say what they are."""
    with pytest.raises(ParseError, match=rf"folder/release.txt: .*{cause}"):
        parse_text(make_page(content))


def test_a_page_is_read_as_its_server_says_and_tells_what_is_lost(make_page):
    """A text from the web has an encoding beside it, and no place to say one."""
    content = "Сердце города\n\nСовет собрался вчера и принял план\x1f.".encode("cp1251")
    release = parse_text(replace(make_page(content), charset="windows-1251"))
    assert release.title == "Сердце города"
    assert release.warnings == ("control characters were left out: 1, the first in 'а и принял план\\x1f.'",)


@pytest.mark.parametrize(
    ("above", "title"),
    [("Ministère des Transports\n\n1 quai du Port\n\nCommuniqué de presse", "Douze lignes d’autocar de plus"),
     ("Ministère des Transports\n\nCommuniqué de presse\n\nParis, le 4 mars 2025", "Douze lignes d’autocar de plus"),
     ("La vallée aura douze lignes d’autocar\n\nCommuniqué de presse", "La vallée aura douze lignes d’autocar"),
     ("La vallée gagne-t-elle ?\n\nCommuniqué de presse", "La vallée gagne-t-elle ?"),
     ("Sous embargo jusqu’au 4 mars 2025 à 6 heures.", "Douze lignes d’autocar de plus")],
    ids=["letterhead", "letterhead and day", "title and subtitle", "a question", "embargo"],
)  # fmt: skip
def test_a_letterhead_above_the_kind_of_page_is_no_title(make_page, above, title):
    """What is longer than the line below it is none."""
    text = f"{above}\n\nDouze lignes d’autocar de plus\n\n{SENTENCE}\n\n{OTHER}\n"
    release = parse_text(make_page(text))
    assert (release.title, release.body) == (title, (SENTENCE, OTHER))
