"""One of several releases on a page: the section that a place in its address names, as a page of its own."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ingest.addresses import place_on_page
from ingest.errors import ParseError
from ingest.parse.characters import tidy_line
from ingest.parse.html_mend import mend_boxes
from ingest.parse.html_tree import letters, read_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from ingest.types import Page

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LEAST = 80  # letters of a box that is a section by itself, and not only its beginning
# What a page says of its site, and not of one of its sections.
_OF_SITE = "//head/meta[@property='og:site_name' or @property='og:locale' or @name='publisher'] | //head/base"


def only_place(page: Page) -> Page:
    """The page reduced to the section that its entry names, under a headline; one whose entry names none as it is.

    A section is the box with that name, or goes from the name to the next one of its like or to a heading of the rank
    of its own.

    Raises:
        ParseError: the page has no such place.

    """
    place = unquote(place_on_page(page.entry.address)) if page.entry else ""
    if not place:
        return page
    tree = read_tree(page)
    mend_boxes(tree)
    named = [element for element in tree.iter() if place in {element.get("id"), element.get("name")}]
    if not named:
        raise ParseError(page.location, "its page has no such place any more")
    title = page.entry.title if page.entry else None
    return replace(page, content=_alone(tree, _section(named[0], place), title or ""), charset="utf-8")


def _section(target: HtmlElement, place: str) -> list[HtmlElement]:
    """The elements of a section, in order."""
    start = target
    if target.tag not in _HEADINGS and len(letters(target.text_content())) >= _LEAST:
        return [start]
    while _is_alone_in_box(start):
        start = start.getparent()
    found = [start]
    rank = _rank([start])
    for sibling in start.itersiblings():
        if any(_is_like(name, place) or tag == target.tag for tag, name in _names(sibling)):
            break
        level = _rank([sibling]) if sibling.tag in _HEADINGS else None
        if level is not None and rank is not None and level <= rank:
            break
        rank = rank or level
        found.append(sibling)
    return found


def _is_alone_in_box(element: HtmlElement) -> bool:
    """Whether nothing is behind an element in its box, or it stands within a heading: its section begins with that."""
    box = element.getparent()
    if box is None or box.tag in {"body", "main", "html"}:
        return False
    behind = (element.tail or "").strip() or element.getnext() is not None
    return box.tag in _HEADINGS or box.tag in {"p", "a", "span"} or not behind


def _rank(elements: Sequence[HtmlElement]) -> int | None:
    """The highest rank of the headings among and in some elements."""
    return min((int(each.tag[1]) for element in elements for each in element.iter(*_HEADINGS)), default=None)


def _names(element: HtmlElement) -> Iterator[tuple[str, str]]:
    """Tag and name of each place in an element."""
    for part in element.iter():
        if name := part.get("id") or (part.get("name") if part.tag == "a" else None):
            yield part.tag, name


def _is_like(name: str, place: str) -> bool:
    """Whether another place is named like this one, but for its number."""
    return name != place and re.sub(r"\d+", "0", name) == re.sub(r"\d+", "0", place) and name[:1] == place[:1]


def _alone(tree: HtmlElement, section: Sequence[HtmlElement], title: str) -> bytes:
    """A section as a page: its first heading, or else the title that the list states, is the headline."""
    from lxml.html import tostring

    page = tree.makeelement("html", {"lang": tree.get("lang")} if tree.get("lang") else None)
    head, body = page.makeelement("head"), page.makeelement("body")
    head.extend(tree.xpath(_OF_SITE))
    page.extend((head, body))
    body.extend(section)
    section[-1].tail = None
    heading = next((each for each in body.iter(*_HEADINGS) if tidy_line(each.text_content())), None)
    if heading is None:
        heading = body.makeelement("h1")
        heading.text = title
        body.insert(0, heading)
    heading.tag = "h1"
    text: str = tostring(page, encoding="unicode")
    return text.encode()
