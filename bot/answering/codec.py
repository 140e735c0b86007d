"""Answers as JSON and back: what `--json` prints, what is kept of an answer that was shown, and who may know it later.

The models' fields, in their order, are the contract; moments are ISO 8601, and releases are named by id and version.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, AliasChoices, AliasPath, BaseModel, ConfigDict, Field, PlainSerializer

from bot.answering.types import Answer, Citation, Conversation, Note, NoteKind, Refusal, Reply, Searched
from bot.redaction import shareable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.answering.retriever import SearchableStore
    from vectorstore.types import Filter

# As `datetime.isoformat` writes it; pydantic would write Z for +00:00.
Moment = Annotated[datetime, PlainSerializer(datetime.isoformat, return_type=str, when_used="json-unless-none")]


class Record(BaseModel):
    """Something as JSON: frozen, its fields in the order in which they are written.

    `model_validate` makes one of the object that it records, or of what was read from JSON.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)


class ReleaseRecord(Record):
    """A release without its text, its address without passwords."""

    id: str
    version: int
    title: str
    publisher: str | None
    published: Moment | None
    updated: Moment | None
    language: str | None
    url: Annotated[str | None, AfterValidator(shareable)]
    withdrawn: Moment | None


class CitationRecord(Record):
    """A quote; `answer_start` and `answer_end` are the words in it that answer, `page` is where a PDF has it.

    `alternative` is whether it may answer in place of those before, which are likelier.
    """

    key: str
    quote: str
    start: int
    end: int
    # Answers that were kept before readers marked words have neither.
    answer_start: int | None = Field(None, validation_alias=AliasChoices("answer_start", AliasPath("answer", 0)))
    answer_end: int | None = Field(None, validation_alias=AliasChoices("answer_end", AliasPath("answer", 1)))
    page: int | None = None
    release: ReleaseRecord
    link: str | None
    speaker: str | None
    alternative: bool = False

    def revived(self, store: SearchableStore) -> Citation | None:
        """With the release in the version that it was made of; None where that was removed."""
        release = store.records.get(self.release.id, self.release.version)
        if release is None:
            return None
        marked = self.answer_start is not None and self.answer_end is not None
        answer = (self.answer_start, self.answer_end) if marked else None
        place = self.key, self.quote, self.start, self.end
        return Citation(*place, release, self.link, self.speaker, answer, self.alternative)  # type: ignore[arg-type]


class SearchedRecord(Record):
    """What a search looked at."""

    releases: int
    since: Moment | None
    until: Moment | None
    publishers: tuple[str, ...]


class RefusalRecord(Record):
    """Why there is no answer, and what came nearest."""

    reason: str
    searched: SearchedRecord
    nearest: tuple[ReleaseRecord, ...]

    def revived(self, store: SearchableStore) -> Refusal:
        """With those of the nearest releases that are still stored."""
        nearest = (store.records.get(one.id, one.version) for one in self.nearest)
        searched = self.searched
        return Refusal(
            self.reason,
            Searched(searched.releases, searched.since, searched.until, searched.publishers),
            tuple(release for release in nearest if release),
        )


class ReplyRecord(Record):
    """What was said to a turn that asks nothing of the releases' texts."""

    kind: str
    releases: tuple[ReleaseRecord, ...]
    rest: int

    def revived(self, store: SearchableStore) -> Reply:
        """With those of the listed releases that are still stored."""
        listed = (store.records.get(one.id, one.version) for one in self.releases)
        return Reply(self.kind, tuple(release for release in listed if release), self.rest)


class NoteRecord(Record):
    """A sentence beside an answer."""

    kind: NoteKind
    text: str


class UsageRecord(Record):
    """What a language model was asked for."""

    input_tokens: int
    output_tokens: int
    cost: float | None
    estimated: bool


class AnswerRecord(Record):
    """An answer, a refusal, or a reply; confidence is rounded to four digits, milliseconds to two."""

    question: str
    standalone_question: str
    answered: bool
    answer: str = Field(validation_alias=AliasChoices("answer", "text"))
    language: str
    citations: tuple[CitationRecord, ...]
    refusal: RefusalRecord | None
    reply: ReplyRecord | None = None
    confidence: Annotated[float, AfterValidator(partial(round, ndigits=4))]
    model: str
    as_of: Moment
    notes: tuple[NoteRecord, ...]
    usage: UsageRecord | None = None
    timings_ms: dict[str, Annotated[float, AfterValidator(partial(round, ndigits=2))]]

    @property
    def release_ids(self) -> frozenset[str]:
        """The releases that it cites, names as the nearest, or lists."""
        return release_ids_of(self)

    def revived(self, store: SearchableStore) -> Answer | None:
        """The answer with its releases in the versions it was made of; None where one that it quotes was removed."""
        citations = tuple(found for one in self.citations if (found := one.revived(store)))
        if len(citations) < len(self.citations):
            return None
        return Answer(
            question=self.question,
            standalone_question=self.standalone_question,
            text=self.answer,
            language=self.language,
            citations=citations,
            refusal=self.refusal.revived(store) if self.refusal else None,
            reply=self.reply.revived(store) if self.reply else None,
            confidence=self.confidence,
            model=self.model,
            as_of=self.as_of,
            timings_ms=self.timings_ms,
            notes=tuple(Note(one.kind, one.text) for one in self.notes),
        )


def answer_payload(answer: Answer) -> dict[str, Any]:
    """An answer as plain dicts and lists."""
    return AnswerRecord.model_validate(answer).model_dump(mode="json")


def release_ids_of(answer: Answer | AnswerRecord) -> frozenset[str]:
    """The releases that an answer quotes, lists, or names as the nearest."""
    nearest = answer.refusal.nearest if answer.refusal else ()
    listed = answer.reply.releases if answer.reply else ()
    cited = (one.release.id for one in answer.citations)
    return frozenset([*cited, *(one.id for one in nearest), *(one.id for one in listed)])


def is_within(release_ids: Iterable[str], where: Filter, store: SearchableStore) -> bool:
    """Whether all of some releases lie within the scopes of a filter."""
    named = set(release_ids)
    return not (where.scopes and named) or named == store.records.among(named, where.scopes_alone)


def question_alone(answer: Answer) -> Answer:
    """An answer as far as its question tells, in the person's own words: nothing that came from a release."""
    asked = answer.question if answer.standalone_question else ""
    return Answer(
        answer.question, asked, "", answer.language, (), None, 0.0, "none", answer.as_of, {}, forgets=answer.forgets
    )


def known_within(conversation: Conversation, where: Filter, store: SearchableStore) -> Conversation:
    """A conversation of which only the questions are left where an answer told of releases outside the scopes."""
    if not where.scopes:
        return conversation
    turns = (
        turn
        if is_within(release_ids_of(turn.answer), where, store)
        else replace(turn, answer=question_alone(turn.answer))
        for turn in conversation.turns
    )
    return Conversation(tuple(turns))
