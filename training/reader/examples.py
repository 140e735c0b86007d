"""What the reader learns from: questions, each with the passages that answer it and those that do not.

Every set is read into `Group`s. Documents are cut into passages as ingestion cuts releases, so that the reader trains
on what it will read. FQuAD, XQuAD, the Swiss releases and CLAP NQ's odd rows only ever measure.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.answering.reader.encoding import Context
from ingest.passages import split_release
from vectorstore.types import Release

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

WRITTEN = Path(__file__).parent / "written"
"""Releases with questions, conversations and claims that were written beside those of the shared data."""

HELD_OUT = 10
"""Every tenth document of the sets that were written for this project trains nothing: it chooses between models."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage under its title; `start` and `end` are the characters that answer, -1 where it does not."""

    title: str
    text: str
    published: str | None = None
    start: int = -1
    end: int = -1

    @property
    def context(self) -> Context:
        """The passage as the reader sees it."""
        return Context(self.title, self.text, date.fromisoformat(self.published) if self.published else None)

    @property
    def answer(self) -> str:
        """The words that answer."""
        return self.text[self.start : self.end] if self.start >= 0 else ""


@dataclass(frozen=True, slots=True)
class Group:
    """A question with its passages. `answers` is empty where no passage answers; `others` do not answer it.

    `subset` names where it comes from, `document` what it was asked about, `earlier` the turn before it.
    """

    subset: str
    document: str
    question: str
    kind: str
    answers: tuple[Passage, ...]
    others: tuple[Passage, ...] = ()
    earlier: str | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A text that was cut into passages, each with its place in the text."""

    id: str
    title: str
    published: str | None
    passages: tuple[Passage, ...]
    places: tuple[tuple[int, int], ...]

    def answering(self, start: int, end: int) -> Passage | None:
        """The passage that holds most of the characters from `start` to `end`, with those marked."""
        held = [(min(end, to) - max(start, at), number) for number, (at, to) in enumerate(self.places)]
        most, number = max(held, default=(0, 0))
        if most <= 0:
            return None
        passage, (at, to) = self.passages[number], self.places[number]
        first, last = max(start, at) - at, min(end, to) - at
        return Passage(passage.title, passage.text, passage.published, first, last)

    def silent(self, answer: str) -> tuple[Passage, ...]:
        """The passages in which the answer's words do not stand."""
        return tuple(one for one in self.passages if not answer or answer.lower() not in one.text.lower())


def document_of(
    name: str, title: str, text: str, *, published: str | None = None, language: str | None = None
) -> Document:
    """A text cut into passages as a release is."""
    release = Release(id=name, title=title, body=(text,), source=name, language=language)
    cut = split_release(release)
    passages = tuple(Passage(title, one.text, published) for one in cut)
    return Document(name, title, published, passages, tuple((one.start, one.end) for one in cut))


def squad(path: Path, subset: str, language: str) -> Iterator[tuple[Document, list[Group]]]:
    """Paragraphs of a set in SQuAD's format with their questions; each is a document under its article's title."""
    for article in json.loads(path.read_text("utf-8"))["data"]:
        title = " ".join(article["title"].replace("_", " ").replace("-", " ").split())
        for number, paragraph in enumerate(article["paragraphs"]):
            name = f"{subset}/{article['title']}/{number}"
            document = document_of(name, title, paragraph["context"], language=language)
            groups: list[Group] = []
            for asked in paragraph["qas"]:
                answer = asked["answers"][0]
                start = answer["answer_start"]
                span = (start, start + len(answer["text"]))
                groups += _answered(document, subset, asked["question"], "", language, span)
            yield document, groups


def stories(path: Path) -> Iterator[tuple[Document, list[Group]]]:
    """Stories and papers: one document for each different text."""
    texts: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(path):
        texts.setdefault(row["text"], []).append(row)
    for number, (text, rows) in enumerate(texts.items()):
        document = document_of(f"stories/{number}", "", text, language="en")
        groups = [
            group
            for row in rows
            for group in _answered(document, "stories", row["question"], "", "en", (row["start"], row["end"]))
        ]
        yield document, groups


def written(path: Path, subset: str = "written") -> Iterator[tuple[Document, list[Group]]]:
    """Releases with questions written for this project."""
    for row in rows_of(path):
        document = document_of(
            f"{subset}/{row['id']}", row["title"], row["text"], published=row["date"][:10], language=row["language"]
        )
        groups: list[Group] = []
        for asked in row["questions"]:
            groups += _asked(document, subset, row["text"], asked)
        yield document, groups


def conversations(path: Path, texts: Mapping[str, str]) -> Iterator[tuple[Document, list[Group]]]:
    """Turns of conversations: those that lean on the turn before come with it, and once more put alone.

    `texts` are releases by their id, for conversations that do not carry their own.
    """
    for row in rows_of(path):
        row["text"] = row.get("text") or texts[row["id"]]
        document = document_of(f"talk/{row['id']}", row["title"], row["text"], published=row["date"][:10])
        groups: list[Group] = []
        earlier: str | None = None
        for turn in row["turns"]:
            if turn["kind"] not in {"new", "leaning"}:
                continue
            asked = {"kind": turn["kind"], "language": turn.get("language", ""), "answer": turn["answer"]}
            groups += _asked(document, "talk", row["text"], {**asked, "question": turn["alone"]})
            # A new question comes with what was said before too: it must not lean on it.
            if earlier:
                groups += _asked(document, "talk", row["text"], {**asked, "question": turn["text"]}, earlier)
            earlier = turn["alone"]
        yield document, groups


def clapnq(path: Path) -> Iterator[tuple[Document, list[Group]]]:
    """CLAP NQ's even rows: the sentences that were marked are the answer, from the first to the last of them."""
    for number, line in enumerate(path.read_text("utf-8").splitlines()):
        if number % 2:
            continue
        row = json.loads(line)
        passage = row["passages"][0]
        document = document_of(f"clapnq/{row['id']}", passage["title"], passage["text"], language="en")
        marked = [sentence for output in row["output"] for sentence in output.get("selected_sentences", [])]
        places = [(at, at + len(one)) for one in marked if (at := passage["text"].find(one)) >= 0]
        if places:
            span = (places[0][0], places[0][1])
            yield document, list(_answered(document, "clapnq", row["input"], "", "en", span))
        else:
            yield document, [Group("clapnq", document.id, row["input"], "", (), document.passages, language="en")]


def _asked(
    document: Document, subset: str, text: str, asked: dict[str, Any], earlier: str | None = None
) -> Iterator[Group]:
    """A question of a row; one whose answer is empty has none."""
    question, kind, language, answer = asked["question"], asked["kind"], asked["language"], asked["answer"]
    start = asked.get("start", text.find(answer)) if answer else -1
    if answer and start >= 0:
        for group in _answered(document, subset, question, kind, language, (start, start + len(answer))):
            yield Group(**{**_fields(group), "earlier": earlier})
    elif not answer:
        yield Group(subset, document.id, question, kind, (), document.passages, earlier, language)


def _answered(
    document: Document, subset: str, question: str, kind: str, language: str, span: tuple[int, int]
) -> Iterator[Group]:
    passage = document.answering(*span)
    if passage is not None and passage.answer.strip():
        yield Group(subset, document.id, question, kind, (passage,), document.silent(passage.answer), None, language)


def _fields(group: Group) -> dict[str, Any]:
    return {name: getattr(group, name) for name in Group.__dataclass_fields__}


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file, packed or not."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def write_groups(groups: Iterable[Group], path: Path) -> None:
    """One group a line."""
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(asdict(group), ensure_ascii=False) + "\n" for group in groups)


def read_groups(path: Path) -> list[Group]:
    """What `write_groups` wrote."""
    groups = []
    for row in rows_of(path):
        for name in ("answers", "others"):
            row[name] = tuple(Passage(**one) for one in row[name])
        groups.append(Group(**row))
    return groups
