"""What can go wrong while ingesting.

    IngestError
    ├── SourceError               a source cannot be listed: no such path, nothing in it that can be read
    │   └── ListPageError         it is a page that lists others, and its links were not asked for
    ├── ParseError                a page is not a release: empty, damaged, not of its format
    │   └── LimitError            it passes a limit of time, memory or depth, or ends the process that reads it
    ├── WorkerStartError          the process that reads pages does not start
    └── FetchError                an address cannot be read
        ├── AddressRefusedError   it lies where nothing is fetched from: this machine, a private network, not HTTP
        ├── RobotsRefusedError    the site's robots.txt asks not to read it
        ├── PageMissingError      the server says that there is no such page: 404 or 410
        ├── PageTooLargeError     it is larger than allowed, as sent or unpacked
        └── UnavailableError      no usable answer for now: time-outs, 429, 5xx, broken connections
            └── HostPausedError   its host wants to be left alone for longer than is waited out

Each carries the `location` it is about, and its text reads `location: cause`.
"""

from __future__ import annotations

from ingest.addresses import without_user


class IngestError(Exception):
    """Base of this package's errors; `location` is the path or address it is about, without a user's name in it."""

    def __init__(self, location: str, cause: str) -> None:
        location, cause = without_user(location), without_user(cause)
        super().__init__(f"{location}: {cause}")
        self.location = location
        self.cause = cause

    def __reduce__(self) -> tuple[type[IngestError], tuple[object, ...]]:
        return type(self), (self.location, self.cause)  # it comes from the process that reads pages


class SourceError(IngestError):
    """A source cannot be listed."""


class ListPageError(SourceError):
    """An address is a page that lists others, and no release; `feeds` are those that it names."""

    def __init__(self, location: str, feeds: tuple[str, ...]) -> None:
        named = f"name the feed that it points to, {feeds[0]}" if feeds else "name a feed or a sitemap"
        pattern = "or set `links` (--links) to a pattern that the addresses of its releases match"
        super().__init__(location, f"is a page that lists others, and no release; {named}, {pattern}")
        self.feeds = feeds

    def __reduce__(self) -> tuple[type[IngestError], tuple[object, ...]]:
        return type(self), (self.location, self.feeds)


class ParseError(IngestError):
    """A page holds no release that can be read."""


class LimitError(ParseError):
    """What is to be read passes a limit of time, memory or depth, or ends the process that reads it."""


class WorkerStartError(IngestError):
    """The process that reads pages does not start; this is no fault of a page."""

    def __init__(self, cause: str) -> None:
        super().__init__("reading pages", f"the worker process does not start: {cause}")


class FetchError(IngestError):
    """An address cannot be read."""


class AddressRefusedError(FetchError):
    """An address lies where nothing is fetched from."""


class RobotsRefusedError(FetchError):
    """The site's robots.txt asks not to read an address."""


class PageMissingError(FetchError):
    """The server says that there is no such page; `status` is 404 or 410."""

    def __init__(self, location: str, status: int) -> None:
        super().__init__(location, f"the server says that there is no such page ({status})")
        self.status = status


class PageTooLargeError(FetchError):
    """A page is larger than allowed, as sent or unpacked."""


class UnavailableError(FetchError):
    """No usable answer for now. `retry_after` are the seconds that the server asks to wait, or None."""

    def __init__(self, location: str, cause: str, retry_after: float | None = None) -> None:
        super().__init__(location, cause)
        self.retry_after = retry_after


class HostPausedError(UnavailableError):
    """A host wants to be left alone for longer than is waited out."""
