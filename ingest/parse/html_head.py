"""What an HTML page says of itself: JSON-LD, meta elements, `<time>`, its headline."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.dates import find_dates, parse_date
from ingest.parse.characters import tidy_line
from ingest.parse.complete import normalise_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from lxml.html import HtmlElement

# The kinds of JSON-LD object that describe the page's text, not its site or its publisher.
_ARTICLES = ("article", "release", "posting", "webpage", "report", "statement", "creativework")
_LOWER = "translate(@{0}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
_META_NAME = " or ".join(f"{_LOWER.format(attribute)} = $name" for attribute in ("property", "name", "itemprop"))
_ASIDE = "ancestor::nav or ancestor::aside or ancestor::footer"
_UPDATED_CLASS = re.compile(r"updat|modif|mise?[-_ ]?a?[-_ ]?jour", re.IGNORECASE)
_PUBLISHED = ("article:published_time", "og:published_time", "datepublished", "dcterms.date", "dcterms.issued",
              "dcterms.created", "dc.date", "dc.date.issued",
              "publication_date", "publish-date", "pubdate", "date")  # fmt: skip
_UPDATED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "last-modified",
)


@dataclass(frozen=True, slots=True)
class Head:
    """What a page states; `title` is empty and the rest None where it does not."""

    title: str
    published: datetime | None
    updated: datetime | None
    language: str | None
    publisher: str | None
    url: str | None
    description: str | None


def read_head(tree: HtmlElement) -> Head:
    """Gather what a page states, the most reliable place first."""
    linked = _article(tree)
    publisher = _meta(tree, "og:site_name") or _name(linked.get("publisher"))
    published, updated = _visible_dates(tree)
    return Head(
        title=_title(tree, linked, publisher),
        published=_first_date([linked.get("datePublished"), *_metas(tree, _PUBLISHED)]) or published,
        updated=_first_date([linked.get("dateModified"), *_metas(tree, _UPDATED)]) or updated,
        language=_language(tree, linked),
        publisher=publisher,
        url=_url(tree),
        description=_meta(tree, "og:description") or _meta(tree, "description"),
    )


def _meta(tree: HtmlElement, name: str) -> str | None:
    found = tree.xpath(f"//meta[{_META_NAME}]/@content", name=name)
    return next((words for words in map(tidy_line, found) if words), None)


def _metas(tree: HtmlElement, names: Iterable[str]) -> Iterator[str | None]:
    return (_meta(tree, name) for name in names)


def _article(tree: HtmlElement) -> Mapping[str, object]:
    """The JSON-LD object that describes the page's text; empty where there is none that can be read."""
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        try:
            loaded = json.loads(script, strict=False)
        except (ValueError, RecursionError):
            continue  # a page with one broken script still has its other marks
        for found in _objects(loaded):
            kinds = str(found.get("@type", "")).lower()
            if any(kind in kinds for kind in _ARTICLES) and ("headline" in found or "datePublished" in found):
                return found
    return {}


def _objects(loaded: object) -> Iterator[Mapping[str, object]]:
    """JSON-LD objects, whether alone, in a list, or under `@graph`."""
    if isinstance(loaded, list):
        for part in loaded:
            yield from _objects(part)
    elif isinstance(loaded, dict):
        yield loaded
        yield from _objects(loaded.get("@graph"))
        yield from _objects(loaded.get("mainEntity"))


def _name(value: object) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name")
    return tidy_line(value) or None if isinstance(value, str) else None


def _title(tree: HtmlElement, linked: Mapping[str, object], publisher: str | None) -> str:
    """The headline: an `h1` that another title agrees with, as readers see it; else what is stated, less the site."""
    headings = [words for h1 in tree.xpath(f"//h1[not({_ASIDE})]") if (words := tidy_line(h1.text_content()))]
    stated = [_name(linked.get("headline")), _meta(tree, "og:title"), _meta(tree, "dc.title")]
    page_title = _page_title(tree)
    for title in filter(None, [*stated, page_title]):
        for heading in headings:
            # a logo is an `h1` on some sites, and its few words stand in the page's title too
            if _key(heading) in _key(title) and len(heading) >= 0.4 * len(title):
                return heading
    found = next(filter(None, stated), None) or (headings[0] if len(headings) == 1 else page_title)
    return _without_site(found or "", publisher) or next(iter(headings), "")


def _page_title(tree: HtmlElement) -> str | None:
    found = tree.xpath("//head/title/text() | //title/text()")
    return tidy_line(found[0]) or None if found else None


def _key(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def _without_site(title: str, publisher: str | None) -> str:
    """Cut ` | Site` or ` - Site` off; after a mere dash only where the page names its site so."""
    parts = re.split(r"\s+([|–—·-])\s+", title)
    if len(parts) < 3:
        return title
    mark, last = parts[-2], parts[-1]
    known = publisher and _key(publisher) and (_key(last) in _key(publisher) or _key(publisher) in _key(last))
    if known or (mark == "|" and len(last.split()) <= 6) or (mark == "-" and len(last.split()) <= 2):
        return title[: title.rindex(last)].rstrip(" |–—·-\u00a0")
    return title


def _first_date(values: Iterable[object]) -> datetime | None:
    for value in values:
        if isinstance(value, str) and (moment := parse_date(value)):
            return moment
    return None


def _visible_dates(tree: HtmlElement) -> tuple[datetime | None, datetime | None]:
    """Publication and update as the page shows them: `<time datetime>`, then lines that are a date."""
    published = updated = None
    for element in tree.xpath(f"//time[not({_ASIDE})]"):
        moment = parse_date(element.get("datetime") or tidy_line(element.text_content()))
        marks = " ".join((element.get("class", ""), element.get("itemprop", "")))
        if _UPDATED_CLASS.search(marks):
            updated = updated or moment
        elif not _updates(element):
            published = published or moment
    for line in _short_lines(tree):
        found = find_dates(line)
        published = published or (found.published if found else None)
        updated = updated or (found.updated if found else None)
    return published, updated


def _updates(element: HtmlElement) -> bool:
    """Whether the line around a `<time>` says that it is an update."""
    parent = element.getparent()
    found = find_dates(tidy_line(parent.text_content())) if parent is not None else None
    return bool(found and found.updated and not found.published)


def _short_lines(tree: HtmlElement) -> Iterator[str]:
    """Innermost lines of the page's own content that are short enough to be a date."""
    kinds = "self::p or self::span or self::li or self::div or self::dd or self::small"
    lines = f"//*[{kinds}][not(*[not(self::time or self::span or self::br)])][not({_ASIDE})]"
    for element in tree.xpath(lines):
        words = tidy_line(element.text_content())
        if 6 <= len(words) <= 80 and any(character.isdigit() for character in words):
            yield words


def _language(tree: HtmlElement, linked: Mapping[str, object]) -> str | None:
    stated = [
        *tree.xpath("/html/@lang | /html/@xml:lang", namespaces={"xml": "http://www.w3.org/XML/1998/namespace"}),
        linked.get("inLanguage"),
        _meta(tree, "og:locale"),
        *tree.xpath("//meta[@http-equiv='content-language' or @http-equiv='Content-Language']/@content"),
        _meta(tree, "dc.language") or _meta(tree, "dcterms.language"),
    ]
    return next((code for code in map(normalise_language, stated) if code), None)


def _url(tree: HtmlElement) -> str | None:
    """The canonical address, where it is a whole one."""
    stated = [*tree.xpath("//link[@rel='canonical']/@href"), _meta(tree, "og:url")]
    return next((address.strip() for address in stated if address and re.match(r"https?://", address.strip())), None)
