"""The HTTP clients of a run: one for the open internet, one that may also enter private networks."""

from __future__ import annotations

import threading
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING

import httpx

from ingest.fetch.body import ACCEPTED
from ingest.fetch.network import GuardedBackend, GuardedTransport

if TYPE_CHECKING:
    import httpcore

    from ingest.fetch.network import Resolve
    from ingest.fetch.policy import FetchPolicy
    from ingest.fetch.stopwatch import Stopwatch
    from ingest.fetch.traffic import Meter


class Clients:
    """Two clients that share no connection: one opened to a private host is never used for a source that may not."""

    def __init__(
        self,
        policy: FetchPolicy,
        stopwatch: Stopwatch,
        meter: Meter,
        *,
        resolve: Resolve,
        backend: httpcore.NetworkBackend | None,
    ) -> None:
        self._policy = policy
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
        self._clients: dict[bool, httpx.Client] = {}

    def get(self, *, allow_private: bool) -> httpx.Client:
        """The client that goes so far and no further; made when it is first needed."""
        with self._lock:
            if allow_private not in self._clients:
                self._clients[allow_private] = _client(self._policy, self._backends[allow_private])
            return self._clients[allow_private]

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()


def _client(policy: FetchPolicy, backend: httpcore.NetworkBackend) -> httpx.Client:
    """A client without redirects, cookies, proxies, or passwords from a `.netrc`."""
    return httpx.Client(
        transport=GuardedTransport(backend),
        headers={"User-Agent": policy.user_agent, "Accept": "*/*", "Accept-Encoding": ACCEPTED},
        timeout=httpx.Timeout(policy.timeout, pool=policy.longest),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        trust_env=False,
        follow_redirects=False,
    )
