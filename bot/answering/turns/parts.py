"""Two questions in one: "When does it open, and how much does it cost?"."""

from __future__ import annotations

import re
from itertools import pairwise

from bot.answering.turns.exchange import asking_words
from vectorstore.words import fold

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_ENDS = re.compile(r"(?<!\?)\?++\s++(?=\S)")
_FEWEST, _MOST = 3, 3  # words of a question, and questions in one


def questions_in(text: str) -> tuple[str, ...]:
    """The questions that a text asks, in its order: one, or as many as each begin with a word that asks."""
    borders = {found.end() for found in _ENDS.finditer(text)}
    words = list(_WORD.finditer(text))
    for joint, following in pairwise(words):
        if _folded(joint) in asking_words("joints") and _begins(following):
            borders.add(following.start())
    parts: list[str] = []
    start = 0
    for border in [*sorted(borders), len(text)]:
        part = _tidied(text[start:border])
        if len(part.split()) >= _FEWEST and any(map(_begins, _WORD.finditer(part))):
            parts.append(part)
            start = border
    return tuple(parts) if 1 < len(parts) <= _MOST and start == len(text) else (text,)


def _begins(word: re.Match[str]) -> bool:
    return _folded(word).split("'")[0] in asking_words("questions")


def _folded(word: re.Match[str]) -> str:
    return fold(word.group()).casefold().replace("’", "'")


def _tidied(part: str) -> str:
    """A part without the word that joins the next one."""
    words = part.strip(" ,;").split()
    while words and fold(words[-1].strip(",")).casefold() in asking_words("joints"):
        words.pop()
    return " ".join(words).rstrip(",;")
