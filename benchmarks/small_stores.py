"""Refusing in a store of ten releases, all of them near the question: with the one that answers it, and without.

    python -m benchmarks.small_stores --data ../shared/data

A young newsroom has few releases, and many on one subject. For each question of FQuAD and XQuAD the ten paragraphs of
its set that are found first make a store, and the ten without the one that answers make another. Beside it: the cosine
of the first passage. Questions are a fixed sample of each set.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import tables
from benchmarks.missing import Round, Rounds
from benchmarks.refusals import Sureness, read, refused_share
from bot.answering.reader import OnnxReader
from datasets.command import parser_of, reads_shared_data
from datasets.stores import retriever_of
from vectorstore.embedders import BuiltInEmbedder

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

SETS = ("fquad", "xquad")
_RELEASES = 10
_ANSWERED = (0.95, 0.88, 0.8)


def measure(name: str, data: Path, *, sample: int, reader: OnnxReader) -> Sureness:
    """Ask a sample of a set's questions, each in two stores of its own."""
    paragraphs, questions, _ = read(name, data)
    embedder, seen = BuiltInEmbedder(), Sureness()
    rounds = Rounds(paragraphs, embedder)
    with tempfile.TemporaryDirectory() as folder:
        whole = rounds.store(Path(folder) / "whole", lambda _: False)
        retriever = retriever_of(whole, embedder)
        for number, question in enumerate(random.Random(41).sample(questions, min(sample, len(questions)))):
            hits = retriever.find(question.question, limit=3 * _RELEASES)
            near = [one for one in dict.fromkeys(hit.release.id for hit in hits) if one != question.paragraph]
            for missing, chosen in (
                ("nothing", [question.paragraph, *near[: _RELEASES - 1]]),
                ("paragraph", near[:_RELEASES]),
            ):
                store = rounds.store(Path(folder) / f"{missing}-{number}", _all_but(chosen))
                seen.see(Round(missing, store, (question,)), embedder, frozenset(), reader)  # type: ignore[arg-type]
                store.close()
        whole.close()
    return seen


def _all_but(chosen: Collection[str]) -> Callable[[str], bool]:
    return lambda release: release not in chosen


def row(name: str, by: str, values: dict[str, list[float]]) -> str:
    """Refused where the answer is missing, for each share answered where it is there."""
    cells = [refused_share(values, "paragraph", share) for share in _ANSWERED]
    return tables.row(name, len(values["there"]), by, *cells)


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = parser_of("benchmarks.small_stores", "Refuse in small stores.")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--sample", type=int, default=60, help="questions of each set")
    parser.add_argument("--reader", type=Path, help="folder of a reader; left out: the built-in one")
    options = parser.parse_args(arguments)
    print(tables.head("set", "questions", "by", *(f"refused at {one:.0%} answered" for one in _ANSWERED)))
    for name in options.sets:
        seen = measure(name, options.data, sample=options.sample, reader=OnnxReader(options.reader))
        print(row(name, "ours", seen.ours))
        print(row(name, "cosine", seen.cosine), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
