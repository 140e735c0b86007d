"""From a page's bytes to a tree of its own content; and whether that is made of the beginnings of other pages."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from ingest.addresses import canonical, is_web, joined
from ingest.dates import find_dates, near_dates
from ingest.errors import LimitError, ParseError
from ingest.parse.characters import decode_anyhow, decode_page, stated_encoding, tidy_line
from ingest.parse.furniture import is_closed, is_front, is_related_heading, names_section
from ingest.parse.html_seen import closed, has_unclosed, without_early_end

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from lxml.html import HtmlElement

    from ingest.types import Page
    from vectorstore.types import Release

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

_NO_LETTERS = re.compile(r"\W+")
_AROUND = "self::nav or self::aside or self::header or self::footer"
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


def letters(text: str) -> str:
    """The letters and digits of a text in lower case, to compare texts by."""
    return _NO_LETTERS.sub("", text).casefold()


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


_ALONE = frozenset({*HEADINGS, "a", "dt", "p", "strong", "b"})  # a headline whose teaser stands behind it
_NO_BOX = frozenset({"html", "body", "main"})
_NOT_MAIN = "//script | //style | //noscript | //template | //nav | //footer | //aside | //select | //button | //header"
_IN_MAIN = "ancestor::main or ancestor::article or ancestor::section or ancestor::li or .//h1"
_BEFORE = 60  # letters that may stand before a teaser's link: a date, a place, a topic
_TEASER = 900  # letters; what is longer is a text of its own
_MOST_APART = 0.2  # of a page's text, that is no teaser: where to subscribe, how many pages there are
_OWN_TEXT = 200  # letters beside the teasers that make a short release, unless the page is called a section


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
