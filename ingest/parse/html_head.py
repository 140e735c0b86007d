"""What an HTML page says of itself: JSON-LD, meta elements, `<time>`, its headline."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.addresses import joined
from ingest.parse.characters import tidy_line
from ingest.parse.complete import month_first, normalise_language
from ingest.parse.html_dates import believed_publication, order_of_days, shown_dates, stated
from ingest.parse.html_linked import first_name, is_shell, name, read_article, read_state
from ingest.parse.html_title import read_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
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


def read_head(tree: HtmlElement, location: str = "") -> Head:
    """Gather what a page states, the most reliable place first; addresses are resolved against `location`."""
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
        month = order_of_days(tree, stamp)
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
        signs=tuple(_signs(tree, metas)),
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
