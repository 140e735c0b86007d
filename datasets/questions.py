"""Question sets: paragraphs, the questions that were written for them, and the words that answer.

FQuAD and PIAF (French), XQuAD (English) in SQuAD's format; CLAP NQ, where some passages do not answer; stories and
papers. Each has its own licence; FQuAD and XQuAD only ever measure.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from datasets.files import json_lines, shared_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Kind: TypeAlias = Literal["answerable", "unanswerable"]
"""Of CLAP NQ's questions."""

SETS = {
    "fquad": ("qa/fquad-valid.json", "fr"),
    "piaf": ("qa/piaf-v1.1.json", "fr"),
    "xquad": ("qa/xquad.en.json", "en"),
}
"""Sets in SQuAD's format: the file, and its language."""


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
    """A question, the paragraph that answers it, and the spellings of the answer.

    `start` is where the first of them stands in the paragraph, -1 if that is not known.
    """

    id: str
    question: str
    language: str
    paragraph: str
    answers: tuple[str, ...]
    start: int = -1


@dataclass(frozen=True, slots=True)
class ClapNq:
    """A question of CLAP NQ, its passage, and the sentences that answer: none if the passage does not."""

    id: str
    question: str
    title: str
    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A question on a story or a paper; the characters from `start` to `end` of the text answer it."""

    question: str
    text: str
    start: int
    end: int


def read_set(name: str, data: Path) -> tuple[list[Paragraph], list[Question]]:
    """Paragraphs and questions of one of `SETS`, in its order. Raises MissingDataError."""
    file, language = SETS[name]
    paragraphs: list[Paragraph] = []
    questions: list[Question] = []
    for article in json.loads(shared_file(data, file).read_text(encoding="utf-8"))["data"]:
        title = " ".join(re.split(r"[-_\s]+", article["title"]))
        for entry in article["paragraphs"]:
            paragraph = Paragraph(f"{name}-{len(paragraphs):05}", article["title"], title, entry["context"], language)
            paragraphs.append(paragraph)
            questions.extend(_question(asked, paragraph) for asked in entry["qas"])
    return paragraphs, questions


def _question(entry: Mapping[str, Any], paragraph: Paragraph) -> Question:
    return Question(
        id=entry["id"],
        question=entry["question"],
        language=paragraph.language,
        paragraph=paragraph.id,
        answers=tuple(dict.fromkeys(answer["text"] for answer in entry["answers"])),
        start=entry["answers"][0].get("answer_start", -1) if entry["answers"] else -1,
    )


def clap_nq(data: Path, kind: Kind) -> Iterator[ClapNq]:
    """The questions of one kind, in their order. Raises MissingDataError."""
    for row in json_lines(shared_file(data, f"qa/clapnq_dev_{kind}.jsonl")):
        passage = row["passages"][0]
        evidence = tuple(text for output in row["output"] for text in output.get("selected_sentences", ()))
        yield ClapNq(row["id"], row["input"], passage["title"], passage["text"], evidence)


def stories(data: Path) -> Iterator[Story]:
    """Questions on stories and papers, in their order. Raises MissingDataError."""
    for row in json_lines(shared_file(data, "qa/stories-and-papers.en.jsonl.gz")):
        yield Story(row["question"], row["text"], row["start"], row["end"])
