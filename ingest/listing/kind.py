"""What bytes are, by their content: suffixes and content types are wrong too often."""

from __future__ import annotations

import codecs
import json
import re
from enum import Enum

from ingest.addresses import is_web


class ContentKind(Enum):
    """What an address holds; the value is how to call it in a message."""

    FEED = "a feed"
    SITEMAP = "a sitemap"
    SITEMAP_INDEX = "a sitemap index"
    HTML = "an HTML page"
    PDF = "a PDF file"
    OFFICE = "a word processor's file"
    TEXT = "plain text"
    OTHER = "neither page, feed nor sitemap"


_BEGINNING = 2**16  # bytes; leading comments are longer than one would think, licences among them
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_BEFORE = (("<?", "?>"), ("<!--", "-->"))  # what may stand before the first element
_DOCTYPE = re.compile(r"<!DOCTYPE\s++([\w:.-]{1,80}+)[^>\[]{0,500}+(?:\[[^\]]{0,1000}+\]\s{0,80}+)?>", re.IGNORECASE)
_ELEMENT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
_ROOTS = {
    "rss": ContentKind.FEED,
    "feed": ContentKind.FEED,
    "rdf": ContentKind.FEED,
    "urlset": ContentKind.SITEMAP,
    "sitemapindex": ContentKind.SITEMAP_INDEX,
}
_NOTICE = 4_096  # bytes; PHP prints a line for each thing that it dislikes
_LIST = re.compile(rb"<\?xml\s|<(?:rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]", re.IGNORECASE)
_PAGE = re.compile(rb"<(?:!doctype|html|head|body|main|article|h1)\b", re.IGNORECASE)
_HTML = frozenset(
    {"html", "head", "body", "base", "title", "meta", "link", "script", "style", "noscript", "header", "nav", "main"}
    | {"article", "section", "div", "span", "p", "b", "br", "h1", "h2", "h3", "ul", "ol", "table", "a", "img", "form"}
)
_OFFICE = (b"application/vnd.oasis.opendocument.text", b"word/document.xml")  # what archives of Word and others hold
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def from_the_list(content: bytes) -> bytes:
    """The bytes from where a feed or a sitemap begins, if a few words stand before it: a notice of the server's."""
    found = _LIST.search(content[:_NOTICE])
    if found is None or _PAGE.search(content[: found.start()]):
        return content
    return content[found.start() :] if kind_of(content[found.start() :]) in set(_ROOTS.values()) else content


def kind_of(content: bytes) -> ContentKind:
    """What these bytes are; compressed ones have to be unpacked before."""
    if b"%PDF-" in content[:1024]:
        return ContentKind.PDF
    if content.startswith(b"PK\x03\x04") and any(mark in content for mark in _OFFICE):
        return ContentKind.OFFICE
    beginning = _text(content[:_BEGINNING])
    kind = _kind_of_markup(beginning)
    if kind is not None:
        return kind
    if beginning.startswith(("{", "[")) and (loaded := _json(content)) is not None:
        return ContentKind.FEED if "jsonfeed.org/version/" in str(loaded.get("version", "")) else ContentKind.OTHER
    if not beginning or _CONTROLS.search(content[:_BEGINNING]):
        return ContentKind.OTHER
    return ContentKind.SITEMAP if _is_addresses(beginning) else ContentKind.TEXT


def _text(beginning: bytes) -> str:
    """Characters good enough to tell the kind, without a byte order mark and leading blanks."""
    encoding = next((encoding for mark, encoding in _MARKS if beginning.startswith(mark)), "utf-8")
    return beginning.decode(encoding, "ignore").lstrip("\ufeff \t\r\n\f\v")


def _kind_of_markup(text: str) -> ContentKind | None:
    """The kind that the first element tells, None where there is none."""
    place = _past_comments(text, 0)
    while found := _DOCTYPE.match(text, place):
        if found[1].lower() == "html":
            return ContentKind.HTML
        place = _past_comments(text, found.end())
    element = _ELEMENT.match(text, place)
    if not element:
        return ContentKind.OTHER if text.startswith("<?xml") else None
    name = element[1].lower()
    return _ROOTS.get(name) or (ContentKind.HTML if name in _HTML or "<html" in text.lower() else ContentKind.OTHER)


def _past_comments(text: str, place: int) -> int:
    """Behind blanks, comments and `<?…?>`; before one that has no end."""
    while True:
        while text[place : place + 1].isspace():
            place += 1
        marks = next((marks for marks in _BEFORE if text.startswith(marks[0], place)), None)
        end = text.find(marks[1], place + len(marks[0])) if marks else -1
        if marks is None or end < 0:
            return place
        place = end + len(marks[1])


def _json(content: bytes) -> dict[str, object] | None:
    """The object that JSON holds, empty for a list; None where it is no JSON, but Markdown with a link ahead."""
    try:
        loaded = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return loaded if isinstance(loaded, dict) else {}


def _is_addresses(text: str) -> bool:
    """Whether each line is an address: a text sitemap. The last one may be cut."""
    lines = [line for line in text.splitlines() if line.strip()]
    return bool(lines) and all(is_web(line) and len(line.split()) == 1 for line in lines[:-1] or lines)
