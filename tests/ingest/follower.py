"""One who follows the newsroom: a store, a page cache and an embedder that stay while runs come and go."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ingest.fetch.cache import PageCache
from ingest.fetch.fetcher import Fetcher
from ingest.fetch.politeness import FetchPolicy
from ingest.parse import workers
from ingest.pipeline import Pipeline
from ingest.sources import Limits
from ingest.types import Source
from tests.fakes import WordEmbedder
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from ingest.report import IngestReport
    from tests.newsroom.site import Newsroom

POLICY = FetchPolicy(delay=0, backoff=0.01, pause=0.01, timeout=2, longest=4, largest=2 * 2**20, wait_at_most=1)

_WRITTEN = """
SELECT 'version', release_id, version, current, title, lead, text, language, publisher, published, updated, url,
    source, pair, content_hash, author, section FROM versions
UNION ALL SELECT 'translation', release_id, address, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM translations
UNION ALL SELECT 'withdrawn', release_id, cause, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM withdrawn
UNION ALL SELECT 'corrects', release_id, corrects, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM corrections
UNION ALL SELECT 'twins', first, second, reason, round(score, 3), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM twins
UNION ALL SELECT 'joined', release_id, one, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM joined
UNION ALL SELECT 'event', release_id, kind, version, count(*), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM events
    GROUP BY release_id, kind, version
UNION ALL SELECT 'visit', address, source, release_id, content, lastmod, published, missing_since, listed,
    0, 0, 0, 0, 0, 0, 0, 0 FROM visits
UNION ALL SELECT 'passage', passages.id, release_id, version, start, stop, vector, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    FROM (SELECT passages.id, passages.start, passages.stop, versions.release_id, versions.version, passages.number
        FROM passages JOIN versions ON versions.number = passages.version) AS passages
    JOIN vectors ON vectors.passage = passages.number
UNION ALL SELECT 'words', title, lead, text, date, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM words
"""  # all that a run writes, less the moments at which it did


class Follower:
    """Runs ingestion over a newsroom as often as a test wants; `days` let time pass between two runs."""

    def __init__(self, home: Path, *, policy: FetchPolicy = POLICY) -> None:
        self.home = home
        self.policy = policy
        self.days = 0.0
        self.embedder = WordEmbedder()
        self.store = PassageStore(home, model=self.embedder.name)
        self.cache = PageCache(home / "pages.sqlite3")
        self.workers = workers.Workers()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.workers.close()
        self.store.close()
        self.cache.close()

    def pipeline(self, *, fresh_for: timedelta | None = None, patience: float = 5.0) -> Pipeline:
        """What does one round; close it in the end."""
        return Pipeline(
            self.store,
            self.embedder,
            passage_size=400,
            new_fetcher=lambda: Fetcher(self.cache, self.policy, fresh_for=fresh_for),
            workers=self.workers,
            patience=patience,
            clock=lambda: datetime.now(UTC) + timedelta(days=self.days),
        )

    def run(self, *locations: str, dry: bool = False, limits: Limits = Limits(), **about: Any) -> IngestReport:
        """One round over these locations; `about` is what else the operator says of them."""
        pipeline = self.pipeline(fresh_for=timedelta(hours=1) if dry else None)
        try:
            for location in locations:
                pipeline.run(Source(location, **{"allow_private": True} | about), limits=limits, dry_run=dry)
            return pipeline.report
        finally:
            pipeline.close()

    def found(self, words: str) -> list[str]:
        """The addresses of the releases that a search finds, best first."""
        hits = self.store.search(words, self.embedder.embed_question(words), limit=5, per_release=1)
        return [hit.release.url or hit.release.id for hit in hits]

    def kinds(self) -> list[tuple[str, str]]:
        """What happened to which release, in order."""
        return [(event.kind, event.release_id) for event in self.store.records.events()]


def contents(home: Path) -> list[tuple[object, ...]]:
    """All that a store holds, less the moments at which it was written, in an order of its own."""
    connection = sqlite3.connect(home / "catalogue.sqlite3")
    try:
        return sorted(connection.execute(_WRITTEN), key=repr)
    finally:
        connection.close()


def counts(report: IngestReport) -> tuple[int, int, int, int]:
    """New, changed, unchanged, failed."""
    return report.new, report.changed, report.unchanged, len(report.failed)


def causes(report: IngestReport) -> dict[str, str]:
    """Why what failed, by its address."""
    return {failure.source: failure.error for failure in report.failed}


def pages_asked_for(site: Newsroom) -> list[str]:
    """The paths of releases that were asked for, without their parameters."""
    known = {release.path for release in site.releases}
    return [path for request in site.requests if (path := request.path.partition("?")[0]) in known]
