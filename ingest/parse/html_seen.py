"""Makes a page hold what its readers see: unseen text and consent notes go, and what a click shows comes in.

Before that, pages are mended whose elements are not closed, or closed twice, so that no menu or header swallows the
article. libxml2 reads most of these as browsers do, with two differences (2.14.6): the end of `nav`, `header`, `ul` and
the like is passed over where a `div` in it was never closed, and nothing is read behind `</html>`, which some templates
write in the middle of a page. What browsers cannot know either, that a menu was never closed, is told by what it holds.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from ingest.parse.characters import tidy_line
from ingest.parse.furniture import LISTED, listed_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from lxml.html import HtmlElement

# What browsers of our day show none of: the second row is shown where a picture or a film cannot be.
_NEVER_SHOWN = ("noscript", "template", "datalist", "svg", "iframe", "canvas", "audio", "video")
_FOR_MACHINES = ("script", "meta", "link")
_UNSEEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_UNSEEN_CLASSES = frozenset(LISTED["unseen"])
# `hidden md:block` and `d-none d-lg-flex` are seen on wide screens.
_SHOWN_WIDE = re.compile(r"(?:\w{1,9}+:|d-[a-z]{2,3}-)(?:block|flex|grid|inline|table|contents)")
_NO_PANEL = ("nav", "header", "footer", "form", "dialog")
_PARAGRAPHS = "self::p or self::div or self::ul or self::ol or self::dl or self::table or self::section"
_CONTROLS = "descendant-or-self::*[self::button or self::summary or self::label or @role='button' or @aria-expanded]"
# A page with more unseen parts is a menu or a trap, in which none is looked for.
_MOST_PANELS = 500
# Characters. A longer box of consent is a text about it.
_LONGEST_CONSENT = 4_000
_SENTENCE_END = re.compile(r"\w[.!?…]")
_CONSENT_BOXES = 4  # boxes around the button, of which one holds the text
# Of a page's paragraphs: with so many in it a box is no note and no menu but the page's text.
_NEARLY_ALL, _MOST = 0.8, 0.5
_LONG_NOTE = 600  # characters
_ALL_WORDS = ".//text()[not(ancestor::script or ancestor::style)]"
# A search or a newsletter has a button that says OK.
_ASKS_FOR_WORDS = "ancestor::form[1][not(.//p)]//input[not(@type) or @type='text' or @type='search' or @type='email']"


def show_what_is_seen(tree: HtmlElement) -> None:
    """Cut out what nobody sees, whatever hides it, and open what a click opens; statements for machines stay."""
    body = next(tree.iter("body"), None)
    if body is None:
        return
    for element in list(tree.iter(_NEVER_SHOWN)):
        _cut(element, body)
    _open_details(body)
    unseen = [element for element in body.iterdescendants() if isinstance(element.tag, str) and _is_unseen(element)]
    controlled = _controlled(body) if 0 < len(unseen) <= _MOST_PANELS else None
    headlines = sum(1 for _ in body.iter("h1"))
    for element in unseen:
        if controlled is not None and _is_panel(element, controlled):
            _open(element)
        elif not _holds_all(element, headlines):
            _cut(element, body)


def _is_unseen(element: HtmlElement) -> bool:
    if element.tag == "dialog":
        return element.get("open") is None
    if element.get("hidden") is not None or _UNSEEN_STYLE.search(element.get("style", "")):
        return True
    marks = element.get("class", "").split()
    return not _UNSEEN_CLASSES.isdisjoint(marks) and not any(map(_SHOWN_WIDE.fullmatch, marks))


def _holds_all(element: HtmlElement, headlines: int) -> bool:
    """Whether it only waits for a script or a style that shows it: all headlines of the page stand in it."""
    return headlines > 0 and element.tag not in _NEVER_SHOWN and sum(1 for _ in element.iter("h1")) == headlines


def _open_details(body: HtmlElement) -> None:
    for element in body.iter("details"):
        element.tag = "div"
    for element in body.iter("summary"):
        element.tag = "h4"
    for heading in body.iter("h2", "h3", "h4", "h5", "h6", "dt"):
        for control in heading.iter("button"):
            control.tag = "span"  # extractors take buttons for furniture, and this one asks what the panel answers


def _controlled(body: HtmlElement) -> frozenset[str]:
    """The ids of what a control of the page opens, and of the controls themselves."""
    named: set[str] = set()
    for element in body.xpath(".//*[self::button or self::a or @role='tab' or @role='button' or @aria-controls]"):
        named.update((element.get("aria-controls") or "").split())
        for attribute in ("href", "data-target", "data-bs-target"):
            if (target := element.get(attribute, "")).startswith("#"):
                named.add(target[1:])
        if element.get("id"):
            named.add(element.get("id"))
    return frozenset(named - {""})


def _is_panel(element: HtmlElement, controlled: frozenset[str]) -> bool:
    """Whether a click shows an unseen part, and it is text: no menu, no form, no list of links."""
    if any(box.tag in _NO_PANEL for box in (element, *element.iterancestors())):
        return False
    marks = f"{element.get('class', '')} {element.get('id', '')}".lower()
    if element.get("role") in {"dialog", "alertdialog", "menu", "search"} or listed_pattern("no_panel").search(marks):
        return False
    opened = (
        element.get("hidden") == "until-found"
        or element.get("role") == "tabpanel"
        or not controlled.isdisjoint((element.get("id"), *element.get("aria-labelledby", "").split()))
        or listed_pattern("panel").search(marks)
        or _is_behind_control(element)
    )
    return bool(opened) and _is_text(element)


def _is_behind_control(element: HtmlElement) -> bool:
    before = element.getprevious()
    return before is not None and isinstance(before.tag, str) and bool(before.xpath(_CONTROLS))


def _is_text(element: HtmlElement) -> bool:
    links = sum(len(words) for words in element.xpath(".//a//text()"))
    return 2 * links <= len(element.text_content())


def _open(element: HtmlElement) -> None:
    """Take away all that hides it: extractors look for the same marks, and for paragraphs."""
    if not element.xpath(f".//*[{_PARAGRAPHS}]"):
        element.tag = "p"
    for part in (element, *element.iterdescendants()):
        if isinstance(part.tag, str) and (part is element or part.get("aria-hidden")):
            part.attrib.clear()


def _cut(element: HtmlElement, body: HtmlElement) -> None:
    if element.getparent() is None:
        return  # it went with another one
    for kept in list(element.iter(_FOR_MACHINES)):
        kept.tail = None
        body.append(kept)
    element.drop_tree()


def cut_consent(tree: HtmlElement) -> None:
    """Cut out what asks for consent to cookies and the like: by its marks, or by its buttons and its words."""
    body = next(tree.iter("body"), None)
    if body is None:
        return
    share = _Share(body)
    marked = body.xpath(".//*[@id or @class][not(self::main or self::article)]")
    for element in [each for each in marked if _is_marked_consent(each, share)]:
        _cut_note(element)
    judged: set[HtmlElement] = set()
    for button in body.xpath(f".//*[self::button or self::a or self::input or @role='button'][not({_ASKS_FOR_WORDS})]"):
        if listed_pattern("consent_buttons").fullmatch(tidy_line(button.get("value") or _short_text(button))):
            for box in _boxes_around(button):
                if box in judged:
                    continue
                judged.add(box)  # many buttons may stand in one box
                words = " ".join(box.xpath(".//text()[not(ancestor::button or ancestor::a)]"))
                if share.is_text(box, len(words)):
                    break
                if _SENTENCE_END.search(words) and listed_pattern("consent").search(words):
                    _cut_note(box)
                    break


class _Share:
    """How much of a page's paragraphs stands in a box; of all its words, where it has no paragraphs."""

    def __init__(self, body: HtmlElement) -> None:
        self._words = ".//p//text()" if body.xpath("boolean(.//p//text())") else _ALL_WORDS
        self._all = self._weight(body)

    def of(self, box: HtmlElement) -> float:
        """From 0 to 1."""
        return self._weight(box) / self._all if self._all else 0.0

    def is_text(self, box: HtmlElement, length: int) -> bool:
        """Whether a box of so many characters is the text of the page: a note may be longer than a short release."""
        share = self.of(box)
        return share >= _NEARLY_ALL or (share > _MOST and length > _LONG_NOTE)

    def _weight(self, box: HtmlElement) -> int:
        return sum(len(words.strip()) for words in box.xpath(self._words))


def _is_marked_consent(element: HtmlElement, share: _Share) -> bool:
    """Whether a class or an id is that of a consent box; one that only has such a word in it needs the words too."""
    marks = f"{element.get('id', '')} {element.get('class', '')}".split()
    if not any(map(listed_pattern("consent_words_in_marks").search, marks)):
        return False
    words = " ".join(element.xpath(_ALL_WORDS))
    asks = bool(listed_pattern("consent").search(words))
    if any(map(listed_pattern("consent_marks").fullmatch, marks)):
        return share.of(element) <= _MOST or (asks and not share.is_text(element, len(words)))
    return asks and share.of(element) <= _MOST


def _short_text(element: HtmlElement) -> str:
    return "" if len(element) > 5 else "".join(element.itertext())[:200]


def _boxes_around(button: HtmlElement) -> Iterator[HtmlElement]:
    for box, _ in zip(button.iterancestors(), range(_CONSENT_BOXES), strict=False):
        if box.tag in {"body", "main", "article", "html"}:
            return
        yield box


def _cut_note(box: HtmlElement) -> None:
    is_short = len(box.text_content()) <= _LONGEST_CONSENT
    if box.getparent() is not None and box.tag not in {"body", "html"} and is_short and not box.xpath(".//h1"):
        box.drop_tree()


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
