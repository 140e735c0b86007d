"""Reads a PDF: a release with its paragraphs, and where its pages begin in them.

What stands where is read by PDFium and made words and lines (`pdf_lines`), columns, running heads and footnotes are
told apart (`pdf_layout`), and lines joined to paragraphs (`pdf_paragraphs`). The lines of a scanned page, which has no
text, are read by tesseract: a program of its own, found on the path.
"""

from __future__ import annotations

import csv
import ctypes
import io
import math
import os
import re
import shutil
import statistics
import subprocess
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from ingest.errors import LimitError, ParseError
from ingest.parse.characters import losses, tidy_line
from ingest.parse.complete import believed_language, complete, normalise_language
from ingest.parse.furniture import is_kicker
from ingest.parse.pdf_layout import arranged, plain
from ingest.parse.pdf_lines import Piece, page_glyphs, page_pieces
from ingest.parse.pdf_paragraphs import big_print, headline, to_blocks
from ingest.parse.text import sort_blocks
from ingest.parse.workers import seconds_left
from vectorstore.types import Release

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pypdfium2 import PdfDocument, PdfPage

    from ingest.parse.pdf_layout import Line
    from ingest.parse.text import Block
    from ingest.types import Page

# A release has a handful of pages; far more is a book, or a file made to keep a reader busy.
MOST_PAGES = 500
# Of the time that there is, after which no further page is begun: what was read by then is better than nothing.
MOST_OF_TIME = 0.7
_FEWEST_WORDS = 3  # of a title that is stated
_LEAST_PICTURE = 0.5  # of a page, where it is a scan
_USUAL = 8.0  # seconds, where nobody sets a limit
_FILE_NAME = re.compile(
    r"\A(?:microsoft (?:word|powerpoint|excel)\b.*|.*\.(?:docx?|odt|rtf|pdf|indd|pptx?))", re.IGNORECASE
)


def parse_pdf(page: Page, *, ocr: bool = False) -> Release:
    """The release in a PDF, its paragraphs rebuilt from lines; running heads and page numbers are left out.

    `ocr` lets tesseract read the pages that have no text.

    Raises:
        ParseError: the file is damaged or encrypted, or holds no text because it is scanned.

    """
    document = _open(page)
    reading = _Reading(document, page.location, ocr=ocr)
    pages = list(reading.pages())
    printed = arranged(pages)
    if not _says_something(printed.lines):
        raise reading.without_text()
    found = sort_blocks(to_blocks(printed), title=_listed(page, printed.lines) or _title(document, printed.lines))
    release = Release(
        id=page.id,
        title=found.title,
        body=found.body,
        source=page.location,
        language=believed_language(normalise_language(_language(document)), "\n".join(found.body)),
        published=found.published,
        updated=found.updated,
        warnings=(*reading.warnings(), *losses("\n".join(line.text for line in (*printed.lines, *printed.notes)))),
        pages=_beginnings(found.blocks, len(pages)),
        scanned=tuple(reading.scanned),
    )
    return complete(release, page)


def _open(page: Page) -> PdfDocument:
    """The document, which many a file encrypts with an empty password, to forbid printing or the like."""
    from pypdfium2 import PdfDocument, PdfiumError
    from pypdfium2.raw import FPDF_ERR_PASSWORD

    try:
        return PdfDocument(page.content)
    except PdfiumError as error:
        if error.err_code == FPDF_ERR_PASSWORD:
            raise ParseError(page.location, "this PDF is encrypted: save a copy without its password") from error
        raise ParseError(page.location, f"this PDF is damaged: {error}") from error


class _Reading:
    """The pages of a document as they are read: within limits, and by OCR where it is wanted and there is no text."""

    def __init__(self, document: PdfDocument, location: str, *, ocr: bool) -> None:
        self._document = document
        self._location = location
        self._ocr = ocr
        self._warnings: list[str] = []
        self._unread: list[int] = []
        self.scanned: list[int] = []

    def pages(self) -> Iterator[list[Piece]]:
        """The pieces of each page; those that are too many or take too long are left out, which a warning says."""
        from pypdfium2 import PdfiumError

        left = seconds_left()
        enough = MOST_OF_TIME * (_USUAL if math.isinf(left) else left)
        clock = time.monotonic if self._ocr else time.process_time  # as tesseract is a process of its own
        begun = clock()
        for number in range(len(self._document)):
            is_late = number > 0 and clock() - begun > enough
            if number == MOST_PAGES or is_late:
                cause = ", in the time that ingest.longest allows" if is_late else ""
                self._warnings.append(f"pages read: only the first {number} of {len(self._document)}{cause}")
                return
            try:
                page = self._document[number]
                pieces = page_pieces(page_glyphs(page))
                yield pieces if _says_something(pieces) else self._scan(page, number + 1)
                page.close()
            except PdfiumError as error:
                raise ParseError(self._location, f"page {number + 1} of this PDF is damaged: {error}") from error

    def _scan(self, page: PdfPage, number: int) -> list[Piece]:
        """What OCR reads on a page without text."""
        if not self._ocr:
            self._unread += [number] if _is_picture(page) else []
            return []
        left = seconds_left()
        try:
            pieces = scanned_pieces(page, None if math.isinf(left) else max(0.1, MOST_OF_TIME * left))
        except OcrError as error:
            self._ocr = False  # it would fail on the next page too
            self._warnings.append(f"not read by OCR from page {number} on: {error}")
            return []
        if pieces:
            self.scanned.append(number)
        return pieces

    def warnings(self) -> tuple[str, ...]:
        """What is to be known of the pages."""
        numbers = ", ".join(map(str, self.scanned))
        scanned = (f"read by OCR, which makes mistakes: page {numbers}",) if numbers else ()
        numbers = ", ".join(map(str, self._unread))
        unread = (f"no text, so probably scanned: page {numbers}: set ingest.ocr = true",) if numbers else ()
        return (*scanned, *unread, *self._warnings)

    def without_text(self) -> ParseError:
        """What a document is in which no text was found."""
        if self._warnings:
            return LimitError(self._location, f"no text was found in this PDF; {self._warnings[0]}")
        if self._ocr:
            return ParseError(self._location, "this PDF holds no text, and tesseract reads none on its pages")
        cause = "run OCR on it first, for example with ocrmypdf, or set ingest.ocr = true"
        return ParseError(self._location, f"this PDF holds no text, so it is probably scanned: {cause}")


def _says_something(pieces: Iterable[Piece | Line]) -> bool:
    return any(character.isalnum() for piece in pieces for character in piece.text)


def _is_picture(page: PdfPage) -> bool:
    """Whether images cover most of a page; a scan may be in several, each in a form."""
    from pypdfium2.raw import FPDF_PAGEOBJ_FORM, FPDF_PAGEOBJ_IMAGE

    boxes = [
        each.get_bounds()
        for each in page.get_objects([FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_FORM], max_depth=1)
        if each.type == FPDF_PAGEOBJ_IMAGE or any(page.get_objects([FPDF_PAGEOBJ_IMAGE], form=each.raw))
    ]
    width, height = page.get_size()
    covered: float = sum((right - left) * (top - bottom) for left, bottom, right, top in boxes)
    return covered > _LEAST_PICTURE * float(width * height)


def _title(document: PdfDocument, lines: Sequence[Line]) -> str:
    """The file's own title if it is printed as one on the first page, else the big print there.

    Without big print the file's own serves if the page has its words: else it is left over from a template.
    """
    stated = tidy_line(document.get_metadata_value("Title"))
    if len(stated.split()) < _FEWEST_WORDS or _FILE_NAME.fullmatch(stated) or is_kicker(stated):
        stated = ""
    printed = headline(lines)
    if stated and plain(stated) in plain(" ".join(line.text for line in big_print(lines))):
        return printed if plain(printed) == plain(stated) else stated  # with its own apostrophes
    first = " ".join(line.text for line in lines if line.page == lines[0].page)
    return printed or (stated if _is_about(stated, first) else "")


def _listed(page: Page, lines: Sequence[Line]) -> str:
    """The title that a list states, if it fills lines of the first page; else nothing."""
    stated = (page.entry.title if page.entry else None) or ""
    wanted = plain(stated)
    if len(stated.split()) < _FEWEST_WORDS or is_kicker(stated):
        return ""
    printed = [plain(line.text) for line in lines if line.page == lines[0].page]
    for first in range(len(printed)):
        joined = ""
        for words in printed[first:]:
            joined += words
            if joined == wanted:
                return stated
            if not wanted.startswith(joined):
                break
    return ""


def _is_about(title: str, text: str) -> bool:
    """Whether a text has most of a title's words."""
    words, used = (set(re.findall(r"\w{4,}", words.casefold())) for words in (title, text))
    return 2 * len(words & used) > len(words)


def _language(document: PdfDocument) -> str:
    """What the file says its language is; empty where it says none."""
    from pypdfium2.raw import FPDF_WCHAR, FPDFCatalog_GetLanguage

    size = FPDFCatalog_GetLanguage(document, None, 0)
    buffer = (FPDF_WCHAR * (size // 2 + 1))()
    FPDFCatalog_GetLanguage(document, buffer, ctypes.sizeof(buffer))
    return bytes(buffer)[:size].decode("utf-16-le", errors="ignore").rstrip("\0")


def _beginnings(blocks: Sequence[Block], count: int) -> tuple[int, ...]:
    """Where each of so many pages begins in the text of these paragraphs; one that has nothing in it, at the next."""
    begins: dict[int, int] = {}
    start = 0
    for block in blocks:
        for offset, page in block.pages:
            begins.setdefault(page, start + offset)
        start += len(block.text) + len("\n\n")
    pages: list[int] = []
    following = max(0, start - len("\n\n"))
    for page in range(count, 0, -1):
        following = min(begins.get(page, following), following)
        pages.append(following)
    return (0, *reversed(pages[:-1]))


MISSING = "tesseract, which reads scans, is not installed: apt-get install tesseract-ocr tesseract-ocr-fra"
_DPI = 300
_MOST_PIXELS = 6_000  # on the longer side of a page, however large it says it is
_LEAST = 30  # per cent: what tesseract is less sure of is a stain or a drawing


class OcrError(Exception):
    """A page cannot be read by OCR; the message says why."""


def scanned_pieces(page: PdfPage, seconds: float | None) -> list[Piece]:
    """The lines that tesseract reads on a page, in its reading order, in at most so many seconds.

    Raises OcrError where it is missing, fails or takes longer.
    """
    program = shutil.which("tesseract")
    if program is None:
        raise OcrError(MISSING)
    scale = min(_DPI / 72, _MOST_PIXELS / max(page.get_size()))
    command = [program, "stdin", "stdout", "-l", "fra+eng", "--dpi", str(round(72 * scale)), "tsv"]
    try:
        done = subprocess.run(  # noqa: S603 - tesseract, whose threads would only be in each other's way
            command,
            input=_drawn(page, scale),
            capture_output=True,
            timeout=seconds,
            check=True,
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired as exc:
        raise OcrError("tesseract takes longer than ingest.longest allows: raise it") from exc
    except (subprocess.CalledProcessError, OSError) as exc:
        said = getattr(exc, "stderr", b"") or str(exc).encode()
        raise OcrError(f"tesseract fails: {tidy_line(said.decode(errors='replace'))[:200]}") from exc
    rows = csv.DictReader(io.StringIO(done.stdout.decode(errors="replace")), delimiter="\t", quoting=csv.QUOTE_NONE)
    return _pieces(rows, page.get_height(), 1 / scale)


def _drawn(page: PdfPage, scale: float) -> bytes:
    """The page as a grey picture in the PGM format."""
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        rows = memoryview(bitmap.buffer).cast("B")
        lines = (rows[start : start + bitmap.width] for start in range(0, bitmap.stride * bitmap.height, bitmap.stride))
        return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + b"".join(lines)
    finally:
        bitmap.close()


def _pieces(words: Iterable[Mapping[str, str]], height: float, point: float) -> list[Piece]:
    """Lines from words, for so many points to a pixel; those of a block of text have one type size."""
    blocks: defaultdict[str, defaultdict[tuple[str, str], list[Mapping[str, str]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for word in words:
        if word["level"] == "5" and float(word["conf"]) >= _LEAST and word["text"].strip():
            blocks[word["block_num"]][word["par_num"], word["line_num"]].append(word)
    pieces: list[Piece] = []
    for lines in blocks.values():
        # the tallest word of a line has ascenders and descenders, so it is about as high as the type size
        heights = [max(int(word["height"]) for word in line) for line in lines.values()]
        size = round(statistics.median(heights) * point)
        pieces += [_piece(line, height, size, point) for line in lines.values()]
    return pieces


def _piece(words: list[Mapping[str, str]], height: float, size: float, point: float) -> Piece:
    left = min(int(word["left"]) for word in words)
    right = max(int(word["left"]) + int(word["width"]) for word in words)
    bottom = statistics.median(int(word["top"]) + int(word["height"]) for word in words)
    text = tidy_line(" ".join(word["text"] for word in words))
    return Piece(text, left * point, right * point, height - bottom * point, size)
