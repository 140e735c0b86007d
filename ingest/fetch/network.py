"""Connections that only go where the guard allows, and can be ended at any time."""

from __future__ import annotations

import socket
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import httpcore2

from ingest.fetch.guard import check_ips
from ingest.fetch.stopwatch import GLANCE

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from ingest.fetch.stopwatch import Stopwatch
    from ingest.fetch.traffic import Meter

    Resolve = Callable[[str, int], Sequence[str]]

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
