"""What Prometheus reads."""

from __future__ import annotations

import socket
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from bot.answering.types import Refusal, Searched
from bot.errors import SettingsError
from bot.operations.health import Metrics
from bot.settings import MetricsSettings
from ingest.report import IngestReport
from ingest.sources import Failure
from tests.bot.releases import an_answer

pytestmark = pytest.mark.enable_socket


def scraped(port: int) -> dict[str, float]:
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_what_happened_is_told_on_the_loopback() -> None:
    """Questions by their outcome, seconds by stage, releases, failures, the age of the index; then nothing more."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    metrics = Metrics(lambda: datetime.now(UTC) - timedelta(minutes=5))
    refused = an_answer(text="No.", refusal=Refusal("No.", Searched(3)))

    with metrics.served(MetricsSettings(port=port)):
        metrics.answered(an_answer(text="Yes. [1]", quote="Yes."))
        metrics.answered(refused)
        metrics.answered(refused)
        metrics.failed("busy")
        metrics.said(good=False)
        metrics.waiting.set(7)
        metrics.ingested(IngestReport(new=3, source="NATO", failed=(Failure("https://x", "gone"),)))
        told = scraped(port)

    assert told['communique_questions_total{outcome="answered"}'] == 1
    assert told['communique_questions_total{outcome="refused"}'] == 2
    assert told['communique_questions_total{outcome="busy"}'] == 1
    assert told['communique_feedback_total{verdict="bad"}'] == 1
    assert told["communique_questions_waiting"] == 7
    assert told['communique_ingested_releases_total{change="new"}'] == 3
    assert told['communique_ingestion_failures_total{source="NATO"}'] == 1
    assert 299 < told["communique_index_age_seconds"] < 310
    with pytest.raises(OSError, match="refused"):
        scraped(port)


def test_a_port_that_is_taken_is_told_with_its_setting() -> None:
    """Rather than run without being seen."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = MetricsSettings(port=other.getsockname()[1])
        with pytest.raises(SettingsError, match=r"metrics\.port"), Metrics(lambda: None).served(taken):
            pass


def test_without_a_port_nothing_is_served() -> None:
    """The default."""
    with Metrics(lambda: None).served(MetricsSettings()):
        pass
