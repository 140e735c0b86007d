"""Connections that only go where the guard allows, and can be ended at any time.

A `Stopwatch` says how long an answer may still take and how long it may be, and whether everything is to stop; a
`Meter` counts the traffic.
"""

from __future__ import annotations

import enum
import ipaddress
import socket
import threading
import time
from collections import Counter
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import httpcore2

from ingest.errors import AddressRefusedError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from ingest.fetch.response import RedirectChain

    Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
    Network = ipaddress.IPv4Network | ipaddress.IPv6Network
    Resolve = Callable[[str, int], Sequence[str]]
    Result = TypeVar("Result")


class Use(enum.IntEnum):
    """What an IP address is for, the worse the higher."""

    PUBLIC = 0
    PRIVATE = 1
    NEVER = 2


_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
_UNICAST = ipaddress.ip_network("2000::/3")  # all that is given out of IPv6; the rest is for special uses
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})  # RFC 5214: bits 64 to 95 before an IPv4 address


def check_address(place: RedirectChain) -> None:
    """Raise AddressRefusedError unless the present hop is an HTTP address with a host and without a password."""
    try:
        parts = urlsplit(place.hop)
        host, _ = parts.hostname, parts.port  # a port that is no number is found here
    except ValueError as exc:
        raise AddressRefusedError(place.address, place.tell(f"is no web address: {exc}")) from exc
    if parts.scheme.lower() not in {"http", "https"}:
        raise AddressRefusedError(
            place.address, place.tell("is no web address; it must begin with https:// or http://")
        )
    if not host:
        raise AddressRefusedError(place.address, place.tell("names no host; write https://host/path"))
    if parts.username is not None or parts.password is not None:
        raise AddressRefusedError(
            place.address, place.tell("holds a user name or password, which is never sent; leave it out")
        )


def check_ips(host: str, ips: Iterable[str], *, allow_private: bool) -> None:
    """Raise AddressRefusedError if only one of a host's IP addresses lies where nothing is fetched from.

    One is enough: a name with a public and a private address is how a private network is reached from outside.
    """
    for text in ips:
        use = use_of(ipaddress.ip_address(text))
        named = host if host.strip("[]") == text else f"{host} is {text}, which"
        if use is Use.NEVER:
            raise AddressRefusedError(host, f"{named} is no address of a web site; it is never asked")
        if use is Use.PRIVATE and not allow_private:
            mend = "if the source lies there on purpose, set `allow_private = true` for it, or give --allow-private"
            raise AddressRefusedError(host, f"{named} lies on this machine or in a private network; {mend}")


def use_of(ip: Ip) -> Use:
    """What an IP address is for, by a list of our own: what Python knows of them changes from version to version.

    One with others hidden in it is for the worst that any of them is for.
    """
    listed = next((use for network, use in special_networks() if network.version == ip.version and ip in network), None)
    if isinstance(ip, ipaddress.IPv4Address):
        return listed or Use.PUBLIC
    if listed is None:
        listed = Use.PUBLIC if ip in _UNICAST else Use.NEVER
    return max([listed, *map(use_of, _hidden(ip))])


def _hidden(ip: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 one leads to: mapped, NAT64, 6to4, ISATAP, or Teredo's server and client."""
    last = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    if ip.teredo:
        return ip.teredo
    if ip.sixtofour:
        return (ip.sixtofour,)
    if ip.ipv4_mapped or ip in _NAT64 or int(ip) >> 32 & 0xFFFF_FFFF in _ISATAP:
        return (last,)
    return ()


@cache
def special_networks() -> tuple[tuple[Network, Use], ...]:
    """The networks of the list, the smallest first: what is said of a part goes before what is said of the whole."""
    text = resources.files(__package__).joinpath("special_purpose.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    uses = {"never": Use.NEVER, "private": Use.PRIVATE, "embedded": Use.PUBLIC}
    special = [(ipaddress.ip_network(network), uses[use]) for network, use, _ in rows]
    return tuple(sorted(special, key=lambda row: -row[0].prefixlen))


_MOST_ADDRESSES = 8  # of a host that are tried one after the other


def resolve(host: str, port: int) -> list[str]:
    """The IP addresses of a host, in the system's order. Raises OSError or UnicodeError where there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Connections:
    """Two pools that share no connection: one opened to a private host is never used for a source that may not.

    They know no proxies, cookies, or passwords from a `.netrc`. Threads that fetch are the only limit to them.
    """

    def __init__(
        self, stopwatch: Stopwatch, meter: Meter, *, resolve: Resolve, backend: httpcore2.NetworkBackend | None
    ) -> None:
        self._backends = {
            allow_private: GuardedBackend(
                stopwatch,
                lambda size: meter.count("bytes", size),
                allow_private=allow_private,
                resolve=resolve,
                backend=backend,
            )
            for allow_private in (False, True)
        }
        self._lock = threading.Lock()
        self._pools: dict[bool, httpcore2.ConnectionPool] = {}

    def get(self, *, allow_private: bool) -> httpcore2.ConnectionPool:
        """The pool that goes so far and no further; made when it is first needed."""
        with self._lock:
            if allow_private not in self._pools:
                self._pools[allow_private] = httpcore2.ConnectionPool(
                    ssl_context=httpcore2.default_ssl_context(),
                    max_connections=None,
                    keepalive_expiry=5,
                    network_backend=self._backends[allow_private],
                )
            return self._pools[allow_private]

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for pool in self._pools.values():
                pool.close()


class GuardedBackend(httpcore2.NetworkBackend):
    """Looks a name up once, checks every address found, and connects to one of those and no other.

    A second look-up between check and connection could give another address (DNS rebinding). TLS goes on checking the
    certificate against the name. `received` is told the bytes that come in.
    """

    def __init__(
        self,
        stopwatch: Stopwatch,
        received: Callable[[int], None],
        *,
        allow_private: bool,
        resolve: Resolve = resolve,
        backend: httpcore2.NetworkBackend | None = None,
    ) -> None:
        self._stopwatch = stopwatch
        self._received = received
        self._allow_private = allow_private
        self._resolve = resolve
        self._backend = backend or httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """A connection to the first of the host's addresses that takes one. Raises AddressRefusedError."""
        seconds = min(self._stopwatch.left(), timeout or 5)

        def connect() -> httpcore2.NetworkStream:
            failure: Exception = httpcore2.ConnectError(f"{host} has no address")
            for ip in self._look_up(host, port):
                try:
                    return self._backend.connect_tcp(ip, port, seconds, local_address, socket_options)
                except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as exc:
                    failure = exc
            raise failure

        stream = self._stopwatch.within(connect, _close)
        return WatchedStream(stream, self._stopwatch, self._received)

    def _look_up(self, host: str, port: int) -> Sequence[str]:
        try:
            ips = self._resolve(host, port)
        except (OSError, UnicodeError) as exc:  # the latter for a name that cannot be one, such as one of 64 letters
            raise httpcore2.ConnectError(str(exc)) from exc
        check_ips(host, ips, allow_private=self._allow_private)
        return ips[:_MOST_ADDRESSES]


class WatchedStream(httpcore2.NetworkStream):
    """A connection whose waits end when the stopwatch says so, not only after a whole silence."""

    def __init__(self, stream: httpcore2.NetworkStream, stopwatch: Stopwatch, received: Callable[[int], None]) -> None:
        self._stream = stream
        self._stopwatch = stopwatch
        self._received = received

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come in, as soon as something has."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            try:
                data = self._stream.read(max_bytes, min(GLANCE, self._stopwatch.left()))
            except httpcore2.ReadTimeout:
                if end is not None and time.monotonic() >= end:
                    raise
            else:
                self._received(len(data))
                self._stopwatch.received(len(data))
                return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send a request; it is so short that it hardly ever waits."""
        self._stream.write(buffer, min(self._stopwatch.left(), timeout or GLANCE))

    def close(self) -> None:
        """End the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """The same connection, encrypted, after the certificate was checked against the host's name."""
        left = self._stopwatch.left()
        seconds = left if timeout is None else min(left, timeout)
        shake_hands = partial(self._stream.start_tls, ssl_context, server_hostname, seconds)
        stream = self._stopwatch.within(shake_hands, _close)
        return WatchedStream(stream, self._stopwatch, self._received)

    def get_extra_info(self, info: str) -> object:
        """What httpcore asks of its connections, such as whether the server has closed it."""
        return self._stream.get_extra_info(info)


def _close(stream: httpcore2.NetworkStream) -> None:
    stream.close()


GLANCE = 0.2
"""Seconds between two looks at the stopwatch while nothing comes."""


class EndedError(Exception):
    """A wait or a read was ended from this side; another attempt makes no sense."""


@dataclass(slots=True)
class Allowance:
    """What may be spent on one page: seconds over all of its exchanges, bytes in each of them.

    The bytes are those of the connection: headers without end, or chunks that are all frame, never become content.
    """

    longest: float
    most_bytes: int
    spent: float = 0.0
    end: float = 0.0
    bytes: int = 0


class Stopwatch:
    """Shared by all threads of a run: each has its own allowance, and one `stop` ends the waits of all."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._own = threading.local()

    @property
    def is_stopped(self) -> bool:
        """Whether all is to stop."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End every wait and read, now and from now on."""
        self._stopped.set()

    @contextmanager
    def running(self, allowance: Allowance) -> Iterator[None]:
        """Let what this thread reads within be taken from an allowance."""
        begun = time.monotonic()
        allowance.end, allowance.bytes = begun + allowance.longest - allowance.spent, 0
        self._own.allowance = allowance
        try:
            yield
        finally:
            self._own.allowance = None
            allowance.spent += time.monotonic() - begun

    def left(self) -> float:
        """Seconds left to this thread. Raises EndedError where there are none, or all is to stop."""
        self.wait(0)
        allowance: Allowance | None = getattr(self._own, "allowance", None)
        if allowance is None:
            return threading.TIMEOUT_MAX
        left = allowance.end - time.monotonic()
        if left <= 0:
            raise EndedError(f"its answer took longer than {allowance.longest:g} seconds")
        return left

    def received(self, size: int) -> None:
        """Take so many bytes from this thread's allowance. Raises EndedError where there are too few."""
        allowance: Allowance | None = getattr(self._own, "allowance", None)
        if allowance is None:
            return
        allowance.bytes += size
        if allowance.bytes > allowance.most_bytes:
            raise EndedError(f"its answer goes on after {allowance.most_bytes} bytes")

    def wait(self, seconds: float) -> None:
        """Let so much time pass. Raises EndedError as soon as all is to stop."""
        if self._stopped.wait(min(max(0, seconds), threading.TIMEOUT_MAX)):
            raise EndedError("stopped")

    def within(self, work: Callable[[], Result], undo: Callable[[Result], None]) -> Result:
        """What `work` gives, which cannot be ended from here: to look a name up, to connect, to shake hands.

        It is done by a thread of its own, which is left behind where time is up or all is to stop; what comes of it
        then is undone.
        """
        future: Future[Result] = Future()
        threading.Thread(target=_do, args=(work, future), name="connect", daemon=True).start()
        try:
            while not wait([future], min(GLANCE, self.left())).done:
                pass
        except BaseException:
            future.add_done_callback(lambda done: None if done.exception() else undo(done.result()))
            raise
        return future.result()


def _do(work: Callable[[], Result], future: Future[Result]) -> None:
    try:
        future.set_result(work())
    except BaseException as exc:  # noqa: BLE001 - raised again by the thread that waits
        future.set_exception(exc)


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
