"""Hits as the reader reads them: each passage with a sentence on either side, and the sentences that may be quoted."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from bot.answering.reader import Context
from bot.language.annotations import orders_of
from bot.language.names import known_names
from vectorstore.text.sentences import sentence_spans
from vectorstore.text.words import fold, index_words, is_stop_word, query_words

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from vectorstore.types import Hit, StoredRelease

_SOMEBODY = r"(?:ils?|elles?|ce dernier|cette derniere|ces derniers|cel(?:ui|le)-ci|ceux-ci|he|she|they|the latter)\b"
_NOBODY = r" (?:s'agi|y a\b|faut|fallait|importe|convient|est (?:prevu|possible|necessaire|important|essentiel))"
_LEANS_BACK = re.compile(rf"(?:[«“\"]\s*)?{_SOMEBODY}(?!{_NOBODY})")
_LINE = re.compile(r"\S[^\n]*+")
_ITEM = re.compile(r"[-–—•·*▪◦‣]\s|\(?[0-9a-z]{1,2}[.)]\s")
_LONGEST_LIST = 1_200  # characters
_LETTERS = re.compile(r"[^\W\d_]+")
_FEW = 3  # words that may all be of one name
_MIDST = 50  # times what a spelling counts that begins a sentence, where every word has a capital
_sentences_of = lru_cache(maxsize=512)(sentence_spans)


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
    return bool(_LEANS_BACK.match(fold(sentence[:80])))


def sentence_places(release: StoredRelease, within: tuple[int, int] | None = None) -> list[tuple[int, int]]:
    """Where the sentences of a release stand that may be quoted: orders to an assistant are left out.

    `within` bounds the paragraphs that are looked at; None takes all of them.
    """
    first, last = within or (0, len(release.text))
    orders = orders_of(release)
    return [
        (first + start, first + end)
        for start, end in _sentences_of(release.text[first:last], release.language)
        if not any(a < first + end and first + start < b for a, b in orders)
    ]


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


_ASIDE = 300  # characters of a sentence beside the passage that is read with it


@dataclass(frozen=True, slots=True)
class Window:
    """A hit as it is read: `release.text[start:end]`.

    `sentences` are the places in the release of those that may be quoted; `nearness` is the hit's score as a share of
    the best.
    """

    hit: Hit
    start: int
    end: int
    sentences: tuple[tuple[int, int], ...]
    nearness: float

    @property
    def release(self) -> StoredRelease:
        """The release that it stands in."""
        return self.hit.release

    @property
    def context(self) -> Context:
        """The same with offsets that count from its start. Sentences in a row may hold one answer together."""
        release, parts = self.release, list[tuple[int, int]]()
        for start, end in self.sentences:
            if parts and release.text[parts[-1][1] : start] in {" ", "\u00a0", "\u202f"}:
                parts[-1] = (parts[-1][0], end)
            else:
                parts.append((start, end))
        return Context(
            release.title,
            release.text[self.start : self.end],
            release.published.date() if release.published else None,
            tuple((start - self.start, end - self.start) for start, end in parts),
        )


def windows_of(hits: Sequence[Hit], keeps: Callable[[Sentence], bool] | None = None) -> tuple[Window, ...]:
    """A window for each hit, best first, less those that hold nothing to quote or nothing new.

    Orders to an assistant and questions are never quoted; of the rest, only sentences that `keeps` lets through.
    """
    best = max((hit.score for hit in hits), default=0.0)
    found: list[Window] = []
    for hit in hits:
        start, end, sentences = _widened(hit, keeps)
        window = Window(hit, start, end, tuple(sentences), hit.score / best if best > 0 else 0.0)
        if sentences and not any(_holds(other, window) for other in found):
            found.append(window)
    return tuple(found)


Misspelt: TypeAlias = "Callable[[str, str | None], Mapping[str, Sequence[str]]]"
"""Tells what was meant by words of a language that no text holds; `misspelt` of a store."""


def as_spelt(question: str, windows: Sequence[Window], language: str | None, misspelt: Misspelt | None = None) -> str:
    """The question in the spelling of what it is read beside: "quand la suede a rejoint l'otan ?" names two names.

    Where all of it is typed in small letters, in capitals, or each word with one, its words get the case that they have
    there; what is spelt so nowhere stays in small letters. Words in ASCII alone get their accents, out of releases in
    its `language`. A word that is `misspelt` is that which was meant, but for a country or a place, whose neighbour is
    another one.
    """
    words = _LETTERS.findall(question)
    # All but its first letter small, it may have no name: "Where is the stadium?" is not of the Rose Bowl Stadium.
    is_careful = question[:1].isupper() and question[1:].islower()
    is_titled = len(words) > _FEW and all(word[0].isupper() for word in words)
    is_caseless = question[1:].islower() or question.isupper() or is_titled
    asked = {fold(word).casefold(): word for word in words}
    held = _spellings(asked, windows, language)
    unknown = [word for key, word in asked.items() if key not in held and not is_stop_word(word.casefold(), language)]
    if misspelt and unknown and (meant := misspelt(" ".join(unknown), language)):
        held |= _meant(unknown, meant, windows, language)

    def spelt(found: re.Match[str]) -> str:
        word, folded = found.group(), fold(found.group()).casefold()
        plain, alike = word.lower() if is_caseless else word, held.get(folded, Counter[str]())
        same = {other: count for other, count in alike.items() if other.casefold() == word.casefold()}
        likely = max(same or alike, key=lambda other: alike[other], default=plain)
        if same:
            is_name = not is_careful or (likely.isupper() and len(word) > 1) or any(known_names(likely))
            return likely if is_caseless and is_name else word
        keeps_accents = not word.isascii() and fold(likely).casefold() == folded
        return plain if keeps_accents else likely

    said = _LETTERS.sub(spelt, question)
    return said[:1].upper() + said[1:] if is_caseless else said


def _spellings(asked: Container[str], windows: Sequence[Window], language: str | None) -> dict[str, Counter[str]]:
    """How the folded words that are asked for are spelt in the windows, and how much speaks for each spelling."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for window in windows:
        begins = {start for start, _ in window.sentences}
        is_own = language is None or window.release.language in {language, None}
        for match in _LETTERS.finditer(window.release.text, window.start, window.end):
            word, is_first = match.group(), match.start() in begins
            folded = fold(word).casefold()
            if folded not in asked or not (is_own or word.isascii()):
                continue
            if not is_first:
                found[folded][word] += _MIDST
            elif not is_stop_word(word.casefold(), None):
                found[folded][word] += 1
    return found


def _meant(
    unknown: Sequence[str], meant: Mapping[str, Sequence[str]], windows: Sequence[Window], language: str | None
) -> dict[str, Counter[str]]:
    """The words of the windows that stand under a form that was meant by an unknown word, by that one.

    What only ends otherwise is another word, and no slip: "ruler" is not "rule".
    """
    misspelt = [word for word in unknown if not any(known_names(word.title()))]
    keys = {forms[0]: fold(word).casefold() for word in misspelt for forms in query_words(word, language)}
    wanted = {form: keys[own] for own, near in meant.items() if own in keys for form in near}
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for window in windows:
        if window.release.language in {language, None}:
            for word in _LETTERS.findall(window.release.text, window.start, window.end):
                for key in {wanted[form] for form in index_words(word, window.release.language) if form in wanted}:
                    folded = fold(word).casefold()
                    if not (folded.startswith(key) or key.startswith(folded)):
                        found[key][word] += 1
    return found


def _widened(hit: Hit, keeps: Callable[[Sentence], bool] | None) -> tuple[int, int, list[tuple[int, int]]]:
    """The bounds of a hit's window, and its sentences."""
    text, passage = hit.release.text, hit.passage
    first = text.rfind("\n\n", 0, passage.start)  # sentences of the paragraph before the passage, and of that behind it
    first = text.rfind("\n\n", 0, first) if first > 0 else first
    last = text.find("\n\n", passage.end)
    last = text.find("\n\n", last + 2) if last >= 0 else last
    places = sentence_places(hit.release, (first + 2 if first >= 0 else 0, last if last >= 0 else len(text)))
    inside = [(a, b) for a, b in places if a < passage.end and b > passage.start]
    start, end = min([passage.start, *(a for a, _ in inside)]), max([passage.end, *(b for _, b in inside)])
    before = [(a, b) for a, b in places if b <= start][-1:]
    after = [(a, b) for a, b in places if a >= end][:1]
    beside = [(a, b) for a, b in (*before, *after) if b - a <= _ASIDE]
    sentences = sorted({*inside, *beside})
    start, end = min([start, *(a for a, _ in beside)]), max([end, *(b for _, b in beside)])
    quotable = [(a, b) for a, b in sentences if not asks(text[a:b])]
    if keeps:
        quotable = [(a, b) for a, b in quotable if keeps(Sentence(hit.release, a, b))]
    return start, end, quotable


def _holds(one: Window, other: Window) -> bool:
    return one.release.id == other.release.id and set(other.sentences) <= set(one.sentences)
