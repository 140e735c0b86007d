"""Ledger: everything that the bot on Discord remembers, in a file beside the catalogue or on the catalogue's server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.discord.ledger.announcements import Announcements
from bot.discord.ledger.answers import Answers
from bot.discord.ledger.claims import Claims
from bot.discord.ledger.feedback import Feedbacks

if TYPE_CHECKING:
    from bot.wiring import Built


class Ledger(Answers, Feedbacks, Announcements, Claims):
    """Answers, feedback, guild settings, announcements and claims; any thread and any process may use it."""


def ledger_of(built: Built) -> Ledger:
    """The ledger that settings ask for. Raises LedgerError where it cannot be used."""
    return Ledger(built.settings.home / "discord.sqlite3", built.deeds)
