"""From a page's bytes to a tree of its own content, and the paragraphs that an extractor found in the page's order."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from ingest.dates import find_dates, near_dates
from ingest.errors import LimitError, ParseError
from ingest.parse.characters import decode_page, stated_encoding, tidy_line
from ingest.parse.furniture import is_closed, is_furniture, is_related_heading
from ingest.parse.html_seen import closed, has_unclosed, without_early_end

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from lxml.html import HtmlElement

    from ingest.types import Page

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

_KINDS = " or ".join(
    f"self::{tag}"
    for tag in ("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "td", "blockquote", "dd", "dt", "div")
)
_NO_LETTERS = re.compile(r"\W+")
_FEWEST_IN_ITEM = 5  # words of each item of a list that opens or closes a text
_AROUND = "self::nav or self::aside or self::header or self::footer"


def in_page_order(blocks: Sequence[tuple[str, str]], tree: HtmlElement) -> list[tuple[str, str]]:
    """The blocks (tag and words) as they follow each other on the page.

    List items that were not found are put back where they stand between found paragraphs, or are the first or the last
    in the box of these: they belong to the text as much as the paragraphs do.
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
        # a part of a paragraph stays behind the one before
        before = _place(found, before) if found else before
        placed.append((before, (tag, words)))
    lost = _lost(elements, keys, {letters(words) for _, words in blocks})
    placed.extend((float(place), ("li", tidy_line(elements[place].text_content()))) for place in lost)
    return [block for _, block in sorted(placed, key=lambda pair: pair[0])]


def letters(text: str) -> str:
    """The letters and digits of a text in lower case, to compare texts by."""
    return _NO_LETTERS.sub("", text).casefold()


def _place(found: Sequence[int], before: float) -> float:
    """Of the places of some words, the next one behind the last; at the beginning the innermost of boxes."""
    return float(found[-1] if before < 0 else found[min(bisect_right(found, before), len(found) - 1)])


def _lost(elements: Sequence[HtmlElement], keys: Sequence[str], known: set[str]) -> list[int]:
    """The places of list items that nobody found, in boxes where a paragraph before or after was."""
    everything = "".join(known)
    found = {element for element, key in zip(elements, keys, strict=True) if key in known and element.tag == "p"}
    spans: dict[HtmlElement, tuple[int, int]] = {}
    for place, element in enumerate(elements):
        if keys[place] in known and element.tag in {"p", "tr", "li"}:
            first, _ = spans.get(_box(element), (place, place))
            spans[_box(element)] = (first, place)
    lists = {element.getparent() for element in elements if element.tag == "li"}
    beside = {items for items in lists if _is_beside(items, found)}

    def is_of_text(place: int, element: HtmlElement) -> bool:
        first, last = spans.get(_box(element), (place, place))
        return first < place < last or element.getparent() in beside

    return [
        place
        for place, element in enumerate(elements)
        if element.tag == "li"
        and keys[place]
        and is_of_text(place, element)
        and not element.xpath(".//p or .//li or boolean(.//a[string-length(.) > 0.8 * string-length(..)])")
        and not _is_known(keys[place], known, everything)
    ]


def _is_beside(items: HtmlElement, found: AbstractSet[HtmlElement]) -> bool:
    """Whether a list of more than names stands right before or behind a found paragraph."""
    if items.getprevious() not in found and items.getnext() not in found:
        return False
    return all(len(item.text_content().split()) >= _FEWEST_IN_ITEM for item in items)


def _is_known(key: str, known: set[str], everything: str) -> bool:
    """Whether words were found; a few words may stand in a paragraph by chance, many do only as a part of it."""
    return key in known or (len(key) > 40 and key in everything)


def _box(element: HtmlElement) -> HtmlElement:
    """What the paragraph, or the whole list of the item, stands in."""
    parent = element.getparent()
    return parent.getparent() if element.tag == "li" and parent is not None else parent


OUTSIDE = "ancestor::nav or ancestor::aside or ancestor::footer or ancestor::form or ancestor::figure"
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
    for element in tree.xpath(f"//body//*[self::h1 or {_LEAVES}][not({OUTSIDE})][not(*[not({_INLINE})])]"):
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


_PROLOGUE = re.compile(r"\A\s*+<\?xml[^>]*\?>")
# A table cell of more characters than this holds paragraphs, not a figure.
_LONGEST_CELL = 600
# `<main>` is believed where it holds this part of the page's paragraphs.
_MOST = 0.5
# Characters. A part in another language that holds more is a version of the text, not a name or a motto.
_LONGEST_ASIDE = 200
_LEAST_LOOSE = 40  # characters of a paragraph
_SHORTEST_DATE = 8
_LOOSE_BOXES = ("body", "main", "article", "section", "div", "td", "blockquote", "center")
_BLOCK_TAGS = frozenset(
    ("p", "div", "section", "article", "main", "aside", "nav", "header", "footer", "figure", "form", "table", "ul",
     "h1", "h2", "h3", "h4", "h5", "h6", "ol", "dl", "blockquote", "center", "pre", "hr", "details", "address",
     "fieldset")
)  # fmt: skip
_MOST_ATTRIBUTES = 500
# A box of related pages holds at most this part of the page's paragraphs.
_MOST_ASIDE = 0.3
# `share`, `post-share`, `socialLinks`, `RelatedNews`; not `shareholder` or `correlated`.
_BEGINS = r"(?:(?<![A-Za-z])(?:share|social|related)|(?:Share|Social|Related))"
_ENDS = r"(?:s?(?![a-z])|bar|buttons?|links?|icons?|media|news|posts?|articles?|content|pages?)"
_OF_LINKS = re.compile(_BEGINS + _ENDS)
# `social-policy`; not `social-media`.
_TOPIC = re.compile(
    r"(?<![A-Za-z])social[-_](?!media|share|links?|icons?|bar|buttons?|network|nav|menu|follow|wrap|box|block)"
)
_BOXES = "self::div or self::section or self::aside or self::ul"
_SHORT_BOX = 100  # characters: "Share this page", with pictures for links


def read_tree(page: Page) -> HtmlElement:
    """The page as a tree; what its server said of the encoding goes before what the page says.

    Raises:
        ParseError: the page is empty, or cannot be decoded or read.
        LimitError: its elements are nested too deeply to be read to the end.

    """
    return tree_of(decode_page(page.content, page.location, page.charset, stated_encoding(page.content)), page.location)


def tree_of(text: str, location: str) -> HtmlElement:
    """The tree of an HTML text; raises as `read_tree` does."""
    from lxml import etree

    text = without_early_end(_PROLOGUE.sub("", text).replace("\x00", "\ufffd"))
    tree, errors = _read(text, location)
    if has_unclosed([error.message for error in errors]):
        tree, errors = _read(closed(text), location)
    if any(error.level == etree.ErrorLevels.FATAL for error in errors):
        raise LimitError(location, "its elements are nested too deeply to be read to the end")
    for element in tree.xpath(f"//*[{_AROUND}][.//main]"):
        element.tag = "div"  # what stands around the main part cannot hold it: something in it was never closed
    crowded: Any = tree.xpath(f"//*[count(@*) > {_MOST_ATTRIBUTES}]")
    for element in crowded:
        element.attrib.clear()  # libxml2 compares each with all others, whenever it reads them
    return tree


def _read(text: str, location: str) -> tuple[HtmlElement, Sequence[Any]]:
    """The tree, and what libxml2 complained of."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    # without `huge_tree` all is lost, in silence, that stands 256 elements deep and behind it; comments part siblings
    parser = HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        return document_fromstring(text, parser), list(parser.error_log)
    except (etree.ParserError, ValueError) as error:
        raise ParseError(location, f"no HTML can be read here: {error}") from error


def undo_layout_tables(tree: HtmlElement) -> None:
    """Make plain boxes of tables that only place things: such as hold tables, the headline, or paragraphs in a cell."""
    boxes = {table for table in tree.iter("table") if _only_places(table)}
    for part in list(tree.iter("tbody", "thead", "tr", "td")):
        if next(part.iterancestors("table"), None) in boxes:
            part.tag = "div"
    for table in boxes:
        table.tag = "div"


def _only_places(table: HtmlElement) -> bool:
    if next(table.iterdescendants("table", "h1"), None) is not None:
        return True
    if next(table.iterdescendants("th"), None) is not None:
        return False
    return any(len(tidy_line(cell.text_content())) > _LONGEST_CELL for cell in table.iterdescendants("td"))


def part_loose_text(tree: HtmlElement) -> None:
    """Make paragraphs of words that stand loosely beside other blocks, and boxes of figures that hold words alone."""
    for font in tree.xpath("//body//font[.//p or .//div or .//table]"):
        font.tag = "div"
    for figure in tree.xpath("//body//figure[.//blockquote or .//table][not(.//img or .//picture)]"):
        figure.tag = "div"
    for box in list(tree.iter(_LOOSE_BOXES)):
        if any(child.tag in _BLOCK_TAGS for child in box):
            _part_loose(box)


def _part_loose(box: HtmlElement) -> None:
    """Put each sentence or date line between the blocks of a box into a paragraph of its own, inline elements too."""
    run: list[HtmlElement] = []
    before: HtmlElement | None = None  # the block that the run stands behind
    beside_others = any(child.tag == "p" for child in box)
    for child in [*box, None]:
        if child is not None and child.tag not in _BLOCK_TAGS:
            run.append(child)
            continue
        text = box.text if before is None else before.tail
        if _is_paragraph(text or "", run, beside_others=beside_others):
            paragraph = box.makeelement("p")
            paragraph.text = text
            paragraph.extend(run)  # which takes them out of the box
            if before is None:
                box.text = None
                box.insert(0, paragraph)
            else:
                before.tail = None
                before.addnext(paragraph)
        before, run = child, []


def _is_paragraph(text: str, run: Sequence[HtmlElement], *, beside_others: bool) -> bool:
    """Whether loose words are a date line or long enough for a paragraph; behind a link they belong to it, a teaser."""
    if not text.strip() and (not run or run[0].tag == "a"):
        return False
    words = tidy_line(text + "".join(inline.text_content() + (inline.tail or "") for inline in run))
    if len(words) >= _LEAST_LOOSE and (beside_others or is_closed(words)):
        return True
    if len(words) < _SHORTEST_DATE or any(inline.tag == "time" for inline in run):
        return False
    return bool(find_dates(words) or (text.strip() and near_dates(words)))


def keep_main(tree: HtmlElement) -> None:
    """Cut off what stands outside the page's `<main>`, where it has one and most paragraphs stand in it."""
    mains = tree.xpath("//body//main | //body//*[@role='main']")
    bodies = tree.xpath("//body")
    if not mains or not bodies or _weight(mains[0]) < _MOST * _weight(bodies[0]):
        return
    inner = mains[0]
    while (outer := inner.getparent()) is not None and inner is not bodies[0]:
        for sibling in list(outer):
            if sibling is not inner:
                sibling.drop_tree() if isinstance(sibling.tag, str) else outer.remove(sibling)
        inner = outer


def cut_other_languages(tree: HtmlElement) -> None:
    """Cut out the same text in another language, where the page holds both and shows one."""
    parts = [part for part in tree.xpath("//body//*[@lang]") if _weight(part) > _LONGEST_ASIDE]
    own = _code(tree.get("lang"))
    codes = {_code(part.get("lang")) for part in parts}
    if own not in codes or len(codes) < 2:
        return
    for part in parts:
        if _code(part.get("lang")) != own and not part.xpath("ancestor::blockquote | ancestor::p"):
            part.drop_tree()


def cut_related(tree: HtmlElement) -> None:
    """Cut out boxes of related pages, which open with a heading, or with bold print for one."""
    most = _MOST_ASIDE * sum(map(_weight, tree.xpath("//body")))
    for heading in tree.xpath("//body//*[self::h2 or self::h3 or self::h4 or self::h5 or self::b or self::strong]"):
        box = heading.getparent()
        opens = box is not None and heading.getprevious() is None and box.tag in {"div", "section", "aside"}
        if (
            opens
            and not (box.text or "").strip()
            and is_related_heading(tidy_line(heading.text_content()))
            and _weight(box) <= most
        ):
            box.drop_tree()


def cut_boxes_of_links(tree: HtmlElement) -> None:
    """Cut out what a class marks as links to other pages or to networks, if it holds little else.

    A class that only has such a word in it goes from what stays: extractors look for it.
    """
    marked = " or ".join(f"contains(@class, '{part}')" for part in ("elated", "hare", "ocial"))
    for box in tree.xpath(f"//body//*[{_BOXES}][{marked}]"):
        if box.getparent() is None:
            continue
        is_of_links = bool(_OF_LINKS.search(box.get("class")))
        length = len("".join(box.itertext()).strip())
        links = sum(len(words.strip()) for words in box.xpath(".//a//text()"))
        if is_of_links and (length <= _SHORT_BOX or 2 * links >= length):
            box.drop_tree()
        elif not is_of_links or _TOPIC.search(box.get("class")):
            del box.attrib["class"]


def _code(language: str | None) -> str:
    return re.split(r"[-_]", (language or "").lower())[0]


def _weight(element: HtmlElement) -> int:
    """Characters in its paragraphs."""
    found: Sequence[str] = element.xpath(".//p//text()")
    return sum(len(words.strip()) for words in found)
