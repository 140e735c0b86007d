"""Whether a release is about a topic: precision and recall on pairs that were written for this.

    python -m benchmarks.topics --data ../shared/data

`topics.jsonl` holds 216 topics beside releases of the Swiss government, in both languages and across, half of them hard
negatives: what is named in passing, another country, a sister subject. They were labelled before anything was run on
them, and nothing was fitted to these releases. Beside it: every word of the topic in the text, any of them in the
title, and the cosine of topic and release, whose bound is the best that there could be for these very pairs.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import tables
from bot.answering.reader import OnnxReader
from bot.answering.topics import MEASURES, ReadRelease, TopicMatcher, measured
from datasets.command import parser_of, reads_shared_data
from datasets.files import json_lines
from datasets.releases import archived
from vectorstore.types import StoredRelease

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from datasets.releases import SwissRelease

TOPICS = Path(__file__).parent / "topics.jsonl"

_EVERY_WORD = 1.0


@dataclass(frozen=True, slots=True)
class Pair:
    """A topic in its language beside a release, and whether that is about it."""

    id: str
    release: str
    topic: str
    language: str
    about: bool

    @property
    def crosses(self) -> bool:
        """Whether topic and release are in two languages."""
        return not self.release.endswith(f"#{self.language}")


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair, what was found, and what simpler ways would say."""

    pair: Pair
    found: bool
    all_words: bool
    in_title: bool
    cosine: float


def pairs_of(path: Path = TOPICS) -> list[Pair]:
    """The pairs of a file."""
    return [Pair(**row) for row in json_lines(path)]


def stored(release: SwissRelease) -> StoredRelease:
    """A release as the store would hold it."""
    moment = datetime.fromisoformat(release.date).replace(tzinfo=UTC)
    text = "\n\n".join(part for part in (release.lead, release.body) if part)
    return StoredRelease(
        id=release.id,
        version=1,
        title=release.title,
        lead=release.lead or None,
        text=text,
        language=release.lang,
        publisher=None,
        published=moment,
        updated=None,
        url=release.url,
        source="topics",
        pair=release.pair,
        content_hash="",
        first_seen=moment,
    )


def judged(pairs: Sequence[Pair], releases: Mapping[str, StoredRelease], matcher: TopicMatcher) -> list[Judged]:
    """Each pair with what is found."""
    done = []
    for name in dict.fromkeys(pair.release for pair in pairs):
        mine = [pair for pair in pairs if pair.release == name]
        topics = matcher.prepared(pair.topic for pair in mine)
        about = {one.topic for one in matcher.about(releases[name], topics)}
        values = measured(topics, ReadRelease(releases[name], topics.model)).values
        for pair in mine:
            row = dict(zip(MEASURES, values[topics.topics.index(pair.topic)].tolist(), strict=True))
            done.append(
                Judged(
                    pair,
                    pair.topic in about,
                    row["exact_weakest"] >= _EVERY_WORD,
                    row["exact_title"] > 0,
                    row["like_all"],
                )
            )
    return done


def shares(truth: Sequence[bool], found: Sequence[bool]) -> tuple[float, float]:
    """Precision and recall."""
    right = sum(one and other for one, other in zip(truth, found, strict=True))
    return right / max(sum(found), 1), right / max(sum(truth), 1)


def by_cosine(done: Sequence[Judged]) -> list[bool]:
    """What a bound on the cosine would find, the one with the best F1 on these pairs."""
    truth, cosines = [one.pair.about for one in done], np.array([one.cosine for one in done])
    best = max(cosines.tolist(), key=lambda bound: _f1(*shares(truth, (cosines >= bound).tolist())))
    return [bool(one) for one in cosines >= best]


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / max(precision + recall, 1e-9)


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = parser_of("benchmarks.topics", "Whether releases are about topics.")
    parser.add_argument("--wrong", action="store_true", help="print each that was judged wrongly")
    options = parser.parse_args(arguments)
    pairs, every = pairs_of(), archived(options.data)
    releases = {pair.release: stored(every[pair.release]) for pair in pairs}  # type: ignore[arg-type]
    matcher = TopicMatcher(OnnxReader(longest=60.0))
    began = time.perf_counter()
    done = judged(pairs, releases, matcher)
    took = 1000 * (time.perf_counter() - began) / len(pairs)
    print(tables.head("pairs", "of them", "precision", "recall"))
    groups = {
        "all": done,
        "English on English": [one for one in done if not one.pair.crosses and one.pair.language == "en"],
        "French on French": [one for one in done if not one.pair.crosses and one.pair.language == "fr"],
        "across languages": [one for one in done if one.pair.crosses],
    }
    for name, group in groups.items():
        _print(name, group, [one.found for one in group])
    _print("all words of the topic in the text", done, [one.all_words for one in done])
    _print("a word of the topic in the title", done, [one.in_title for one in done])
    _print("cosine alone, at its best bound", done, by_cosine(done))
    print("\n" + tables.head("time", "ms a pair"))
    print(tables.row("matching", f"{took:.0f}"))
    for one in done if options.wrong else ():
        if one.found != one.pair.about:
            print(f"{one.pair.id}: found {one.found}: {one.pair.topic}: {releases[one.pair.release].title}")
    return 0


def _print(name: str, group: Sequence[Judged], found: Sequence[bool]) -> None:
    about = [one.pair.about for one in group]
    precision, recall = shares(about, found)
    cells = (tables.share(round(part * of), of) for part, of in ((precision, sum(found)), (recall, sum(about))))
    print(tables.row(name, len(group), *cells))


if __name__ == "__main__":
    sys.exit(main())
