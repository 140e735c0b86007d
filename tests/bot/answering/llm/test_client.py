"""A language model asked through the socket: its replies, what they cost, what is told of them."""

from __future__ import annotations

import logging
import threading
from datetime import UTC
from typing import TYPE_CHECKING

import pytest

from bot.answering.llm import DailyBudget, Message
from bot.answering.types import Usage
from bot.errors import CeilingError, ModelError, ModelSetupError, ModelUnavailableError
from bot.state.ledger import UsageTable

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.answering.llm.conftest import Make
    from tests.chat_server.server import ChatServer

QUESTION = (Message("system", "Quote the release."), Message("user", "What is the ceiling?"))


def test_a_reply_comes_in_pieces_with_its_tokens(make: Make, chat_server: ChatServer) -> None:
    """Pieces as they are sent, and the usage that the provider tells at the end."""
    chat_server.replies('{"The ceiling is 40 million."}')

    reply = make(input_price=2.0, output_price=10.0).ask(QUESTION)

    assert list(reply) == ['{"The', " ceiling", " is", " 40", ' million."}']
    assert reply.usage == Usage(7, 5, pytest.approx(64e-6))


def test_the_question_is_sent_as_it_is(make: Make, chat_server: ChatServer) -> None:
    """Roles, texts, braces and all; the model's bare name and the policy's limits."""
    chat_server.replies("Fine.")

    list(make(temperature=0.5, max_tokens=77).ask([Message("user", "{a} « b »"), Message("assistant", "c")]))

    (request,) = chat_server.requests
    assert request.messages == (("user", "{a} « b »"), ("assistant", "c"))
    assert request.model == "test-1"
    assert request.body["temperature"] == 0.5
    assert request.body["max_completion_tokens"] == 77


def test_a_reply_may_be_written_from_the_request(make: Make, chat_server: ChatServer) -> None:
    """The server's callable scripts see what was asked."""
    chat_server.replies(lambda request: f"You asked: {request.messages[-1][1]}")

    assert "".join(make().ask(QUESTION)) == "You asked: What is the ceiling?"


def test_tokens_that_nobody_tells_are_estimated(make: Make, chat_server: ChatServer) -> None:
    """Four characters a token, and said to be an estimate."""
    chat_server.replies("abcd efgh", tokens=False)

    reply = make().ask([Message("user", "x" * 40)])
    list(reply)

    assert reply.usage == Usage(10, 3, estimated=True)


def test_a_server_that_cannot_stream_gives_its_reply_whole(make: Make, chat_server: ChatServer) -> None:
    """And is not asked for pieces a second time."""
    chat_server.answers(400, error="Streaming is not supported by this model.")
    chat_server.replies("In one.")
    chat_server.replies("Again.")
    model = make()

    assert list(model.ask(QUESTION)) == ["In one."]
    assert list(model.ask(QUESTION)) == ["Again."]
    assert [request.streamed for request in chat_server.requests] == [True, False, False]


def test_a_server_that_sends_its_reply_whole_is_understood(make: Make, chat_server: ChatServer) -> None:
    """Some take no notice of a wish for pieces."""
    chat_server.replies("In one.", whole=True, forever=True)

    assert list(make().ask(QUESTION)) == ["In one."]


def test_an_empty_reply_gives_nothing(make: Make, chat_server: ChatServer) -> None:
    """What that means is the caller's to say."""
    chat_server.replies(pieces=[])

    assert list(make().ask(QUESTION)) == []


def test_thinking_aloud_is_left_out(make: Make, chat_server: ChatServer) -> None:
    """It counts, but is not shown."""
    chat_server.replies(pieces=["<thi", "nk>40, or", " 45?</th", "ink>", "\n\n", "It is 40."])

    reply = make().ask(QUESTION)

    assert list(reply) == ["It is 40."]
    assert reply.usage.output_tokens == 6


def test_a_reply_is_given_once(make: Make, chat_server: ChatServer) -> None:
    """A second look does not ask, and pay, again."""
    chat_server.replies("Fine.", forever=True)
    reply = make().ask(QUESTION)

    assert list(reply) == ["Fine."]
    assert list(reply) == []
    assert len(chat_server.requests) == 1


def test_no_thread_stays_after_a_reply(make: Make, chat_server: ChatServer) -> None:
    """Neither after a good one nor after a refusal."""
    chat_server.replies("Fine.")
    chat_server.answers(401)
    model = make()

    list(model.ask(QUESTION))
    with pytest.raises(ModelSetupError, match="refused"):
        list(model.ask(QUESTION))

    assert "model" not in [thread.name for thread in threading.enumerate()]


def test_a_key_is_never_told(
    make: Make, chat_server: ChatServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by the error, nor what led to it, nor the log, where the provider's body repeats it."""
    key = "Zq8vN3kLw0pTesting4Rx7Ub2"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    caplog.set_level(logging.DEBUG)
    for status in (401, 400, 500):
        chat_server.answers(status, error=f"Incorrect key provided: {key}")

    told = [_failure(make(attempts=1)) for _ in range(3)]

    assert key not in " ".join(repr(link) for error in told for link in (error, error.__cause__, error.__context__))
    assert key not in "".join(record.getMessage() for record in caplog.records)
    assert all(request.headers["authorization"] == f"Bearer {key}" for request in chat_server.requests)


def test_the_log_has_one_line_a_reply(make: Make, chat_server: ChatServer, caplog: pytest.LogCaptureFixture) -> None:
    """Model, tokens, milliseconds, attempts; a failure once, whatever the attempts, without a traceback."""
    caplog.set_level(logging.DEBUG, logger="bot")
    chat_server.answers(500)
    chat_server.replies("Fine.")
    chat_server.answers(500, forever=True)

    list(make().ask(QUESTION))
    assert isinstance(_failure(make()), ModelUnavailableError)

    good, bad = (record for record in caplog.records if record.name.startswith("bot."))
    assert "openai:test-1: 7 + 1 tokens, " in good.getMessage()
    assert good.getMessage().endswith(" ms, 2 attempts")
    assert (bad.levelname, bad.exc_info) == ("WARNING", None)
    assert "it failed (500); 0 + 0 tokens" in bad.getMessage()


def test_a_spent_day_is_not_asked(make: Make, chat_server: ChatServer, tmp_path: Path) -> None:
    """The ceiling stands before the provider."""
    chat_server.replies("one two three", forever=True)
    model = make(ceiling=DailyBudget(UsageTable(tmp_path / "usage.sqlite3"), UTC, tokens_per_day=10))

    list(model.ask(QUESTION))

    with pytest.raises(CeilingError, match="the 10 tokens of a day are spent"):
        list(model.ask(QUESTION))
    assert len(chat_server.requests) == 1


def test_what_a_broken_reply_used_counts(make: Make, chat_server: ChatServer, tmp_path: Path) -> None:
    """A break, and a reader who leaves, are told to the ceiling too."""
    ceiling = DailyBudget(UsageTable(tmp_path / "usage.sqlite3"), UTC)
    chat_server.breaks_off(after=3)
    chat_server.replies('{"one two three"}')
    model = make(ceiling=ceiling)

    broken = _failure(model)
    after_break = ceiling.spent()
    leaving = iter(model.ask(QUESTION))
    next(leaving)
    leaving.close()  # type: ignore[attr-defined]

    assert isinstance(broken, ModelUnavailableError)
    assert after_break.output_tokens == 4
    assert ceiling.spent().input_tokens == 2 * after_break.input_tokens


def _failure(model: object) -> ModelError:
    with pytest.raises(ModelError, match="openai:test-1") as caught:
        list(model.ask(QUESTION))  # type: ignore[attr-defined]
    return caught.value
