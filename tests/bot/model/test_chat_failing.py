"""A language model on its bad days: refusals, hangs, breaks."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
import tenacity

from bot.answer import Usage
from bot.errors import ModelSetupError, ModelUnavailableError
from bot.model import Message
from bot.model.causes import PassingError
from bot.model.chat import _Patience

if TYPE_CHECKING:
    from tests.bot.model.conftest import Make
    from tests.chat_server.server import ChatServer

QUESTION = (Message("system", "Quote the release."), Message("user", "What is the ceiling?"))
HANG = 1.0  # seconds of silence that the tests call a hang; a busy machine replies within them


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
def test_a_passing_failure_is_tried_again(make: Make, chat_server: ChatServer, status: int) -> None:
    """One failure, then the reply; a refused attempt costs nothing."""
    chat_server.answers(status)
    chat_server.replies("Fine.")

    reply = make().ask(QUESTION)

    assert list(reply) == ["Fine."]
    assert reply.usage == Usage(7, 1)


def test_attempts_come_to_an_end(make: Make, chat_server: ChatServer) -> None:
    """As many as the policy allows, and no more."""
    chat_server.answers(500, forever=True)

    with pytest.raises(ModelUnavailableError, match=r"openai:test-1: it failed \(500\)"):
        list(make(attempts=3).ask(QUESTION))
    assert len(chat_server.requests) == 3


@pytest.mark.parametrize(("left", "attempt", "over"), [(60, 1, False), (60, 3, True), (7.5, 1, False), (5, 1, True)])
def test_a_pause_that_the_provider_asks_for_is_kept(left: float, attempt: int, over: bool) -> None:
    """Never cut short: where it does not fit into the time left, the attempt was the last."""
    state = tenacity.RetryCallState(tenacity.Retrying(), None, (), {})
    state.attempt_number = attempt
    state.outcome = tenacity.Future.construct(attempt, PassingError("a:b", "busy", retry_after=7), has_exception=True)
    patience = _Patience(3, time.monotonic() + left)

    state.upcoming_sleep = patience.wait(state)

    assert state.upcoming_sleep >= 7
    assert patience.over(state) is over


def test_a_busy_provider_is_asked_again(make: Make, chat_server: ChatServer) -> None:
    """After the moment that it asks for."""
    chat_server.answers(429, retry_after=0.01)
    chat_server.replies("Fine.")

    assert list(make().ask(QUESTION)) == ["Fine."]


def test_a_pause_longer_than_the_time_left_is_not_begun(make: Make, chat_server: ChatServer) -> None:
    """It is told at once instead."""
    chat_server.answers(503, retry_after=600)
    chat_server.replies("Fine.")

    with pytest.raises(ModelUnavailableError, match="come again in 600 seconds"):
        list(make().ask(QUESTION, seconds=30))
    assert len(chat_server.requests) == 1


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (400, r"the request is refused \(400\): this failure was asked for; check \[model\]"),
        (401, "its key is refused .*check OPENAI_API_KEY"),
        (403, "its key may not be used for this .*check OPENAI_API_KEY"),
        (404, r"has no such model \(404\): check model.name"),
    ],
)
def test_a_wrong_setup_is_told_at_once(make: Make, chat_server: ChatServer, status: int, told: str) -> None:
    """What only the operator mends is not tried again."""
    chat_server.answers(status, forever=True)

    with pytest.raises(ModelSetupError, match=told):
        list(make().ask(QUESTION))
    assert len(chat_server.requests) == 1


def test_an_empty_account_is_not_waited_for(make: Make, chat_server: ChatServer) -> None:
    """The status of a busy server, but no waiting helps."""
    chat_server.answers(429, error="You exceeded your current quota.", code="insufficient_quota", forever=True)

    with pytest.raises(ModelUnavailableError, match="no credit left"):
        list(make().ask(QUESTION))
    assert len(chat_server.requests) == 1


def test_a_hang_ends_and_is_tried_again(make: Make, chat_server: ChatServer) -> None:
    """Silence before the first piece is a failed attempt, and what it read counts."""
    chat_server.hangs()
    chat_server.replies("Fine.")

    reply = make(timeout=HANG).ask(QUESTION)

    assert list(reply) == ["Fine."]
    assert reply.usage.input_tokens > 7
    assert reply.usage.estimated


def test_a_hang_amid_a_reply_ends_it(make: Make, chat_server: ChatServer) -> None:
    """What came is shown already, so the reply is not begun again."""
    chat_server.hangs(after=2)
    pieces = iter(make(timeout=HANG).ask(QUESTION))

    assert [next(pieces), next(pieces)] == ["one", " two"]
    with pytest.raises(ModelUnavailableError, match=r"it broke off: it kept silent for 1 seconds"):
        next(pieces)


def test_a_reply_that_breaks_off_is_told(make: Make, chat_server: ChatServer) -> None:
    """Nor is one whose connection is lost; its pieces count."""
    chat_server.breaks_off(after=3)
    reply = make().ask(QUESTION)

    with pytest.raises(ModelUnavailableError, match="it broke off"):
        list(reply)
    assert len(chat_server.requests) == 1
    assert reply.usage.output_tokens == 4
    assert reply.usage.estimated


def test_a_connection_lost_before_the_first_piece_is_made_again(make: Make, chat_server: ChatServer) -> None:
    """Nothing has been shown yet."""
    chat_server.breaks_off(after=0)
    chat_server.replies("Fine.")

    assert list(make().ask(QUESTION)) == ["Fine."]


def test_a_slow_reply_ends_with_the_time_left(make: Make, chat_server: ChatServer) -> None:
    """Though it never keeps silent for long."""
    chat_server.replies(pieces=["word "] * 2000, delay=0.05)

    with pytest.raises(ModelUnavailableError, match=r"longer than the 0\.5 seconds left"):
        list(make().ask(QUESTION, seconds=0.5))


def test_without_time_left_nothing_is_asked(make: Make, chat_server: ChatServer) -> None:
    """A caller whose time is up costs nothing."""
    with pytest.raises(ModelUnavailableError, match="0 seconds left"):
        list(make().ask(QUESTION, seconds=-2))
    assert chat_server.requests == ()


def test_a_closed_door_is_told(make: Make) -> None:
    """Nobody listens at the address, which is named."""
    with pytest.raises(ModelUnavailableError, match=r"127\.0\.0\.1:9 cannot be reached"):
        list(make(base_url="http://127.0.0.1:9/v1", attempts=2).ask(QUESTION))


def test_a_reply_that_does_not_end_is_cut(make: Make, chat_server: ChatServer) -> None:
    """A server that takes no notice of the limit cannot fill the memory."""
    chat_server.replies(pieces=["again and " * 100] * 500)

    with pytest.raises(ModelUnavailableError, match=r"does not end; check model\.max_tokens"):
        list(make(max_tokens=50).ask(QUESTION))


def test_an_interruption_ends_a_hang_at_once(chat_server: ChatServer) -> None:
    """Ctrl-C while the provider keeps silent: the process ends long before the timeout."""
    chat_server.hangs(forever=True)
    code = (
        "import signal, threading\n"
        "from bot.model import Message, ModelPolicy\n"
        "from bot.model.chat import ChatModel\n"
        f"policy = ModelPolicy('openai:test-1', base_url={chat_server.base_url!r}, timeout=120, longest=200)\n"
        "model = ChatModel(policy)\n"
        "model.connect()\n"
        "threading.Timer(1, signal.raise_signal, [signal.SIGINT]).start()\n"
        "list(model.ask([Message('user', 'a')]))\n"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert "KeyboardInterrupt" in ended.stderr
