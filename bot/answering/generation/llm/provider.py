"""One provider's model behind LangChain, whichever it is. Slow to import what it needs, so only where one is set."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.answering.generation.llm.budget import Chunk
from bot.answering.generation.llm.causes import cannot_stream, explain, missing_package, refuses_schema
from bot.errors import ModelSetupError
from bot.redaction import without_keys

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

    from bot.answering.generation.llm.types import Message, ModelPolicy
    from bot.errors import ModelError

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
