"""Orders to an assistant inside a release, and characters that nobody sees. Pure, and linear in the text.

A release is data: what it tells a language model to do is reported and never obeyed, nor quoted as an answer. Found
are orders to drop the rules, to play a role, to answer in a given way, to leave out the sources or to send things
elsewhere, and what passes for the machinery around a model: chat templates, calls of tools, replies and citations
made beforehand. A sentence that speaks of such orders, or quotes one, gives none; nor does one to readers, such as
"ignore the rumours".

How orders are worded is data (`vectorstore/text/data/injected_orders.toml`); every pattern is matched against a
sentence without accents and capitals (`as_read`).
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from vectorstore.text import table
from vectorstore.text.sentences import sentence_spans
from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_Piece = str | list["_Piece"]

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
# What JSON may hold as it is, and a terminal would obey or not show.
_UNSEEN_IN_JSON = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_HIDDEN_LETTERS = {code: chr(code - 0xE0000) for code in range(0xE0020, 0xE007F)}
# Cyrillic and Greek letters that look Latin, upper and lower case.
_LOOK_ALIKES = str.maketrans(
    "аеорсухіјѕԁһԛԝАВЕКМНОРСТХІЈЅУαοινΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxijsdhqwABEKMHOPCTXIJSYaoivABEZHIKMNOPTYX"
)
_APOSTROPHES = str.maketrans("ʼ`", "''")
# What none of this would change, which is nearly every sentence.
_UNDISGUISED = re.compile("[\t\n -_a-~À-ÖØ-öø-ÿŒœ‘’“”«»–—]*")
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


def printable(text: str) -> str:
    """JSON with what a terminal would obey, or nobody sees, written as numbers: the same JSON."""
    return _UNSEEN_IN_JSON.sub(lambda sign: json.dumps(sign[0])[1:-1], text)


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
    shown = sentence
    if not _UNDISGUISED.fullmatch(sentence):
        plainly = unicodedata.normalize("NFKC", plain(sentence.translate(_HIDDEN_LETTERS)))
        shown = plainly.translate(_LOOK_ALIKES).translate(_APOSTROPHES)
    return _SPACED_OUT.sub(_together, " ".join(fold(shown).split()))


def _together(found: re.Match[str]) -> str:
    return re.sub(r"[ .\-_*]", "", found.group())


class _AnyOf(NamedTuple):
    """Patterns, of which those that stand at the beginning of a sentence are tried there alone."""

    beginning: re.Pattern[str]
    anywhere: tuple[re.Pattern[str], ...]

    def search(self, sentence: str) -> bool:
        """Whether a sentence holds what one of them says."""
        return bool(self.beginning.match(sentence)) or any(one.search(sentence) for one in self.anywhere)


class _Patterns(NamedTuple):
    """What gives an order, makes its whole paragraph one, was made to pass for a reply, or goes on with an order."""

    order: _AnyOf
    template: _AnyOf
    forgery: _AnyOf
    continues: _AnyOf


@cache
def order_patterns() -> _Patterns:
    """Those of each kind as one, in which what several begin with stands once."""
    start = _parts()["start"]
    return _Patterns(*(_any_of(worded(kind), start) for kind in ("orders", "templates", "forged", "goes_on")))


@cache
def _parts() -> dict[str, str]:
    parts = table("injected_orders")["parts"]
    return {name: _joined(alternatives, in_row=False) for name, alternatives in parts.items()}


def worded(kind: str) -> Iterator[str]:
    """The patterns of a kind, each put together."""
    for row in table("injected_orders")["patterns"][kind]:
        pattern = _joined(row)
        for name, part in _parts().items():
            pattern = pattern.replace(f"<{name}>", part)
        yield pattern


def _joined(piece: _Piece, *, in_row: bool = True) -> str:
    """The pattern of a piece: of a row its pieces one after another, of alternatives any of them."""
    if isinstance(piece, str):
        return piece
    parts = [_joined(one, in_row=not in_row) for one in piece]
    return "".join(parts) if in_row else f"(?:{'|'.join(parts)})"


def _any_of(patterns: Iterable[str], start: str) -> _AnyOf:
    """All of them, in which what many begin with stands once: else it is tried again for each, everywhere.

    A sentence that holds no order takes 8 microseconds in place of 227.
    """
    rest: dict[str, list[str]] = {start: [], r"\b": [], "^": [], "": []}
    for alternative in (one for pattern in patterns for one in _alternatives(pattern)):
        beginning = next(one for one in rest if alternative.startswith(one))
        rest[beginning].append(alternative.removeprefix(beginning))
    first = "|".join(rest.pop("^")) or "(?!)"
    together = (one + _by_letter(ends) for one, ends in rest.items() if ends)
    return _AnyOf(re.compile(first), tuple(map(re.compile, together)))


def _by_letter(patterns: Iterable[str]) -> str:
    """Any of them; those that begin with the same letter follow it once, so that other words are passed over at it."""
    following: dict[str, list[str]] = {}
    rest: list[str] = []
    for pattern in patterns:
        for one in _opened(pattern):
            begins = one[:1].isalpha() and one[1:2] not in set("?*+{")
            (following.setdefault(one[0], []) if begins else rest).append(one[begins:])
    words = (letter + (ends[0] if len(ends) == 1 else _by_letter(ends)) for letter, ends in following.items())
    return f"(?:{'|'.join([*words, *rest])})"


def _opened(pattern: str) -> Iterator[str]:
    """The pattern with each of the alternatives that it begins with."""
    depth, ends = 0, (found.end() for found in _SIGNS.finditer(pattern) if found[0] == ")" or found[0] == "(")
    for end in ends if pattern.startswith("(?:") else ():
        depth += 1 if pattern[end - 1] == "(" else -1
        if not depth and pattern[end : end + 1] not in set("?*+{"):
            for one in _alternatives(pattern[3 : end - 1]):
                yield from _opened(one + pattern[end:])
            return
        if not depth:
            break
    yield pattern


def _alternatives(pattern: str) -> Iterator[str]:
    """The parts of a pattern between bars that stand in no parentheses and no brackets."""
    depth = start = 0
    for found in _SIGNS.finditer(pattern):
        sign = found[0]
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            yield pattern[start : found.start()]
            start = found.end()
    yield pattern[start:]


_SIGNS = re.compile(r"\\.|\[(?:\\.|[^\]\\]){0,200}+\]|[()|]", re.DOTALL)

ASKS = re.compile(r"^(?:human|user|utilisateur|humain) ?: ?\S")
ANSWERS = re.compile(r"^(?:assistant|ai|ia|bot|model|modele) ?: ?\S")
"""The two sides of a dialogue with a machine; alone, either may be a line of credits."""


_QUOTED = re.compile(r'«[^»]{1,400}»|“[^”]{1,400}”|"[^"]{1,400}"')
_REMEMBERED = 4_096  # sentences: the paragraphs around two hits are often the same
_SAID_AROUND = 4  # words outside the quotation marks from which a quoted order is only told of


def instructions(text: str, language: str | None = None) -> tuple[tuple[int, int], ...]:
    """Half-open offsets of the sentences that give orders to an assistant, in order.

    `language` is that of the text and rules only where its sentences end; orders are known in French and English
    wherever they stand, also spelt with look-alike or invisible letters.
    """
    return orders_among(text, sentence_spans(text, language))


def orders_among(text: str, spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Those of the text's sentences, all of which `spans` holds in order, that give orders to an assistant."""
    paragraphs = _paragraphs(text, spans)
    read = [_read(text[start:end]) for start, end in spans]
    orders = {index for index, sentence in enumerate(read) if _gives_order(sentence)} | _dialogue(read)
    templates = {
        paragraphs[index]
        for index, sentence in enumerate(read)
        if order_patterns().template.search(_own_words(sentence))
    }
    disguised = spans if DISGUISE.search(text) else ()
    hidden = {index for index, (start, end) in enumerate(disguised) if DISGUISE.search(text, start, end)}
    ordering = templates | {paragraphs[index] for index in orders | hidden}
    near = ordering | {number + side for number in ordering for side in (-1, 1)}
    return tuple(
        span
        for index, span in enumerate(spans)
        if index in orders | hidden
        or paragraphs[index] in templates
        or (paragraphs[index] in near and order_patterns().continues.search(_own_words(read[index])))
    )


@lru_cache(_REMEMBERED)
def _read(sentence: str) -> str:
    return as_read(sentence)


@lru_cache(_REMEMBERED)
def _gives_order(sentence: str) -> bool:
    return order_patterns().forgery.search(sentence) or order_patterns().order.search(_own_words(sentence))


def _dialogue(sentences: Sequence[str]) -> set[int]:
    """The lines of a made-up dialogue between a person and a machine; none where only one of them speaks."""
    asked = {index for index, sentence in enumerate(sentences) if ASKS.search(sentence)}
    answered = {index for index, sentence in enumerate(sentences) if ANSWERS.search(sentence)}
    return asked | answered if asked and answered else set()


def _paragraphs(text: str, spans: Iterable[tuple[int, int]]) -> list[int]:
    """The number of the paragraph that each sentence stands in."""
    numbers: list[int] = []
    number = last = 0
    for start, end in spans:
        number += "\n\n" in text[last:start]
        numbers.append(number)
        last = end
    return numbers


def _own_words(sentence: str) -> str:
    """The sentence without what it quotes; whole where it is hardly more than a quotation."""
    said, quoted = _QUOTED.subn('"…"', sentence)
    return said if quoted and len(re.findall(r"\w+", said)) >= _SAID_AROUND else sentence
