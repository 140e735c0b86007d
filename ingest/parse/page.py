"""Tells a page's format by its content, then by its name, and has it parsed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ingest.errors import ParseError
from ingest.formats import ARCHIVE_MARK, NOT_READ, PDF_MARK
from ingest.parse.markdown import has_front_matter

if TYPE_CHECKING:
    from ingest.types import Page
    from vectorstore.types import Release

# Comments and an XML declaration may stand before the first element; none is divided in two ways.
_PREAMBLE = r"\A(?>\s+|<\?xml[^>]*\?>|<!--.*?-->)*+"
_HTML = re.compile(rf"{_PREAMBLE}<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(
    rf"{_PREAMBLE}<(?:article|main|section|div|header|h[1-6]|p|meta|title|link)\b[^<>]*>", re.IGNORECASE | re.DOTALL
)
_OTHER_XML = re.compile(
    rf"{_PREAMBLE}<(?:rss|feed|urlset|sitemapindex|svg)\b|\A\s*+<\?xml\b", re.IGNORECASE | re.DOTALL
)
# The headers of a message, of which the first three are known ones.
_HEADER = r"(?:from|to|cc|date|subject|received|return-path|message-id|mime-version|delivered-to|reply-to|content-type)"
_MAIL = re.compile(rf"(?:{_HEADER}[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*+){{3}}", re.IGNORECASE)
_BY_SUFFIX = {"html": "html", "htm": "html", "xhtml": "html", "md": "markdown", "markdown": "markdown"}


def parse_page(page: Page, *, ocr: bool = False) -> Release:
    """The release on a page, whatever its format; a format's parser is loaded with its first page.

    `ocr` lets tesseract read the pages of a PDF that were scanned.

    Raises:
        ParseError: the page is no release: empty, damaged, binary, encrypted, scanned, or without main text.

    """
    match _format(page):
        case "jsonl":
            from ingest.parse.jsonl import parse_line as parse
        case "docx":
            from ingest.parse.office import parse_docx as parse
        case "odt":
            from ingest.parse.office import parse_odt as parse
        case "mail":
            from ingest.parse.mail import parse_mail

            return parse_mail(page, parse_page)
        case "pdf":
            from ingest.parse.pdf import parse_pdf

            return parse_pdf(page, ocr=ocr)
        case "html":
            from ingest.parse.html import parse_html as parse
        case "markdown":
            from ingest.parse.markdown import parse_markdown as parse
        case _:
            from ingest.parse.text import parse_text as parse
    return parse(page)


def _format(page: Page) -> str:
    if page.line is not None:
        return "jsonl"
    suffix = page.location.rsplit(".", 1)[-1].lower()
    if PDF_MARK in page.content[:1024]:
        return "pdf"
    if suffix == "pdf" and page.content.strip():
        raise ParseError(page.location, "this is not a PDF, though its name says so: it lacks the `%PDF-` mark")
    for mark, cause in NOT_READ.items():
        if page.content.startswith(mark):
            raise ParseError(page.location, cause)
    return _archived(page.content, suffix) or _written(page, suffix)


def _written(page: Page, suffix: str) -> str:
    """The format of what is no archive: by its opening, by its name, or by its first element."""
    start = _start(page.content)
    if suffix == "eml" or _MAIL.match(start):
        return "mail"
    if _HTML.match(start):
        return "html"
    if has_front_matter(start):
        return "markdown"
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    if _OTHER_XML.match(start):
        raise ParseError(page.location, "this is XML, a feed or a sitemap perhaps, and not a release")
    return "html" if _TAGS.match(start) else "text"


def _archived(content: bytes, suffix: str) -> str | None:
    """The format of a word processor's file, by what its archive says of itself, else by its name."""
    if not content.startswith(ARCHIVE_MARK):
        if suffix in {"docx", "odt"} and content.strip():
            return suffix  # whose parser says what is wrong with it
        return None
    if b"application/vnd.oasis.opendocument.text" in content[:128]:
        return "odt"
    return "docx" if b"word/document.xml" in content else suffix if suffix in {"docx", "odt"} else None


def _start(content: bytes) -> str:
    """The beginning of a page, good enough to look for marks, which are ASCII in every format."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    return content[:4096].decode(encoding, errors="replace").lstrip("\ufeff").replace("\r\n", "\n")
