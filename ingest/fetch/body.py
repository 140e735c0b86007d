"""The bytes of an answer, unpacked, and never more of them than allowed."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from ingest.errors import FetchError, PageTooLargeError
from ingest.fetch.causes import PassingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from ingest.fetch.place import Place

ACCEPTED = "gzip, deflate"  # the only packings asked for, because only these can be unpacked to a limit

_PIECE = 2**16  # bytes unpacked at a time, so that a small answer cannot fill the memory
_GZIP, _ZLIB, _RAW = 31, 15, -15  # the windows that zlib tells formats by


def read_body(response: httpx.Response, place: Place, *, largest: int) -> bytes:
    """A whole answer. Raises PageTooLargeError above `largest` bytes as sent or unpacked, PassingError if cut short."""
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > largest:
        raise _too_large(place, f"announces {announced} bytes", largest)
    pieces, size = [], 0
    for piece in _unpacked(response, place, largest):
        size += len(piece)
        if size > largest:
            raise _too_large(place, "goes on", largest)
        pieces.append(piece)
    return b"".join(pieces)


def read_start(response: httpx.Response, place: Place, *, largest: int) -> bytes:
    """The first `largest` bytes of an answer; the rest is left unread."""
    start = bytearray()
    for piece in _unpacked(response, place, largest):
        start += piece
        if len(start) >= largest:
            break
    return bytes(start[:largest])


def _unpacked(response: httpx.Response, place: Place, largest: int) -> Iterator[bytes]:
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing in {"", "identity"}:
        return _sent(response, place, largest)
    if packing in {"gzip", "x-gzip", "deflate"}:
        return _inflated(_sent(response, place, largest), place, gzip=packing != "deflate")
    cause = f"is sent packed as {packing!r}, though only {ACCEPTED} were asked for"
    raise FetchError(place.address, place.tell(cause))


def _sent(response: httpx.Response, place: Place, largest: int) -> Iterator[bytes]:
    size = 0
    for piece in response.iter_raw():
        yield piece
        size += len(piece)
        if size > largest:  # packed ever so badly, or pieces that unpack to nothing
            raise _too_large(place, "goes on", largest)


def _inflated(sent: Iterator[bytes], place: Place, *, gzip: bool) -> Iterator[bytes]:
    unpacker, begun = None, False
    for piece in sent:
        rest = piece
        while rest:
            if unpacker is None:
                if begun and not (gzip and rest.startswith(b"\x1f")):
                    break  # padding behind the packed part, as some servers send it
                unpacker, begun = zlib.decompressobj(_GZIP if gzip else _window(rest)), True
            try:
                yield unpacker.decompress(rest, _PIECE)
            except zlib.error as exc:
                raise PassingError(place.address, place.tell(f"cannot be unpacked: {exc}")) from exc
            rest = unpacker.unconsumed_tail or unpacker.unused_data
            unpacker = None if unpacker.eof else unpacker
    if unpacker is not None and (rest := unpacker.decompress(b"", _PIECE)):  # held back by the limit of the last piece
        yield rest
    if unpacker is not None and not unpacker.eof:
        raise PassingError(place.address, place.tell("was cut short while it was sent"))


def _window(start: bytes) -> int:
    """`deflate` is sent with zlib's two bytes in front, as the standard wants, or by some servers without them."""
    is_zlib = start[0] & 0x0F == 8 and (len(start) < 2 or int.from_bytes(start[:2], "big") % 31 == 0)
    return _ZLIB if is_zlib else _RAW


def _too_large(place: Place, what: str, largest: int) -> PageTooLargeError:
    cause = f"{what}, and {largest} bytes are allowed; raise the limit or leave it out"
    return PageTooLargeError(place.address, place.tell(cause))
