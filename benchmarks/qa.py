"""Question sets in SQuAD's format, as releases to ingest and questions to measure with.

    python -m benchmarks.qa fquad --data ../shared/data --out build/fquad
    communique --home build/fquad/home ingest build/fquad/releases.jsonl
    communique --home build/fquad/home eval build/fquad/questions.jsonl --search-only

Every paragraph becomes a release under its article's title; the release that answers a question is the paragraph that
the question was written for. The sets have their own licences: measure with them, keep no copy in the repository.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from datasets.command import parser_of, reads_shared_data
from datasets.files import write_json_lines
from datasets.questions import SETS, read_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from datasets.questions import Paragraph, Question


def write_set(paragraphs: Iterable[Paragraph], questions: Iterable[Question], out: Path) -> None:
    """`releases.jsonl` and `questions.jsonl` in a folder, which is made if it is missing."""
    out.mkdir(parents=True, exist_ok=True)
    write_json_lines(
        out / "releases.jsonl",
        ({"id": p.id, "title": p.title, "body": p.body, "language": p.language} for p in paragraphs),
    )
    write_json_lines(
        out / "questions.jsonl",
        (
            {
                "id": q.id,
                "question": q.question,
                "language": q.language,
                "answerable": True,
                "relevant": [q.paragraph],
                "passage_contains": list(q.answers),
            }
            for q in questions
        ),
    )


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Convert one set."""
    parser = parser_of("benchmarks.qa", "Convert a question set.")
    parser.add_argument("set", choices=sorted(SETS))
    parser.add_argument("--out", type=Path, required=True, help="folder to write releases.jsonl and questions.jsonl to")
    options = parser.parse_args(arguments)
    paragraphs, questions = read_set(options.set, options.data)
    write_set(paragraphs, questions, options.out)
    print(f"{options.set}: {len(paragraphs)} releases, {len(questions)} questions in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
