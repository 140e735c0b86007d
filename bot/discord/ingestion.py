"""Ingestion that people on Discord ask for: one run at a time, in a thread of this process."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from bot.discord.admission import ClosingError
from bot.discord.rendering import harmless
from bot.errors import BotError
from bot.operations.ingestion import StopSignal, ingest_settings
from bot.redaction import redacted
from ingest.daemons import Daemons
from ingest.errors import IngestError
from vectorstore.errors import StoreError

if TYPE_CHECKING:
    from bot.discord.localisation import Wording
    from bot.wiring import Built
    from ingest.report import IngestReport

log = logging.getLogger(__name__)

_PAUSE = 300.0  # seconds between two runs, so that nobody has the newsrooms asked again and again
_LONGEST = 12 * 60.0  # seconds; Discord lets a response be edited for fifteen minutes
_SHOWN = 5  # failures


class Ingestion:
    """Runs over the sources of the settings, with a store of their own."""

    def __init__(self, built: Built) -> None:
        self._built = built
        self._began: float | None = None
        self._running: asyncio.Future[IngestReport] | None = None
        self._stop = StopSignal()
        self._closing = False

    @property
    def is_running(self) -> bool:
        """Whether sources are being read."""
        return self._running is not None and not self._running.done()

    async def run(self, said: Wording) -> str:
        """Read every source of the settings; returns what to say about it. Raises ClosingError."""
        if self._closing:
            raise ClosingError
        if self.is_running:
            return said.ingesting
        if wait := self._pause():
            return said.ingested_lately.format(when=int(time.time() + wait) + 1)
        if not self._built.settings.sources:
            return said.no_sources
        running = self._start()
        try:
            report = await asyncio.wait_for(asyncio.shield(running), _LONGEST)
        except TimeoutError:
            return said.still_ingesting
        except (BotError, IngestError, StoreError) as exc:
            return said.not_ingested.format(cause=harmless(redacted(str(exc))))
        return _outcome(report, said)

    async def close(self, patience: float) -> None:
        """Begin no run, end the one under way, and wait up to `patience` seconds until the store is whole."""
        self._closing = True
        if self._running is not None and self.is_running:
            self._stop.give(KeyboardInterrupt())
            await asyncio.wait({self._running}, timeout=patience)

    def _pause(self) -> float:
        """Seconds until another run may begin."""
        return 0.0 if self._began is None else max(0.0, self._began + _PAUSE - time.monotonic())

    def _start(self) -> asyncio.Future[IngestReport]:
        """Begin a run in a thread that keeps no process alive, even if a source hangs."""
        self._began = time.monotonic()
        self._stop = StopSignal()
        thread = Daemons(1, "ingest")
        self._running = asyncio.wrap_future(thread.submit(ingest_settings, self._built, self._stop))
        self._running.add_done_callback(_log_failure)
        thread.close()
        return self._running


def _log_failure(run: asyncio.Future[IngestReport]) -> None:
    if not run.cancelled() and (error := run.exception()):
        log.error("/ingest failed: %s", error)


def _outcome(report: IngestReport, said: Wording) -> str:
    text = said.ingested.format(new=report.new, changed=report.changed, unchanged=report.unchanged)
    if not report.failed:
        return text
    failures = [f"- {harmless(redacted(failure.error))}" for failure in report.failed[:_SHOWN]]
    return "\n".join([text, said.failed_pages.format(count=len(report.failed)), *failures])
