"""Fetches pages for many threads: politely, safely, and again only if they have changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self
from urllib.parse import urldefrag

import httpcore2
import httpx2
import tenacity

from ingest.errors import AddressRefusedError, FetchError, HostPausedError, UnavailableError
from ingest.fetch.cache import CachedPage
from ingest.fetch.network import Allowance, Connections, EndedError, Meter, Stopwatch, Traffic, check_address, resolve
from ingest.fetch.politeness import LARGEST_ROBOTS, FetchPolicy, Hosts
from ingest.fetch.response import (
    ACCEPTED,
    FAULTS,
    Cookies,
    Headers,
    RedirectChain,
    TransientFetchError,
    error_of_failure,
    error_of_status,
    read_body,
    read_charset,
    read_media_type,
    read_pause,
    read_refresh,
    read_start,
    read_target,
    read_validator,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from ingest.fetch.cache import PageCache
    from ingest.fetch.network import Resolve

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ASKED_TOO_OFTEN = frozenset({429, 503})
_FOR_GOOD = frozenset({200, 301, 308})  # a page that names its new address within moments says the same
_WANTS_COOKIE = (
    "the site sets a cookie and shows its pages only to those who send it back, which is not done; "
    "set fetch.cookies = true to do so, or ask the site's keepers"
)
_OVERHEAD = 2**20  # bytes that an answer may have beside its content: headers, and the frames of chunks


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it was read; `modified` is False if it is the one that the cache held.

    `address` is what was asked for, `final` what it was read at after redirects. `content_type` is the bare media type
    and `charset` what stood beside it, both in lower case; `last_modified` stands as the server gave it. `moved` says
    that all those redirects are for good.
    """

    address: str
    final: str
    content: bytes
    content_type: str | None
    charset: str | None
    last_modified: str | None
    modified: bool
    moved: bool = False


@dataclass(frozen=True, slots=True)
class _Errand:
    """What is to be fetched; a robots.txt is read in part, may be empty, and needs no permission."""

    address: str
    allow_private: bool
    allowance: Allowance
    is_robots: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one request brought: headers and content, or where to go on."""

    place: RedirectChain
    status: int
    headers: Headers
    content: bytes = b""


class Fetcher:
    """Fetches pages for one run over a source; many threads may use it.

    `hosts` is what fetchers that run side by side share, so that together they are as polite as one. What the cache had
    confirmed less than `fresh_for` ago is given without any request. `resolve` looks host names up and `backend`
    connects, for tests. The cache stays open when the fetcher is closed.
    """

    def __init__(
        self,
        cache: PageCache,
        policy: FetchPolicy | None = None,
        *,
        hosts: Hosts | None = None,
        fresh_for: timedelta | None = None,
        resolve: Resolve = resolve,
        backend: httpcore2.NetworkBackend | None = None,
    ) -> None:
        self._cache = cache
        self._policy = policy or FetchPolicy()
        self._hosts = hosts or Hosts()
        self._fresh_for = fresh_for
        self._stopwatch = Stopwatch()
        self._meter = Meter()
        self._cookies = Cookies() if self._policy.cookies else None
        self._headers = {"User-Agent": self._policy.user_agent, "Accept": "*/*", "Accept-Encoding": ACCEPTED}
        self._warnings: list[str] = []
        self._connections = Connections(self._stopwatch, self._meter, resolve=resolve, backend=backend)

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
        return self._fetch(self._errand(address, allow_private))

    def take_warnings(self) -> tuple[str, ...]:
        """What the operator should know of the sites that were asked since this was last called."""
        warnings, self._warnings = self._warnings, []
        return tuple(warnings)

    def forget(self, address: str) -> None:
        """Hold a page in the cache no longer."""
        self._cache.forget(address)

    def stop(self) -> None:
        """End every wait and read of all threads; their pages, and any further, are UnavailableError: stopped."""
        self._stopwatch.stop()

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _errand(self, address: str, allow_private: bool, *, is_robots: bool = False) -> _Errand:
        most = self._policy.largest + _OVERHEAD
        return _Errand(address, allow_private, Allowance(self._policy.longest, most), is_robots)

    def _fetch(self, errand: _Errand) -> Fetched:
        place = RedirectChain((errand.address,))
        check_address(place)
        known = self._cache.get(errand.address)
        if known and self._is_fresh(known) and (known.content or errand.is_robots):
            self._meter.count("from_cache")
            return _fetched(known, modified=False)
        policy = self._policy
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TransientFetchError),
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

    def _follow(self, errand: _Errand, place: RedirectChain, known: CachedPage | None) -> Fetched:
        """One attempt: ask, and go on asking where redirects lead."""
        answer = self._ask(errand, place, known)
        while onward := None if errand.is_robots and answer.status == 200 else self._sent_on(answer):
            answer = self._ask(errand, onward, known)
        now = datetime.now(UTC)
        moved = len(answer.place.hops) > 1 and answer.place.is_permanent
        if answer.status == 304 and known:
            self._meter.count("not_modified")
            self._cache.confirm(errand.address, now)
            return _fetched(known, modified=False, moved=moved)
        page = _cached(answer, now)
        self._cache.keep(page)
        return _fetched(page, modified=True, moved=moved)

    def _sent_on(self, answer: _Answer) -> RedirectChain | None:
        """Where an answer sends its reader, None where it is the page; by a header, or a `<meta>` that does so at once.

        Raises FetchError where that leads nowhere, or only a cookie leads on.
        """
        place, is_redirect = answer.place, answer.status in _REDIRECTS
        if answer.status != 200 and not is_redirect:
            return None
        location = answer.headers.get("location") if is_redirect else read_refresh(answer.headers, answer.content)
        if not location:
            return None
        target = read_target(location, place.hop)  # without its fragment
        if target is None:
            raise FetchError(place.address, place.tell(f"the server sends on to what is no web address: {location!r}"))
        place = replace(place, has_cookie=place.has_cookie or self._gives_cookie(answer))
        again = place.was_at(target) and place.has_cookie
        if again and self._cookies is None:
            raise FetchError(place.address, place.tell(_WANTS_COOKIE))
        if not (is_redirect or again) and target == urldefrag(place.hop).url:
            return None  # a page that loads itself again
        for_good = answer.status in _FOR_GOOD
        return place.sent_on(target, at_most=self._policy.redirects, for_good=for_good, again=again)

    def _gives_cookie(self, answer: _Answer) -> bool:
        """Whether an answer sets a cookie, a new one where cookies are kept."""
        given = answer.headers.all("set-cookie")
        return bool(given) if self._cookies is None else self._cookies.keep(answer.place, given)

    def _ask(self, errand: _Errand, place: RedirectChain, known: CachedPage | None) -> _Answer:
        """One request: allowed, in turn, and in time. Raises FetchError, EndedError."""
        check_address(place)
        url = _url(place)
        delay = self._policy.delay
        if not errand.is_robots:
            delay = max(delay, self._allowed(errand, place))
        conditions = _conditions(known) if known and known.content and known.final == place.hop else {}
        self._hosts.pace.turn(place, delay, self._stopwatch, at_most=self._policy.wait_at_most)
        self._meter.count("requests")
        self._meter.count("conditional", 1 if conditions else 0)
        headers = self._headers | conditions | (self._cookies.of(place) if self._cookies else {})
        pool = self._connections.get(allow_private=errand.allow_private)
        try:
            with (
                self._stopwatch.running(errand.allowance),
                pool.stream("GET", url, headers=_encoded(headers), extensions=self._policy.time_limits) as response,
            ):
                return self._read(errand, place, response, conditional=bool(conditions))
        except FAULTS as exc:
            error = error_of_failure(place, exc, self._policy.timeout)
            if isinstance(error, TransientFetchError):
                self._hosts.pace.failed(place, self._policy)
            raise error from exc
        except AddressRefusedError as exc:  # from the connection, which knows the host alone
            raise AddressRefusedError(place.address, place.tell(exc.cause)) from exc

    def _allowed(self, errand: _Errand, place: RedirectChain) -> float:
        """Seconds to leave between requests, as the site wants it, within bounds. Raises RobotsRefusedError."""
        rules = self._hosts.robots.rules(place, self._read_robots, self._stopwatch, allow_private=errand.allow_private)
        rules.check(place)
        longest = self._policy.longest_delay
        if rules.delay > longest and self._hosts.is_new(rules.address):
            kept = f"{longest:g} are kept, as fetch.longest_delay says"
            self._warnings.append(f"{rules.address}: asks for {rules.delay:g} seconds between requests; {kept}")
        return min(rules.delay, longest)

    def _read(
        self, errand: _Errand, place: RedirectChain, response: httpcore2.Response, *, conditional: bool
    ) -> _Answer:
        status, headers = response.status, Headers.of(response.headers)
        if status not in _ASKED_TOO_OFTEN:
            self._hosts.pace.answered(place)
        if (status == 304 and conditional) or (status in _REDIRECTS and headers.get("location")):
            _drain(response)
            return _Answer(place, status, headers)
        if status != 200:
            raise self._refusal(place, status, headers)
        largest = self._policy.largest
        if errand.is_robots:
            content = read_start(headers, response.iter_stream(), place, largest=min(LARGEST_ROBOTS, largest))
        else:
            content = read_body(headers, response.iter_stream(), place, largest=largest)
            if not content:
                raise FetchError(place.address, place.tell("the server answers with an empty page"))
        return _Answer(place, status, headers, content)

    def _refusal(self, place: RedirectChain, status: int, headers: Headers) -> FetchError:
        """The error of a status; a pause that the server asks for holds for all who ask its host."""
        error = error_of_status(place, status, read_pause(headers.get("retry-after")))
        if not isinstance(error, UnavailableError) or error.retry_after is None:
            if status in _ASKED_TOO_OFTEN:
                self._hosts.pace.refused(place, self._policy)
            return error
        self._hosts.pace.pause(place, error.retry_after)
        if error.retry_after <= self._policy.wait_at_most:
            return error
        cause = f"{error.cause}; it asks to come again in {error.retry_after:.0f} seconds, and is left alone for now"
        return HostPausedError(place.address, cause, error.retry_after)

    def _read_robots(self, address: str, allow_private: bool) -> bytes:
        """The bytes of a robots.txt; none where the site has none, which the cache remembers as an empty page."""
        try:
            return self._fetch(self._errand(address, allow_private, is_robots=True)).content
        except (UnavailableError, AddressRefusedError):
            raise
        except FetchError:
            missing = _Answer(RedirectChain((address,)), 404, Headers())
            self._cache.keep(_cached(missing, datetime.now(UTC)))
            return b""

    def _is_fresh(self, page: CachedPage) -> bool:
        if self._fresh_for is None:
            return False
        return timedelta(0) <= datetime.now(UTC) - page.confirmed < self._fresh_for


def _url(place: RedirectChain) -> httpcore2.URL:
    """The present hop as it goes over the wire. Raises AddressRefusedError."""
    try:
        url = httpx2.URL(place.hop)
        return httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    except (httpx2.InvalidURL, ValueError) as exc:  # the latter for half a surrogate
        raise AddressRefusedError(place.address, place.tell(f"is no web address: {exc}")) from exc


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]


def _conditions(known: CachedPage) -> dict[str, str]:
    """Headers that ask for a page only if it is another than the known one; validators as given."""
    validators = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in validators.items() if value}


def _cached(answer: _Answer, now: datetime) -> CachedPage:
    given = answer.headers.get
    return CachedPage(
        address=answer.place.address,
        final=answer.place.hop,
        content=answer.content,
        etag=read_validator(given("etag")),
        last_modified=read_validator(given("last-modified")),
        content_type=read_media_type(given("content-type")),
        charset=read_charset(given("content-type")),
        confirmed=now,
    )


def _fetched(page: CachedPage, *, modified: bool, moved: bool = False) -> Fetched:
    described = (page.content_type, page.charset, page.last_modified)
    return Fetched(page.address, page.final, page.content, *described, modified=modified, moved=moved)


def _drain(response: httpcore2.Response) -> None:
    """Read what little follows, so that the connection can be used again; of a long rest only the beginning."""
    size = 0
    for piece in response.iter_stream():
        size += len(piece)
        if size > 2**16:
            return
