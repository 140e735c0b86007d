"""What the handlers of messages, commands and buttons work with: the parts of one bot.

Among them what says in one sentence that something failed, and the ingestion that people ask for: one run at a time, in
a thread of this process.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.discord.admission import (
    Admission,
    BusyError,
    ClosingError,
    CooldownError,
    EventClaims,
    NotAdmittedError,
    is_responded,
    is_taken,
)
from bot.discord.answering import Answering
from bot.discord.conversations import Conversations
from bot.discord.localisation import wording
from bot.discord.rendering import harmless
from bot.discord.scopes import NotOpenDirectlyError, NotOpenError, OutsideError, Scopes
from bot.errors import BotError, LedgerAwayError, QuestionError, QuestionTooLongError
from bot.operations.ingestion import StopSignal, ingest_settings
from bot.redaction import redacted
from ingest.errors import IngestError
from vectorstore.errors import CatalogueAwayError, StoreError
from vectorstore.processes import Daemons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.discord.localisation import Wording
    from bot.settings import SourceSettings
    from bot.settings.edges import MayIngest
    from bot.wiring import Built
    from ingest.report import IngestReport

log = logging.getLogger(__name__)

AWAY = CatalogueAwayError, LedgerAwayError
"""A server cannot be reached: one line in the log says which, and a traceback would say nothing more."""


class NotGrantedError(Exception):
    """Somebody wants to start an ingestion to whom the operator has not given the right."""


# Errors that need nothing but a sentence, with the field of the wording that holds it.
_PLAIN: dict[type[Exception], str] = {
    BusyError: "busy",
    ClosingError: "closing",
    app_commands.MissingPermissions: "not_allowed",
    app_commands.CommandNotFound: "not_offered",
    NotGrantedError: "may_not_ingest",
    NotOpenDirectlyError: "not_open_directly",
    NotOpenError: "not_open",
    OutsideError: "outside",
    app_commands.TransformerError: "no_channel",
    QuestionError: "empty_message",
}


class Services:
    """The parts of one bot; `user_id` is its own id on Discord, 0 until it has logged in."""

    def __init__(self, built: Built) -> None:
        self.built = built
        self.ledger = built.ledger
        self.admission = Admission(built.settings.discord, on_change=built.metrics.waiting.set)
        self.claims = EventClaims(self.ledger, on_elsewhere=self.admission.leave)
        self.scopes = Scopes(built)
        self.conversations = Conversations(self.ledger.answers, built.store)
        self.answering = Answering(built, self.admission)
        self.ingestion = Ingestion(built)
        self.user_id = 0

    def excuse(self, error: BaseException, locale: str | None, what: str) -> str:
        """The sentence for an error, which is counted; `what` names in the log what failed."""
        if outcome := _outcome(error):
            self.built.metrics.failed(outcome)
        return _excuse(error, locale, what)

    async def fail(self, interaction: discord.Interaction, error: Exception) -> None:
        """Tell the person in one sentence that an interaction failed, privately if nothing was shown yet."""
        # discord.py wraps what a command raises; an error of our own has a cause too, and says more than that.
        cause = (error.__cause__ if isinstance(error, app_commands.AppCommandError) else None) or error
        if is_taken(cause):
            return
        if isinstance(cause, ClosingError):
            await self.claims.give_way()
        text = self.excuse(cause, interaction.locale.value, f"interaction {interaction.id}")
        try:
            if is_responded(interaction):
                await interaction.edit_original_response(content=text)
            else:
                await interaction.response.send_message(text, ephemeral=True)
        except discord.HTTPException as exc:
            if not is_taken(exc):
                log.warning("interaction %s: could not be told: %s", interaction.id, exc)


def _outcome(error: BaseException) -> str | None:
    """What a question that came to nothing is counted as; None for what is no failure of the bot's."""
    if isinstance(error, NotAdmittedError):
        return error.outcome
    return None if isinstance(error, tuple(_PLAIN)) else "failed"


def _excuse(error: BaseException, locale: str | None, what: str) -> str:
    """The sentence for an error; if only the operator can mend it, with a reference to the traceback in the log."""
    said = wording(locale)
    if isinstance(error, CooldownError):
        return said.cooldown.format(when=int(discord.utils.utcnow().timestamp() + error.retry_after) + 1)
    if isinstance(error, QuestionTooLongError):
        return said.too_long.format(limit=error.limit)
    for kind, field in _PLAIN.items():
        if isinstance(error, kind):
            return str(getattr(said, field))
    if isinstance(error, AWAY):
        log.error("%s: %s", what, error)
        return said.away
    reference = secrets.token_hex(3)
    log.error("%s: failed; reference %s", what, reference, exc_info=error)
    return said.failed.format(reference=reference)


_PAUSE = 300.0  # seconds between two runs, so that nobody has the newsrooms asked again and again
_LONGEST = 12 * 60.0  # seconds; Discord lets a response be edited for fifteen minutes
_SHOWN = 5  # failures


def must_be_granted(may_ingest: MayIngest, interaction: discord.Interaction) -> None:
    """Raises NotGrantedError, or MissingPermissions where managers may, if who asks may not start an ingestion."""
    if may_ingest == "managers":
        if not interaction.permissions.manage_guild:
            raise app_commands.MissingPermissions(["manage_guild"])
        return
    roles = interaction.user.roles if isinstance(interaction.user, discord.Member) else ()
    if may_ingest == "nobody" or not {interaction.user.id, *(role.id for role in roles)} & set(may_ingest):
        raise NotGrantedError


class Ingestion:
    """Runs over sources of the settings, with a store of their own; none is read again within minutes."""

    def __init__(self, built: Built) -> None:
        self._built = built
        self._began: dict[str, float] = {}
        self._running: asyncio.Future[IngestReport] | None = None
        self._stop = StopSignal()
        self._closing = False

    @property
    def is_running(self) -> bool:
        """Whether sources are being read."""
        return self._running is not None and not self._running.done()

    async def run(self, sources: Sequence[SourceSettings], said: Wording) -> str:
        """Read these sources of the settings; returns what to say about it. Raises ClosingError."""
        if self._closing:
            raise ClosingError
        if self.is_running:
            return said.ingesting
        if not sources:
            return said.no_sources_here if self._built.settings.sources else said.no_sources
        waits = {one.location: self._pause(one.location) for one in sources}
        due = [one for one in sources if not waits[one.location]]
        if not due:
            return said.ingested_lately.format(when=int(time.time() + min(waits.values())) + 1)
        running = self._start(due)
        try:
            report = await asyncio.wait_for(asyncio.shield(running), _LONGEST)
        except TimeoutError:
            return said.still_ingesting
        except (BotError, IngestError, StoreError) as exc:
            return said.not_ingested.format(cause=harmless(redacted(str(exc))))
        return _ingested(report, said)

    async def close(self, patience: float) -> None:
        """Begin no run, end the one under way, and wait up to `patience` seconds until the store is whole."""
        self._closing = True
        if self._running is not None and self.is_running:
            self._stop.give(KeyboardInterrupt())
            await asyncio.wait({self._running}, timeout=patience)

    def _pause(self, location: str) -> float:
        """Seconds until a source may be read again."""
        began = self._began.get(location)
        return 0.0 if began is None else max(0.0, began + _PAUSE - time.monotonic())

    def _start(self, sources: Sequence[SourceSettings]) -> asyncio.Future[IngestReport]:
        """Begin a run in a thread that keeps no process alive, even if a source hangs."""
        self._began |= dict.fromkeys((one.location for one in sources), time.monotonic())
        self._stop = StopSignal()
        thread = Daemons(1, "ingest")
        self._running = asyncio.wrap_future(thread.submit(ingest_settings, self._built, sources, self._stop))
        self._running.add_done_callback(_log_failure)
        thread.close()
        return self._running


def _log_failure(run: asyncio.Future[IngestReport]) -> None:
    if not run.cancelled() and (error := run.exception()):
        log.error("/ingest failed: %s", error)


def _ingested(report: IngestReport, said: Wording) -> str:
    text = said.ingested.format(new=report.new, changed=report.changed, unchanged=report.unchanged)
    if not report.failed:
        return text
    failures = [f"- {harmless(redacted(failure.error))}" for failure in report.failed[:_SHOWN]]
    return "\n".join([text, said.failed_pages.format(count=len(report.failed)), *failures])
