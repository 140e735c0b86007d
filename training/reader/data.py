"""Step 2: questions with the passages that answer them, and passages that are near and do not.

    python -m training.reader.data --data ../shared/data --out build/reader

writes `train.jsonl.gz`, `chosen-by.jsonl.gz` (never trained on, for choosing between models), `claims.jsonl.gz` and
`data.json` (how many of each). A question's `others` are the hardest of the passages that do not hold its answer: first
those of its own document, then those of its set that have most words in common with it (BM25).
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from datasets import conversations as talks
from datasets import releases
from datasets.command import parser_of, reads_shared_data
from datasets.splits import chooses, written_chooses
from training.data import SEED
from training.reader.altered import altered
from training.reader.claims import claims_of, write_claims
from training.reader.examples import WRITTEN, clapnq, conversations, squad, stories, write_groups, written
from vectorstore.text.words import index_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from training.reader.examples import Document, Group, Passage

NEAR = 6
"""Passages of other documents that are kept for each question."""


def documents(data: Path) -> Iterator[tuple[str, Document, list[Group]]]:
    """Every set that may train, document by document, with the set's name."""
    paths = [releases.written_by_the_data(data), *sorted(WRITTEN.glob("releases-*.jsonl.gz"))]
    with_questions = [release for path in paths for release in releases.written(path)]
    texts = {release.id: release.text for release in with_questions}
    for path in sorted(WRITTEN.glob("newswire-*.jsonl.gz")):
        with_questions += releases.asked_newswire(path, data)
    with_turns = [talks.written_by_the_data(data), *sorted(WRITTEN.glob("conversations-*.jsonl.gz"))]
    for name, read in (
        ("piaf", squad(data, "piaf")),
        ("stories", stories(data)),
        ("clapnq", clapnq(data, "answerable")),
        ("clapnq", clapnq(data, "unanswerable")),
        ("written", written(with_questions)),
        *(("talk", conversations(path, texts)) for path in with_turns),
    ):
        for document, groups in read:
            yield name, document, groups


def is_kept(subset: str, document: Document, number: int) -> bool:
    """Whether a document is kept out of training, to choose between models."""
    if subset in {"written", "talk"}:
        return written_chooses(number)
    return subset == "piaf" and chooses(document.id.split("/")[1])


class Near:
    """The passages of one set, found by the words that they share with a question."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        import bm25s

        self._passages = list(passages)
        self._index = bm25s.BM25()
        self._index.index([index_words(f"{one.title} {one.text}", None) for one in self._passages], show_progress=False)

    def of(self, group: Group, count: int = NEAR) -> tuple[Passage, ...]:
        """Those that fit a question best, less those that hold its answer or lie in its own document."""
        asked = index_words(" ".join(filter(None, (group.earlier, group.question))), None)
        if not asked:
            return ()
        found, _ = self._index.retrieve([asked], k=min(count * 3, len(self._passages)), show_progress=False)
        own = {one.text for one in (*group.answers, *group.others)}
        said = [one.answer.lower() for one in group.answers]
        near = [
            passage
            for passage in (self._passages[number] for number in found[0])
            if passage.text not in own and not any(answer in passage.text.lower() for answer in said)
        ]
        return tuple(near[:count])


def gathered(rows: Iterable[tuple[str, Document, list[Group]]]) -> tuple[list[Group], list[Group]]:
    """All questions with their near passages, shuffled: those that train, those that choose."""
    by_set: dict[str, list[tuple[bool, Document, list[Group]]]] = {}
    for subset, document, groups in rows:
        seen = by_set.setdefault(subset, [])
        seen.append((is_kept(subset, document, len(seen)), document, groups))
    train: list[Group] = []
    kept: list[Group] = []
    for seen in by_set.values():
        for keeps in (False, True):
            mine = [(document, groups) for kept_out, document, groups in seen if kept_out == keeps]
            if not mine:
                continue
            near = Near([passage for document, _ in mine for passage in document.passages])
            asked = [one for _, groups in mine for one in groups]
            if not keeps:
                asked += altered(asked)
            (kept if keeps else train).extend(replace(one, others=(*one.others, *near.of(one))) for one in asked)
    random.Random(SEED).shuffle(train)
    return train, kept


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Write the sets, unless they are there."""
    parser = parser_of("training.reader.data", "Gather questions.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args(arguments)
    out = options.out
    if (out / "data.json").is_file():
        print(f"{out}/data.json is there: nothing to do")
        return 0
    out.mkdir(parents=True, exist_ok=True)
    train, kept = gathered(documents(options.data))
    write_groups(train, out / "train.jsonl.gz")
    write_groups(kept, out / "chosen-by.jsonl.gz")
    claims, kept_claims = claims_of(options.data)
    write_claims(claims, out / "claims.jsonl.gz")
    write_claims(kept_claims, out / "claims-chosen-by.jsonl.gz")
    counts = {
        "train": Counter(one.subset + ("" if one.answers else " none") for one in train),
        "chosen-by": Counter(one.subset + ("" if one.answers else " none") for one in kept),
        "claims": Counter(f"{one.kind} {one.supported}" for one in claims),
        "claims, chosen-by": len(kept_claims),
    }
    (out / "data.json").write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(counts, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
