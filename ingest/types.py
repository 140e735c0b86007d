"""What ingestion reads: a source names pages, a page holds the bytes of a release in one of the formats that are read.

Lists name entries (`Entry`, `Part`). A page of the web comes as `WebPage`, `UnchangedPage` or `Missing`, each with what
is to be noted of its address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.addresses import is_web, without_user
from ingest.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from vectorstore.types import Visit


PAGE_SUFFIXES = frozenset({".txt", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf", ".docx", ".odt", ".eml"})
"""Files that hold a release each."""

LINE_SUFFIXES = frozenset({".jsonl", ".ndjson"})
"""Files with a release on each line; they may be compressed."""

PDF_MARK, ARCHIVE_MARK = b"%PDF-", b"PK\x03\x04"
"""How a PDF begins, and a file of a word processor, which is an archive."""

NOT_READ = {
    b"{\\rtf": "this is RTF, which is not read; save it as .docx or .odt",
    b"\xd0\xcf\x11\xe0": "this is a file of an older Microsoft Office, which is not read; save it as .docx or .odt",
}
"""How older formats of word processors begin, which tell themselves, and what to do with one."""

DOCUMENT_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".xhtml",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.oasis.opendocument.text": ".odt",
}
"""Media types of what a feed may enclose and is a release, with the end of their names."""

_PORT = re.compile(r":\d{1,5}\Z")
_HOST = re.compile(r"[^\W_](?:[\w-]{0,62})(?:\.[\w-]{1,63}){1,20}")
_FILES = frozenset(suffix[1:] for suffix in PAGE_SUFFIXES | LINE_SUFFIXES) | {"gz", "json", "csv", "xml"}


@dataclass(frozen=True, slots=True)
class Source:
    """Where releases come from, and what the operator knows of them.

    `location` is a path or an `http(s)` address. `publisher` and `language` are taken for releases that do not say.
    `fields` maps a JSONL field's usual name to the name it has in this source, as in `{"body": "content"}`.

    Of an address: `links` is a regular expression that the addresses of releases match; `schedule` says how often to
    look; `allow_private` lets it and its links lie on this machine or in a private network; `trust_lastmod` asks for a
    page again only when the sitemap says that it has changed. Raises SourceError for an address with a user in it.

    `by_hand`: it was named on the command line and is not in the settings. Where it fails before it ever worked, a slip
    of the hand most likely, that is not remembered.
    """

    location: str
    name: str | None = None
    publisher: str | None = None
    language: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    links: str | None = None
    schedule: timedelta | None = None
    allow_private: bool = False
    trust_lastmod: bool = False
    by_hand: bool = False

    def __post_init__(self) -> None:
        if without_user(self.location) != self.location:
            raise SourceError(self.location, "holds a user name or password, which is never sent; leave it out")

    @property
    def is_address(self) -> bool:
        """Whether the source is on the web."""
        return self.location.lower().startswith(("http://", "https://"))


def presumed(location: str) -> str | None:
    """The https address that is meant by one without a scheme, as `example.org/press`; None for what is written else.

    What could be the name of a file is none: `news.md` may well be a host.
    """
    host, slash, _ = location.strip().partition("/")
    name = _PORT.sub("", host)
    labels = name.split(".")
    if name != "localhost" and (len(labels) < 2 or not all(labels) or not _HOST.fullmatch(name)):
        return None
    is_file = not slash and host == name and labels[-1].lower() in _FILES
    address = f"https://{location.strip()}"
    return address if is_web(address) and not is_file else None


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed, a sitemap or a listing says of one page; everything but its address may be missing.

    `lastmod` is the sitemap's word for the last change, as it stands there. `twins` are the addresses of the same page
    in other languages. `asked` is the address to ask for it, where that has its parameters in an order of its own.
    """

    address: str
    published: datetime | None = None
    title: str | None = None
    language: str | None = None
    lastmod: str | None = None
    twins: tuple[str, ...] = ()
    asked: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """The entries of one file in order, and where the list goes on.

    `following` are the sitemaps of an index, or the next page of a feed or a listing. `complete` says that the file
    names all pages there are, but for those of `following`: a sitemap or an index read without a fault, no feed. Of a
    web page, `feeds` are those that it names, and `language` is what it says it is in; `is_list` says of one whose
    links do not count that it is made of them.
    """

    entries: tuple[Entry, ...] = ()
    following: tuple[Entry, ...] = ()
    complete: bool = False
    warnings: tuple[str, ...] = ()
    is_list: bool = False
    feeds: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The bytes of one file, one line of a JSONL file or one web page, before anything is understood.

    `location` is the file's path (with `:LINE` for a JSONL line) or the page's address after redirects; `id` names the
    release that it holds unless the content says otherwise: the file's full path, or the address in its canonical form.
    `line` is the number of a JSONL line, None for a whole file. Of a web page, `charset` and `media_type` are what the
    server said, `entry` what the listing said.
    """

    location: str
    id: str
    content: bytes
    source: Source
    line: int | None = None
    charset: str | None = None
    entry: Entry | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page read from the web, and what is to be noted of its address once its release is kept.

    `known` is the release that was read at this address before, or None.
    """

    page: Page
    visit: Visit
    known: str | None = None

    @property
    def was_sent_on(self) -> bool:
        """Whether the address led to another."""
        return self.page.id != self.visit.address


@dataclass(frozen=True, slots=True)
class UnchangedPage:
    """An address whose page is as it was when its release was kept."""

    release_id: str
    visit: Visit


@dataclass(frozen=True, slots=True)
class Missing:
    """An address that gives no page any more. `cause` says why its release counts as withdrawn; None: not yet."""

    release_id: str
    visit: Visit
    cause: str | None
