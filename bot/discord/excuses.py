"""What people are told when something goes wrong: one sentence, in their language."""

from __future__ import annotations

import logging
import secrets

from discord import app_commands
from discord.utils import utcnow

from bot.discord.admission import BusyError, ClosingError, CooldownError, NotAdmittedError
from bot.discord.wording import wording
from bot.errors import LedgerAwayError, QuestionError, QuestionTooLongError
from vectorstore.errors import CatalogueAwayError

log = logging.getLogger(__name__)

AWAY = CatalogueAwayError, LedgerAwayError
"""The server is away: one line in the log says which, and a traceback would say nothing more."""

# Errors that need nothing but a sentence, with the field of the wording that holds it.
_PLAIN: dict[type[Exception], str] = {
    BusyError: "busy",
    ClosingError: "closing",
    app_commands.MissingPermissions: "not_allowed",
    app_commands.TransformerError: "no_channel",
    QuestionError: "empty_message",
}


def outcome(error: BaseException) -> str | None:
    """What a question that came to nothing is counted as; None where it was none, or cannot be asked as it is."""
    if isinstance(error, NotAdmittedError):
        return error.outcome
    return None if isinstance(error, tuple(_PLAIN)) else "failed"


def excuse(error: BaseException, locale: str | None, what: str) -> str:
    """The sentence for an error; where nobody but we can mend it, with a reference to the traceback in the log.

    `what` names in the log what failed.
    """
    said = wording(locale)
    if isinstance(error, CooldownError):
        return said.cooldown.format(when=int(utcnow().timestamp() + error.retry_after) + 1)
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
