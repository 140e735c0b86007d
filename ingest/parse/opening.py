"""Finds what stands between a page's headline and the first paragraph that was read: a lead, or points in bullets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.dates import find_dates
from ingest.parse.characters import tidy_line
from ingest.parse.furniture import is_closed, is_furniture
from ingest.parse.page_order import letters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

_OUTSIDE = "ancestor::nav or ancestor::aside or ancestor::footer or ancestor::form or ancestor::figure"
_LEAVES = (
    "self::p or self::h2 or self::h3 or self::h4 or self::li or self::div or self::span or self::b or self::strong"
)
_INLINE = (
    "self::a or self::b or self::strong or self::em or self::i or self::span or self::br or self::sup or self::abbr"
)
# An opening has few words less than these, and few lines more: with others it is a list of other pages.
_FEWEST_WORDS = 6
_MOST_LINES = 4
_LONGEST = 800


def unread_opening(tree: HtmlElement, headline: str, lead: str | None, body: Sequence[str]) -> list[str]:
    """The sentences between the headline and the text that are neither lead nor body; none where either is missing."""
    if not body:
        return []
    key, first = letters(headline), letters(body[0])
    known = {first, letters(lead or "")} | {letters(paragraph) for paragraph in body}
    found: dict[str, str] = {}
    below = False
    for element in tree.xpath(f"//body//*[self::h1 or {_LEAVES}][not({_OUTSIDE})][not(*[not({_INLINE})])]"):
        words = tidy_line(element.text_content())
        mark = letters(words)
        if mark and mark == key:
            below, found = True, {}
        elif below and mark and (mark == first or first in mark or (len(mark) > 60 and mark in first)):
            return list(found.values()) if len(found) <= _MOST_LINES else []
        elif below and mark not in known and _says_something(words) and not any(mark in other for other in found):
            found[mark] = words
    return []


def _says_something(words: str) -> bool:
    if len(words) > _LONGEST or not is_closed(words) or len(words.split()) < _FEWEST_WORDS:
        return False
    return not is_furniture(words) and find_dates(words) is None
