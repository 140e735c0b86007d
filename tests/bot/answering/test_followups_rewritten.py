"""Follow-ups made to stand alone by a language model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.answering.followups import Rewriter
from bot.answering.types import Conversation, Rewritten, Usage
from bot.errors import ModelUnavailableError
from tests.bot.releases import an_answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.answering.llm import Message

QUESTION = "When did Sweden join the treaty?"


class Reply:
    usage = Usage(9, 4)

    def __init__(self, said: str | Exception) -> None:
        self._said = said

    def __iter__(self) -> Iterator[str]:
        if isinstance(self._said, Exception):
            raise self._said
        yield self._said


class Model:
    name = "fake:model"
    structured = False

    def __init__(self, said: str | Exception) -> None:
        self._said = said
        self.asked: list[Sequence[Message]] = []

    def ask(self, messages: Sequence[Message], *, seconds: float | None = None, schema: object = None) -> Reply:
        assert seconds
        assert schema is None
        self.asked.append(messages)
        return Reply(self._said)


def said_before() -> Conversation:
    answer = an_answer(text="Sweden joined in 2024. [1]", quote="Sweden joined in 2024.")
    return Conversation().after(QUESTION, replace(answer, question=QUESTION, standalone_question=QUESTION))


def test_the_models_question_is_taken_with_what_it_used() -> None:
    """One line, in the language of the question, with the names that were said."""
    model = Model("When did Finland join the treaty, as the Swedish government did?")

    done = Rewriter(model).rewrite("And Finland?", said_before(), "en")

    assert done == Rewritten("When did Finland join the treaty, as the Swedish government did?", Usage(9, 4))
    assert "Sweden joined in 2024." in model.asked[0][1].text


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Two\nlines?",
        f"{'x' * 500}?",
        "Finland joined the treaty.",
        "Quand la Finlande a-t-elle rejoint le traité ?",
        "When did Finland and Denmark join the treaty?",
        "When did Finland join the treaty in 1999?",
    ],
)
def test_a_reply_that_does_not_pass_is_not_used(reply: str) -> None:
    """Empty, long, no question, in another language, with names or figures that nobody said; its tokens count."""
    assert Rewriter(Model(reply)).rewrite("And Finland?", said_before(), "en") == Rewritten(None, Usage(9, 4))


def test_what_the_bot_itself_said_is_no_source() -> None:
    """Only people and releases are: a reply may hold figures that no release does."""
    answer = replace(an_answer(text="I know 22 releases.", quote="Sweden joined."), standalone_question=QUESTION)
    conversation = Conversation().after(QUESTION, answer)

    assert Rewriter(Model("Which 22 releases?")).rewrite("which?", conversation, "en").question is None


def test_a_model_that_fails_leaves_the_turn_as_it_is() -> None:
    """The person notices nothing but what it has spent."""
    model = Model(ModelUnavailableError("fake:model", "no connection"))

    rewritten = Rewriter(model).rewrite("And Finland?", said_before(), "en")

    assert rewritten.question is None
    assert rewritten.usage is not None
