"""The bad days of a web site: slow, broken, endless, packed to burst, cut short."""

from __future__ import annotations

import asyncio
import functools
import random
import struct
import zlib
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

_HTML = "text/html; charset=utf-8"
_BLOCK = 2**20  # bytes of zeros packed at once
_BOMB = 1024  # blocks: 1 GiB unpacked, 1 MiB packed
_DECLARED = 2 * 10**9  # bytes that an endless page may claim to have

Spoilt = Literal["endless", "declared", "bomb", "cut", "garbage", "image", "empty"]


@dataclass(slots=True)
class Fault:
    """What is wrong with an address: `wait` seconds, then `times` failures with `status`, a redirect, or a spoilt body.

    `times` counts down; None is for ever. `html` is another page in the place of the usual one, with status 200.
    """

    wait: float = 0
    status: int | None = None
    times: int | None = None
    retry_after: str | None = None
    to: str | None = None
    html: str | None = None
    spoilt: Spoilt | None = None

    def failure(self) -> web.Response | None:
        """The failed or redirecting answer that is due now; None where the page itself is."""
        if self.html is not None:
            return web.Response(text=self.html, content_type="text/html")
        if self.status is None or self.times == 0:
            return None
        if self.times is not None:
            self.times -= 1
        headers = {"Retry-After": self.retry_after} if self.retry_after else {}
        if self.to is not None:
            headers["Location"] = self.to
        return web.Response(status=self.status, headers=headers, text="not now\n")


async def send_spoilt(request: web.BaseRequest, spoilt: Spoilt, page: bytes) -> web.StreamResponse:
    """The answer whose body is not what it should be; `page` is what it would be."""
    match spoilt:
        case "endless" | "declared":
            return await _send_endless(request, declared=spoilt == "declared")
        case "bomb":
            return web.Response(body=gzip_bomb(), headers={"Content-Type": _HTML, "Content-Encoding": "gzip"})
        case "cut":
            return await _send_cut(request, page)
        case "garbage":
            noise = random.Random("noise").randbytes(20_000)
            return web.Response(body=noise, headers={"Content-Type": _HTML})
        case "image":
            return web.Response(body=b"\x89PNG\r\n\x1a\n" + bytes(2_000), headers={"Content-Type": "image/png"})
        case "empty":
            return web.Response(body=b"", headers={"Content-Type": _HTML})


@functools.cache
def gzip_bomb() -> bytes:
    """1 GiB of zeros as 1 MiB of gzip: one packed block again and again, each beginning with no memory of the last."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(bytes(_BLOCK)) + packer.flush(zlib.Z_FULL_FLUSH)
    zeros, checksum = bytes(_BLOCK), 0
    for _ in range(_BOMB):
        checksum = zlib.crc32(zeros, checksum)
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    return head + block * _BOMB + b"\x03\x00" + struct.pack("<II", checksum, _BLOCK * _BOMB)


async def _send_endless(request: web.BaseRequest, *, declared: bool) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": _HTML})
    if declared:
        response.content_length = _DECLARED
    await response.prepare(request)
    words, left = b"<p>and so on and on</p>\n" * 2_000, _DECLARED
    while request.method != "HEAD" and left > len(words):
        try:
            await response.write(words)
        except ConnectionError:  # the reader has had enough
            break
        left -= len(words) if declared else 0
        await asyncio.sleep(0)
    return response


async def _send_cut(request: web.BaseRequest, page: bytes) -> web.StreamResponse:
    """Half of the bytes that were announced, then the connection is closed."""
    response = web.StreamResponse(headers={"Content-Type": _HTML})
    response.content_length = len(page)
    await response.prepare(request)
    if request.method != "HEAD":
        await response.write(page[: len(page) // 2])
        if request.transport is not None:
            request.transport.close()  # what was written is still sent
    return response
