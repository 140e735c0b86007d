"""What is stored as JSON: what `--json` prints and the web server's API answers.

The fields of the records, in their order, are the contract, as those of `bot.answering.codec` are for answers.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, AliasPath, Field

from bot.answering.codec import CitationRecord, Moment, NoteRecord, Record, ReleaseRecord, SearchedRecord
from bot.redaction import file_name, redacted, without_folders

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.retriever import WordMatch
    from bot.answering.timeline import Timeline
    from bot.operations.names import SourceState
    from vectorstore.store import StoreStatus
    from vectorstore.text.sentences import Difference
    from vectorstore.types import Event, Hit, Relations, StoredRelease

Payload = dict[str, Any]


class MatchRecord(Record):
    """A word of a passage that a word of the question is found in; offsets count in the passage's text."""

    start: int
    end: int
    likeness: float


class HitRecord(Record):
    """One passage that a search found."""

    rank: int
    score: float
    dense_rank: int | None
    lexical_rank: int | None
    passage_id: str
    text: str
    start: int
    end: int
    matches: tuple[MatchRecord, ...]
    release: ReleaseRecord

    @classmethod
    def of(cls, hit: Hit, matches: Sequence[WordMatch]) -> HitRecord:
        """With the places in its text that match."""
        return cls(
            rank=hit.rank,
            score=round(hit.score, 6),
            dense_rank=hit.dense_rank,
            lexical_rank=hit.lexical_rank,
            passage_id=hit.passage.id,
            text=hit.passage.text,
            start=hit.passage.start,
            end=hit.passage.end,
            matches=tuple(
                MatchRecord(start=one.start, end=one.end, likeness=round(one.likeness, 4)) for one in matches
            ),
            release=ReleaseRecord.model_validate(hit.release),
        )


class FullReleaseRecord(ReleaseRecord):
    """One version of a release with all that is stored of it, without passwords."""

    lead: str | None
    text: str
    source: Annotated[str, AfterValidator(redacted)]
    pair: str | None
    author: str | None
    section: str | None
    translations: tuple[str, ...]
    content_hash: str
    first_seen: Moment
    pages: tuple[int, ...]
    scanned: tuple[int, ...]


class TwinRecord(Record):
    """The same release in the other language, and how sure that is."""

    id: str
    reason: str
    score: float


class ShownReleaseRecord(FullReleaseRecord):
    """A release with its text and what it belongs together with."""

    twins: tuple[TwinRecord, ...]
    corrects: str | None
    corrected_by: tuple[str, ...]


class ChangeRecord(Record):
    """Sentences that stand in place of others; either may be empty."""

    before: str
    after: str


class VersionRecord(FullReleaseRecord):
    """One version of a release, and what it changed of the one before."""

    changes: tuple[ChangeRecord, ...]


class EmbedderRecord(Record):
    """The model that the store was written with; nothing in a store that never held a passage."""

    name: str | None
    dimension: int | None


class SourceRecord(Record):
    """A source and how it fares; what is not known before its first run is null."""

    location: str
    name: str | None
    standing: str
    in_settings: bool
    paused: Moment | None
    releases: int
    last_run: Moment | None
    outcome: str | None
    last_success: Moment | None
    failures: int
    error: str | None
    next_run: Moment | None

    @classmethod
    def of(cls, state: SourceState) -> SourceRecord:
        """Without passwords."""
        health = state.health
        return cls(
            location=redacted(state.location),
            name=state.name,
            standing=state.standing,
            in_settings=state.in_settings,
            paused=state.paused,
            releases=state.releases,
            last_run=health.last_run if health else None,
            outcome=health.outcome if health else None,
            last_success=health.last_success if health else None,
            failures=health.failures if health else 0,
            error=redacted(health.error) if health and health.error else None,
            next_run=health.next_run if health else None,
        )


class StatusRecord(Record):
    """What a store holds, and how its sources fare."""

    releases: int
    passages: int
    by_language: dict[str, int]
    newest: Moment | None
    last_ingest: Moment | None
    embedder: EmbedderRecord
    consistent: bool
    home: str
    catalogue: str
    sources: tuple[SourceRecord, ...]

    @classmethod
    def of(cls, status: StoreStatus, sources: Sequence[SourceState]) -> StatusRecord:
        """Without passwords."""
        return cls(
            releases=status.releases,
            passages=status.passages,
            by_language=status.by_language,
            newest=status.newest,
            last_ingest=status.last_ingest,
            embedder=EmbedderRecord(name=status.model, dimension=status.dimension),
            consistent=status.consistent,
            home=str(status.home),
            catalogue=redacted(status.catalogue),
            sources=tuple(map(SourceRecord.of, sources)),
        )


class PublicStatusRecord(Record):
    """A status for anybody: where things lie on this machine is left out, files and folders are named in short."""

    releases: int
    passages: int
    by_language: dict[str, int]
    newest: Moment | None
    last_ingest: Moment | None
    embedder: EmbedderRecord
    consistent: bool
    sources: tuple[SourceRecord, ...]

    @classmethod
    def of(cls, status: StatusRecord) -> PublicStatusRecord:
        """What of a status may be published."""
        sources = tuple(
            source.model_copy(
                update={
                    "location": file_name(source.location),
                    "error": without_folders(source.error) if source.error else None,
                }
            )
            for source in status.sources
        )
        return cls.model_validate(status.model_dump(exclude={"sources"}) | {"sources": sources})


class TimelineChangeRecord(Record):
    """A figure beside that of an earlier entry, whose key is `since`; `percent` is null for shares, told in points."""

    since: str
    before: str
    after: str
    difference: float = Field(validation_alias=AliasPath("change", "difference"))
    percent: Annotated[float, AfterValidator(partial(round, ndigits=4))] | None = Field(
        validation_alias=AliasPath("change", "percent")
    )
    text: str


class TimelineEntryRecord(Record):
    """A release about a topic with the sentence that shows it, and what its figure was before."""

    citation: CitationRecord
    change: TimelineChangeRecord | None
    notes: tuple[NoteRecord, ...]
    corrects: ReleaseRecord | None
    corrected_by: tuple[ReleaseRecord, ...]


class TimelineRecord(Record):
    """The releases about a topic, oldest first; `rest` more are earlier, and others still where it is not `whole`."""

    topic: str
    language: str
    entries: tuple[TimelineEntryRecord, ...]
    rest: int
    whole: bool
    searched: SearchedRecord
    milliseconds: Annotated[float, AfterValidator(partial(round, ndigits=2))]


class EventRecord(Record):
    """What happened to a release."""

    number: int
    kind: str
    release_id: str
    version: int
    moment: Moment


def hit_payload(hit: Hit, matches: Sequence[WordMatch]) -> Payload:
    """One passage that a search found; `matches` are places in its text."""
    return _dumped(HitRecord.of(hit, matches))


def release_payload(release: StoredRelease) -> Payload:
    """A release without its text."""
    return _dumped(ReleaseRecord.model_validate(release))


def full_release_payload(release: StoredRelease) -> Payload:
    """A release with all that is stored of it."""
    return _dumped(FullReleaseRecord.model_validate(release))


def shown_payload(release: StoredRelease, relations: Relations) -> Payload:
    """A release with its text and what it belongs together with."""
    twins = tuple(
        TwinRecord(id=twin.other(release.id), reason=twin.reason, score=round(twin.score, 4))
        for twin in relations.twins
    )
    return _dumped(
        ShownReleaseRecord(
            **_full(release), twins=twins, corrects=relations.corrects, corrected_by=relations.corrected_by
        )
    )


def version_payload(release: StoredRelease, changes: Sequence[Difference]) -> Payload:
    """One version of a release, and what it changed of the one before."""
    changed = tuple(ChangeRecord(before=change.before, after=change.after) for change in changes)
    return _dumped(VersionRecord(**_full(release), changes=changed))


def status_payload(status: StoreStatus, sources: Sequence[SourceState]) -> Payload:
    """What a store holds, and how its sources fare."""
    return _dumped(StatusRecord.of(status, sources))


def public_status_payload(status: StoreStatus, sources: Sequence[SourceState]) -> Payload:
    """The same for anybody: without what says where things lie on this machine."""
    return _dumped(PublicStatusRecord.of(StatusRecord.of(status, sources)))


def source_payload(state: SourceState) -> Payload:
    """A source and how it fares."""
    return _dumped(SourceRecord.of(state))


def timeline_payload(timeline: Timeline) -> Payload:
    """The releases about a topic by date."""
    return _dumped(TimelineRecord.model_validate(timeline))


def event_payload(event: Event) -> Payload:
    """What happened to a release."""
    return _dumped(EventRecord.model_validate(event))


def _dumped(record: Record) -> Payload:
    return record.model_dump(mode="json")


def _full(release: StoredRelease) -> Payload:
    """The fields of a `FullReleaseRecord`."""
    return FullReleaseRecord.model_validate(release).model_dump()
