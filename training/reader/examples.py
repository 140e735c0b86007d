"""What the reader learns from: questions, each with the passages that answer it and those that do not.

Every set is read into `Group`s. Documents are cut into passages as ingestion cuts releases, so that the reader trains
on what it will read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answering.reader import Context
from datasets import questions
from datasets.conversations import written as written_conversations
from datasets.files import json_lines, write_json_lines
from datasets.questions import read_set
from datasets.releases import WrittenQuestion
from datasets.splits import clap_nq_trains
from ingest.passages import split_release
from vectorstore.types import Release

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from datasets.questions import Kind, Question, Story
    from datasets.releases import WrittenRelease

WRITTEN = Path(__file__).parent / "written"
"""Releases with questions, conversations and claims that were written beside those of the shared data."""


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


def squad(data: Path, name: str) -> Iterator[tuple[Document, list[Group]]]:
    """Paragraphs of a set in SQuAD's format with their questions; each is a document under its article's title."""
    paragraphs, every = read_set(name, data)
    asked: dict[str, list[Question]] = {}
    for question in every:
        asked.setdefault(question.paragraph, []).append(question)
    places: Counter[str] = Counter()
    for paragraph in paragraphs:
        identity = f"{name}/{paragraph.article}/{places[paragraph.article]}"
        places[paragraph.article] += 1
        document = document_of(identity, paragraph.title, paragraph.body, language=paragraph.language)
        groups: list[Group] = []
        for one in asked.get(paragraph.id, ()):
            span = (one.start, one.start + len(one.answers[0]))
            groups += _answered(document, name, one.question, "", one.language, span)
        yield document, groups


def stories(data: Path) -> Iterator[tuple[Document, list[Group]]]:
    """Stories and papers: one document for each different text."""
    texts: dict[str, list[Story]] = {}
    for story in questions.stories(data):
        texts.setdefault(story.text, []).append(story)
    for number, (text, asked) in enumerate(texts.items()):
        document = document_of(f"stories/{number}", "", text, language="en")
        groups = [
            group
            for story in asked
            for group in _answered(document, "stories", story.question, "", "en", (story.start, story.end))
        ]
        yield document, groups


def written(some: Iterable[WrittenRelease]) -> Iterator[tuple[Document, list[Group]]]:
    """Releases with questions written for this project."""
    for release in some:
        document = document_of(
            f"written/{release.id}",
            release.title,
            release.text,
            published=release.date[:10],
            language=release.language,
        )
        groups: list[Group] = []
        for asked in release.questions:
            groups += _asked(document, "written", asked)
        yield document, groups


def conversations(path: Path, texts: Mapping[str, str]) -> Iterator[tuple[Document, list[Group]]]:
    """Turns of conversations: those that lean on the turn before come with it, and once more put alone.

    `texts` are releases by their id, for conversations that do not carry their own.
    """
    for one in written_conversations(path):
        text = one.text or texts[one.id]
        document = document_of(f"talk/{one.id}", one.title, text, published=one.date[:10])
        groups: list[Group] = []
        earlier: str | None = None
        for turn in one.turns:
            if turn.kind not in {"new", "leaning"}:
                continue
            alone = WrittenQuestion(turn.language, turn.kind, turn.alone, turn.answer, text.find(turn.answer))
            groups += _asked(document, "talk", alone)
            # A new question comes with what was said before too: it must not lean on it.
            if earlier:
                groups += _asked(document, "talk", replace(alone, question=turn.text), earlier)
            earlier = turn.alone
        yield document, groups


def clapnq(data: Path, kind: Kind) -> Iterator[tuple[Document, list[Group]]]:
    """The part of CLAP NQ that trains: the first of the sentences that were marked is the answer."""
    for one in clap_nq_trains(list(questions.clap_nq(data, kind))):
        document = document_of(f"clapnq/{one.id}", one.title, one.text, language="en")
        places = [(at, at + len(sentence)) for sentence in one.evidence if (at := one.text.find(sentence)) >= 0]
        if places:
            yield document, list(_answered(document, "clapnq", one.question, "", "en", places[0]))
        else:
            yield document, [Group("clapnq", document.id, one.question, "", (), document.passages, language="en")]


def _asked(document: Document, subset: str, asked: WrittenQuestion, earlier: str | None = None) -> Iterator[Group]:
    """A question of a document; one whose answer is empty has none."""
    if asked.answer and asked.start >= 0:
        span = (asked.start, asked.start + len(asked.answer))
        for group in _answered(document, subset, asked.question, asked.kind, asked.language, span):
            yield replace(group, earlier=earlier)
    elif not asked.answer:
        yield Group(subset, document.id, asked.question, asked.kind, (), document.passages, earlier, asked.language)


def _answered(
    document: Document, subset: str, question: str, kind: str, language: str, span: tuple[int, int]
) -> Iterator[Group]:
    passage = document.answering(*span)
    if passage is not None and passage.answer.strip():
        yield Group(subset, document.id, question, kind, (passage,), document.silent(passage.answer), None, language)


def write_groups(groups: Iterable[Group], path: Path) -> None:
    """One group a line."""
    write_json_lines(path, map(asdict, groups))


def read_groups(path: Path) -> list[Group]:
    """What `write_groups` wrote."""
    groups = []
    for row in json_lines(path):
        for name in ("answers", "others"):
            row[name] = tuple(Passage(**one) for one in row[name])
        groups.append(Group(**row))
    return groups
