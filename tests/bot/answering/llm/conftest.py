"""A model that a server on the loopback serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest
import tenacity

from bot.answering.llm import ModelPolicy
from bot.answering.llm.client import ChatModel
from tests.chat_server.fixture import chat_server

if TYPE_CHECKING:
    from bot.answering.llm import DailyBudget
    from tests.chat_server.server import ChatServer

__all__ = ["chat_server"]


class Make(Protocol):
    def __call__(self, *, ceiling: DailyBudget | None = None, **policy: Any) -> ChatModel: ...


@pytest.fixture
def make(chat_server: ChatServer) -> Make:
    """Makes a model of the server's, with the default policy but for what is given."""

    def model(*, ceiling: DailyBudget | None = None, **policy: Any) -> ChatModel:
        named = {"name": "openai:test-1", "base_url": chat_server.base_url}
        return ChatModel(ModelPolicy(**{**named, **policy}), ceiling)

    return model


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once, unless the provider asks to wait."""
    monkeypatch.setattr("bot.answering.llm.client._WAIT", tenacity.wait_none())
