"""Step 6: how reading and retrieval are weighed, and how sure the best answer is; both printed for `ranking.py`.

    python -m training.reader.rank --out build/reader --data ../shared/data

All releases that were written for this project lie in one store. Those held out of training are asked about through
retriever, windows and reader; each answerable question once more without its release. The weights of a window are
fitted by logistic regression over all windows, those of the sentences that are read side by side over these, and how
sure the best one is, before and after, over all questions (Platt, 1999). Where the reader was not taught from all that
is written, `--untaught releases-e newswire-a` names the files whose questions are asked as well.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import zlib
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.answering.evidence import MOST_READ, prefer_language
from bot.answering.ranking import (
    ReadWindow,
    Weights,
    certainty,
    compared,
    comparison,
    confidence,
    features,
    joined,
    ranked,
    side_by_side,
)
from bot.answering.reader import OnnxReader
from bot.answering.windows import windows_of
from datasets.command import parser_of, reads_shared_data
from datasets.files import json_lines
from datasets.stores import filled, retriever_of
from training.data import SEED
from training.reader.data import documents, is_kept
from training.reader.evaluate import platt
from training.reader.examples import WRITTEN
from vectorstore.embedders import BuiltInEmbedder
from vectorstore.text import detect_language
from vectorstore.types import Release

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bot.answering.reader import Reading
    from bot.answering.retriever import PassageRetriever
    from bot.answering.windows import Window
    from training.reader.examples import Document, Group


def text_of(document: Document) -> str:
    """A document's whole text, put together again from its passages."""
    text = ""
    for passage, (start, _) in zip(document.passages, document.places, strict=True):
        text = text[:start].ljust(start) + passage.text
    return text


@dataclass(slots=True)
class Tried:
    """One question: the windows that were read, and what was read side by side of those that `weights` ranked first."""

    group: Group
    windows: list[Window]
    readings: list[Reading]
    found: Sequence[ReadWindow] = ()
    rivals: Sequence[Sequence[ReadWindow]] = ()
    beside: Sequence[Sequence[Reading]] = ()

    def without_its_release(self) -> Tried:
        """The same as if the release that answers were not in the store."""
        pairs = [pair for pair in zip(self.windows, self.readings, strict=True) if not self.is_own(pair[0])]
        return Tried(self.group, [window for window, _ in pairs], [reading for _, reading in pairs])

    def compare(self, reader: OnnxReader, weights: Weights) -> None:
        """Rank by the weights of windows, and read what comes first side by side."""
        question, earlier = self.group.question, self.group.earlier
        self.found = ranked(question, self.windows, self.readings, earlier=earlier, weights=weights)
        self.rivals = side_by_side(self.found)
        self.beside = reader.compare(question, list(map(joined, self.rivals)), earlier=earlier)

    def is_right(self, found: ReadWindow) -> bool:
        """Whether the sentence around the marked words holds, or touches, the answer."""
        answer = self.group.answers[0].answer if self.group.answers else ""
        if not answer or not self.is_own(found.window):
            return False
        place = found.window.release.text.find(answer)
        return any(a < place + len(answer) and place < b for a, b in found.places)

    def ordered(self, weights: Weights) -> list[ReadWindow]:
        """What was found, likeliest first, by what was read side by side."""
        return compared(self.found, self.rivals, self.beside, weights=weights)

    def is_own(self, window: Window) -> bool:
        """Whether a window is of the release that the question was asked about."""
        return window.release.id == self.group.document


def tried(group: Group, retriever: PassageRetriever, reader: OnnxReader) -> Tried:
    """Ask one question."""
    language = group.language or detect_language(group.question)
    hits = retriever.widened(group.question, retriever.find(group.question, language=language), language)
    windows = windows_of(prefer_language(hits, language))[:MOST_READ]
    readings = reader.read(group.question, [window.context for window in windows], earlier=group.earlier)
    pairs = [(window, reading) for window, reading in zip(windows, readings, strict=True) if reading]
    return Tried(group, [window for window, _ in pairs], [reading for _, reading in pairs])


def fitted(some: Sequence[Tried], reader: OnnxReader) -> Weights:
    """All three, one after the other."""
    weights = Weights()
    pairs = [(one, w, reading) for one in some for w, reading in zip(one.windows, one.readings, strict=True)]
    rows = [features(window, reading) for _, window, reading in pairs]
    right = [one.is_right(ReadWindow.of(window, reading, 0.0)) for one, window, reading in pairs]
    weights = replace(weights, window=platt(np.array(rows), np.array(right, dtype=float)))
    for one in some:
        one.compare(reader, weights)
    groups = [(one, *each) for one in some for each in zip(one.rivals, one.beside, strict=True)]
    rows = [row for _, rivals, beside in groups for row in comparison(rivals, beside)]
    right = [one.is_right(rival) for one, rivals, _ in groups for rival in rivals]
    weights = replace(weights, compared=platt(np.array(rows), np.array(right, dtype=float)))
    answered = [one for one in some if one.found]
    bests = [one.ordered(weights) for one in answered]
    truth = np.array([float(one.is_right(found[0])) for one, found in zip(answered, bests, strict=True)])
    alone = platt(np.array([certainty(one.found) for one in answered]), truth)
    return replace(weights, alone=alone, best=platt(np.array([certainty(found) for found in bests]), truth))


def measured(some: Sequence[Tried], reader: OnnxReader, weights: Weights) -> dict[str, float]:
    """What weights are worth on questions that they were not fitted on, always answering but where it says more."""
    for one in some:
        one.compare(reader, weights)
    bests = [one.ordered(weights) for one in some]
    sure = np.array(
        [confidence(found, one.found, weights) if found else 0.0 for one, found in zip(some, bests, strict=True)]
    )
    right = np.array([bool(found) and one.is_right(found[0]) for one, found in zip(some, bests, strict=True)])
    first = np.array([bool(one.found) and one.is_right(one.found[0]) for one in some])
    there = np.array([any(map(one.is_right, one.found)) for one in some])
    answerable = np.array([bool(one.group.answers) and any(map(one.is_own, one.windows)) for one in some])
    bins = np.minimum((sure * 10).astype(int), 9)
    apart = [
        abs(float(sure[bins == n].mean() - right[bins == n].mean())) * float((bins == n).mean()) for n in set(bins)
    ]
    figures = {
        "answerable": float(answerable.sum()),
        "right, each passage by itself": float(first[answerable].mean()),
        "right, side by side": float(right[answerable].mean()),
        "expected calibration error": float(sum(apart)),
    }
    for share in (0.95, 0.9, 0.88, 0.8):
        bound = np.quantile(sure[there], 1 - share)
        figures[f"refused at {share:.0%} answered"] = float(np.mean(sure[~there] < bound))
    return figures


def asked_of(data: Path, untaught: Collection[str]) -> tuple[list[Release], list[Group]]:
    """All releases that were written, and the questions on those that the reader was not taught from."""
    paths = [path for path in WRITTEN.iterdir() if path.name.removesuffix(".jsonl.gz") in untaught]
    fresh = {f"written/{row.get('release') or row['id']}" for path in paths for row in json_lines(path)}
    releases: dict[str, Release] = {}
    groups: list[Group] = []
    for seen, (document, asked) in enumerate((d, a) for subset, d, a in documents(data) if subset == "written"):
        releases[document.id] = Release(
            id=document.id,
            title=document.title,
            body=(text_of(document),),
            source="",
            language=asked[0].language if asked else None,
            published=datetime.fromisoformat(document.published).replace(tzinfo=UTC) if document.published else None,
        )
        groups += asked if document.id in fresh or is_kept("written", document, seen) else []
    return list(releases.values()), groups


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the weights, and what they are worth on every second question when they are fitted on the others."""
    parser = parser_of("training.reader.rank", "Weigh reading and retrieval.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="reader")
    parser.add_argument("--reader", type=Path, help="folder of a reader; left out: what was exported")
    parser.add_argument("--untaught", nargs="*", default=[], help="files whose questions are asked as well")
    parser.add_argument("--limit", type=int, default=0, help="questions, 0 for all")
    options = parser.parse_args(arguments)
    reader = OnnxReader(options.reader or options.out / options.name / "export", longest=60)
    releases, groups = asked_of(options.data, options.untaught)
    groups = random.Random(SEED).sample(groups, options.limit or len(groups))
    with tempfile.TemporaryDirectory() as home:
        embedder = BuiltInEmbedder()
        store = filled(releases, embedder, Path(home))
        retriever = retriever_of(store, embedder)
        there = [tried(group, retriever, reader) for group in groups]
        store.close()
    some = [*there, *(one.without_its_release() for one in there if one.group.answers)]
    halves = [[one for one in some if zlib.crc32(one.group.document.encode()) % 2 == half] for half in (0, 1)]
    figures = [measured(mine, reader, fitted(others, reader)) for mine, others in (halves, halves[::-1])]
    print(json.dumps(asdict(fitted(some, reader)) | {"questions": len(groups)}, indent=2))
    for name in figures[0]:
        print(f"{name}: {np.mean([one[name] for one in figures]):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
