"""Reads a PDF with a text layer."""

from __future__ import annotations

import io
import logging
import re
from typing import TYPE_CHECKING

from ingest.errors import LimitError, ParseError
from ingest.parse.blocks import sort_blocks
from ingest.parse.characters import losses, tidy_line
from ingest.parse.complete import complete, normalise_language
from ingest.parse.pdf_lines import Line, headline, page_lines, tidied, to_blocks, without_running_lines
from ingest.release import Release

if TYPE_CHECKING:
    from pypdf import PdfReader

    from ingest.release import Page

# It reports each oddity of a file, repaired or not; our readers can do nothing about those.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

# A release has a handful of pages; far more is a book, or a file made to keep a reader busy.
MOST_PAGES = 500
# Bytes of what is to be drawn, on one page and on all: a page of text has some ten thousand. pypdf reads a million in a
# second, but 4 million of one page in 14 (7.1.0).
MOST_OF_A_PAGE = 1_000_000
MOST_OF_ALL = 2_000_000
_FILE_NAME = re.compile(
    r"\A(?:microsoft (?:word|powerpoint|excel)\b.*|.*\.(?:docx?|odt|rtf|pdf|indd|pptx?))", re.IGNORECASE
)


def parse_pdf(page: Page) -> Release:
    """The release in a PDF, its paragraphs rebuilt from lines; running heads and page numbers are left out.

    Raises:
        ParseError: the file is damaged or encrypted, or holds no text because it is scanned.

    """
    reader = _open(page)
    warnings: list[str] = []
    printed = _read(reader, page.location, warnings)
    warnings += losses("\n".join(line.text for part in printed for line in part))
    pages = [tidied(part) for part in printed]
    lines = [line for part in without_running_lines(pages) for line in part]
    if not any(character.isalnum() for line in lines for character in line.text):
        if warnings:
            raise LimitError(page.location, f"no text was found in this PDF; {warnings[0]}")
        cause = "this PDF holds no text, so it is probably scanned: run OCR on it first, for example with ocrmypdf"
        raise ParseError(page.location, cause)
    found = sort_blocks(to_blocks(lines), title=_title(reader, lines))
    release = Release(
        id=page.id,
        title=found.title,
        body=found.body,
        source=page.location,
        language=normalise_language(str(reader.root_object.get("/Lang", ""))),
        published=found.published,
        updated=found.updated,
        warnings=tuple(warnings),
    )
    return complete(release, page)


def _open(page: Page) -> PdfReader:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = PdfReader(io.BytesIO(page.content))
        # many files are encrypted with an empty password, to forbid printing or the like
        if reader.is_encrypted and not reader.decrypt(""):
            raise ParseError(page.location, "this PDF is encrypted: save a copy without its password")
        len(reader.pages)
    except DependencyError as error:
        raise ParseError(page.location, "this PDF is encrypted: save a copy without its password") from error
    except (PyPdfError, *_DAMAGE) as error:
        raise ParseError(page.location, f"this PDF is damaged: {error}") from error
    return reader


# What pypdf lets through on files that are broken inside.
_DAMAGE = (ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError, OSError, RecursionError)


def _read(reader: PdfReader, location: str, warnings: list[str]) -> list[list[Line]]:
    """The lines of each page; what is too much to be read is left out, which a warning says."""
    from pypdf.errors import PyPdfError

    pages: list[list[Line]] = []
    drawn, count = 0, len(reader.pages)
    for number in range(min(count, MOST_PAGES)):
        try:
            content = reader.pages[number].get_contents()
            size = len(content.get_data()) if content is not None else 0
            if size > MOST_OF_A_PAGE:
                warnings.append(f"page {number + 1} was left out: it has more than {MOST_OF_A_PAGE} bytes to draw")
                continue
            drawn += size
            if drawn > MOST_OF_ALL:
                break
            pages.append(page_lines(reader.pages[number]))
        except (PyPdfError, *_DAMAGE) as error:
            raise ParseError(location, f"page {number + 1} of this PDF is damaged: {error}") from error
    read = number if drawn > MOST_OF_ALL else min(count, MOST_PAGES)
    if read < count:
        warnings.append(f"only the first {read} of {count} pages were read")
    return pages


def _title(reader: PdfReader, lines: list[Line]) -> str:
    """The file's own title where a reader would call it one, else its big print; empty where there is neither."""
    stated = tidy_line(str(reader.metadata.title or "")) if reader.metadata else ""
    big = headline(lines)
    if len(stated.split()) > 2 and not _FILE_NAME.fullmatch(stated):
        return stated
    return big
