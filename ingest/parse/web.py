"""A page of the web: what is no prose is refused, a list of others is marked, a title that says nothing is replaced."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.errors import ParseError
from ingest.formats import ARCHIVE_MARK, NOT_READ, PDF_MARK
from ingest.parse.characters import decode_anyhow, stated_encoding
from ingest.parse.html_tree import letters, tree_of
from ingest.parse.page import parse_page
from ingest.parse.places import only_place
from ingest.parse.sections import lists_others, names_section
from vectorstore.text.words import index_words

if TYPE_CHECKING:
    from ingest.types import Page
    from vectorstore.types import Release

_BEGINNING = 2**16  # bytes
_MARKED = (PDF_MARK, ARCHIVE_MARK, *NOT_READ)  # formats that tell themselves, whatever a server says
_BLANK = b"\xef\xbb\xbf \t\r\n\f\v"
_TYPED = {
    "text/css": "a style sheet",
    "text/calendar": "a calendar",
    "text/vcard": "a visiting card",
    "text/x-vcard": "a visiting card",
    "text/csv": "a table of data",
    "text/tab-separated-values": "a table of data",
    "text/javascript": "a script",
    "application/javascript": "a script",
    "application/x-javascript": "a script",
    "application/ecmascript": "a script",
    "application/wasm": "a program",
}
_FAMILIES = {"image": "a picture", "audio": "a recording", "video": "a film", "font": "a typeface"}
_RECORD = re.compile(r"BEGIN:V[A-Z]{3,10}\b")
_CODE = re.compile(r"[{};=]")
_MOST_CODE = 0.02  # of what is not blank: scripts and style sheets have 4 to 15 in a hundred, prose has none
_LINES = (
    "//body//*[self::h1 or self::h2 or self::h3 or self::div or self::p or self::span or self::b or self::strong"
    " or self::td or self::font][not(ancestor-or-self::a or ancestor::nav or ancestor::aside or ancestor::footer)]"
)
_FEWEST_ROWS = 3
_FEWEST_WORDS = 3  # of a title that a list states, to take the place of the page's own


def parse_web_page(page: Page, *, ocr: bool = False) -> Release:
    """The release on a page of the web, or at one place of it; with `list` among its signs where the page lists others.

    Raises:
        ParseError: as `parse_page`, and where the page is data, a style sheet, a script, by its type or its content.

    """
    if kind := _data(page.content, page.media_type):
        raise ParseError(page.location, f"is {kind}, and no release; leave it out of the list, or set `links`")
    page = only_place(page)
    release = parse_page(page, ocr=ocr)
    if page.content.lstrip(_BLANK).startswith(b"<") and lists_others(
        page.content, page.location, lambda: release, charset=page.charset
    ):
        release = replace(release, signs=(*release.signs, "list"))
    return _titled(release, page)


def _titled(release: Release, page: Page) -> Release:
    """The release under the title that its list states, where its page only names a section: "Press".

    Or where the page has that title in a line of its own, and states one with few of its words.
    """
    stated = page.entry.title if page.entry else None
    if stated is None or len(stated.split()) < _FEWEST_WORDS or names_section(stated):
        return release
    own, listed = (set(index_words(title, None)) for title in (release.title, stated))
    if 2 * len(own & listed) > len(listed):  # a place, or the newsroom's name, may stand in both
        return release
    if names_section(release.title) or _shows_alone(page, stated):
        return replace(release, title=stated)
    return release


def _shows_alone(page: Page, title: str) -> bool:
    """Whether a web page has a line, outside its sides, that is a title and no link."""
    if not page.content.lstrip(_BLANK).startswith(b"<"):
        return False
    text = decode_anyhow(page.content, page.charset, stated_encoding(page.content))
    wanted = letters(title)
    lines = tree_of(text, page.location).xpath(_LINES)
    return any(letters(line.text or "") == wanted for line in lines if len(line) == 0)


def _data(content: bytes, media_type: str | None) -> str | None:
    """What bytes are that nobody reads as prose, None for all others. What says HTML or PDF of itself is believed."""
    start = content.lstrip(_BLANK)
    if start.startswith((b"<", *_MARKED)) or PDF_MARK in content[:1024] or b"\x00" in content[:_BEGINNING]:
        return None
    family, _, name = (media_type or "").partition("/")
    typed = _TYPED.get(media_type or "") or _FAMILIES.get(family)
    if typed or name == "json" or name.endswith("+json"):
        return typed or "JSON"
    text = start[:_BEGINNING].decode("utf-8", "replace")
    if text.startswith(("{", "[")) and _is_json(content):
        return "JSON"
    if _RECORD.match(text):
        return "a calendar, or a visiting card"
    return "a script or a style sheet" if _is_code(text) else ("a table of data" if _is_table(text) else None)


def _is_json(content: bytes) -> bool:
    """Whether it is JSON as a whole, or a value a line."""
    for whole in (content, content.strip().partition(b"\n")[0]):
        try:
            json.loads(whole)
        except (ValueError, RecursionError):
            continue
        return True
    return False


def _is_code(text: str) -> bool:
    marks = len(_CODE.findall(text))
    return "{" in text and "}" in text and marks > _MOST_CODE * len("".join(text.split()))


def _is_table(text: str) -> bool:
    """Whether nearly all lines have the same number of separators, two at the least."""
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    if len(lines) < _FEWEST_ROWS:
        return False
    for separator in ",;\t":
        number, rows = Counter(line.count(separator) for line in lines).most_common(1)[0]
        if number > 1 and rows >= _FEWEST_ROWS and rows >= 0.9 * len(lines) and not any(map(_is_prose, lines)):
            return True
    return False


def _is_prose(line: str) -> bool:
    return line.rstrip().endswith((".", "!", "?", "»", "”")) and len(line.split()) > 5
