"""Characters that nobody sees, and text as a model reads it."""

from __future__ import annotations

import re
import unicodedata

from vectorstore.text.words import fold

# Terminals obey these whole; without its first character a sequence would leave its tail behind.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]|\x1b\][^\x07\x1b]{0,2048}(?:\x07|\x1b\\)|\x1b[@-Z\\^_]"
)
_TAGS = "\U000e0000-\U000e007f"
# Controls but newline and tab; soft hyphens; joiners and marks of direction; fillers that show as nothing; variation
# selectors, in which whole texts can be hidden; tags.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    f"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a{_TAGS}\U000e0100-\U000e01ef]"
)
_HIDDEN_LETTERS = {code: chr(code - 0xE0000) for code in range(0xE0020, 0xE007F)}
# Cyrillic and Greek letters that look Latin, upper and lower case.
_LOOK_ALIKES = str.maketrans(
    "аеорсухіјѕԁһԛԝАВЕКМНОРСТХІЈЅУαοινΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxijsdhqwABEKMHOPCTXIJSYaoivABEZHIKMNOPTYX"
)
_APOSTROPHES = str.maketrans("ʼ`", "''")
# « i.g.n.o.r.e », "i g n o r e"; with spaces alone three letters are more often a list.
_SPACED_OUT = re.compile(r"\b\w([.\-_*])(?:\w\1){1,40}\w\b|\b(?:\w ){4,40}\w\b")

# What could pass for a key of ours: [2], [ 12, 13 ], ［２］, 【4】, [p7qk] in the passages of a model.
_DIGITS = "0-9\uff10-\uff19\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089\u2460-\u2473"
KEYS = re.compile(
    rf"[\[\uff3b\u3014\u3016\u27e6]\s{{0,9}}+(?P<key>\^?[{_DIGITS}]{{1,3}}(?:\s?[,;–-]\s?[{_DIGITS}]{{1,3}}){{0,9}}"
    r"|[a-z]{1,4}\d[a-z0-9]{0,4})\s{0,9}[\]\uff3d\u3015\u3017\u27e7]|【(?P<note>[^【】]{0,40})】",
    re.IGNORECASE,
)

DISGUISE = re.compile(f"[\u202d\u202e]|[{_TAGS}]{{8}}")
"""Text shown backwards, for which French and English have no use, or longer runs of tags than the flag of Scotland."""


def plain(text: str) -> str:
    """The text without what nobody sees: control characters but newline and tab, terminal escapes, invisible ones."""
    return text if text.isascii() and text.isprintable() else _UNSEEN.sub("", _ESCAPES.sub("", text))


def unkeyed(text: str) -> str:
    """The text of a release with its own notes in parentheses, (2), so that none passes for a citation of ours, [2]."""
    seen = plain(text)
    return KEYS.sub(lambda note: f"({note['key'] or note['note'] or ''})", seen) if KEYS.search(seen) else text


def headline(title: str) -> str:
    """A title on one line, which does not begin as a citation of ours would."""
    line = " ".join(plain(title).splitlines()).strip()
    return unkeyed(line) if KEYS.match(line) else line


def as_read(sentence: str) -> str:
    """A sentence as a model reads it: hidden letters shown, look-alikes made Latin, no accents, lower case."""
    shown = plain(sentence)
    if not sentence.isascii():  # most English ones are, and the rest would do nothing
        shown = unicodedata.normalize("NFKC", plain(sentence.translate(_HIDDEN_LETTERS))).translate(_LOOK_ALIKES)
    folded = " ".join(fold(shown.translate(_APOSTROPHES)).split())
    return _SPACED_OUT.sub(_together, folded)


def _together(found: re.Match[str]) -> str:
    return re.sub(r"[ .\-_*]", "", found.group())
