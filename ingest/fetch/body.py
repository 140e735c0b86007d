"""The bytes of an answer, unpacked, and never more of them than allowed."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from ingest.errors import FetchError, PageTooLargeError
from ingest.fetch.causes import PassingError
from ingest.fetch.headers import read_length

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ingest.fetch.headers import Headers
    from ingest.fetch.place import Place

ACCEPTED = "gzip, deflate"  # the only packings asked for, because only these can be unpacked to a limit

_UNPACKED = {"gzip": True, "x-gzip": True, "deflate": False}
# Whatever else a server names packs nothing (UTF-8, none, 8bit, binary), and is passed over as browsers do.
_OTHERS = frozenset(
    {"aes128gcm", "bzip2", "br", "compress", "dcb", "dcz", "exi", "lzma", "pack200-gzip", "x-compress", "xz", "zstd"}
)
_MOST_LAYERS = 2  # packed once more by a proxy; who packs three times wants to fill the memory
_MOST_MEMBERS = 1_000  # gzip files in a row; each is begun anew, however little there is in it
_SPARE = 2**20  # bytes that an answer may be longer by of which the start alone is wanted
_PIECE = 2**16  # bytes unpacked at a time, so that a small answer cannot fill the memory
_GZIP, _ZLIB, _RAW = 31, 15, -15  # the windows that zlib tells formats by


def read_body(headers: Headers, sent: Iterable[bytes], place: Place, *, largest: int) -> bytes:
    """A whole answer. Raises PageTooLargeError above `largest` bytes as sent or unpacked, PassingError if cut short."""
    announced = read_length(headers.get("content-length"))
    if announced is not None and announced > largest:
        raise _too_large(place, f"announces {announced} bytes", largest)
    return b"".join(_unpacked(headers, sent, place, largest))


def read_start(headers: Headers, sent: Iterable[bytes], place: Place, *, largest: int) -> bytes:
    """The first `largest` bytes of an answer; the rest is left unread."""
    start = bytearray()
    for piece in _unpacked(headers, sent, place, largest + _SPARE):
        start += piece
        if len(start) >= largest:
            break
    return bytes(start[:largest])


def _unpacked(headers: Headers, sent: Iterable[bytes], place: Place, largest: int) -> Iterator[bytes]:
    named = [name.strip().lower() for name in headers.every("content-encoding").split(",")]
    packings = [name for name in named if name in _UNPACKED or name in _OTHERS]
    unknown = next((name for name in packings if name in _OTHERS), None)
    if unknown or len(packings) > _MOST_LAYERS:
        cause = f"is sent packed as {unknown or ', '.join(packings[:5])!r}, though only {ACCEPTED} were asked for"
        raise FetchError(place.address, place.tell(cause))
    pieces = _limited(sent, place, largest)
    for packing in reversed(packings):  # they are named in the order in which they were applied
        pieces = _limited(_inflated(pieces, place, gzip=_UNPACKED[packing]), place, largest)
    return pieces


def _limited(pieces: Iterable[bytes], place: Place, largest: int) -> Iterator[bytes]:
    """The same pieces, as long as they are no more than allowed: as sent, and behind each unpacking."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > largest:
            raise _too_large(place, "goes on", largest)
        yield piece


def _inflated(sent: Iterator[bytes], place: Place, *, gzip: bool) -> Iterator[bytes]:
    unpacker, begun = None, 0
    for piece in sent:
        rest = piece
        while rest:
            if unpacker is None:
                if begun and not (gzip and rest.startswith(b"\x1f")):
                    break  # padding behind the packed part, as some servers send it
                begun += 1
                if begun > _MOST_MEMBERS:
                    raise FetchError(place.address, place.tell(f"is sent in more than {_MOST_MEMBERS} packed parts"))
                unpacker = zlib.decompressobj(_GZIP if gzip else _window(rest))
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
