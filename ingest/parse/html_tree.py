"""From a page's bytes to a tree of its own content: decoded, old layouts undone, all outside `<main>` cut off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ingest.dates import find_dates
from ingest.errors import LimitError, ParseError
from ingest.parse.characters import decode, tidy_line
from ingest.parse.encodings import stated_encoding
from ingest.parse.furniture import is_related_heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from ingest.release import Page

_PROLOGUE = re.compile(r"\A\s*+<\?xml[^>]*\?>")
# A table cell of more characters than this holds paragraphs, not a figure.
_LONGEST_CELL = 600
# `<main>` is believed where it holds this part of the page's paragraphs.
_MOST = 0.5
# Characters. A part in another language that holds more is a version of the text, not a name or a motto.
_LONGEST_ASIDE = 200
_LONGEST_DETAIL = 80
_MOST_ATTRIBUTES = 500
# A box of related pages holds at most this part of the page's paragraphs.
_MOST_ASIDE = 0.3


def read_tree(page: Page) -> HtmlElement:
    """The page as a tree; what its server said of the encoding goes before what the page says.

    Raises:
        ParseError: the page is empty, or cannot be decoded or read.
        LimitError: its elements are nested too deeply to be read to the end.

    """
    return tree_of(decode(page.content, page.location, page.charset, stated_encoding(page.content)), page.location)


def tree_of(text: str, location: str) -> HtmlElement:
    """The tree of an HTML text; raises as `read_tree` does."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    parser = HTMLParser(huge_tree=True)  # else all is lost, in silence, that stands 256 elements deep and behind it
    try:
        tree: HtmlElement = document_fromstring(_PROLOGUE.sub("", text).replace("\x00", "\ufffd"), parser)
    except (etree.ParserError, ValueError) as error:
        raise ParseError(location, f"no HTML can be read here: {error}") from error
    if any(error.level == etree.ErrorLevels.FATAL for error in parser.error_log):
        raise LimitError(location, "its elements are nested too deeply to be read to the end")
    crowded: Any = tree.xpath(f"//*[count(@*) > {_MOST_ATTRIBUTES}]")
    for element in crowded:
        element.attrib.clear()  # libxml2 compares each with all others, whenever it reads them
    return tree


def undo_layout_tables(tree: HtmlElement) -> None:
    """Make plain boxes of tables that only place things: such as hold tables or whole paragraphs in a cell."""
    for table in list(tree.iter("table")):
        cells = table.xpath(".//td")
        if table.xpath(".//th") and not table.xpath(".//table"):
            continue
        if table.xpath(".//table") or any(len(tidy_line(cell.text_content())) > _LONGEST_CELL for cell in cells):
            for part in table.xpath(".//tbody | .//thead | .//tr | .//td"):
                if part.xpath("ancestor::table[1]")[0] is table:
                    part.tag = "div"
            table.tag = "div"


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


def cut_boxes(tree: HtmlElement) -> None:
    """Cut out what is no text of the release: lists of its details with a date among them, boxes of related pages."""
    for details in list(tree.iter("dl")):
        told = [tidy_line(each.text_content()) for each in details.iter("dd")]
        if any(map(find_dates, told)) and all(len(words) < _LONGEST_DETAIL for words in told):
            details.drop_tree()
    most = _MOST_ASIDE * sum(map(_weight, tree.xpath("//body")))
    for heading in tree.xpath("//body//*[self::h2 or self::h3 or self::h4 or self::h5]"):
        box = heading.getparent()
        opens = box is not None and heading.getprevious() is None and box.tag in {"div", "section", "aside"}
        if opens and is_related_heading(tidy_line(heading.text_content())) and _weight(box) <= most:
            box.drop_tree()


def _code(language: str | None) -> str:
    return re.split(r"[-_]", (language or "").lower())[0]


def _weight(element: HtmlElement) -> int:
    """Characters in its paragraphs."""
    found: Sequence[str] = element.xpath(".//p//text()")
    return sum(len(words.strip()) for words in found)
