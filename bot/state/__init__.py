"""What the bot remembers: answers, feedback, guild settings, announcements, and what language models used."""

from bot.state.announcements import Announced, EventClaim, Subscription
from bot.state.answers import REASONS, Feedback, KeptAnswer, Reason
from bot.state.ledger import Ledger

__all__ = ["REASONS", "Announced", "EventClaim", "Feedback", "KeptAnswer", "Ledger", "Reason", "Subscription"]
