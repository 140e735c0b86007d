"""The newsroom's web server: answers requests, keeps a record of them, honours conditions."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import itertools
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING

from aiohttp import web

from tests.newsroom.faults import Fault, send_spoilt

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from tests.newsroom.archive import Archive, Content


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came: `path` with its query, header names in lower case, `when` in seconds of a steady clock.

    `status` is None while there is no answer yet.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    when: float
    status: int | None = None


class Desk:
    """Answers for an archive; `lock` guards it, the faults and the record of requests."""

    def __init__(self, archive: Archive, *, latency: float = 0) -> None:
        self.archive = archive
        self.latency = latency
        self.lock = threading.RLock()
        self.faults: dict[str, Fault] = {}
        self.requests: dict[int, Request] = {}
        self.in_flight = 0
        self.open_at_once = 0
        self._numbers = itertools.count()

    async def receive(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer to a request, which is recorded with its status."""
        number = next(self._numbers)
        headers = {name.lower(): value for name, value in request.headers.items()}
        with self.lock:
            self.requests[number] = Request(request.method, request.raw_path, headers, time.monotonic())
            self.in_flight += 1
            self.open_at_once = max(self.open_at_once, self.in_flight)
        try:
            await asyncio.sleep(self.latency)
            return await self._answer(request, number)
        finally:
            with self.lock:
                self.in_flight -= 1

    async def _answer(self, request: web.BaseRequest, number: int) -> web.StreamResponse:
        with self.lock:
            key = self.archive.key_at(request.path)
            named = self.faults.get(key or request.path) or self.faults.get(request.path)
            nowhere = key is None and self.archive.show(request.path, request.query) is None
            fault = named or (self.faults.get("*") if nowhere else None) or Fault()
        await asyncio.sleep(fault.wait)
        with self.lock:
            response = fault.failure() or self._usual(request, key)
            page = self.archive.show(request.path, request.query) if fault.spoilt else None
            self._note(number, 200 if fault.spoilt else response.status)
        if fault.spoilt:
            return await send_spoilt(request, fault.spoilt, page.body if page else b"a page that is not there")
        return response

    def _note(self, number: int, status: int) -> None:
        """Writes down what a request was answered with, unless the record was begun again meanwhile."""
        if number in self.requests:
            self.requests[number] = replace(self.requests[number], status=status)

    def _usual(self, request: web.BaseRequest, key: str | None) -> web.Response:
        """What stands at an address on a good day: the page, 304, or that it is gone."""
        if request.method not in {"GET", "HEAD"}:
            return web.Response(status=405, headers={"Allow": "GET, HEAD"})
        status = self.archive.held(key).status if key else None
        content = None if status else self.archive.show(request.path, request.query)
        if content is None:
            return web.Response(status=status or 404, text="there is no such page\n")
        return _sent(request, content)


async def serve(desk: Desk, door: socket.socket, ready: threading.Event, stopped: asyncio.Event) -> None:
    """Answers at an open socket until told to stop; endless answers are broken off."""
    server = web.Server(desk.receive, access_log=None, handler_cancellation=True)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.SockSite(runner, door).start()
        ready.set()
        await stopped.wait()
    finally:
        await runner.cleanup()


def _sent(request: web.BaseRequest, content: Content) -> web.Response:
    """A page with its validators, packed where the reader accepts that, or 304 where the reader has it."""
    packed = "gzip" in request.headers.get("Accept-Encoding", "") and content.content_type.startswith(("text", "app"))
    packed = packed and content.content_type not in {"application/pdf", "application/gzip"}
    body = gzip.compress(content.body, 6, mtime=0) if packed else content.body
    headers = {"Content-Type": content.content_type, "Vary": "Accept-Encoding"}
    if content.validated:
        headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        if content.dated:
            headers["Last-Modified"] = format_datetime(content.modified.replace(microsecond=0), usegmt=True)
    if _is_known(request, headers):
        kept = {name: told for name, told in headers.items() if name != "Content-Type"}
        return web.Response(status=304, headers=kept)
    if packed:
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=body, headers=headers)


def _is_known(request: web.BaseRequest, headers: Mapping[str, str]) -> bool:
    """Whether the reader holds what would be sent; the ETag counts where both are given (RFC 9110, 13.2.2)."""
    etags = request.headers.get("If-None-Match")
    if etags is not None:
        return "ETag" in headers and headers["ETag"] in [etag.strip().removeprefix("W/") for etag in etags.split(",")]
    since = request.headers.get("If-Modified-Since")
    if since is None or "Last-Modified" not in headers:
        return False
    return parsedate_to_datetime(headers["Last-Modified"]) <= _moment(since)


def _moment(http_date: str) -> datetime:
    """An HTTP date; long ago where it is none, so that the page is sent."""
    try:
        return parsedate_to_datetime(http_date)
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)
