"""What can go wrong while ingesting.

    IngestError
    ├── SourceError     a source cannot be listed: no such path, nothing in it that can be read
    └── ParseError      a page is not a release: empty, damaged, not of its format

Each carries the `location` it is about, and its text reads `location: cause`.
"""

from __future__ import annotations


class IngestError(Exception):
    """Base of this package's errors; `location` is the path or address it is about."""

    def __init__(self, location: str, cause: str) -> None:
        super().__init__(f"{location}: {cause}")
        self.location = location
        self.cause = cause


class SourceError(IngestError):
    """A source cannot be listed."""


class ParseError(IngestError):
    """A page holds no release that can be read."""
