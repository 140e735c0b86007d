"""What a host answers where there can be no page: an error page that says 200 is known by it, in any language."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from ingest.errors import IngestError
from ingest.release import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.listing.discover import FetchedPage
    from ingest.reading import WebPage
    from ingest.release import Release, Source


class Probe:
    """Asks each host once for an address beside a page's own that nobody has given to a page."""

    def __init__(self, fetch: Callable[[str, Source], FetchedPage], parse: Callable[[Page], Release]) -> None:
        self._fetch = fetch
        self._parse = parse
        self._answers: dict[str, Release | None] = {}

    def beside(self, item: WebPage) -> Release | None:
        """What stands where no page can be, on the host of this page; None where it rightly says that nothing does."""
        host = urlsplit(item.page.location).netloc
        if host not in self._answers:
            self._answers[host] = self._ask(item.page.location, item.page.source)
        return self._answers[host]

    def _ask(self, location: str, source: Source) -> Release | None:
        # The same name at each run: the page cache then holds one answer for a host, and not one for each run.
        name = f"no-such-page-{hashlib.sha256(urlsplit(location).netloc.encode()).hexdigest()[:12]}"
        try:
            fetched = self._fetch(urljoin(location, name), source)
            return self._parse(Page(fetched.final, name, fetched.content, source, charset=fetched.charset))
        except IngestError:
            return None
