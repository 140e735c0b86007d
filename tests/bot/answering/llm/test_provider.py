"""Connecting to a provider, and models that are not reached through a socket."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from bot.answering.llm import Chunk, Message, ModelPolicy
from bot.answering.llm.provider import Provider, connect
from bot.errors import ModelSetupError

if TYPE_CHECKING:
    from tests.bot.answering.llm.conftest import Make


class Whole(BaseChatModel):
    """A model that cannot stream, and replies in blocks."""

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any) -> ChatResult:
        content = [
            {"type": "reasoning", "reasoning": "hm"},
            {"type": "text", "text": "It is "},
            {"type": "text", "text": "40."},
        ]
        usage = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content, usage_metadata=usage))])

    @property
    def _llm_type(self) -> str:
        return "whole"


def test_blocks_are_joined_and_reasoning_is_left_out() -> None:
    """In one piece, with its tokens."""
    chunks = list(Provider(Whole(), ModelPolicy("a:b")).read([Message("user", "a")], None))

    assert "".join(chunk.text for chunk in chunks) == "It is 40."
    assert (sum(chunk.input_tokens for chunk in chunks), chunks[0].output_tokens) == (3, 2)
    assert all(isinstance(chunk, Chunk) for chunk in chunks)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("gpt-5-mini", "name the provider too"),
        ("openai:", "name the provider too"),
        ("mistral:7b", "there is no provider 'mistral'"),
        ("nobody:any", "there is no provider 'nobody'"),
        ("anthropic:claude-x", r"pip install '\.\[anthropic\]'"),
        ("ollama:mistral:7b", r"pip install '\.\[ollama\]'"),
    ],
)
def test_a_name_that_cannot_be_served_says_how_to_mend_it(
    name: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown provider, or one whose package is missing."""
    for package in ("langchain_anthropic", "langchain_ollama"):
        monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(ModelSetupError, match=told):
        connect(ModelPolicy(name))


def test_a_missing_key_is_told_before_anything_is_asked(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variable's name, and what to do where the server wants none."""
    monkeypatch.delenv("OPENAI_API_KEY")

    with pytest.raises(ModelSetupError, match="set OPENAI_API_KEY in the environment; any word will do"):
        make().connect()


@pytest.mark.parametrize("address", ["http://me:word@127.0.0.1/v1", "https://word@host.example"])
def test_an_address_with_a_password_is_refused(make: Make, address: str) -> None:
    """Clients log the addresses that they ask; the text does not repeat it."""
    with pytest.raises(ModelSetupError, match="take out what stands before the @") as caught:
        make(base_url=address).connect()
    assert "word@" not in str(caught.value)


@pytest.mark.parametrize("module", ["bot.answering.llm", "bot.answering.llm.client"])
def test_langchain_waits_for_the_first_question(module: str) -> None:
    """Importing this package, and the model itself, brings none of it."""
    code = f"import sys, {module}\nprint([name for name in sys.modules if name.startswith(('langchain', 'openai'))])"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert told.stdout.strip() == "[]"
