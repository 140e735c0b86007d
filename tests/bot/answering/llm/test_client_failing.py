"""A language model on its bad days: refusals, hangs, breaks."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
import tenacity

from bot.answering.llm import Message
from bot.answering.llm.client import Patience
from bot.answering.llm.provider import TransientModelError
from bot.answering.types import Usage
from bot.errors import ModelSetupError, ModelUnavailableError
from tests.chat_server.script import Script

if TYPE_CHECKING:
    from tests.bot.answering.llm.conftest import Make
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
    state.outcome = tenacity.Future.construct(
        attempt, TransientModelError("a:b", "busy", retry_after=7), has_exception=True
    )
    patience = Patience(3, time.monotonic() + left)

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


def test_a_silent_server_is_not_asked_twice(make: Make, chat_server: ChatServer) -> None:
    """It is slow, not broken: the setting that helps is named, and what it read counts."""
    chat_server.hangs(forever=True)

    reply = make(timeout=HANG).ask(QUESTION)

    with pytest.raises(ModelUnavailableError, match=r"kept silent for 1 seconds; raise model\.timeout if it is slow"):
        list(reply)
    assert len(chat_server.requests) == 1
    assert reply.usage.input_tokens > 7
    assert reply.usage.estimated


@pytest.mark.parametrize("ending", ["length", "max_tokens"])
def test_thinking_that_leaves_no_tokens_for_the_reply_is_told(make: Make, chat_server: ChatServer, ending: str) -> None:
    """With the two settings that help."""
    chat_server.plays(Script(("<think>", "hm, "), ending=ending, thought=1200))

    with pytest.raises(ModelUnavailableError, match=r"spent 1200 tokens thinking.*model\.max_tokens.*model\.options"):
        list(make().ask(QUESTION))


def test_a_reply_that_a_filter_stops_is_no_answer(make: Make, chat_server: ChatServer) -> None:
    """What came before is not shown as if it were whole."""
    chat_server.plays(Script(('{"sentence": "It', " is"), ending="content_filter"))

    with pytest.raises(ModelUnavailableError, match="the provider's filter stopped its reply"):
        list(make().ask(QUESTION))


def test_a_reply_that_is_cut_is_told_in_the_log(
    make: Make, chat_server: ChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    """What came counts; the operator learns which setting to raise."""
    chat_server.plays(Script(('{"sentence": "It', " is"), ending="length"))

    assert "".join(make(max_tokens=60).ask(QUESTION)) == '{"sentence": "It is'
    assert "its reply was cut off at 2 tokens; raise model.max_tokens" in caplog.text


SCHEMA = {"type": "object", "properties": {"declined": {"type": "boolean"}}}


def test_a_reply_is_held_to_a_schema_where_the_server_can(make: Make, chat_server: ChatServer) -> None:
    """Sent as OpenAI's protocol has it; not at all where a setting says so, or no schema is given."""
    for _ in range(3):
        chat_server.replies('{"declined": true}')

    list(make().ask(QUESTION, schema=SCHEMA))
    list(make(structured=False).ask(QUESTION, schema=SCHEMA))
    list(make().ask(QUESTION))

    assert [request.schema for request in chat_server.requests] == [SCHEMA, None, None]


def test_a_server_that_knows_no_schema_is_asked_without(make: Make, chat_server: ChatServer) -> None:
    """At once, and from then on."""
    chat_server.answers(400, error="response_format: json_schema is not supported")
    chat_server.replies('{"declined": true}', forever=True)
    model = make()

    assert model.structured
    list(model.ask(QUESTION, schema=SCHEMA))
    list(model.ask(QUESTION, schema=SCHEMA))

    assert not model.structured
    assert [request.schema for request in chat_server.requests] == [SCHEMA, None, None]


def test_options_reach_the_provider_as_they_are(make: Make, chat_server: ChatServer) -> None:
    """What no setting of ours names: how long it is to think."""
    chat_server.replies("Fine.")

    list(make(options={"reasoning_effort": "low", "seed": 7}).ask(QUESTION))

    (request,) = chat_server.requests
    assert (request.body["reasoning_effort"], request.body["seed"]) == ("low", 7)


def test_a_hang_amid_a_reply_ends_it(make: Make, chat_server: ChatServer) -> None:
    """What came is shown already, so the reply is not begun again."""
    chat_server.hangs(after=2)
    pieces = iter(make(timeout=HANG).ask(QUESTION))

    assert [next(pieces), next(pieces)] == ['{"one', " two"]
    with pytest.raises(ModelUnavailableError, match=r"it kept silent for 1 seconds"):
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
        "from bot.answering.llm import Message, ModelPolicy\n"
        "from bot.answering.llm.client import ChatModel\n"
        f"policy = ModelPolicy('openai:test-1', base_url={chat_server.base_url!r}, timeout=120, longest=200)\n"
        "model = ChatModel(policy)\n"
        "model.connect()\n"
        "threading.Timer(1, signal.raise_signal, [signal.SIGINT]).start()\n"
        "list(model.ask([Message('user', 'a')]))\n"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert "KeyboardInterrupt" in ended.stderr
