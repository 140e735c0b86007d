"""How fast texts are embedded on one core, and how long late interaction takes over 50 passages.

    python -m benchmarks.speed --data ../shared/data

Texts are the first 100 words of the Swiss releases, half of them French. Every figure is the best of five rounds for
the model and of one for the baseline, on one thread.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import sys
import time
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WORDS = 100
MANY, FEW = 4_000, 100
QUESTIONS = 200


def texts(data: Path, count: int) -> list[str]:
    """Texts of 100 words, half French, half English. Raises FileNotFoundError."""
    found: list[str] = []
    for code in ("fr", "en"):
        with gzip.open(data / f"releases/swiss_2018-2022.{code}.jsonl.gz", "rt", encoding="utf-8") as lines:
            bodies = (f"{entry['lead']} {entry['body']}".split() for entry in map(json.loads, lines))
            found += islice((" ".join(words[:WORDS]) for words in bodies if len(words) >= WORDS), count // 2)
    return found


def best(measured: Callable[[], object], times: int) -> float:
    """Seconds of the quickest run."""

    def once() -> float:
        began = time.perf_counter()
        measured()
        return time.perf_counter() - began

    return min(once() for _ in range(times))


def embedding(data: Path) -> None:
    """Texts a second, ours and the baseline's."""
    import torch

    from benchmarks.retrieval import BASELINE
    from vectorstore.embedders import BUILT_IN, embedder_named

    torch.set_num_threads(1)
    print(f"| model | texts a second, {WORDS} words each, one core |\n|---|---|")
    for name, count, times in ((BUILT_IN, MANY, 5), (BASELINE, FEW, 1)):
        embedder, some = embedder_named(name), texts(data, count)
        embedder.embed_passages(some[:10])
        seconds = best(partial(embedder.embed_passages, some), times)
        print(f"| {name} | {len(some) / seconds:,.0f} |", flush=True)


def interaction(data: Path) -> None:
    """Milliseconds of a comparison with 50 passages."""
    from vectorstore.embedders.subwords import built_in
    from vectorstore.retrieval.late_interaction import LateInteraction

    stage, some = LateInteraction(built_in), texts(data, QUESTIONS + 50)
    passages = stage.numbers(some[:50])
    questions = [" ".join(text.split()[:12]) for text in some[50:]]
    stage.compare(questions[0], passages, range(50))
    spent = [best(partial(stage.compare, question, passages, range(50)), 1) * 1000 for question in questions]
    cuts = statistics.quantiles(spent, n=20)
    print(
        f"\nLate interaction, a question of 12 words and 50 passages of {WORDS} words: "
        f"{statistics.median(spent):.1f} ms at the median, {cuts[18]:.1f} ms at the 95th percentile."
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; the exit code is 1 where the data is absent."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description="Measure embedding on one core.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the releases")
    options = parser.parse_args(arguments)
    os.environ |= {"TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    try:
        embedding(options.data)
        interaction(options.data)
    except FileNotFoundError as exc:
        print(f"{exc.filename}: no such file; name the data folder with --data", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
