"""Mends pages whose elements are not closed, or closed twice, so that no menu or header swallows the article.

libxml2 reads most of these as browsers do, with two differences (2.14.6): the end of `nav`, `header`, `ul` and the like
is passed over where a `div` in it was never closed, and nothing is read behind `</html>`, which some templates write
in the middle of a page. What browsers cannot know either, that a menu was never closed, is told by what it holds.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from lxml.html import HtmlElement

# Elements whose end closes all that is open in them: https://html.spec.whatwg.org/#parsing-main-inbody, "An end tag
# whose tag name is one of"; libxml2 does so for `div` alone.
_CLOSING_ALL = frozenset(
    ("address", "article", "aside", "blockquote", "button", "center", "details", "dialog", "dl", "fieldset",
     "figcaption", "figure", "footer", "form", "header", "hgroup", "main", "menu", "nav", "ol", "section", "summary",
     "ul")
)  # fmt: skip
# Through these no end reaches.
_SCOPES = frozenset({"table", "td", "th", "caption", "object", "template"})
_FOLLOWED = _CLOSING_ALL | _SCOPES | {"div"}
# What holds no elements, whatever stands in it.
_RAW = frozenset({"script", "style", "textarea", "title", "iframe", "noembed", "noframes", "xmp"})
# A `>` may stand in quotes; a quote that is not closed soon is a slip. Nothing here is matched in two ways.
_TAG = re.compile(
    r"<(?:(!--)|(/?)([a-zA-Z][^\s/<>]*+)(?:[^<>\"']++|\"[^\"]{0,9999}+\"|'[^']{0,9999}+'|[\"'])*+>)", re.ASCII
)
_END_OF_PAGE = re.compile(r"</(?:body|html)\s*+>", re.IGNORECASE)
# How libxml2 says that it passed an end over.
_PASSED_OVER = "Opening and ending tag mismatch"

# What extractors take for furniture, by its element or by a word in its class or id.
_FURNITURE = frozenset(
    {"nav", "aside", "header", "footer", "figure", "figcaption", "button", "label", "menu", "a", "form"}
)
_MARKS = (
    "nav", "menu", "side-?bar", "bread-?crumb", "footer", "header", "toolbar", "share", "sharing", "social", "related",
    "cookie", "consent", "banner", "comment", "search", "meta", "caption", "modal", "popup", "tools", "breaking",
    "skip",
)  # fmt: skip
_FURNITURE_MARK = re.compile(rf"(?<![a-z])(?:{'|'.join(_MARKS)})", re.IGNORECASE)
_INLINE = " or ".join(
    f"self::{tag}" for tag in ("span", "font", "b", "strong", "i", "em", "u", "small", "big", "p", "center", "tt")
)
_BLOCKS = " or ".join(
    f".//{tag}"
    for tag in ("p", "div", "h1", "h2", "h3", "ul", "ol", "table", "blockquote", "section", "article", "header")
)
_OWN_TAG = re.compile(r"[-:]")
_SHOWN_AS_BLOCK = re.compile(r"display\s*:\s*block", re.IGNORECASE)
_MOST, _NEARLY_ALL = 0.5, 0.8  # of the page's text


def without_early_end(text: str) -> str:
    """The page without `</body>` and `</html>`, wherever they stand: each page ends with its bytes."""
    return _END_OF_PAGE.sub("", text)


def has_unclosed(messages: Sequence[str]) -> bool:
    """Whether libxml2, by what it complains of, passed over an end that browsers would have taken."""
    return any(message.startswith(_PASSED_OVER) for message in messages)


def closed(text: str) -> str:
    """The page with an end for each `div` that is still open where an element around it ends."""
    parts: list[str] = []
    open_ = _Open()
    done = 0
    for place, is_end, name in _tags(text):
        if not is_end:
            open_.begin(name)
        elif (left := open_.end(name)) and name in _CLOSING_ALL:
            parts += (text[done:place], "</div>" * left)
            done = place
    return "".join((*parts, text[done:]))


class _Open:
    """The elements that are open at a place of a page; each is taken off once, however many ends there are."""

    def __init__(self) -> None:
        self._stack: list[str] = []
        self._within: list[Counter[str]] = [Counter()]  # those of each scope
        self._scopes: Counter[str] = Counter()

    def begin(self, name: str) -> None:
        self._stack.append(name)
        if name in _SCOPES:
            self._within.append(Counter())
            self._scopes[name] += 1
        else:
            self._within[-1][name] += 1

    def end(self, name: str) -> int:
        """End the innermost such element, if no scope lies between; gives how many `div` were still open in it."""
        if not (self._scopes if name in _SCOPES else self._within[-1])[name]:
            return 0
        left = 0
        while True:
            last = self._stack.pop()
            if last in _SCOPES:
                self._within.pop()
                self._scopes[last] -= 1
            else:
                self._within[-1][last] -= 1
            if last == name:
                return left
            left += last == "div"


def _tags(text: str) -> Iterator[tuple[int, bool, str]]:
    """Place, whether it is an end, and name of each tag of an element that is followed here."""
    place = 0
    while found := _TAG.search(text, place):
        place = found.end()
        if found[1]:
            place = text.find("-->", place)
            if place < 0:
                return
            continue
        name = found[3].lower()
        if name in _RAW and not found[2]:
            end = re.compile(f"</{name}\\b", re.IGNORECASE).search(text, place)
            if end is None:
                return
            place = end.start()
        elif name in _FOLLOWED:
            yield found.start(), bool(found[2]), name


def mend_boxes(tree: HtmlElement) -> None:
    """Make plain boxes of what cannot be what it says: words that hold paragraphs, menus that hold the article."""
    body = next(tree.iter("body"), None)
    if body is None:
        return
    for words in body.xpath(f".//*[{_INLINE}][{_BLOCKS}] | .//span[contains(@style, 'block')][not(.//*)]"):
        if words.tag != "span" or len(words) or _SHOWN_AS_BLOCK.search(words.get("style")):
            words.tag = "div"
    for group in list(body.iter("hgroup", "search")):  # which extractors do not know
        group.tag = "div"
    beside = {block.getparent() for block in body.iter("p", "h1")}
    for own in [element for element in body.iter() if _OWN_TAG.search(element.tag)]:  # such as sites make up, or Word
        own.tag = "div" if own.getparent() in beside or own.xpath(f"boolean({_BLOCKS})") else "span"
    _undo_unclosed(body)


def _undo_unclosed(body: HtmlElement) -> None:
    marked = {box for box in body.iter() if _is_marked(box)}
    if not marked:
        return
    weights = _weights(body, marked)
    headline = next(body.iter("h1"), None)
    if headline is None:
        headline = next(body.iter("h2"), None)
    around = set() if headline is None else set(headline.iterancestors())
    for box in marked:
        share = weights[box] / weights[body] if weights[body] else 0.0
        if share >= _NEARLY_ALL or (share > _MOST and box in around):
            box.tag = "div" if box.tag in _FURNITURE else box.tag
            for attribute in ("class", "id", "role"):
                box.attrib.pop(attribute, None)


def _is_marked(box: HtmlElement) -> bool:
    if box.tag in _FURNITURE:
        return True
    if box.tag not in {"div", "section", "ul", "ol", "span", "td"}:
        return False
    return bool(_FURNITURE_MARK.search(f"{box.get('class', '')} {box.get('id', '')} {box.get('role', '')}"))


def _weights(body: HtmlElement, marked: AbstractSet[HtmlElement]) -> dict[HtmlElement, int]:
    """How many characters of the paragraphs, or of all words if there are none, stand in the body and these boxes."""
    from lxml.etree import iterwalk

    counted = "p" if next(body.iter("p"), None) is not None else "body"
    begins: dict[HtmlElement, int] = {}
    weights: dict[HtmlElement, int] = {}
    total = within = unseen = 0
    for event, element in iterwalk(body, events=("start", "end")):
        if event == "start":
            within += element.tag == counted
            unseen += element.tag in _RAW
            if element in marked or element is body:
                begins[element] = total
            words = element.text
        else:
            within -= element.tag == counted
            unseen -= element.tag in _RAW
            if element in begins:
                weights[element] = total - begins[element]
            words = element.tail
        if words and within and not unseen:
            total += len(words.strip())
    return weights
