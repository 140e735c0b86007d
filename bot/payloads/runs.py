"""What was done as JSON: ingestions, backups, migrations, takedowns, and pages that are kept aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.operations.backup import Backup
    from ingest.report import IngestReport
    from vectorstore.migrate import Moved
    from vectorstore.store import StoreStatus
    from vectorstore.types import Doubted, Takedown

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
