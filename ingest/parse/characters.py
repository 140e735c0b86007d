"""From bytes to clean characters, decoded under the label that a page gives them as browsers do.

https://encoding.spec.whatwg.org/#names-and-labels says which label means which encoding: ISO-8859-1 and ASCII are
windows-1252, for so many pages say one and hold the other. Python's codecs know most labels; `webencodings`, which has
them all, has had no release since 2017.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import TYPE_CHECKING

from ingest.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Sequence

# What browsers read where a label says the other, both by Python's names.
_READ_AS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-16-le",
}
# Labels that Python does not know.
_LABELS = {
    "dos-874": "cp874",
    "windows-874": "cp874",
    "windows-31j": "cp932",
    "windows-949": "cp949",
    "cseuckr": "cp949",
    "csksc56011987": "cp949",
    "iso-ir-149": "cp949",
    "ks_c_5601-1989": "cp949",
    "ksc_5601": "cp949",
    "csgb2312": "gb18030",
    "gb_2312": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "cn-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "cseucpkdfmtjapanese": "euc_jp",
    "x-euc-jp": "euc_jp",
    "x-sjis": "cp932",
    "csisolatin9": "iso8859-15",
    "sun_eu_greek": "iso8859-7",
    "logical": "iso8859-8",
    "visual": "iso8859-8",
    "koi": "koi8-r",
    "koi8": "koi8-r",
    "koi8-ru": "koi8-u",
    "csmacintosh": "mac-roman",
    "mac": "mac-roman",
    "x-mac-roman": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-ukrainian": "mac-cyrillic",
    "csunicode": "utf-16-le",
    "iso-10646-ucs-2": "utf-16-le",
    "ucs-2": "utf-16-le",
    "unicode": "utf-16-le",
    "unicodefeff": "utf-16-le",
    "unicodefffe": "utf-16-be",
    "unicode-1-1-utf-8": "utf-8",
    "unicode11utf8": "utf-8",
    "unicode20utf8": "utf-8",
    "x-unicode20utf8": "utf-8",
}
_AS_NAMED = frozenset(
    {
        "utf-8",
        "utf-16-le",
        "utf-16-be",
        "gb18030",
        "big5hkscs",
        "euc_jp",
        "iso2022_jp",
        "cp932",
        "cp949",
        "cp866",
        "cp874",
    }
    | {"koi8-r", "koi8-u", "mac-roman", "mac-cyrillic"}
    | {f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)}
    | {f"cp125{page}" for page in range(9)}
)
_LABEL = rb"\s*=[\s\"']*([\w:.-]{1,40})"
_STATED = re.compile(rb"<meta[^>]{0,200}?charset" + _LABEL + rb"|<\?xml[^>]{0,100}?\sencoding" + _LABEL, re.IGNORECASE)
_ISO_8859 = re.compile(r"(?:cs)?iso-?8859-?(\d{1,2})(?:-?[ei])?")
_SINGLE_BYTES = re.compile(r"cp(?:125\d|8\d\d)|iso8859-\d+|koi8-[ru]|mac-\w+")


def stated_encoding(content: bytes) -> str | None:
    """The label in a page's `meta` or in its XML declaration."""
    found = _STATED.search(content[:4096])
    label = (found[1] or found[2]).decode() if found else None
    # what can be read here as ASCII is not in two bytes, whatever it says
    return "utf-8" if (codec_of(label) or "").startswith("utf-16") else label


def codec_of(label: str | None) -> str | None:
    """Python's codec for what a page calls its encoding; None for a label that browsers do not know."""
    plain = (label or "").strip(" \t\r\n\f\"'").lower()
    if plain in _LABELS:
        return _LABELS[plain]
    try:
        name = codecs.lookup(_ISO_8859.sub(r"iso8859-\1", plain.replace("x-cp", "cp"))).name
    except (LookupError, ValueError):  # ValueError: a NUL
        return None
    name = _READ_AS.get(name, name)
    return name if name in _AS_NAMED else None


def decoded(content: bytes, codec: str) -> str:
    """The characters of bytes. A single one that stands for none is U+0081 and the like, or U+FFFD.

    Raises UnicodeDecodeError where characters have more than one byte.
    """
    return content.decode(codec, "communique-single" if _SINGLE_BYTES.fullmatch(codec) else "strict")


def _as_browsers_do(error: UnicodeError) -> tuple[str, int]:
    """What stands for a byte that an encoding of single bytes leaves open."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    byte = error.object[error.start]
    return chr(byte) if 0x80 <= byte < 0xA0 else "\ufffd", error.start + 1


codecs.register_error("communique-single", _as_browsers_do)


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
_FEW, _FEW_OF = 3, 1000  # characters that may be damaged on a page, and one more in so many
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


def decode_page(content: bytes, location: str, *declared: str | None) -> str:
    """The characters of a web page, of which browsers show the rest where a few are damaged: these are U+FFFD.

    Raises ParseError as `decode` does, for any but a few of them.
    """
    try:
        return decode(content, location, *declared)
    except ParseError:
        encoding = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "utf-8")
        text = content.decode(encoding, "replace").replace("\x00", "\ufffd")
        if 0 < text.count("\ufffd") <= _FEW + len(text) // _FEW_OF:
            return text
        rest = content.replace(b"\x00", b"")
        if 0 < len(content) - len(rest) <= _FEW and encoding == "utf-8":
            return decode(rest, location, *declared)
        raise


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
