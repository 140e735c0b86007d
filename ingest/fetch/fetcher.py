"""Fetches pages for many threads: politely, safely, and again only if they have changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

import httpx
import tenacity

from ingest.errors import AddressRefusedError, FetchError, UnavailableError
from ingest.fetch import causes, robots
from ingest.fetch.body import read_body, read_start
from ingest.fetch.cache import CachedPage
from ingest.fetch.client import Clients
from ingest.fetch.guard import check_address
from ingest.fetch.network import resolve
from ingest.fetch.pace import Pace
from ingest.fetch.place import Place
from ingest.fetch.policy import FetchPolicy
from ingest.fetch.stopwatch import EndedError, Stopwatch
from ingest.fetch.traffic import Meter, Traffic

if TYPE_CHECKING:
    from types import TracebackType

    import httpcore

    from ingest.fetch.cache import PageCache
    from ingest.fetch.network import Resolve

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it was read; `modified` is False if it is the one that the cache held.

    `address` is what was asked for, `final` what it was read at after redirects. `content_type` is the bare media type
    and `charset` what stood beside it, both in lower case; `last_modified` stands as the server gave it.
    """

    address: str
    final: str
    content: bytes
    content_type: str | None
    charset: str | None
    last_modified: str | None
    modified: bool


@dataclass(frozen=True, slots=True)
class _Errand:
    """What is to be fetched; a robots.txt is read in part, may be empty, and needs no permission."""

    address: str
    allow_private: bool
    is_robots: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one request brought: headers and content, or where to go on."""

    place: Place
    status: int
    headers: httpx.Headers
    content: bytes = b""
    charset: str | None = None


class Fetcher:
    """Fetches pages for one run; many threads may use it.

    What the cache had confirmed less than `fresh_for` ago is given without any request. `resolve` looks host names up
    and `backend` connects, for tests. The cache stays open when the fetcher is closed.
    """

    def __init__(
        self,
        cache: PageCache,
        policy: FetchPolicy | None = None,
        *,
        fresh_for: timedelta | None = None,
        resolve: Resolve = resolve,
        backend: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._cache = cache
        self._policy = policy or FetchPolicy()
        self._fresh_for = fresh_for
        self._stopwatch = Stopwatch()
        self._meter = Meter()
        self._pace = Pace(self._stopwatch, self._policy.wait_at_most)
        self._robots = robots.Robots(self._read_robots)
        self._clients = Clients(self._policy, self._stopwatch, self._meter, resolve=resolve, backend=backend)

    @property
    def at_once(self) -> int:
        """How many threads may fetch side by side."""
        return self._policy.at_once

    @property
    def traffic(self) -> Traffic:
        """What was asked of the web so far."""
        return self._meter.read()

    def fetch(self, address: str, *, allow_private: bool = False) -> Fetched:
        """The page at an address. Raises FetchError, and of its kinds the one that fits."""
        return self._fetch(_Errand(address, allow_private))

    def stop(self) -> None:
        """End every wait and read of all threads; their pages, and any further, are UnavailableError: stopped."""
        self._stopwatch.stop()

    def close(self) -> None:
        """Close all connections."""
        self._clients.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _fetch(self, errand: _Errand) -> Fetched:
        place = Place((errand.address,))
        check_address(place)
        known = self._cache.get(errand.address)
        if known and self._is_fresh(known) and (known.content or errand.is_robots):
            self._meter.count("from_cache")
            return _fetched(known, modified=False)
        policy = self._policy
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(causes.PassingError),
            stop=tenacity.stop_after_attempt(policy.attempts),
            wait=tenacity.wait_exponential(policy.backoff, policy.wait_at_most)
            + tenacity.wait_random(0, policy.backoff),
            sleep=self._stopwatch.wait,
            before_sleep=lambda _: self._meter.count("retries"),
            reraise=True,
        )
        try:
            return retrying(self._follow, errand, place, known)
        except EndedError as exc:
            raise UnavailableError(errand.address, str(exc)) from exc

    def _follow(self, errand: _Errand, place: Place, known: CachedPage | None) -> Fetched:
        """One attempt: ask, and go on asking where redirects lead."""
        answer = self._ask(errand, place, known)
        while answer.status in _REDIRECTS:
            target = httpx.URL(answer.place.hop).join(answer.headers["location"])
            place = answer.place.sent_on(str(target), at_most=self._policy.redirects)
            answer = self._ask(errand, place, known)
        now = datetime.now(UTC)
        if answer.status == 304 and known:
            self._meter.count("not_modified")
            self._cache.confirm(errand.address, now)
            return _fetched(known, modified=False)
        page = _cached(answer, now)
        self._cache.keep(page)
        return _fetched(page, modified=True)

    def _ask(self, errand: _Errand, place: Place, known: CachedPage | None) -> _Answer:
        """One request: allowed, in turn, and in time. Raises FetchError, EndedError."""
        check_address(place)
        delay = self._policy.delay
        if not errand.is_robots:
            delay = max(delay, self._robots.check(place, allow_private=errand.allow_private))
        conditions = _conditions(known) if known and known.content and known.final == place.hop else {}
        self._pace.turn(place, delay)
        self._meter.count("requests")
        self._meter.count("conditional", 1 if conditions else 0)
        client = self._clients.get(allow_private=errand.allow_private)
        try:
            with (
                self._stopwatch.running(self._policy.longest),
                client.stream("GET", place.hop, headers=conditions) as got,
            ):
                return self._read(errand, place, got, conditional=bool(conditions))
        except httpx.HTTPError as exc:
            raise causes.of_failure(place, exc, self._policy.timeout) from exc
        except httpx.InvalidURL as exc:
            raise AddressRefusedError(place.address, place.tell(f"is no web address: {exc}")) from exc
        except AddressRefusedError as exc:  # from the connection, which knows the host alone
            raise AddressRefusedError(place.address, place.tell(exc.cause)) from exc

    def _read(self, errand: _Errand, place: Place, response: httpx.Response, *, conditional: bool) -> _Answer:
        status, headers = response.status_code, response.headers
        if (status == 304 and conditional) or (status in _REDIRECTS and "location" in headers):
            _drain(response)
            return _Answer(place, status, headers)
        if status != 200:
            raise self._refusal(place, response)
        if errand.is_robots:
            content = read_start(response, place, largest=min(robots.LARGEST, self._policy.largest))
        else:
            content = read_body(response, place, largest=self._policy.largest)
            if not content:
                raise FetchError(place.address, place.tell("the server answers with an empty page"))
        return _Answer(place, status, headers, content, response.charset_encoding)

    def _refusal(self, place: Place, response: httpx.Response) -> FetchError:
        """The error of a status; a pause that the server asks for holds for all threads."""
        error = causes.of_status(
            place, response.status_code, causes.read_retry_after(response.headers.get("retry-after"))
        )
        if not isinstance(error, UnavailableError) or error.retry_after is None:
            return error
        self._pace.pause(place, error.retry_after)
        if error.retry_after <= self._policy.wait_at_most:
            return error
        cause = f"{error.cause}; it asks to come again in {error.retry_after:.0f} seconds"
        return UnavailableError(place.address, cause, error.retry_after)

    def _read_robots(self, address: str, allow_private: bool) -> bytes:
        """The bytes of a robots.txt; none where the site has none, which the cache remembers as an empty page."""
        try:
            return self._fetch(_Errand(address, allow_private, is_robots=True)).content
        except (UnavailableError, AddressRefusedError):
            raise
        except FetchError:
            missing = _Answer(Place((address,)), 404, httpx.Headers())
            self._cache.keep(_cached(missing, datetime.now(UTC)))
            return b""

    def _is_fresh(self, page: CachedPage) -> bool:
        if self._fresh_for is None:
            return False
        return timedelta(0) <= datetime.now(UTC) - page.confirmed < self._fresh_for


def _conditions(known: CachedPage) -> dict[bytes, bytes]:
    """Headers that ask for a page only if it is another than the known one; validators byte for byte as given."""
    validators = {b"If-None-Match": known.etag, b"If-Modified-Since": known.last_modified}
    return {name: value.encode("latin-1") for name, value in validators.items() if value}


def _cached(answer: _Answer, now: datetime) -> CachedPage:
    given = {name.lower(): value.decode("latin-1") for name, value in answer.headers.raw}
    return CachedPage(
        address=answer.place.address,
        final=answer.place.hop,
        content=answer.content,
        etag=given.get(b"etag"),
        last_modified=given.get(b"last-modified"),
        content_type=given.get(b"content-type", "").partition(";")[0].strip().lower() or None,
        charset=answer.charset,
        confirmed=now,
    )


def _fetched(page: CachedPage, *, modified: bool) -> Fetched:
    described = (page.content_type, page.charset, page.last_modified)
    return Fetched(page.address, page.final, page.content, *described, modified=modified)


def _drain(response: httpx.Response) -> None:
    """Read what little follows, so that the connection can be used again; of a long rest only the beginning."""
    size = 0
    for piece in response.iter_raw():
        size += len(piece)
        if size > 2**16:
            return
