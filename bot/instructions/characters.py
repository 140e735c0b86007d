"""Characters that nobody sees, and text as a model reads it."""

from __future__ import annotations

import re
import unicodedata

from vectorstore.words import fold

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
_APOSTROPHES = str.maketrans("’‘ʼ`", "''''")
# « i.g.n.o.r.e », "i g n o r e"; with spaces alone three letters are more often a list.
_SPACED_OUT = re.compile(r"\b\w([.\-_*])(?:\w\1){1,40}\w\b|\b(?:\w ){4,40}\w\b")

DISGUISE = re.compile(f"[\u202d\u202e]|[{_TAGS}]{{8}}")
"""Text shown backwards, for which French and English have no use, or longer runs of tags than the flag of Scotland."""


def plain(text: str) -> str:
    """The text without what nobody sees: control characters but newline and tab, terminal escapes, invisible ones."""
    return text if text.isascii() and text.isprintable() else _UNSEEN.sub("", _ESCAPES.sub("", text))


def as_read(sentence: str) -> str:
    """A sentence as a model reads it: hidden letters shown, look-alikes made Latin, no accents, lower case."""
    if sentence.isascii():  # most English ones, for which the rest does nothing
        folded = " ".join(plain(sentence).replace("`", "'").casefold().split())
        return _SPACED_OUT.sub(_together, folded)
    shown = unicodedata.normalize("NFKC", plain(sentence.translate(_HIDDEN_LETTERS))).translate(_LOOK_ALIKES)
    folded = " ".join(fold(shown.translate(_APOSTROPHES)).casefold().split())
    return _SPACED_OUT.sub(_together, folded)


def _together(found: re.Match[str]) -> str:
    return re.sub(r"[ .\-_*]", "", found.group())
