"""Source on the web -> the entries of its releases, through indexes and next pages.

`kind_of` tells what an address holds by its content, unpacked within bounds (`unpacked`): suffixes and content types
are wrong too often. `from_the_list` cuts off what a server says before a list begins.
"""

from __future__ import annotations

import codecs
import json
import re
import zlib
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from ingest.addresses import canonical, in_own_order, is_web
from ingest.errors import IngestError, ListPageError, SourceError
from ingest.listing.feeds import read_feed, read_index, read_sitemap
from ingest.listing.links import compile_pattern, matches, read_links, read_page
from ingest.sources import Failure
from ingest.types import ARCHIVE_MARK, PDF_MARK, Entry, Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.types import Source


class ContentKind(Enum):
    """What an address holds; the value is how to call it in a message."""

    FEED = "a feed"
    SITEMAP = "a sitemap"
    SITEMAP_INDEX = "a sitemap index"
    HTML = "an HTML page"
    PDF = "a PDF file"
    OFFICE = "a word processor's file"
    TEXT = "plain text"
    OTHER = "neither page, feed nor sitemap"


LISTS = frozenset({ContentKind.FEED, ContentKind.SITEMAP, ContentKind.SITEMAP_INDEX})
"""What lists releases for machines; a page of links is for readers."""

_MOST_PAGES = 50  # of a feed or a listing; newsrooms name ten to thirty releases a page
_MOST_PARTS = 2_000  # files of one list; an index may name 50,000 sitemaps of 50,000 pages
_DEEPEST_INDEX = 3  # the protocol knows one level, some sites have two
_SINGLE = frozenset({ContentKind.HTML, ContentKind.PDF, ContentKind.OFFICE, ContentKind.TEXT})


class FetchedPage(Protocol):
    """What has been read at an address."""

    @property
    def final(self) -> str:
        """The address after redirects."""
        ...

    @property
    def content(self) -> bytes:
        """The bytes as they were sent, a file that is compressed in itself still so."""
        ...

    @property
    def content_type(self) -> str | None:
        """The media type that the server names."""
        ...

    @property
    def charset(self) -> str | None:
        """The encoding that the server names."""
        ...


@dataclass(frozen=True, slots=True)
class FoundEntries:
    """The entries of a source, each canonical address once, in the order of its listing.

    `complete` says that a page which is not among them is no longer listed: true only of sitemaps, all of them read
    whole. `failures` are the parts that could not be read. `kind` is the listing's. `single` is the page itself where
    the source is no listing but one release; its one entry is the source's address, and it needs no second fetch.
    """

    entries: tuple[Entry, ...]
    complete: bool = False
    warnings: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    kind: ContentKind | None = None
    single: FetchedPage | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """Bytes that may be a listing, as they came from an address; `links` says that those of a web page count.

    `now` bounds the dates that can be believed.
    """

    content: bytes
    address: str
    charset: str | None
    now: datetime
    links: bool


def read_part(unread: Unread) -> tuple[ContentKind, Part]:
    """What the bytes are, and the entries in them if they are a listing."""
    content = from_the_list(unpacked(unread.content, unread.address))
    kind = kind_of(content)
    if kind is ContentKind.FEED:
        return kind, read_feed(content, unread.address, now=unread.now, charset=unread.charset)
    if kind is ContentKind.SITEMAP:
        return kind, read_sitemap(content, unread.address, now=unread.now)
    if kind is ContentKind.SITEMAP_INDEX:
        return kind, read_index(content, unread.address)
    if kind is ContentKind.HTML:
        read = read_links if unread.links else read_page
        return kind, read(content, unread.address, charset=unread.charset)
    return kind, Part()


def entries_of(
    source: Source,
    fetch: Callable[[str], FetchedPage],
    *,
    read: Callable[[Unread], tuple[ContentKind, Part]] = read_part,
    until_now: ContentKind | None = None,
    now: datetime | None = None,
) -> FoundEntries:
    """Read what a source's address holds, and all that it leads to.

    `read` is `read_part`, be it in another process. `until_now` is which listing it was when it was last read: one that
    is none any more has failed, and what stands in its place, a maintenance page or a front page, is no release. `now`
    bounds the dates that can be believed. Raises the FetchError of the source's own address as it is, and SourceError
    where that address holds nothing that can be read, or nothing that matches the source's pattern.
    """
    pattern = compile_pattern(source)
    now = now or datetime.now(UTC)
    page = fetch(source.location)
    kind, part = read(Unread(page.content, page.final, page.charset, now, links=pattern is not None))
    _check_kind(source, kind, page, until_now)
    if part.is_list:
        raise ListPageError(source.location, part.feeds)
    if kind in _SINGLE and not (kind is ContentKind.HTML and pattern):
        return FoundEntries((Entry(canonical(source.location), asked=in_own_order(source.location)),), single=page)
    walk = _Walk(fetch, read, pattern, now, complete=kind in LISTS - {ContentKind.FEED})
    walk.visited.update((canonical(source.location), canonical(page.final)))
    walk.take(part, kind, depth=1)
    walk.go_on()
    return walk.result(source, kind)


def _check_kind(source: Source, kind: ContentKind, page: FetchedPage, until_now: ContentKind | None) -> None:
    """Raise SourceError where a list has become something else, or is neither list nor page."""
    holds = kind.value
    if kind is ContentKind.OTHER and page.content_type:
        holds = f"{holds}, which the server calls {page.content_type}"
    if until_now in LISTS and kind not in LISTS:
        told = f"{until_now.value} until now, holds {holds}; nothing new is stored"
        raise SourceError(source.location, f"{told}; if that is meant, run `communique sources forget` for it")
    if source.links is not None and kind in {ContentKind.PDF, ContentKind.OFFICE, ContentKind.TEXT}:
        raise SourceError(source.location, f"holds {holds}, and no links; leave `links` out if it is a release")
    if kind is ContentKind.OTHER:
        raise SourceError(source.location, f"holds {holds}; name a feed, a sitemap or a page of releases")


@dataclass(slots=True)
class _Walk:
    """The way through the parts of one source, and what it has gathered."""

    fetch: Callable[[str], FetchedPage]
    read: Callable[[Unread], tuple[ContentKind, Part]]
    pattern: re.Pattern[str] | None
    now: datetime
    complete: bool
    visited: set[str] = field(default_factory=set)
    waiting: deque[tuple[str, ContentKind, int]] = field(default_factory=deque)  # address, kind of what named it, depth
    entries: dict[str, Entry] = field(default_factory=dict)
    looked_at: dict[str, None] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def go_on(self) -> None:
        """Read what is waiting, in the order in which it was named; a part that cannot be read is a failure."""
        while self.waiting:
            address, named_by, depth = self.waiting.popleft()
            if len(self.visited) >= _MOST_PARTS:
                self.warnings.append(f"{address}: not read, nor {len(self.waiting)} more: a list has too many parts")
                self.complete = False
                return
            try:
                self._visit(address, named_by, depth)
            except IngestError as exc:
                self.failures.append(Failure(address, exc.cause))
                self.complete = False

    def take(self, part: Part, kind: ContentKind, depth: int) -> None:
        """Keep a part's entries that match and are not known yet, and line up what follows it."""
        self.complete = self.complete and part.complete
        self.warnings.extend(part.warnings)
        known = len(self.looked_at)
        for entry in part.entries:
            self.looked_at.setdefault(entry.address)
            if self.pattern is None or matches(self.pattern, entry.address):
                self.entries.setdefault(entry.address, entry)
        if kind is not ContentKind.SITEMAP_INDEX and len(self.looked_at) == known:
            return  # a page past the last one that shows the last one again, for ever
        self._line_up([entry.address for entry in part.following], kind, depth)

    def result(self, source: Source, kind: ContentKind) -> FoundEntries:
        """All that was gathered. Raises SourceError where there was something, and none of it matches."""
        if not self.entries and not self.failures:
            if self.pattern is not None:
                raise SourceError(source.location, _nothing_matches(source, list(self.looked_at)))
            self.warnings.append(f"{source.location}: names no page at the moment")
        complete = self.complete and bool(self.entries)
        return FoundEntries(tuple(self.entries.values()), complete, tuple(self.warnings), tuple(self.failures), kind)

    def _visit(self, address: str, named_by: ContentKind, depth: int) -> None:
        if canonical(address) in self.visited:
            return
        page = self.fetch(address)
        self.visited.update((canonical(address), canonical(page.final)))
        links = named_by is ContentKind.HTML
        kind, part = self.read(Unread(page.content, page.final, page.charset, self.now, links))
        # RSS and Atom serve as sitemaps too
        expected = LISTS if named_by is ContentKind.SITEMAP_INDEX else {named_by}
        if kind not in expected:
            raise SourceError(address, f"holds {kind.value}, though {named_by.value} names it as a part of its list")
        self.take(part, kind, depth)

    def _line_up(self, addresses: list[str], kind: ContentKind, depth: int) -> None:
        is_index = kind is ContentKind.SITEMAP_INDEX
        new = [address for address in addresses if canonical(address) not in self.visited]
        if new and depth >= (_DEEPEST_INDEX + 1 if is_index else _MOST_PAGES):
            limit = f"{_DEEPEST_INDEX} indexes deep" if is_index else f"{_MOST_PAGES} pages"
            self.warnings.append(f"{new[0]}: not read, nor what follows it: a list is read for {limit}")
            self.complete = False
            return
        self.waiting.extendleft((address, kind, depth + 1) for address in reversed(new))


def _nothing_matches(source: Source, looked_at: list[str]) -> str:
    if not looked_at:
        return f"there is no link at all to match {source.links!r}; does the page build its list with JavaScript?"
    examples = " or ".join(looked_at[:2])
    return f"no link of {len(looked_at)} matches {source.links!r}; links here look like {examples}: correct `links`"


_MOST_UNPACKED = 50 * 2**20  # bytes; the size that the sitemap protocol allows, unpacked
_GZIP = b"\x1f\x8b"
_MOST_MEMBERS = 1_000  # compressed files in a row; each has to be begun, however little there is in it


def unpacked(content: bytes, address: str) -> bytes:
    """The bytes of a gzip file, those of any other as they are.

    Raises:
        SourceError: they are damaged, more than 50 MiB, or in more than 1,000 pieces.

    """
    out: list[bytes] = []
    size = 0
    rest = content
    while rest.startswith(_GZIP):  # a file can be several compressed ones in a row
        if len(out) >= _MOST_MEMBERS:
            raise SourceError(address, f"is packed in more than {_MOST_MEMBERS} pieces; name a smaller part of it")
        unpacker = zlib.decompressobj(wbits=31)
        try:
            out.append(unpacker.decompress(rest, _MOST_UNPACKED - size + 1))
        except zlib.error as exc:
            raise SourceError(address, f"cannot be unpacked: {exc}") from exc
        size += len(out[-1])
        if size > _MOST_UNPACKED:
            most = _MOST_UNPACKED // 2**20
            raise SourceError(address, f"is larger than {most} MiB unpacked; name a smaller part of it")
        if not unpacker.eof:
            raise SourceError(address, "cannot be unpacked: the file is cut off")
        rest = unpacker.unused_data
    return b"".join(out) if out else content


_BEGINNING = 2**16  # bytes; leading comments are longer than one would think, licences among them
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_BEFORE = (("<?", "?>"), ("<!--", "-->"))  # what may stand before the first element
_DOCTYPE = re.compile(r"<!DOCTYPE\s++([\w:.-]{1,80}+)[^>\[]{0,500}+(?:\[[^\]]{0,1000}+\]\s{0,80}+)?>", re.IGNORECASE)
_ELEMENT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
_ROOTS = {
    "rss": ContentKind.FEED,
    "feed": ContentKind.FEED,
    "rdf": ContentKind.FEED,
    "urlset": ContentKind.SITEMAP,
    "sitemapindex": ContentKind.SITEMAP_INDEX,
}
_NOTICE = 4_096  # bytes; PHP prints a line for each thing that it dislikes
_LIST = re.compile(rb"<\?xml\s|<(?:rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]", re.IGNORECASE)
_PAGE = re.compile(rb"<(?:!doctype|html|head|body|main|article|h1)\b", re.IGNORECASE)
_HTML = frozenset(
    {"html", "head", "body", "base", "title", "meta", "link", "script", "style", "noscript", "header", "nav", "main"}
    | {"article", "section", "div", "span", "p", "b", "br", "h1", "h2", "h3", "ul", "ol", "table", "a", "img", "form"}
)
_OFFICE = (b"application/vnd.oasis.opendocument.text", b"word/document.xml")  # what archives of Word and others hold
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def from_the_list(content: bytes) -> bytes:
    """The bytes from where a feed or a sitemap begins, if a few words stand before it: a notice of the server's."""
    found = _LIST.search(content[:_NOTICE])
    if found is None or _PAGE.search(content[: found.start()]):
        return content
    return content[found.start() :] if kind_of(content[found.start() :]) in LISTS else content


def kind_of(content: bytes) -> ContentKind:
    """What these bytes are; compressed ones have to be unpacked before."""
    if PDF_MARK in content[:1024]:
        return ContentKind.PDF
    if content.startswith(ARCHIVE_MARK) and any(mark in content for mark in _OFFICE):
        return ContentKind.OFFICE
    beginning = _text(content[:_BEGINNING])
    kind = _kind_of_markup(beginning)
    if kind is not None:
        return kind
    if beginning.startswith(("{", "[")) and (loaded := _json(content)) is not None:
        return ContentKind.FEED if "jsonfeed.org/version/" in str(loaded.get("version", "")) else ContentKind.OTHER
    if not beginning or _CONTROLS.search(content[:_BEGINNING]):
        return ContentKind.OTHER
    return ContentKind.SITEMAP if _is_addresses(beginning) else ContentKind.TEXT


def _text(beginning: bytes) -> str:
    """Characters good enough to tell the kind, without a byte order mark and leading blanks."""
    encoding = next((encoding for mark, encoding in _MARKS if beginning.startswith(mark)), "utf-8")
    return beginning.decode(encoding, "ignore").lstrip("\ufeff \t\r\n\f\v")


def _kind_of_markup(text: str) -> ContentKind | None:
    """The kind that the first element tells, None where there is none."""
    place = _past_comments(text, 0)
    while found := _DOCTYPE.match(text, place):
        if found[1].lower() == "html":
            return ContentKind.HTML
        place = _past_comments(text, found.end())
    element = _ELEMENT.match(text, place)
    if not element:
        return ContentKind.OTHER if text.startswith("<?xml") else None
    name = element[1].lower()
    return _ROOTS.get(name) or (ContentKind.HTML if name in _HTML or "<html" in text.lower() else ContentKind.OTHER)


def _past_comments(text: str, place: int) -> int:
    """Behind blanks, comments and `<?…?>`; before one that has no end."""
    while True:
        while text[place : place + 1].isspace():
            place += 1
        marks = next((marks for marks in _BEFORE if text.startswith(marks[0], place)), None)
        end = text.find(marks[1], place + len(marks[0])) if marks else -1
        if marks is None or end < 0:
            return place
        place = end + len(marks[1])


def _json(content: bytes) -> dict[str, object] | None:
    """The object that JSON holds, empty for a list; None where it is no JSON, but Markdown with a link ahead."""
    try:
        loaded = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return loaded if isinstance(loaded, dict) else {}


def _is_addresses(text: str) -> bool:
    """Whether each line is an address: a text sitemap. The last one may be cut."""
    lines = [line for line in text.splitlines() if line.strip()]
    return bool(lines) and all(is_web(line) and len(line.split()) == 1 for line in lines[:-1] or lines)
