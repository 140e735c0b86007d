"""The same questions as people type them: without accents, in capitals, with a typo, British or American.

python -m benchmarks.spelling --data ../shared/data
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.qa import SETS
from benchmarks.retrieval import as_corpus, asked_of, figures, filled, ours, rank_of, words_alone
from vectorstore.embedders import BuiltInEmbedder
from vectorstore.text.words import american, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def with_typo(question: str) -> str:
    """The question with one letter lost, doubled, replaced or swapped, in its longest word."""
    chance = random.Random(question)
    words = question.split(" ")
    place = max(range(len(words)), key=lambda number: len(words[number]))
    word = words[place]
    if len(word) < 4:
        return question
    at = chance.randrange(1, len(word) - 1)
    words[place] = chance.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + chance.choice(_LETTERS) + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; the exit code is 1 where a set's file is missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spelling", description="Measure spellings.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the question sets")
    parser.add_argument("--sample", type=int, default=800, help="questions of each set")
    options = parser.parse_args(arguments)
    print(f"| set | typed | search | hit@1 | hit@10 | hit@20 | MRR@10 |\n|{'---|' * 7}")
    for name in ("fquad", "xquad"):
        try:
            paragraphs, questions = asked_of(name, options.data, options.sample)
        except FileNotFoundError as exc:
            print(exc, file=sys.stderr)
            return 1
        corpus, embedder = as_corpus(paragraphs), BuiltInEmbedder()
        with tempfile.TemporaryDirectory() as home, filled(corpus, embedder, Path(home)) as store:
            ways = {"Communiqué": ours(store, embedder), "BM25, stemmed": words_alone(corpus, SETS[name][1])}
            for typed, change in TYPED.items():
                for way, find in ways.items():
                    ranks = [rank_of(q.paragraph, find(replace(q, question=change(q.question)))) for q in questions]
                    print(f"| {name} | {typed} | {way} | {figures(ranks).row()} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
