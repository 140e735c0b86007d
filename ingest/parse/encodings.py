"""What a page's bytes mean under the label that it gives them, read as browsers do.

https://encoding.spec.whatwg.org/#names-and-labels says which label means which encoding: ISO-8859-1 and ASCII are
windows-1252, for so many pages say one and hold the other. Python's codecs know most labels; `webencodings`, which has
them all, has had no release since 2017.
"""

from __future__ import annotations

import codecs
import re

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
