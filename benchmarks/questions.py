"""What a question costs as the store grows, with filters and without, beside a bare query of Chroma.

    python -m benchmarks.questions --data ../shared/data --plot benchmarks/questions.png

The stores are made of the newswire releases, taken again under other ids where they do not suffice, and kept in --work
for the next run. Questions are made of titles. The baseline is Chroma alone, asked for ten passages in the same
process: the same vectors with a date, `collection.query` with the question embedded by the same model, and the same
with a `where`. Prints a Markdown table.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import sqlite3
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import tables
from benchmarks.processes import run
from benchmarks.timing import Spent, each, milliseconds
from bot.answering.analysis import Ask
from bot.settings import load_settings
from bot.wiring import Built
from datasets.command import parser_of, reads_shared_data
from datasets.releases import newswire, write_releases
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from datasets.releases import NewswireRelease

SIZES = (10_000, 100_000, 400_000)
PER_RELEASE = 7.78  # passages, in this file
WARM_UP, ASKED, ANSWERED, AT_ONCE = 10, 100, 16, 8  # questions; the first are answered
BARE = "bare `collection.query`"
YEAR = Filter(since=datetime(2025, 1, 1, tzinfo=UTC), until=datetime(2026, 1, 1, tzinfo=UTC))
MONTH = Filter(since=datetime(2025, 3, 1, tzinfo=UTC), until=datetime(2025, 4, 1, tzinfo=UTC))


def releases(data: Path, count: int) -> Iterator[NewswireRelease]:
    """So many releases, in an order of chance; those of a further round have other ids and addresses."""
    known = list(newswire(data))
    random.Random(11).shuffle(known)
    for number in range(count):
        round_, place = divmod(number, len(known))
        one = known[place]
        yield replace(one, id=f"{one.id}-{round_}", url=f"{one.url}?round={round_}") if round_ else one


def store_of(data: Path, work: Path, size: int) -> Path:
    """A home with about so many passages, made where it is not there yet."""
    home = work / str(size)
    if not (home / "catalogue.sqlite3").is_file():
        file = work / f"{size}.jsonl"
        write_releases(file, releases(data, round(size / PER_RELEASE)))
        run(home, "ingest", str(file), "--json")
        file.unlink()
    return home


def questions(data: Path) -> list[str]:
    """Questions that hold the first words of titles."""
    titles = [release.title.split() for release in releases(data, 20_000)]
    chosen = random.Random(7).sample(titles, WARM_UP + ASKED)
    return [f"What did they announce about {' '.join(words[:8])}?" for words in chosen]


def asked(ask: Callable[[str], object], wording: Sequence[str]) -> Spent:
    """What each question costs, after a few that are not counted."""
    each(ask, wording[:WARM_UP])
    return each(ask, wording[WARM_UP:])


def at_once(ask: Callable[[str], object], wording: Sequence[str]) -> tuple[Spent, float]:
    """The same by eight threads; and how many are answered in a second."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(ask, wording[:WARM_UP]))
        began = time.perf_counter()
        spent = list(pool.map(lambda one: milliseconds(partial(ask, one)), wording[WARM_UP:]))
        return Spent(spent), len(spent) / (time.perf_counter() - began)


def slowest(ask: Callable[[str], object], wording: Sequence[str]) -> float:
    """How many times as long as those in the middle the slowest of eight takes that are asked together.

    The median over rounds of eight, each begun when the one before has ended.
    """
    rounds = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for start in range(0, len(wording) - AT_ONCE + 1, AT_ONCE):
            spent = list(pool.map(lambda one: milliseconds(partial(ask, one)), wording[start : start + AT_ONCE]))
            rounds.append(max(spent) / statistics.median(spent))
    return statistics.median(rounds)


def interleaved(ways: Mapping[str, Callable[[str], object]], wording: Sequence[str]) -> dict[str, Spent]:
    """What each question costs by each way, one way after the other: what else the machine does meets all of them."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for number, one in enumerate(wording):
        for name, ask in ways.items():
            took = milliseconds(partial(ask, one))
            if number >= WARM_UP:
                spent[name].append(took)
    return {name: Spent(some) for name, some in spent.items()}


def chroma_alone(home: Path, folder: Path) -> Any:  # noqa: ANN401 - Chroma's collection
    """A collection with the store's passages, made where it is not there yet: vectors, and days as numbers."""
    import chromadb
    import numpy as np
    from chromadb.config import Settings

    client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    made = client.get_or_create_collection("bare", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None)
    if made.count():
        return made
    query = (
        "SELECT p.id, v.vector, r.published FROM passages p JOIN vectors v ON v.passage = p.number "
        "JOIN versions r ON r.number = p.version"
    )
    with contextlib.closing(sqlite3.connect(f"file:{home / 'catalogue.sqlite3'}?mode=ro", uri=True)) as catalogue:
        rows = catalogue.execute(query)
        while batch := list(itertools.islice(rows, 5_000)):
            vectors = np.stack([np.frombuffer(vector, dtype=np.float16) for _, vector, _ in batch]).astype(np.float32)
            days = [{"day": int((published or "0")[:10].replace("-", ""))} for _, _, published in batch]
            made.add(ids=[identity for identity, _, _ in batch], embeddings=vectors, metadatas=days)  # type: ignore[arg-type]
    return made


def ways_of(
    built: Built,
    bare: Any,  # noqa: ANN401 - Chroma's collection
    stages: list[Mapping[str, float]],
) -> dict[str, Callable[[str], object]]:
    """The ways to ask, by name; what each stage of an answer takes is added to `stages`."""

    def query(question: str, where: dict[str, Any] | None = None) -> object:
        vector = built.embedder.embed_question(question)
        return bare.query(query_embeddings=vector[None, :], n_results=10, where=where, include=["distances"])

    def answer(question: str) -> object:
        answered = built.answerer.invoke(question)
        stages.append(answered.timings_ms)
        return answered

    year = {"$and": [{"day": {"$gte": 20250101}}, {"day": {"$lt": 20260101}}]}
    return {
        BARE: query,
        "bare `collection.query` with a year as `where`": lambda one: query(one, year),
        "retrieve": lambda one: built.retriever.find(one, limit=10),
        "retrieve, one year": lambda one: built.retriever.find(one, where=YEAR, limit=10),
        "retrieve, one month": lambda one: built.retriever.find(one, where=MONTH, limit=10),
        "answer": answer,
        "answer, one year": lambda one: built.answerer.invoke(Ask(one, where=YEAR)),
    }


def measure(data: Path, work: Path, size: int, wording: Sequence[str]) -> dict[str, Any]:
    """Print the rows of one size; returns the medians."""
    home = store_of(data, work, size)
    built, bare = Built(load_settings(home)), chroma_alone(home, work / f"{size}-chroma")
    count = built.store.status().passages
    stages: list[Mapping[str, float]] = []
    ways = ways_of(built, bare, stages)
    medians: dict[str, Any] = {"passages": count}
    compared = interleaved({name: ways[name] for name in (BARE, "retrieve")}, wording)
    for name, ask in ways.items():
        answered = wording[: WARM_UP + ANSWERED] if name.startswith("answer") else wording
        spent = compared[name] if name in compared else asked(ask, answered)
        medians[name] = spent.median
        print(tables.row(f"{count:,}", name, spent, f"{spent.median / compared[BARE].median:.1f}", "", ""), flush=True)
    medians["stages"] = {stage: statistics.mean(one[stage] for one in stages) for stage in stages[0]}
    for name, some in ((BARE, wording), ("answer", wording[: WARM_UP + ANSWERED])):
        spent, rate = at_once(ways[name], some)
        last = slowest(ways[name], some[WARM_UP:])
        print(
            tables.row(f"{count:,}", f"{name}, {AT_ONCE} at once", spent, "", f"{rate:.0f}", f"{last:.1f}"), flush=True
        )
    built.close()
    return medians


def plot(results: Sequence[dict[str, Any]], file: Path) -> None:
    """How the cost of a question grows."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.2))
    for name in (key for key in results[0] if key not in {"passages", "stages"}):
        axes.plot(
            [one["passages"] for one in results],
            [one[name] for one in results],
            marker="o",
            label=name.replace("`", ""),
        )
    axes.set(xscale="log", yscale="log", xlabel="passages", ylabel="milliseconds, median")
    axes.legend(fontsize=7)
    axes.grid(visible=True, which="both", alpha=0.3)
    figure.tight_layout()
    figure.savefig(file, dpi=150)


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = parser_of("benchmarks.questions", "Measure questions.")
    parser.add_argument("--work", type=Path, default=Path("build/questions"), help="where the stores are kept")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="passages, about")
    parser.add_argument("--plot", type=Path, help="a PNG to draw")
    options = parser.parse_args(arguments)
    wording = questions(options.data)
    options.work.mkdir(parents=True, exist_ok=True)
    print(tables.head("passages", "asked", "ms, p50 / p95", "times bare", "a second", "slowest of 8 to median"))
    results = [measure(options.data, options.work, size, wording) for size in options.sizes]
    print("\nWhere the time of an answer goes, in milliseconds on average:\n")
    stages = [stage for stage in results[0]["stages"] if stage != "total"]
    print(tables.head("passages", *stages, "total"))
    for one in results:
        spent = (f"{one['stages'][stage]:.1f}" for stage in (*stages, "total"))
        print(tables.row(f"{one['passages']:,}", *spent))
    if options.plot:
        plot(results, options.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
