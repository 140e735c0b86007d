"""Pages that are a section of a site and no release: named like one, or made of the beginnings of others."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict, deque
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.addresses import canonical, is_web, joined
from ingest.errors import ParseError
from ingest.parse.characters import decode_anyhow, stated_encoding
from ingest.parse.html_tree import HEADINGS, letters, tree_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from lxml.html import HtmlElement

    from vectorstore.types import Release

_PARTS = re.compile(r"\s[|–—·»>-]\s|[|…]|:\s")
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2})?", re.IGNORECASE)
_HOST = re.compile(r"\A\s*(?:https?:)?//[^/?#]*", re.IGNORECASE)
_ALONE = frozenset({*HEADINGS, "a", "dt", "p", "strong", "b"})  # a headline whose teaser stands behind it
_NO_BOX = frozenset({"html", "body", "main"})
_NOT_MAIN = "//script | //style | //noscript | //template | //nav | //footer | //aside | //select | //button | //header"
_IN_MAIN = "ancestor::main or ancestor::article or ancestor::section or ancestor::li or .//h1"
_BEFORE = 60  # letters that may stand before a teaser's link: a date, a place, a topic
_TEASER = 900  # letters; what is longer is a text of its own
_MOST_APART = 0.2  # of a page's text, that is no teaser: where to subscribe, how many pages there are
_OWN_TEXT = 200  # letters beside the teasers that make a short release, unless the page is called a section


def names_section(title: str) -> bool:
    """Whether a title, or a part of it, is what newsrooms call a section or a template: "Press | City of Lyon"."""
    return is_section(title) or any(folded(part) in _listed()["titles"] for part in _PARTS.split(title))


def is_section(words: str) -> bool:
    """Whether words are, as a whole, what newsrooms call a section or a template."""
    return folded(words) in _listed()["titles"] | _listed()["whole_titles"]


def is_front(address: str) -> bool:
    """Whether an address is a site's front page, perhaps of one language; one with parameters may be any page."""
    path, _, parameters = _HOST.sub("", address).partition("#")[0].partition("?")
    steps = [step for step in path.split("/") if step]
    if steps and steps[-1].partition(".")[0].lower() in _listed()["front"]:
        steps.pop()
    return not parameters and (not steps or (len(steps) == 1 and bool(_LANGUAGE.fullmatch(steps[0]))))


def lists_others(
    content: bytes, address: str, release: Callable[[], Release | None], *, charset: str | None = None
) -> bool:
    """Whether a web page is made of links to others and their beginnings; `release` gives what is read from it, if any.

    A release under which others are announced is none.
    """
    try:
        teasers = _Teasers(tree_of(decode_anyhow(content, charset, stated_encoding(content)), address), address)
    except ParseError:
        return False
    if len(teasers.texts) < (2 if teasers.is_headed else 3):
        return False
    found = release()
    listed = "".join(teasers.texts)
    own = [letters(words) for words in found.text.split("\n\n")] if found else []
    said, apart = sum(map(len, own)), sum(len(words) for words in own if words not in listed)
    if said and apart <= _MOST_APART * said:
        return True
    is_section = found is None or names_section(found.title) or is_front(address)
    is_most = len(teasers.texts) > 2 and 2 * len(listed) >= teasers.visible
    return is_most and (is_section or apart < _OWN_TEXT)


class _Teasers:
    """The boxes of a page that each begin with a link to another page, two or more of them beside each other.

    `texts` are the letters of each, `visible` counts those of the page's main part.
    """

    def __init__(self, tree: HtmlElement, address: str) -> None:
        self._own = canonical(address)
        self._base = next((joined(address, base) for base in tree.xpath("//base/@href")), "") or address
        for element in tree.xpath(_NOT_MAIN):
            if element.getparent() is not None and not (
                element.tag == "header" and element.xpath(f"boolean({_IN_MAIN})")
            ):
                element.drop_tree()
        rows = [row for row in self._rows(tree) if len(set(row.values())) > 1]
        self.texts = [text for row in rows for text in _texts(row)]
        self.is_headed = any(_is_headed(box) for row in rows for box in row)
        self.visible = len(letters("".join(tree.xpath("//text()[not(parent::title)]"))))

    def _rows(self, tree: HtmlElement) -> Iterable[dict[HtmlElement, str]]:
        """Boxes beside each other, and where each leads."""
        links = dict(self._links(tree))
        within: dict[HtmlElement, set[str]] = defaultdict(set)
        for anchor, target in links.items():
            for around in anchor.iterancestors():
                within[around].add(target)
        seen: set[HtmlElement] = set()
        rows: dict[HtmlElement, dict[HtmlElement, str]] = defaultdict(dict)
        for anchor, target in links.items():
            box = _box(anchor, within)
            if box not in seen and box.getparent() is not None and _begins_with(box, anchor):
                rows[box.getparent()][box] = target
            seen.add(box)
        return rows.values()

    def _links(self, tree: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
        """The links to other pages that have a title: a headline, or more than two words."""
        for anchor in tree.xpath("//a[@href]"):
            target = canonical(joined(self._base, anchor.get("href")))
            is_title = len(anchor.text_content().split()) > 2 or _is_headed(anchor)
            if is_title and target != self._own and is_web(target):
                yield anchor, target


def _box(anchor: HtmlElement, within: Mapping[HtmlElement, set[str]]) -> HtmlElement:
    """The largest box around a link in which no link leads elsewhere."""
    around = takewhile(lambda box: len(within[box]) == 1 and box.tag not in _NO_BOX, anchor.iterancestors())
    return next(iter(deque(around, maxlen=1)), anchor)


def _begins_with(box: HtmlElement, anchor: HtmlElement) -> bool:
    """Whether hardly a word stands in a box before its link, as in a teaser; a paragraph with a link has some."""
    from lxml import etree

    before = 0
    for event, element in etree.iterwalk(box, events=("start", "end")):
        if element is anchor or before > _BEFORE:
            break
        before += len(letters((element.text if event == "start" else element is not box and element.tail) or ""))
    return before <= _BEFORE


def _is_headed(element: HtmlElement) -> bool:
    """Whether there is a heading in an element, or it stands in one."""
    return any(True for _ in element.iter(*HEADINGS)) or any(box.tag in HEADINGS for box in element.iterancestors())


def _texts(row: Iterable[HtmlElement]) -> Iterator[str]:
    """The letters of each box, and of what follows it up to the next one if the box is but a headline."""
    boxes = set(row)
    for box in row:
        words = [box.text_content()]
        if box.tag in _ALONE:
            behind = takewhile(lambda each: each not in boxes and each.tag not in HEADINGS, box.itersiblings())
            words += [box.tail or "", *(each.text_content() + (each.tail or "") for each in behind)]
        if len(text := letters("".join(words))) <= _TEASER:
            yield text


def folded(words: str) -> str:
    """Small letters without accents, one space between words."""
    plain = unicodedata.normalize("NFKD", words.casefold())
    return " ".join(re.sub(r"[^a-z0-9]+", " ", "".join(c for c in plain if not unicodedata.combining(c))).split())


@cache
def _listed() -> dict[str, frozenset[str]]:
    listed = tomllib.loads(Path(__file__).with_name("sections.toml").read_text("utf-8"))
    return {name: frozenset(words) for name, words in listed.items()}
