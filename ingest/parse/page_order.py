"""Puts the paragraphs that an extractor found back into the page's order, with the list items that it lost."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from ingest.parse.characters import tidy_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

_KINDS = " or ".join(
    f"self::{tag}"
    for tag in ("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "td", "blockquote", "dd", "dt", "div")
)


def in_page_order(blocks: Sequence[tuple[str, str]], tree: HtmlElement) -> list[tuple[str, str]]:
    """The blocks (tag and words) as they follow each other on the page.

    Paragraphs and list items that stand beside found ones, but were not found, are put back: short items of a list
    between two paragraphs belong to the text as much as these do.
    """
    places: dict[str, list[int]] = {}
    elements: list[HtmlElement] = tree.xpath(f"//body//*[{_KINDS}][not(ancestor::figure or ancestor::nav)]")
    keys = [letters(element.text_content()) for element in elements]
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    placed: list[tuple[float, tuple[str, str]]] = []
    before = -1.0
    for tag, words in blocks:
        found = places.get(letters(words))
        # the innermost of boxes with the same words; a part of a paragraph stays behind the one before
        before = float(found[-1] if len(found) == 1 or before < 0 else _next(found, before)) if found else before
        placed.append((before, (tag, words)))
    lost = _lost(elements, keys, {letters(words) for _, words in blocks})
    placed.extend((float(place), ("p", tidy_line(elements[place].text_content()))) for place in lost)
    return [block for _, block in sorted(placed, key=lambda pair: pair[0])]


def letters(text: str) -> str:
    """The letters and digits of a text in lower case, to compare texts by."""
    return re.sub(r"\W+", "", text).casefold()


def _next(found: Sequence[int], before: float) -> int:
    return found[min(bisect_right(found, before), len(found) - 1)]


def _lost(elements: Sequence[HtmlElement], keys: Sequence[str], known: set[str]) -> list[int]:
    """The places of list items that nobody found, in boxes where a paragraph before and one after was."""
    everything = "".join(known)
    spans: dict[HtmlElement, tuple[int, int]] = {}
    for place, element in enumerate(elements):
        if keys[place] in known and element.tag in {"p", "tr", "li"}:
            first, _ = spans.get(_box(element), (place, place))
            spans[_box(element)] = (first, place)
    return [
        place
        for place, element in enumerate(elements)
        if element.tag == "li"
        and keys[place]
        and not element.xpath(".//p or .//li or boolean(.//a[string-length(.) > 0.8 * string-length(..)])")
        and not _is_known(keys[place], known, everything)
        and spans.get(_box(element), (place, place))[0] < place < spans.get(_box(element), (place, place))[1]
    ]


def _is_known(key: str, known: set[str], everything: str) -> bool:
    """Whether words were found; a few words may stand in a paragraph by chance, many do only as a part of it."""
    return key in known or (len(key) > 40 and key in everything)


def _box(element: HtmlElement) -> HtmlElement:
    """What the paragraph, or the whole list of the item, stands in."""
    parent = element.getparent()
    return parent.getparent() if element.tag == "li" and parent is not None else parent
