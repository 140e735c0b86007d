"""Which words of a web page are its headline: those that its title and its headings agree in, else what readers see."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from ingest.dates import dates_within, embargo, find_dates
from ingest.parse.characters import tidy_line
from ingest.parse.furniture import is_furniture, is_kicker
from ingest.parse.html_lines import HEADINGS, lines_above_text, read_heading
from ingest.parse.html_tree import letters
from ingest.parse.sections import is_front, is_section, names_section

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml.html import HtmlElement

    from ingest.parse.html_lines import Line

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
_MARKED = 2.5  # the weight of a line in big print; see `html_lines`


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
        if line and (own is None or (line.weight >= _MARKED and self._is_of_text(line.words))):
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

    def _above_text(self) -> Line | None:
        """The line above the text that is set most like a headline; of two the one whose words the text has."""
        lines = [line for line in lines_above_text(self._tree) if self._may_be_headline(line)]
        return max(lines, key=self._likeness, default=None)

    def _likeness(self, line: Line) -> float:
        letterhead = _LETTERHEAD if self._names_site(line.words) else 0.0
        return line.weight + 2 * self._share_in_text(line.words) - letterhead

    def _may_be_headline(self, line: Line) -> bool:
        words = line.words
        if not len(words.split()) >= _FEWEST_IN_HEADLINE or len(words) > _LONGEST_TITLE:
            return False
        if self._is_other(words) or is_furniture(words):
            return False
        is_plain = line.weight < _MARKED
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

    def _is_of_text(self, words: str) -> bool:
        return self._share_in_text(words) > 0

    def _share_in_text(self, words: str) -> float:
        """How many of the longer words stand in the paragraphs, from 0 to 1."""
        own = _long_words(words)
        return len(own & self._vocabulary) / len(own) if own else 0.0

    @cached_property
    def _vocabulary(self) -> set[str]:
        return _long_words(" ".join(self._tree.xpath(f"//body//text()[{_OF_TEXT}]")))


def _long_words(text: str) -> set[str]:
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
