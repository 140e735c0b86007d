"""What is piped in as `communique ingest -`: one page in any format, JSON lines, or JSON in any other layout."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from typing import TYPE_CHECKING, BinaryIO

from ingest.errors import SourceError
from ingest.sources import LARGEST_PAGE, Limits, plain_lines
from ingest.types import Page, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIPED = "standard input"
_LARGEST_PIPED = 4 * LARGEST_PAGE  # bytes of all lines; more is better kept in a file


class StandardInputReading:
    """The pages of standard input, or of the `stream` that stands for it; a page is named by its content.

    Raises SourceError where nothing is piped in.
    """

    before_since = 0
    kind = None
    taken_down = 0
    warnings: tuple[str, ...] = ()

    def __init__(self, source: Source, limits: Limits, stream: BinaryIO | None = None) -> None:
        stream = stream or sys.stdin.buffer
        if stream.isatty():
            raise SourceError(
                _PIPED, "is a terminal: pipe a release into it, as in `communique ingest - < release.html`"
            )
        content = stream.read(_LARGEST_PIPED + 1)
        if len(content) > _LARGEST_PIPED:
            raise SourceError(_PIPED, f"holds more than {_LARGEST_PIPED // 2**20} MiB: save it, and ingest the file")
        if not content.strip():
            raise SourceError(_PIPED, "is empty: pipe a release into it, as in `communique ingest - < release.html`")
        pages = list(_piped(content, source))
        self._pages = pages[: limits.limit]
        self.total = len(self._pages)
        self.beyond_limit = len(pages) - self.total

    def items(self) -> Iterator[Page]:
        """Every page in order."""
        return iter(self._pages)


def _piped(content: bytes, source: Source) -> Iterator[Page]:
    lines = plain_lines(content)
    if _holds_lines(lines):
        releases = enumerate(lines.splitlines(), 1)
    elif _JSON.match(lines):
        releases = enumerate(_json_objects(lines), 1)
    else:
        if len(content) > LARGEST_PAGE:
            raise SourceError(
                _PIPED, f"holds a page of more than {LARGEST_PAGE // 2**20} MiB; split it or leave it out"
            )
        digest = hashlib.sha256(content).hexdigest()[:16]
        yield Page(location=_PIPED, id=f"stdin:{digest}", content=content, source=source)
        return
    for number, release in releases:
        if release.strip():
            yield Page(location=f"{_PIPED}:{number}", id="stdin", content=release, source=source, line=number)


def _holds_lines(content: bytes) -> bool:
    first = content.lstrip().split(b"\n", 1)[0].strip()
    return first.startswith(b"{") and first.endswith(b"}")


_JSON = re.compile(rb'\A\s*+(?:\[\s*+)?+\{\s*+"')  # an object, or an array of them
_VALUE = re.compile(r"[^\s,\[\]]")


def _json_objects(content: bytes) -> Iterator[bytes]:
    """Each object of JSON in any layout, one after the other or in arrays: what `jq` prints."""
    end = 0
    try:
        text = content.decode()
        while found := _VALUE.search(text, end):
            _, end = json.JSONDecoder().raw_decode(text, found.start())
            yield text[found.start() : end].encode()
    except (ValueError, RecursionError) as exc:
        raise SourceError(_PIPED, f"begins as JSON, and is none: {exc}") from exc
