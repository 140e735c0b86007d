"""Who is quoted in a release, and whose words a question asks for. Pure.

A quotation is given to a speaker only where a name and a reporting verb stand beside it in the same paragraph, or the
paragraph goes straight on from one that has them. In doubt it is given to nobody: the release quotes.
"""

from bot.speakers.asked import SaidBy, asked_speaker
from bot.speakers.bound import is_said_by, is_unbound, known_elsewhere, reported_speaker
from bot.speakers.offices import is_by
from bot.speakers.quotation import Quotation, quotations, speaker_of

__all__ = [
    "Quotation",
    "SaidBy",
    "asked_speaker",
    "is_by",
    "is_said_by",
    "is_unbound",
    "known_elsewhere",
    "quotations",
    "reported_speaker",
    "speaker_of",
]
