"""What the bot on Discord remembers: answers, feedback, guild settings, announcements."""

from bot.discord.ledger.announcements import Announced, Subscription
from bot.discord.ledger.answers import KeptAnswer
from bot.discord.ledger.claims import Claim
from bot.discord.ledger.feedback import REASONS, Feedback, Reason
from bot.discord.ledger.ledger import Ledger, ledger_of

__all__ = ["REASONS", "Announced", "Claim", "Feedback", "KeptAnswer", "Ledger", "Reason", "Subscription", "ledger_of"]
