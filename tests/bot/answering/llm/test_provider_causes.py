"""What the exceptions of any provider mean."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bot.answering.llm import ModelPolicy
from bot.answering.llm.provider import (
    SilentError,
    TransientModelError,
    explain,
    missing_package,
    read_retry_after,
)
from bot.errors import ModelError, ModelSetupError, ModelUnavailableError


class TransportError(Exception):
    """As httpx names what goes wrong on the way."""


class ReadTimeoutError(Exception):
    """As urllib3 and botocore name a silence."""


class UnsupportedProtocol(Exception):  # noqa: N818 - httpx's name
    """As httpx names an address that is none."""


class APIError(Exception):
    """As OpenAI and Anthropic name what they tell amid a stream."""


class Response:
    def __init__(self, status: int, **headers: str) -> None:
        self.status_code = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def carrying(text: str = "told", **fields: object) -> Exception:
    exc = RuntimeError(text)
    for name, value in fields.items():
        setattr(exc, name, value)
    return exc


def caused(exc: BaseException) -> Exception:
    outer = RuntimeError("it went wrong")
    outer.__cause__ = exc
    return outer


def of(exc: BaseException, name: str = "mistralai:small", base_url: str | None = None) -> ModelError:
    return explain(exc, ModelPolicy(name, base_url=base_url))


@pytest.mark.parametrize(
    ("exc", "kind", "told"),
    [
        (carrying(response=Response(401)), ModelSetupError, "MISTRAL_API_KEY"),
        (carrying(status_code=403), ModelSetupError, "MISTRAL_API_KEY"),
        (carrying(code=404), ModelSetupError, "check model.name"),
        (carrying(response={"ResponseMetadata": {"HTTPStatusCode": 429}}), TransientModelError, "asked too often"),
        (carrying(status_code=529), TransientModelError, "overloaded"),
        (carrying(status_code=501), TransientModelError, "it failed (501)"),
        (carrying(status_code=402), ModelUnavailableError, "no credit left"),
        (carrying("context of 8192 passed", status_code=400), ModelSetupError, "context of 8192 passed"),
        (carrying("no", status_code=413), ModelSetupError, "lower search.passages"),
        (carrying("the context length is 8192", status_code=400), ModelSetupError, "lower search.passages"),
        (carrying(body={"detail": "max_tokens is odd"}, status_code=422), ModelSetupError, "max_tokens is odd; check"),
        (caused(carrying(status_code=500)), TransientModelError, "it failed (500)"),
        (carrying(code="overloaded", status_code=200), ModelUnavailableError, "cannot be read"),
        (caused(ConnectionRefusedError()), TransientModelError, "cannot be reached"),
        (TransportError("peer closed connection"), TransientModelError, "cannot be reached"),
        (APIError("The server had an error"), TransientModelError, "The server had an error"),
        (ReadTimeoutError(), SilentError, "20 seconds"),
        (TimeoutError(), SilentError, "20 seconds"),
        (caused(socket.gaierror(-2, "unknown")), TransientModelError, "cannot be looked up"),
        (caused(ssl.SSLCertVerificationError()), ModelUnavailableError, "certificate"),
        (UnsupportedProtocol("no http"), ModelSetupError, "no web address"),
        (UnicodeEncodeError("ascii", "clé", 2, 3, "no"), ModelSetupError, "paste it anew"),
    ],
)
def test_a_failure_is_what_its_status_or_its_name_says(
    exc: Exception, kind: type[ModelError], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether waiting helps, and who mends it."""
    monkeypatch.setenv("MISTRAL_API_KEY", "any")
    failure = of(exc)

    assert type(failure) is kind
    assert told in str(failure)
    assert str(failure).startswith("language model: mistralai:small: ")


def test_an_unknown_failure_without_a_key_is_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients say so in many ways; the environment tells."""
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)

    failure = of(TypeError("could not resolve authentication method"), "anthropic:claude")

    assert isinstance(failure, ModelSetupError)
    assert "set ANTHROPIC_API_KEY in the environment" in str(failure)


def test_a_model_that_ollama_has_not_is_pulled() -> None:
    """The command is ready to paste, tag and all."""
    assert "run `ollama pull mistral:7b`" in str(of(carrying(status_code=404), "ollama:mistral:7b"))


@pytest.mark.parametrize(("name", "extra"), [("mistralai:x", "mistral"), ("anthropic:x", "anthropic")])
def test_a_missing_package_is_named_as_an_extra(name: str, extra: str) -> None:
    """Ready to paste."""
    told = str(missing_package(ImportError("no langchain_x"), ModelPolicy(name)))

    assert told.endswith(f"run pip install '.[{extra}]' in the folder of the source")


@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7.0), ("1.5", 1.5), ("", None), (None, None), ("soon", None), ("-3", None)]
)
def test_a_pause_is_read_in_seconds(value: str | None, seconds: float | None) -> None:
    """Whole or not; anything else is no pause."""
    assert read_retry_after(value) == seconds


def test_a_pause_may_be_told_in_milliseconds() -> None:
    """Which are the exacter ones where both are told."""
    assert read_retry_after("1", "250") == 0.25


def test_a_pause_may_be_a_date() -> None:
    """A past one is over."""
    ahead = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)

    assert 500 < (read_retry_after(ahead) or 0) <= 600
    assert read_retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
