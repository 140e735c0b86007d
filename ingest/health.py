"""How a source fared, under the one form of its location."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.sources import identity_of
from vectorstore.visits import SourceHealth

if TYPE_CHECKING:
    from datetime import datetime

    from ingest.release import Source
    from ingest.report import Tally
    from vectorstore.store import PassageStore


def take_for_one(store: PassageStore, source: Source) -> None:
    """Let what is known of a source under other spellings of its location go on under the one form."""
    identity, known = identity_of(source.location), [health.location for health in store.health()]
    store.rename_sources([(one, identity) for one in known if one != identity == identity_of(one)])


def health_of(store: PassageStore, source: Source, tally: Tally, now: datetime) -> SourceHealth | None:
    """How a source fared in a run that was tallied, after the runs before; None for a slip of the hand."""
    identity, report = identity_of(source.location), tally.report()
    past = next((health for health in store.health() if health.location == identity), None)
    failed = report.has_failed
    last_success = past.last_success if past else None
    if failed and source.by_hand and last_success is None:
        return None
    return SourceHealth(
        identity,
        source.name,
        last_run=now,
        outcome=report.outcome,
        last_success=last_success if failed else now,
        failures=(past.failures if past else 0) + 1 if failed else 0,
        error=report.cause if failed else None,
        kind=tally.kind or (past.kind if past else None),
    )
