"""What was said before a message: read back from Discord, so that a restart forgets nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.answer import Answer
from bot.conversation import Conversation
from vectorstore.language import detect_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discord import Message

_UNDERSTOOD = re.compile(r"^-# (?:Understood as|Question comprise) ?: ?(?P<question>.+)$", re.MULTILINE)
_MENTION = re.compile(r"<@[!&]?\d+>")
_ESCAPED = re.compile(r"\\([\\*_`~|>#\[\]()\-])")


def without_mentions(text: str) -> str:
    """A message as a question."""
    return " ".join(_MENTION.sub(" ", text).split())


def conversation_of(messages: Sequence[Message], me: int) -> Conversation:
    """The turns in messages, oldest first: each question with the bot's message after it."""
    conversation, question = Conversation(), ""
    for message in messages:
        if message.author.id != me:
            question = without_mentions(message.content) or question
        elif question and message.content:
            conversation = conversation.after(question, _answer(question, message))
            question = ""
    return conversation


def _answer(question: str, message: Message) -> Answer:
    """An answer as far as its message tells."""
    understood = _UNDERSTOOD.search(message.content)
    alone = _ESCAPED.sub(r"\1", understood["question"]) if understood else question
    text = _ESCAPED.sub(r"\1", message.content.split("\n-# ")[0])
    language = detect_language(alone) or "und"
    return Answer(question, alone, text, language, (), None, 1.0, "discord", message.created_at, {})
