"""The same questions as people type them: without accents, in capitals, with a typo, British or American.

    python -m benchmarks.spelling --data ../shared/data

A fixed sample of FQuAD (French) and XQuAD (English), beside BM25 with the language's stemmer; then what is answered
right of the first of these questions, beside the sentence that shares most words with each. Stores are kept in
`--home`.
"""

from __future__ import annotations

import random
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import tables
from benchmarks.retrieval import FIGURES, as_corpus, asked_of, figures, ours, rank_of, standing, words_alone
from benchmarks.words_reader import WordsReader
from bot.answering.citations import holds
from bot.answering.pipeline import Answerer
from datasets.command import parser_of, reads_shared_data
from datasets.questions import SETS
from datasets.spelling import mistyped
from datasets.stores import retriever_of
from vectorstore.embedders import BuiltInEmbedder
from vectorstore.text.words import american, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from datasets.questions import Question
    from vectorstore.embedders import Embedder
    from vectorstore.store import PassageStore


def with_typo(question: str) -> str:
    """The question with one letter lost, doubled, replaced or swapped, in its longest word."""
    words = question.split(" ")
    place = max(range(len(words)), key=lambda number: len(words[number]))
    if len(words[place]) < 4:
        return question
    words[place] = mistyped(words[place], random.Random(question))
    return " ".join(words)


def american_words(question: str) -> str:
    """The question with its British words spelt as in America."""
    return " ".join(american(word) if word.islower() else word for word in question.split(" "))


TYPED: dict[str, Callable[[str], str]] = {
    "as written": lambda question: question,
    "without accents": fold,
    "in capitals": str.upper,
    "in lower case": str.lower,
    "a typo in the longest word": with_typo,
    "American": american_words,
}
ANSWERED = {
    "as written": TYPED["as written"],
    "in lower case, without accents": lambda question: fold(question).lower(),
    "in capitals": str.upper,
    "a typo in the longest word": with_typo,
}


def answered(name: str, questions: Sequence[Question], store: PassageStore, embedder: Embedder) -> Iterator[str]:
    """The rows of what is answered right, however it is typed."""
    retriever = retriever_of(store, embedder)
    answerers = Answerer(retriever), Answerer(retriever, refusing="seldom", reader=WordsReader())
    for typed, change in ANSWERED.items():
        right = [
            [
                any(holds(string, answer.text) for string in question.answers) and answer.answered
                for question in questions
                for answer in [answerer.invoke(change(question.question))]
            ]
            for answerer in answerers
        ]
        yield tables.row(name, len(questions), typed, *(tables.share(sum(one), len(one)) for one in right))


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = parser_of("benchmarks.spelling", "Measure spellings.")
    parser.add_argument("--sample", type=int, default=300, help="questions of each set; 0 for all")
    parser.add_argument("--home", type=Path, help="where the stores are kept from one run to the next")
    parser.add_argument("--answers", type=int, default=80, help="questions of each set that are answered")
    options = parser.parse_args(arguments)
    print(tables.head("set", "questions", "typed", "search", *FIGURES))
    rows: list[str] = []
    for name in ("fquad", "xquad"):
        paragraphs, questions = asked_of(name, options.data, options.sample)
        corpus, embedder = as_corpus(paragraphs), BuiltInEmbedder()
        with (
            tempfile.TemporaryDirectory() as folder,
            standing(corpus.releases, embedder, (options.home or Path(folder)) / name) as store,
        ):
            ways = {"Communiqué": ours(store, embedder), "BM25, stemmed": words_alone(corpus, SETS[name][1])}
            for typed, change in TYPED.items():
                for way, find in ways.items():
                    ranks = [rank_of(q.paragraph, find(replace(q, question=change(q.question)))) for q in questions]
                    print(tables.row(name, len(ranks), typed, way, *figures(ranks).cells()), flush=True)
            rows += answered(name, questions[: options.answers], store, embedder)
    print()
    print(tables.head("set", "questions", "typed", "answered right", "by words alone"))
    print(*rows, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
