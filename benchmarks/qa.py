"""Question sets in SQuAD's format, as releases to ingest and questions to measure with.

    python -m benchmarks.qa fquad --data ../shared/data --out build/fquad
    communique --home build/fquad/home ingest build/fquad/releases.jsonl
    communique --home build/fquad/home eval build/fquad/questions.jsonl --search-only

Every paragraph becomes a release under its article's title; the release that answers a question is the paragraph that
the question was written for. The sets have their own licences: measure with them, keep no copy in the repository.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SETS = {
    "fquad": ("qa/fquad-valid.json", "fr"),
    "piaf": ("qa/piaf-v1.1.json", "fr"),
    "xquad": ("qa/xquad.en.json", "en"),
}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of an article, as a release; `article` is the article's name in the set."""

    id: str
    article: str
    title: str
    body: str
    language: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the paragraph that answers it, and the spellings of the answer."""

    id: str
    question: str
    language: str
    paragraph: str
    answers: tuple[str, ...]


def read_set(name: str, data: Path) -> tuple[list[Paragraph], list[Question]]:
    """Paragraphs and questions of a set, in its order.

    Raises:
        FileNotFoundError: the set's file is not in the data folder.

    """
    file, language = SETS[name]
    path = data / file
    if not path.is_file():
        raise FileNotFoundError(f"{name}: {path}: no such file; name the folder that holds {file} with --data")
    paragraphs: list[Paragraph] = []
    questions: list[Question] = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        title = " ".join(re.split(r"[-_\s]+", article["title"]))
        for entry in article["paragraphs"]:
            paragraph = Paragraph(f"{name}-{len(paragraphs):05}", article["title"], title, entry["context"], language)
            paragraphs.append(paragraph)
            questions.extend(_questions(entry["qas"], paragraph))
    return paragraphs, questions


def write_set(paragraphs: Iterable[Paragraph], questions: Iterable[Question], out: Path) -> None:
    """`releases.jsonl` and `questions.jsonl` in a folder, which is made where it is missing."""
    out.mkdir(parents=True, exist_ok=True)
    _write_lines(
        out / "releases.jsonl",
        ({"id": p.id, "title": p.title, "body": p.body, "language": p.language} for p in paragraphs),
    )
    _write_lines(
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Convert one set; the exit code is 1 where its file is missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.qa", description="Convert a question set.")
    parser.add_argument("set", choices=sorted(SETS))
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the question sets")
    parser.add_argument("--out", type=Path, required=True, help="folder to write releases.jsonl and questions.jsonl to")
    options = parser.parse_args(arguments)
    try:
        paragraphs, questions = read_set(options.set, options.data)
    except FileNotFoundError as exc:
        print(exc, file=sys.stderr)
        return 1
    write_set(paragraphs, questions, options.out)
    print(f"{options.set}: {len(paragraphs)} releases, {len(questions)} questions in {options.out}")
    return 0


def _questions(entries: Iterable[Mapping[str, Any]], paragraph: Paragraph) -> list[Question]:
    return [
        Question(
            id=entry["id"],
            question=entry["question"],
            language=paragraph.language,
            paragraph=paragraph.id,
            answers=tuple(dict.fromkeys(answer["text"] for answer in entry["answers"])),
        )
        for entry in entries
    ]


def _write_lines(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
