"""The model's two languages: nearest neighbours on newstest2014, beside all-MiniLM-L6-v2.

    python -m benchmarks.bitext --data ../shared/data

The error is the share of sentences whose nearest sentence in the other language, by cosine, is not their translation
(as Artetxe and Schwenk, 2019, count it; LASER published 1.07 and 1.13 % on the sister set newstest2012).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from benchmarks import tables
from benchmarks.retrieval import BASELINE
from datasets.command import parser_of, reads_shared_data
from datasets.parallel import neighbour_error, newstest
from vectorstore.embedders import BUILT_IN, embedder_named

if TYPE_CHECKING:
    from collections.abc import Sequence


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = parser_of("benchmarks.bitext", "Measure both languages.")
    parser.add_argument("--sample", type=int, help="the first so many sentences in place of all")
    options = parser.parse_args(arguments)
    rows = newstest(options.data)[: options.sample]
    print(tables.head("model", "sentences", "English to French, error", "French to English, error"))
    for name in (BUILT_IN, BASELINE):
        embedder = embedder_named(name, batch_size=32)
        english, french = (embedder.embed_passages([row[side] for row in rows]) for side in (0, 1))
        there, back = neighbour_error(english, french)
        print(tables.row(name, len(rows), f"{there:.2%}", f"{back:.2%}"), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
