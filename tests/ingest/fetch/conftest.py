"""A small web server on this machine that answers as a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from ingest.fetch.cache import PageCache
from ingest.fetch.fetcher import Fetcher
from ingest.fetch.politeness import FetchPolicy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from pathlib import Path

    Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Asked:
    """A request as the server saw it, and when."""

    path: str
    headers: Mapping[str, str]
    moment: float


@dataclass
class Site:
    """The server: `answers` by path, each a list whose last is given again and again; anything else is 404."""

    answers: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def answer(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> None:
        """One more answer for a path; `etag="…"` becomes an ETag header."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def give(request: web.Request) -> web.Response:
            if status == 200 and named.get("etag", "-") == request.headers.get("If-None-Match"):
                return web.Response(status=304)
            if status == 200 and named.get("last-modified", "-") == request.headers.get("If-Modified-Since"):
                return web.Response(status=304)
            return web.Response(body=body, status=status, headers=named)

        self.answers[path].append(give)

    def pages(self) -> list[Asked]:
        """What was asked for, less robots.txt."""
        return [asked for asked in self.asked if asked.path != "/robots.txt"]

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        assert isinstance(request, web.BaseRequest)
        self.asked.append(Asked(request.path_qs, dict(request.headers), time.monotonic()))
        answers = self.answers.get(request.path_qs)
        if not answers:
            return web.Response(status=404)
        return await (answers.pop(0) if len(answers) > 1 else answers[0])(request)  # type: ignore[arg-type]


async def _serve(site: Site, ready: threading.Event, ended: threading.Event) -> None:
    runner = web.ServerRunner(web.Server(site.handle), shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.port = runner.addresses[0][1]
    ready.set()
    await asyncio.to_thread(ended.wait)
    await runner.cleanup()


@pytest.fixture
def site() -> Iterator[Site]:
    site, ready, ended = Site(), threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(site, ready, ended)))
    thread.start()
    assert ready.wait(10)
    yield site
    ended.set()
    thread.join(10)


@pytest.fixture
def policy() -> FetchPolicy:
    return FetchPolicy(
        contact="press@newsroom.test", delay=0, backoff=0.01, pause=0.01, timeout=1, longest=2, largest=100_000
    )


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[PageCache]:
    with PageCache(tmp_path / "pages.sqlite") as cache:
        yield cache


@pytest.fixture
def fetcher(cache: PageCache, policy: FetchPolicy) -> Iterator[Fetcher]:
    with Fetcher(cache, policy) as fetcher:
        yield fetcher
