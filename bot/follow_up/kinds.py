"""What a follow-up is, and what it becomes."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.answer import Usage


class Kind(enum.Enum):
    """How a question leans on what was said before it."""

    NEW = "new"
    ELLIPSIS = "ellipsis"
    PRONOUN = "pronoun"
    MORE = "more"
    YES = "yes"
    WHEN = "when"
    CHALLENGE = "challenge"
    CORRECTION = "correction"
    RESET = "reset"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question that stands alone; empty where nothing is asked: thanks, and a reset without more words.

    `releases` are the ids of those whose passages stay candidates, empty for a new question. `leave_out` holds quotes
    that were shown already, where more is wanted. `usage` is what a language model took to understand it, None where
    none was asked.
    """

    question: str
    kind: Kind
    releases: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    usage: Usage | None = None
