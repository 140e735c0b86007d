"""Reads what is piped in as `communique ingest -`: one page in any format, or JSONL with one release a line."""

from __future__ import annotations

import hashlib
import itertools
import sys
from typing import TYPE_CHECKING, BinaryIO

from ingest.errors import SourceError
from ingest.sources import LARGEST_PAGE, plain_lines
from ingest.types import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.sources import Limits
    from ingest.types import Source

_NAME = "standard input"
_LARGEST = 4 * LARGEST_PAGE  # bytes of all lines; more is better kept in a file


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
                _NAME, "is a terminal: pipe a release into it, as in `communique ingest - < release.html`"
            )
        content = stream.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise SourceError(_NAME, f"holds more than {_LARGEST // 2**20} MiB: save it, and ingest the file")
        if not content.strip():
            raise SourceError(_NAME, "is empty: pipe a release into it, as in `communique ingest - < release.html`")
        pages = list(_pages(content, source))
        self._pages = pages[: limits.limit]
        self.total = len(self._pages)
        self.beyond_limit = len(pages) - self.total

    def items(self) -> Iterator[Page]:
        """Every page in order."""
        return iter(self._pages)


def _pages(content: bytes, source: Source) -> Iterator[Page]:
    lines = plain_lines(content)
    if not _is_lines(lines):
        if len(content) > LARGEST_PAGE:
            raise SourceError(_NAME, f"holds a page of more than {LARGEST_PAGE // 2**20} MiB; split it or leave it out")
        digest = hashlib.sha256(content).hexdigest()[:16]
        yield Page(location=_NAME, id=f"stdin:{digest}", content=content, source=source)
        return
    for number, line in zip(itertools.count(1), lines.splitlines(), strict=False):
        if line.strip():
            yield Page(location=f"{_NAME}:{number}", id="stdin", content=line, source=source, line=number)


def _is_lines(content: bytes) -> bool:
    first = content.lstrip().split(b"\n", 1)[0].strip()
    return first.startswith(b"{") and first.endswith(b"}")
