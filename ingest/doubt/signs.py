"""What speaks against a page by itself, and how much two pages have in common."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import unquote, urlsplit

from vectorstore.text.words import index_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ingest.types import Entry
    from vectorstore.types import Release

# Measured on 4,500 releases: see docs/decisions/0039.
_TITLES = 60.0
_TEXTS = 0.15
_THE_SAME = 0.8


class Worded(Protocol):
    """What has a title and a text: a release, one that is stored, a page that was kept aside."""

    @property
    def title(self) -> str:
        """Its title."""
        ...

    @property
    def text(self) -> str:
        """What is quoted from it."""
        ...


def is_foreign(one: Worded, other: Worded) -> bool:
    """Whether the texts have next to nothing in common: hardly a pair of words of the smaller stands in the larger."""
    first, second = _pairs(one.text), _pairs(other.text)
    return len(first & second) < _TEXTS * min(len(first), len(second))


def has_another_title(one: Worded, other: Worded) -> bool:
    """Whether the titles have little in common. One word that both have does not make them alike, several do."""
    from rapidfuzz import fuzz

    first, second = (index_words(worded.title, None) for worded in (one, other))
    if first == second:
        return False
    if min(len(first), len(second)) < 2:
        return True
    return fuzz.token_set_ratio(first, second) < _TITLES


def is_the_same(one: Worded, other: Worded) -> bool:
    """Whether two pages say the same, but for what changes at each request: an address, a number, a time."""
    first, second = (_pairs(f"{worded.title}\n{worded.text}") for worded in (one, other))
    return 2 * len(first & second) >= _THE_SAME * (len(first) + len(second))


def _pairs(text: str) -> set[tuple[str, ...]]:
    words: Sequence[str] = index_words(text, None)
    return set(pairwise(words)) or {tuple(words)}


Kind = Literal["missing", "gone", "wall", "other"]
"""What a page is taken for, and so what becomes of a stored release if it is there a day later.

`missing` says that there is no such page, which is as good as a 404: its release is withdrawn. `gone` is what a host
answers for any address, or leads elsewhere: withdrawn too, if the site otherwise shows its releases. `wall` stands
before the pages of a site: never believed. `other` has a text of its own: believed.
"""

SHORT = 150
"""Words of text: error pages have fewer, and so has a quarter of the Swiss releases in English, which are dated."""

_LONGEST = 400  # words; a consent wall may say as much
_BARE = 60  # words
_LONGEST_TITLE = 10  # words
_TELLING = 3  # words of an address, or of a list's title, of which none may be on the page
_PART = re.compile(r"\s[|–—·-]\s|[…|]")
_NUMBER = re.compile(r"\b(?:error|erreur|http|code|status|oops|oups|sorry|desole|\d+)\b")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a page is not taken for the release that belongs at its address."""

    kind: Kind
    cause: str


def is_short(release: Release) -> bool:
    """Whether a release has the length of an error page."""
    return len(release.text.split()) <= SHORT


def sign_of(release: Release, address: str, entry: Entry | None) -> Doubt | None:
    """What speaks against a page by itself, the surest first; None where nothing does."""
    if found := _phrases(release) or _list(release):
        return found
    if release.published is not None or not is_short(release):
        return None
    if "password" in release.signs:
        return Doubt("wall", "has no date, hardly a text, and a field for a password")
    if "noindex" in release.signs:
        return Doubt("other", "has no date, hardly a text, and asks search engines not to keep it")
    wanted = _announced(address, entry)
    if len(wanted) >= _TELLING and not wanted & set(index_words(f"{release.title}\n{release.text}", None)):
        return Doubt("other", "has no date, hardly a text, and no word of what its address or its list says of it")
    return None


def _list(release: Release) -> Doubt | None:
    said = "is made of links to other pages and their beginnings"
    return Doubt("wall", said) if "list" in release.signs else None


def _announced(address: str, entry: Entry | None) -> set[str]:
    """The words that a list, or else an address, says of its page."""
    if entry is not None and entry.title:
        return set(index_words(entry.title, None))
    last = unquote(urlsplit(address).path).rstrip("/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    words = [word for word in re.split(r"[-_+ ]", last) if word.isalpha() and len(word) > 3]
    return set(index_words(" ".join(words), None)) if words else set()


def _phrases(release: Release) -> Doubt | None:
    """The kind of page that the words are of; the longer the page, the more of them it must say."""
    length = len(release.text.split())
    if length > _LONGEST:
        return None
    text, parts = _folded(release.text), set(_title_parts(release.title))
    for name, known in _known().items():
        titled = bool(parts & known.titles)
        said = sum(f" {phrase} " in f" {text} " for phrase in known.texts)
        alone = titled or (known.sure and length <= _BARE and release.published is None)
        enough = said >= 2 or (said == 1 and alone) or (titled and length <= _BARE)
        if enough and (length <= SHORT or (titled and said >= 3)):
            return Doubt("missing" if name == "missing" else "wall", f"{known.means}: {release.title!r}")
    return None


@dataclass(frozen=True, slots=True)
class _Phrases:
    means: str
    sure: bool
    titles: frozenset[str]
    texts: frozenset[str]


@cache
def _known() -> dict[str, _Phrases]:
    listed: dict[str, Any] = tomllib.loads((files("ingest.doubt") / "phrases.toml").read_text(encoding="utf-8"))
    return {
        name: _Phrases(kind["means"], kind.get("sure", False), frozenset(kind["titles"]), frozenset(kind["texts"]))
        for name, kind in listed.items()
    }


def _title_parts(title: str) -> Iterator[str]:
    if len(title.split()) <= _LONGEST_TITLE:
        before, colon, after = title.partition(":")
        for part in (title, *_PART.split(title), *((before, after) if colon else ())):
            folded = _folded(part)
            if part == title or not colon or " " in folded:  # « Cookies : … » opens many a headline
                yield folded
                yield " ".join(_NUMBER.sub(" ", folded).split())


def _folded(text: str) -> str:
    """Small letters and digits, without accents, one blank between words."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", "".join(c for c in plain if not unicodedata.combining(c))).split())
