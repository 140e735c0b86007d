"""What a run asked of the web, counted."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Traffic:
    """Counts of one run. `requests` counts all, robots.txt, redirects and further attempts (`retries`) too.

    `conditional` are those that asked for a page only if it had changed, `not_modified` the answers that it had not.
    `bytes` came in, packed and with their headers. `from_cache` are pages given without any request.
    """

    requests: int = 0
    not_modified: int = 0
    conditional: int = 0
    retries: int = 0
    bytes: int = 0
    from_cache: int = 0


class Meter:
    """Counts traffic for many threads; the names are those of Traffic."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def count(self, name: str, by: int = 1) -> None:
        """Add to one count."""
        with self._lock:
            self._counts[name] += by

    def read(self) -> Traffic:
        """The counts as they stand."""
        with self._lock:
            return Traffic(**self._counts)
