"""The words of questions about the archive: what they name, whether they count, and what of the list before they want.

The lists of words stand in `data/archive.toml`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answering.followups import ELIDED, dated
from bot.answering.turns import ASKING, asks_for_releases
from bot.language.names import is_name
from bot.language.time_expressions import read_times
from vectorstore.text import detect_language
from vectorstore.text.words import fold, is_stop_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.followups import Before

FRENCH_NAMES = {"fr": "français", "en": "anglais", "de": "allemand", "it": "italien", "es": "espagnol"}
ENGLISH_NAMES = {"fr": "French", "en": "English", "de": "German", "it": "Italian", "es": "Spanish"}
"""What languages of releases are called."""

LANGUAGES = {fold(name): code for names in (FRENCH_NAMES, ENGLISH_NAMES) for code, name in names.items()}
"""The codes of languages by their folded names."""

AGAIN, MORE, OF_IT = "again", "more", "of it"
"""Intents behind a list of releases: the same list or one of its releases, its next page, how many of it."""

_DATA = Path(__file__).with_name("data") / "archive.toml"
_LISTED = {name: frozenset(words.split()) for name, words in tomllib.loads(_DATA.read_text("utf-8")).items()}
_NAMES = "|".join((*FRENCH_NAMES.values(), *ENGLISH_NAMES.values(), "francais"))
_RELEASES = r"(?:ones?|(?:press\s)?releases?|versions?|articles?)"
_IN_LANGUAGE = re.compile(
    r"(?P<other>\b(?:not|pas)\s(?:\w+\s)?|n['’]t\s(?:\w+\s)?)?"
    rf"(?:\b(?:in|en)\s(?P<name>{_NAMES})\b|\b(?P<adjective>french|english)(?=\s{_RELEASES}\b))",
    re.IGNORECASE,
)
_EITHER = re.compile(r"\s(?:or|ou)\s", re.IGNORECASE)
_BOTH = re.compile(r"\s(?:and|et|as well as|ainsi que)\s|\s[&+]\s|,\s", re.IGNORECASE)
_NOT = re.compile(r"\b(?:not|without|except|excluding|pas|sans|sauf|hormis)\b|n['’]t\b")
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


def of_list(said: str) -> str | None:
    """The intent of a turn behind a list of releases, or None where it is about something else."""
    words = words_of(said)
    again, is_back = _LISTED["again"], points_back(words)
    times = read_times(said, datetime.now(UTC))
    bare = words_of(without_language(times.rest if times.period else said))
    names = any(word not in again and not _names_nothing(word) for word in bare)
    narrows = bool(language_of(said) or times.period or _NOT.search(said))
    if narrows and not is_back and not ASKING["counted"].isdisjoint(words):  # "list releases from 2023" is a new list
        return None
    mentions = not ASKING["mentioning"].isdisjoint(words)
    if counts(words):
        of_it = (narrows and (mentions or not names)) or (is_back and (not names or asks_for_releases(said)))
        return OF_IT if of_it else None
    asks = not again.isdisjoint(words) or picked(words)
    if (_within(words) and (mentions or narrows)) or (asks and narrows and (mentions or not names)):
        return OF_IT
    if _NOT.match(" ".join(words[_joins(words) :])):  # "but not Germany", « sans la Turquie »
        return OF_IT
    if not names and not _LISTED["further"].isdisjoint(words):
        return MORE
    is_anew = not is_back and not _LISTED["anew"].isdisjoint(words)
    return AGAIN if asks and not names and not is_anew else None


def is_part(said: str) -> bool:
    """Whether a turn asks for a part of the list before it."""
    return points_back(words_of(said)) or wants_language(said) or of_list(said) == OF_IT


def wants_language(said: str) -> bool:
    """Whether a turn is nothing but the language that releases are wanted in: "in French", « et en anglais ? »."""
    rest = words_of(without_language(said))
    return language_of(said) is not None and all(word in _LISTED["only"] | ASKING["joints"] for word in rest)


def _joins(words: Sequence[str]) -> bool:
    return bool(words) and words[0] in ASKING["joints"]


def words_of(text: str) -> list[str]:
    """The folded words of a text."""
    return _WORD.findall(fold(text).casefold().replace("’", "'"))


def counts(said: Sequence[str]) -> bool:
    """Whether folded words ask how many there are."""
    return not _LISTED["counts"].isdisjoint(said) or ("how", "many") in pairwise(said)


def lists(question: str) -> bool:
    """Whether a question wants a list, by that word: "list releases from 2022"."""
    return not _LISTED["listing"].isdisjoint(words_of(question))


def picked(said: Sequence[str]) -> str:
    """Which release folded words ask for, the `newest` or the `oldest`; empty where neither."""
    return next((name for name in ("oldest", "newest") if not _LISTED[name].isdisjoint(said)), "")


def points_back(said: Sequence[str]) -> bool:
    """Whether folded words have something that stands for what was asked about.

    "mention it", « en parlent », "of them"; and "how many don't?", which leaves it out.
    """
    *_, before, last = ["", "", *said]
    stands, leaves_out = _LISTED["back"], _LISTED["denying"]
    if last in stands | leaves_out or _within(said):
        return True
    return before in _LISTED["back_before"] and last in ASKING["mentioning"]


def stands_for_them(question: str) -> bool:
    """Whether a question has a word for what was listed: "what do they say about Turkey?"."""
    return not _LISTED["they"].isdisjoint(words_of(question))


def _within(said: Sequence[str]) -> bool:
    """Whether folded words say "of them", « d'entre eux »."""
    return "d'entre" in said or any(first == "of" and then in _LISTED["back"] for first, then in pairwise(said))


def subject_in(question: str, language: str | None = None) -> str:
    """What a question says beside its words of releases, order and language.

    Small words are of both languages; of the question's own, where it says nothing else: "ai" is French too.
    """
    bare = without_language(question)
    found = _said_beside(bare, None)
    return found or (_said_beside(bare, language) if language and language == detect_language(question) else "")


def _said_beside(question: str, language: str | None) -> str:
    words = _WORD.findall(question)
    named: list[str] = []
    for before, word in pairwise(["", *words]):
        if before.casefold() == "the" and is_name(word.upper()):  # "the us", "the who"
            named.append(word.upper() if is_stop_word(word, None) else word)
        elif not _names_nothing(word, language):
            named.append(ELIDED.sub("", word))
    return " ".join(named)


@dataclass(frozen=True, slots=True)
class Subject:
    """What releases are asked to mention: each text of one of the `groups` (none: anything), and none of `without`.

    It is `denied` where the question leaves something out, though it may not say what: "how many don't?".
    """

    groups: tuple[tuple[str, ...], ...] = ()
    without: tuple[str, ...] = ()
    denied: bool = False

    def __bool__(self) -> bool:
        return bool(self.groups or self.without)

    @property
    def words(self) -> str:
        """What they mention, in one line."""
        return " ".join(text for group in self.groups for text in group)

    @property
    def alone(self) -> str | None:
        """The text, where it is of one and leaves out nothing."""
        (texts,) = self.groups if len(self.groups) == 1 else ((),)
        return texts[0] if len(texts) == 1 and not self.without else None

    @property
    def turned(self) -> Subject:
        """Of what mentions this, what does not."""
        return Subject(without=tuple(text for group in self.groups for text in group), denied=True)

    @classmethod
    def of(cls, question: str, language: str | None = None) -> Subject:
        """What a question names: "Sweden or Norway, but not Finland"."""
        wanted, out = without_language(question), ""
        denied = next((one for one in _NOT.finditer(wanted) if not _is_of_name(wanted, one)), None)
        if denied:
            wanted, out = wanted[: denied.start()], wanted[denied.end() :]
        groups = [_all_of(one, language) for one in _EITHER.split(wanted)]
        groups = groups if all(groups) else [_all_of(wanted, language)]
        without = [text for one in _EITHER.split(out) for text in _all_of(one, language)]
        return cls(tuple(filter(None, groups)), tuple(without), denied is not None)


def _all_of(question: str, language: str | None) -> tuple[str, ...]:
    """The texts that stand side by side in a question: "Sweden and Norway" are two."""
    return tuple(filter(None, (subject_in(one, language) for one in _BOTH.split(question))))


def _is_of_name(text: str, found: re.Match[str]) -> bool:
    """Whether what denies is a word of a name: "Museums Without Borders"."""
    return text[found.start()].isupper() and found.start() > 0


def language_of(question: str) -> str | None:
    """The language that releases are asked for in: "in French", "French ones"; "not in English" leaves one."""
    found = _IN_LANGUAGE.search(question)
    if found is None:
        return None
    language = LANGUAGES[fold(found["name"] or found["adjective"])]
    return language if not found["other"] else "en" if language == "fr" else "fr"


def without_language(question: str) -> str:
    """A question without what `language_of` reads in it."""
    return _IN_LANGUAGE.sub("", question)


def _names_nothing(word: str, language: str | None = None) -> bool:
    folded = fold(word).replace("’", "'")
    parts = re.split("['’-]", word)
    known = ASKING["fillers"].union(*(_LISTED[name] for name in ("words", "counts", "oldest", "newest", "further")))
    return folded in known or all(fold(part) in known or is_stop_word(part, language) for part in parts)


def asked_before(last: Before) -> str:
    """The question that says what the question before was about; of a list, what its releases mention.

    Where the list is part of another one, "which of these mention Russia?", the question for that other one.
    """
    if not last.lists:
        return last.subject
    now = datetime.now(UTC)
    rest = (read_times(dated(one), now).rest for one in reversed(last.chain) if not is_part(one))
    return next((one for one in rest if Subject.of(one)), "")


def part_before(last: Before, language: str | None) -> Subject:
    """What the releases of the list before mention, or do not, by which they are part of another list."""
    now, turned = datetime.now(UTC), False
    for asked in reversed(last.chain[1:]):
        if not is_part(asked):
            break
        if own := Subject.of(read_times(dated(asked), now).rest, language):
            return own.turned if turned and own.groups else own
        turned ^= Subject.of(asked, language).denied
    return Subject()


def subject_before(last: Before) -> str:
    """What the releases of the list before mention."""
    return Subject.of(asked_before(last)).words
