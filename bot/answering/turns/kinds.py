"""What a turn of a conversation is, and what it asks for."""

from __future__ import annotations

import enum


class Kind(enum.Enum):
    """What a person does with a turn."""

    NEW = "new"
    LEANING = "leaning"
    MORE = "more"
    CHALLENGE = "challenge"
    CORRECTION = "correction"
    COURTESY = "courtesy"
    ABOUT_BOT = "about_bot"
    ABOUT_ANSWER = "about_answer"
    ABOUT_ARCHIVE = "about_archive"
    RESET = "reset"

    @property
    def leans(self) -> bool:
        """Whether it is understood beside the question before it, and searched with both."""
        return self in {Kind.LEANING, Kind.CORRECTION}

    @property
    def repeats(self) -> bool:
        """Whether the question before it is asked again."""
        return self in {Kind.MORE, Kind.CHALLENGE}

    @property
    def asks(self) -> bool:
        """Whether releases are searched for an answer; the others have replies of their own."""
        return self is Kind.NEW or self.leans or self.repeats
