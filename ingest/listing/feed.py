"""Feeds: RSS of every version, Atom, and JSON Feed, to the entries that they list.

An entry is known by its address, never by its guid, and has the date of its own publication or none: Atom's `updated`
changes with every correction of a comma.
"""

from __future__ import annotations

import io
import json
import re
from calendar import timegm
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.addresses import canonical, in_own_order, is_web, joined, place_on_page, placed, presumed
from ingest.errors import SourceError
from ingest.formats import DOCUMENT_TYPES
from ingest.listing.entries import Part, in_utf8, plain_title, publication, refuse_entities
from ingest.parse.complete import normalise_language
from ingest.types import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from time import struct_time

    from feedparser import FeedParserDict

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


def _part(address: str, found: Iterable[Entry | None], following: object, warnings: list[str]) -> Part:
    """What was found, in canonical form; what has no page of its own on the web is counted in a warning.

    Entries that are places on one page keep these in their addresses, and are releases of their own.
    """
    listed = list(found)
    on_web = [entry for entry in listed if entry and is_web(entry.address)]
    if len(on_web) < len(listed):
        warnings.append(f"{address}: entries without a page on the web: {len(listed) - len(on_web)} of {len(listed)}")
    shared = _shared(on_web)
    kept = tuple(_placed(entry) if canonical(entry.address) in shared else _canonical(entry) for entry in on_web)
    target = joined(address, following) if isinstance(following, str) and following else ""
    return Part(kept, (Entry(target),) if is_web(target) else (), warnings=tuple(warnings))


def _shared(entries: Iterable[Entry]) -> set[str]:
    """The pages that several entries name different places of."""
    places: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if fragment := place_on_page(entry.address):
            places[canonical(entry.address)].add(fragment)
    return {page for page, named in places.items() if len(named) > 1}


def _placed(entry: Entry) -> Entry:
    return replace(entry, address=placed(entry.address), asked=in_own_order(entry.address))


def _canonical(entry: Entry) -> Entry:
    return replace(entry, address=canonical(entry.address), asked=in_own_order(entry.address))
