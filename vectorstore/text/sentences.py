"""Where sentences begin and end in French and English releases.

Written here because the libraries tried were both slower and more often wrong on French abbreviations and quotations:
`benchmarks/sentences.py` prints the figures. A quotation of up to `LONGEST_QUOTATION` characters is never cut; an
opening mark that is never closed counts for nothing.
"""

from __future__ import annotations

import re
from bisect import bisect
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache
from itertools import pairwise

from vectorstore.text import LANGUAGES, table

LONGEST_QUOTATION = 1000
"""Characters. Two marks further apart hardly belong together: 99.9 % of the quotations in 6,000 government releases are
shorter than 670."""

WIDEST_WRAP = 120
"""Lines longer than this were not wrapped by hand or by a mail program."""


@dataclass(frozen=True, slots=True)
class _Habits:
    """What a language writes with a full stop inside a sentence, and the words that open its sentences.

    `titles` never end a sentence; `counted` do not before a number; `units` do before anything else; `others` do only
    before a word of `openers`.
    """

    titles: frozenset[str]
    counted: frozenset[str]
    units: frozenset[str]
    others: frozenset[str]
    openers: frozenset[str]

    def __or__(self, other: _Habits) -> _Habits:
        return _Habits(
            self.titles | other.titles,
            self.counted | other.counted,
            self.units | other.units,
            self.others | other.others,
            self.openers | other.openers,
        )


@cache
def _habits(language: str | None) -> _Habits:
    """Those of a language; of both where it is neither."""
    if language not in LANGUAGES:
        first, second = map(_habits, LANGUAGES)
        return first | second
    lists = {name: frozenset(listed.split()) for name, listed in table("abbreviations")[language].items()}
    months, weekdays = (
        frozenset(name for row in table("calendar")[kind] for name in row[language][1:])
        for kind in ("months", "weekdays")
    )
    # French weekdays are hardly ever shortened in a text, and « mer. » may be the sea.
    lists["others"] |= months | (weekdays if language == "en" else frozenset())
    return _Habits(**lists)


# A full stop with the marks that close around it; a guillemet may stand apart by a space of any width.
_STOP = re.compile(
    "(?P<stop>\\.(?: \\.)+|(?<![.!?…])[.!?…]++)"
    "(?P<close>(?:[ \u00a0\u202f\u2009]{0,2}[»”]|[\"'’)\\]](?!\\w)|\\[\\d{1,3}\\])*)(?=\\s)"
    "|(?P<line>\\n)"
)
_NEXT = re.compile("[\\s«“„\"'‘’(\\[]*+(?P<dash>[–—•·▪►◦*-]?)[\\s«“„\"'‘’(\\[]*+(?P<word>\\w*+)(?P<after>['’.]?)")
_BETWEEN_TOKENS = re.compile(r"[\s(\[«“\"'’/]")
_BULLET = re.compile(r"\s{0,120}+(?:[-–—•·▪►‣◦*]+\s*\S|\(?(?:\d{1,2}|[a-zA-Z])[.)]\s)")
_INITIALS = re.compile(r"[^\W\d_](?:\.-?[^\W\d_])*")
_ROMAN = re.compile(r"[IVXLC]+")
_ENUMERATOR = re.compile(r"\(?(?:\d{1,2}|[A-Za-z]|[ivxIVX]{1,4})")
_PARAGRAPH_BORDER = re.compile(r"\n[^\S\n]*\n\s*")
_MARK = re.compile('[«»“”„"\\n]|(?<!\\w)‘|’(?!\\w)')
_OPENED_BY = {"»": "«", "”": "“", "’": "‘"}
_SURNAME_PARTICLES = {"le", "la", "de", "du", "des", "d'", "l'"}


@lru_cache(maxsize=4)  # passages and orders to an assistant are found in the same sentences, one after the other
def sentence_spans(text: str, language: str | None) -> tuple[tuple[int, int], ...]:
    """Half-open offsets of the sentences of `text`, in order, without the space around them.

    Every character that is not a space lies in exactly one. A blank line always ends a sentence; a single line break
    does unless the line was wrapped or runs on. `language` is `fr`, `en`, or anything else for the habits of both.
    """
    habits = _habits(language)
    gaps = [gap.span() for gap in _PARAGRAPH_BORDER.finditer(text)]
    begins, ends = [0, *(end for _, end in gaps)], [*(start for start, _ in gaps), len(text)]
    spans: list[tuple[int, int]] = []
    for begin, end in zip(begins, ends, strict=True):
        paragraph = text[begin:end]
        for first, last in pairwise([0, *_borders(paragraph, habits), len(paragraph)]):
            piece = paragraph[first:last]
            if sentence := piece.strip():
                start = begin + first + len(piece) - len(piece.lstrip())
                spans.append((start, start + len(sentence)))
    return tuple(spans)


def _borders(paragraph: str, habits: _Habits) -> list[int]:
    """Where the paragraph is cut, between its sentences."""
    wrapped = "\n" in paragraph and _is_wrapped(paragraph)
    quotations = _quotations(paragraph)
    borders: list[int] = []
    for found in _STOP.finditer(paragraph):
        end = found.end()
        inside = bisect(quotations, (end, 0)) - 1
        if inside >= 0 and end < quotations[inside][1]:
            continue
        if found["line"]:
            ends = _ends_line(paragraph, found.start(), wrapped=wrapped)
        else:
            ends = _ends_sentence(paragraph, found, habits, borders[-1] if borders else 0)
        if ends:
            borders.append(end)
    return borders


def _ends_sentence(paragraph: str, found: re.Match[str], habits: _Habits, begin: int) -> bool:
    following = _NEXT.match(paragraph, found.end())
    word = following["word"] if following else ""
    if word[:1].islower():
        # A trade name such as eGov or iPhone opens a sentence; so does an item of a list behind its bullet.
        return not word.islower() or bool(following and following["dash"] in "•·▪►◦*" and following["dash"])
    before = paragraph[max(begin, found.start() - 24) : found.start()]
    if before[-1:] in {"(", "["} and found["close"]:
        return False
    if found["stop"] != ".":
        return True
    token = _BETWEEN_TOKENS.split(before)[-1]
    ahead = found.start() - len(token)
    if ahead - begin < 9 and _ENUMERATOR.fullmatch(token) and not paragraph[begin:ahead].strip(" \n("):
        return False
    opener = "" if following and following["after"] == "." else (word + following["after"] if following else "")
    return _abbreviation_ends(token, word, opener.lower().replace("’", "'"), habits)


def _abbreviation_ends(token: str, word: str, opener: str, habits: _Habits) -> bool:
    """Whether a sentence ends after `token.`, where `word` follows; yes for what is no abbreviation."""
    head, _, rank = token.rpartition("-")
    if token in habits.titles or (head.endswith(".") and rank.capitalize() in habits.titles):
        return False
    if token in habits.counted and (word[:1].isdigit() or _ROMAN.fullmatch(word)):
        return False
    if token in habits.units:
        return True
    if token.isupper() and _INITIALS.fullmatch(token):
        return opener in habits.openers and opener not in _SURNAME_PARTICLES
    if token in habits.others or rank in habits.titles or _INITIALS.fullmatch(token):
        return opener in habits.openers
    return True


def _ends_line(paragraph: str, position: int, *, wrapped: bool) -> bool:
    """Whether the line break at `position` ends a sentence: not where the line was wrapped or runs on."""
    if _BULLET.match(paragraph, position + 1):
        return True
    last = paragraph[max(0, position - 8) : position].rstrip()[-1:]
    following = paragraph[position + 1 : position + 9].lstrip()[:1]
    if wrapped or last == ",":
        return False
    return not following.islower() or last in {".", "!", "?", "…", ":", ";"}


def _is_wrapped(paragraph: str) -> bool:
    """Whether the lines were broken to fit a width: no line had room for the next one's first word.

    Some line must go on in lower case too, or a list of titles would pass for a wrapped sentence.
    """
    lines = [line.strip() for line in paragraph.split("\n")]
    width = max(map(len, lines))
    if width > WIDEST_WRAP:
        return False
    pairs = [(line, following) for line, following in pairwise(lines) if following]
    full = all(len(line) + 1 + len(following.split()[0]) > width for line, following in pairs)
    return full and any(following[0].islower() and line[-1:].isalnum() for line, following in pairs)


def _quotations(paragraph: str) -> list[tuple[int, int]]:
    """Offsets of the outermost quotations that are opened and closed, marks included, in order.

    Straight marks pair within a line.
    """
    opened: list[tuple[str, int]] = []
    found: list[tuple[int, int]] = []
    for match in _MARK.finditer(paragraph):
        mark, position = match[0], match.start()
        if mark == "\n":
            opened = [(kind, start) for kind, start in opened if kind != '"']
            continue
        closes = _opening_of(mark, paragraph, position, [kind for kind, _ in opened])
        if closes is None:
            # No quotation nests deeper; a text full of stray marks must not be searched again for each of them.
            opened = [*opened[-7:], (mark, position)]
        elif (begun := _last(opened, closes)) is not None:
            start = opened[begun][1]
            del opened[begun:]
            if position + 1 - start <= LONGEST_QUOTATION:
                while found and found[-1][0] > start:
                    found.pop()
                found.append((start, position + 1))
    return found


def _opening_of(mark: str, paragraph: str, position: int, opened: list[str]) -> str | None:
    """The mark that this one closes; None where it opens a quotation itself."""
    if mark in _OPENED_BY:
        return _OPENED_BY[mark]
    if mark == "“" and "„" in opened:
        return "„"
    if mark != '"':
        return None
    before, after = paragraph[position - 1 : position], paragraph[position + 1 : position + 2]
    # `5.5" screen` is inches, and a mark with space before it and none behind opens, whatever went before.
    looks_opening = (not before or before.isspace() or before in "(['«“") and bool(after) and not after.isspace()
    return None if looks_opening else '"'


def _last(opened: list[tuple[str, int]], kind: str) -> int | None:
    """The place of the innermost open mark of that kind."""
    return next((place for place in range(len(opened) - 1, -1, -1) if opened[place][0] == kind), None)


@dataclass(frozen=True, slots=True)
class Difference:
    """Sentences that stand in place of others: `before` is empty for what was added, `after` for what was taken out."""

    before: str
    after: str


def differences(before: str, after: str, language: str | None) -> list[Difference]:
    """What has to be changed to make one text the other, in order; none where both say the same.

    Sentences are compared as wholes; spaces between them do not count.
    """
    old, new = _sentences(before, language), _sentences(after, language)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        Difference(" ".join(old[start:stop]), " ".join(new[first:last]))
        for kind, start, stop, first, last in matcher.get_opcodes()
        if kind != "equal"
    ]


def _sentences(text: str, language: str | None) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in sentence_spans(text, language)]
