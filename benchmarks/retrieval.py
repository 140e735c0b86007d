"""Retrieval beside its parts: our hybrid search, Chroma with the same vectors alone, full text alone.

    python -m benchmarks.retrieval --data ../shared/data --sample 500

prints a Markdown table over FQuAD, PIAF (French) and XQuAD (English). All three search the same passages with the same
vectors in one process; hits are counted in distinct releases, and a set's paragraphs are its releases.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import chromadb

from benchmarks.qa import SETS, read_set
from ingest.release import Release
from ingest.split import split_release
from vectorstore import lexical
from vectorstore.catalogue import Catalogue
from vectorstore.embedder import DEFAULT_MODEL, SentenceTransformerEmbedder
from vectorstore.passage import Filter, embedded_text
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from benchmarks.qa import Paragraph, Question
    from vectorstore.embedder import Embedder
    from vectorstore.passage import Passage

_DEEPEST = 10  # releases that count as found
_PASSAGES = 60  # passages to ask for, so that ten distinct releases are among them


@dataclass(frozen=True, slots=True)
class Corpus:
    """A set's paragraphs as releases, with their passages and one vector for each passage."""

    releases: tuple[Release, ...]
    passages: tuple[Passage, ...]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of questions with the right release first and among ten, and the mean reciprocal rank over ten."""

    hit_at_1: float
    hit_at_10: float
    mrr_at_10: float


def figures(ranks: Sequence[int | None]) -> Figures:
    """From the rank of each question's right release, counted from 1; None where it is not among the ten."""
    found = [rank for rank in ranks if rank]
    total = max(len(ranks), 1)
    return Figures(found.count(1) / total, len(found) / total, sum(1 / rank for rank in found) / total)


def rank_of(release: str, hits: Iterable[str]) -> int | None:
    """The rank of a release among the first ten distinct ones, counted from 1, or None."""
    first = islice(dict.fromkeys(hits), _DEEPEST)
    return next((rank for rank, hit in enumerate(first, 1) if hit == release), None)


def embed_corpus(paragraphs: Iterable[Paragraph], embedder: Embedder) -> Corpus:
    """Paragraphs split and embedded as `communique ingest` does it."""
    releases = tuple(
        Release(id=p.id, title=p.title, body=tuple(filter(None, p.body.split("\n"))), source=p.id, language=p.language)
        for p in paragraphs
    )
    owned = [(release.title, passage) for release in releases for passage in split_release(release)]
    vectors = embedder.embed_passages([embedded_text(title, passage.text) for title, passage in owned])
    return Corpus(releases, tuple(passage for _, passage in owned), vectors)


def measure(name: str, data: Path, embedder: Embedder, *, sample: int | None) -> dict[str, Figures]:
    """Figures of each way to search over one set, or over a fixed random sample of its questions."""
    paragraphs, questions = read_set(name, data)
    if sample is not None and sample < len(questions):
        questions = random.Random(7).sample(questions, sample)
    corpus = embed_corpus(paragraphs, embedder)
    asked = [embedder.embed_question(question.question) for question in questions]
    with tempfile.TemporaryDirectory() as folder:
        store = fill(PassageStore(Path(folder), model=embedder.name, model_languages=embedder.languages), corpus)
        catalogue = Catalogue(Path(folder) / "catalogue.sqlite3")
        ways = {"ours": _hybrid(store), "Chroma alone": _chroma(corpus), "FTS5 alone": _full_text(catalogue)}
        table = {
            way: figures([rank_of(q.paragraph, find(q, v)) for q, v in zip(questions, asked, strict=True)])
            for way, find in ways.items()
        }
        catalogue.close()
        store.close()
    return table


def fill(store: PassageStore, corpus: Corpus) -> PassageStore:
    """The store, holding the corpus."""
    with store.writing():
        for release in corpus.releases:
            rows = [row for row, passage in enumerate(corpus.passages) if passage.release_id == release.id]
            store.replace(release, [corpus.passages[row] for row in rows], corpus.vectors[rows])
    return store


def _hybrid(store: PassageStore) -> Callable[[Question, NDArray[np.float32]], list[str]]:
    def find(question: Question, vector: NDArray[np.float32]) -> list[str]:
        hits = store.search(question.question, vector, limit=_DEEPEST, per_release=1, language=question.language)
        return [hit.release.id for hit in hits]

    return find


def _chroma(corpus: Corpus) -> Callable[[Question, NDArray[np.float32]], list[str]]:
    release_of = {passage.id: passage.release_id for passage in corpus.passages}
    client = chromadb.EphemeralClient()
    collection = client.create_collection(
        f"bare-{corpus.releases[0].id}", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
    )
    for start in range(0, len(corpus.passages), 5_000):
        some = slice(start, start + 5_000)
        collection.add(ids=[passage.id for passage in corpus.passages[some]], embeddings=corpus.vectors[some])

    def find(_question: Question, vector: NDArray[np.float32]) -> list[str]:
        found = collection.query(query_embeddings=vector[None, :], n_results=_PASSAGES, include=[])
        return [release_of[identity] for identity in found["ids"][0]]

    return find


def _full_text(catalogue: Catalogue) -> Callable[[Question, NDArray[np.float32]], list[str]]:
    def find(question: Question, _vector: NDArray[np.float32]) -> list[str]:
        found = lexical.candidates(
            catalogue.connection, question.question, question.language, where=Filter(), limit=_PASSAGES
        )
        details = catalogue.passages([number for number, _ in found])
        return [details[number][1].id for number, _ in found]

    return find


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; the exit code is 1 where a set's file is missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval", description="Measure retrieval.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the question sets")
    parser.add_argument("--sets", nargs="+", choices=sorted(SETS), default=sorted(SETS))
    parser.add_argument("--sample", type=int, help="questions of each set; all of them without it")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="embedding model, a name or a folder")
    options = parser.parse_args(arguments)
    embedder = SentenceTransformerEmbedder(options.model)
    print(f"| set | search | hit@1 | hit@10 | MRR@10 |\n|{'---|' * 5}")
    for name in options.sets:
        try:
            table = measure(name, options.data, embedder, sample=options.sample)
        except FileNotFoundError as exc:
            print(exc, file=sys.stderr)
            return 1
        for way, row in table.items():
            print(f"| {name} | {way} | {row.hit_at_1:.3f} | {row.hit_at_10:.3f} | {row.mrr_at_10:.3f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
