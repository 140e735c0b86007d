"""What a run did: of each source, and altogether."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING

from ingest.sources import Failure, identity_of
from vectorstore.types import SourceHealth

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ingest.types import Source
    from vectorstore.store import PassageStore
    from vectorstore.types import Doubted, Visit


class Change(StrEnum):
    """What has to be done with a release."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one run did, in releases; of one source, which `source` names, or of several, whose reports are `parts`.

    `passages` counts those written, `twins` the joins to another language of what is new or changed. `duplicates` are
    addresses that led to a release that was read already. `beyond_limit` and `before_since` count what `--limit` and
    `--since` left out, `taken_down` what an operator had removed. `doubted` are pages that are kept aside, since they
    may not be the releases that belong at their addresses. `requests` were sent to the web, `not_modified` of them
    answered that nothing had changed. `is_paused` says that an operator wants the source left out.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    failed: tuple[Failure, ...] = ()
    doubted: tuple[Failure, ...] = ()
    warnings: tuple[str, ...] = ()
    passages: int = 0
    twins: int = 0
    duplicates: int = 0
    beyond_limit: int = 0
    before_since: int = 0
    taken_down: int = 0
    requests: int = 0
    not_modified: int = 0
    seconds: float = 0.0
    source: str | None = None
    parts: tuple[IngestReport, ...] = ()
    is_paused: bool = False

    @property
    def left_out(self) -> int:
        """How many releases `--limit` and `--since` left out."""
        return self.beyond_limit + self.before_since

    @property
    def has_failed(self) -> bool:
        """Whether nothing could be read: not the source itself, or none of its pages."""
        return bool(self.failed or self.doubted) and not (self.new or self.changed or self.unchanged or self.withdrawn)

    @property
    def cause(self) -> str | None:
        """The first that went wrong, None where nothing did."""
        return next((one.error for one in (*self.failed, *self.doubted)), None)

    @property
    def outcome(self) -> str:
        """A line that says what was done."""
        if self.is_paused:
            return "paused, so not read"
        withdrawn = f", {self.withdrawn} withdrawn" if self.withdrawn else ""
        doubted = f", {len(self.doubted)} doubted" if self.doubted else ""
        counts = f"{self.new} new, {self.changed} changed, {self.unchanged} unchanged{withdrawn}"
        return f"{counts}, {len(self.failed)} failed{doubted}"


def added_up(parts: Sequence[IngestReport]) -> IngestReport:
    """One report for several sources."""
    numbers = [name.name for name in fields(IngestReport) if name.type in {"int", "float"}]
    return IngestReport(
        failed=tuple(failure for part in parts for failure in part.failed),
        doubted=tuple(page for part in parts for page in part.doubted),
        warnings=tuple(dict.fromkeys(warning for part in parts for warning in part.warnings)),
        parts=tuple(parts),
        **{name: sum(getattr(part, name) for part in parts) for name in numbers},
    )


@dataclass(slots=True)
class SourceTally:
    """The report of one source as it grows; `visits` are those yet to be noted.

    `kind` is that of its list, `doubted` are pages kept aside, `dispelled` the addresses that are in order again.
    """

    source: str
    kind: str | None = None
    changes: Counter[Change] = field(default_factory=Counter)
    failed: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    doubted: list[Doubted] = field(default_factory=list)
    dispelled: list[str] = field(default_factory=list)
    withdrawn: int = 0
    passages: int = 0
    twins: int = 0
    overlong: int = 0
    duplicates: int = 0
    beyond_limit: int = 0
    before_since: int = 0
    taken_down: int = 0
    requests: int = 0
    not_modified: int = 0
    started: float = field(default_factory=time.monotonic)
    seconds: float | None = None

    def stop(self) -> None:
        """Stop the clock."""
        self.seconds = time.monotonic() - self.started

    def report(self) -> IngestReport:
        """The report so far."""
        return IngestReport(
            new=self.changes[Change.NEW],
            changed=self.changes[Change.CHANGED],
            unchanged=self.changes[Change.UNCHANGED],
            withdrawn=self.withdrawn,
            failed=tuple(self.failed),
            doubted=tuple(Failure(page.address, _about(page)) for page in self.doubted),
            warnings=(*self.warnings, *self._about_length()),
            passages=self.passages,
            twins=self.twins,
            duplicates=self.duplicates,
            beyond_limit=self.beyond_limit,
            before_since=self.before_since,
            taken_down=self.taken_down,
            requests=self.requests,
            not_modified=self.not_modified,
            seconds=time.monotonic() - self.started if self.seconds is None else self.seconds,
            source=self.source,
        )

    def _about_length(self) -> list[str]:
        if not self.overlong:
            return []
        passages = "1 passage is" if self.overlong == 1 else f"{self.overlong} passages are"
        return [
            f"{passages} longer than the embedding model reads; the end is found by words only. "
            "A smaller ingest.passage_size fixes this for future releases"
        ]


def _about(page: Doubted) -> str:
    """Why a page is kept aside, since when, and what becomes of its release meanwhile."""
    kept = "what is stored is kept" if page.release_id else "nothing is stored of it"
    since = f", since {page.since:%Y-%m-%d %H:%M} UTC" if page.since < page.seen else ""
    return f"{page.cause}{since}; {kept}"


def take_for_one(store: PassageStore, source: Source) -> None:
    """Let what is known of a source under other spellings of its location go on under the one form."""
    identity, known = identity_of(source.location), [health.location for health in store.records.health()]
    store.records.rename_sources([(one, identity) for one in known if one != identity == identity_of(one)])


def health_of(store: PassageStore, source: Source, tally: SourceTally, now: datetime) -> SourceHealth | None:
    """How a source fared in a run that was tallied, after the runs before; None for a slip of the hand."""
    identity, report = identity_of(source.location), tally.report()
    past = next((health for health in store.records.health() if health.location == identity), None)
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
