"""Reads a web page: main text by trafilatura, the rest from what the page states of itself."""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ingest.dates import believed_publication, embargo, find_dates, is_date_label, near_dates
from ingest.errors import ParseError
from ingest.parse.characters import losses, storable, tidy_line
from ingest.parse.complete import believed_language, complete
from ingest.parse.furniture import (
    Line,
    contact_lines,
    is_closed,
    is_furniture,
    is_kicker,
    is_related_heading,
    is_sentence,
)
from ingest.parse.html_dates import date_of_address, date_of_line, own_date, sound_update
from ingest.parse.html_head import read_head
from ingest.parse.html_seen import cut_consent, mend_boxes, show_what_is_seen
from ingest.parse.html_text import fragment_blocks, has_marks, join_lines, without_marks, write_facts, write_marks
from ingest.parse.html_tree import (
    cut_boxes_of_links,
    cut_other_languages,
    cut_related,
    keep_main,
    letters,
    part_loose_text,
    read_tree,
    undo_layout_tables,
)
from vectorstore.text import detect_language
from vectorstore.types import Release

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from lxml.html import HtmlElement

    from ingest.parse.html_head import Head
    from ingest.types import Page

# Fewer characters of main text than this are suspicious, if another way of reading finds far more.
_SUSPICIOUSLY_SHORT = 300
_NOT_BODY = [
    "//figcaption", "//nav", "//*[@hidden or @aria-hidden='true' and not(.//p)]", "//script", "//style",
    "//*[contains(concat(' ', @class, ' '), ' caption ') or contains(@class, 'figcaption')"
    " or contains(@class, 'image-caption') or contains(@class, 'wp-caption-text')]",
    "//*[contains(@class, 'breadcrumb') or contains(@id, 'breadcrumb')]",
]  # fmt: skip
# Of a page with more blocks trafilatura's reading is taken as it is: justext, with which it would be compared, looks
# from each block to all others (2.3.1; 20 s for 8,000 tables).
_MOST_COMPARED = 2000
_BLOCKS = "self::p or self::li or self::td or self::div or self::h1 or self::h2 or self::h3 or self::h4 or self::dd"
_LONGEST_DATE = 30
_ITEMS = frozenset({"item", "list", "li", "row"})
# trafilatura makes every space a plain one, and drops what Python does not call printable: joiners, private characters,
# those of a newer Unicode. These stand in for them meanwhile.
_STAND_INS = {"\u00a0": "⍽", "\u202f": "␣", "\u2007": "⎵"}
_STOOD_FOR = {sign: space for space, sign in _STAND_INS.items()}
_STAND_IN = re.compile(r"[⍽␣⎵]|⁅([0-9a-f]{4,6})⁆")
_LEADS = "//*[self::p or self::div or self::h2][not(.//p[2]) and not(.//h1)][{}]".format(
    " or ".join(
        f"contains(@class, '{mark}')"
        for mark in ("standfirst", "chapo", "subtitle", "sub-title", "lead-paragraph", "article-lead", "introduction")
    )
)


def parse_html(page: Page) -> Release:
    """The release on a web page, without captions, share links, breadcrumbs, cookie notes and related news.

    Subheadings are left out unless they end like a sentence, as in every format (`ingest.parse.text`).

    Raises:
        ParseError: the page is empty, cannot be decoded, or has no main text.

    """
    tree = _own_tree(page)
    head = read_head(tree, page.location, page.entry.published if page.entry else None)
    shown = "".join(tree.xpath("//body/descendant::text()[not(ancestor::script or ancestor::style)]"))
    visible = letters(shown)
    lost = losses("".join((*tree.xpath("//head/title/text()"), shown)))
    write_facts(tree)
    keep_main(tree)
    body, warnings = _main_text(tree, head)
    if not body:
        cause = "no main text on this page: if its text comes by script, save the page from a browser"
        raise ParseError(page.location, cause)
    lead = _standfirst(tree, visible, head.description, body)
    body = [*_unread_opening(tree, head.title, lead, body), *body]
    text = "\n".join(body)
    language = believed_language(head.language, text)
    published = _published(tree, body, head) or date_of_address(head.url or page.location)
    release = Release(
        id=page.id,
        title=head.title,
        body=tuple(body),
        source=page.location,
        lead=lead,
        language=language,
        publisher=head.publisher,
        published=published,
        updated=sound_update(head.updated, head.changed, published, now=datetime.now(UTC)),
        url=head.url,
        author=head.author,
        section=head.section,
        translations=tuple(
            address for code, address in head.translations if code != (language or detect_language(text))
        ),
        warnings=(*warnings, *lost),
        signs=head.signs,
    )
    return complete(release, page)


def _published(tree: HtmlElement, body: Sequence[str], head: Head) -> datetime | None:
    """What the page shows beside its headline, else what the release bears itself, else what is said elsewhere."""
    own = None if head.is_dated_beside else own_date(tree, body, head.published)
    published = believed_publication(head.published, own) or date_of_line(tree) or head.far
    lines = () if published else tree.xpath("//body//*[not(self::script or self::style)]/text()")
    return published or next(filter(None, (embargo(tidy_line(line)) for line in lines)), None)


def _own_tree(page: Page) -> HtmlElement:
    """The page as its readers see it, without what it shows of others or in other languages."""
    tree = read_tree(page)
    mend_boxes(tree)
    show_what_is_seen(tree)
    cut_consent(tree)
    write_marks(tree)
    undo_layout_tables(tree)
    part_loose_text(tree)
    cut_other_languages(tree)
    cut_related(tree)
    return tree


def _main_text(tree: HtmlElement, head: Head) -> tuple[list[str], list[str]]:
    """Paragraphs of the main text, and warnings about how they were had."""
    body = _body(_extract(tree), head.title)
    length = sum(map(len, body))
    if length >= _SUSPICIOUSLY_SHORT:
        return body, []
    scripted = _body(_scripted(head.text), head.title)
    if sum(map(len, scripted)) > max(1.5 * length, 100):
        return scripted, []
    plain = _body(_plain(tree), head.title)
    if _is_glued(body, plain, head.title):
        return plain, []
    wider = max((_body(_extract(tree, recall=True), head.title), plain), key=lambda read: sum(map(len, read)))
    if sum(map(len, wider)) <= 1.5 * length:
        return body, []
    return wider, [f"only {length} characters of main text: a wider reading was taken, look at its borders"]


def _is_glued(body: Sequence[str], plain: Sequence[str], title: str) -> bool:
    """Whether a reading is the plain one in fewer pieces, with the title and a date at most: few words are taken so."""
    rest = letters("".join(body))
    for part in (*plain, title):
        if part in plain and letters(part) not in rest:
            return False
        rest = rest.replace(letters(part), "", 1)
    return len(body) <= len(plain) and body != plain and len(rest) <= _LONGEST_DATE


def _scripted(text: str) -> Iterator[tuple[str, str]]:
    """The paragraphs of a text that stands in JSON-LD alone, with or without marks of HTML."""
    if has_marks(text):
        return (
            (("head" if kind.startswith("h") else kind), words) for kind, words in fragment_blocks(text, "a script")
        )
    return (("p", tidy_line(line)) for line in storable(without_marks(text)).split("\n"))


def _extract(tree: HtmlElement, *, recall: bool = False) -> Iterator[tuple[str, str]]:
    """Tag and words of each block that trafilatura takes for main text."""
    from copy import deepcopy

    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    copy = deepcopy(tree)
    cut_boxes_of_links(copy)
    for element in copy.iter():
        element.text = _stood_in(element.text) if element.text else None
        element.tail = _stood_in(element.tail) if element.tail else None
    many = len(tree.xpath(f"//body//*[{_BLOCKS}]")) > _MOST_COMPARED
    found = bare_extraction(copy, include_comments=False, favor_recall=recall, fast=many, prune_xpath=_NOT_BODY)
    if isinstance(found, Document):
        blocks = [(tag, _STAND_IN.sub(_stood_for, words)) for tag, words in blocks_of(found.body)]
        yield from _in_page_order(blocks, tree)


def _stood_in(text: str) -> str:
    """A text that trafilatura leaves whole; an icon that stands alone is none."""
    text = storable(text)  # `&#1;` and the like are read, but not accepted back
    if text.isprintable() or not any(map(str.isalnum, text)):
        return text
    return "".join(
        _STAND_INS.get(character, character)
        if character.isprintable() or character.isspace()
        else f"⁅{ord(character):04x}⁆"
        for character in text
    )


def _stood_for(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else _STOOD_FOR[found[0]]


def _plain(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """Paragraphs and list items of the whole page, but for its head, foot and sides."""
    for element in tree.xpath(f"//body//*[self::p or self::li][not({_OUTSIDE})][not(.//p)]"):
        yield element.tag, tidy_line(element.text_content())


def blocks_of(body: HtmlElement) -> Iterator[tuple[str, str]]:
    """Tag and words of the blocks of trafilatura's tree; a table's row is one block."""
    for element in body:
        if element.tag in {"list", "quote", "div"} and len(element) and not (element.text or "").strip():
            yield from blocks_of(element)
        elif element.tag == "table":
            for row in element.iter("row"):
                yield (
                    "row",
                    " | ".join(filter(None, (tidy_line(" ".join(cell.itertext())) for cell in row.iter("cell")))),
                )
        else:
            for paragraph in _paragraphs(element):
                yield element.tag, paragraph
        if element.tail and element.tail.strip():
            yield "p", tidy_line(element.tail)


def _paragraphs(element: HtmlElement) -> list[str]:
    """The paragraphs within one element."""
    for line_break in element.iter("lb"):
        line_break.tail = f"\n{line_break.tail or ''}"
    return join_lines("".join(element.itertext()))


def _body(blocks: Iterable[tuple[str, str]], title: str) -> list[str]:
    """What remains of the blocks without headings, the title, date lines, contacts, and the page's furniture."""
    body: list[str] = []
    related = False
    found = list(blocks)
    contacts = contact_lines([Line(words, tag == "head", tag in _ITEMS) for tag, words in found], closing=True)
    begin = next((index for index, (_, words) in enumerate(found) if is_sentence(words) and words != title), 0)
    for index, (tag, words) in enumerate(found):
        if index in contacts or (index < begin and tag == "p"):  # a kicker, a subtitle, whose text it is
            continue
        if is_related_heading(words):
            related = bool(body)
            continue
        related = related and not is_closed(words)
        heading = tag == "head" and not is_sentence(words)
        if not (
            related or heading or _is_noise(words, title) or words in body[-1:] or (not body and near_dates(words))
        ):
            body.append(words)
    return body


def _is_noise(words: str, title: str) -> bool:
    if not words or words == title or is_date_label(words):
        return True
    return is_furniture(words) or is_kicker(words) or find_dates(words) is not None


def _standfirst(tree: HtmlElement, visible: str, description: str | None, body: Iterable[str]) -> str | None:
    """The lead outside the body: the description, where readers see it on the page, or what its class marks as one."""
    said = letters("".join(body))
    marked = (tidy_line(element.text_content()) for element in tree.xpath(_LEADS))
    for words in filter(None, (description, *marked)):
        if is_sentence(words) and letters(words) in visible and letters(words) not in said and len(words) < 800:
            return words
    return None


_KINDS = " or ".join(
    f"self::{tag}"
    for tag in ("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "td", "blockquote", "dd", "dt", "div")
)
_FEWEST_IN_ITEM = 5  # words of each item of a list that opens or closes a text


def _in_page_order(blocks: Sequence[tuple[str, str]], tree: HtmlElement) -> list[tuple[str, str]]:
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


_OUTSIDE = "ancestor::nav or ancestor::aside or ancestor::footer or ancestor::form or ancestor::figure"
_LEAVES = (
    "self::p or self::h2 or self::h3 or self::h4 or self::li or self::div or self::span or self::b or self::strong"
)
_INLINE = (
    "self::a or self::b or self::strong or self::em or self::i or self::span or self::br or self::sup or self::abbr"
)
# An opening has few words less than these, and few lines more: with others it is a list of other pages.
_FEWEST_OF_OPENING = 6
_MOST_OF_OPENING = 4
_LONGEST_OPENING = 800


def _unread_opening(tree: HtmlElement, headline: str, lead: str | None, body: Sequence[str]) -> list[str]:
    """The sentences between the headline and the text that are neither lead nor body; none where either is missing."""
    if not body:
        return []
    key, first = letters(headline), letters(body[0])
    known = {first, letters(lead or "")} | {letters(paragraph) for paragraph in body}
    found: dict[str, str] = {}
    below = False
    for element in tree.xpath(f"//body//*[self::h1 or {_LEAVES}][not({_OUTSIDE})][not(*[not({_INLINE})])]"):
        words = tidy_line(element.text_content())
        mark = letters(words)
        if mark and mark == key:
            below, found = True, {}
        elif below and mark and (mark == first or first in mark or (len(mark) > 60 and mark in first)):
            return list(found.values()) if len(found) <= _MOST_OF_OPENING else []
        elif below and mark not in known and _says_something(words) and not any(mark in other for other in found):
            found[mark] = words
    return []


def _says_something(words: str) -> bool:
    if len(words) > _LONGEST_OPENING or not is_closed(words) or len(words.split()) < _FEWEST_OF_OPENING:
        return False
    return not is_furniture(words) and find_dates(words) is None
