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

from bot.answering.followups import ELIDED
from bot.answering.turns import ASKING, asks_for_releases
from bot.language.time_expressions import read_times
from vectorstore.text.words import fold, is_stop_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.followups import Before

LANGUAGES = {"english": "en", "anglais": "en", "french": "fr", "francais": "fr"}
"""The languages of releases by their names, folded, in either."""

AGAIN, MORE, OF_IT = "again", "more", "of it"
"""Intents behind a list of releases: the same list or one of its releases, its next page, how many of it."""

_DATA = Path(__file__).with_name("data") / "archive.toml"
_LISTED = {name: frozenset(words.split()) for name, words in tomllib.loads(_DATA.read_text("utf-8")).items()}
_IN_LANGUAGE = re.compile(
    r"(?P<other>\b(?:not|pas)\s(?:\w+\s)?|n['’]t\s(?:\w+\s)?)?\b(?:in|en)\s(?P<name>english|french|anglais|fran[cç]ais)\b",
    re.IGNORECASE,
)
_EITHER = re.compile(r"\s(?:or|ou)\s", re.IGNORECASE)
_BUT_NOT = re.compile(r"[,\s]+(?:but|mais)\s(?:not|non|pas)\s", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


def of_list(said: str) -> str | None:
    """The intent of a turn behind a list of releases, or None where it is about something else."""
    words = words_of(said)
    again, is_back = _LISTED["again"], points_back(words)
    names = any(word not in again and not _names_nothing(word) for word in words)
    if counts(words):
        return OF_IT if language_of(said) or (is_back and (not names or asks_for_releases(said))) else None
    if _within(words) and not ASKING["mentioning"].isdisjoint(words):
        return OF_IT
    if not names and not _LISTED["further"].isdisjoint(words):
        return MORE
    asks = not again.isdisjoint(words) or picked(words)
    is_anew = not is_back and not _LISTED["anew"].isdisjoint(words)
    return AGAIN if asks and not names and not is_anew else None


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


def subject_in(question: str) -> str:
    """What a question says beside its words of releases, order and their language."""
    words = _WORD.findall(without_language(question))
    return " ".join(ELIDED.sub("", word) for word in words if not _names_nothing(word))


@dataclass(frozen=True, slots=True)
class Subject:
    """What releases are asked to mention: all words of one of the `texts` (none: anything), and not of `without`."""

    texts: tuple[str, ...] = ()
    without: str = ""

    @property
    def words(self) -> str:
        """What they mention, in one line."""
        return " ".join(self.texts)

    @classmethod
    def of(cls, question: str) -> Subject:
        """What a question names: "Sweden or Norway, but not Finland"."""
        wanted, *out = _BUT_NOT.split(question, maxsplit=1)
        texts = [subject_in(one) for one in _EITHER.split(wanted)]
        whole = (subject_in(wanted),) if not all(texts) else tuple(texts)
        return cls(tuple(filter(None, whole)), subject_in(out[0]) if out else "")


def language_of(question: str) -> str | None:
    """The language that releases are asked for in: "in French", or "not in English", which leaves one."""
    found = _IN_LANGUAGE.search(question)
    if found is None:
        return None
    language = LANGUAGES[fold(found["name"]).casefold()]
    return language if not found["other"] else "en" if language == "fr" else "fr"


def without_language(question: str) -> str:
    """A question without what `language_of` reads in it."""
    return _IN_LANGUAGE.sub("", question)


def _names_nothing(word: str) -> bool:
    folded = fold(word).casefold().replace("’", "'")
    parts = folded.replace("'", "-").split("-")
    known = ASKING["fillers"].union(*(_LISTED[name] for name in ("words", "counts", "oldest", "newest", "further")))
    return folded in known or all(part in known or is_stop_word(part, None) for part in parts)


def denies(said: Sequence[str], subject: str) -> bool:
    """Whether what turns a question round stands before its subject: "do not mention NATO", not "without borders"."""
    first = fold(subject).casefold().split()[0]
    before = said[: said.index(first)] if first in said else said
    return not _LISTED["denying"].isdisjoint(before)


def subject_before(last: Before, *, before_counts: bool = False) -> str:
    """What the question before was about; of a list, what its releases mention, or what those that it was made of do.

    The latter is what was asked `before_counts` of a list, "how many of them mention Russia?".
    """
    if not last.lists:
        return last.subject
    now, asked = datetime.now(UTC), list(last.chain)
    while before_counts and len(asked) > 1 and not points_back(words_of(asked.pop())):
        pass
    asked = [one for one in reversed(asked) if not points_back(words_of(one))]
    return next(filter(None, (subject_in(read_times(one, now).rest) for one in asked)), "")
