"""Twins that somebody states: a common key, a link between the pages, addresses that differ by a language mark."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from ingest.twins.address import same_address, without_language
from vectorstore.relations import Twin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ingest.twins.candidate import Candidate
    from vectorstore.relations import Reason

    Edge = tuple[Candidate, Candidate]


_VERSIONS = (
    100  # of one release, by links or addresses: more are a menu or a mistake, and joining them takes their square
)


class Joined:
    """Which releases have a twin in which languages."""

    def __init__(self) -> None:
        self.twins: list[Twin] = []
        self._taken: set[tuple[str, str]] = set()

    def is_free(self, release: Candidate, language: str | None) -> bool:
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

    def join(self, one: Candidate, other: Candidate, reason: Reason, score: float) -> None:
        """Join two releases of different languages that are both free."""
        one, other = _in_order((one, other))
        self.twins.append(Twin(one.id, other.id, reason, score))
        self._taken |= {(one.id, other.language or ""), (other.id, one.language or "")}

    def _fits(self, one: Candidate, other: Candidate) -> bool:
        if not one.language or not other.language or one.language == other.language:
            return False
        return self.is_free(one, other.language) and self.is_free(other, one.language)


def join_stated(releases: Sequence[Candidate]) -> Joined:
    """Everything that is stated, the surest first: what a key says is not undone by an address."""
    joined = Joined()
    joined.add(_by_pair(releases), "pair")
    joined.add(_by_link(releases), "hreflang")
    joined.add(_by_address(releases), "address")
    return joined


def _by_pair(releases: Sequence[Candidate]) -> Iterator[Edge]:
    groups: dict[str, list[Candidate]] = defaultdict(list)
    for release in releases:
        if release.pair:
            groups[release.pair].append(release)
    for group in groups.values():
        many = Counter(release.language for release in group)  # two of a language claim what the others are to have
        yield from combinations([release for release in group if many[release.language] == 1], 2)


def _by_link(releases: Sequence[Candidate]) -> Iterator[Edge]:
    """A page and those it names; those named by one page are each other's versions, too."""
    at: dict[str, list[Candidate]] = defaultdict(list)
    for release in releases:
        if release.url:
            at[same_address(release.url)].append(release)
    for release in releases:
        named = [found for address in set(map(same_address, release.translations)) for found in at.get(address, ())]
        if len(named) > _VERSIONS:
            continue
        yield from combinations([release, *(one for one in named if one.id != release.id)], 2)


def _by_address(releases: Sequence[Candidate]) -> Iterator[Edge]:
    """Equal but for the mark. One of the two may stand unmarked, as a site's first language often does."""
    groups: dict[str, list[tuple[Candidate, bool]]] = defaultdict(list)
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
