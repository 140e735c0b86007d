"""From bytes to clean characters."""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import TYPE_CHECKING

from ingest.errors import ParseError
from ingest.parse.encodings import codec_of, decoded

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# By what bytes these encodings are told: they look like binary data, or like UTF-8.
_LOOKS = {"utf-16-le": b"\x00", "utf-16-be": b"\x00", "iso2022_jp": b"\x1b"}
# What French and English put outside ASCII. Mac Roman or Cyrillic bytes read as Windows-1252 fall outside of it.
_EXPECTED = frozenset("àâäæáãåçéèêëíìîïñóòôöõøœúùûüýÿßšžÀÂÄÆÁÇÉÈÊËÎÏÔÖŒÙÛÜŸ«»‹›‘’“”„–—…•·€£°²³½¼§©®™±×\u00a0\u00ad")
# NUL, other control characters, lone surrogates, byte order marks and invisible break hints: SQLite or UTF-8
# cannot hold the first ones, and nobody can type the last ones into a search.
_UNWANTED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
# Those of them that somebody may miss, and the sign for what was lost before.
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
_LOST = re.compile("\ufffd")
_BESIDE = 15  # characters that an example shows before and behind
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Spaces that only fill; the no-break ones (U+00A0, U+202F, U+2007) belong to the typography and stay.
_FILLING = re.compile(r"[ \t\u2000-\u2006\u2008-\u200a\u3000]+")


def decode(content: bytes, location: str, *declared: str | None) -> str:
    """Characters of a page, whatever it was saved as; `declared` is what it is said to be, by the best word first.

    A byte order mark goes before them, and so does UTF-8 where the bytes are that.

    Raises:
        ParseError: the page is empty, holds no text, or its bytes fit no encoding.

    """
    if not content.strip():
        raise ParseError(location, "the file is empty")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strict(content, encoding, location)
    codecs_declared = [codec for label in declared if (codec := codec_of(label))]
    for codec in codecs_declared:
        if codec in _LOOKS and _LOOKS[codec] in content:
            return _strict(content, codec, location)
    if b"\x00" in content:
        raise ParseError(location, "this is binary data, not text: save the release as text, Markdown, HTML or PDF")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        _refuse_damaged(content, error, location)
    return _legacy(content, location, codecs_declared)


def decode_anyhow(content: bytes, *declared: str | None) -> str:
    """The characters of a list, in which a damaged one is no reason to leave out the others."""
    try:
        return decode(content, "", *declared)
    except ParseError:
        return content.decode(errors="replace")


def losses(text: str) -> tuple[str, ...]:
    """Warnings about characters of a page that cannot be kept, and about those that were lost before it came here."""
    return (
        *_loss(_CONTROLS, text, "control characters were left out"),
        *_loss(_LOST, text, "characters were lost before the page came here"),
    )


def _loss(kind: re.Pattern[str], text: str, what: str) -> tuple[str, ...]:
    first = kind.search(text)
    if first is None:
        return ()
    example = text[max(0, first.start() - _BESIDE) : first.end() + _BESIDE]
    return (f"{what}: {len(kind.findall(text))}, the first in {example!r}",)


def tidy(text: str) -> str:
    """The same text in NFC, with plain spaces collapsed, and without characters that cannot be stored or seen.

    Every line end becomes a line feed; no-break spaces stay as they are.
    """
    text = unicodedata.normalize("NFC", storable(text))
    if text.isprintable() and "  " not in text:  # most are so, and this is quick to see
        return text.strip()
    return "\n".join(_FILLING.sub(" ", line).strip() for line in text.split("\n")).strip()


def storable(text: str) -> str:
    """The same text with plain line ends, without control characters, lone surrogates and invisible break hints."""
    return text if text.isprintable() else _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))


def tidy_line(text: str) -> str:
    """Tidy text as one line: line ends become spaces."""
    return " ".join(line for line in tidy(text).split("\n") if line)


def _strict(content: bytes, encoding: str, location: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        cause = f"the bytes are not {error.encoding}, as they claim: save the file again as UTF-8"
        raise ParseError(location, cause) from error


def _refuse_damaged(content: bytes, error: UnicodeDecodeError, location: str) -> None:
    """Stop where the bytes are UTF-8 with a few broken ones: any other reading would garble every accent."""
    text = content.decode(errors="replace")
    broken = text.count("\ufffd")
    if sum(character > "\x7f" for character in text) - broken > 2 * broken:
        cause = f"damaged UTF-8 at byte {error.start}: save the file again as UTF-8"
        raise ParseError(location, cause) from error


def _legacy(content: bytes, location: str, declared: Sequence[str]) -> str:
    """Read bytes from before UTF-8: as declared, as Windows-1252 where that gives Western text, else by guess."""
    for codec in (*declared, "cp1252"):
        try:
            text = decoded(content, codec)
        except UnicodeDecodeError:
            continue
        if codec in declared or _looks_western(text):
            return text
    from charset_normalizer import from_bytes

    guess = from_bytes(content).best()
    if guess is None or _looks_binary(str(guess)):
        raise ParseError(location, "the bytes fit no known encoding: save the file again as UTF-8")
    return str(guess)


def _looks_western(text: str) -> bool:
    beyond_ascii = [character for character in text if character > "\x7f"]
    expected = sum(character in _EXPECTED for character in beyond_ascii)
    return not _looks_binary(text) and expected >= 0.9 * len(beyond_ascii)


def _looks_binary(text: str) -> bool:
    return len(_UNWANTED.findall(text)) > 0.01 * len(text)
