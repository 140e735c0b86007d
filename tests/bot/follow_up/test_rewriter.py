"""Follow-ups made to stand alone by a language model, and the rules behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.answer import Usage
from bot.conversation import Conversation
from bot.errors import ModelUnavailableError
from bot.follow_up import Kind, Rewriter
from tests.bot.releases import an_answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.model import Message

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

    def __init__(self, said: str | Exception) -> None:
        self._said = said
        self.asked: list[Sequence[Message]] = []

    def ask(self, messages: Sequence[Message], *, seconds: float | None = None) -> Reply:
        assert seconds
        self.asked.append(messages)
        return Reply(self._said)


def said_before() -> Conversation:
    from dataclasses import replace

    answer = an_answer(text="Sweden joined in 2024. [1]", quote="Sweden joined in 2024.")
    return Conversation().after(QUESTION, replace(answer, question=QUESTION, standalone_question=QUESTION))


def test_the_models_question_is_taken_with_what_it_used() -> None:
    """One line, in the language of the question, with the names that were said."""
    model = Model("When did Finland join the treaty, as Sweden did?")

    followed = Rewriter(model).follow("And Finland?", said_before(), "en")

    assert followed.question == "When did Finland join the treaty, as Sweden did?"
    assert (followed.kind, followed.usage) == (Kind.ELLIPSIS, Usage(9, 4))
    assert "Sweden joined in 2024." in model.asked[0][1].text


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Two\nlines?",
        "x" * 500,
        "Quand la Finlande a-t-elle rejoint le traité ?",
        "When did Finland and Denmark join the treaty?",
        "When did Finland join the treaty in 1999?",
    ],
)
def test_a_reply_that_does_not_pass_gives_way_to_the_rules(reply: str) -> None:
    """Empty, long, in another language, or with names and figures that nobody said."""
    followed = Rewriter(Model(reply)).follow("And Finland?", said_before(), "en")

    assert followed.question == "When did Finland join the treaty?"


def test_a_model_that_fails_gives_way_to_the_rules() -> None:
    """The person notices nothing."""
    model = Model(ModelUnavailableError("fake:model", "no connection"))

    assert Rewriter(model).follow("And Finland?", said_before(), "en").question == "When did Finland join the treaty?"


@pytest.mark.parametrize("said", ["thanks", "forget that", "yes", "tell me more", "that's wrong"])
def test_no_model_is_asked_where_the_rules_are_sure(said: str) -> None:
    """It would cost, and could only be wrong."""
    model = Model("never")

    Rewriter(model).follow(said, said_before(), "en")

    assert model.asked == []


def test_a_first_question_needs_no_model() -> None:
    """It stands alone."""
    model = Model("never")

    assert Rewriter(model).follow("Who?", Conversation(), "en").question == "Who?"
    assert model.asked == []
