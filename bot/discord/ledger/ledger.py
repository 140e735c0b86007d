"""Ledger: everything that the bot on Discord remembers, in one file beside the catalogue."""

from __future__ import annotations

from bot.discord.ledger.announcements import Announcements
from bot.discord.ledger.answers import Answers
from bot.discord.ledger.feedback import Feedbacks


class Ledger(Answers, Feedbacks, Announcements):
    """Answers, feedback, guild settings and announcements; any thread and any process may use it."""
