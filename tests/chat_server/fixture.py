"""The fixture `chat_server`, for any conftest that imports it, with a key that is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat_server.server import ChatServer

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "sk-proj-Zq8vN3kLw0pTesting4Rx7Ub2"


@pytest.fixture
def chat_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    """A provider on the loopback, and in the environment the key that its client asks for."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_ORG_ID", "OPENAI_ORGANIZATION", "LANGSMITH_TRACING"):
        monkeypatch.delenv(name, raising=False)
    with ChatServer() as server:
        yield server
