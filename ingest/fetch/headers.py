"""What a server says of its answer. Every reader here takes anything, and gives None for what is of no use."""

from __future__ import annotations

import codecs
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin

from ingest.dates import in_utc

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_PAUSE = 86_400.0
"""Seconds. Whoever asks to be left alone for longer is asked again a day later: it may be a slip of the pen."""

_LONGEST = 1_024  # characters of a validator or a date; a server gets back what it sends, and may not choke on it
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape"})  # Python's own
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
        return ", ".join(value for line, value in self.lines if line == name)


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
