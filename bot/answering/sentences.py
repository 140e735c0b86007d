"""The sentences of releases that may answer: orders to an assistant and questions are not among them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.instructions import orders_among
from bot.speakers.lexicon import folded
from vectorstore.sentences import sentence_spans

if TYPE_CHECKING:
    from vectorstore.passage import StoredRelease

_LEANS_BACK = re.compile(
    r"""(?:[«“"]\s*)?
    (?:ils?|elles?|ce\ dernier|cette\ derniere|ces\ derniers|cel(?:ui|le)-ci|ceux-ci|he|she|they|the\ latter)\b
    (?!\ (?:s'agi|y\ a\b|faut|fallait|importe|convient|est\ (?:prevu|possible|necessaire|important|essentiel)))
    """,
    re.VERBOSE,
)
_LINE = re.compile(r"\S[^\n]*+")
_ITEM = re.compile(r"[-–—•·*▪◦‣]\s|\(?[0-9a-z]{1,2}[.)]\s")
_LONGEST_LIST = 1_200  # characters


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a release: `release.text[start:end]`."""

    release: StoredRelease
    start: int
    end: int

    @property
    def text(self) -> str:
        """Its words."""
        return self.release.text[self.start : self.end]


def asks(sentence: str) -> bool:
    """Whether a sentence is a question itself: as like to the one asked as none, and no answer to it."""
    return sentence.rstrip(' \u00a0\u202f»”"’)').endswith("?")


def leans_back(sentence: str) -> bool:
    """Whether a sentence begins with a pronoun for somebody who is named before it."""
    return bool(_LEANS_BACK.match(folded(sentence[:80])))


def paragraphs_around(text: str, start: int, end: int) -> tuple[int, int]:
    """From the start of the paragraph before the one that holds `start` to the end of the one after `end`."""
    first = text.rfind("\n\n", 0, start)
    first = text.rfind("\n\n", 0, first) if first > 0 else first
    last = text.find("\n\n", end)
    last = text.find("\n\n", last + 2) if last >= 0 else last
    return (first + 2 if first >= 0 else 0), (last if last >= 0 else len(text))


@lru_cache(maxsize=512)
def sentence_places(text: str, language: str | None) -> tuple[tuple[int, int], ...]:
    """Where the sentences of a text stand that may be quoted: orders to an assistant are left out."""
    spans = sentence_spans(text, language)
    orders = set(orders_among(text, spans))
    return tuple(span for span in spans if span not in orders)


def with_list(text: str, start: int, end: int) -> int:
    """Where the list ends that a sentence, `text[start:end]`, announces by its colon; `end` where it announces none."""
    if not text[start:end].rstrip().endswith(":"):
        return end
    last = end
    for item in _LINE.finditer(text, end):
        if item.end() - end > _LONGEST_LIST or not (_ITEM.match(item.group()) or last == end):
            break
        last = item.end()
        if not _ITEM.match(item.group()):
            break
    return last
