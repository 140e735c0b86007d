"""Step 6: how reading and retrieval are weighed, and how sure the best answer is; both printed for `ranking.py`.

    python -m training.reader.rank --out build/reader --data ../shared/data

All releases that were written for this project lie in one store. Those held out of training are asked about through
retriever, windows and reader; each answerable question once more without its release. The weights of a window are
fitted by logistic regression over all windows, the confidence of the best one over all questions (Platt, 1999).
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.answering.evidence import ReadWindow, features
from bot.answering.reader import OnnxReader
from bot.answering.windows import windows_of
from datasets.command import parser_of, reads_shared_data
from datasets.stores import filled, retriever_of
from training.reader.data import documents, is_kept
from training.reader.evaluate import platt
from vectorstore.embedders import BuiltInEmbedder
from vectorstore.text import detect_language
from vectorstore.types import Release

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.reader import Reading
    from bot.answering.retriever import PassageRetriever
    from bot.answering.windows import Window
    from training.reader.examples import Document, Group


@dataclass(frozen=True, slots=True)
class Tried:
    """What was read for one question: the windows that were read, and whether each one's sentence is right."""

    group: Group
    windows: tuple[Window, ...]
    readings: tuple[Reading, ...]
    right: tuple[bool, ...]

    def without(self, release: str) -> Tried:
        """The same as if a release were not in the store."""
        kept = [n for n, window in enumerate(self.windows) if window.release.id != release]
        windows, readings = ([part[n] for n in kept] for part in (self.windows, self.readings))
        return Tried(self.group, tuple(windows), tuple(readings), (False,) * len(kept))  # type: ignore[arg-type]


def text_of(document: Document) -> str:
    """A document's whole text, put together again from its passages."""
    text = ""
    for passage, (start, _) in zip(document.passages, document.places, strict=True):
        text = text[:start].ljust(start) + passage.text
    return text


def tried(group: Group, retriever: PassageRetriever, reader: OnnxReader) -> Tried:
    """Ask one question."""
    language = group.language or detect_language(group.question)
    windows = windows_of(retriever.widened(group.question, retriever.find(group.question, language=language), language))
    readings = reader.read(group.question, [window.context for window in windows], earlier=group.earlier)
    pairs = [(window, reading) for window, reading in zip(windows, readings, strict=True) if reading]
    right = tuple(_is_right(group, ReadWindow(window, reading, 0.0)) for window, reading in pairs)
    return Tried(group, tuple(window for window, _ in pairs), tuple(reading for _, reading in pairs), right)


def _is_right(group: Group, found: ReadWindow) -> bool:
    """Whether the sentence around the marked words holds, or touches, the answer."""
    answer = group.answers[0].answer if group.answers else ""
    release = found.window.release
    if not answer or release.id != group.document:
        return False
    place = release.text.find(answer)
    return any(a < place + len(answer) and place < b for a, b in found.window.around(found.start, found.end))


def weights_of(some: Sequence[Tried]) -> tuple[float, ...]:
    """What each feature of a window counts, the bias last."""
    pairs = ((window, reading) for one in some for window, reading in zip(one.windows, one.readings, strict=True))
    rows = np.array([features(window, reading) for window, reading in pairs])
    return platt(rows, np.array([float(right) for one in some for right in one.right]))


def best_of(one: Tried, weights: Sequence[float]) -> tuple[float, float, bool]:
    """The log odds of the best window, how far they lie above the best of another release, and whether it is right."""
    scores = [
        float(np.dot(weights[:-1], features(window, reading)) + weights[-1])
        for window, reading in zip(one.windows, one.readings, strict=True)
    ]
    if not scores:
        return -10.0, 0.0, False
    best = int(np.argmax(scores))
    own = one.windows[best].release.id
    others = [score for score, window in zip(scores, one.windows, strict=True) if window.release.id != own]
    return scores[best], min(scores[best] - max(others), 10.0) if others else 10.0, one.right[best]


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the weights, and what they are worth by tenfold cross-validation."""
    parser = parser_of("training.reader.rank", "Weigh reading and retrieval.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="reader")
    parser.add_argument("--limit", type=int, default=0, help="questions, 0 for all")
    options = parser.parse_args(arguments)
    reader = OnnxReader(options.out / options.name / "export", longest=60)
    releases, groups, seen = [], [], 0
    for subset, document, asked in documents(options.data):
        if subset != "written":
            continue
        language = asked[0].language if asked else None
        releases.append(
            Release(id=document.id, title=document.title, body=(text_of(document),), source="", language=language)
        )
        groups += asked if is_kept(subset, document, seen) else []
        seen += 1
    with tempfile.TemporaryDirectory() as home:
        embedder = BuiltInEmbedder()
        store = filled(releases, embedder, Path(home))
        retriever = retriever_of(store, embedder)
        some = [tried(group, retriever, reader) for group in groups[: options.limit or None]]
        store.close()
    some += [one.without(one.group.document) for one in some if one.group.answers]
    weights = weights_of(some)
    bests = [best_of(one, weights) for one in some]
    sure = platt(np.array([best[:2] for best in bests]), np.array([float(best[2]) for best in bests]))
    answerable = sum(bool(group.answers) for group in groups[: options.limit or None])
    right = [best[2] for one, best in zip(some, bests, strict=True) if one.group.answers][:answerable]
    print(json.dumps({"window": weights, "best": sure, "questions": len(some)}, indent=2))
    print(f"right, always answering: {np.mean(right):.3f} of {answerable}")
    for share in (0.95, 0.9, 0.88, 0.8):
        there = np.array([_logit(best, sure) for one, best in zip(some, bests, strict=True) if any(one.right)])
        gone = np.array([_logit(best, sure) for one, best in zip(some, bests, strict=True) if not any(one.right)])
        print(f"at {share:.0%} answered, refused {np.mean(gone < np.quantile(there, 1 - share)):.3f}")
    return 0


def _logit(best: tuple[float, float, bool], sure: Sequence[float]) -> float:
    return best[0] * sure[0] + best[1] * sure[1] + sure[2]


if __name__ == "__main__":
    sys.exit(main())
