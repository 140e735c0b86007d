"""Reads a PDF with a text layer: its lines and paragraphs from what stands where on the pages."""

from __future__ import annotations

import io
import logging
import re
import statistics
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.dates import find_dates
from ingest.errors import LimitError, ParseError
from ingest.parse.blocks import is_item, sort_blocks, to_block
from ingest.parse.characters import losses, tidy_line
from ingest.parse.complete import complete, normalise_language
from ingest.parse.furniture import is_closed
from vectorstore.types import Release

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pypdf import PageObject, PdfReader

    from ingest.parse.blocks import Block
    from ingest.types import Page

_PAGE_NUMBER = re.compile(
    r"\A(?:page|p\.|seite)?\s*+[-–—]?\s*+\d{1,3}\s*+[-–—]?(?:\s*+(?:/|of|sur|de|von)\s*+\d{1,3})?", re.IGNORECASE
)
_LIGATURES = {ord(sign): unicodedata.normalize("NFKC", sign) for sign in "ﬀﬁﬂﬃﬄﬅﬆ"}
# Words that keep their hyphen at a line's end: those that open compounds but hardly ever a cut word, and such ends.
_OPENERS = frozenset({
    "franco", "euro", "indo", "anglo", "germano", "italo", "afro", "nord", "sud", "quasi", "semi", "demi", "vice",
    "porte", "après", "quatre", "c’est-à", "c'est-à", "long", "short", "high", "low", "self", "well", "non", "cross",
    "year",
})  # fmt: skip
_ENDS = re.compile(r"(?:ci|là|ils?|mêmes?|être)\b")
# How many lines at the top and at the bottom of a page may be running heads.
_EDGE = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line of print: its place from the page's lower left corner, and its type size, in points."""

    text: str
    x: float
    y: float
    size: float
    page: int = 0


def page_lines(page: PageObject) -> list[Line]:
    """The lines of a page in the order in which they were set, as they stand there."""
    lines: list[Line] = []

    def visit(text: str, cm: Sequence[float], tm: Sequence[float], _font: object, size: float) -> None:
        if not text.strip():
            if text and lines and "\n" not in text:
                lines[-1] = replace(lines[-1], text=lines[-1].text + text)
            return
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        height = abs(size * (tm[3] or tm[1]) * (cm[3] or cm[1])) or 10.0
        for part in filter(str.strip, text.split("\n")):
            if lines and abs(lines[-1].y - y) < 0.4 * height:
                lines[-1] = replace(lines[-1], text=lines[-1].text + part, size=max(lines[-1].size, height))
            else:
                lines.append(Line(part, x, y, height, page.page_number or 0))

    page.extract_text(visitor_text=visit)
    return lines


def tidied(lines: Iterable[Line]) -> list[Line]:
    """The lines that say something, in tidy text."""
    return [replace(line, text=words) for line in lines if (words := tidy_line(line.text.translate(_LIGATURES)))]


def without_running_lines(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages without page numbers and the heads and feet that come back on half of them or more."""
    seen = Counter(mark for page in pages for mark in {_mark(line) for line in _edges(page)})
    fewest = max(2, len(pages) / 2)
    kept = []
    for page in pages:
        edges = {id(line) for line in _edges(page)}
        kept.append(
            [line for line in page if id(line) not in edges or not (_is_number(line) or seen[_mark(line)] >= fewest)]
        )
    return kept


def _edges(page: Sequence[Line]) -> list[Line]:
    """The highest and the lowest lines of a page, wherever they come in the file."""
    ordered = sorted(page, key=lambda line: -line.y)
    return ordered[:_EDGE] + ordered[max(_EDGE, len(ordered) - _EDGE) :]


def _mark(line: Line) -> str:
    return re.sub(r"\d+", "#", line.text)


def _is_number(line: Line) -> bool:
    return bool(_PAGE_NUMBER.fullmatch(line.text))


def headline(lines: Sequence[Line]) -> str:
    """The biggest print of the first page, if it is bigger than the text by a fifth; else empty."""
    first = [line for line in lines if line.page == lines[0].page]
    biggest = max(line.size for line in first)
    if biggest < 1.2 * _text_size(lines):
        return ""
    start = next(index for index, line in enumerate(first) if line.size == biggest)
    run: list[str] = []
    for line in first[start:]:
        if line.size < 0.95 * biggest:
            break
        run.append(line.text)
    title = " ".join(run)
    return title if len(title.split()) > 2 and len(title) <= 300 else ""


def _text_size(lines: Iterable[Line]) -> float:
    """The type size that most characters have."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0]


def to_blocks(lines: Sequence[Line]) -> list[Block]:
    """Paragraphs: lines joined, hyphens at line ends mended."""
    leading = _leading(lines)
    width = max(len(line.text) for line in lines)
    paragraphs = [lines[0].text]
    for line, following in pairwise(lines):
        if _parts(line, following, leading, width):
            paragraphs.append(following.text)
        else:
            paragraphs[-1] = _joined(paragraphs[-1], following.text)
    return [to_block(paragraph) for paragraph in paragraphs]


def _leading(lines: Sequence[Line]) -> float:
    """The usual distance from one line to the next."""
    gaps = [line.y - after.y for line, after in pairwise(lines) if line.page == after.page and line.y > after.y]
    return statistics.mode(round(gap, 0) for gap in gaps) if gaps else 0.0


def _parts(line: Line, following: Line, leading: float, width: int) -> bool:
    """Whether a new paragraph begins between two lines."""
    if (
        _is_apart(line, following, width)
        or is_item(following.text)
        or abs(line.size - following.size) > 0.1 * max(line.size, following.size)
    ):
        return True
    gap = line.y - following.y
    ends = is_closed(line.text)
    if not ends and following.text[0].islower():
        return False
    if line.page != following.page or gap <= 0:  # the next page or column: nothing to measure
        return (ends and len(line.text) < 0.85 * width) or (not ends and len(line.text) < 0.5 * width)
    indented = following.x - line.x > 0.5 * line.size
    return gap > 1.3 * max(leading, line.size) or (ends and (indented or len(line.text) < 0.7 * width))


def _is_apart(line: Line, following: Line, width: int) -> bool:
    """Whether one of two short lines is a date: the publisher's name and the day above a headline are no paragraph."""
    short = max(len(line.text), len(following.text)) < 0.6 * width
    return short and bool(find_dates(line.text) or find_dates(following.text))


def _joined(text: str, following: str) -> str:
    """Two lines as one; a cut word is made whole unless a capital or a digit follows, or it is a known compound."""
    if re.search(r"\w[-\u2010\u00ad]$", text):
        compound = text.rsplit(" ", 1)[-1][:-1].lower() in _OPENERS or _ENDS.match(following)
        return text[:-1] + following if following[0].islower() and not compound else text + following
    return f"{text} {following}"


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
        warnings.append(f"pages read: only the first {read} of {count}")
    return pages


def _title(reader: PdfReader, lines: list[Line]) -> str:
    """The file's own title where a reader would call it one, else its big print; empty where there is neither."""
    stated = tidy_line(str(reader.metadata.title or "")) if reader.metadata else ""
    big = headline(lines)
    if len(stated.split()) > 2 and not _FILE_NAME.fullmatch(stated):
        return stated
    return big
