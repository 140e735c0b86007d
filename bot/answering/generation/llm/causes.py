"""What a provider's failure means. Each has exceptions of its own, but all of them carry a status or a telling name."""

from __future__ import annotations

import os
import re
import socket
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from bot.errors import ModelError, ModelSetupError, ModelUnavailableError
from bot.redaction import without_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.answering.generation.llm.budget import TokenTally
    from bot.answering.generation.llm.types import ModelPolicy

KEYS = {
    "anthropic": "ANTHROPIC_API_KEY",
    "azure_openai": "AZURE_OPENAI_API_KEY",
    "cohere": "COHERE_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "fireworks": "FIREWORKS_API_KEY",
    "google_genai": "GOOGLE_API_KEY",
    "groq": "GROQ_API_KEY",
    "mistralai": "MISTRAL_API_KEY",
    "openai": "OPENAI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "together": "TOGETHER_API_KEY",
    "xai": "XAI_API_KEY",
}
_NUMBER = r"[0-9]{1,9}(\.[0-9]+)?"
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})  # 529: Anthropic is overloaded
_MEANINGS = {
    408: "it waited too long for the question",
    409: "it is busy with another request",
    429: "it is asked too often",
    503: "it is out of service for now",
    529: "it is overloaded",
}
# Words that providers use where no waiting helps: the account is empty.
_NO_CREDIT = re.compile(
    r"insufficient_quota|insufficient balance|credit balance|billing_hard_limit|exceeded your current quota"
)
_TOO_LONG = re.compile(r"context.{0,20}(?:length|window|size)|too long|too large|exceeds? the .{0,20}token")
_CUT = frozenset({"length", "max_tokens", "max_output_tokens", "model_length"})
_FILTERED = frozenset({"content_filter", "safety", "refusal", "recitation", "prohibited_content", "blocklist"})
_OF_SCHEMA = re.compile(r"response_format|json[_ ]?schema|structured|grammar|\bformat\b|guided")
_SLOW = frozenset(
    {"TimeoutException", "APITimeoutError", "TimeoutError", "Timeout", "ReadTimeoutError", "ConnectTimeout"}
)
_UNREACHED = frozenset({"TransportError", "APIConnectionError", "ConnectionError", "EndpointConnectionError"})
_NO_ADDRESS = frozenset({"UnsupportedProtocol", "InvalidURL"})
_NO_HEADER = frozenset({"LocalProtocolError", "UnicodeEncodeError"})  # a key with a line break, or with an accent


class TransientModelError(ModelUnavailableError):
    """No reply for now, but perhaps at the next attempt. `retry_after`: the seconds that it asks to wait, or None."""

    def __init__(self, model: str, cause: str, retry_after: float | None = None) -> None:
        super().__init__(model, cause)
        self.retry_after = retry_after


class SilentError(ModelUnavailableError):
    """It took the question and said nothing: what it read counts, and another attempt would only wait as long."""


def explain(exc: BaseException, policy: ModelPolicy) -> ModelError:
    """The error that a provider's exception stands for. Nothing of what it carries stands in it but the plain words."""
    if isinstance(exc, ModelError):
        return exc
    for link in _chain(exc):
        status = status_of(link)
        if status is not None:
            return _of_status(status, link, policy)
    if known := next(filter(None, (_of_network(link, policy) for link in _chain(exc))), None):
        return known
    return _of_the_rest(exc, policy)


def missing_package(exc: ImportError, policy: ModelPolicy) -> ModelSetupError:
    """The error of a provider whose package is not installed."""
    extra = {"openai": "openai", "anthropic": "anthropic", "ollama": "ollama", "mistralai": "mistral"}.get(
        policy.provider
    )
    mend = f'run pip install "communique[{extra}]"' if extra else without_keys(str(exc), os.environ)
    return ModelSetupError(policy.name, f"a package is missing: {mend}")


def status_of(exc: BaseException) -> int | None:
    """The HTTP status that an exception carries; None where it has none."""
    response = getattr(exc, "response", None)
    carried: list[Any] = [getattr(exc, name, None) for name in ("status_code", "code", "http_status")]
    carried.append(getattr(response, "status_code", None))
    if isinstance(response, dict):  # botocore
        carried.append(response.get("ResponseMetadata", {}).get("HTTPStatusCode"))
    return next((code for code in carried if isinstance(code, int) and 400 <= code < 600), None)


def cannot_stream(exc: BaseException) -> bool:
    """Whether a provider refuses to send its reply in pieces, or to count the tokens of one."""
    refused = any(status_of(link) in {400, 404, 405, 422, 501} for link in _chain(exc))
    return refused and "stream" in _words(exc).lower()


def read_retry_after(value: str | None, milliseconds: str | None = None) -> float | None:
    """Seconds to wait, from a Retry-After of seconds or of an HTTP date; None where there is none of use.

    OpenAI and Azure tell the `milliseconds` in a header of their own, which is the exacter one.
    """
    if re.fullmatch(_NUMBER, (milliseconds or "").strip()):
        return float(milliseconds or 0) / 1000
    value = (value or "").strip()
    if re.fullmatch(_NUMBER, value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError, TypeError):  # an offset of a million hours overflows
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _of_status(status: int, exc: BaseException, policy: ModelPolicy) -> ModelError:
    name, words = policy.name, _words(exc)
    variable = KEYS.get(policy.provider, "the provider's key")
    if status in {401, 403}:
        meaning = "its key is refused" if status == 401 else "its key may not be used for this"
        return ModelSetupError(name, f"{meaning} ({status}): check {variable} in the environment{_any_key(policy)}")
    if status == 402 or _NO_CREDIT.search(words.lower()):
        return ModelUnavailableError(
            name, f"the account has no credit left ({status}): see the provider's billing page"
        )
    if status == 404:
        pull = f"run `ollama pull {policy.model}`" if policy.provider == "ollama" else "check model.name"
        where = " and model.base_url" if policy.base_url else ""
        return ModelSetupError(name, f"{policy.place} has no such model (404): {pull}{where}")
    if status in _PASSING:
        headers = getattr(getattr(exc, "response", None), "headers", None) or {}
        pause = read_retry_after(headers.get("retry-after"), headers.get("retry-after-ms"))
        again = f"; it asks to come again in {pause:.0f} seconds" if pause else ""
        return TransientModelError(name, f"{_MEANINGS.get(status, 'it failed')} ({status}){again}", pause)
    if status >= 500:
        return TransientModelError(name, f"it failed ({status})")
    mend = "lower search.passages" if status == 413 or _TOO_LONG.search(words.lower()) else "check [model]"
    return ModelSetupError(name, f"the request is refused ({status}): {words or 'no reason given'}; {mend}")


def _of_the_rest(exc: BaseException, policy: ModelPolicy) -> ModelError:
    """The error of a failure without a status or a plain cause: what its name tells, and whether there is a key."""
    names = {kind.__name__ for link in _chain(exc) for kind in type(link).__mro__}
    if names & _UNREACHED:
        return TransientModelError(
            policy.name, f"{policy.place} cannot be reached, or breaks off; check model.base_url"
        )
    if "APIError" in names:  # sent amid a stream that began well
        return TransientModelError(policy.name, f"it failed: {_words(exc)}")
    variable = KEYS.get(policy.provider)
    if variable and not os.environ.get(variable):
        return ModelSetupError(policy.name, f"there is no key: set {variable} in the environment{_any_key(policy)}")
    check = "; check model.base_url" if policy.base_url else ""
    return ModelUnavailableError(
        policy.name, f"what it replies cannot be read ({_words(exc) or type(exc).__name__}){check}"
    )


def _of_network(exc: BaseException, policy: ModelPolicy) -> ModelError | None:
    """The error that one link in a chain of exceptions stands for, where it is one of the network."""
    names = {kind.__name__ for kind in type(exc).__mro__}
    if isinstance(exc, ssl.SSLCertVerificationError):
        return ModelUnavailableError(policy.name, f"the certificate of {policy.place} cannot be trusted")
    if isinstance(exc, socket.gaierror):
        return TransientModelError(policy.name, f"the name of {policy.place} cannot be looked up; check model.base_url")
    if names & _NO_ADDRESS:
        return ModelSetupError(policy.name, "model.base_url is no web address; write it as http://host:port/v1")
    if names & _NO_HEADER:
        variable = KEYS.get(policy.provider, "the key")
        return ModelSetupError(
            policy.name, f"its key cannot be sent: {variable} holds what no header may; paste it anew"
        )
    return silent(policy) if names & _SLOW else None


def of_ending(tally: TokenTally, policy: ModelPolicy, *, said: bool) -> ModelError | None:
    """The error of a reply that ended before its time; None where it ended well, or its beginning can be used."""
    ending = tally.ending.lower()
    if ending in _CUT and not said:
        spent = f"{tally.thought_tokens or policy.max_tokens} tokens"
        mend = 'raise model.max_tokens, or let it think less by model.options, as in { reasoning_effort = "low" }'
        return ModelUnavailableError(policy.name, f"it spent {spent} thinking and replied nothing; {mend}")
    if ending in _FILTERED:
        return ModelUnavailableError(policy.name, f"the provider's filter stopped its reply ({tally.ending})")
    return None


def is_cut(tally: TokenTally) -> bool:
    """Whether a reply reached the limit of its tokens."""
    return tally.ending.lower() in _CUT


def refuses_schema(exc: BaseException) -> bool:
    """Whether a server refuses to be held to a JSON schema."""
    refused = any(status_of(link) in {400, 404, 415, 422, 500, 501} for link in _chain(exc))
    return refused and bool(_OF_SCHEMA.search(_words(exc).lower()))


def silent(policy: ModelPolicy) -> SilentError:
    """The error of a model that says nothing for too long."""
    return SilentError(policy.name, f"it kept silent for {policy.timeout:g} seconds; raise model.timeout if it is slow")


def _any_key(policy: ModelPolicy) -> str:
    return "; any word will do where the server asks for none" if policy.base_url else ""


def _words(exc: BaseException) -> str:
    """What the provider says for itself, in one line without keys."""
    body = getattr(exc, "body", None)
    told = body if isinstance(body, dict) else {}
    reason = next((told[name] for name in ("message", "error", "detail") if told.get(name)), None) or exc
    text = f"{reason} [{told['code']}]" if told.get("code") else str(reason)
    return without_keys(text, os.environ)


def _chain(exc: BaseException | None) -> Iterator[BaseException]:
    """An exception and what led to it; by context too, because httpcore's pool cuts the cause off."""
    while exc:
        yield exc
        exc = exc.__cause__ or exc.__context__
