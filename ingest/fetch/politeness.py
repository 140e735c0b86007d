"""How politely and how patiently pages are fetched.

`FetchPolicy` holds the limits of a run. `Hosts` is what is known of the hosts that are asked: whose turn it is
(`Pace`), and what their robots.txt allows (`Robots`, RFC 9309).
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from protego import Protego

from ingest.errors import AddressRefusedError, FetchError, HostPausedError, RobotsRefusedError, UnavailableError
from ingest.fetch.network import GLANCE
from ingest.fetch.response import read_delay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.fetch.network import Stopwatch
    from ingest.fetch.response import RedirectChain

PRODUCT = "Communique"  # the token that a site's robots.txt names us by


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """Limits of one run; seconds and bytes.

    `contact` is an address or a mailbox that a site's keepers can turn to. `at_once` requests run side by side, and
    `delay` lies between the starts of two to one host, or what robots.txt asks for, but never more than
    `longest_delay`. `timeout` is for a connection, and for each silence in an answer; `longest` for a page, over all
    its redirects and attempts, less the waits between them. `largest` holds for a page as sent and as unpacked.
    `backoff` is the first wait before another attempt; waits longer than `wait_at_most` are not waited out. `cookies`
    sends those back that a host sets before it shows its pages. A host that refuses for now and does not say for how
    long is left alone for `pause`, twice as long each further time, up to `wait_at_most`; one that fails, or refuses,
    `failures` times in a row is not asked again for `left_alone`.
    """

    contact: str | None = None
    at_once: int = 4
    delay: float = 0.25
    longest_delay: float = 5
    timeout: float = 20
    longest: float = 120
    attempts: int = 3
    largest: int = 20 * 2**20
    redirects: int = 5
    backoff: float = 1
    wait_at_most: float = 60
    cookies: bool = False
    pause: float = 30
    failures: int = 8
    left_alone: float = 600

    def __post_init__(self) -> None:
        if self.contact and not (self.contact.isascii() and self.contact.isprintable()):
            raise ValueError(f"contact: {self.contact!r}: holds what no HTTP header may; write it in plain ASCII")

    @property
    def time_limits(self) -> dict[str, dict[str, float | None]]:
        """The limits of one exchange, as httpcore takes them."""
        return {"timeout": {"connect": self.timeout, "read": self.timeout, "write": self.timeout, "pool": None}}

    @property
    def user_agent(self) -> str:
        """Who asks, as every request says: product, version, what for, and the contact."""
        about = f"press release reader; +{self.contact}" if self.contact else "press release reader"
        return f"{PRODUCT}/{_version()} ({about})"


def _version() -> str:
    try:
        return version("communique")
    except PackageNotFoundError:  # run from a checkout that nobody installed
        return "0"


_MOST_HOSTS = 1_000  # remembered before those are forgotten that may be asked at once


class Pace:
    """Shared by all fetchers of a process and their threads: the distance is kept between any two requests to a host.

    A wait hangs on the stopwatch of whoever waits; who stops waiting has taken nobody's turn.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}  # host -> when the next request may start
        self._paused: dict[str, float] = {}  # host -> when its pause ends
        self._down: dict[str, float] = {}  # host -> until when it is not asked, since it fails
        self._refusals: dict[str, int] = {}  # host -> how often in a row it refused, and gave no time
        self._failures: dict[str, int] = {}  # host -> how often in a row it refused or did not answer

    @property
    def remembered(self) -> int:
        """Hosts that are not to be asked again at once, as far as it has not yet looked which of them are."""
        return len(self._next)

    def turn(self, place: RedirectChain, delay: float, stopwatch: Stopwatch, *, at_most: float) -> None:
        """Return when the place's host may be asked, `delay` seconds after the last request to it began.

        Raises HostPausedError where the host wants a longer pause than `at_most` seconds, or fails again and again;
        EndedError where all is to stop.
        """
        while True:
            with self._lock:
                now = time.monotonic()
                down = self._down.get(place.host, now) - now
                pause = self._paused.get(place.host, now) - now
                wait = max(0.0, pause, self._next.get(place.host, now) - now)
                if not wait and down <= 0:
                    self._forget(now)
                    self._next[place.host] = now + delay
                    return
            if down > 0:
                cause = f"its host has failed again and again; it is left alone for {down:.0f} seconds more"
                raise HostPausedError(place.address, place.tell(cause), retry_after=down)
            if pause > at_most:
                cause = f"its host asks for a pause of {pause:.0f} seconds more; it is left alone for now"
                raise HostPausedError(place.address, place.tell(cause), retry_after=pause)
            stopwatch.wait(wait)

    def pause(self, place: RedirectChain, seconds: float) -> None:
        """Let nobody ask the place's host for so long, as its Retry-After wants it."""
        with self._lock:
            end = time.monotonic() + seconds
            self._paused[place.host] = max(self._paused.get(place.host, end), end)

    def answered(self, place: RedirectChain) -> None:
        """Note that the place's host answers, and does not refuse."""
        with self._lock:
            self._refusals.pop(place.host, None)
            self._failures.pop(place.host, None)

    def refused(self, place: RedirectChain, policy: FetchPolicy) -> None:
        """Pause a host that refuses for now and gives no time; those who had asked it by then count as one."""
        with self._lock:
            now = time.monotonic()
            if self._paused.get(place.host, now) > now:
                return
            before = self._refusals.get(place.host, 0)
            self._refusals[place.host] = before + 1
            self._paused[place.host] = now + min(policy.pause * 2 ** min(before, 20), policy.wait_at_most)
            self._fail(place.host, now, policy)

    def failed(self, place: RedirectChain, policy: FetchPolicy) -> None:
        """Note that the place's host did not answer; after so many times in a row it is not asked any more."""
        with self._lock:
            self._fail(place.host, time.monotonic(), policy)

    def _fail(self, host: str, now: float, policy: FetchPolicy) -> None:
        self._failures[host] = self._failures.get(host, 0) + 1
        if self._failures[host] >= policy.failures:
            self._down[host] = now + policy.left_alone
            del self._failures[host]

    def _forget(self, now: float) -> None:
        for moments in (self._next, self._paused, self._down):
            if len(moments) > _MOST_HOSTS:
                for host in [host for host, moment in moments.items() if moment <= now]:
                    del moments[host]


LARGEST_ROBOTS = 500 * 2**10  # bytes that RFC 9309 wants read at least; the rest is left unread

Read = Callable[[str, bool], bytes]
"""Gives the bytes of a robots.txt, none where the site has none; the second says whether private networks are open."""

_RULES_FOR = 3_600  # seconds; RFC 9309 lets them be kept for a day
_FAILURE_FOR = 300  # a site that is down is not asked again for each of its pages
_MOST_ORIGINS = 1_000
_USER_AGENT = re.compile(r"\A\s*+user(?:-|\s{0,9}+)agent(?:\s{0,9}+:|\s)(.*)", re.IGNORECASE)
_TOKEN = re.compile(r"\A\s*+(\*|[a-z_-]++)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rules:
    """What one robots.txt says to us; `delay` are the seconds that it wants between requests, 0 where it is silent."""

    address: str
    delay: float
    parsed: Protego

    @classmethod
    def of(cls, content: bytes, address: str) -> Rules:
        """The rules that a file holds; none that cannot be understood."""
        parsed = Protego.parse(_for_us(content.decode("utf-8-sig", errors="replace")))
        rate = parsed.request_rate(PRODUCT)
        asked = (read_delay(parsed.crawl_delay(PRODUCT)), read_delay(rate.seconds, rate.requests) if rate else None)
        return cls(address, max(delay or 0.0 for delay in asked), parsed)

    def check(self, place: RedirectChain) -> None:
        """Raise RobotsRefusedError where the site asks not to read the place's hop."""
        if not self.parsed.can_fetch(place.hop, PRODUCT):
            cause = f"{self.address} asks that `{PRODUCT}` does not read it; ask the site's keepers, or leave it out"
            raise RobotsRefusedError(place.address, place.tell(cause))


@dataclass(slots=True)
class _Origin:
    """One site's rules, or why they could not be read, and how long that holds; neither before a thread has asked."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    known: Rules | FetchError | None = None
    until: float = 0.0


class Robots:
    """The rules of all sites, shared by all fetchers of a process and their threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._origins: OrderedDict[tuple[str, bool], _Origin] = OrderedDict()

    def rules(self, place: RedirectChain, read: Read, stopwatch: Stopwatch, *, allow_private: bool) -> Rules:
        """The rules of the place's site.

        Raises UnavailableError where robots.txt cannot be read for now, since then nothing is allowed;
        AddressRefusedError; EndedError where all is to stop.
        """
        parts = urlsplit(place.hop)
        address = f"{parts.scheme}://{parts.netloc}/robots.txt"
        origin = self._origin(address, allow_private)
        with _held(origin.lock, stopwatch):
            if origin.known is None or time.monotonic() >= origin.until:
                _fill(origin, address, read, stopwatch, allow_private=allow_private)
            known = origin.known
        if isinstance(known, Rules):
            return known
        if isinstance(known, UnavailableError):
            cause = place.tell(f"{address} cannot be read, and until then nothing may be: {known.cause}")
            raise UnavailableError(place.address, cause, known.retry_after) from known
        raise AddressRefusedError(place.address, place.tell(known.cause if known else "")) from known

    def _origin(self, address: str, allow_private: bool) -> _Origin:
        with self._lock:
            origin = self._origins.setdefault((address, allow_private), _Origin())
            self._origins.move_to_end((address, allow_private))
            if len(self._origins) > _MOST_ORIGINS:
                self._origins.popitem(last=False)
            return origin


def _fill(origin: _Origin, address: str, read: Read, stopwatch: Stopwatch, *, allow_private: bool) -> None:
    try:
        origin.known = Rules.of(read(address, allow_private), address)
    except (UnavailableError, AddressRefusedError) as exc:
        if stopwatch.is_stopped:  # which says nothing of the site
            raise
        origin.known, origin.until = exc, time.monotonic() + _FAILURE_FOR
    else:
        origin.until = time.monotonic() + _RULES_FOR


@contextmanager
def _held(lock: threading.Lock, stopwatch: Stopwatch) -> Iterator[None]:
    """A lock that another fetcher may hold while it reads; who waits can be stopped."""
    while not lock.acquire(timeout=GLANCE):
        stopwatch.wait(0)
    try:
        yield
    finally:
        lock.release()


def _for_us(text: str) -> str:
    """The same rules with one name for all agents that are none of ours.

    Each rule is kept for each agent of its group: of 500 KiB that are half agents, half rules, hundreds of millions.
    """
    return "\n".join(_agent(line) for line in text.splitlines())


def _agent(line: str) -> str:
    found = _USER_AGENT.match(line.partition("#")[0])
    if found is None or not found[1].strip():
        return line
    token = _TOKEN.match(found[1])  # `Communique/1.0` names us, `Com` does not (RFC 9309, 2.2.1)
    name = token[1].lower() if token else ""
    return f"User-agent: {name if name in {'*', PRODUCT.lower()} else 'another'}"


@dataclass(frozen=True, slots=True)
class Hosts:
    """Whose turn it is to ask a host, and what its robots.txt allows.

    Fetchers that share it, one for each source that is read, may run in several threads: together they are as polite
    as one, and each can be stopped by itself.
    """

    pace: Pace = field(default_factory=Pace)
    robots: Robots = field(default_factory=Robots)
    _told: dict[str, object] = field(default_factory=dict)

    def is_new(self, what: str) -> bool:
        """Whether nobody was told of this yet; for one of those who ask at the same moment."""
        mine = object()
        return self._told.setdefault(what, mine) is mine
