"""A turn as numbers: its words, runs of its letters, and how it stands to the question before."""

from __future__ import annotations

import re
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING

from vectorstore.words import fold, is_stop_word

if TYPE_CHECKING:
    from collections.abc import Iterator

HASHED = 1 << 14
"""Numbers that words and runs of letters are hashed to (Weinberger et al., 2009)."""

LONGEST = 300
"""Characters of a turn that tell its kind."""

_WORD = re.compile(r"[^\W_]+")
_SIGNS = re.compile(r"[^\W_]+|[?!…]")
_RUNS = range(2, 6)  # letters of a run


def plain(text: str) -> str:
    """The folded words and signs of a turn, one space between them."""
    return " ".join(_SIGNS.findall(fold(text[:LONGEST]).casefold()))


def features(turn: str, before: str) -> dict[int, float]:
    """The features of a turn that are not zero; `before` is the question it may lean on, empty where there is none."""
    found: dict[int, float] = {}
    for family, weight in ((_words(turn), 2.0), (_letters(turn), 2.0)):
        seen: dict[int, float] = {}
        for feature in family:
            number = zlib.crc32(feature.encode()) % HASHED
            seen[number] = seen.get(number, 0.0) + 1.0
        length = sum(count * count for count in seen.values()) ** 0.5 or 1.0
        for number, count in seen.items():
            found[number] = found.get(number, 0.0) + weight * count / length
    return found | {HASHED + place: 0.5 for place, holds in enumerate(_shape(turn, before)) if holds}


SHAPES = 20
"""How many features `_shape` gives."""


def _words(turn: str) -> Iterator[str]:
    words = ["<", *plain(turn).split(), ">"]
    yield from words[1:-1]
    yield from (f"{a} {b}" for a, b in pairwise(words))
    yield from (f"{a} {b} {c}" for a, b, c in zip(words, words[1:], words[2:], strict=False))


def _letters(turn: str) -> Iterator[str]:
    for word in plain(turn).split():
        marked = f" {word} "
        for length in _RUNS:
            yield from (marked[at : at + length] for at in range(max(len(marked) - length + 1, 1)))


def _shape(turn: str, before: str) -> tuple[bool, ...]:
    """How long a turn is, how much in it names something, and whether that was named before."""
    words = _WORD.findall(turn[:LONGEST])
    named = [word for word in words if not is_stop_word(word.casefold(), None)]
    capitals = [word for word in words[1:] if word[:1].isupper()]
    known = {fold(word).casefold() for word in _WORD.findall(before)}
    again = [word for word in named if fold(word).casefold() in known]
    return (
        bool(before), len(words) == 0, len(words) == 1, len(words) == 2, len(words) <= 4, len(words) <= 7,
        len(words) > 10, len(named) == 0, len(named) == 1, len(named) == 2, len(named) <= 3, len(named) > 5,
        bool(capitals), len(capitals) > 1, any(word.isdigit() for word in words), bool(again),
        2 * len(again) > len(named), bool(before) and len(named) <= 2, bool(before) and not capitals,
        "?" in turn,
    )  # fmt: skip
