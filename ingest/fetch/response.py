"""What a server answers: its headers, of which anything is taken; its bytes, never more of them than allowed; errors.

`RedirectChain` is where an errand stands: the address asked for, and those it was sent on to. What a status or a failed
exchange means is told as an error about the first of them (`error_of_status`, `error_of_failure`).
"""

from __future__ import annotations

import codecs
import html
import math
import re
import socket
import ssl
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit

import httpcore2

from ingest.dates import in_utc
from ingest.errors import FetchError, PageMissingError, PageTooLargeError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class RedirectChain:
    """The addresses of one errand in order, none of them twice unless a cookie was wanted.

    `is_permanent`: every hop so far says that the page has moved for good. `has_cookie`: one of those since an address
    was asked again gave a cookie.
    """

    hops: tuple[str, ...]
    is_permanent: bool = True
    has_cookie: bool = False

    @property
    def address(self) -> str:
        """What was asked for; every error is about it."""
        return self.hops[0]

    @property
    def hop(self) -> str:
        """What is asked for now."""
        return self.hops[-1]

    @property
    def host(self) -> str:
        """The host of the present hop, and its port if that is not the usual; only of an address that is checked.

        Another port is another server, and as a rule another site.
        """
        parts = urlsplit(self.hop)
        return f"{parts.hostname}:{parts.port}" if parts.port not in {None, 80, 443} else parts.hostname or ""

    def tell(self, cause: str) -> str:
        """A cause with the hop where it arose, if that is not the address asked for."""
        return cause if self.hop == self.address else f"sent on to {self.hop}: {cause}"

    def was_at(self, target: str) -> bool:
        """Whether an address was asked on the way."""
        return urldefrag(target).url in (urldefrag(hop).url for hop in self.hops)

    def sent_on(self, target: str, *, at_most: int, for_good: bool = False, again: bool = False) -> RedirectChain:
        """The place after a redirect; `again` lets it be one that was asked before.

        Raises FetchError where redirects go in a circle, or are too many.
        """
        target = urldefrag(target).url
        if self.was_at(target) and not again:
            raise FetchError(self.address, f"its redirects go in a circle, by {target}; name the page's own address")
        if len(self.hops) > at_most:
            raise FetchError(self.address, f"sent on more than {at_most} times, last to {target}")
        is_permanent, has_cookie = self.is_permanent and for_good, self.has_cookie and not again
        return replace(self, hops=(*self.hops, target), is_permanent=is_permanent, has_cookie=has_cookie)


FAULTS = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
)
"""What an exchange can fail with; httpcore has no name for all of them."""

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_MEANINGS = {
    204: "the server answers with no content",
    304: "the server answers “not modified”, but no earlier version was sent",
    400: "the server does not understand the request; check the address",
    401: "the site lets in only readers with an account",
    402: "the site lets in only readers who pay",
    403: "the site refuses access; ask its operators, or leave it out",
    406: "the site has this page in no format that we read",
    407: "a proxy on the way asks for a password",
    414: "the address is too long for the server",
    429: "the server is asked too often",
    451: "the page is withheld for legal reasons",
    503: "the server is out of service for now",
}


class TransientFetchError(UnavailableError):
    """No usable answer for now, but perhaps at the next attempt, a moment later."""


def error_of_status(place: RedirectChain, status: int, retry_after: float | None) -> FetchError:
    """The error that a status stands for; any but 200 and redirects."""
    if status in {404, 410}:
        return PageMissingError(place.address, status)
    meaning = _MEANINGS.get(status, "the server failed" if status >= 500 else "the server's answer is unusable")
    cause = place.tell(f"{meaning} ({status})")
    if status in _PASSING:
        return TransientFetchError(place.address, cause, retry_after)
    return UnavailableError(place.address, cause, retry_after) if status >= 500 else FetchError(place.address, cause)


def error_of_failure(place: RedirectChain, exc: Exception, timeout: float) -> FetchError:
    """The error that a failed exchange stands for."""
    known = next(filter(None, (_of_root(place, cause) for cause in _chain(exc))), None)
    if known:
        return known
    if isinstance(exc, httpcore2.TimeoutException):
        return _passing(place, f"no answer within {timeout:g} s")
    if isinstance(exc, httpcore2.ConnectError):
        return _passing(place, f"no connection can be made: {exc}")
    if isinstance(exc, (httpcore2.NetworkError, httpcore2.RemoteProtocolError)):
        return _passing(place, f"the connection broke: {exc or type(exc).__name__}")
    return FetchError(place.address, place.tell(f"cannot be asked for: {exc}"))


def _of_root(place: RedirectChain, cause: BaseException) -> FetchError | None:
    """The error that one link in a chain of exceptions stands for, if it tells more than the last of them."""
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _final(place, f"its certificate cannot be trusted: {getattr(cause, 'verify_message', None) or cause}")
    if isinstance(cause, ssl.SSLError):
        return _passing(place, f"no secure connection can be made: {getattr(cause, 'reason', None) or cause}")
    if isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN:
        return _passing(place, f"the name of its host cannot be looked up for now: {cause.strerror}")
    if isinstance(cause, (socket.gaierror, UnicodeError)):
        return _final(place, "there is no such host; check the address")
    return None


def _passing(place: RedirectChain, cause: str) -> TransientFetchError:
    return TransientFetchError(place.address, place.tell(cause))


def _final(place: RedirectChain, cause: str) -> UnavailableError:
    return UnavailableError(place.address, place.tell(cause))


def _chain(exc: BaseException | None) -> Iterator[BaseException]:
    """An exception and what led to it; by context too, because httpcore's pool cuts the cause off."""
    while exc:
        yield exc
        exc = exc.__cause__ or exc.__context__


LONGEST_PAUSE = 86_400.0
"""Seconds. Whoever asks to be left alone for longer is asked again a day later: it may be a slip of the pen."""

_LONGEST = 1_024  # characters of a validator or a date; a server gets back what it sends, and may not choke on it
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape"})  # Python's own
_HEAD = 2**14  # bytes in which a page says where it has gone
_SOON = 10  # seconds; a page that is shown for longer is meant to be read
_MOST_COOKIES = 20  # of one host
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|noscript|template|style)\b.*?(?:</\1|\Z)", re.DOTALL | re.IGNORECASE)
_META = re.compile(r"<meta\b([^<>]{1,1000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w-]{1,40}+)\s{0,9}+=\s{0,9}+(\"[^\"]{0,900}\"|'[^']{0,900}'|[^\s\"'>]{1,900})")
_REFRESH = re.compile(
    r"\s{0,9}+(\d{0,6}+)[\d.]{0,9}+\s{0,9}+[;,]\s{0,9}+(?:url\s{0,9}+=)?(.{1,900})", re.IGNORECASE | re.DOTALL
)
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,80}/[\w!#$&^.+-]{1,80}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers of one answer, a character for each byte; of several of one name the first counts."""

    lines: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, raw: Iterable[tuple[bytes, bytes]]) -> Headers:
        """From names and values as they came."""
        return cls(tuple((name.decode("latin-1").lower(), value.decode("latin-1").strip()) for name, value in raw))

    def get(self, name: str) -> str:
        """The value of a header, empty where there is none."""
        return next((value for line, value in self.lines if line == name), "")

    def every(self, name: str) -> str:
        """All values of a header that may be a list."""
        return ", ".join(self.all(name))

    def all(self, name: str) -> tuple[str, ...]:
        """The values of all headers of one name."""
        return tuple(value for line, value in self.lines if line == name)


def read_pause(retry_after: str) -> float | None:
    """Seconds to wait, a day at the most, from a Retry-After of seconds or of an HTTP date."""
    stated = retry_after.strip()
    if stated.isascii() and stated.isdigit():
        return min(float(stated[:20]), LONGEST_PAUSE) if len(stated) <= 20 else LONGEST_PAUSE
    moment = read_moment(stated)
    if moment is None:
        return None
    return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), LONGEST_PAUSE)


def read_moment(http_date: str) -> datetime | None:
    """The moment of an HTTP date, in UTC."""
    if len(http_date) > _LONGEST:
        return None
    try:
        return in_utc(parsedate_to_datetime(http_date))
    except (ValueError, TypeError, IndexError, OverflowError):  # a zone of 20 digits, the year 10000, half a date
        return None


def read_length(content_length: str) -> int | None:
    """Bytes that are announced."""
    stated = content_length.strip()
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) <= 20 else None


def read_media_type(content_type: str) -> str | None:
    """The bare media type, in lower case."""
    stated = content_type.partition(";")[0].strip()
    return stated.lower() if _MEDIA_TYPE.fullmatch(stated) else None


def read_charset(content_type: str) -> str | None:
    """The charset beside a media type, in lower case, if it is one that text can be read in."""
    found = _CHARSET.search(content_type[:_LONGEST])
    if found is None:
        return None
    try:
        b"x".decode(found[1])  # fails for codecs that are none of text, such as `zip`
        known = codecs.lookup(found[1]).name
    except (LookupError, ValueError):
        return None
    return found[1].lower() if known not in _NO_CHARSETS else None


def read_validator(value: str) -> str | None:
    """An ETag or a Last-Modified, which is given back byte for byte."""
    return value if 0 < len(value) <= _LONGEST else None


def read_target(location: str, base: str) -> str | None:
    """The whole address that a Location means, without its fragment, which is not asked for."""
    try:
        return urldefrag(urljoin(base, _as_text(location))).url or None
    except ValueError:
        return None


def read_refresh(headers: Headers, content: bytes) -> str | None:
    """The address that an HTML page sends its readers to within moments, by `<meta http-equiv="refresh">`."""
    if read_media_type(headers.get("content-type")) not in {None, "text/html", "application/xhtml+xml"}:
        return None
    beginning = _HIDDEN.sub("", content[:_HEAD].decode("utf-8", "replace"))
    for meta in _META.finditer(beginning):
        stated = {name.lower(): value.strip("\"'") for name, value in _ATTRIBUTE.findall(meta[1])}
        if stated.get("http-equiv", "").lower() == "refresh":
            found = _REFRESH.match(html.unescape(stated.get("content", "")))
            address = found[2].strip(" \"'") if found else ""
            return address if found and address and int(found[1] or 0) <= _SOON else None
    return None


class Cookies:
    """The cookies of one run, each given back to the host that set it and to no other; many threads may use it."""

    def __init__(self) -> None:
        self._of: dict[tuple[bool, str], dict[str, str]] = {}

    def keep(self, place: RedirectChain, given: Iterable[str]) -> bool:
        """Hold what a host sets; whether any of it is new."""
        held = self._of.setdefault(_server(place), {})
        pairs = [pair.partition("=") for pair in (line.partition(";")[0].strip() for line in given)]
        new = {name: value for name, _, value in pairs if name and len(name + value) <= _LONGEST}
        new = {name: value for name, value in new.items() if _is_plain(name + value) and held.get(name) != value}
        held.update(list(new.items())[:_MOST_COOKIES])
        return bool(new) and len(held) <= _MOST_COOKIES

    def of(self, place: RedirectChain) -> dict[str, str]:
        """The header that gives the cookies of a place's host back; empty where it has set none."""
        held = self._of.get(_server(place))
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in list(held.items()))} if held else {}


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _server(place: RedirectChain) -> tuple[bool, str]:
    """A cookie that came over a secure connection goes back over none that is not."""
    return place.hop.lower().startswith("https:"), place.host


def read_delay(seconds: float | None, requests: float = 1) -> float | None:
    """Seconds between two requests, as a robots.txt asks for so many requests in so many seconds."""
    try:
        delay = float(seconds or 0) / float(requests)
    except (ValueError, TypeError, OverflowError, ZeroDivisionError):  # a whole number of 400 digits is no float
        return None
    return delay if math.isfinite(delay) and delay > 0 else None


def _as_text(value: str) -> str:
    """Bytes of a header as the UTF-8 that most servers mean, where they are."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


ACCEPTED = "gzip, deflate"  # the only packings asked for, because only these can be unpacked to a limit

_UNPACKED = {"gzip": True, "x-gzip": True, "deflate": False}
# Whatever else a server names packs nothing (UTF-8, none, 8bit, binary), and is passed over as browsers do.
_OTHERS = frozenset(
    {"aes128gcm", "bzip2", "br", "compress", "dcb", "dcz", "exi", "lzma", "pack200-gzip", "x-compress", "xz", "zstd"}
)
_MOST_LAYERS = 2  # packed once more by a proxy; who packs three times wants to fill the memory
_MOST_MEMBERS = 1_000  # gzip files in a row; each has to be begun, however little there is in it
_SPARE = 2**20  # bytes that an answer may be longer by of which the start alone is wanted
_PIECE = 2**16  # bytes unpacked at a time, so that a small answer cannot fill the memory
_GZIP, _ZLIB, _RAW = 31, 15, -15  # the windows that zlib tells formats by


def read_body(headers: Headers, sent: Iterable[bytes], place: RedirectChain, *, largest: int) -> bytes:
    """A whole answer. Raises PageTooLargeError above `largest` bytes, sent or unpacked, TransientFetchError if cut."""
    announced = read_length(headers.get("content-length"))
    if announced is not None and announced > largest:
        raise _too_large(place, f"announces {announced} bytes", largest)
    return b"".join(_unpacked(headers, sent, place, largest))


def read_start(headers: Headers, sent: Iterable[bytes], place: RedirectChain, *, largest: int) -> bytes:
    """The first `largest` bytes of an answer; the rest is left unread."""
    start = bytearray()
    for piece in _unpacked(headers, sent, place, largest + _SPARE):
        start += piece
        if len(start) >= largest:
            break
    return bytes(start[:largest])


def _unpacked(headers: Headers, sent: Iterable[bytes], place: RedirectChain, largest: int) -> Iterator[bytes]:
    named = [name.strip().lower() for name in headers.every("content-encoding").split(",")]
    packings = [name for name in named if name in _UNPACKED or name in _OTHERS]
    unknown = next((name for name in packings if name in _OTHERS), None)
    if unknown or len(packings) > _MOST_LAYERS:
        cause = f"is sent packed as {unknown or ', '.join(packings[:5])!r}, though only {ACCEPTED} were asked for"
        raise FetchError(place.address, place.tell(cause))
    pieces = _limited(sent, place, largest)
    for packing in reversed(packings):  # they are named in the order in which they were applied
        pieces = _limited(_inflated(pieces, place, gzip=_UNPACKED[packing]), place, largest)
    return pieces


def _limited(pieces: Iterable[bytes], place: RedirectChain, largest: int) -> Iterator[bytes]:
    """The same pieces, as long as they are no more than allowed: as sent, and behind each unpacking."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > largest:
            raise _too_large(place, "goes on", largest)
        yield piece


def _inflated(sent: Iterator[bytes], place: RedirectChain, *, gzip: bool) -> Iterator[bytes]:
    unpacker, begun = None, 0
    for piece in sent:
        rest = piece
        while rest:
            if unpacker is None:
                if begun and not (gzip and rest.startswith(b"\x1f")):
                    break  # padding behind the packed part, as some servers send it
                begun += 1
                if begun > _MOST_MEMBERS:
                    raise FetchError(place.address, place.tell(f"is sent in more than {_MOST_MEMBERS} packed parts"))
                unpacker = zlib.decompressobj(_GZIP if gzip else _window(rest))
            try:
                yield unpacker.decompress(rest, _PIECE)
            except zlib.error as exc:
                raise TransientFetchError(place.address, place.tell(f"cannot be unpacked: {exc}")) from exc
            rest = unpacker.unconsumed_tail or unpacker.unused_data
            unpacker = None if unpacker.eof else unpacker
    if unpacker is not None and (rest := unpacker.decompress(b"", _PIECE)):  # held back by the limit of the last piece
        yield rest
    if unpacker is not None and not unpacker.eof:
        raise TransientFetchError(place.address, place.tell("was cut short while it was sent"))


def _window(start: bytes) -> int:
    """`deflate` is sent with zlib's two bytes in front, as the standard wants, or by some servers without them."""
    is_zlib = start[0] & 0x0F == 8 and (len(start) < 2 or int.from_bytes(start[:2], "big") % 31 == 0)
    return _ZLIB if is_zlib else _RAW


def _too_large(place: RedirectChain, what: str, largest: int) -> PageTooLargeError:
    cause = f"{what}, and {largest} bytes are allowed; raise the limit or leave it out"
    return PageTooLargeError(place.address, place.tell(cause))
