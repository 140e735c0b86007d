"""How long reading takes, and a whole answer, beside a BERT of base size that reads the same passages.

    python -m benchmarks.reading --data ../shared/data

The questions of `benchmarks.releases` on Swiss releases are asked one after the other, in its store of 3,000 releases
(`benchmarks.questions` has what an answer takes as the store grows). The BERT (12 layers of 768, random weights) reads
the passages of the last `--few` questions in the same process, with PyTorch in float32, as Haystack's reader runs
camembert-base and its like.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import tables
from benchmarks.releases import QUESTIONS, fill
from bot.answering.pipeline import Answerer
from bot.answering.reader import BUILT_IN, PAD, Encoder, OnnxReader, open_tokenizer
from bot.wiring import opened
from datasets.command import parser_of, reads_shared_data
from datasets.files import json_lines
from datasets.releases import archived

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.reader import Context, Reading


class Timed:
    """A reader that notes what it was given, and how long it took."""

    def __init__(self, reader: OnnxReader) -> None:
        self._reader = reader
        self.seconds: list[float] = []
        self.given: list[tuple[str, tuple[Context, ...]]] = []
        self.read_of: list[tuple[int, int]] = []

    def read(
        self, question: str, contexts: Sequence[Context], *, earlier: str | None = None
    ) -> tuple[Reading | None, ...]:
        """What the reader reads."""
        began = time.perf_counter()
        readings = self._reader.read(question, contexts, earlier=earlier)
        self.seconds.append(time.perf_counter() - began)
        self.given.append((question, tuple(contexts)))
        self.read_of.append((sum(one is not None for one in readings), len(readings)))
        return readings

    def compare(
        self, question: str, contexts: Sequence[Context], *, earlier: str | None = None
    ) -> tuple[tuple[Reading, ...], ...]:
        """What the reader compares; it counts with the reading before."""
        began = time.perf_counter()
        readings = self._reader.compare(question, contexts, earlier=earlier)
        self.seconds[-1] += time.perf_counter() - began
        return readings

    def supports(self, sentence: str, quote: Context) -> float:
        """What the reader says."""
        return self._reader.supports(sentence, quote)


def large(given: Sequence[tuple[str, tuple[Context, ...]]]) -> list[float]:
    """Seconds that a BERT of base size takes for the passages of each question, all in one batch."""
    import torch
    from transformers import BertConfig, BertForQuestionAnswering

    encoder = Encoder(open_tokenizer(BUILT_IN / "tokenizer.json"))
    model = BertForQuestionAnswering(BertConfig(vocab_size=60_000)).train(mode=False)
    seconds = []
    for question, contexts in given:
        began = time.perf_counter()
        encoded = encoder.questions(question, contexts)
        ids = torch.full((len(encoded), max(len(one.ids) for one in encoded)), PAD)
        for row, one in enumerate(encoded):
            ids[row, : len(one.ids)] = torch.tensor(one.ids)
        with torch.inference_mode():
            model(input_ids=ids, attention_mask=(ids != PAD).long())
        seconds.append(time.perf_counter() - began)
    return seconds


def row(name: str, milliseconds: Sequence[float], read: str = "") -> str:
    """Median, 95th percentile and the longest."""
    middle, late = np.quantile(milliseconds, (0.5, 0.95))
    return tables.row(name, len(milliseconds), *(f"{one:.0f}" for one in (middle, late, max(milliseconds))), read)


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = parser_of("benchmarks.reading", "Time the reader.")
    parser.add_argument("--reader", type=Path, help="folder of a reader; left out: the built-in one")
    parser.add_argument("--home", type=Path, help="where the stores of `benchmarks.releases` are kept")
    parser.add_argument("--every", type=int, default=1, help="ask every so manyth question alone")
    parser.add_argument("--few", type=int, default=8, help="questions that the BERT reads: seconds each")
    options = parser.parse_args(arguments)
    asked = list(json_lines(QUESTIONS))
    questions = [question["question"] for question in asked[:: options.every]]
    with tempfile.TemporaryDirectory() as folder:
        home = (options.home or Path(folder)) / "swiss"
        fill(home, archived(options.data), {question["id"] for question in asked})
        with opened(home, model="none") as built:
            reader = Timed(OnnxReader(options.reader))
            answerer = Answerer(built.retriever, reader=reader)
            answerer.invoke(questions[0])  # loads what is loaded once
            reader.seconds.clear()
            whole = [answerer.invoke(question).timings_ms["total"] for question in questions]
            stored = built.store.status()
    print(f"{stored.passages:,} passages of {stored.releases:,} releases.\n")
    columns = ("questions", "median, ms", "95th percentile", "longest", "passages read, of those found")
    print(tables.head("what", *columns))
    read, of = (sum(numbers) / len(reader.read_of) for numbers in zip(*reader.read_of, strict=True))
    print(row("reading", [1000 * one for one in reader.seconds], f"{read:.1f} of {of:.1f}"))
    print(row("the whole answer", whole))
    print(row("a BERT of base size reads the same", [1000 * one for one in large(reader.given[-options.few :])]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
