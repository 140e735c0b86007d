"""How fast texts are embedded on one core, and how long late interaction takes over 50 passages.

    python -m benchmarks.speed --data ../shared/data

Texts are the first 100 words of the Swiss releases, half of them French. Every figure is the best of three rounds for
the model and of one for the baseline, on one thread, and each round is of texts that are new to the process: how words
that came before are cut is remembered.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from benchmarks import tables
from benchmarks.timing import Spent, milliseconds
from datasets.command import parser_of, reads_shared_data
from datasets.releases import swiss

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WORDS = 100
MANY, FEW = 3_000, 100
ROUNDS = 3
QUESTIONS = 200


def texts(data: Path, count: int) -> list[str]:
    """Texts of 100 words, half French, half English. Raises MissingDataError."""
    found: list[str] = []
    for code in ("fr", "en"):
        bodies = (f"{release.lead} {release.body}".split() for release in swiss(data, code))
        found += islice((" ".join(words[:WORDS]) for words in bodies if len(words) >= WORDS), count // 2)
    return found


def embedding(data: Path) -> None:
    """Texts a second, ours and the baseline's."""
    import torch

    from benchmarks.retrieval import BASELINE
    from vectorstore.embedders import BUILT_IN, embedder_named

    torch.set_num_threads(1)
    print(tables.head("model", "texts a second"))
    for name, count, times in ((BUILT_IN, MANY, ROUNDS), (BASELINE, FEW, 1)):
        embedder, (first, *some) = embedder_named(name), texts(data, count * times + 2)
        embedder.embed_passages([first])
        rounds = (some[start::times][:count] for start in range(times))
        quickest = min(milliseconds(partial(embedder.embed_passages, each)) for each in rounds)
        print(tables.row(name, f"{1000 * count / quickest:,.0f}"), flush=True)


def interaction(data: Path) -> None:
    """Milliseconds of a comparison with 50 passages."""
    from vectorstore.embedders.subwords import built_in
    from vectorstore.retrieval.late_interaction import LateInteraction

    stage, some = LateInteraction(built_in), texts(data, QUESTIONS + 50)
    passages = stage.numbers(some[:50])
    questions = [" ".join(text.split()[:12]) for text in some[50:]]
    stage.compare(questions[0], passages, range(50))
    spent = [milliseconds(partial(stage.compare, question, passages, range(50))) for question in questions]
    print("\n" + tables.head("late interaction", "questions", "ms, p50 / p95"))
    print(tables.row(f"12 words with 50 passages of {WORDS}", len(spent), Spent(spent)))


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    options = parser_of("benchmarks.speed", "Measure embedding on one core.").parse_args(arguments)
    os.environ |= {"TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    embedding(options.data)
    interaction(options.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
