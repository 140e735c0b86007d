"""What the bot remembers: answers, feedback, guild settings, announcements, and what language models used."""

from bot.state.announcements import Announced, EventClaim, Subscription
from bot.state.answers import REASONS, Feedback, KeptAnswer, Reason
from bot.state.deliveries import Attempt, Trouble
from bot.state.following import Follow, Match, Pending
from bot.state.ledger import Ledger
from bot.state.quiet import Quiet

__all__ = [
    "REASONS",
    "Announced",
    "Attempt",
    "EventClaim",
    "Feedback",
    "Follow",
    "KeptAnswer",
    "Ledger",
    "Match",
    "Pending",
    "Quiet",
    "Reason",
    "Subscription",
    "Trouble",
]
