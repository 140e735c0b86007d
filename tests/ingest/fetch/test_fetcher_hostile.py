"""Servers that want to hold a reader up, kill it, or lead it astray."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import httpcore2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import FetchError, PageTooLargeError, UnavailableError
from ingest.fetch.fetcher import Fetcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ingest.fetch.cache import PageCache
    from ingest.fetch.politeness import FetchPolicy

    Speak = Callable[[socket.socket, int], None]

OK = b"HTTP/1.1 200 OK\r\n"
NO_ROBOTS = b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@contextmanager
def speaking(speak: Speak) -> Iterator[str]:
    """The address of a server that answers each request but that for robots.txt by `speak`, given its number."""
    door = socket.create_server(("127.0.0.1", 0))
    count = iter(range(10**9))

    def answer(line: socket.socket) -> None:
        with line, suppress(OSError):
            asked = line.recv(2**16)
            line.sendall(NO_ROBOTS) if b"/robots.txt" in asked else speak(line, next(count))

    def listen() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=answer, args=door.accept()[:1], daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}/a"
    finally:
        door.shutdown(socket.SHUT_RDWR)
        door.close()


def dripping(before: bytes, drop: bytes) -> Speak:
    """Sends a beginning, and then a little again and again."""

    def speak(line: socket.socket, _: int) -> None:
        line.sendall(before)
        while True:
            line.sendall(drop)
            time.sleep(0.05)

    return speak


def pouring(before: bytes, drop: bytes) -> Speak:
    """Sends a beginning, and then the same without a pause or an end."""

    def speak(line: socket.socket, _: int) -> None:
        line.sendall(before)
        while True:
            line.sendall(drop)

    return speak


@pytest.mark.parametrize(
    ("before", "drop"),
    [
        (b"", b"H"),
        (OK, b"X-A: b\r\n"),
        (OK + b"X-A: ", b"b"),
        (b"", b"HTTP/1.1 102 Wait\r\n\r\n"),
        (OK + b"\r\n", b"x"),
        (OK + b"Content-Length: 90000\r\n\r\n", b"x"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"a=b;"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: b\r\n"),
    ],
    ids=["status", "headers", "one header", "interim", "body", "length", "chunks", "extension", "trailer"],
)
def test_a_server_that_drips_is_left_when_its_time_is_up(
    cache: PageCache, policy: FetchPolicy, before: bytes, drop: bytes
) -> None:
    """A byte now and then is no silence; wherever in the answer it comes, it is not tried again."""
    begun = time.monotonic()

    with (
        speaking(dripping(before, drop)) as address,
        Fetcher(cache, replace(policy, longest=0.6)) as fetcher,
        pytest.raises(UnavailableError, match=r"took longer than 0\.6 seconds"),
    ):
        fetcher.fetch(address, allow_private=True)

    assert time.monotonic() - begun < 10
    assert fetcher.traffic.retries == 0


@pytest.mark.parametrize(
    ("before", "drop", "cause"),
    [
        (b"", b"x" * 4_096, "the connection broke"),
        (OK, b"X-A: " + b"b" * 4_096 + b"\r\n", "the connection broke"),
        (b"", b"HTTP/1.1 102 Wait\r\nX-A: " + b"b" * 4_096 + b"\r\n\r\n", "goes on after"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"a" * 4_096 + b"\r\nx\r\n", "goes on after"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"a" * 4_096, "the connection broke"),
        (OK + b"\r\n", b"x" * 4_096, "100000 bytes are allowed"),
    ],
    ids=["status", "headers", "interim", "chunks", "extension", "body"],
)
def test_a_server_that_pours_is_left_when_it_is_enough(
    cache: PageCache, policy: FetchPolicy, before: bytes, drop: bytes, cause: str
) -> None:
    """Whatever part of the answer has no end."""
    with (
        speaking(pouring(before, drop)) as address,
        Fetcher(cache, replace(policy, longest=30, attempts=1)) as fetcher,
        pytest.raises((UnavailableError, PageTooLargeError), match=cause),
    ):
        fetcher.fetch(address, allow_private=True)

    assert fetcher.traffic.bytes < 2**21


def test_redirects_that_each_take_their_time_have_one_limit(cache: PageCache, policy: FetchPolicy) -> None:
    """Of the page, not of each hop or attempt."""

    def send_on(line: socket.socket, number: int) -> None:
        time.sleep(0.4)
        line.sendall(f"HTTP/1.1 302 On\r\nLocation: /{number}\r\nContent-Length: 0\r\n\r\n".encode())

    with (
        speaking(send_on) as address,
        Fetcher(cache, replace(policy, longest=1, redirects=50)) as fetcher,
        pytest.raises(UnavailableError, match="took longer than 1 second"),
    ):
        fetcher.fetch(address, allow_private=True)

    assert fetcher.traffic.requests < 8


@pytest.mark.parametrize("where", ["look-up", "connection", "handshake"])
def test_what_cannot_be_ended_is_left_behind(cache: PageCache, policy: FetchPolicy, where: str) -> None:
    """A name server, a connection or a handshake that hangs for a minute: at its time, or when all is to stop."""
    hang = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        if where == "look-up":
            hang.wait(60)
        return ["127.0.0.1"]

    class Slow(httpcore2.SyncBackend):
        def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
            if where == "connection":
                hang.wait(60)
            return super().connect_tcp(host, port, timeout, local_address, socket_options)

    for stopped in (False, True):
        limits = replace(policy, timeout=60, longest=60 if stopped else 0.5, attempts=1)
        with (
            speaking(lambda line, _: hang.wait(60)) as address,
            Fetcher(cache, limits, resolve=resolve, backend=Slow()) as fetcher,
        ):
            begun = time.monotonic()
            if stopped:
                threading.Timer(0.3, fetcher.stop).start()
            with pytest.raises(UnavailableError, match="stopped" if stopped else r"longer than 0\.5 seconds"):
                fetcher.fetch(address.replace("http:", "https:"), allow_private=True)
            assert time.monotonic() - begun < 10
    hang.set()


NAMES = b"""Retry-After Last-Modified ETag Date Expires Cache-Control Content-Type Content-Length Content-Encoding
Location Link Refresh Set-Cookie Age""".split()
VALUES = [
    b"9" * 400,
    b"9" * 5_000,
    b"-1",
    b"nan",
    b"Mon, 1 Jan 2030 00:00:00 +99999999999999999999",
    b"\xed\xa0\x80",
    b"text/html; charset=\xff",
    b"gzip",
    b"http://[",
    b"http://a:b@127.0.0.1:1/",
    b"//\xe9.test:99999/",
]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    status=st.sampled_from([b"200 OK", b"301 On", b"429 No", b"503 No", b"304 Same", b"99999 ?", b"\xff"]),
    lines=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.binary(max_size=30)), max_size=6),
)
def test_no_header_is_more_than_a_failed_page(
    cache: PageCache, policy: FetchPolicy, status: bytes, lines: list[tuple[bytes, bytes]]
) -> None:
    """Whatever bytes stand in it."""
    headers = b"".join(name + b": " + value + b"\r\n" for name, value in lines)

    def speak(line: socket.socket, _: int) -> None:
        line.sendall(b"HTTP/1.1 " + status + b"\r\n" + headers + b"Connection: close\r\n\r\nwords")

    def located(address: str) -> str:
        try:
            return fetcher.fetch(address, allow_private=True).address
        except FetchError as exc:
            return exc.location

    limits = replace(policy, attempts=1, wait_at_most=0.1)
    with speaking(speak) as address, Fetcher(cache, limits) as fetcher:
        assert located(address) == address
