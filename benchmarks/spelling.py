"""The same questions as people type them: without accents, in capitals, with a typo, British or American.

    python -m benchmarks.spelling --data ../shared/data

A fixed sample of FQuAD (French) and XQuAD (English), beside BM25 with the language's stemmer. Stores are kept in
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
from datasets.command import parser_of, reads_shared_data
from datasets.questions import SETS
from datasets.spelling import mistyped
from vectorstore.embedders import BuiltInEmbedder
from vectorstore.text.words import american, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


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


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = parser_of("benchmarks.spelling", "Measure spellings.")
    parser.add_argument("--sample", type=int, default=300, help="questions of each set; 0 for all")
    parser.add_argument("--home", type=Path, help="where the stores are kept from one run to the next")
    options = parser.parse_args(arguments)
    print(tables.head("set", "questions", "typed", "search", *FIGURES))
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
