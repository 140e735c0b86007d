"""A bare fragment put in the place of its like: "And Finland?" after "When did Sweden join NATO?".

What comes out is searched and read, never shown: its grammar may be wrong. Which word gives way is told by the built-in
reader's encoder, to which Finland is more like Sweden than like NATO.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from vectorstore.words import fold, is_stop_word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Likeness = Callable[[Sequence[str]], NDArray[np.float32]]

_LISTED = Path(__file__).with_name("asking.toml")
_WORD = re.compile(r"[^\W_]+(?:[-’'.][^\W_]+)*")
_ELIDED = re.compile(r"^(?:[cdjlmnst]|qu)['’]", re.IGNORECASE)
_JOINT = re.compile(r"^(?:(?:and|et|but|mais|or|ou|no|non|so|what about)[,\s]+)+", re.IGNORECASE)
_MOST = 5  # words of a fragment
_LIKE = {"name": 0.2, "word": 0.4, "figure": -1.0}  # cosine from which something gives way


@dataclass(frozen=True, slots=True)
class _Part:
    """Something named in a text: `text[start:end]`, a name, a figure, or a word."""

    start: int
    end: int
    words: str
    shape: str


def exchanged(question: str, turn: str, likeness: Likeness) -> str | None:
    """The question with the fragment that a turn is in the place of its like, or at its end where nothing is alike.

    `likeness` tells how like the first of some words is to each of the others (`TurnClassifier.likeness`). None for a
    turn that asks something of its own ("and who led it?") or names nothing ("why?").
    """
    words = [_ELIDED.sub("", word) for word in _WORD.findall(turn)]
    if {fold(word).casefold() for word in words} & asking_words() or len(words) > 2 * _MOST:
        return None
    parts = _parts(turn)
    if not parts or sum(len(part.words.split()) for part in parts) > _MOST:
        return None
    done = question
    for part in parts:
        place = _like(part, _parts(done), likeness)
        if place is None:
            bare = question.rstrip(" ?!.…\u00a0\u202f")
            return f"{bare} {_JOINT.sub('', turn.rstrip(' ?!.…'))}{question[len(bare) :]}"
        done = done[: place.start] + part.words + done[place.end :]
    return done


def _like(part: _Part, others: list[_Part], likeness: Likeness) -> _Part | None:
    """The part of a question that is most like a fragment and gives way to it; a figure only to a figure."""
    alike = [other for other in others if (other.shape == "figure") == (part.shape == "figure")]
    if not alike:
        return None
    found = likeness([part.words, *(other.words for other in alike)])
    if part.shape == "word":  # a name may be typed without its capital
        found = found.clip(min=likeness([part.words.title(), *(other.words for other in alike)]))
    best = int(found.argmax())
    return alike[best] if found[best] >= _LIKE[part.shape] else None


def _parts(text: str) -> list[_Part]:
    """The names, figures and words that say something, in their order; neighbouring capitals are one name."""
    found: list[_Part] = []
    for match in _WORD.finditer(text):
        start, word = match.start(), match.group()
        if elided := _ELIDED.match(word):
            start, word = start + elided.end(), word[elided.end() :]
        if is_stop_word(word, None) or fold(word).casefold() in asking_words() | asking_words("fillers"):
            continue
        shape = "figure" if word[:1].isdigit() else "name" if word[:1].isupper() else "word"
        last = found[-1] if found else None
        if last and shape == "name" == last.shape and text[last.end : start] == " ":
            found[-1] = _Part(last.start, match.end(), text[last.start : match.end()], shape)
        else:
            found.append(_Part(start, match.end(), word, shape))
    return found


@cache
def asking_words(name: str = "words") -> frozenset[str]:
    """A list of folded words of `asking.toml`."""
    return frozenset(tomllib.loads(_LISTED.read_text("utf-8"))[name].split())
