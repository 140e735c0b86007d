"""What is counted while the bot or the watcher runs, for Prometheus."""

from __future__ import annotations

import contextlib
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from bot.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.answering.types import Answer
    from bot.settings import MetricsSettings
    from ingest.report import IngestReport

log = logging.getLogger(__name__)

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_NEVER = float("nan")


class Metrics:
    """Counters of one process. `last_ingest` tells when releases were last looked for, None where never."""

    def __init__(self, last_ingest: Callable[[], datetime | None]) -> None:
        self.registry = CollectorRegistry()
        self._questions = Counter(
            "communique_questions", "Questions by their outcome.", ["outcome"], registry=self.registry
        )
        self._seconds = Histogram(
            "communique_answer_seconds",
            "Seconds that a stage of an answer took.",
            ["stage"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.waiting = Gauge(
            "communique_questions_waiting", "Questions being answered or waiting for it.", registry=self.registry
        )
        self._feedback = Counter("communique_feedback", "What people said.", ["verdict"], registry=self.registry)
        self._releases = Counter(
            "communique_ingested_releases", "Releases by what a run did.", ["change"], registry=self.registry
        )
        self._failures = Counter(
            "communique_ingestion_failures", "Pages and sources that failed.", ["source"], registry=self.registry
        )
        age = Gauge("communique_index_age_seconds", "Seconds since releases were looked for.", registry=self.registry)
        age.set_function(lambda: _age(last_ingest()))

    def answered(self, answer: Answer) -> None:
        """A question was answered, or refused."""
        self._questions.labels("refused" if answer.refusal else "answered").inc()
        for stage, milliseconds in answer.timings_ms.items():
            self._seconds.labels(stage).observe(milliseconds / 1000)

    def failed(self, outcome: str) -> None:
        """A question came to nothing: `failed`, or turned away as `busy`, `cooldown` or `closing`."""
        self._questions.labels(outcome).inc()

    def said(self, *, good: bool) -> None:
        """Somebody gave feedback."""
        self._feedback.labels("good" if good else "bad").inc()

    def ingested(self, report: IngestReport) -> None:
        """A source was read."""
        for change in ("new", "changed", "unchanged", "withdrawn"):
            self._releases.labels(change).inc(getattr(report, change))
        self._failures.labels(report.source or "").inc(len(report.failed))

    @contextlib.contextmanager
    def served(self, settings: MetricsSettings) -> Iterator[None]:
        """Answer scrapes while this lasts, where a port is set. Raises SettingsError where it cannot be had."""
        if settings.port is None:
            yield
            return
        try:
            server, thread = start_http_server(settings.port, addr=settings.host, registry=self.registry)
        except OSError as exc:
            where = f"{settings.host}:{settings.port}"
            raise SettingsError("metrics.port", f"{where} cannot be listened on ({exc.strerror or exc})") from exc
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _age(moment: datetime | None) -> float:
    return (datetime.now(UTC) - moment).total_seconds() if moment else _NEVER
