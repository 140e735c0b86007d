"""What people are told when something goes wrong: one sentence, in their language."""

from __future__ import annotations

import logging
import secrets

from discord import app_commands
from discord.utils import utcnow

from bot.discord.desk import BusyError, ClosingError, CooldownError
from bot.discord.wording import wording
from bot.errors import QuestionError

log = logging.getLogger(__name__)


def excuse(error: BaseException, locale: str | None, what: str) -> str:
    """The sentence for an error; where nobody but we can mend it, with a reference to the traceback in the log.

    `what` names in the log what failed.
    """
    said = wording(locale)
    if isinstance(error, CooldownError):
        return said.cooldown.format(when=int(utcnow().timestamp() + error.retry_after) + 1)
    if isinstance(error, BusyError):
        return said.busy
    if isinstance(error, ClosingError):
        return said.closing
    if isinstance(error, app_commands.MissingPermissions):
        return said.not_allowed
    if isinstance(error, QuestionError):
        return said.empty_message
    reference = secrets.token_hex(3)
    log.error("%s: failed; reference %s", what, reference, exc_info=error)
    return said.failed.format(reference=reference)
