"""What `--json` prints: the command line's contract, as plain dicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.answering.codec import FullReleaseRecord, HitRecord, ReleaseRecord
from bot.cli.rendering.stream import counted
from bot.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.answering.retriever import WordMatch
    from bot.operations.backup import Backup
    from bot.operations.sources import SourceState
    from ingest.report import IngestReport
    from vectorstore.migrate import Moved
    from vectorstore.store import StoreStatus
    from vectorstore.text.sentences import Difference
    from vectorstore.types import Doubted, Event, Hit, Relations, StoredRelease, Takedown

Payload = dict[str, Any]


def hit_payload(hit: Hit, matches: Sequence[WordMatch]) -> Payload:
    """One passage that a search found; `matches` are places in its text."""
    return HitRecord.of(hit, matches).model_dump(mode="json")


def release_payload(release: StoredRelease) -> Payload:
    """A release without its text."""
    return ReleaseRecord.of(release).model_dump(mode="json")


def full_release_payload(release: StoredRelease) -> Payload:
    """A release with all that is stored of it."""
    return FullReleaseRecord.of(release).model_dump(mode="json")


def report_payload(report: IngestReport) -> Payload:
    """What an ingestion did, altogether and of each source."""
    return _counts(report) | {"sources": [{"source": _told(part.source)} | _counts(part) for part in report.parts]}


def _counts(report: IngestReport) -> Payload:
    left_out = ((report.beyond_limit, "--limit"), (report.before_since, "--since"))
    told = [f"left out: {counted(count, 'release')}, by {option}" for count, option in left_out if count]
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


def status_payload(status: StoreStatus, sources: Sequence[SourceState]) -> Payload:
    """What a store holds, and how its sources fare."""
    return {
        "releases": status.releases,
        "passages": status.passages,
        "by_language": status.by_language,
        "newest": _time(status.newest),
        "last_ingest": _time(status.last_ingest),
        "embedder": {"name": status.model, "dimension": status.dimension},
        "consistent": status.consistent,
        "home": str(status.home),
        "catalogue": redacted(status.catalogue),
        "sources": [source_payload(state) for state in sources],
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


def shown_payload(release: StoredRelease, relations: Relations) -> Payload:
    """A release with its text and what it belongs together with."""
    twins = [
        {"id": twin.other(release.id), "reason": twin.reason, "score": round(twin.score, 4)} for twin in relations.twins
    ]
    return full_release_payload(release) | {
        "twins": twins,
        "corrects": relations.corrects,
        "corrected_by": list(relations.corrected_by),
    }


def version_payload(release: StoredRelease, changes: Sequence[Difference]) -> Payload:
    """One version of a release, and what it changed of the one before."""
    return full_release_payload(release) | {
        "changes": [{"before": change.before, "after": change.after} for change in changes]
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


def event_payload(event: Event) -> Payload:
    """What happened to a release."""
    return {
        "number": event.number,
        "kind": event.kind,
        "release_id": event.release_id,
        "version": event.version,
        "moment": event.moment.isoformat(),
    }


def source_payload(state: SourceState) -> Payload:
    """A source and how it fares; what is not known before its first run is None."""
    health = state.health
    return {
        "location": redacted(state.location),
        "name": state.name,
        "standing": state.standing,
        "in_settings": state.in_settings,
        "paused": _time(state.paused),
        "releases": state.releases,
        "last_run": _time(health.last_run) if health else None,
        "outcome": health.outcome if health else None,
        "last_success": _time(health.last_success) if health else None,
        "failures": health.failures if health else 0,
        "error": _told(health.error) if health else None,
        "next_run": _time(health.next_run) if health else None,
    }


def _told(text: str | None) -> str | None:
    return redacted(text) if text else text


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
