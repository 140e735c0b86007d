"""A PDF becomes a release; `test_pdf_print.py` has what is printed in odd ways."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import ParseError
from ingest.parse import pdf
from ingest.parse.pdf import parse_pdf
from ingest.types import Entry
from tests.ingest.parse.pdf_builder import build_pdf, column

ENCRYPTED = Path(__file__).parent / "encrypted"

HEAD = [
    (70, 760, 20, "Les ministres adoptent un plan"),
    (70, 736, 20, "d’assistance à l’Ukraine"),
    (70, 715, 10, "Bruxelles, le 14 juin 2024"),
]
TEXT = (
    "Réunis à Bruxelles les 13 et 14 juin, les ministres de la Défense ont adopté\n"
    "un plan d’assistance, dit le commu-\nniqué de l’OTAN.",
    "Les pays partenaires de l’Indo-\nPacifique en ont été informés par le secrétaire général de l’Organisation.",
)


def test_lines_become_title_date_and_paragraphs(make_page):
    """Big print is the title; hyphens at line ends are mended, but not before a capital."""
    release = parse_pdf(make_page(build_pdf([*HEAD, *column(*TEXT)])))
    assert release.title == "Les ministres adoptent un plan d’assistance à l’Ukraine"
    assert release.published == datetime(2024, 6, 14, tzinfo=UTC)
    assert release.language == "fr"
    assert [paragraph.split()[0] for paragraph in release.body] == ["Réunis", "Les"]
    assert "ont adopté un plan d’assistance, dit le communiqué de l’OTAN." in release.body[0]
    assert "l’Indo-Pacifique en ont été informés" in release.body[1]


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("LES MINISTRES ADOPTENT UN PLAN", "LES MINISTRES ADOPTENT UN PLAN"),
        ("Réunis à Bruxelles les 13 et 14 juin", "Les ministres adoptent"),
        ("Communiqué de presse", "Les ministres adoptent"),
        ("A template for all releases", "Les ministres adoptent"),
        ("Microsoft Word - plan.docx", "Les ministres adoptent"),
        ("2024_plan_v2", "Les ministres"),
    ],
)
def test_a_stated_title_serves_if_it_is_printed_as_one(make_page, stated, title):
    """What a word processor or a template left behind is not a title."""
    assert parse_pdf(make_page(build_pdf([*HEAD, *column(*TEXT)], title=stated))).title.startswith(title)


@pytest.mark.parametrize(
    ("stated", "title"),
    [("Plan d'assistance adopté par les ministres", "Plan d'assistance"), ("A template for all", "Réunis à Bruxelles")],
)
def test_a_title_that_is_printed_nowhere_serves_if_the_text_is_about_it(make_page, stated, title):
    """Where no print is bigger than the text."""
    assert parse_pdf(make_page(build_pdf(column(*TEXT), title=stated))).title.startswith(title)


def test_a_kind_of_page_in_bigger_print_is_no_title(make_page):
    """The headline comes after it, and the day between them belongs to neither."""
    kicker = [(70, 800, 28, "COMMUNIQUÉ DE PRESSE"), (70, 780, 20, "14 juin 2024")]
    release = parse_pdf(make_page(build_pdf([*kicker, *HEAD[:2], *column(*TEXT)])))
    assert release.title == "Les ministres adoptent un plan d’assistance à l’Ukraine"
    assert release.published == datetime(2024, 6, 14, tzinfo=UTC)


def test_running_heads_and_page_numbers_are_left_out(make_page):
    """What comes back on each page is no text, and a paragraph goes on over the page's end."""
    edges = [(70, 810, 9, "Salle de presse de l’OTAN")]
    first = [
        *edges,
        *HEAD,
        *column(TEXT[0], "Les Alliés ont promis 40 milliards d’euros pour l’année"),
        (290, 40, 9, "1"),
    ]
    second = [*edges, *column("suivante, comme à Washington.", TEXT[1], top=760), (290, 40, 9, "2")]
    release = parse_pdf(make_page(build_pdf(first, second)))
    assert "Salle de presse" not in release.text
    assert release.body[1] == "Les Alliés ont promis 40 milliards d’euros pour l’année suivante, comme à Washington."
    assert len(release.body) == 3


def test_a_running_head_leaves_its_day_and_takes_no_text_along(make_page):
    """The day beside it is the only one, and the second page begins with a word that the first one has too."""
    first = [
        (70, 810, 9, "Salle de presse"),
        (450, 810, 9, "14 juin 2024"),
        *HEAD[:2],
        *column(TEXT[0], "Le plan vaut"),
    ]
    second = [(70, 810, 9, "Salle de presse"), (450, 810, 9, "14 juin 2024"), *column("juin.", TEXT[1], top=760)]
    third = [(70, 810, 9, "Les ministres adoptent un plan"), *column(TEXT[0], top=760)]
    release = parse_pdf(make_page(build_pdf(first, second, third)))
    assert release.published == datetime(2024, 6, 14, tzinfo=UTC)
    assert release.body[1] == "Le plan vaut juin."
    assert not any("Salle" in paragraph or "adoptent un plan" in paragraph for paragraph in release.body)


def test_a_scanned_pdf_says_to_run_ocr(make_page):
    """A page without a text layer is refused with what to do."""
    with pytest.raises(ParseError, match=r"folder/release.txt: .*scanned: run OCR"):
        parse_pdf(make_page(build_pdf([])))


@pytest.mark.parametrize("name", ["rc4-128", "aes-128", "aes-256"])
def test_a_pdf_that_only_forbids_to_print_is_read(make_page, name):
    """Its password for reading is empty; `encrypted/README.md` says how these were made."""
    release = parse_pdf(make_page((ENCRYPTED / f"{name}.pdf").read_bytes()))
    assert release.title == "Une digue pour le port de l'île"
    assert release.body[0].endswith("douze millions d'euros, dont la moitié vient de la région.")


def test_a_pdf_behind_a_password_says_so(make_page):
    """It is refused with what to do."""
    with pytest.raises(ParseError, match=r"encrypted: save a copy without its password"):
        parse_pdf(make_page((ENCRYPTED / "password.pdf").read_bytes()))


@pytest.mark.parametrize("content", [b"%PDF-1.7\nnothing more", build_pdf(HEAD)[:300]])
def test_a_damaged_pdf_says_so(make_page, content):
    """A file that breaks off is refused."""
    with pytest.raises(ParseError, match=r"folder/release.txt: (?:page \d+ of )?this PDF (?:is damaged|holds no text)"):
        parse_pdf(make_page(content))


def test_pages_past_the_limit_are_left_with_a_warning(make_page, monkeypatch):
    """A book is not read to its end, and the release says so."""
    monkeypatch.setattr(pdf, "MOST_PAGES", 1)
    release = parse_pdf(make_page(build_pdf([*HEAD, *column(TEXT[0])], column(TEXT[1]))))
    assert len(release.body) == 1
    assert release.warnings == ("pages read: only the first 1 of 2",)


def test_pages_past_the_time_limit_are_left_with_a_warning(make_page, monkeypatch):
    """The first is always read, and the release says what is lacking."""
    monkeypatch.setattr(pdf, "seconds_left", lambda: 1e-9)
    release = parse_pdf(make_page(build_pdf([*HEAD, *column(TEXT[0])], column(TEXT[1]))))
    assert len(release.body) == 1
    assert release.warnings == ("pages read: only the first 1 of 2, in the time that ingest.longest allows",)


def test_where_pages_begin_is_known(make_page):
    """In the middle of a paragraph too; a page without text begins with the one after it."""
    first = [*HEAD, *column(TEXT[0], "Les Alliés ont promis 40 milliards d’euros pour l’année")]
    last = column("suivante, comme à Washington.", TEXT[1], top=760)
    release = parse_pdf(make_page(build_pdf(first, [], last)))
    start = release.text.index("suivante")
    assert release.pages == (0, start, start)


def test_hyphens_heads_and_numbers_of_a_french_release_are_mended(make_page):
    """Cut words are made whole, « peut-être » and « Franco-allemand » keep their hyphens, « Page 2 / 4 » goes."""
    text = ("Le conseil franco-\nallemand s’est réuni, et le traité Franco-\nAllemand sera peut-\nêtre complété "
            "selon la décla-\nration que les deux gouvernements ont signée.",)  # fmt: skip
    feet = [[(290, 40, 9, foot)] for foot in ("Page 1 / 3", "– 2 –", "Page 3 / 3")]
    edges = [[(70, 810, 9, "Ministère – communiqué de presse"), *foot] for foot in feet]
    pages = [[*HEAD, *column(*text)], column(TEXT[0], top=760), column(TEXT[1], top=760)]
    release = parse_pdf(make_page(build_pdf(*([*page, *edge] for page, edge in zip(pages, edges, strict=True)))))
    assert not any(stray in release.text for stray in ("Page", "– 2 –", "communiqué de presse"))
    assert "traité Franco-Allemand sera peut-être complété selon la déclaration" in release.body[0]
    assert len(release.body) == 3


def test_the_day_in_small_print_above_the_headline_is_the_date(make_page):
    """Publisher and day stand close together, and are two lines all the same."""
    top = [(70, 800, 9, "Ministère de la Défense"), (70, 785, 9, "14 juin 2024")]
    release = parse_pdf(make_page(build_pdf([*top, *HEAD[:2], *column(*TEXT)])))
    assert release.published == datetime(2024, 6, 14, tzinfo=UTC)
    assert release.title.startswith("Les ministres adoptent un plan")


@pytest.mark.parametrize(
    ("listed", "title"),
    [
        ("Réunis à Bruxelles les 13 et 14 juin, les ministres de la Défense ont adopté", "Réunis à Bruxelles les 13"),
        ("Les ministres adoptent un plan d’assistance à l’Ukraine", "Les ministres adoptent un plan d’assistance"),
        ("Un plan pour l’Ukraine", "Les ministres adoptent un plan"),
    ],
)
def test_the_title_of_a_list_serves_if_it_fills_lines_of_the_first_page(make_page, listed, title):
    """Whatever is printed larger."""
    page = replace(make_page(build_pdf([*HEAD, *column(*TEXT)])), entry=Entry("https://a.test/b.pdf", title=listed))
    assert parse_pdf(page).title.startswith(title)


def test_the_language_of_a_template_is_not_believed_against_the_text(make_page):
    """Word processors write that of their menus."""
    content = build_pdf([*HEAD, *column(*TEXT)]).replace(b"/Type /Catalog", b"/Type /Catalog /Lang (en-US)")
    assert parse_pdf(make_page(content)).language == "fr"


@pytest.mark.parametrize(
    "day", ["Le 14.6.24", "14/06/24", "Release no. 24-041, June 14, 2024", "Presse, le 14 juin 2024"]
)
def test_a_day_above_the_text_may_have_words_beside_it(make_page, day):
    """And two figures for its year."""
    release = parse_pdf(make_page(build_pdf([*HEAD[:2], (70, 715, 10, day), *column(*TEXT)])))

    assert release.published == datetime(2024, 6, 14, tzinfo=UTC)


@pytest.mark.parametrize("big", [(70, 800, 28, "Ville de Grandlac"), (70, 560, 28, "Un plan de quarante milliards")])
def test_bigger_print_above_or_amid_the_text_is_no_title(make_page, big):
    """The name of who issued it has three words at most; a figure that stands out is within the text."""
    text = [*column(*TEXT), *column(*TEXT, top=520)]
    printed = sorted([*HEAD, *text, big], key=lambda line: -line[1])

    assert parse_pdf(make_page(build_pdf(printed))).title.startswith("Les ministres adoptent un plan")


def test_the_kind_of_page_in_the_print_of_the_title_is_no_part_of_it(make_page):
    """It stands in the line above."""
    top = [(70, 760, 11, "COMMUNIQUÉ DE PRESSE"), (70, 746, 11, "LES MINISTRES ADOPTENT UN PLAN D’ASSISTANCE")]
    release = parse_pdf(make_page(build_pdf([*top, HEAD[2], *column(*TEXT)])))

    assert release.title == "LES MINISTRES ADOPTENT UN PLAN D’ASSISTANCE"
