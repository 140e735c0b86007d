"""What an HTML page says of itself: JSON-LD, meta elements, `<time>`, its headline.

Of several objects of JSON-LD the one counts that describes this page's text and no other (`read_article`); a page that
shows next to no text is read from the first state of a script (`read_state`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.addresses import joined
from ingest.dates import believed_publication
from ingest.parse.characters import tidy_line
from ingest.parse.complete import month_first, normalise_language
from ingest.parse.html_dates import order_of_days, shown_dates, stated
from ingest.parse.html_title import long_words, read_title
from ingest.parse.html_tree import letters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from lxml.html import HtmlElement

_LOWER = "translate(@{0}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
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

    `is_dated_beside` says that readers see `published` at the headline, or that nothing but the page says it.
    `far` is a publication that the page shows far from its headline, where there is none nearer. `updated` is an update
    that readers see, `changed` one that is stated to machines.
    `text` is the release as a script has it, `translations` are language and address of each version, its own perhaps
    among them. `signs` are those of `Release`.
    """

    title: str
    published: datetime | None
    far: datetime | None
    updated: datetime | None
    changed: datetime | None
    language: str | None
    publisher: str | None
    author: str | None
    section: str | None
    url: str | None
    description: str | None
    translations: tuple[tuple[str, str], ...] = ()
    text: str = ""
    signs: tuple[str, ...] = ()
    is_dated_beside: bool = False


def read_head(tree: HtmlElement, location: str = "", listed: datetime | None = None) -> Head:
    """Gather what a page states, the most reliable place first; addresses are resolved against `location`.

    `listed` is when the list says that it was published, which tells whether its days have their month first.
    """
    metas = _read_metas(tree)
    linked = read_article(tree, location)
    if not linked.get("articleBody") and is_shell(tree):
        linked = {**read_state(tree), **linked}
    publisher = metas.get("og:site_name") or first_name(linked.get("publisher")) or metas.get("dc.publisher")
    stated_titles = [name(linked.get("headline")), *map(metas.get, ("og:title", "twitter:title", "dc.title"))]
    title = read_title(tree, stated_titles, [publisher])
    month = month_first(*tree.xpath("/html/@lang"), metas.get("og:locale"))
    if month is None and _is_of_the_united_states(tree, location):
        month = True
    told = [*map(metas.get, _PUBLISHED), *_like_published(tree)]
    stamp = stated(linked, told, "datePublished", month_first=month)
    if month is None:
        month = order_of_days(tree, stamp or listed)
    shown = shown_dates(tree, title, month_first=month)
    published = believed_publication(stamp, shown.beside) or shown.published
    changed = stated(linked, map(metas.get, _UPDATED), "dateModified", month_first=month)
    language = _language(tree, metas, linked)
    base = _base(tree, location)
    url = _url(tree, metas, linked, location=location)
    text = linked.get("articleBody")
    return Head(
        title=title,
        published=published or _marked_time(tree),
        far=shown.far,
        updated=shown.updated,
        changed=changed,
        language=language,
        publisher=publisher or metas.get("publisher"),
        author=_author(metas, linked),
        section=first_name(linked.get("articleSection")) or metas.get("article:section"),
        url=url,
        description=metas.get("og:description") or metas.get("description"),
        translations=_translations(tree, base, {address for address in (url, location) if address}),
        text=text if isinstance(text, str) else "",
        signs=(*_signs(tree, metas), *(("dated",) if shown.beside else ())),
        is_dated_beside=bool(shown.beside or (not stamp and shown.published)),
    )


def _is_of_the_united_states(tree: HtmlElement, location: str) -> bool:
    """Whether a page is one of their government's, by its address or by the banner that all of them have."""
    host = urlsplit(location).hostname or "" if _is_address(location) else ""
    return host.endswith((".gov", ".mil")) or bool(tree.xpath("//*[contains(@class, 'usa-banner')]"))


def _signs(tree: HtmlElement, metas: Mapping[str, str]) -> Iterator[str]:
    """Marks that few releases have: not for search engines, for readers with an account."""
    if "noindex" in (metas.get("robots") or "").lower():
        yield "noindex"
    # a form for members that stands above or beside every page is no wall
    if tree.xpath(f"//input[{_LOWER.format('type')} = 'password'][not({_ASIDE} or ancestor::header)]"):
        yield "password"


def _marked_time(tree: HtmlElement) -> datetime | None:
    """The only time that microdata name the publication, wherever it stands."""
    found = set(tree.xpath("//time[@itemprop='datePublished']/@datetime"))
    return stated({}, found, "") if len(found) == 1 else None


def _read_metas(tree: HtmlElement) -> dict[str, str]:
    """What meta elements hold, by their names in lower case; of several the first that holds anything."""
    metas: dict[str, str] = {}
    for meta in tree.xpath("//meta[@content]"):
        for attribute in ("property", "name", "itemprop"):
            name, words = meta.get(attribute, "").lower(), tidy_line(meta.get("content"))
            if name and words:
                metas.setdefault(name, words)
    return metas


def _like_published(tree: HtmlElement) -> Iterator[str | None]:
    """What meta elements hold whose names mean a publication, however they are spelled."""
    for meta in tree.xpath("//meta[@content]"):
        told = (meta.get("name") or meta.get("property") or meta.get("itemprop") or "").lower()
        if _LIKE_PUBLISHED.fullmatch(re.sub(r"[^a-z]", "", told)):
            yield meta.get("content")


def _language(tree: HtmlElement, metas: Mapping[str, str], linked: Mapping[str, object]) -> str | None:
    stated = [
        *tree.xpath("/html/@lang | /html/@xml:lang", namespaces={"xml": "http://www.w3.org/XML/1998/namespace"}),
        linked.get("inLanguage"),
        metas.get("og:locale"),
        *tree.xpath("//meta[@http-equiv='content-language' or @http-equiv='Content-Language']/@content"),
        metas.get("dc.language") or metas.get("dcterms.language"),
    ]
    return next((code for code in map(normalise_language, stated) if code), None)


def _author(metas: Mapping[str, str], linked: Mapping[str, object]) -> str | None:
    told = [name(linked.get("author")), *map(metas.get, ("author", "article:author", "dc.creator", "dcterms.creator"))]
    return next((words for words in told if words and not words.lower().startswith("http")), None)


def _base(tree: HtmlElement, location: str) -> str:
    """What relative addresses start from; empty for a page that was saved as a file."""
    if not _is_address(location):
        return ""
    return joined(location, str(next(iter(tree.xpath("//base/@href")), ""))) or location


def _url(tree: HtmlElement, metas: Mapping[str, str], linked: Mapping[str, object], *, location: str) -> str | None:
    """The canonical address. A home page named as such by mistake is passed over; at last the page's own."""
    told = [
        *tree.xpath("//link[translate(@rel, 'CANOIL', 'canoil') = 'canonical']/@href"),
        metas.get("og:url"),
        linked.get("url"),
    ]
    base = _base(tree, location)
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


# The kinds of object that describe the page's text, not its site or its publisher; the most telling first.
_ARTICLES = ("article", "release", "posting", "report", "statement", "announcement", "creativework", "webpage")
_WRAPPING = re.compile(r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*+;?\s*+$")
# An article's `dateModified` is that of its text; a page's moves with every change of the layout.
_PAGE_KIND = "webpage"


def read_article(tree: HtmlElement, location: str = "") -> Mapping[str, object]:
    """The object that describes the page's text, with what its references stand for; empty where there is none.

    Of several the one with the page's address, or else with its headline. One that names another address and another
    headline describes another page, as those of a list of news do; where the page names no address, as one saved to a
    file, a headline of other words.
    """
    objects = list(_loaded(tree))
    named = {str(found["@id"]): found for found in objects if "@id" in found and len(found) > 1}
    page = _Page(tree, location)
    articles = sorted(
        (page.strangeness(found), rank, place)
        for place, found in enumerate(objects)
        if (rank := _rank(found)) is not None
    )
    if not articles or articles[0][0] == _ANOTHER:
        return {}
    _, best, place = articles[0]
    article = {key: _resolved(value, named) for key, value in objects[place].items()}
    if _ARTICLES[best] == _PAGE_KIND:
        article.pop("dateModified", None)
    return article


_THIS, _LIKELY, _ANOTHER = range(3)


class _Page:
    """What a page says of itself outside JSON-LD, by which an object is known to be about it."""

    def __init__(self, tree: HtmlElement, location: str) -> None:
        base = location if location.lower().startswith("http") else ""
        told = tree.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")
        self._addresses = {_plain_address(joined(base, address) or address) for address in (*told, base) if address}
        titles = tree.xpath("//meta[@property='og:title']/@content | //title/text()")
        self._headlines = [key for h in tree.iter("h1", "h2") if (key := letters(h.text_content()))]
        self._titles = "\n".join(map(letters, titles))
        self._words = long_words(" ".join([*titles, *(h.text_content() for h in tree.iter("h1", "h2"))]))
        self._base = base

    def strangeness(self, found: Mapping[str, object]) -> int:
        """Whether an object is about this page, is likely to be, or is about another."""
        addresses = {
            _plain_address(joined(self._base, address) or address)
            for field in ("url", "mainEntityOfPage", "@id")
            for address in _addresses(found.get(field))
        }
        headline = letters(name(found.get("headline") or found.get("name")) or "")
        if addresses & self._addresses or (headline and (headline in self._headlines[:1] or headline in self._titles)):
            return _THIS
        is_elsewhere = bool(addresses) and (bool(self._addresses) or self._is_unlike(found))
        return _ANOTHER if headline and is_elsewhere and headline not in self._headlines else _LIKELY

    def _is_unlike(self, found: Mapping[str, object]) -> bool:
        """Whether an object's headline and the page's own headings share fewer than half of the words of either."""
        words = long_words(name(found.get("headline") or found.get("name")) or "")
        return 2 * len(words & self._words) < min(len(words), len(self._words))


def _addresses(value: object) -> Sequence[str]:
    if isinstance(value, Mapping):
        value = value.get("@id") or value.get("url")
    return [value] if isinstance(value, str) and value.strip() else []


def _plain_address(address: str) -> str:
    """An address without what different spellings of one differ in: its scheme, a mark in it, the last slash."""
    return re.sub(r"^https?://(?:www\.)?", "", address.strip().split("#")[0], flags=re.IGNORECASE).rstrip("/")


def name(value: object) -> str | None:
    """The name in a string, an object with a name, or a list of them: all the names, parted by commas."""
    if isinstance(value, list):
        return ", ".join(dict.fromkeys(filter(None, map(name, value)))) or None
    if isinstance(value, Mapping):
        value = value.get("name")
        return name(value) if isinstance(value, list | str) else None
    return tidy_line(unescape(value)) or None if isinstance(value, str) else None


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
