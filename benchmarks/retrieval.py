"""Question to paragraph on FQuAD, PIAF (French) and XQuAD (English), beside BM25, Chroma with MiniLM, and both.

    python -m benchmarks.retrieval --data ../shared/data

Every paragraph is a release under its article's title. All ways search the same paragraphs in one process with default
settings; hits are counted in distinct releases. Of PIAF only the half is asked whose articles trained nothing.
Questions are a fixed sample of each set; of these the first `--few` are asked of the ways that embed with
all-MiniLM-L6-v2, of the sets `--minilm` alone: embedding PIAF takes it minutes. Stores are kept in `--home`.
"""

from __future__ import annotations

import functools
import random
import sys
import tempfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from benchmarks import tables
from benchmarks.baselines import Bm25, Chroma, ensemble
from datasets.command import parser_of, reads_shared_data
from datasets.questions import SETS, read_set
from datasets.splits import trains
from datasets.stores import filled
from ingest.passages import split_release
from vectorstore.embedders import BuiltInEmbedder, embedder_named
from vectorstore.text import detect_language
from vectorstore.types import Release, embedded_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from datasets.questions import Paragraph, Question
    from vectorstore.embedders import Embedder
    from vectorstore.store import PassageStore
    from vectorstore.types import Passage

BASELINE = "all-MiniLM-L6-v2"
COSTLY = (f"{BASELINE} in Chroma", "LangChain's ensemble of BM25 and that")
DEEPEST = 20  # releases that are looked at
FIGURES = ("hit@1", "hit@10", "hit@20", "MRR@10")
PASSAGES = 80  # passages to ask a baseline for, so that as many distinct releases are among them

Find: TypeAlias = "Callable[[Question], list[str]]"


@dataclass(frozen=True, slots=True)
class Corpus:
    """A set's paragraphs as releases, with their passages as `communique ingest` cuts them."""

    releases: tuple[Release, ...]
    passages: tuple[Passage, ...]

    def texts(self) -> list[str]:
        """What is embedded for each passage."""
        titles = {release.id: release.title for release in self.releases}
        return [embedded_text(titles[passage.release_id], passage.text) for passage in self.passages]


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of questions with the right release first, among ten and among twenty; mean reciprocal rank over ten."""

    hit_at_1: float
    hit_at_10: float
    hit_at_20: float
    mrr_at_10: float
    asked: int

    def cells(self) -> tuple[str, ...]:
        """The figures as cells of a table, under `FIGURES`: shares with half the width of their 95 % intervals."""
        shares = (self.hit_at_1, self.hit_at_10, self.hit_at_20)
        return *(tables.share(round(one * self.asked), self.asked) for one in shares), f"{self.mrr_at_10:.3f}"


def figures(ranks: Sequence[int | None]) -> Figures:
    """From the rank of each question's right release, counted from 1; None where it is not among the first twenty."""
    found = [rank for rank in ranks if rank]
    ten = [rank for rank in found if rank <= 10]
    total = max(len(ranks), 1)
    first, reciprocals = found.count(1), sum(1 / rank for rank in ten)
    return Figures(first / total, len(ten) / total, len(found) / total, reciprocals / total, len(ranks))


def rank_of(release: str, hits: Iterable[str]) -> int | None:
    """The rank of a release among the first twenty distinct ones, counted from 1, or None."""
    first = islice(dict.fromkeys(hits), DEEPEST)
    return next((rank for rank, hit in enumerate(first, 1) if hit == release), None)


def as_corpus(paragraphs: Iterable[Paragraph]) -> Corpus:
    """Paragraphs as releases, split as `communique ingest` does it."""
    releases = tuple(
        Release(id=p.id, title=p.title, body=tuple(filter(None, p.body.split("\n"))), source=p.id, language=p.language)
        for p in paragraphs
    )
    return Corpus(releases, tuple(passage for release in releases for passage in split_release(release)))


def ours(store: PassageStore, embedder: Embedder) -> Find:
    """The search that `communique search` makes."""

    def find(question: Question) -> list[str]:
        text = question.question
        hits = store.search(
            text, embedder.embed_question(text), limit=DEEPEST, per_release=1, language=detect_language(text)
        )
        return [hit.release.id for hit in hits]

    return find


def words_alone(corpus: Corpus, language: str, *, plain: bool = False) -> Find:
    """BM25 over whole releases with their titles."""
    index = Bm25([f"{release.title}\n{release.text}" for release in corpus.releases], language, plain=plain)
    deepest = min(DEEPEST, len(corpus.releases))
    return lambda question: [corpus.releases[n].id for n in index.nearest(question.question, deepest)]


def over_passages(corpus: Corpus, nearest: Callable[[str], list[int]]) -> Find:
    """Releases by the numbers of the passages that a way finds."""
    return lambda question: [corpus.passages[n].release_id for n in nearest(question.question)]


def vectors(name: str, corpus: Corpus, embedder: Embedder) -> Callable[[str], list[int]]:
    """Numbers of the nearest passages, from Chroma over a model's vectors of the same passages."""
    index, limit = Chroma(name, embedder.embed_passages(corpus.texts())), min(PASSAGES, len(corpus.passages))
    return functools.cache(lambda question: index.nearest(embedder.embed_question(question), limit))


def words(corpus: Corpus, language: str) -> Callable[[str], list[int]]:
    """Numbers of the best passages by BM25, stemmed."""
    index, limit = Bm25(corpus.texts(), language), min(PASSAGES, len(corpus.passages))
    return lambda question: index.nearest(question, limit)


def ways(name: str, corpus: Corpus, home: Path, *, costly: bool) -> Iterator[tuple[str, Find]]:
    """Ours, its vectors alone, and the baselines, those of `COSTLY` if they are wanted."""
    language = SETS[name][1]
    embedder = BuiltInEmbedder()
    with standing(corpus.releases, embedder, home / name) as store:
        yield "Communiqué", ours(store, embedder)
    yield "its vectors alone, in Chroma", over_passages(corpus, vectors(f"{name}-ours", corpus, embedder))
    yield "BM25, stemmed", words_alone(corpus, language)
    yield "BM25, plain", words_alone(corpus, language, plain=True)
    if not costly:
        return
    baseline = vectors(f"{name}-baseline", corpus, embedder_named(BASELINE))
    yield COSTLY[0], over_passages(corpus, baseline)
    yield COSTLY[1], over_passages(corpus, ensemble(words(corpus, language), baseline))


def standing(releases: Sequence[Release], embedder: Embedder, home: Path) -> PassageStore:
    """A store that holds the releases: the one in the home if there is one, which held them to the end of a run."""
    there = (home / "catalogue.sqlite3").is_file()
    return filled(() if there else releases, embedder, home)


def asked_of(name: str, data: Path, sample: int | None) -> tuple[list[Paragraph], list[Question]]:
    """The paragraphs and questions to measure with: a fixed random sample of the questions, or all without one."""
    paragraphs, questions = read_set(name, data)
    if name == "piaf":
        left_out = {paragraph.id for paragraph in paragraphs if not trains(paragraph.article)}
        questions = [question for question in questions if question.paragraph in left_out]
    if sample and sample < len(questions):
        questions = random.Random(7).sample(questions, sample)
    return paragraphs, questions


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = parser_of("benchmarks.retrieval", "Measure retrieval.")
    parser.add_argument("--sets", nargs="+", choices=sorted(SETS), default=sorted(SETS))
    parser.add_argument("--sample", type=int, default=800, help="questions of each set; 0 for all")
    parser.add_argument("--few", type=int, default=200, help=f"of these, questions for {BASELINE}; 0 for all")
    parser.add_argument("--minilm", nargs="*", choices=sorted(SETS), default=["fquad", "xquad"], help="sets it embeds")
    parser.add_argument("--home", type=Path, help="where the stores are kept from one run to the next")
    options = parser.parse_args(arguments)
    print(tables.head("set", "questions", "search", *FIGURES))
    for name in options.sets:
        paragraphs, questions = asked_of(name, options.data, options.sample)
        with tempfile.TemporaryDirectory() as home:
            costly = name in options.minilm
            for way, find in ways(name, as_corpus(paragraphs), options.home or Path(home), costly=costly):
                some = questions[: options.few or None] if way in COSTLY else questions
                ranks = [rank_of(question.paragraph, find(question)) for question in some]
                print(tables.row(name, len(some), way, *figures(ranks).cells()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
