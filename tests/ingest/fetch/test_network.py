from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

import httpcore2
import pytest

from ingest.errors import AddressRefusedError, UnavailableError
from ingest.fetch.fetcher import Fetcher
from ingest.fetch.network import GuardedBackend, Stopwatch

if TYPE_CHECKING:
    from ingest.fetch.cache import PageCache
    from ingest.fetch.politeness import FetchPolicy
    from tests.ingest.fetch.conftest import Site


class FakeStream(httpcore2.NetworkStream):
    """Remembers the name that a certificate is checked against."""

    def __init__(self) -> None:
        self.names: list[str | None] = []

    def start_tls(self, ssl_context, server_hostname=None, timeout=None):
        self.names.append(server_hostname)
        raise httpcore2.ConnectError("no certificate here")


class FakeBackend(httpcore2.NetworkBackend):
    """Connects to nothing, and remembers where it should have; `dead` addresses take no connection."""

    def __init__(self, *dead: str) -> None:
        self.dead = dead
        self.connected: list[str] = []
        self.stream = FakeStream()

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        self.connected.append(host)
        if host in self.dead:
            raise httpcore2.ConnectError("refused")
        return self.stream


class ToSite(httpcore2.NetworkBackend):
    """Connects to a test's server, whatever address it is given."""

    def __init__(self, port: int) -> None:
        self.port = port

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        return httpcore2.SyncBackend().connect_tcp("127.0.0.1", self.port, timeout)


class Names:
    """A resolver that gives each of its answers once, and the last for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def guarded(names: Names, backend: httpcore2.NetworkBackend) -> GuardedBackend:
    return GuardedBackend(Stopwatch(), lambda _: None, allow_private=False, resolve=names, backend=backend)


def test_a_connection_goes_to_the_address_that_was_checked() -> None:
    """The name is looked up once; a second answer, which would lead inside, is never heard."""
    names, backend = Names(["93.184.216.34"], ["127.0.0.1"]), FakeBackend()

    guarded(names, backend).connect_tcp("newsroom.test", 80)

    assert (backend.connected, names.asked) == (["93.184.216.34"], 1)


def test_the_next_connection_is_checked_anew() -> None:
    """A name that has moved inside by then is refused, and nothing is connected to."""
    backend = FakeBackend()
    network = guarded(Names(["93.184.216.34"], ["127.0.0.1"]), backend)
    network.connect_tcp("newsroom.test", 80)

    with pytest.raises(AddressRefusedError, match=r"newsroom\.test is 127\.0\.0\.1"):
        network.connect_tcp("newsroom.test", 80)

    assert backend.connected == ["93.184.216.34"]


def test_a_dead_address_gives_way_to_the_next() -> None:
    """As for a host with IPv6 on a machine without."""
    backend = FakeBackend("2606:4700::1111")

    guarded(Names(["2606:4700::1111", "93.184.216.34"]), backend).connect_tcp("newsroom.test", 80)

    assert backend.connected == ["2606:4700::1111", "93.184.216.34"]


def test_a_certificate_is_checked_against_the_name() -> None:
    """Not against the IP address that was connected to."""
    backend = FakeBackend()
    with (
        httpcore2.ConnectionPool(network_backend=guarded(Names(["93.184.216.34"]), backend)) as pool,
        pytest.raises(httpcore2.ConnectError, match="no certificate here"),
    ):
        pool.request("GET", "https://newsroom.test/")

    assert backend.stream.names == ["newsroom.test"]


def test_a_public_page_may_not_lead_inside(site: Site, cache: PageCache, policy: FetchPolicy) -> None:
    """A redirect to a name of a private network is refused when its address is known."""
    site.answer("/a", status=302, location="http://inside.test/secret")
    ips = {"newsroom.test": ["93.184.216.34"], "inside.test": ["10.0.0.1"]}

    with (
        Fetcher(cache, policy, resolve=lambda host, _: ips[host], backend=ToSite(site.port)) as fetcher,
        pytest.raises(AddressRefusedError, match=r"/a: sent on to http://inside\.test/secret: inside\.test is 10"),
    ):
        fetcher.fetch("http://newsroom.test/a")

    assert [asked.path for asked in site.asked] == ["/robots.txt", "/a"]


@pytest.mark.parametrize(
    ("failure", "cause", "attempts"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "there is no such host", 1),
        (socket.gaierror(socket.EAI_AGAIN, "later"), "cannot be looked up for now", 3),
        (UnicodeError("label too long"), "there is no such host", 1),
    ],
)
def test_a_name_that_is_not_found_is_told_plainly(
    cache: PageCache, policy: FetchPolicy, failure: Exception, cause: str, attempts: int
) -> None:
    """Tried again only where the look-up itself failed."""
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        raise failure

    with Fetcher(cache, policy, resolve=resolve) as fetcher, pytest.raises(UnavailableError, match=cause):
        fetcher.fetch("http://newsroom.test/a")

    assert asked == ["newsroom.test"] * attempts


def test_a_certificate_that_cannot_be_trusted_is_told_plainly(cache: PageCache, policy: FetchPolicy) -> None:
    """It is not tried again."""

    class Untrusted(FakeStream):
        def start_tls(self, ssl_context, server_hostname=None, timeout=None):
            self.names.append(server_hostname)
            try:
                raise ssl.SSLCertVerificationError("self-signed certificate")
            except OSError as exc:
                raise httpcore2.ConnectError(str(exc)) from exc

    backend = FakeBackend()
    backend.stream = Untrusted()

    with (
        Fetcher(cache, policy, resolve=Names(["93.184.216.34"]), backend=backend) as fetcher,
        pytest.raises(UnavailableError, match=r"certificate cannot be trusted: .*self-signed"),
    ):
        fetcher.fetch("https://newsroom.test/a")

    assert backend.stream.names == ["newsroom.test"]
