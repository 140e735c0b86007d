"""Dates that the text of a page bears: at its opening, at its close, in a line between breaks, or in the address."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from ingest.dates import dateline, find_dates, parse_date, signed
from ingest.parse.characters import tidy_line
from ingest.parse.furniture import is_sentence
from ingest.parse.html_tree import letters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from lxml.html import HtmlElement

_OTHER_PRINT = ("i", "em", "b", "strong", "small")
# Paragraphs that may stand before the one with the dateline, and lines between the last one and the signature.
_LONGEST_LEAD = 3
_LONGEST_CLOSE = 4
_DAY_IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)([/-]?)(\d\d)\2(\d\d)(?=[/_.-]|$)")
_LEAVES = "//body//*[self::p or self::div or self::li or self::td or self::span][not(.//p or .//div or .//li or .//td)]"
# A text may open with the day that it remembers; one that was posted later is hardly a year late.
_LATEST = timedelta(days=366)


def own_date(tree: HtmlElement, body: Sequence[str], stamp: datetime | None) -> datetime | None:
    """The day that the release itself is dated from, which says when it was issued, whenever its page was made.

    It stands at its close, behind a place, or opens its text; there it is not believed a year before the `stamp`.
    """
    if moment := _signature(tree, body):
        return moment
    moment = next((moment for paragraph in body[:_LONGEST_LEAD] if (moment := dateline(paragraph))), None)
    return moment if moment and (stamp is None or abs(stamp - moment) < _LATEST) else None


def _signature(tree: HtmlElement, body: Sequence[str]) -> datetime | None:
    last = next((letters(words) for words in reversed(body) if is_sentence(words)), "")
    behind = -1
    for leaf in tree.xpath(_LEAVES) if last else ():
        words = leaf.text_content()
        if behind < 0:
            behind = 0 if len(words) >= len(last) and letters(words).endswith(last) else -1
        elif moment := signed(tidy_line(words)):
            return moment
        else:
            behind += bool(words.strip())
            if behind >= _LONGEST_CLOSE:
                return None
    return None


def date_of_line(tree: HtmlElement) -> datetime | None:
    """The date of publication that stands in a line of its own between breaks."""
    lines = (find_dates(tidy_line(words)) for words in _lines(tree))
    return next((found.published for found in lines if found and found.published), None)


def _lines(tree: HtmlElement) -> Iterator[str]:
    """The texts beside a line break, and words in another print that fill their line between breaks."""
    broken = set(tree.xpath("//body/descendant-or-self::*[br]"))
    apart = {element for body in tree.iter("body") for element in body.iter(_OTHER_PRINT) if _fills_line(element)}
    # `//text()[preceding-sibling::br]` would look from each text to all others
    for words in tree.xpath("//body/descendant::text()") if broken else ():
        inner = words.getparent()
        box = inner.getparent() if words.is_tail else inner
        if box in broken or not apart.isdisjoint((box, *box.iterancestors())):
            yield words


def _fills_line(element: HtmlElement) -> bool:
    before, behind = element.getprevious(), element.getnext()
    touching = (before.tail if before is not None else element.getparent().text, element.tail)
    breaks = any(beside is not None and beside.tag == "br" for beside in (before, behind))
    return breaks and not any(words and words.strip() for words in touching)


def date_of_address(address: str) -> datetime | None:
    """The day in an address like `/2024/03/07/title`."""
    found = _DAY_IN_ADDRESS.search(address)
    return parse_date("-".join(found.group(1, 3, 4))) if found else None
