"""Connections that only go where the guard allows, and can be ended at any time."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import httpcore
import httpx

from ingest.fetch.guard import check_ips

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from ingest.fetch.stopwatch import Stopwatch

    Resolve = Callable[[str, int], Sequence[str]]

_GLANCE = 0.2  # seconds between two looks at the stopwatch while nothing comes


def resolve(host: str, port: int) -> list[str]:
    """The IP addresses of a host, in the system's order. Raises OSError or UnicodeError where there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore.NetworkBackend):
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
        backend: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._stopwatch = stopwatch
        self._received = received
        self._allow_private = allow_private
        self._resolve = resolve
        self._backend = backend or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first of the host's addresses that takes one. Raises AddressRefusedError."""
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for ip in self._look_up(host, port):
            seconds = min(self._stopwatch.left(), timeout or httpx.Timeout(5).connect or 5)
            try:
                stream = self._backend.connect_tcp(ip, port, seconds, local_address, socket_options)
                return WatchedStream(stream, self._stopwatch, self._received)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                failure = exc
        raise failure

    def _look_up(self, host: str, port: int) -> Sequence[str]:
        try:
            ips = self._resolve(host, port)
        except (OSError, UnicodeError) as exc:  # the latter for a name that cannot be one, such as one of 64 letters
            raise httpcore.ConnectError(str(exc)) from exc
        check_ips(host, ips, allow_private=self._allow_private)
        return ips


class WatchedStream(httpcore.NetworkStream):
    """A connection whose reads end when the stopwatch says so, not only after a whole silence."""

    def __init__(self, stream: httpcore.NetworkStream, stopwatch: Stopwatch, received: Callable[[int], None]) -> None:
        self._stream = stream
        self._stopwatch = stopwatch
        self._received = received

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come in, as soon as something has."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            try:
                data = self._stream.read(max_bytes, min(_GLANCE, self._stopwatch.left()))
            except httpcore.ReadTimeout:
                if end is not None and time.monotonic() >= end:
                    raise
            else:
                self._received(len(data))
                return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send a request; it is so short that no limit but the time-out is needed."""
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        """End the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection, encrypted, after the certificate was checked against the host's name."""
        left = self._stopwatch.left()
        seconds = left if timeout is None else min(left, timeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, seconds)
        return WatchedStream(stream, self._stopwatch, self._received)

    def get_extra_info(self, info: str) -> object:
        """What httpcore asks of its connections, such as whether the server has closed it."""
        return self._stream.get_extra_info(info)


class GuardedTransport(httpx.HTTPTransport):
    """An httpx transport over a network of our own, which httpx has no parameter for. It knows no proxies."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        context = httpx.create_ssl_context()
        super().__init__(verify=context)
        self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=backend, keepalive_expiry=5)
