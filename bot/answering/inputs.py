"""What a chain or an agent hands to the `Answerer`, made an `Ask`: a string, a dict, or a conversation in messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, convert_to_messages
from pydantic import Field, RootModel

from bot.answering.analysis import Ask
from bot.answering.retriever import Moment, SearchBounds, checked
from bot.answering.types import Answer, Conversation
from bot.errors import QuestionError
from vectorstore.text.language import detect_language

Asked: TypeAlias = str | Ask | Mapping[str, Any] | Sequence[BaseMessage]
"""A bare question, an `Ask`, a dict of `QuestionFields` or `MessagesFields`, or messages."""


class _Fields(SearchBounds):
    as_of: Moment | None = Field(None, description="the moment that the answer speaks from, now where it is left out")


class QuestionFields(_Fields):
    """A question with what bounds its answer."""

    question: str = Field(description="a whole question, in French or English")


class MessagesFields(_Fields):
    """A conversation: the last message of a person is the question, and those before it are what it may lean on."""

    messages: list[AnyMessage]


class AskedInput(RootModel[str | QuestionFields | MessagesFields | list[AnyMessage]]):
    """Any of what the `Answerer` takes, as far as JSON can hold it."""


def as_ask(asked: Asked) -> Ask:
    """What is asked. Raises QuestionError for unknown keys, values of the wrong kind, and messages that ask nothing."""
    if isinstance(asked, Ask):
        return asked
    if isinstance(asked, str):
        return Ask(asked)
    if not isinstance(asked, Mapping):
        return _from_messages(asked)
    if "messages" not in asked:
        fields = checked("question", QuestionFields, asked)
        return Ask(fields.question, where=fields.where, as_of=fields.as_of)
    bounds = checked("question", _Fields, {key: asked[key] for key in asked if key != "messages"})
    ask = _from_messages(asked["messages"])
    return Ask(ask.question, where=bounds.where, as_of=bounds.as_of, conversation=ask.conversation)


def _from_messages(given: Sequence[Any]) -> Ask:
    """The last human message as the question; each before it with the first reply that has a text is a turn."""
    question, conversation, last = "", Conversation(), None
    for message in _messages(given):
        text = str(message.text).strip()
        if isinstance(message, HumanMessage):
            question, last = text, (text, conversation)
        elif isinstance(message, AIMessage) and text and question:
            conversation = conversation.after(question, _answer(question, text))
            question = ""
    if last is None:
        raise QuestionError("question: messages: none of them is a person's: end with a HumanMessage")
    return Ask(last[0], conversation=last[1])


def _messages(given: Sequence[Any]) -> list[BaseMessage]:
    if isinstance(given, str):  # whose letters would be taken for messages
        raise QuestionError("question: messages: a string: pass a list of messages, or the string as `question`")
    try:
        return convert_to_messages(given)
    except (ValueError, TypeError, NotImplementedError) as exc:  # whichever LangChain raises for what is no message
        cause = next(iter(str(exc).splitlines()), type(exc).__name__)
        raise QuestionError(f"question: messages: {cause}") from exc


def _answer(question: str, text: str) -> Answer:
    """An answer as far as its message tells: with its words, and without the releases that they came from."""
    language = detect_language(question) or "und"
    return Answer(question, question, text, language, (), None, 1.0, "message", datetime.now(UTC), {})
