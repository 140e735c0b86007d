"""Title to release on the Swiss government's releases, within a language and across, the title left out of the index.

    python -m benchmarks.titles --data ../shared/data

One store holds a fixed sample of the 13,999 releases of 2018 to 2022, in both languages, or all of them; the search is
filtered by the language that is wanted. Asked are titles of releases that exist in both languages. Chroma with
all-MiniLM-L6-v2 holds the first 500 characters of each release, mostly its lead: embedding all 74,567 passages would
take it over an hour.
"""

from __future__ import annotations

import random
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from benchmarks import tables
from benchmarks.baselines import Bm25, Chroma, ensemble
from benchmarks.retrieval import BASELINE, DEEPEST, FIGURES, as_corpus, figures, rank_of
from datasets.command import parser_of, reads_shared_data
from datasets.questions import Paragraph
from datasets.releases import swiss
from datasets.stores import filled
from vectorstore.embedders import BuiltInEmbedder, embedder_named
from vectorstore.text import detect_language
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from datasets.releases import SwissRelease

LANGUAGES = ("fr", "en")

Entries: TypeAlias = "dict[str, list[SwissRelease]]"
"""The releases of each language."""

_READ = 500  # characters of a release's beginning


def bodies(releases: Sequence[SwissRelease], language: str) -> list[Paragraph]:
    """Releases without their titles."""
    return [Paragraph(one.id, "", "", f"{one.lead}\n{one.body}", language) for one in releases]


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = parser_of("benchmarks.titles", "Measure titles to releases.")
    parser.add_argument("--sample", type=int, default=300, help="titles of each language; 0 for all")
    parser.add_argument("--releases", type=int, default=1_000, help="releases of each language; 0 for all")
    parser.add_argument("--without-baseline", action="store_true", help=f"leave {BASELINE} out")
    options = parser.parse_args(arguments)
    whole = {code: list(swiss(options.data, code)) for code in LANGUAGES}
    asked = titles(whole, options.sample)
    entries = {code: among(whole[code], {pair for _, pair in asked[code]}, options.releases) for code in LANGUAGES}
    print(tables.head("asked", "looked for", "titles", "search", *FIGURES), flush=True)
    ours(entries, asked)
    words(entries, asked)
    if not options.without_baseline:
        vectors(entries, asked)
    return 0


def titles(entries: Entries, sample: int) -> dict[str, list[tuple[str, str]]]:
    """For each language (title, pair) of releases that exist in both, a fixed random sample."""
    both = set.intersection(*({release.pair for release in entries[code]} for code in LANGUAGES))
    chosen = sorted(both)
    random.Random(5).shuffle(chosen)
    kept = set(chosen[:sample] if sample else chosen)
    return {code: [(one.title, one.pair) for one in entries[code] if one.pair in kept] for code in LANGUAGES}


def among(releases: Sequence[SwissRelease], wanted: Collection[str], count: int) -> list[SwissRelease]:
    """So many releases, in their order: those of the wanted pairs, and others by chance; all if `count` is 0."""
    mine = [release for release in releases if release.pair in wanted]
    others = [release for release in releases if release.pair not in wanted]
    more = min(len(others), max(0, count - len(mine))) if count else len(others)
    kept = {release.id for release in (*mine, *random.Random(6).sample(others, more))}
    return [release for release in releases if release.id in kept]


def ours(entries: Entries, asked: dict[str, list[tuple[str, str]]]) -> None:
    """Rows of a store with default settings."""
    embedder = BuiltInEmbedder()
    corpus = as_corpus([paragraph for code in LANGUAGES for paragraph in bodies(entries[code], code)])
    with tempfile.TemporaryDirectory() as home, filled(corpus.releases, embedder, Path(home)) as store:

        def find(title: str, code: str) -> list[str]:
            vector, where = embedder.embed_question(title), Filter(languages=(code,))
            hits = store.search(
                title, vector, limit=DEEPEST, where=where, per_release=1, language=detect_language(title)
            )
            return [hit.release.id for hit in hits]

        _print("Communiqué", asked, find)


def words(entries: Entries, asked: dict[str, list[tuple[str, str]]]) -> None:
    """Rows of BM25 over whole releases, stemmed and plain."""
    for way, plain in (("BM25, stemmed", False), ("BM25, plain", True)):
        indexes = _bm25(entries, plain=plain)
        _print(
            way, asked, _releases(entries, {code: partial(indexes[code].nearest, limit=DEEPEST) for code in LANGUAGES})
        )


def vectors(entries: Entries, asked: dict[str, list[tuple[str, str]]]) -> None:
    """Rows of the baseline model over the beginnings of the releases, and of LangChain's ensemble with BM25."""
    embedder = embedder_named(BASELINE)
    indexes = {
        code: Chroma(f"titles-{code}", embedder.embed_passages([p.body[:_READ] for p in bodies(entries[code], code)]))
        for code in LANGUAGES
    }
    found: dict[str, NDArray[np.float32]] = {}

    def nearest(title: str, code: str) -> list[int]:
        if title not in found:
            found[title] = embedder.embed_question(title)
        return indexes[code].nearest(found[title], DEEPEST)

    alone = {code: partial(nearest, code=code) for code in LANGUAGES}
    _print(f"{BASELINE} in Chroma", asked, _releases(entries, alone))
    bm25 = _bm25(entries, plain=False)
    both = {code: ensemble(partial(bm25[code].nearest, limit=DEEPEST), alone[code]) for code in LANGUAGES}
    _print("LangChain's ensemble of BM25 and that", asked, _releases(entries, both))


def _bm25(entries: Entries, *, plain: bool) -> dict[str, Bm25]:
    return {code: Bm25([p.body for p in bodies(entries[code], code)], code, plain=plain) for code in LANGUAGES}


def _releases(entries: Entries, nearest: Mapping[str, Callable[[str], list[int]]]) -> Callable[[str, str], list[str]]:
    """Ids of releases of a language, by a way to find their numbers."""
    return lambda title, code: [entries[code][n].id for n in nearest[code](title)]


def _print(way: str, asked: dict[str, list[tuple[str, str]]], find: Callable[[str, str], list[str]]) -> None:
    for code in LANGUAGES:
        for wanted in LANGUAGES:
            ranks = [rank_of(f"{pair}#{wanted}", find(title, wanted)) for title, pair in asked[code]]
            print(tables.row(code, wanted, len(ranks), way, *figures(ranks).cells()), flush=True)


if __name__ == "__main__":
    sys.exit(main())
