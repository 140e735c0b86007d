"""What feeds, sitemaps and listing pages have in common: their entries, dates and titles, and XML from strangers."""

from __future__ import annotations

import html
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from html.entities import html5
from typing import TYPE_CHECKING

from ingest.dates import can_be, parse_stamp
from ingest.errors import SourceError
from ingest.parse.characters import decode_anyhow, stated_encoding, tidy_line
from ingest.parse.complete import month_first

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from ingest.types import Entry


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


_LONGEST = 300  # characters; an anchor around a whole card of text is no title


def plain_title(stated: object, *, markup: bool = False) -> str | None:
    """A title as readers see it, None where there is none. `markup` says that it is HTML, not text."""
    if not isinstance(stated, str) or not stated.strip():
        return None
    return tidy_line(_without_markup(stated) if markup else html.unescape(stated)) or None


def link_title(anchor: HtmlElement) -> str | None:
    """What a link says: the headline in it, its text, or its `title`."""
    headlines = anchor.xpath(".//h1 | .//h2 | .//h3 | .//h4 | .//h5 | .//h6")
    stated = [*(heading.text_content() for heading in headlines), anchor.text_content(), anchor.get("title") or ""]
    return next((words for words in map(tidy_line, stated) if 0 < len(words) <= _LONGEST), None)


def _without_markup(stated: str) -> str:
    from lxml import etree
    from lxml.html import fragment_fromstring

    try:
        return str(fragment_fromstring(stated, create_parent="div").text_content())
    except (etree.LxmlError, ValueError):  # a comment alone, a NUL
        return html.unescape(stated)


_MOST = 50 * 2**20  # bytes; the size that the sitemap protocol allows, unpacked
_ENCODING = re.compile(r"^(\s*<\?xml[^>]{0,100}?)\sencoding\s*=\s*[\"'][^\"'>]*[\"']")
_CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
_AMPERSAND = re.compile(r"&(?!#\d{1,7};|#[xX][\da-fA-F]{1,6};)(?:([A-Za-z][A-Za-z\d]{1,30});)?")
_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
_GZIP = b"\x1f\x8b"
_MOST_MEMBERS = 1_000  # compressed files in a row; each is begun anew, however little there is in it


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
    return "".join(part if part.startswith("<![CDATA[") else _meant(part) for part in _CDATA.split(text)).encode()


def _meant(text: str) -> str:
    return _AMPERSAND.sub(lambda found: _entity(found[1]) if found[1] else "&amp;", text)


def _entity(name: str) -> str:
    """A character that HTML has a name for and XML has none, in place of its entity."""
    return f"&{name};" if name in _OF_XML or f"{name};" not in html5 else html.escape(html5[f"{name};"])


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
            out.append(unpacker.decompress(rest, _MOST - size + 1))
        except zlib.error as exc:
            raise SourceError(address, f"cannot be unpacked: {exc}") from exc
        size += len(out[-1])
        if size > _MOST:
            raise SourceError(address, f"is larger than {_MOST // 2**20} MiB unpacked; name a smaller part of it")
        if not unpacker.eof:
            raise SourceError(address, "cannot be unpacked: the file is cut off")
        rest = unpacker.unused_data
    return b"".join(out) if out else content
