"""What speaks against a page by itself."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

from ingest.parse.sections import names_section
from vectorstore.text.words import index_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.types import Entry
    from vectorstore.types import Release

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
    if found := _phrases(release) or _list(release, entry):
        return found
    if release.published is not None or not is_short(release) or _is_announced(release, entry):
        return None
    if "password" in release.signs:
        return Doubt("wall", "has no date, hardly a text, and a field for a password")
    if "noindex" in release.signs:
        return Doubt("other", "has no date, hardly a text, and asks search engines not to keep it")
    wanted = _announced(address, entry)
    if len(wanted) >= _TELLING and not wanted & set(index_words(f"{release.title}\n{release.text}", None)):
        return Doubt("other", "has no date, hardly a text, and no word of what its address or its list says of it")
    return None


def _list(release: Release, entry: Entry | None) -> Doubt | None:
    """A list of others; a dated one under the very title that it was announced by may be a digest."""
    if "list" not in release.signs:
        return None
    is_digest = (
        release.published is not None
        and entry is not None
        and index_words(entry.title or "", None) == index_words(release.title, None)
        and not names_section(release.title)
    )
    return Doubt("other" if is_digest else "wall", "is made of links to other pages and their beginnings")


def _is_announced(release: Release, entry: Entry | None) -> bool:
    """Whether the page's title has most of the words of the one in its list, which nothing in its place has."""
    wanted = set(index_words(entry.title, None)) if entry and entry.title else set()
    return len(wanted) >= _TELLING and 2 * len(wanted & set(index_words(release.title, None))) > len(wanted)


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
