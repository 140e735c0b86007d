"""What the handlers of messages, commands and buttons work with."""

from __future__ import annotations

import logging
import secrets
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
from bot.discord.ingestion import Ingestion, NotGrantedError
from bot.discord.localisation import wording
from bot.discord.scopes import NotOpenDirectlyError, NotOpenError, OutsideError, Scopes
from bot.errors import LedgerAwayError, QuestionError, QuestionTooLongError
from vectorstore.errors import CatalogueAwayError

if TYPE_CHECKING:
    from bot.wiring import Built

log = logging.getLogger(__name__)

AWAY = CatalogueAwayError, LedgerAwayError
"""A server cannot be reached: one line in the log says which, and a traceback would say nothing more."""

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
        self.claims = EventClaims(self.ledger)
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
