"""Which words of a web page are its headline: those that its title and its headings agree in, else what readers see.

What readers see are the lines above the text, as they are shown (`lines_above_text`); each weighs as much as it is set
like a headline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from ingest.dates import dates_within, embargo, find_dates
from ingest.parse.characters import tidy_line
from ingest.parse.furniture import is_closed, is_front, is_furniture, is_kicker, is_section, names_section
from ingest.parse.html_tree import HEADINGS, letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lxml.html import HtmlElement

_ASIDE = frozenset({"nav", "aside", "footer"})
_FEWEST_IN_HEADLINE = 4  # words
_LONGEST_TITLE = 300  # characters
_LONGEST_STATED = 1_000
_MOST_PARTS = 12
_TITLE_MARK = re.compile(r"(?<!\s)(?::|\s[^\w\s]{1,2})\s")
_PART_MARK = re.compile(r"(?<!\s)(?:[:,]|\s[^\w\s]{1,2})\s")
_SITE_MARK = re.compile(r"(?<!\s)\s++([|–—·•-])\s+")
_CUT_OFF = re.compile(r"(?:\.{3}|…)(?:\s|$)")
_LEAST_OF_CUT = 15  # characters before it
_PRINTED = " or ".join(f"self::{tag}" for tag in ("b", "strong", "font", "span", "p", "td", "div"))
# Of a title: a heading with less of it is rather the name of the site.
_MOST = 0.4
_SITE, _SITE_FIRST = 0.45, 0.25  # of a part of a title, which is then the site's name with a little more
_COPYRIGHT = re.compile(r"(?:©|copyright)[\s©\d–—,-]{0,30}+([^.|–—,]{3,80})", re.IGNORECASE)
_LONGEST_COPYRIGHT = 300
_LONGEST_NAME = 10  # words of the name of a site
_OF_TEXT = "string-length(.) > 100 and not(ancestor::script or ancestor::style or ancestor::h1 or ancestor::h2)"
_LETTERHEAD = 1.5  # how much less a line weighs that begins with the name of the site
_UNFINISHED = ".,;:"  # at the end of a sentence or a label


def read_title(tree: HtmlElement, stated: Sequence[str | None], names: Iterable[str | None]) -> str:
    """The headline: a heading that another title agrees with, as readers see it; else what stands so above the text.

    `stated` are the titles that a page tells machines, the most reliable first, `names` those of its site.
    """
    page_title = next((words for found in tree.xpath("//title/text()") if (words := tidy_line(found))), None)
    told = dict.fromkeys(title[:_LONGEST_STATED] for title in (*stated, page_title) if title)
    return _Headline(tree, [*told], names).words()


class _Headline:
    """Finds the headline of one page; what is needed seldom is looked for when it is."""

    def __init__(self, tree: HtmlElement, told: Sequence[str], names: Iterable[str | None]) -> None:
        self._tree = tree
        self._told = told
        self._stated_names = [name for name in names if name]
        self._headings = [
            heading
            for element in sorted(tree.iter(HEADINGS), key=lambda each: each.tag)
            if _ASIDE.isdisjoint(box.tag for box in element.iterancestors())
            and (heading := read_heading(element)).words
        ]

    def words(self) -> str:
        """The headline; empty where the page has none."""
        if agreed := self._agreed():
            return agreed
        shown = next(filter(None, map(self._shown_alone, self._told)), None)
        if shown and len(shown.split()) >= _FEWEST_IN_HEADLINE:
            return shown
        own = next(filter(None, map(self._own_part, self._told)), None)
        line = self._above_text()
        if line and (own is None or (line.weight >= _BIG_PRINT and self._share_in_text(line.words) > 0)):
            return line.words
        if own:
            return own
        rest = [*self._told, *(each.headline for each in self._headings)]
        telling = [words for words in rest if not self._is_other(words) and not names_section(words)]
        return next(iter(telling), None) or shown or next(iter(rest), "")

    def _agreed(self) -> str | None:
        """The heading, or its part, that stands in a stated title; of several the one whose words the text has."""
        for title in self._told:
            key = letters(title)
            fitting = [
                words
                for heading in self._headings
                if (words := next((each for each in heading.readings() if self._fits(each, title, key)), None))
                and not self._is_other(words)
            ]
            if len({letters(words) for words in fitting}) > 1:
                return max(fitting[:6], key=self._share_in_text)
            if fitting:
                return self._without_site_behind(fitting[0])
        return None

    def _fits(self, words: str, title: str, key: str) -> bool:
        """Whether words agree with a title, whose letters are `key`, or are what it says beside the site's name."""
        own = letters(words)
        if own and own in key and len(words) < _MOST * len(title):
            return own == letters(self._own_part(title) or "")
        return bool(own) and (own in key or _goes_on(words, title))

    def _without_site_behind(self, heading: str) -> str:
        marks = list(_SITE_MARK.finditer(heading))
        return heading[: marks[-1].start()] if marks and self._names_site(heading[marks[-1].end() :]) else heading

    def _shown_alone(self, title: str) -> str | None:
        """A title, the end of `Site: title` or the beginning of `title - Press - Site` in a line of its own."""
        marks = list(islice(_PART_MARK.finditer(title), _MOST_PARTS))
        ends = [title, *(title[mark.end() :] for mark in marks), *(title[: mark.start()] for mark in marks)]
        parts = {letters(part): part for part in ends if not self._is_other(part)}
        parts = {key: part for key, part in parts.items() if key and len(key) >= _MOST * len(letters(title))}
        lines = self._tree.xpath(f"//body//*[{_PRINTED}][not(*)]") if parts else ()
        if shown := next((parts[key] for line in lines if (key := letters(line.text or "")) in parts), None):
            return shown
        cut = _CUT_OFF.search(title)
        whole = (tidy_line(line.text or "") for line in lines) if cut else ()
        return next((words for words in whole if _goes_on(words, title) and not self._is_other(words)), None)

    def _own_part(self, title: str) -> str | None:
        """A title without the names of site and section around it; None where nothing more is said."""
        own, is_of_site = title, False
        while marks := list(_TITLE_MARK.finditer(own)):
            before, behind = own[: marks[0].start()], own[marks[-1].end() :]
            if self._names_site(behind):
                own, gone = own[: marks[-1].start()], behind
            elif self._names_site(before) and not (":" in marks[0][0] and is_section(before)):
                own, gone = own[marks[0].end() :], before
            else:
                break
            is_of_site = is_of_site or not (is_kicker(gone) or is_section(gone))
        own = own if own != title else _without_site(own)
        # "Alliance - Press" leaves the name of the site
        is_name = len(own.split()) < _FEWEST_IN_HEADLINE and not is_of_site
        return None if is_name or self._is_other(own) or not any(map(str.isalpha, own)) else own

    def _above_text(self) -> _Line | None:
        """The line above the text that is set most like a headline; of two the one whose words the text has."""
        lines = [line for line in lines_above_text(self._tree) if self._may_be_headline(line)]
        return max(lines, key=self._likeness, default=None)

    def _likeness(self, line: _Line) -> float:
        letterhead = _LETTERHEAD if self._names_site(line.words) else 0.0
        return line.weight + 2 * self._share_in_text(line.words) - letterhead

    def _may_be_headline(self, line: _Line) -> bool:
        words = line.words
        if not len(words.split()) >= _FEWEST_IN_HEADLINE or len(words) > _LONGEST_TITLE:
            return False
        if self._is_other(words) or is_furniture(words):
            return False
        is_plain = line.weight < _BIG_PRINT
        return not is_plain or not (words[-1] in _UNFINISHED or dates_within(words) or embargo(words))

    def _is_other(self, words: str) -> bool:
        """Whether words name the kind of page, its section or its site, or a day."""
        return is_kicker(words) or is_section(words) or self._is_site(words) or find_dates(words) is not None

    def _is_site(self, words: str) -> bool:
        key = letters(words)
        return len(words.split()) <= _LONGEST_NAME and any(key in name for name in self._names)

    def _names_site(self, part: str) -> bool:
        """Whether a part of a title is the name of the section or the site, perhaps with a little more."""
        key = letters(part)
        return self._is_other(part) or any(
            len(name) >= (_SITE_FIRST if key.startswith(name) else _SITE) * len(key)
            for name in self._names
            if name in key
        )

    @cached_property
    def _names(self) -> frozenset[str]:
        """What the page calls its site: in its head, in links to the front page, in the line with the copyright."""
        found = [*self._stated_names, *self._tree.xpath("//meta[@name='application-name']/@content")]
        for link in self._tree.xpath("//body//a[not(starts-with(@href, '#') or contains(@href, '?'))][@href != '']"):
            if is_front(link.get("href").strip()):
                found += [link.text_content(), link.get("title", ""), *link.xpath(".//img/@alt")]
        lines = self._tree.xpath("//body//text()[contains(., '©') or contains(., 'opyright')]")
        # lxml takes what stands behind an element for that element's
        for box in dict.fromkeys(line.getparent().getparent() if line.is_tail else line.getparent() for line in lines):
            around = box.text_content()
            if len(around) <= _LONGEST_COPYRIGHT and (name := _COPYRIGHT.search(tidy_line(around))):
                found.append(name[1])
        return frozenset(key for name in found if len(key := letters(name)) > 3)

    def _share_in_text(self, words: str) -> float:
        """How many of the longer words stand in the paragraphs, from 0 to 1."""
        own = long_words(words)
        return len(own & self._vocabulary) / len(own) if own else 0.0

    @cached_property
    def _vocabulary(self) -> set[str]:
        return long_words(" ".join(self._tree.xpath(f"//body//text()[{_OF_TEXT}]")))


def long_words(text: str) -> set[str]:
    """The words of four letters and more, to compare texts by."""
    return set(re.findall(r"\w{4,}", text.casefold()))


def _goes_on(heading: str, title: str) -> bool:
    """Whether a heading goes on where a title was cut off."""
    cut = _CUT_OFF.search(title, _LEAST_OF_CUT)
    begin = title[: cut.start()].rstrip() if cut else ""
    return len(begin) >= max(1, _MOST * len(heading)) and letters(heading).startswith(letters(begin))


def _without_site(title: str) -> str:
    """Cut ` | Site` off, and ` - Site` where it has two words at most: others may be part of a title."""
    marks = list(_SITE_MARK.finditer(title))
    if not marks:
        return title
    last = title[marks[-1].end() :]
    few = {"|": 6, "-": 2}.get(marks[-1][1], 0)
    return title[: marks[-1].start()] if len(last.split()) <= few else title


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
class _Line:
    """Words that stand in one line or heading; more `weight` makes a headline of them."""

    words: str
    weight: float


def lines_above_text(tree: HtmlElement) -> list[_Line]:
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


def _is_text(line: _Line) -> bool:
    return is_closed(line.words) and len(line.words) > _LONGEST_KICKER and line.weight < _NAMED


def _lines(tree: HtmlElement) -> Iterator[_Line]:
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
                yield _Line(read_heading(element).headline, _HEADING[element.tag])
            walk.skip_subtree()
        elif element.tag in _UNREAD or (element.tag == "form" and not element.xpath("boolean(.//p)")):
            walk.skip_subtree()
        elif element.text:
            run.append((element, element.text))


def _line(run: Sequence[tuple[HtmlElement, str]]) -> _Line:
    words = tidy_line("".join(part for _, part in run))
    around = [_boxes(element) for element, part in run if part.strip()]
    linked = sum(len(part) for element, part in run if any(box.tag == "a" for box in _boxes(element)))
    if not around or linked >= _MOST_LINKED * sum(len(part) for _, part in run):
        return _Line("", _PLAIN)
    weight = min(map(_weight, around))
    return _Line(words, _CAPITALS if weight < _CAPITALS and words.isupper() else weight)


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
