"""Scanned pages are read by tesseract, if the operator wants it."""

from __future__ import annotations

import shutil
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest

from ingest.errors import LimitError, ParseError
from ingest.parse.page import parse_page
from ingest.parse.pdf import parse_pdf
from tests.ingest.parse.pdf_builder import build_pdf, column, picture, scan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ingest.types import Page

PRINTED = build_pdf(
    [
        (70, 760, 20, "Une digue pour le port"),
        (70, 735, 11, "Brest, le 14 juin 2024"),
        *column(
            "La digue du port sera longue de trois cents mètres et coûtera\ndouze millions d'euros à la région.",
            "Elle sera achevée en deux ans, et le port restera ouvert aux\nbateaux de pêche pendant les travaux.",
        ),
    ]
)
WORDS = ("Une digue pour le port", "La digue sera longue de trois cents mètres, et achevée en deux ans.")


@pytest.fixture(scope="module")
def scanned() -> bytes:
    """A page that is a picture of one."""
    return scan(PRINTED)


@pytest.fixture
def tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a program in the place of tesseract, a shell script, and nothing else on the path."""

    def put(script: str) -> None:
        program = tmp_path / "tesseract"
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)

    monkeypatch.setattr(shutil, "which", lambda name: str(tmp_path / name) if (tmp_path / name).exists() else None)
    return put


def reading(lines: tuple[str, ...]) -> str:
    """A script that reads these lines on any page, the first as a headline."""
    table = ["level page_num block_num par_num line_num word_num left top width height conf text".replace(" ", "\\t")]
    for number, line in enumerate(lines, 1):
        for index, word in enumerate(line.split()):
            height = 80 if number == 1 else 40
            cells = (5, 1, number, 1, 1, index + 1, 300 + 150 * index, 300 * number, 140, height, 96, word)
            table.append("\\t".join(map(str, cells)))
    return "cat > /dev/null; printf '" + "\\n".join(table) + "\\n'"


def test_a_scanned_page_is_read_and_marked(
    scanned: bytes, make_page: Callable[..., Page], tesseract: Callable[[str], None]
) -> None:
    """The release says which pages may have mistakes, and keeps it."""
    tesseract(reading(WORDS))

    release = parse_pdf(make_page(scanned), ocr=True)

    assert (release.title, release.body) == (WORDS[0], WORDS[1:])
    assert release.scanned == (1,)
    assert release.warnings == ("read by OCR, which makes mistakes: page 1",)


def test_a_page_with_text_is_never_read_by_ocr(
    make_page: Callable[..., Page], tesseract: Callable[[str], None]
) -> None:
    """It would only be worse."""
    tesseract("exit 1")

    release = parse_pdf(make_page(PRINTED), ocr=True)

    assert (release.title, release.scanned, release.warnings) == (WORDS[0], (), ())


def test_without_the_setting_a_scan_is_an_error(
    scanned: bytes, make_page: Callable[..., Page], tesseract: Callable[[str], None]
) -> None:
    """It names the setting."""
    tesseract(reading(WORDS))

    with pytest.raises(ParseError, match=r"probably scanned: run OCR on it first, .* or set ingest\.ocr = true"):
        parse_pdf(make_page(scanned))


def test_a_scan_that_is_attached_to_a_message_is_read_as_one_by_itself(
    scanned: bytes, make_page: Callable[..., Page], tesseract: Callable[[str], None]
) -> None:
    """With the setting; without it the message comes in, and the warning names setting and file."""
    tesseract(reading(WORDS))
    message = EmailMessage()
    message["From"], message["Subject"] = "press@port.example", "Notre communiqué"
    message.set_content("Veuillez trouver notre communiqué ci-joint.")
    message.add_attachment(scanned, maintype="application", subtype="pdf", filename="digue.pdf")
    page = make_page(bytes(message), "a.eml")

    read, unread = parse_page(page, ocr=True), parse_page(page)

    assert read.body[1:] == WORDS
    assert read.warnings == ("attachment digue.pdf: read by OCR, which makes mistakes: page 1",)
    assert unread.body == ("Veuillez trouver notre communiqué ci-joint.",)
    assert "attachment digue.pdf: this PDF holds no text" in unread.warnings[0]
    assert "set ingest.ocr = true" in unread.warnings[0]


def test_scanned_pages_among_others_are_named(make_page: Callable[..., Page]) -> None:
    """So that nobody takes the text for the whole; a blank page and one with a logo lack nothing."""
    text = column("La digue coûtera douze millions d'euros à la région.")
    content = build_pdf(text, [picture(PRINTED)], [], [picture(PRINTED, 120, 40)], text, [picture(PRINTED)])

    release = parse_pdf(make_page(content))

    assert release.warnings == ("no text, so probably scanned: page 2, 6: set ingest.ocr = true",)


def test_a_scan_without_words_says_so(make_page: Callable[..., Page], tesseract: Callable[[str], None]) -> None:
    """A blank page, or a photograph."""
    tesseract(reading(()))

    with pytest.raises(ParseError, match=r"holds no text, and tesseract reads none on its pages"):
        parse_pdf(make_page(scan(build_pdf([]))), ocr=True)


@pytest.mark.usefixtures("tesseract")
def test_without_tesseract_the_error_says_how_to_install_it(scanned: bytes, make_page: Callable[..., Page]) -> None:
    """In one line, ready to paste."""
    with pytest.raises(LimitError, match=r"not installed: apt-get install tesseract-ocr tesseract-ocr-fra"):
        parse_pdf(make_page(scanned), ocr=True)


def test_a_tesseract_that_fails_is_told_with_its_own_words(
    scanned: bytes, make_page: Callable[..., Page], tesseract: Callable[[str], None]
) -> None:
    """A language that is not installed, for one."""
    tesseract("echo 'Failed loading language fra' >&2; exit 1")

    with pytest.raises(ParseError, match=r"tesseract fails: Failed loading language fra"):
        parse_pdf(make_page(scanned), ocr=True)


@pytest.mark.long
@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_tesseract_itself_reads_a_scan(scanned: bytes, make_page: Callable[..., Page]) -> None:
    """Title, date, accents and paragraphs."""
    release = parse_pdf(make_page(scanned), ocr=True)

    assert release.title == "Une digue pour le port"
    assert release.published is not None
    assert release.body == parse_pdf(make_page(PRINTED)).body
