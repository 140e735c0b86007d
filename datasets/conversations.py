"""Conversations and their turns: CANARD's, and those written for this project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from datasets.files import json_lines, shared_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class CanardTurn:
    """A question, and its rewriting by a person that stands alone.

    `history` is the article, its section, then questions and answers by turns.
    """

    history: tuple[str, ...]
    question: str
    rewrite: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn: what is typed, its kind, the question that stands alone, and the answer, "" if there is none."""

    text: str
    kind: str
    alone: str
    answer: str
    language: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns on a release; `text` is "" if the release is in another file, under the same id."""

    id: str
    title: str
    date: str
    text: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class ShortTurn:
    """A turn of which only the kind is known, behind the question before it."""

    text: str
    kind: str
    before: str


def canard(data: Path) -> Iterator[CanardTurn]:
    """CANARD's turns, dialogue by dialogue. Raises MissingDataError."""
    for row in json_lines(shared_file(data, "qa/canard-dev.en.jsonl.gz")):
        yield CanardTurn(tuple(row["history"]), row["question"], row["rewrite"])


def written_by_the_data(data: Path) -> Path:
    """The file of the conversations that were written for this project. Raises MissingDataError."""
    return shared_file(data, "qa/conversations-written.jsonl.gz")


def written(path: Path) -> Iterator[Conversation]:
    """The written conversations of a file, in their order."""
    for row in json_lines(path):
        turns = tuple(
            Turn(one["text"], one["kind"], one["alone"], one["answer"], one.get("language", "")) for one in row["turns"]
        )
        yield Conversation(row["id"], row["title"], row["date"], row.get("text", ""), turns)


def short_turns(path: Path) -> Iterator[ShortTurn]:
    """The turns of a file of single ones, in their order."""
    return (ShortTurn(row["text"], row["kind"], row.get("before", "")) for row in json_lines(path))
