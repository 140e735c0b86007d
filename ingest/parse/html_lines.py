"""The lines above the text of a page, as they are shown, and how much each is set like a headline."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ingest.dates import find_dates
from ingest.parse.characters import tidy_line
from ingest.parse.furniture import is_closed, is_furniture, is_kicker
from ingest.parse.sections import is_section

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# What a line weighs by the way it is set.
_HEADING = {"h1": 6.0, "h2": 5.0, "h3": 4.5, "h4": 4.0, "h5": 4.0, "h6": 4.0}
_NAMED, _BOLD, _BIG_PRINT, _CAPITALS, _PLAIN = 4.0, 3.0, 2.5, 2.0, 0.0
_NEAR = 5  # lines above the text: one of them weighs a little more
_CALLED_TITLE = re.compile(r"titre|title|headline", re.IGNORECASE)
_BIG_STYLE = re.compile(
    r"font-size\s*:\s*(?:(?:1[89]|[2-9]\d)(?:\.\d+)?p[tx]|(?:1\.[3-9]|[2-9])\d*r?em|x+-large)", re.IGNORECASE
)
_AROUND = 4  # boxes around words that may say how they are set
_BIG_FONT = 4  # of `<font size>`, whose usual one is 3
_LONGEST_KICKER = 80  # characters: what is longer and ends like a sentence is the text
_LEAST_WITHOUT_SMALL = 4  # words of a headline beside small print in it
_UNREAD = frozenset(
    ("nav", "aside", "footer", "script", "style", "select", "button", "figure", "noscript", "template", "title")
)
_INLINE = frozenset(
    ("a", "abbr", "acronym", "b", "bdi", "big", "cite", "code", "em", "font", "i", "label", "mark", "q", "s", "small",
     "span", "strong", "sub", "sup", "tt", "u", "var", "wbr", "img", "input")
)  # fmt: skip
_MOST_CUTS = 6
_MOST_LINKED = 0.6  # of a line
_MOSTLY = 0.8  # of the words of a box, which then is one of links


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand in one line or heading; more `weight` makes a headline of them."""

    words: str
    weight: float


def lines_above_text(tree: HtmlElement) -> list[Line]:
    """The lines up to the first sentence below the first `h1`, but for those of links, in the page's order."""
    lines = list(_lines(tree))
    # a banner above it may hold sentences
    first = next((place for place, line in enumerate(lines) if line.weight == _HEADING["h1"]), 0)
    end = next((place for place in range(first, len(lines)) if _is_text(lines[place])), len(lines))
    above = [line for line in lines[:end] if line.words and not _is_text(line)]
    far = len(above) - _NEAR
    return [
        line if place < far or line.weight >= _NAMED else replace(line, weight=line.weight + 1)
        for place, line in enumerate(above)
    ]


def _is_text(line: Line) -> bool:
    return is_closed(line.words) and len(line.words) > _LONGEST_KICKER and line.weight < _NAMED


def _lines(tree: HtmlElement) -> Iterator[Line]:
    """The headings of a page, and what stands between the borders of its blocks, or line breaks."""
    from lxml.etree import iterwalk

    walk = iterwalk(next(tree.iter("body"), tree), events=("start", "end"))
    run: list[tuple[HtmlElement, str]] = []
    for event, element in walk:
        if run and (element.tag not in _INLINE or _is_named(element)):
            yield _line(run)
            run = []
        if event == "end":
            if element.tail and element.getparent() is not None:
                run.append((element.getparent(), element.tail))
        elif element.tag in HEADINGS:
            if not (_opens_links(element) or _leads_away(element)):
                yield Line(read_heading(element).headline, _HEADING[element.tag])
            walk.skip_subtree()
        elif element.tag in _UNREAD or (element.tag == "form" and not element.xpath("boolean(.//p)")):
            walk.skip_subtree()
        elif element.text:
            run.append((element, element.text))


def _line(run: Sequence[tuple[HtmlElement, str]]) -> Line:
    words = tidy_line("".join(part for _, part in run))
    around = [_boxes(element) for element, part in run if part.strip()]
    linked = sum(len(part) for element, part in run if any(box.tag == "a" for box in _boxes(element)))
    if not around or linked >= _MOST_LINKED * sum(len(part) for _, part in run):
        return Line("", _PLAIN)
    weight = min(map(_weight, around))
    return Line(words, _CAPITALS if weight < _CAPITALS and words.isupper() else weight)


def _boxes(element: HtmlElement) -> list[HtmlElement]:
    return [element, *(box for box, _ in zip(element.iterancestors(), range(_AROUND), strict=False))]


def _is_named(element: HtmlElement) -> bool:
    """Whether an element is called a headline."""
    return element.get("itemprop") == "headline" or bool(_CALLED_TITLE.search(element.get("class", "")))


def _weight(boxes: Sequence[HtmlElement]) -> float:
    if any(box.get("itemprop") == "headline" or box.get("role") == "heading" for box in boxes):
        return _NAMED + 1
    if any(_CALLED_TITLE.search(box.get("class", "")) for box in boxes[:3]):
        return _NAMED
    sizes = [int(box.get("size")) for box in boxes if box.tag == "font" and box.get("size", "").isdigit()]
    size = sizes[0] if sizes else 0
    is_bold = any(box.tag in {"b", "strong"} for box in boxes)
    is_big = size >= _BIG_FONT or any(box.tag == "big" or _BIG_STYLE.search(box.get("style", "")) for box in boxes[:3])
    return (_BOLD if is_bold else _BIG_PRINT if is_big else _PLAIN) + size / 10


def _opens_links(heading: HtmlElement) -> bool:
    """Whether a list of links stands below a heading, as below that of a menu; links to share a page are none."""
    below = heading.getnext()
    if below is None or below.tag not in {"ul", "ol", "nav", "div"}:
        return False
    links = [words for link in below.xpath(".//a") if not is_furniture(words := tidy_line(link.text_content()))]
    total = sum(len(words.strip()) for words in below.itertext())
    return len(links) > 1 and sum(map(len, links)) >= _MOSTLY * total


def _leads_away(heading: HtmlElement) -> bool:
    words = "".join(heading.xpath(".//a[@href and not(starts-with(@href, '#'))]//text() | ancestor::a//text()"))
    return bool(words.strip()) and len(words.strip()) >= _MOSTLY * len(heading.text_content().strip())


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words of a heading up to where a line or an element of it ends."""

    words: str
    is_apart: bool
    is_small: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in its pieces: a kicker or a subtitle may stand in it."""

    pieces: tuple[_Piece, ...]

    @property
    def words(self) -> str:
        """All that it says."""
        return _joined(self.pieces)

    @property
    def headline(self) -> str:
        """What it says without the kind of page or the day before it, and without small print."""
        big = tuple(piece for piece in self.pieces if not piece.is_small)
        pieces = big if len(_joined(big).split()) >= _LEAST_WITHOUT_SMALL else self.pieces
        while len(pieces) > 1 and _is_above_headline(pieces[0].words):
            pieces = pieces[1:]
        if len(pieces) > 1 and find_dates(pieces[-1].words):
            pieces = pieces[:-1]
        words = _joined(pieces)
        day, mark, rest = words.partition(" - ")
        return rest if mark and find_dates(day) else words

    def readings(self) -> Iterator[str]:
        """All that it says, and what is left without the first or the last pieces, or without a day before it."""
        yield self.words
        for cut in range(1, min(len(self.pieces), _MOST_CUTS)):
            yield _joined(self.pieces[cut:])
            yield _joined(self.pieces[:-cut])
        yield self.headline


def _is_above_headline(words: str) -> bool:
    return is_kicker(words) or is_section(words) or find_dates(words) is not None


def _joined(pieces: Sequence[_Piece]) -> str:
    return "".join(f" {piece.words}" if piece.is_apart else piece.words for piece in pieces).strip()


def read_heading(heading: HtmlElement) -> Heading:
    """The heading without buttons and signs in it, and with a space where a line breaks."""
    pieces: list[_Piece] = []
    is_apart = False
    for text, is_small in _texts(heading):
        words = tidy_line(text)
        is_apart = is_apart or text[:1].isspace() or not text
        if words:
            glued = pieces and pieces[-1].words[-1:].islower() and words[:1].isupper()  # blocks by a style
            pieces.append(_Piece(words, is_apart or bool(glued), is_small))
            is_apart = text[-1:].isspace()
    return Heading(tuple(pieces))


def _texts(heading: HtmlElement) -> Iterator[tuple[str, bool]]:
    """The texts within a heading, and whether each is small print; an empty one where a line ends."""
    from lxml.etree import iterwalk

    small = 0  # elements of small print around
    walk = iterwalk(heading, events=("start", "end"))
    for event, element in walk:
        if event == "start":
            if element is not heading and (element.tag == "br" or element.tag not in _INLINE):
                yield "", small > 0
            small += element.tag == "small"
            if element is not heading and _is_unread(element):
                walk.skip_subtree()
            elif element.text:
                yield element.text, small > 0
        else:
            small -= element.tag == "small"
            if element is not heading:
                if element.tag not in _INLINE:
                    yield "", small > 0
                if element.tail:
                    yield element.tail, small > 0


def _is_unread(element: HtmlElement) -> bool:
    """Whether it is no words of a heading: a button, a script, a sign that links to the heading itself."""
    return element.tag in _UNREAD or (element.tag == "a" and not any(map(str.isalnum, element.text_content())))
