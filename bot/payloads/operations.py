"""What operations did and found, as JSON: ingestions, backups, migrations, takedowns, and open questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.answering.citations import quote_link
from bot.answering.codec import Moment, Record, ReleaseRecord
from bot.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.operations.backup import Backup
    from bot.operations.questions import QuestionGroup
    from bot.state.questions import RefusedQuestion
    from ingest.report import IngestReport
    from vectorstore.migrate import Moved
    from vectorstore.store import PassageStore, StoreStatus
    from vectorstore.types import Doubted, StoredRelease, Takedown

Payload = dict[str, Any]


def report_payload(report: IngestReport) -> Payload:
    """What an ingestion did, altogether and of each source."""
    return _counts(report) | {"sources": [{"source": _told(part.source)} | _counts(part) for part in report.parts]}


def _counts(report: IngestReport) -> Payload:
    left_out = ((report.beyond_limit, "--limit"), (report.before_since, "--since"))
    told = [f"left out: {count} release{'' if count == 1 else 's'}, by {option}" for count, option in left_out if count]
    return {
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "withdrawn": report.withdrawn,
        "failed": [{"source": redacted(one.source), "error": redacted(one.error)} for one in report.failed],
        "doubted": [{"source": redacted(one.source), "error": redacted(one.error)} for one in report.doubted],
        "warnings": [*map(redacted, report.warnings), *told],
        "duplicates": report.duplicates,
        "left_out": {
            "limit": report.beyond_limit,
            "since": report.before_since,
            "taken_down": report.taken_down,
        },
        "passages": report.passages,
        "twins": report.twins,
        "requests": report.requests,
        "not_modified": report.not_modified,
        "seconds": round(report.seconds, 3),
    }


def verified_payload(status: StoreStatus) -> Payload:
    """When the catalogue was last verified, and what is damaged in it, or None."""
    return {"verified": _time(status.verified), "damage": status.damage}


def backup_payload(backup: Backup) -> Payload:
    """What a backup holds."""
    return {"moment": backup.moment.isoformat(timespec="seconds"), "parts": backup.parts}


def moved_payload(moved: Sequence[Moved]) -> Payload:
    """What a migration copied, part by part, with the counts at both ends."""
    return {
        "parts": [
            {
                "part": one.part,
                "source": redacted(one.source),
                "target": redacted(one.target),
                "begun": one.begun,
                "counts": {count.name: {"source": count.source, "target": count.target} for count in one.counts},
            }
            for one in moved
        ]
    }


def takedown_payload(takedown: Takedown) -> Payload:
    """What was taken down, without a word of it."""
    return {
        "id": takedown.release_id,
        "removed": takedown.moment.isoformat(),
        "allowed_again": _time(takedown.allowed),
        "addresses": list(takedown.addresses),
    }


def doubted_payload(page: Doubted) -> Payload:
    """A page that is kept aside."""
    return {
        "address": page.address,
        "release_id": page.release_id,
        "cause": page.cause,
        "since": page.since.isoformat(),
        "seen": page.seen.isoformat(),
        "title": page.title,
        "text": page.text,
    }


def _told(text: str | None) -> str | None:
    return redacted(text) if text else text


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


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
