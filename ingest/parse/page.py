"""Tells a page's format by its content, then by its name, and has it parsed.

A page of the web needs more (`parse_web_page`): what is no prose is refused, a list of others is marked, a title that
says nothing is replaced. Of several releases on a page, the section that a place in its address names becomes a page of
its own (`only_place`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ingest.addresses import place_on_page
from ingest.errors import ParseError
from ingest.parse.characters import decode_anyhow, stated_encoding, tidy_line
from ingest.parse.furniture import names_section
from ingest.parse.html_seen import mend_boxes
from ingest.parse.html_tree import HEADINGS, letters, lists_others, read_tree, tree_of
from ingest.parse.markdown import has_front_matter
from ingest.types import ARCHIVE_MARK, NOT_READ, PDF_MARK
from vectorstore.text.words import index_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from ingest.types import Page
    from vectorstore.types import Release

# Comments and an XML declaration may stand before the first element; none is divided in two ways.
_PREAMBLE = r"\A(?>\s+|<\?xml[^>]*\?>|<!--.*?-->)*+"
_HTML = re.compile(rf"{_PREAMBLE}<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(
    rf"{_PREAMBLE}<(?:article|main|section|div|header|h[1-6]|p|meta|title|link)\b[^<>]*>", re.IGNORECASE | re.DOTALL
)
_OTHER_XML = re.compile(
    rf"{_PREAMBLE}<(?:rss|feed|urlset|sitemapindex|svg)\b|\A\s*+<\?xml\b", re.IGNORECASE | re.DOTALL
)
# The headers of a message, of which the first three are known ones.
_HEADER = r"(?:from|to|cc|date|subject|received|return-path|message-id|mime-version|delivered-to|reply-to|content-type)"
_MAIL = re.compile(rf"(?:{_HEADER}[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*+){{3}}", re.IGNORECASE)
_BY_SUFFIX = {"html": "html", "htm": "html", "xhtml": "html", "md": "markdown", "markdown": "markdown"}


def parse_page(page: Page, *, ocr: bool = False) -> Release:
    """The release on a page, whatever its format; a format's parser is loaded with its first page.

    `ocr` lets tesseract read the pages of a PDF that were scanned, of one attached to a message too.

    Raises:
        ParseError: the page is no release: empty, damaged, binary, encrypted, scanned, or without main text.

    """
    match _format(page):
        case "jsonl":
            from ingest.parse.jsonl import parse_line as parse
        case "docx":
            from ingest.parse.office import parse_docx as parse
        case "odt":
            from ingest.parse.office import parse_odt as parse
        case "mail":
            from ingest.parse.mail import parse_mail

            return parse_mail(page, partial(parse_page, ocr=ocr))
        case "pdf":
            from ingest.parse.pdf import parse_pdf

            return parse_pdf(page, ocr=ocr)
        case "html":
            from ingest.parse.html import parse_html as parse
        case "markdown":
            from ingest.parse.markdown import parse_markdown as parse
        case _:
            from ingest.parse.text import parse_text as parse
    return parse(page)


def _format(page: Page) -> str:
    if page.line is not None:
        return "jsonl"
    suffix = page.location.rsplit(".", 1)[-1].lower()
    if PDF_MARK in page.content[:1024]:
        return "pdf"
    if suffix == "pdf" and page.content.strip():
        raise ParseError(page.location, "this is not a PDF, though its name says so: it lacks the `%PDF-` mark")
    for mark, cause in NOT_READ.items():
        if page.content.startswith(mark):
            raise ParseError(page.location, cause)
    return _archived(page.content, suffix) or _written(page, suffix)


def _written(page: Page, suffix: str) -> str:
    """The format of what is no archive: by its opening, by its name, or by its first element."""
    start = _start(page.content)
    if suffix == "eml" or _MAIL.match(start):
        return "mail"
    if _HTML.match(start):
        return "html"
    if has_front_matter(start):
        return "markdown"
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    if _OTHER_XML.match(start):
        raise ParseError(page.location, "this is XML, a feed or a sitemap perhaps, and not a release")
    return "html" if _TAGS.match(start) else "text"


def _archived(content: bytes, suffix: str) -> str | None:
    """The format of a word processor's file, by what its archive says of itself, else by its name."""
    if not content.startswith(ARCHIVE_MARK):
        if suffix in {"docx", "odt"} and content.strip():
            return suffix  # whose parser says what is wrong with it
        return None
    if b"application/vnd.oasis.opendocument.text" in content[:128]:
        return "odt"
    return "docx" if b"word/document.xml" in content else suffix if suffix in {"docx", "odt"} else None


def _start(content: bytes) -> str:
    """The beginning of a page, good enough to look for marks, which are ASCII in every format."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    return content[:4096].decode(encoding, errors="replace").lstrip("\ufeff").replace("\r\n", "\n")


_BEGINNING = 2**16  # bytes
_MARKED = (PDF_MARK, ARCHIVE_MARK, *NOT_READ)  # formats that tell themselves, whatever a server says
_BLANK = b"\xef\xbb\xbf \t\r\n\f\v"
_TYPED = {
    "text/css": "a style sheet",
    "text/calendar": "a calendar",
    "text/vcard": "a visiting card",
    "text/x-vcard": "a visiting card",
    "text/csv": "a table of data",
    "text/tab-separated-values": "a table of data",
    "text/javascript": "a script",
    "application/javascript": "a script",
    "application/x-javascript": "a script",
    "application/ecmascript": "a script",
    "application/wasm": "a program",
}
_FAMILIES = {"image": "a picture", "audio": "a recording", "video": "a film", "font": "a typeface"}
_RECORD = re.compile(r"BEGIN:V[A-Z]{3,10}\b")
_CODE = re.compile(r"[{};=]")
_MOST_CODE = 0.02  # of what is not blank: scripts and style sheets have 4 to 15 in a hundred, prose has none
_LINES = (
    "//body//*[self::h1 or self::h2 or self::h3 or self::div or self::p or self::span or self::b or self::strong"
    " or self::td or self::font][not(ancestor-or-self::a or ancestor::nav or ancestor::aside or ancestor::footer)]"
)
_FEWEST_ROWS = 3
_FEWEST_WORDS = 3  # of a title that a list states, to take the place of the page's own


def parse_web_page(page: Page, *, ocr: bool = False) -> Release:
    """The release on a page of the web, or at one place of it; with `list` among its signs where the page lists others.

    Raises:
        ParseError: as `parse_page`, and where the page is data, a style sheet, a script, by its type or its content.

    """
    if kind := _data(page.content, page.media_type):
        raise ParseError(page.location, f"is {kind}, and no release; leave it out of the list, or set `links`")
    page = only_place(page)
    release = parse_page(page, ocr=ocr)
    if page.content.lstrip(_BLANK).startswith(b"<") and lists_others(
        page.content, page.location, lambda: release, charset=page.charset
    ):
        release = replace(release, signs=(*release.signs, "list"))
    return _titled(release, page)


def _titled(release: Release, page: Page) -> Release:
    """The release under the title that its list states, where its page only names a section: "Press".

    Or where the page has that title in a line of its own, and states one with few of its words.
    """
    stated = page.entry.title if page.entry else None
    if stated is None or len(stated.split()) < _FEWEST_WORDS or names_section(stated):
        return release
    own, listed = (set(index_words(title, None)) for title in (release.title, stated))
    if 2 * len(own & listed) > len(listed):  # a place, or the newsroom's name, may stand in both
        return release
    if names_section(release.title) or _shows_alone(page, stated):
        return replace(release, title=stated)
    return release


def _shows_alone(page: Page, title: str) -> bool:
    """Whether a web page has a line, outside its sides, that is a title and no link."""
    if not page.content.lstrip(_BLANK).startswith(b"<"):
        return False
    text = decode_anyhow(page.content, page.charset, stated_encoding(page.content))
    wanted = letters(title)
    lines = tree_of(text, page.location).xpath(_LINES)
    return any(letters(line.text or "") == wanted for line in lines if len(line) == 0)


def _data(content: bytes, media_type: str | None) -> str | None:
    """What bytes are that nobody reads as prose, None for all others. What says HTML or PDF of itself is believed."""
    start = content.lstrip(_BLANK)
    if start.startswith((b"<", *_MARKED)) or PDF_MARK in content[:1024] or b"\x00" in content[:_BEGINNING]:
        return None
    family, _, name = (media_type or "").partition("/")
    typed = _TYPED.get(media_type or "") or _FAMILIES.get(family)
    if typed or name == "json" or name.endswith("+json"):
        return typed or "JSON"
    text = start[:_BEGINNING].decode("utf-8", "replace")
    if text.startswith(("{", "[")) and _is_json(content):
        return "JSON"
    if _RECORD.match(text):
        return "a calendar, or a visiting card"
    return "a script or a style sheet" if _is_code(text) else ("a table of data" if _is_table(text) else None)


def _is_json(content: bytes) -> bool:
    """Whether it is JSON as a whole, or a value a line."""
    for whole in (content, content.strip().partition(b"\n")[0]):
        try:
            json.loads(whole)
        except (ValueError, RecursionError):
            continue
        return True
    return False


def _is_code(text: str) -> bool:
    marks = len(_CODE.findall(text))
    return "{" in text and "}" in text and marks > _MOST_CODE * len("".join(text.split()))


def _is_table(text: str) -> bool:
    """Whether nearly all lines have the same number of separators, two at the least."""
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    if len(lines) < _FEWEST_ROWS:
        return False
    for separator in ",;\t":
        number, rows = Counter(line.count(separator) for line in lines).most_common(1)[0]
        if number > 1 and rows >= _FEWEST_ROWS and rows >= 0.9 * len(lines) and not any(map(_is_prose, lines)):
            return True
    return False


def _is_prose(line: str) -> bool:
    return line.rstrip().endswith((".", "!", "?", "»", "”")) and len(line.split()) > 5


_LEAST = 80  # letters of a box that is a section by itself, and not only its beginning
# What a page says of its site, and not of one of its sections.
_OF_SITE = "//head/meta[@property='og:site_name' or @property='og:locale' or @name='publisher'] | //head/base"


def only_place(page: Page) -> Page:
    """The page reduced to the section that its entry names, under a headline; one whose entry names none as it is.

    A section is the box with that name, or goes from the name to the next one of its like or to a heading of the rank
    of its own.

    Raises:
        ParseError: the page has no such place.

    """
    place = unquote(place_on_page(page.entry.address)) if page.entry else ""
    if not place:
        return page
    tree = read_tree(page)
    mend_boxes(tree)
    named = [element for element in tree.iter() if place in {element.get("id"), element.get("name")}]
    if not named:
        raise ParseError(page.location, "its page has no such place any more")
    title = page.entry.title if page.entry else None
    return replace(page, content=_alone(tree, _section(named[0], place), title or ""), charset="utf-8")


def _section(target: HtmlElement, place: str) -> list[HtmlElement]:
    """The elements of a section, in order."""
    start = target
    if target.tag not in HEADINGS and len(letters(target.text_content())) >= _LEAST:
        return [start]
    while _is_alone_in_box(start):
        start = start.getparent()
    found = [start]
    rank = _rank([start])
    for sibling in start.itersiblings():
        if any(_is_like(name, place) or tag == target.tag for tag, name in _names(sibling)):
            break
        level = _rank([sibling]) if sibling.tag in HEADINGS else None
        if level is not None and rank is not None and level <= rank:
            break
        rank = rank or level
        found.append(sibling)
    return found


def _is_alone_in_box(element: HtmlElement) -> bool:
    """Whether nothing is behind an element in its box, or it stands within a heading: its section begins with that."""
    box = element.getparent()
    if box is None or box.tag in {"body", "main", "html"}:
        return False
    behind = (element.tail or "").strip() or element.getnext() is not None
    return box.tag in HEADINGS or box.tag in {"p", "a", "span"} or not behind


def _rank(elements: Sequence[HtmlElement]) -> int | None:
    """The highest rank of the headings among and in some elements."""
    return min((int(each.tag[1]) for element in elements for each in element.iter(*HEADINGS)), default=None)


def _names(element: HtmlElement) -> Iterator[tuple[str, str]]:
    """Tag and name of each place in an element."""
    for part in element.iter():
        if name := part.get("id") or (part.get("name") if part.tag == "a" else None):
            yield part.tag, name


def _is_like(name: str, place: str) -> bool:
    """Whether another place is named like this one, but for its number."""
    return name != place and re.sub(r"\d+", "0", name) == re.sub(r"\d+", "0", place) and name[:1] == place[:1]


def _alone(tree: HtmlElement, section: Sequence[HtmlElement], title: str) -> bytes:
    """A section as a page: its first heading, or else the title that the list states, is the headline."""
    from lxml.html import tostring

    page = tree.makeelement("html", {"lang": tree.get("lang")} if tree.get("lang") else None)
    head, body = page.makeelement("head"), page.makeelement("body")
    head.extend(tree.xpath(_OF_SITE))
    page.extend((head, body))
    body.extend(section)
    section[-1].tail = None
    heading = next((each for each in body.iter(*HEADINGS) if tidy_line(each.text_content())), None)
    if heading is None:
        heading = body.makeelement("h1")
        heading.text = title
        body.insert(0, heading)
    heading.tag = "h1"
    text: str = tostring(page, encoding="unicode")
    return text.encode()
