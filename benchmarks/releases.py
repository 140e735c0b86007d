"""Questions on releases that trained nothing, written by somebody who saw no code, before anything was run.

    python -m benchmarks.releases --data ../shared/data

The files of questions hold places in those releases' text and no text of theirs: `swiss_questions.jsonl` and
`federal_questions.jsonl` on releases of the Swiss government, of all kinds; `later_questions.jsonl` on forty more of
them, after everything was fitted; `plain_questions.jsonl` on sixty more, put as people put them, where most of the
others were to share few words with what answers; `why_questions.jsonl` on those and on newswire, of why, how, what is,
what for, yes or no. The releases asked about lie among 3,000, the Swiss ones in both languages. An answer is right
where it quotes the place that answers (or one of its alternatives); where it quotes the release's version in the other
language, whose places nobody noted, it counts apart. The sentence that shares most words with the question is the
baseline, in the same process on the same store.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import tables
from benchmarks.words_reader import WordsReader
from bot.answering.citations import find_quote
from bot.answering.pipeline import Answerer
from bot.answering.reader import OnnxReader
from bot.wiring import opened
from datasets.command import parser_of, reads_shared_data
from datasets.files import json_lines
from datasets.releases import archived, pair_of, sampled, write_releases
from ingest.types import Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from bot.answering.reader import Reader
    from bot.answering.types import Answer, Citation
    from datasets.releases import Archived

QUESTIONS = Path(__file__).with_name("swiss_questions.jsonl")
SETS = {
    "swiss": QUESTIONS,
    "why": QUESTIONS.with_name("why_questions.jsonl"),
    "federal": QUESTIONS.with_name("federal_questions.jsonl"),
    "later": QUESTIONS.with_name("later_questions.jsonl"),
    "plain": QUESTIONS.with_name("plain_questions.jsonl"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its release, as the file of releases has it, and what was answered."""

    question: dict[str, Any]
    release: Archived
    answer: Answer
    hits: tuple[str, ...]

    @property
    def outcome(self) -> str:
        """`right`, `twin`, `wrong`, or `refused`."""
        if not self.answer.answered:
            return "refused"
        if self._is_right(self.answer.citations):
            return "right"
        cited = {one.release.id for one in self.answer.citations}
        if self.release.id in cited:
            return "wrong"
        return "twin" if pair_of(self.release.id) in map(pair_of, cited) else "wrong"

    @property
    def is_first_right(self) -> bool:
        """Whether it is right without the alternative that stands beside an answer that is not certain."""
        return self.answer.answered and self._is_right(self.answer.main_citations)

    def _is_right(self, citations: Sequence[Citation]) -> bool:
        return any(self._answers(one.release.text, one.start, one.end, one.release.id) for one in citations)

    def _answers(self, text: str, start: int, end: int, release: str) -> bool:
        places = [
            [self.question["field"], self.question["start"], self.question["end"]],
            *self.question["alternatives"],
        ]
        for field, first, last in places if release == self.release.id and self.question["field"] else []:
            found = find_quote(getattr(self.release, field)[first:last], text)
            if found and found[0] < end and start < found[1]:
                return True
        return False


def asked(
    home: Path, releases: Mapping[str, Archived], questions: Sequence[dict[str, Any]], reader: Reader
) -> Iterator[Asked]:
    """Every question answered."""
    with opened(home, model="none") as built:
        answerer = Answerer(built.retriever, reader=reader)
        for question in questions:
            hits = built.retriever.find(question["question"])
            answer = answerer.invoke(question["question"])
            yield Asked(question, releases[question["id"]], answer, tuple(hit.release.id for hit in hits))


def table(of_set: str, by: dict[str, list[Asked]]) -> str:
    """A row for each way to answer a set: what was found, what was right, what was refused."""
    outcomes_head = ("right", "without the alternative", "in its other version", "wrong", "refused")
    refusals_head = ("near misses refused", "near misses")
    lines = [tables.head("set", "by", "questions", "release among ten", *outcomes_head, *refusals_head)]
    for name, some in by.items():
        there = [one for one in some if one.question["field"]]
        missing = [one for one in some if not one.question["field"]]
        outcomes = Counter(one.outcome for one in there)
        found = sum(pair_of(one.release.id) in map(pair_of, one.hits) for one in there)
        counts = [outcomes["right"], sum(one.is_first_right for one in there)]
        counts += [outcomes[kind] for kind in ("twin", "wrong", "refused")]
        shares = [tables.share(count, len(there)) for count in counts]
        refused = tables.share(sum(not one.answer.answered for one in missing), len(missing))
        lines.append(
            tables.row(of_set, name, len(there), tables.share(found, len(there)), *shares, refused, len(missing))
        )
    kinds = sorted({one.question["kind"] for one in next(iter(by.values())) if one.question["field"]})
    lines += ["", tables.head("set", "right, by kind", *kinds)]
    for name, some in by.items():
        there = [one for one in some if one.question["field"]]
        of = Counter(one.question["kind"] for one in there)
        right = Counter(one.question["kind"] for one in there if one.outcome in {"right", "twin"})
        lines.append(tables.row(of_set, name, *(f"{right[kind]} of {of[kind]}" for kind in kinds)))
    return "\n".join(lines)


def fill(home: Path, releases: Mapping[str, Archived], wanted: Collection[str]) -> None:
    """A store of the wanted releases among others, unless it is there from an earlier run."""
    if not (home / "catalogue.sqlite3").is_file():
        with tempfile.TemporaryDirectory() as folder, opened(home, model="none") as built:
            path = Path(folder) / "releases.jsonl"
            write_releases(path, sampled(releases, wanted))
            built.new_pipeline().run(Source(location=str(path)))


def measure(name: str, data: Path, reader: Path | None, home: Path, *, every: int = 1) -> dict[str, list[Asked]]:
    """A set's questions, or every so manyth, answered by words alone and by the reader."""
    questions = list(json_lines(SETS[name]))
    releases = archived(data, with_newswire=name == "why")
    fill(home, releases, {question["id"] for question in questions})
    return {
        by: list(asked(home, releases, questions[::every], one))
        for by, one in (("words", WordsReader()), ("reader", OnnxReader(reader)))
    }


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; with --show each answer by the reader, to be read."""
    parser = parser_of("benchmarks.releases", "Ask about releases.")
    parser.add_argument("--sets", nargs="+", choices=sorted(SETS), default=sorted(SETS))
    parser.add_argument("--reader", type=Path, help="folder of a reader; left out: the built-in one")
    parser.add_argument("--home", type=Path, help="where the stores are kept from one run to the next")
    parser.add_argument("--every", type=int, default=1, help="ask every so manyth question alone")
    parser.add_argument("--show", action="store_true", help="print each question with its answer")
    options = parser.parse_args(arguments)
    for name in options.sets:
        with tempfile.TemporaryDirectory() as folder:
            by = measure(name, options.data, options.reader, (options.home or Path(folder)) / name, every=options.every)
        print(f"{table(name, by)}\n", flush=True)
        for one in by["reader"] if options.show else ():
            print(f"\n{one.outcome} {one.answer.confidence:.2f} [{one.question['kind']}] {one.question['question']}")
            print(f"    {one.answer.text}\n    wanted: {one.question['sentence_gist'] or 'a refusal'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
