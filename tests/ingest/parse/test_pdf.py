"""Tests of `ingest.parse.pdf` and `ingest.parse.pdf`."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from ingest.errors import LimitError, ParseError
from ingest.parse import pdf
from ingest.parse.pdf import parse_pdf

_spec = spec_from_file_location("pdf_builder", Path(__file__).with_name("pdf_builder.py"))
pdf_builder = module_from_spec(_spec)
_spec.loader.exec_module(pdf_builder)
build_pdf, column = pdf_builder.build_pdf, pdf_builder.column

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
        ("A plan for Ukraine", "A plan for Ukraine"),
        ("Microsoft Word - plan.docx", "Les ministres adoptent"),
        ("2024_plan_v2", "Les ministres"),
    ],
)
def test_a_stated_title_serves_unless_it_is_a_file_name(make_page, stated, title):
    """What a word processor left behind is not a title."""
    assert parse_pdf(make_page(build_pdf([*HEAD, *column(*TEXT)], title=stated))).title.startswith(title)


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


def test_a_scanned_pdf_says_to_run_ocr(make_page):
    """A page without a text layer is refused with what to do."""
    with pytest.raises(ParseError, match=r"folder/release.txt: .*scanned: run OCR"):
        parse_pdf(make_page(build_pdf([])))


def test_an_encrypted_pdf_says_so(make_page):
    """A file behind a password is refused with what to do."""
    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(build_pdf(HEAD)))), io.BytesIO()
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(out)
    with pytest.raises(ParseError, match=r"encrypted: save a copy without its password"):
        parse_pdf(make_page(out.getvalue()))


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


def test_what_is_drawn_without_end_is_left_out_with_a_warning(make_page, monkeypatch):
    """A page with too much on it, and all behind those that are too much together."""
    monkeypatch.setattr(pdf, "MOST_OF_A_PAGE", 2_000_000)
    monkeypatch.setattr(pdf, "MOST_OF_ALL", 16_000)
    full = column(*("An endless paragraph, drawn again and again.",) * 120)
    release = parse_pdf(make_page(build_pdf([*HEAD, *column(*TEXT)], full, full, full)))
    assert release.warnings == ("pages read: only the first 2 of 4",)
    assert "Réunis à Bruxelles" in release.text

    monkeypatch.setattr(pdf, "MOST_OF_A_PAGE", 2_000)
    monkeypatch.setattr(pdf, "MOST_OF_ALL", 1_000_000)
    release = parse_pdf(make_page(build_pdf(full, [*HEAD, *column(*TEXT)])))
    assert release.warnings == ("page 1 was left out: it has more than 2000 bytes to draw",)
    with pytest.raises(LimitError, match="no text was found in this PDF; page 1 was left out"):
        parse_pdf(make_page(build_pdf(full)))


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
