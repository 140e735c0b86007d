"""The model's two languages: nearest neighbours on newstest2014, beside all-MiniLM-L6-v2.

    python -m benchmarks.bitext --data ../shared/data

The error is the share of sentences whose nearest sentence in the other language, by cosine, is not their translation
(as Artetxe and Schwenk, 2019, count it; LASER published 1.07 and 1.13 % on the sister set newstest2012).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.retrieval import BASELINE
from training.evaluate import neighbour_error
from vectorstore.embedders import BUILT_IN, embedder_named

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; the exit code is 1 where the data is absent."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bitext", description="Measure both languages.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the parallel text")
    options = parser.parse_args(arguments)
    path = options.data / "parallel/newstest2014.tsv"
    if not path.is_file():
        print(f"{path}: no such file; name the data folder with --data", file=sys.stderr)
        return 1
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    print("| model | sentences | English to French, error | French to English, error |\n|---|---|---|---|")
    for name in (BUILT_IN, BASELINE):
        embedder = embedder_named(name, batch_size=32)
        english, french = (embedder.embed_passages([row[side] for row in rows]) for side in (0, 1))
        there, back = neighbour_error(english, french)
        print(f"| {name} | {len(rows)} | {there:.2%} | {back:.2%} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
