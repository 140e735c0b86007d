"""What is refused where the answer is missing, beside what is answered where it is there, for every bound.

    python -m benchmarks.refusals --data ../shared/data --plot benchmarks/refusals.png

A fixed sample of the questions of FQuAD, XQuAD and CLAP NQ's held half is asked with everything in the store, without
their whole article, and without their paragraph alone; CLAP NQ also asks what its near passages do not answer. Beside
it, in the same process on the same hits: the cosine of the first passage, the best simple bound there is.

The same run says how far the confidence is a probability: the expected calibration error over ten bins (Guo et al.,
2017) of all these questions, an answer being right where it holds the expected string, and a diagram.
"""

from __future__ import annotations

import random
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import tables
from benchmarks.missing import Rounds, clapnq
from bot.answering.citations import holds, in_turn
from bot.answering.evidence import ANSWERED_FROM, evidence_of
from bot.answering.reader import OnnxReader
from datasets.command import parser_of, reads_shared_data
from datasets.questions import read_set
from datasets.splits import clap_nq_measures
from datasets.stores import retriever_of
from vectorstore.embedders import BuiltInEmbedder
from vectorstore.text import detect_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.missing import Round
    from datasets.questions import Paragraph, Question
    from vectorstore.embedders import Embedder

SETS = ("fquad", "xquad", "clapnq")  # all of PIAF trains the reader
_ANSWERED = (0.95, 0.92, 0.9, 0.88, 0.8)
_KINDS = ("there", "article", "paragraph", "near")
_NEAR = "refused, near passages only"


@dataclass(frozen=True, slots=True)
class Sureness:
    """How sure the bot is of each question, and the baseline, by what is missing: there, article, paragraph, near.

    `right` are the same confidences once more, each with whether that answer would have been right.
    """

    ours: dict[str, list[float]] = field(default_factory=dict)
    cosine: dict[str, list[float]] = field(default_factory=dict)
    right: list[tuple[float, bool]] = field(default_factory=list)

    def see(self, one: Round, embedder: Embedder, unanswerable: frozenset[str], reader: OnnxReader) -> None:
        """Ask a round's questions."""
        retriever = retriever_of(one.store, embedder)
        for question in one.questions:
            kind = "near" if question.id in unanswerable else "there" if one.missing == "nothing" else one.missing
            language = detect_language(question.question)
            hits = retriever.find(question.question, language=language)
            more = retriever.widened(question.question, hits, language)
            read = evidence_of(question.question, more, reader, language=language, answered_from=0.0)
            self.ours.setdefault(kind, []).append(read.confidence)
            holding = kind != "near" and any(holds(string, in_turn(read.citations)) for string in question.answers)
            self.right.append((read.confidence, holding))
            self.cosine.setdefault(kind, []).append(max((hit.dense_score for hit in hits), default=0.0))


def read(name: str, data: Path) -> tuple[list[Paragraph], list[Question], frozenset[str]]:
    """A set's paragraphs, the questions that nothing was fitted on, and those of them without an answer."""
    if name == "clapnq":
        paragraphs, answerable, unanswerable = clapnq(data)
        held = clap_nq_measures(unanswerable)
        return paragraphs, [*clap_nq_measures(answerable), *held], frozenset(question.id for question in held)
    paragraphs, questions = read_set(name, data)
    return paragraphs, questions, frozenset()


def measure(name: str, data: Path, *, sample: int, reader: OnnxReader) -> Sureness:
    """Ask a set's questions, or a sample of them."""
    paragraphs, questions, unanswerable = read(name, data)
    asked = random.Random(23).sample(questions, min(sample, len(questions)))
    embedder, seen = BuiltInEmbedder(), Sureness()
    with tempfile.TemporaryDirectory() as home:
        for one in Rounds(paragraphs, embedder).of(asked, Path(home), folds=6):
            if unanswerable and one.missing != "nothing":
                break  # its near passages are what is missing
            seen.see(one, embedder, unanswerable, reader)
    return seen


def refused(seen: dict[str, list[float]], kind: str, answered: float) -> float:
    """The share of a kind's questions refused by the bound that answers this share of those with an answer."""
    bound = np.quantile(seen["there"], 1 - answered)
    return float(np.mean(np.array(seen[kind]) < bound))


def refused_share(seen: dict[str, list[float]], kind: str, answered: float) -> str:
    """The same with its interval, as a cell."""
    asked = len(seen[kind])
    return tables.share(round(refused(seen, kind, answered) * asked), asked)


def binned(right: Sequence[tuple[float, bool]]) -> list[tuple[float, float, int]]:
    """Of each tenth of confidences that has some: their mean, the share that is right, and how many they are."""
    by_bin: dict[int, list[tuple[float, bool]]] = {}
    for sure, holding in right:
        by_bin.setdefault(min(int(sure * 10), 9), []).append((sure, holding))
    return [(*(float(mean) for mean in np.mean(some, axis=0)), len(some)) for _, some in sorted(by_bin.items())]  # type: ignore[misc]


def calibration_error(right: Sequence[tuple[float, bool]]) -> float:
    """The mean distance between confidence and the share that is right, over bins, by how many lie in each."""
    return sum(abs(sure - share) * count for sure, share, count in binned(right)) / len(right)


def table(measured: dict[str, Sureness]) -> str:
    """Two tables: the bounds of the settings, and the curves."""
    columns = ("set", "questions", "refusing", "answered", *(f"refused, {kind} missing" for kind in _KINDS[1:3]), _NEAR)
    lines = [tables.head(*columns)]
    for name, seen in measured.items():
        for setting, bound in ANSWERED_FROM.items():
            below = {kind: sum(value < bound for value in values) for kind, values in seen.ours.items()}
            cells = [tables.share(below.get(kind, 0), len(seen.ours.get(kind, ()))) for kind in _KINDS[1:]]
            asked = len(seen.ours["there"])
            lines.append(tables.row(name, asked, setting, tables.share(asked - below["there"], asked), *cells))
    curve = (f"refused at {share:.0%} answered" for share in _ANSWERED)
    lines += ["", tables.head("set", "questions", "missing", "by", *curve)]
    for name, seen in measured.items():
        for kind in [kind for kind in seen.ours if kind != "there"]:
            for by, values in (("ours", seen.ours), ("cosine", seen.cosine)):
                cells = [refused_share(values, kind, share) for share in _ANSWERED]
                lines.append(tables.row(name, len(values[kind]), kind, by, *cells))
    lines += ["", tables.head("set", "confidences", "expected calibration error")]
    for name, right in {**{name: seen.right for name, seen in measured.items()}, "all": _all(measured)}.items():
        lines.append(tables.row(name, len(right), f"{calibration_error(right):.3f}"))
    return "\n".join(lines)


def _all(measured: dict[str, Sureness]) -> list[tuple[float, bool]]:
    return [one for seen in measured.values() for one in seen.right]


def plot(measured: dict[str, Sureness], path: Path) -> None:
    """As a picture, left: reliability, all sets together; right: refused where it is missing, by what is answered."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    sure, share, counts = zip(*binned(_all(measured)), strict=True)
    left.plot(sure, share, "o-")
    for x, y, count in zip(sure, share, counts, strict=True):
        left.annotate(str(count), (x, y), xytext=(4, -10), textcoords="offset points", fontsize=7)
    left.set(title="reliability (with how many)", xlabel="confidence", ylabel="right", xlim=(0, 1), ylim=(0, 1))
    shares = np.linspace(0.5, 1.0, 101)
    for color, (name, seen) in enumerate(measured.items()):
        kind = "paragraph" if "paragraph" in seen.ours else "near"
        for values, style, by in ((seen.ours, "-", ""), (seen.cosine, ":", ", by cosine")):
            curve = [refused(values, kind, answered) for answered in shares]
            right.plot(shares, curve, style, color=f"C{color}", label=f"{name}{by}")
    right.set(title="refusing", xlabel="answered where the answer is there", ylabel="refused where it is missing")
    right.set(xlim=(0.5, 1), ylim=(0, 1))
    right.legend(loc="lower left", fontsize=7)
    figure.savefig(path, dpi=100)


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = parser_of("benchmarks.refusals", "Measure refusals.")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--sample", type=int, default=120, help="questions of each set")
    parser.add_argument("--plot", type=Path, help="a PNG to write the curves to")
    parser.add_argument("--reader", type=Path, help="folder of a reader; left out: the built-in one")
    options = parser.parse_args(arguments)
    reader = OnnxReader(options.reader)
    measured = {name: measure(name, options.data, sample=options.sample, reader=reader) for name in options.sets}
    print(table(measured))
    if options.plot:
        plot(measured, options.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
