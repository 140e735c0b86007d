"""Questions that could not be answered, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.answering.citations import quote_link
from bot.answering.codec import Moment, Record, ReleaseRecord

if TYPE_CHECKING:
    from bot.operations.question_groups import QuestionGroup
    from bot.state.questions import RefusedQuestion
    from vectorstore.store import PassageStore
    from vectorstore.types import StoredRelease


class AnsweredRecord(Record):
    """What a release says to a question that could not be answered when it was asked; without it once it is gone."""

    moment: Moment
    quote: str | None
    link: str | None
    release: ReleaseRecord | None

    @classmethod
    def of(cls, question: RefusedQuestion, release: StoredRelease | None) -> AnsweredRecord | None:
        """None for a question that is still open; `release` is the version that it names."""
        if question.answered is None or question.quote is None:
            return None
        start, end = question.quote.start, question.quote.end
        return cls(
            moment=question.answered,
            quote=release.text[start:end] if release else None,
            link=quote_link(release, start, end) if release else None,
            release=ReleaseRecord.of(release) if release else None,
        )


class WordingRecord(Record):
    """A question as it was asked, within which bounds, and what was said to it."""

    id: str
    question: str
    language: str
    times: int
    first: Moment
    last: Moment
    reason: str
    languages: tuple[str, ...]
    publishers: tuple[str, ...]
    since: Moment | None
    until: Moment | None

    @classmethod
    def of(cls, question: RefusedQuestion) -> WordingRecord:
        """As it is kept."""
        where = question.where
        return cls(
            id=question.id,
            question=question.question,
            language=question.language,
            times=question.times,
            first=question.first,
            last=question.last,
            reason=question.reason,
            languages=where.languages,
            publishers=where.publishers,
            since=where.since,
            until=where.until,
        )


class QuestionGroupRecord(Record):
    """Questions that could not be answered and want the same."""

    question: str
    times: int
    first: Moment
    last: Moment
    answered: AnsweredRecord | None
    wordings: tuple[WordingRecord, ...]


def question_group_payload(group: QuestionGroup, store: PassageStore) -> dict[str, Any]:
    """Questions that want the same; what answers one of them now is read from the store."""
    answered = None
    if (question := group.answered) and question.quote:
        answered = AnsweredRecord.of(question, store.get(question.quote.release_id, question.quote.version))
    told = QuestionGroupRecord(
        question=group.example.question,
        times=group.times,
        first=group.first,
        last=group.last,
        answered=answered,
        wordings=tuple(map(WordingRecord.of, group.questions)),
    )
    return told.model_dump(mode="json")
