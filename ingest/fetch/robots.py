"""What a site's robots.txt allows: read once per run for each origin, obeyed as RFC 9309 wants it."""

from __future__ import annotations

import logging
import math
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from protego import Protego

from ingest.errors import AddressRefusedError, FetchError, RobotsRefusedError, UnavailableError
from ingest.fetch.policy import PRODUCT

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.fetch.place import Place

log = logging.getLogger(__name__)

LARGEST = 500 * 2**10  # bytes that RFC 9309 wants read at least; the rest is left unread


@dataclass(slots=True)
class _Origin:
    """One site's rules, or why they could not be read; neither before the first thread has asked."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    rules: Protego | None = None
    failure: FetchError | None = None


class Robots:
    """The rules of all sites of a run, shared by its threads.

    `read` gives the bytes of a robots.txt, none where the site has none. A failure to read one is remembered too: a
    site that is down is not asked again for each of its pages.
    """

    def __init__(self, read: Callable[[str, bool], bytes]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._origins: dict[tuple[str, bool], _Origin] = defaultdict(_Origin)

    def check(self, place: Place, *, allow_private: bool) -> float:
        """Seconds that the site asks to leave between requests, 0 where it does not say.

        Raises RobotsRefusedError where it asks not to read the place's hop; UnavailableError where robots.txt cannot be
        read for now, since then nothing is allowed; AddressRefusedError.
        """
        parts = urlsplit(place.hop)
        address = f"{parts.scheme}://{parts.netloc}/robots.txt"
        rules = self._rules(address, place, allow_private)
        if not rules.can_fetch(place.hop, PRODUCT):
            cause = f"{address} asks that `{PRODUCT}` does not read it; ask the site's keepers, or leave it out"
            raise RobotsRefusedError(place.address, place.tell(cause))
        return _delay(rules)

    def _rules(self, address: str, place: Place, allow_private: bool) -> Protego:
        with self._lock:
            origin = self._origins[address, allow_private]
        with origin.lock:
            if origin.rules is None and origin.failure is None:
                self._fill(origin, address, allow_private)
        if origin.rules is not None:
            return origin.rules
        if isinstance(origin.failure, UnavailableError):
            cause = place.tell(f"{address} cannot be read, and until then nothing may be: {origin.failure.cause}")
            raise UnavailableError(place.address, cause, origin.failure.retry_after) from origin.failure
        cause = origin.failure.cause if origin.failure else ""
        raise AddressRefusedError(place.address, place.tell(cause)) from origin.failure

    def _fill(self, origin: _Origin, address: str, allow_private: bool) -> None:
        try:
            content = self._read(address, allow_private)
        except (UnavailableError, AddressRefusedError) as exc:
            origin.failure = exc
            return
        rules = Protego.parse(content.decode("utf-8-sig", errors="replace"))
        if delay := _delay(rules):
            log.info("robots: %s: asks for %g seconds between requests", address, delay)
        origin.rules = rules


def _delay(rules: Protego) -> float:
    delay, rate = rules.crawl_delay(PRODUCT) or 0.0, rules.request_rate(PRODUCT)
    if rate and rate.requests > 0:
        delay = max(delay, rate.seconds / rate.requests)
    return delay if math.isfinite(delay) and delay > 0 else 0.0
