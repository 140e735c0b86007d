"""French and English versions of one release found again, with everything that states it hidden.

    python -m benchmarks.twins --data ../shared/data

13,999 releases of the Swiss government: 3,679 have both languages, the others have no twin and can only be joined
wrongly. `pair` is hidden, and so are ids and addresses, which give it away. Beside it: mutual best by the titles'
vectors alone, and by date and numbers alone, in the same window.
"""

from __future__ import annotations

import functools
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import tables
from datasets.command import parser_of, reads_shared_data
from datasets.releases import swiss
from ingest.passages import split_release
from ingest.twins import WINDOW, TwinCandidate, facts_of, find_twins
from vectorstore.embedders.subwords import BuiltInEmbedder
from vectorstore.types import Release, embedded_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from datasets.releases import SwissRelease
    from vectorstore.types import Twin

    Alike = Callable[[TwinCandidate, Sequence[TwinCandidate]], Sequence[float]]

Join = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Figures:
    """Joins made and right ones, of so many that there are."""

    made: int
    right: int
    wanted: int

    @property
    def precision(self) -> float:
        """Share of the joins made that are right."""
        return self.right / self.made if self.made else 0.0

    @property
    def recall(self) -> float:
        """Share of those wanted that were made."""
        return self.right / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def cells(self) -> tuple[object, ...]:
        """Those that there are, joins, wrong ones, and the three figures as cells of a table."""
        shares = (tables.share(self.right, self.made), tables.share(self.right, self.wanted), f"{self.f1:.4f}")
        return self.wanted, self.made, self.made - self.right, *shares


def figures(joins: Iterable[Join], keys: Mapping[str, str]) -> Figures:
    """How many joins are right. `keys` holds each release's true key; the keys held twice are to be found."""
    made = list(joins)
    held: dict[str, int] = defaultdict(int)
    for key in keys.values():
        held[key] += 1
    right = sum(keys[one] == keys[other] for one, other in made)
    return Figures(len(made), right, sum(count == 2 for count in held.values()))


def mutual_best(french: Sequence[TwinCandidate], english: Sequence[TwinCandidate], alike: Alike) -> Iterator[Join]:
    """The pairs within the window in which each is the other's best; `alike` compares one with many."""
    ahead, back = dict(_bests(french, english, alike)), dict(_bests(english, french, alike))
    yield from ((one, other) for one, other in ahead.items() if back.get(other) == one)


def by_titles(one: TwinCandidate, many: Sequence[TwinCandidate]) -> Sequence[float]:
    """Cosines of the titles' vectors, those below one half left out."""
    cosines = np.array([other.headline for other in many]) @ np.asarray(one.headline)
    return [float(cosine) if cosine >= 0.5 else 0.0 for cosine in cosines]


def by_numbers(one: TwinCandidate, many: Sequence[TwinCandidate]) -> Sequence[float]:
    """Share of common numbers among all of both, for those of the same day."""
    return [_overlap(one, other) if other.published == one.published else 0.0 for other in many]


def read(data: Path, embedder: BuiltInEmbedder) -> tuple[list[TwinCandidate], dict[str, str]]:
    """All releases without what gives their pairs away, and their true keys by their new ids."""
    candidates: list[TwinCandidate] = []
    keys: dict[str, str] = {}
    for language in ("fr", "en"):
        # Named by their titles' order: neither language's ids follow the other's.
        for number, entry in enumerate(sorted(swiss(data, language), key=lambda entry: (entry.title, entry.id))):
            candidates.append(_candidate(entry, f"{language} {number:05d}", language))
            keys[candidates[-1].id] = entry.pair
    return _embedded(candidates, embedder), keys


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    options = parser_of("benchmarks.twins", "Language versions found again.").parse_args(arguments)
    candidates, keys = read(options.data, BuiltInEmbedder())
    french, english = ([one for one in candidates if one.language == code] for code in ("fr", "en"))
    wanted = figures((), keys).wanted
    # A text whose own twin is not there is the hardest to leave alone. Keys are numbers, one like the other.
    shared = {keys[one.id] for one in english}
    orphaned = [one for one in french if keys[one.id] not in shared or int(keys[one.id]) % 2]
    print(f"{len(french):,} French and {len(english):,} English releases; {wanted:,} have both languages. Addresses,")
    print("ids and `pair` are hidden, so that contents alone tell.\n")
    print(tables.head("way", "wanted", "joins", "wrong", "precision", "recall", "F1", "seconds"))
    ways: dict[str, Callable[[], Iterable[Join]]] = {
        "Communiqué": lambda: _joins(find_twins(candidates)),
        "Communiqué, half of the French twins taken away": lambda: _joins(find_twins([*orphaned, *english])),
        "titles' vectors, mutual best": lambda: mutual_best(french, english, by_titles),
        "same day and numbers, mutual best": lambda: mutual_best(french, english, by_numbers),
    }
    for name, way in ways.items():
        begun = time.perf_counter()
        pool = {one.id for one in (*orphaned, *english)} if "taken away" in name else keys.keys()
        found = figures(way(), {id_: key for id_, key in keys.items() if id_ in pool})
        print(tables.row(name, *found.cells(), f"{time.perf_counter() - begun:.1f}"), flush=True)
    return 0


def _joins(twins: Iterable[Twin]) -> list[Join]:
    return [(twin.first, twin.second) for twin in twins]


def _candidate(entry: SwissRelease, name: str, language: str) -> TwinCandidate:
    release = _release(entry, name, language)
    published = datetime.fromisoformat(entry.date).replace(tzinfo=UTC)
    return TwinCandidate(name, language, release.title, release.text, published, publisher=entry.source)


def _release(entry: SwissRelease, name: str, language: str) -> Release:
    body = tuple(line for line in entry.body.split("\n") if line.strip())
    return Release(name, entry.title, body, "swiss", lead=entry.lead or None, language=language)


def _embedded(candidates: Sequence[TwinCandidate], embedder: BuiltInEmbedder) -> list[TwinCandidate]:
    """The candidates with the vectors that ingestion would store, float16 as there, and those of their titles."""
    texts = [
        [embedded_text(one.title, passage.text) for passage in split_release(_as_release(one))] for one in candidates
    ]
    rows = embedder.embed_passages([text for passages in texts for text in passages]).astype(np.float16)
    titles = embedder.embed_passages([one.title for one in candidates])
    ends = np.cumsum([len(passages) for passages in texts])
    parts = np.split(rows, ends[:-1])
    return [
        replace(one, headline=title, passages=part) for one, title, part in zip(candidates, titles, parts, strict=True)
    ]


def _as_release(one: TwinCandidate) -> Release:
    return Release(one.id, one.title, (one.text,), "swiss", language=one.language)


def _bests(some: Sequence[TwinCandidate], others: Sequence[TwinCandidate], alike: Alike) -> Iterator[Join]:
    by_day: dict[int, list[TwinCandidate]] = defaultdict(list)
    for other in others:
        by_day[_day(other)].append(other)
    for one in some:
        near = [other for apart in range(-WINDOW.days, WINDOW.days + 1) for other in by_day[_day(one) + apart]]
        likenesses = alike(one, near) if near else [0.0]
        best = int(np.argmax(likenesses))
        if likenesses[best] > 0:
            yield one.id, near[best].id


def _day(one: TwinCandidate) -> int:
    return one.published.toordinal() if one.published else 0


def _overlap(one: TwinCandidate, other: TwinCandidate) -> float:
    left, right = _numbers(one), _numbers(other)
    return len(left & right) / max(1, len(left | right))


@functools.cache
def _numbers(one: TwinCandidate) -> frozenset[str]:
    return frozenset(fact for fact in facts_of(one) if fact.isdigit())


if __name__ == "__main__":
    sys.exit(main())
