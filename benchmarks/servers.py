"""Question to paragraph with the store on servers, beside the same store in a folder.

    python -m benchmarks.servers --data ../shared/data

A PostgreSQL and a Chroma server are started on the loopback. Both stores hold the same passages and vectors, and are
asked the same questions in one process, one after the other. Prints a Markdown table: hits in distinct releases, and
what a search takes, the question's embedding included.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.qa import SETS
from benchmarks.retrieval import as_corpus, asked_of, figures, filled, ours, rank_of
from tests.chroma_server import chroma_server
from tests.postgres_server import ABSENT, binaries, postgres_server
from vectorstore.embedders import BuiltInEmbedder
from vectorstore.indexes import ChromaAddress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.qa import Question
    from benchmarks.retrieval import Corpus
    from tests.postgres_server import Server
    from vectorstore.store import PassageStore


def stores(corpus: Corpus, work: Path, server: Server, chroma: ChromaAddress) -> Iterator[tuple[str, PassageStore]]:
    """The same corpus in a folder, and on servers."""
    embedder = BuiltInEmbedder()
    with filled(corpus, embedder, work / "folder") as store:
        yield "SQLite, Chroma in a folder", store
    with filled(corpus, embedder, work / "servers", catalogue=server.new_store(), chroma=chroma) as store:
        yield "PostgreSQL, Chroma server", store


def row(store: PassageStore, questions: Sequence[Question]) -> str:
    """What a store finds, and in how many milliseconds."""
    find = ours(store, BuiltInEmbedder())
    ranks, spent = [], []
    for question in questions:
        began = time.perf_counter()
        hits = find(question)
        spent.append((time.perf_counter() - began) * 1000)
        ranks.append(rank_of(question.paragraph, hits))
    slowest = sorted(spent)[int(0.95 * (len(spent) - 1))]
    return f"{figures(ranks).row()} | {statistics.median(spent):.1f} / {slowest:.1f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; the exit code is 1 where a set's file or PostgreSQL is missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.servers", description="Measure retrieval on servers.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the question sets")
    parser.add_argument("--sets", nargs="+", choices=sorted(SETS), default=sorted(SETS))
    parser.add_argument("--sample", type=int, help="questions of each set; all of them without it")
    options = parser.parse_args(arguments)
    if binaries() is None:
        print(ABSENT, file=sys.stderr)
        return 1
    print(f"| set | questions | store | hit@1 | hit@10 | hit@20 | MRR@10 | ms, p50 / p95 |\n|{'---|' * 8}", flush=True)
    with contextlib.ExitStack() as open_:
        work = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        (work / "chroma").mkdir()
        chroma = ChromaAddress(open_.enter_context(chroma_server(work / "chroma")))
        server = open_.enter_context(postgres_server())
        for name in options.sets:
            try:
                paragraphs, questions = asked_of(name, options.data, options.sample)
            except FileNotFoundError as exc:
                print(exc, file=sys.stderr)
                return 1
            for way, store in stores(as_corpus(paragraphs), work / name, server, chroma):
                print(f"| {name} | {len(questions)} | {way} | {row(store, questions)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
