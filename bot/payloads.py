"""What `--json` prints: the command line's contract, as plain dicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.answer import Answer, Citation, Refusal
    from bot.retrieve import Match
    from ingest.pipeline import IngestReport
    from vectorstore.passage import Hit, StoredRelease
    from vectorstore.store import StoreStatus

Payload = dict[str, Any]


def answer_payload(answer: Answer) -> Payload:
    """An answer, or a refusal."""
    return {
        "question": answer.question,
        "standalone_question": answer.standalone_question,
        "answered": answer.answered,
        "answer": answer.text,
        "language": answer.language,
        "citations": [_citation(citation) for citation in answer.citations],
        "refusal": _refusal(answer.refusal) if answer.refusal else None,
        "confidence": round(answer.confidence, 4),
        "model": answer.model,
        "as_of": answer.as_of.isoformat(),
        "timings_ms": {stage: round(spent, 2) for stage, spent in answer.timings_ms.items()},
    }


def hit_payload(hit: Hit, matches: Sequence[Match]) -> Payload:
    """One passage that a search found; `matches` are places in its text."""
    return {
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "dense_rank": hit.dense_rank,
        "lexical_rank": hit.lexical_rank,
        "passage_id": hit.passage.id,
        "text": hit.passage.text,
        "start": hit.passage.start,
        "end": hit.passage.end,
        "matches": [
            {"start": match.start, "end": match.end, "likeness": round(match.likeness, 4)} for match in matches
        ],
        "release": release_payload(hit.release),
    }


def release_payload(release: StoredRelease) -> Payload:
    """A release without its text."""
    return {
        "id": release.id,
        "version": release.version,
        "title": release.title,
        "publisher": release.publisher,
        "published": _time(release.published),
        "updated": _time(release.updated),
        "language": release.language,
        "url": release.url,
    }


def full_release_payload(release: StoredRelease) -> Payload:
    """A release with all that is stored of it."""
    return release_payload(release) | {
        "lead": release.lead,
        "text": release.text,
        "source": release.source,
        "pair": release.pair,
        "content_hash": release.content_hash,
        "first_seen": _time(release.first_seen),
    }


def report_payload(report: IngestReport) -> Payload:
    """What an ingestion did; what `--limit` and `--since` left out is among the warnings."""
    left_out = [f"left out: {report.left_out} releases, by --limit or --since"] if report.left_out else []
    return {
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "withdrawn": report.withdrawn,
        "failed": [{"source": failure.source, "error": failure.error} for failure in report.failed],
        "warnings": [*report.warnings, *left_out],
        "passages": report.passages,
        "seconds": round(report.seconds, 3),
    }


def status_payload(status: StoreStatus) -> Payload:
    """What a store holds."""
    return {
        "releases": status.releases,
        "passages": status.passages,
        "by_language": status.by_language,
        "newest": _time(status.newest),
        "last_ingest": _time(status.last_ingest),
        "embedder": {"name": status.model, "dimension": status.dimension},
        "consistent": status.consistent,
        "home": str(status.home),
    }


def _citation(citation: Citation) -> Payload:
    return {
        "key": citation.key,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "release": release_payload(citation.release),
        "link": citation.link,
        "speaker": citation.speaker,
    }


def _refusal(refusal: Refusal) -> Payload:
    searched = refusal.searched
    return {
        "reason": refusal.reason,
        "searched": {
            "releases": searched.releases,
            "since": _time(searched.since),
            "until": _time(searched.until),
            "publishers": list(searched.publishers),
        },
        "nearest": [release_payload(release) for release in refusal.nearest],
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
