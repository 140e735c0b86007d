"""One provider's model behind LangChain, whichever it is, and what its failures mean.

What it needs is slow to import, so it is imported only where a model is set. Each provider has exceptions of its own,
but all of them carry a status or a telling name.
"""

from __future__ import annotations

import math
import os
import re
import socket
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.answering.llm import Chunk
from bot.errors import ModelError, ModelSetupError, ModelUnavailableError
from bot.redaction import without_keys

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

    from bot.answering.llm import Message, ModelPolicy, TokenTally

# Those that stand on the client of OpenAI, and count the tokens of a stream only if asked to.
_LIKE_OPENAI = frozenset({"openai", "azure_openai", "deepseek", "xai"})
_TIMED = _LIKE_OPENAI | {"anthropic", "mistralai", "groq", "together", "fireworks", "google_genai"}
_STRUCTURED = frozenset({"openai", "azure_openai", "mistralai", "ollama"})


class Provider:
    """A model that is asked for one reply at a time, once, without attempts of its own.

    `structured` is whether it is held to a JSON schema; no more, once it has refused that.
    """

    def __init__(self, chat: BaseChatModel, policy: ModelPolicy) -> None:
        self._chat = chat
        self._policy = policy
        self._streams = True
        self.structured = is_structured(policy)

    def read(self, messages: Sequence[Message], schema: Mapping[str, Any] | None) -> Generator[Chunk, None, None]:
        """The reply in chunks, or in one where it cannot stream. Raises ModelError, which holds no provider's text."""
        failure: ModelError | None = None
        asked = [(message.role, message.text) for message in messages]
        try:
            yield from self._held(asked, schema if self.structured else None)
        except Exception as exc:  # noqa: BLE001 - each provider has exceptions of its own
            failure = explain(exc, self._policy)
        if failure:  # out of the handler: what a provider says may repeat the key, and must not stand in the chain
            raise failure

    def _held(self, messages: Sequence[tuple[str, str]], schema: Mapping[str, Any] | None) -> Iterator[Chunk]:
        """The reply held to a schema; a server that knows none is asked again without, and from then on."""
        begun = False
        try:
            for chunk in self._read(messages, _held_to(schema, self._policy) if schema else {}):
                begun = True
                yield chunk
        except Exception as exc:
            if begun or not schema or not refuses_schema(exc):
                raise
            self.structured = False
        if schema and not self.structured and not begun:
            yield from self._read(messages, {})

    def _read(self, messages: Sequence[tuple[str, str]], held: Mapping[str, Any]) -> Iterator[Chunk]:
        begun = False
        try:
            for chunk in self._chat.stream(list(messages), **held) if self._streams else ():
                begun = True
                yield _chunk(chunk)
        except Exception as exc:
            # LangChain's own words where a server sends its reply whole to who asked for pieces.
            whole = isinstance(exc, ValueError) and "No generation chunks" in str(exc)
            if begun or not (whole or cannot_stream(exc)):
                raise
            self._streams = False
        if not self._streams:
            yield _chunk(self._chat.invoke(list(messages), **held))


def is_structured(policy: ModelPolicy) -> bool:
    """Whether replies are held to a JSON schema: as the settings say, else where the provider is known to do it."""
    return policy.provider in _STRUCTURED if policy.structured is None else policy.structured


def _held_to(schema: Mapping[str, Any], policy: ModelPolicy) -> dict[str, Any]:
    """How the provider is told of a schema."""
    if policy.provider == "ollama":
        return {"format": dict(schema)}
    named = {"name": "answer", "strict": True, "schema": dict(schema)}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


def connect(policy: ModelPolicy) -> Provider:
    """The model that the settings name; nothing is asked yet. Raises ModelSetupError, with how to mend it."""
    if not (policy.provider and policy.model):
        raise ModelSetupError(policy.name, "name the provider too, as in `openai:gpt-5-mini` or `ollama:mistral`")
    if "@" in urlsplit(policy.base_url or "").netloc:  # clients log the addresses that they ask
        raise ModelSetupError(
            policy.name, "model.base_url holds a name or a password: take out what stands before the @"
        )
    failure: ModelError
    try:
        from langchain.chat_models import init_chat_model

        chat = init_chat_model(policy.model, model_provider=policy.provider, **_options(policy))
    except ImportError as exc:
        failure = missing_package(exc, policy)
    except Exception as exc:  # noqa: BLE001 - as above
        failure = _setup(exc, policy)
    else:
        return Provider(chat, policy)
    raise failure


def _setup(exc: Exception, policy: ModelPolicy) -> ModelError:
    """The error of a model that cannot even be made; what is not understood is told in the provider's own words."""
    if "Unsupported provider" in str(exc) or "provider" in str(exc).split("\n")[0].lower():
        known = "openai, anthropic, mistralai, ollama, or another that LangChain knows"
        return ModelSetupError(policy.name, f"there is no provider {policy.provider!r}; name {known}")
    failure = explain(exc, policy)
    if isinstance(failure, ModelSetupError):
        return failure
    return ModelSetupError(policy.name, f"it cannot be set up: {without_keys(str(exc), os.environ)}; check [model]")


def _options(policy: ModelPolicy) -> dict[str, Any]:
    """What the provider is made with. Its own attempts are off; ours know how much time is left."""
    options: dict[str, Any] = {"max_tokens": policy.max_tokens}
    if policy.base_url:
        options["base_url"] = policy.base_url
    if policy.temperature is not None:
        options["temperature"] = policy.temperature
    if policy.provider == "ollama":
        options["num_predict"] = options.pop("max_tokens")
        options["client_kwargs"] = {"timeout": policy.timeout}
    if policy.provider in _TIMED:
        # Whole seconds, as Mistral's client wants them; our own limit is exact.
        options |= {"timeout": math.ceil(policy.timeout), "max_retries": 0}
    if policy.provider in _LIKE_OPENAI:
        options["stream_usage"] = True
    return {**options, **policy.options}


def _chunk(message: BaseMessage) -> Chunk:
    """The text of a message, its blocks joined and those of reasoning left out, its tokens, and why it ends."""
    usage: Mapping[str, Any] = getattr(message, "usage_metadata", None) or {}
    thought = (usage.get("output_token_details") or {}).get("reasoning") or 0
    told = getattr(message, "response_metadata", None) or {}
    ending = next((told[name] for name in ("finish_reason", "stop_reason", "done_reason") if told.get(name)), "")
    tokens = int(usage.get("input_tokens") or 0), int(usage.get("output_tokens") or 0), int(thought)
    return Chunk(str(message.text), *tokens, str(ending))


_KEYS = {
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
        status = _status_of(link)
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
    mend = f"run pip install '.[{extra}]' in the folder of the source" if extra else without_keys(str(exc), os.environ)
    return ModelSetupError(policy.name, f"a package is missing: {mend}")


def _status_of(exc: BaseException) -> int | None:
    """The HTTP status that an exception carries; None where it has none."""
    response = getattr(exc, "response", None)
    carried: list[Any] = [getattr(exc, name, None) for name in ("status_code", "code", "http_status")]
    carried.append(getattr(response, "status_code", None))
    if isinstance(response, dict):  # botocore
        carried.append(response.get("ResponseMetadata", {}).get("HTTPStatusCode"))
    return next((code for code in carried if isinstance(code, int) and 400 <= code < 600), None)


def cannot_stream(exc: BaseException) -> bool:
    """Whether a provider refuses to send its reply in pieces, or to count the tokens of one."""
    refused = any(_status_of(link) in {400, 404, 405, 422, 501} for link in _chain(exc))
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
    variable = _KEYS.get(policy.provider, "the provider's key")
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
    variable = _KEYS.get(policy.provider)
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
        variable = _KEYS.get(policy.provider, "the key")
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
    refused = any(_status_of(link) in {400, 404, 415, 422, 500, 501} for link in _chain(exc))
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
