"""Feeds and sitemaps to the entries that they list, however broken their XML is.

Feeds are RSS of every version, Atom, and JSON Feed. An entry is known by its address, never by its guid, and has the
date of its own publication or none: Atom's `updated` changes with every correction of a comma. Sitemaps are those of
https://www.sitemaps.org/protocol.html, with Google's extensions for languages and news.
"""

from __future__ import annotations

import html
import io
import json
import re
from calendar import timegm
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from html.entities import html5
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.addresses import canonical, in_own_order, is_web, joined, place_on_page, placed
from ingest.dates import can_be, parse_stamp
from ingest.errors import SourceError
from ingest.parse.characters import decode_anyhow, stated_encoding, tidy_line
from ingest.parse.complete import month_first, normalise_language
from ingest.types import DOCUMENT_TYPES, Entry, Part, presumed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from time import struct_time

    from feedparser import FeedParserDict
    from lxml.etree import _Element

_PAGES = (None, "", "text/html", "application/xhtml+xml")
# feedparser gives `dc:date`, RSS 1.0's only date, as `updated`; so it gives these, which are what they say.
_REAL_UPDATES = re.compile(rb"<(?:[\w.-]+:)?(?:updated|modified|lastBuildDate)\b[^>]*>")


def read_feed(content: bytes, address: str, *, now: datetime, charset: str | None = None) -> Part:
    """The entries of a feed in its order, and its next page; malformed ones give what they can, with a warning.

    Raises:
        SourceError: it declares entities, or is so broken that nothing in it can be read.

    """
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _json_feed(content, address, now)
    refuse_entities(content, address)
    return _xml_feed(in_utf8(content, charset), address, now)


def _xml_feed(content: bytes, address: str, now: datetime) -> Part:
    parsed = _parsed(content, address)
    mistake = _mistake(parsed)
    if mistake and not parsed.entries:
        raise SourceError(address, f"is no feed that can be read: {mistake}")
    dated_by_dc = str(parsed.get("version", "")).startswith("rss") and not _has_updates(content)
    found = [_entry(entry, parsed.feed, address, now, dated_by_dc=dated_by_dc) for entry in parsed.entries]
    warnings = [f"{address}: the feed is malformed ({mistake}); entries may be missing"] if mistake else []
    return _part(address, found, _next_of(parsed.feed), warnings)


def _parsed(content: bytes, address: str) -> FeedParserDict:
    import feedparser

    try:
        return feedparser.parse(
            io.BytesIO(content.lstrip()),  # bare bytes it would take for the name of a file first
            response_headers={
                "content-location": address,
                "content-type": "application/xml",
            },
            resolve_relative_uris=False,  # those inside texts, which nobody reads here
            sanitize_html=False,
        )
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError, RecursionError) as exc:
        # it trips over a namespace with a no-break space in it, or an end tag in the wrong place (6.0.14)
        raise SourceError(address, f"is no feed that can be read: its XML is too broken ({exc!r})") from exc


def _mistake(parsed: FeedParserDict) -> str | None:
    """What is wrong with a feed's XML; a charset that the server got wrong is put right already."""
    from feedparser import CharacterEncodingOverride, NonXMLContentType

    exc = parsed.get("bozo_exception")
    if not parsed.get("bozo") or isinstance(exc, (CharacterEncodingOverride, NonXMLContentType)):
        return None
    return str(exc).removeprefix("<unknown>:") or type(exc).__name__


def _has_updates(content: bytes) -> bool:
    entries = re.split(rb"<item\b", content.replace(b"\x00", b""), maxsplit=1)[-1]
    return bool(_REAL_UPDATES.search(entries))


def _entry(
    entry: FeedParserDict, feed: FeedParserDict, address: str, now: datetime, *, dated_by_dc: bool
) -> Entry | None:
    link = _link(entry)
    if not link:
        return None
    # `in` looks at what the entry says; `get("updated")` would answer with `published`, and warn
    key = "updated" if dated_by_dc and "published" not in entry and "updated" in entry else "published"
    parsed = entry.get(f"{key}_parsed") if key in entry else None
    title = entry.get("title_detail")
    title = title if isinstance(title, dict) else {}  # an element of that very name puts its text in its place
    markup = title.get("type") in {"text/html", "application/xhtml+xml"}
    stated = entry.get("language") or title.get("language") or feed.get("language")
    return Entry(
        address=_place(address, link),
        published=publication(
            entry.get(key) if key in entry else None, now=now, fallback=_moment(parsed), language=stated
        ),
        title=plain_title(entry.get("title"), markup=markup),
        language=normalise_language(stated),
    )


def _link(entry: FeedParserDict) -> str | None:
    """The address of an entry's page: FeedBurner's original, a link to a page, any link, a guid that is one."""
    alternates = [link for link in _links(entry) if link.get("rel") == "alternate" and link.get("href")]
    pages = [link["href"] for link in alternates if link.get("type") in _PAGES]
    guid = entry.get("id", "")
    stated = [
        entry.get("feedburner_origlink"),
        *pages,
        *(link["href"] for link in alternates),
        entry.get("link"),
        guid if is_web(guid) and entry.get("guidislink", True) else None,
        *(link.get("href") for link in _links(entry) if link.get("rel") == "enclosure" and _is_text(link)),
    ]
    return next((link.strip() for link in stated if isinstance(link, str) and link.strip()), None)


def _is_text(enclosure: Mapping[str, str]) -> bool:
    """Whether what is enclosed in an entry is a page or a document: no picture, no recording."""
    if stated := enclosure.get("type"):
        return stated in DOCUMENT_TYPES
    return urlsplit(enclosure.get("href") or "").path.lower().endswith(tuple(DOCUMENT_TYPES.values()))


def _next_of(feed: FeedParserDict) -> str | None:
    """The archive's next page (RFC 5005)."""
    return next((link.get("href") for link in _links(feed) if link.get("rel") in {"next", "prev-archive"}), None)


def _links(stated: FeedParserDict) -> list[Mapping[str, str]]:
    """The links of a feed or an entry; an element of that very name puts its text in their place."""
    links = stated.get("links", ())
    return [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []


def _moment(parsed: struct_time | None) -> datetime | None:
    """A `struct_time` in UTC as a datetime; None where it is no time at all."""
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError):
        return None


def _json_feed(content: bytes, address: str, now: datetime) -> Part:
    try:
        feed = json.loads(content)
        items = feed["items"]
    except (ValueError, RecursionError) as exc:
        raise SourceError(address, f"is no feed that can be read: {exc}") from exc
    except KeyError as exc:
        raise SourceError(address, "is no feed that can be read: a JSON Feed without `items`") from exc
    if not isinstance(items, list):
        raise SourceError(address, "is no feed that can be read: the `items` of this JSON Feed are no list")
    found = [_json_entry(item, feed, address, now) for item in items]
    return _part(address, found, feed.get("next_url"), [])


def _json_entry(item: object, feed: Mapping[str, object], address: str, now: datetime) -> Entry | None:
    if not isinstance(item, dict):
        return None
    guid = item.get("id")
    link = item.get("url") or item.get("external_url") or (guid if isinstance(guid, str) and is_web(guid) else None)
    if not isinstance(link, str) or not link.strip():
        return None
    stated = item.get("language") or feed.get("language")
    return Entry(
        address=_place(address, link.strip()),
        published=publication(item.get("date_published"), now=now, language=stated),
        title=plain_title(item.get("title")),
        language=normalise_language(stated),
    )


def _place(address: str, link: str) -> str:
    """The address that a link means, with the place on the page."""
    bare = link.removeprefix(joined(address, "."))  # feedparser has put the feed's folder before it
    if bare.lower().startswith("www.") and (whole := presumed(bare)):
        link = whole
    page, fragment = joined(address, link), place_on_page(link)
    return f"{page}#{fragment}" if page and fragment else page


def _part(address: str, found: Sequence[Entry | None], following: object, warnings: list[str]) -> Part:
    """What was found, in canonical form; what has no page of its own on the web is counted in a warning.

    Entries that are places on one page keep these in their addresses, and are releases of their own.
    """
    on_web, dropped = _on_the_web(found, address)
    shared = _shared(on_web)
    kept = tuple(
        replace(
            entry,
            address=(placed if canonical(entry.address) in shared else canonical)(entry.address),
            asked=in_own_order(entry.address),
        )
        for entry in on_web
    )
    target = joined(address, following) if isinstance(following, str) and following else ""
    return Part(kept, (Entry(target),) if is_web(target) else (), warnings=(*warnings, *dropped))


def _shared(entries: Iterable[Entry]) -> set[str]:
    """The pages that several entries name different places of."""
    places: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if fragment := place_on_page(entry.address):
            places[canonical(entry.address)].add(fragment)
    return {page for page, named in places.items() if len(named) > 1}


def read_sitemap(content: bytes, address: str, *, now: datetime) -> Part:
    """The entries of a `urlset`, or of a text with an address a line, in order.

    Complete unless it is broken, empty, or a sitemap of news, which holds the last two days. Raises SourceError where
    entities are declared or nothing can be read.
    """
    if b"<" not in content[:4]:
        return _text_sitemap(content, address)
    root, mistake = _root(content, address)
    found = [_sitemap_entry(url, address, now) for url in _children(root, "url")]
    news = bool(found) and all(dated for _, dated in found)
    kept, warnings = _on_the_web([entry for entry, _ in found], address)
    complete = bool(kept) and not mistake and not news
    return Part(kept, complete=complete, warnings=(*_broken(address, mistake), *warnings))


def read_index(content: bytes, address: str) -> Part:
    """The sitemaps that a `sitemapindex` names, as `following`: their addresses as they stand, and their `lastmod`."""
    root, mistake = _root(content, address)
    stated = [
        Entry(joined(address, location), lastmod=_text(sitemap, "lastmod"))
        for sitemap in _children(root, "sitemap")
        if (location := _text(sitemap, "loc"))
    ]
    named = tuple(entry for entry in stated if is_web(entry.address))
    return Part(following=named, complete=bool(named) and not mistake, warnings=_broken(address, mistake))


def _root(content: bytes, address: str) -> tuple[_Element, str | None]:
    """The first element, and what is wrong with the XML, which is read as far as it goes."""
    from lxml import etree

    refuse_entities(content, address)
    content = in_utf8(content)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(content.lstrip(), parser)
    except etree.XMLSyntaxError as exc:
        raise SourceError(address, f"is no sitemap that can be read: {exc}") from exc
    if root is None:
        raise SourceError(address, "is no sitemap that can be read: there is no element in it")
    # an undeclared prefix is a fault of form that hides nothing; the rest may have cost entries
    errors = [error for error in parser.error_log if error.domain != etree.ErrorDomains.NAMESPACE]
    return root, f"line {errors[0].line}: {errors[0].message}" if errors else None


def _sitemap_entry(url: _Element, address: str, now: datetime) -> tuple[Entry, bool]:
    """An entry, and whether it is one of a sitemap of news."""
    written = joined(address, _text(url, "loc") or "") if _text(url, "loc") else ""
    page = canonical(written)
    news = next(_children(url, "news"), None)
    stated = _text(news, "publication_date") if news is not None else None
    twins = {canonical(joined(address, href)): language for language, href in _alternates(url)}
    publisher = next(_children(news, "publication"), None) if news is not None else None
    language = (_text(publisher, "language") if publisher is not None else None) or twins.get(page)
    entry = Entry(
        address=page,
        published=publication(stated, now=now),
        title=plain_title(_text(news, "title")) if news is not None else None,
        language=normalise_language(language),
        lastmod=_text(url, "lastmod"),
        twins=tuple(twin for twin in twins if twin != page and is_web(twin)),
        asked=in_own_order(written),
    )
    return entry, bool(stated)


def _alternates(url: _Element) -> Iterator[tuple[str, str]]:
    """Language and address of each version; `x-default` is one of the others once more."""
    for link in _children(url, "link"):
        language, href = link.get("hreflang"), link.get("href")
        if language and href and link.get("rel") == "alternate" and language.lower() != "x-default":
            yield language, href.strip()


def _text_sitemap(content: bytes, address: str) -> Part:
    lines = [line.strip() for line in decode_anyhow(content).splitlines() if line.strip()]
    kept, warnings = _on_the_web([Entry(canonical(line), asked=in_own_order(line)) for line in lines], address)
    return Part(kept, complete=bool(kept), warnings=warnings)


def _on_the_web(entries: Sequence[Entry | None], address: str) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """The entries that have an address of a page, and a warning that counts the others."""
    kept = tuple(entry for entry in entries if entry and is_web(entry.address))
    dropped = len(entries) - len(kept)
    return kept, (f"{address}: entries without a page on the web: {dropped} of {len(entries)}",) if dropped else ()


def _broken(address: str, mistake: str | None) -> tuple[str, ...]:
    return (f"{address}: the sitemap is malformed ({mistake}); entries may be missing",) if mistake else ()


def _children(parent: _Element, name: str) -> Iterator[_Element]:
    """Children of that name in whichever namespace: many sitemaps name a wrong one, or a prefix without any."""
    for child in parent:
        if isinstance(child.tag, str) and child.tag.rpartition("}")[2].rpartition(":")[2] == name:
            yield child


def _text(parent: _Element, name: str) -> str | None:
    child = next(_children(parent, name), None)
    return (tidy_line("".join(child.itertext())) or None) if child is not None else None


_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web


def publication(
    stated: object, *, now: datetime, fallback: datetime | None = None, language: object = None
) -> datetime | None:
    """The moment that a listing states, in UTC; None where it states none that can be believed, never `now`.

    A time without a zone is in UTC. `fallback` is what another reader made of the same words; `language` is what the
    listing says it is in, by which 3/4/2024 is read.
    """
    # `parse_stamp` first: it knows CEST, and French months in what should be English
    moment = (
        parse_stamp(stated.strip(), month_first=month_first(language)) if isinstance(stated, str) else None
    ) or fallback
    return moment if moment and moment >= _EARLIEST and can_be(moment, now=now) else None


def plain_title(stated: object, *, markup: bool = False) -> str | None:
    """A title as readers see it, None where there is none. `markup` says that it is HTML, not text."""
    if not isinstance(stated, str) or not stated.strip():
        return None
    return tidy_line(_without_markup(stated) if markup else html.unescape(stated)) or None


def _without_markup(stated: str) -> str:
    from lxml import etree
    from lxml.html import fragment_fromstring

    try:
        return str(fragment_fromstring(stated, create_parent="div").text_content())
    except (etree.LxmlError, ValueError):  # a comment alone, a NUL
        return html.unescape(stated)


_ENCODING = re.compile(r"^(\s*<\?xml[^>]{0,100}?)\sencoding\s*=\s*[\"'][^\"'>]*[\"']")
_CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
_AMPERSAND = re.compile(r"&(?!#\d{1,7};|#[xX][\da-fA-F]{1,6};)(?:([A-Za-z][A-Za-z\d]{1,30});)?")
_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})


def refuse_entities(content: bytes, address: str) -> None:
    """Raise SourceError where XML declares entities, with which a few bytes can grow to fill the memory."""
    if b"<!ENTITY" in content.replace(b"\x00", b"").upper():  # UTF-16 has a NUL beside each letter
        raise SourceError(address, "declares XML entities, which are not read: ask the site for a feed without them")


def in_utf8(content: bytes, charset: str | None = None) -> bytes:
    """XML in UTF-8, whatever it was in, as browsers would read it; `charset` is what its server says.

    An ampersand that begins no entity stands for itself, and HTML's entities for their characters.
    """
    if content.startswith((b"<\x00", b"\x00<")):  # UTF-16 without its mark, which parsers of XML know by this
        return content
    text = decode_anyhow(content, charset, stated_encoding(content))
    text = _ENCODING.sub(r"\1", text, count=1)
    parts = _CDATA.split(text)
    return "".join(part if part.startswith("<![CDATA[") else _AMPERSAND.sub(_meant, part) for part in parts).encode()


def _meant(found: re.Match[str]) -> str:
    """What an ampersand means: itself, or a character that HTML has a name for and XML has none."""
    name = found[1]
    if not name:
        return "&amp;"
    return f"&{name};" if name in _OF_XML or f"{name};" not in html5 else html.escape(html5[f"{name};"])
