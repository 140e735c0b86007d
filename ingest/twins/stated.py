"""Addresses and file names that differ by a language mark alone: `/en/news/1` and `/fr/news/1`."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from vectorstore.types import Twin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ingest.twins.candidate import TwinCandidate
    from vectorstore.types import Reason

    Edge = tuple[TwinCandidate, TwinCandidate]

_NAMES = {
    "english": "en", "anglais": "en", "eng": "en",
    "french": "fr", "francais": "fr", "fra": "fr", "fre": "fr",
    "german": "de", "deutsch": "de", "italian": "it", "italiano": "it", "spanish": "es", "espanol": "es",
}  # fmt: skip
# Only the usual languages of newsrooms: every other pair of letters in an address is more likely to mean another thing.
_CODES = "ar|bg|cs|da|de|el|en|es|et|fi|fr|ga|hr|hu|it|ja|ko|lt|lv|mt|nl|no|pl|pt|ro|ru|sk|sl|sq|sr|sv|tr|uk|zh"
_CODE = rf"(?:{_CODES})(?:[-_][a-z]{{2}})?|{'|'.join(_NAMES)}"
_WHOLE = re.compile(_CODE, re.IGNORECASE)
_AT_END = re.compile(rf"[._#-]({_CODE})(?=(?:\.[a-z]{{2,5}}|\.jsonl?\.gz)?$)", re.IGNORECASE)
_PARAMETERS = frozenset({"lang", "language", "langue", "locale", "selectedlocale", "hl", "l", "lng", "set_language"})


def same_address(address: str) -> str:
    """The form in which two spellings of one address are equal: no scheme, `www.`, fragment or slash at the end."""
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}{query}"


def without_language(address: str) -> tuple[str, frozenset[str]]:
    """An address, a path or an id without its language marks, and the languages that they named.

    Marks are a sub-domain, a part of the path, the end of its last part, and a parameter such as `lang`.
    """
    found: set[str] = set()
    is_web = address.lower().startswith(("http://", "https://"))
    parts = urlsplit(address) if is_web else None
    host, path, query = (parts.netloc.lower(), parts.path, parts.query) if parts else ("", address, "")
    labels = host.removeprefix("www.").split(".")
    if len(labels) > 2 and _WHOLE.fullmatch(labels[0]):
        found.add(_language(labels.pop(0)))
    steps = [step for step in path.split("/") if step]
    found.update(_language(step) for step in steps if _WHOLE.fullmatch(step))
    steps = [step for step in steps if not _WHOLE.fullmatch(step)]
    if steps and (mark := _AT_END.search(steps[-1])):
        found.add(_language(mark[1]))
        steps[-1] = steps[-1][: mark.start()] + steps[-1][mark.end() :]
    kept: list[tuple[str, str]] = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name.lower() in _PARAMETERS and _WHOLE.fullmatch(value):
            found.add(_language(value))
        else:
            kept.append((name, value))
    return f"{'.'.join(labels)}/{'/'.join(steps)}?{urlencode(sorted(kept))}", frozenset(found)


def _language(mark: str) -> str:
    mark = mark.lower()
    return _NAMES.get(mark, mark[:2])


_VERSIONS = (
    100  # of one release, by links or addresses: more are a menu or a mistake, and joining them takes their square
)


class Joined:
    """Which releases have a twin in which languages."""

    def __init__(self) -> None:
        self.twins: list[Twin] = []
        self._taken: set[tuple[str, str]] = set()

    def is_free(self, release: TwinCandidate, language: str | None) -> bool:
        """Whether the release has no twin in a language yet."""
        return (release.id, language) not in self._taken

    def add(self, edges: Iterable[Edge], reason: Reason, score: float = 1.0) -> None:
        """Join what can be joined one to one; where two claim the same release, neither gets it."""
        known = {(one.id, other.id): (one, other) for one, other in map(_in_order, edges) if self._fits(one, other)}
        claims: dict[tuple[str, str | None], int] = defaultdict(int)
        for one, other in known.values():
            claims[one.id, other.language] += 1
            claims[other.id, one.language] += 1
        for one, other in known.values():
            if claims[one.id, other.language] == 1 == claims[other.id, one.language]:
                self.join(one, other, reason, score)

    def join(self, one: TwinCandidate, other: TwinCandidate, reason: Reason, score: float) -> None:
        """Join two releases of different languages that are both free."""
        one, other = _in_order((one, other))
        self.twins.append(Twin(one.id, other.id, reason, score))
        self._taken |= {(one.id, other.language or ""), (other.id, one.language or "")}

    def _fits(self, one: TwinCandidate, other: TwinCandidate) -> bool:
        if not one.language or not other.language or one.language == other.language:
            return False
        return self.is_free(one, other.language) and self.is_free(other, one.language)


def join_stated(releases: Sequence[TwinCandidate]) -> Joined:
    """Everything that is stated, the surest first: what a key says is not undone by an address."""
    joined = Joined()
    joined.add(_by_pair(releases), "pair")
    joined.add(_by_link(releases), "hreflang")
    joined.add(_by_address(releases), "address")
    return joined


def _by_pair(releases: Sequence[TwinCandidate]) -> Iterator[Edge]:
    groups: dict[str, list[TwinCandidate]] = defaultdict(list)
    for release in releases:
        if release.pair:
            groups[release.pair].append(release)
    for group in groups.values():
        many = Counter(release.language for release in group)  # two of a language claim what the others are to have
        yield from combinations([release for release in group if many[release.language] == 1], 2)


def _by_link(releases: Sequence[TwinCandidate]) -> Iterator[Edge]:
    """A page and those it names; those named by one page are each other's versions, too."""
    at: dict[str, list[TwinCandidate]] = defaultdict(list)
    for release in releases:
        if release.url:
            at[same_address(release.url)].append(release)
    for release in releases:
        named = [found for address in set(map(same_address, release.translations)) for found in at.get(address, ())]
        if len(named) > _VERSIONS:
            continue
        yield from combinations([release, *(one for one in named if one.id != release.id)], 2)


def _by_address(releases: Sequence[TwinCandidate]) -> Iterator[Edge]:
    """Equal but for the mark. One of the two may stand unmarked, as a site's first language often does."""
    groups: dict[str, list[tuple[TwinCandidate, bool]]] = defaultdict(list)
    for release in releases:
        for place in {release.id, release.url or release.id}:
            bare, marks = without_language(place)
            if marks <= {release.language}:
                groups[bare].append((release, bool(marks)))
    for group in groups.values():
        if len(group) > _VERSIONS:
            continue
        for (one, one_marked), (other, other_marked) in combinations(group, 2):
            if one_marked or other_marked:
                yield one, other


def _in_order(edge: Edge) -> Edge:
    one, other = edge
    return (one, other) if one.id < other.id else (other, one)
