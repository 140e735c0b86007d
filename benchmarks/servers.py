"""Question to paragraph with the store on servers, beside the same store in a folder.

    python -m benchmarks.servers --data ../shared/data

A PostgreSQL and a Chroma server are started on the loopback. Both stores hold the same passages and vectors, and are
asked the same questions in one process, one after the other. Prints two Markdown tables: hits in distinct releases, and
what a search takes, the question's embedding included; and what it takes to ingest newswire releases, with the same
Chroma server for both.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import tables
from benchmarks.processes import run
from benchmarks.retrieval import FIGURES, as_corpus, asked_of, figures, ours, rank_of
from benchmarks.timing import Spent, milliseconds
from benchmarks.tutorial import sample_of
from datasets.command import parser_of, reads_shared_data
from datasets.questions import SETS
from datasets.stores import filled
from tests.chroma_server import chroma_server
from tests.postgres_server import ABSENT, binaries, postgres_server
from vectorstore.embedders import BuiltInEmbedder
from vectorstore.indexes import ChromaAddress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.retrieval import Corpus
    from datasets.questions import Question
    from tests.postgres_server import Server
    from vectorstore.store import PassageStore


def stores(corpus: Corpus, work: Path, server: Server, chroma: ChromaAddress) -> Iterator[tuple[str, PassageStore]]:
    """The same corpus in a folder, and on servers."""
    embedder = BuiltInEmbedder()
    with filled(corpus.releases, embedder, work / "folder") as store:
        yield "SQLite, Chroma in a folder", store
    with filled(corpus.releases, embedder, work / "servers", catalogue=server.new_store(), chroma=chroma) as store:
        yield "PostgreSQL, Chroma server", store


def cells(store: PassageStore, questions: Sequence[Question]) -> tuple[object, ...]:
    """What a store finds, and in how many milliseconds."""
    find, ranks = ours(store, BuiltInEmbedder()), []

    def ask(question: Question) -> None:
        ranks.append(rank_of(question.paragraph, find(question)))

    spent = Spent([milliseconds(partial(ask, question)) for question in questions])
    return *figures(ranks).cells(), spent


def ingestions(file: Path, work: Path, server: Server, chroma: ChromaAddress) -> Iterator[str]:
    """A row for each catalogue that the same releases are ingested into, by a process of its own."""
    at = {"COMMUNIQUE_STORE__CHROMA": chroma.url}
    places = {"SQLite": at, "PostgreSQL": at | {"COMMUNIQUE_STORE__CATALOGUE": server.new_store().url}}
    seconds = 0.0
    for name, settings in places.items():
        one = run(work / name, "ingest", str(file), "--json", settings=settings)
        seconds = seconds or one.seconds
        cells = (f"{one.report['new']:,}", f"{one.report['passages']:,}", f"{one.seconds:.1f}")
        yield tables.row(f"{name}, Chroma server", *cells, f"{one.seconds / seconds:.2f}")


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; the exit code is 1 if PostgreSQL is missing."""
    parser = parser_of("benchmarks.servers", "Measure retrieval on servers.")
    parser.add_argument("--sets", nargs="+", choices=sorted(SETS), default=sorted(SETS))
    parser.add_argument("--sample", type=int, default=200, help="questions of each set; 0 for all")
    parser.add_argument("--releases", type=int, default=1_000, help="newswire releases that are ingested")
    options = parser.parse_args(arguments)
    if binaries() is None:
        print(ABSENT, file=sys.stderr)
        return 1
    print(tables.head("set", "questions", "store", *FIGURES, "ms, p50 / p95"), flush=True)
    with contextlib.ExitStack() as open_:
        work = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        (work / "chroma").mkdir()
        chroma = ChromaAddress(open_.enter_context(chroma_server(work / "chroma")))
        server = open_.enter_context(postgres_server(careful=True))
        for name in options.sets:
            paragraphs, questions = asked_of(name, options.data, options.sample)
            for way, store in stores(as_corpus(paragraphs), work / name, server, chroma):
                print(tables.row(name, len(questions), way, *cells(store, questions)), flush=True)
        print("\n" + tables.head("catalogue", "ingested", "passages", "seconds", "times SQLite"))
        sample_of(options.data, options.releases, work / "releases.jsonl")
        for line in ingestions(work / "releases.jsonl", work, server, chroma):
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
