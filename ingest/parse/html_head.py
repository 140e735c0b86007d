"""What an HTML page says of itself: JSON-LD, meta elements, `<time>`, its headline, its script's first state."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.addresses import joined
from ingest.parse.characters import tidy_line
from ingest.parse.complete import normalise_language
from ingest.parse.html_dates import believed_publication, shown_dates, sound_update, stated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.html import HtmlElement

# The kinds of object that describe the page's text, not its site or its publisher; the most telling first.
_ARTICLES = ("article", "release", "posting", "report", "statement", "announcement", "creativework", "webpage")
_WRAPPING = re.compile(r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*+;?\s*+$")
# An article's `dateModified` is that of its text; a page's moves with every change of the layout.
_PAGE_KIND = "webpage"


def read_article(tree: HtmlElement) -> Mapping[str, object]:
    """The object that describes the page's text, with what its references stand for; empty where there is none."""
    objects = list(_loaded(tree))
    named = {str(found["@id"]): found for found in objects if "@id" in found and len(found) > 1}
    articles = sorted(((rank, place) for place, found in enumerate(objects) if (rank := _rank(found)) is not None))
    if not articles:
        return {}
    best, place = articles[0]
    article = {key: _resolved(value, named) for key, value in objects[place].items()}
    if _ARTICLES[best] == _PAGE_KIND:
        article.pop("dateModified", None)
    return article


def name(value: object) -> str | None:
    """The name in a string, an object with a name, or a list of them: all the names, parted by commas."""
    if isinstance(value, list):
        return ", ".join(dict.fromkeys(filter(None, map(name, value)))) or None
    if isinstance(value, Mapping):
        value = value.get("name")
        return name(value) if isinstance(value, list | str) else None
    return tidy_line(value) or None if isinstance(value, str) else None


def first_name(value: object) -> str | None:
    """The first name in such a value."""
    return name(value[0] if isinstance(value, list) and value else value)


def _loaded(tree: HtmlElement) -> Iterator[Mapping[str, object]]:
    for script in tree.xpath("//script[starts-with(normalize-space(@type), 'application/ld+json')]/text()"):
        try:
            yield from _objects(json.loads(_WRAPPING.sub("", script), strict=False))
        except (ValueError, RecursionError):
            continue  # a page with one broken script still has its other marks


def _objects(loaded: object) -> Iterator[Mapping[str, object]]:
    """Objects, whether alone, in a list, or under `@graph` and the like."""
    if isinstance(loaded, list):
        for part in loaded:
            yield from _objects(part)
    elif isinstance(loaded, dict):
        yield loaded
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _objects(loaded.get(key))


def _rank(found: Mapping[str, object]) -> int | None:
    kinds = str(found.get("@type", "")).lower()
    if "headline" not in found and "datePublished" not in found:
        return None
    return next((rank for rank, kind in enumerate(_ARTICLES) if kind in kinds), None)


def _resolved(value: object, named: Mapping[str, Mapping[str, object]]) -> object:
    if isinstance(value, list):
        return [_resolved(part, named) for part in value]
    if isinstance(value, dict) and len(value) == 1 and "@id" in value:
        return named.get(str(value["@id"]), value)
    return value


_ASSIGNED = re.compile(r"window(?:\.\w+|\[[\"']\w+[\"']\])\s*=\s*(?=[{\[])")
_TITLES = ("headline", "title", "name")
_BODIES = ("articleBody", "body", "content", "text", "html", "bodyHtml", "description")
_LEADS = ("lead", "excerpt", "standfirst", "summary", "chapo", "intro", "description")
_DATES = ("datePublished", "publishedAt", "published_at", "publicationDate", "publishDate", "published", "date")
# Characters. A page that shows more is no shell, and a state with less holds no release.
_LEAST = 200


def is_shell(tree: HtmlElement) -> bool:
    """Whether a page shows next to no text of its own."""
    shown = tree.xpath("//body/descendant::text()[not(ancestor::script or ancestor::style or ancestor::noscript)]")
    return sum(len(words.strip()) for words in shown) < _LEAST


def read_state(tree: HtmlElement) -> Mapping[str, object]:
    """The object with a title and the longest text, under the names that JSON-LD has for them; empty without one."""
    articles = [article for state in _states(tree) for found in _state_objects(state) if (article := _article(found))]
    return max(articles, key=lambda article: len(str(article["articleBody"])), default={})


def _states(tree: HtmlElement) -> Iterator[object]:
    for script in tree.xpath("//script[not(@src)]"):
        words = script.text or ""
        kind = (script.get("type") or "").lower()
        assigned = None if kind == "application/json" else _ASSIGNED.search(words)
        if kind != "application/json" and not assigned:
            continue
        try:
            yield json.JSONDecoder(strict=False).raw_decode(words[assigned.end() if assigned else 0 :].lstrip())[0]
        except (ValueError, RecursionError):
            continue  # not JSON, but a program: there is nothing to read in it


def _state_objects(state: object) -> Iterator[Mapping[str, object]]:
    """Every object in it, at whatever depth."""
    waiting = [state]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)


def _article(found: Mapping[str, object]) -> Mapping[str, object]:
    title, text = _first(found, _TITLES), _text(found)
    if not title or len(text) < _LEAST:
        return {}
    lead = _first(found, _LEADS)
    if lead and lead not in text:
        text = f"<p>{lead}</p>\n{text}" if "</" in text else f"{lead}\n{text}"
    article = {"headline": title, "articleBody": text, "datePublished": _first(found, _DATES)}
    return {name: value for name, value in article.items() if value}


def _text(found: Mapping[str, object]) -> str:
    """The longest text under one of the usual names, a list of paragraphs or an object that holds it included."""
    texts = []
    for name in _BODIES:
        value = found.get(name)
        if isinstance(value, Mapping):
            value = _first(value, ("html", "rendered", "value", "text"))
        if isinstance(value, list):
            value = "\n".join(filter(None, (_paragraph(part) for part in value)))
        if isinstance(value, str):
            texts.append(value)
    return max(texts, key=len, default="")


def _paragraph(part: object) -> str:
    if isinstance(part, Mapping):
        return _first(part, ("text", "html", "value", "content"))
    return part if isinstance(part, str) else ""


def _first(found: Mapping[str, object], names: tuple[str, ...]) -> str:
    return next((value for name in names if isinstance(value := found.get(name), str) and value), "")


_LOWER = "translate(@{0}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
_META_NAME = " or ".join(f"{_LOWER.format(attribute)} = $name" for attribute in ("property", "name", "itemprop"))
_ASIDE = "ancestor::nav or ancestor::aside or ancestor::footer"
_PUBLISHED = ("article:published_time", "og:published_time", "datepublished", "dcterms.date", "dcterms.issued",
              "dcterms.created", "dc.date", "dc.date.issued",
              "publication_date", "publish-date", "pubdate", "date")  # fmt: skip
# What other systems call it: `sailthru.date`, `citation_publication_date`, `cXenseParse:recs:publishtime`, ...
_PUBLICATION = (
    "publish(?:ed)?(?:date|time|at|on)?", "publication(?:date|time)", "pubdate", "datepubli(?:shed|cation)",
    "released?date", "issued", "created",
)  # fmt: skip
_SYSTEMS = "(?:dc|dcterms|sailthru|citation|citationonline)(?:date)?(?:available|date)?"
_LIKE_PUBLISHED = re.compile(rf"\A(?:.*(?:{'|'.join(_PUBLICATION)})|{_SYSTEMS})")
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
    """What a page states; where it does not, `title` and `text` are empty and the rest None.

    `far` is a publication that the page shows far from its headline, where there is none nearer.
    `text` is the release as a script has it, `translations` are language and address of each version, its own perhaps
    among them. `signs` are those of `Release`.
    """

    title: str
    published: datetime | None
    far: datetime | None
    updated: datetime | None
    language: str | None
    publisher: str | None
    author: str | None
    section: str | None
    url: str | None
    description: str | None
    translations: tuple[tuple[str, str], ...] = ()
    text: str = ""
    signs: tuple[str, ...] = ()


def read_head(tree: HtmlElement, location: str = "") -> Head:
    """Gather what a page states, the most reliable place first; addresses are resolved against `location`."""
    linked = read_article(tree)
    if not linked.get("articleBody") and is_shell(tree):
        linked = {**read_state(tree), **linked}
    publisher = _meta(tree, "og:site_name") or first_name(linked.get("publisher")) or _meta(tree, "dc.publisher")
    title = _title(tree, linked, publisher)
    shown = shown_dates(tree, title, month_first=_is_american(tree))
    stamp = stated(linked, [*_metas(tree, _PUBLISHED), *_like_published(tree)], "datePublished")
    published = believed_publication(stamp, shown.beside) or shown.published
    told = stated(linked, _metas(tree, _UPDATED), "dateModified")
    language = _language(tree, linked)
    base = _base(tree, location)
    url = _url(tree, linked, base, location)
    text = linked.get("articleBody")
    return Head(
        title=title,
        published=published,
        far=shown.far,
        updated=sound_update(shown.updated, told, published or shown.far, now=datetime.now(UTC)),
        language=language,
        publisher=publisher or _meta(tree, "publisher"),
        author=_author(tree, linked),
        section=first_name(linked.get("articleSection")) or _meta(tree, "article:section"),
        url=url,
        description=_meta(tree, "og:description") or _meta(tree, "description"),
        translations=_translations(tree, base, {address for address in (url, location) if address}),
        text=text if isinstance(text, str) else "",
        signs=tuple(_signs(tree)),
    )


def _signs(tree: HtmlElement) -> Iterator[str]:
    """Marks that few releases have: not for search engines, for readers with an account."""
    if "noindex" in (_meta(tree, "robots") or "").lower():
        yield "noindex"
    if tree.xpath(f"//input[{_LOWER.format('type')} = 'password']"):
        yield "password"


def _meta(tree: HtmlElement, name: str) -> str | None:
    found = tree.xpath(f"//meta[{_META_NAME}]/@content", name=name)
    return next((words for words in map(tidy_line, found) if words), None)


def _metas(tree: HtmlElement, names: Iterable[str]) -> Iterator[str | None]:
    return (_meta(tree, name) for name in names)


def _like_published(tree: HtmlElement) -> Iterator[str | None]:
    """What meta elements hold whose names mean a publication, however they are spelled."""
    for meta in tree.xpath("//meta[@content]"):
        told = (meta.get("name") or meta.get("property") or meta.get("itemprop") or "").lower()
        if _LIKE_PUBLISHED.fullmatch(re.sub(r"[^a-z]", "", told)):
            yield meta.get("content")


def _title(tree: HtmlElement, linked: Mapping[str, object], publisher: str | None) -> str:
    """The headline: an `h1` that another title agrees with, as readers see it; else what is stated, less the site."""
    headings = [words for h1 in tree.xpath(f"//h1[not({_ASIDE})]") if (words := tidy_line(h1.text_content()))]
    stated = [
        name(linked.get("headline")),
        _meta(tree, "og:title"),
        _meta(tree, "twitter:title"),
        _meta(tree, "dc.title"),
    ]
    page_title = _page_title(tree)
    lower = [words for h2 in tree.xpath(f"//h2[not({_ASIDE})]") if (words := tidy_line(h2.text_content()))]
    for title in filter(None, [*stated, page_title]):
        for heading in [*headings, *lower]:
            # a logo is an `h1` on some sites, and its few words stand in the page's title too
            if _key(heading) in _key(title) and len(heading) >= 0.4 * len(title):
                return heading
    only = headings[0] if len(headings) == 1 and not _is_site(headings[0], page_title) else page_title
    found = next(filter(None, stated), None) or only
    return _without_site(found or "", publisher) or next(iter(headings), "")


def _is_site(heading: str, page_title: str | None) -> bool:
    """Whether the only `h1` is the name of the site, with which the page's title ends."""
    return page_title is not None and len(heading) < 0.4 * len(page_title) and _key(page_title).endswith(_key(heading))


def _is_american(tree: HtmlElement) -> bool:
    return any(code.lower().startswith("en-us") for code in tree.xpath("/html/@lang"))


def _page_title(tree: HtmlElement) -> str | None:
    found = tree.xpath("//head/title/text() | //title/text()")
    return tidy_line(found[0]) or None if found else None


def _key(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def _without_site(title: str, publisher: str | None) -> str:
    """Cut ` | Site` or ` - Site` off; after a mere dash only where the page names its site so."""
    parts = re.split(r"(?<!\s)\s++([|–—·-])\s+", title)
    if len(parts) < 3:
        return title
    mark, last = parts[-2], parts[-1]
    known = publisher and _key(publisher) and (_key(last) in _key(publisher) or _key(publisher) in _key(last))
    if known or (mark == "|" and len(last.split()) <= 6) or (mark == "-" and len(last.split()) <= 2):
        return title[: title.rindex(last)].rstrip(" |–—·-\u00a0")
    return title


def _language(tree: HtmlElement, linked: Mapping[str, object]) -> str | None:
    stated = [
        *tree.xpath("/html/@lang | /html/@xml:lang", namespaces={"xml": "http://www.w3.org/XML/1998/namespace"}),
        linked.get("inLanguage"),
        _meta(tree, "og:locale"),
        *tree.xpath("//meta[@http-equiv='content-language' or @http-equiv='Content-Language']/@content"),
        _meta(tree, "dc.language") or _meta(tree, "dcterms.language"),
    ]
    return next((code for code in map(normalise_language, stated) if code), None)


def _author(tree: HtmlElement, linked: Mapping[str, object]) -> str | None:
    told = [name(linked.get("author")), *_metas(tree, ("author", "article:author", "dc.creator", "dcterms.creator"))]
    return next((words for words in told if words and not words.lower().startswith("http")), None)


def _base(tree: HtmlElement, location: str) -> str:
    """What relative addresses start from; empty for a page that was saved as a file."""
    if not _is_address(location):
        return ""
    return joined(location, str(next(iter(tree.xpath("//base/@href")), ""))) or location


def _url(tree: HtmlElement, linked: Mapping[str, object], base: str, location: str) -> str | None:
    """The canonical address. A home page named as such by mistake is passed over; at last the page's own."""
    told = [
        *tree.xpath("//link[translate(@rel, 'CANOIL', 'canoil') = 'canonical']/@href"),
        _meta(tree, "og:url"),
        linked.get("url"),
    ]
    for address in told:
        whole = joined(base, address) if isinstance(address, str) and address.strip() else ""
        if _is_address(whole) and (_path(whole) or not _path(location)):
            return whole
    return location if _is_address(location) else None


def _translations(tree: HtmlElement, base: str, own: set[str]) -> tuple[tuple[str, str], ...]:
    """Addresses of the page in other languages: as its head says, else where its language switch leads."""
    switch = "ancestor::header or ancestor::nav or ancestor::*[contains(@class, 'lang')] or ancestor::aside"
    links = tree.xpath("//link[contains(concat(' ', @rel, ' '), ' alternate ')][@hreflang]")
    if all(link.get("hreflang", "").lower() == "x-default" for link in links):
        links = tree.xpath(f"//a[@href][@hreflang or (@lang and ({switch}))]")
    found = []
    for link in links:
        told = (link.get("hreflang") or link.get("lang") or "").lower()
        code = normalise_language(told) if told != "x-default" else None
        address = joined(base, link.get("href", ""))
        if code and _is_address(address) and address not in own and not _is_front(address):
            found.append((code, address))
    return tuple(dict.fromkeys(found))


def _is_address(text: str) -> bool:
    return bool(re.match(r"https?://", text, re.IGNORECASE))


def _path(address: str) -> str:
    parts = urlsplit(address)
    return parts.path.strip("/") + parts.query


def _is_front(address: str) -> bool:
    """Whether an address is that of a site's front page, to which many language switches lead."""
    return not _path(address) or normalise_language(_path(address)) is not None
