"""`/ingest`: a run of `communique ingest` beside the bot, so that nobody waits for it."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from typing import TYPE_CHECKING

from bot.discord.render import harmless

if TYPE_CHECKING:
    from bot.discord.client import Relay
    from bot.discord.wording import Wording

log = logging.getLogger(__name__)

_PAUSE = 300.0  # seconds between two runs: newsrooms are not to be asked by whoever likes to press a button
_LONGEST = 12 * 60.0  # seconds; the person can be told for fifteen minutes
_COMMAND = "from bot.cli import app; app()"


class Ingestion:
    """The runs that were asked for on Discord: one at a time."""

    def __init__(self) -> None:
        self.began: float | None = None
        self.process: asyncio.subprocess.Process | None = None

    def wait(self) -> float:
        """Seconds until another run may begin."""
        return 0.0 if self.began is None else max(0.0, self.began + _PAUSE - time.monotonic())

    def stop(self) -> None:
        """End a run in good order: the store is whole, and the next run goes on."""
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()


async def ingest(relay: Relay, said: Wording) -> str:
    """Ingest every source of the settings; returns what to tell."""
    runs = relay.ingestion
    if runs.process is not None and runs.process.returncode is None:
        return said.ingesting
    if wait := runs.wait():
        return said.ingested_lately.format(when=int(time.time() + wait) + 1)
    if not relay.built.settings.sources:
        return said.no_sources
    runs.began = time.monotonic()
    home = str(relay.built.settings.home)
    runs.process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _COMMAND, "--home", home, "ingest", "--json",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        out, told = await asyncio.wait_for(asyncio.shield(runs.process.communicate()), _LONGEST)
    except TimeoutError:
        return said.still_ingesting
    return _outcome(out, told, said)


def _outcome(out: bytes, told: bytes, said: Wording) -> str:
    try:
        report = json.loads(out)
    except (ValueError, RecursionError):
        log.error("/ingest failed: %s", told.decode(errors="replace").strip())
        lines = told.decode(errors="replace").strip().splitlines()
        return said.not_ingested.format(cause=harmless(lines[-1] if lines else "?"))
    text = said.ingested.format(new=report["new"], changed=report["changed"], unchanged=report["unchanged"])
    failed = [f"- {harmless(one['error'])}" for one in report["failed"][:5]]
    return "\n".join([text, said.failed_pages.format(count=len(report["failed"])), *failed] if failed else [text])
