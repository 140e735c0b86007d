"""Who is quoted in a release, and whose words a question asks for. Pure.

A quotation is given to a speaker only where a name and a reporting verb stand beside it in the same paragraph, or the
paragraph goes straight on from one that has them. In doubt it is given to nobody: the release quotes.
"""

from bot.language.attribution.offices import is_by
from bot.language.attribution.quotations import Quotation, quotations, speaker_of
from bot.language.attribution.speakers import (
    SaidBy,
    asked_speaker,
    is_said_by,
    is_somebody,
    is_unbound,
    known_elsewhere,
    reported_speaker,
)

__all__ = [
    "Quotation",
    "SaidBy",
    "asked_speaker",
    "is_by",
    "is_said_by",
    "is_somebody",
    "is_unbound",
    "known_elsewhere",
    "quotations",
    "reported_speaker",
    "speaker_of",
]
