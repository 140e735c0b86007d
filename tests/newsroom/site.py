"""A newsroom's web site on the loopback, with the good and the bad days of a real one.

    with Newsroom(releases=300) as site:
        ingest(site.sitemap)
        site.correct("en-0007", "The ceiling is now 40 million euros.")

It runs in a thread of its own; every verb may be called from any other. A key may be a release's (`en-0007`) or, where
something is to go wrong, a path of the site (`/robots.txt`, `/sitemap-en.xml`).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.newsroom.archive import Archive, corrected, shortened
from tests.newsroom.faults import Fault, Spoilt
from tests.newsroom.server import Desk, Request, serve

if TYPE_CHECKING:
    from datetime import date, datetime
    from types import TracebackType
    from typing import Self

    from tests.newsroom.releases import Published


class Newsroom:
    """The site. `port` 0 takes a free one; `latency` are seconds before each answer and may be set at any time."""

    links = r"/(news|actualites|press)/\w"
    """A regular expression that the addresses of releases match, and no other address of the site."""

    def __init__(self, releases: int = 300, *, port: int = 0, latency: float = 0) -> None:
        self._count = releases
        self._port = port
        self._latency = latency
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        door = socket.create_server(("127.0.0.1", self._port), backlog=256)
        self.address = f"http://127.0.0.1:{door.getsockname()[1]}"
        self._archive = Archive(self._count, root=self.address)
        self._desk = Desk(self._archive, latency=self._latency)
        ready, self._stopped = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._run, args=(door, ready), name="newsroom", daemon=True)
        self._thread.start()
        if not ready.wait(10):
            raise RuntimeError("the newsroom did not open within 10 seconds")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop and self._thread:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join(10)

    @property
    def feed(self) -> str:
        """The RSS feed; Atom and JSON stand at /atom.xml and /feed.json."""
        return f"{self.address}/feed.xml"

    @property
    def sitemap(self) -> str:
        """The index of the sitemaps."""
        return f"{self.address}/sitemap.xml"

    @property
    def listing(self) -> str:
        """The first listing page in English; the French one is at /fr/actualites."""
        return f"{self.address}/en/news"

    @property
    def releases(self) -> tuple[Published, ...]:
        """Every release in its present form, oldest first, withdrawn ones too."""
        with self._desk.lock:
            return self._archive.releases

    @property
    def without_validators(self) -> tuple[str, ...]:
        """The keys of the releases whose pages never have an ETag or a Last-Modified."""
        return self._archive.without_validators

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request received, in order."""
        with self._desk.lock:
            return tuple(self._desk.requests.values())

    @property
    def open_at_once(self) -> int:
        """The largest number of requests that were in flight at one time."""
        return self._desk.open_at_once

    @property
    def latency(self) -> float:
        """Seconds before each answer."""
        return self._desk.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._desk.latency = seconds

    def forget_requests(self) -> None:
        """Empties the record of requests, and the count of those in flight at once."""
        with self._desk.lock:
            self._desk.requests.clear()
            self._desk.open_at_once = self._desk.in_flight

    def release(self, key: str) -> Published:
        """A release in its present form."""
        with self._desk.lock:
            return self._archive.held(key).release

    def publish(
        self,
        title: str | None = None,
        *paragraphs: str,
        language: str = "en",
        lead: str | None = None,
        published: datetime | date | None = None,
        undated: bool = False,
        pair: str | None = None,
    ) -> Published:
        """A new release, the newest of all; dated by the newsroom's own clock unless a date is given or none wanted."""
        with self._desk.lock:
            draft = self._archive.draft(title, language=language, pair=pair)
            text = paragraphs or ("A new release has been published.",)
            when = None if undated else published or draft.published
            return self._archive.publish(replace(draft, lead=lead, paragraphs=text, published=when))

    def correct(self, key: str, sentence: str) -> Published:
        """Puts this sentence in the place of the release's last one."""
        with self._desk.lock:
            self._archive.change(corrected(self._archive.held(key).release, sentence))
            return self._archive.held(key).release

    def shorten(self, key: str) -> Published:
        """Drops the release's last paragraph, or its last sentence where there is but one."""
        with self._desk.lock:
            self._archive.change(shortened(self._archive.held(key).release))
            return self._archive.held(key).release

    def withdraw(self, key: str, status: int = 410, *, listed: bool = True) -> None:
        """Answers with this status from now on; feeds, sitemaps and listings go on naming it unless told otherwise."""
        with self._desk.lock:
            held = self._archive.held(key)
            held.status, held.listed = status, listed
            self._archive.tick()

    def drop_from_sitemap(self, key: str) -> None:
        """No sitemap names the release any more; its page, the feeds and the listings stay."""
        with self._desk.lock:
            self._archive.held(key).in_sitemap = False
            self._archive.tick()

    def restore(self, key: str) -> None:
        """All is well again: the page answers and is named everywhere, with the text that it has by now."""
        with self._desk.lock:
            self._desk.faults.pop(key, None)
            if not key.startswith(("/", "*")):
                held = self._archive.held(key)
                held.status, held.listed, held.in_sitemap = None, True, True
                self._archive.tick()

    def slow(self, key: str, seconds: float) -> None:
        """Lets so many seconds pass before the answer."""
        self._spoil(key, Fault(wait=seconds))

    def breaks(self, key: str, times: int | None = 2, status: int = 500, retry_after: str | int | None = None) -> None:
        """Answers with this status so many times (None: for ever), then as usual."""
        asked = None if retry_after is None else str(retry_after)
        self._spoil(key, Fault(status=status, times=times, retry_after=asked))

    def redirects(self, key: str, to: str, status: int = 302) -> None:
        """Sends the reader to another address; to its own for a loop."""
        self._spoil(key, Fault(status=status, to=to))

    def shows(self, key: str, title: str, *paragraphs: str, head: str = "") -> None:
        """Shows another page there, with status 200; `*` stands for every address where there is none."""
        text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        html = f"<!doctype html><html><head><title>{title}</title>{head}</head><body><main><h1>{title}</h1>{text}"
        self._spoil(key, Fault(html=f"{html}</main></body></html>"))

    def endless(self, key: str, *, declared: bool = False) -> None:
        """Streams bytes without end, or 2 GB that are declared beforehand."""
        self._spoil(key, Fault(spoilt="declared" if declared else "endless"))

    def gzip_bomb(self, key: str) -> None:
        """Answers with 1 MiB of gzip that unpacks to 1 GiB."""
        self._spoil_body(key, "bomb")

    def cut_short(self, key: str) -> None:
        """Closes the connection after half of the bytes that were announced."""
        self._spoil_body(key, "cut")

    def garbage(self, key: str) -> None:
        """Answers with noise that is said to be HTML."""
        self._spoil_body(key, "garbage")

    def not_html(self, key: str) -> None:
        """Answers with an image."""
        self._spoil_body(key, "image")

    def empty(self, key: str) -> None:
        """Answers 200 with no body."""
        self._spoil_body(key, "empty")

    def allow(self, robots: str) -> None:
        """Puts this text in the place of robots.txt."""
        with self._desk.lock:
            self._archive.robots = robots
            self._archive.tick()

    def _spoil_body(self, key: str, spoilt: Spoilt) -> None:
        self._spoil(key, Fault(spoilt=spoilt))

    def _spoil(self, key: str, fault: Fault) -> None:
        with self._desk.lock:
            if not key.startswith(("/", "*")):
                self._archive.held(key)  # a slip in a key is told here, not by a test that cannot fail
            self._desk.faults[key] = fault

    def _run(self, door: socket.socket, ready: threading.Event) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            runner.run(serve(self._desk, door, ready, self._stopped))
