"""XML from strangers: no entities, no more than so many bytes."""

from __future__ import annotations

import re
import zlib

from ingest.errors import SourceError
from ingest.parse.characters import decode_anyhow
from ingest.parse.encodings import stated_encoding

_MOST = 50 * 2**20  # bytes; the size that the sitemap protocol allows, unpacked
_ENCODING = re.compile(r"^(\s*<\?xml[^>]{0,100}?)\sencoding\s*=\s*[\"'][^\"'>]*[\"']")
_GZIP = b"\x1f\x8b"
_MOST_MEMBERS = 1_000  # compressed files in a row; each is begun anew, however little there is in it


def refuse_entities(content: bytes, address: str) -> None:
    """Raise SourceError where XML declares entities, with which a few bytes can grow to fill the memory."""
    if b"<!ENTITY" in content.replace(b"\x00", b"").upper():  # UTF-16 has a NUL beside each letter
        raise SourceError(address, "declares XML entities, which are not read: ask the site for a feed without them")


def in_utf8(content: bytes, charset: str | None = None) -> bytes:
    """XML in UTF-8, whatever it was in, as browsers would read it; `charset` is what its server says."""
    if content.startswith((b"<\x00", b"\x00<")):  # UTF-16 without its mark, which parsers of XML know by this
        return content
    text = decode_anyhow(content, charset, stated_encoding(content))
    return _ENCODING.sub(r"\1", text, count=1).encode()


def unpacked(content: bytes, address: str) -> bytes:
    """The bytes of a gzip file, those of any other as they are.

    Raises:
        SourceError: they are damaged, more than 50 MiB, or in more than 1,000 pieces.

    """
    out: list[bytes] = []
    size = 0
    rest = content
    while rest.startswith(_GZIP):  # a file can be several compressed ones in a row
        if len(out) >= _MOST_MEMBERS:
            raise SourceError(address, f"is packed in more than {_MOST_MEMBERS} pieces; name a smaller part of it")
        unpacker = zlib.decompressobj(wbits=31)
        try:
            out.append(unpacker.decompress(rest, _MOST - size + 1))
        except zlib.error as exc:
            raise SourceError(address, f"cannot be unpacked: {exc}") from exc
        size += len(out[-1])
        if size > _MOST:
            raise SourceError(address, f"is larger than {_MOST // 2**20} MiB unpacked; name a smaller part of it")
        if not unpacker.eof:
            raise SourceError(address, "cannot be unpacked: the file is cut off")
        rest = unpacker.unused_data
    return b"".join(out) if out else content
