"""Answers and refusals through the whole chain, beside the sentence that shares most words with the question.

    python -m benchmarks.answers --data ../shared/data

Every paragraph of a set is a release; PIAF is not asked, for it trains the reader. A question counts as
answered right where the answer holds the expected string; the same questions are asked again in a store that lacks the
paragraph they were written for, where a refusal is right. Questions are a fixed sample of each set.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import tables
from benchmarks.refusals import read
from benchmarks.retrieval import as_corpus
from benchmarks.words_reader import WordsReader
from bot.answering.citations import holds, in_turn
from bot.answering.pipeline import Answerer
from bot.answering.reader import OnnxReader
from datasets.command import parser_of, reads_shared_data
from datasets.stores import filled, retriever_of
from vectorstore.embedders import BuiltInEmbedder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.types import Answer
    from datasets.questions import Question
    from vectorstore.embedders import Embedder

SETS = ("fquad", "xquad")


def measure(name: str, data: Path, embedder: Embedder, *, sample: int, reader: Path | None) -> str:
    """One row of the table, by the reader in a folder or the built-in one."""
    paragraphs, questions, _ = read(name, data)
    asked = random.Random(11).sample(questions, min(sample, len(questions)))
    with tempfile.TemporaryDirectory() as folder:
        store = filled(as_corpus(paragraphs).releases, embedder, Path(folder))
        retriever = retriever_of(store, embedder)
        answerer = Answerer(retriever, reader=OnnxReader(reader))
        answers = [answerer.invoke(question.question) for question in asked]
        by_words = Answerer(retriever, refusing="seldom", reader=WordsReader())
        baseline = [by_words.invoke(question.question) for question in asked]
        with store.writing():
            for missing in {question.paragraph for question in asked}:
                store.remove(missing)
        refused = [not answerer.invoke(question.question).answered for question in asked]
        store.close()
    return tables.row(name, len(asked), *_figures(asked, answers, baseline), _share(refused))


def _figures(asked: Sequence[Question], answers: Sequence[Answer], baseline: Sequence[Answer]) -> list[str]:
    quotes = [one.release.text[one.start : one.end] == one.quote for answer in answers for one in answer.citations]
    sentences = [len(answer.citations) for answer in answers if answer.answered]
    return [
        _share([answer.answered for answer in answers]),
        _share(_right(asked, answers)),
        _share(_right(asked, answers, first=True)),
        _share(_right(asked, baseline)),
        f"{statistics.fmean(sentences):.2f} ({max(sentences)})",
        f"{sum(quotes)} of {len(quotes)}",
    ]


def _right(asked: Sequence[Question], answers: Sequence[Answer], *, first: bool = False) -> list[bool]:
    """Whether each answer holds one of the strings; the `first` of two that may answer alone, or both."""
    texts = [in_turn(one.main_citations) if first else one.text for one in answers]
    return [
        answer.answered and any(holds(string, text) for string in question.answers)
        for question, answer, text in zip(asked, answers, texts, strict=True)
    ]


def _share(truths: Sequence[bool]) -> str:
    return tables.share(sum(truths), len(truths))


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = parser_of("benchmarks.answers", "Measure answers and refusals.")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--sample", type=int, default=250, help="questions of each set")
    parser.add_argument("--reader", type=Path, help="folder of a reader; left out: the built-in one")
    options = parser.parse_args(arguments)
    embedder = BuiltInEmbedder()
    columns = (
        "set", "questions", "answered", "answer holds the string", "without the alternative", "by words alone it does",
        "sentences in an answer (most)", "quotes verbatim", "refused when the paragraph is missing",
    )  # fmt: skip
    print(tables.head(*columns))
    for name in options.sets:
        print(measure(name, options.data, embedder, sample=options.sample, reader=options.reader), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
