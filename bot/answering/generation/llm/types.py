"""What is asked of a language model, and what comes back: the seam between writing an answer and any provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.answering.types import Usage

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of what a model reads."""

    role: Role
    text: str


class ModelReply(Protocol):
    """One reply. It is asked for when the iterating begins, and can be iterated once."""

    def __iter__(self) -> Iterator[str]:
        """Pieces of the text as they come. Raises ModelError; what came before has been used and counts."""
        ...

    @property
    def usage(self) -> Usage:
        """What was asked and said so far; whole once the reply has ended."""
        ...


class Model(Protocol):
    """A language model that writes plain text."""

    @property
    def name(self) -> str:
        """Provider and model, as in `openai:gpt-5-mini`."""
        ...

    @property
    def structured(self) -> bool:
        """Whether it can be held to a JSON schema, as far as is known."""
        ...

    def connect(self) -> None:
        """Finds out now what else the first question would: a missing package or key. Raises ModelSetupError."""
        ...

    def ask(
        self, messages: Sequence[Message], *, seconds: float | None = None, schema: Mapping[str, Any] | None = None
    ) -> ModelReply:
        """The reply to `messages`; `seconds` is what is left for this answer, None what the settings say.

        It is held to a JSON `schema` where the model is `structured`.
        """
        ...


@dataclass(frozen=True, slots=True)
class ModelPolicy:
    """Which model, where, and how patiently.

    `timeout` are seconds of silence, `longest` those of a whole reply with all its attempts. Prices are for a million
    tokens. `structured` is whether replies are held to a JSON schema, None where that depends on the provider;
    `options` are handed to the provider's client as they are.
    """

    name: str
    base_url: str | None = None
    temperature: float | None = None
    max_tokens: int = 1200
    timeout: float = 20
    longest: float = 60
    attempts: int = 3
    input_price: float | None = None
    output_price: float | None = None
    structured: bool | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def provider(self) -> str:
        """What stands before the colon, as LangChain spells it; empty where there is no colon."""
        provider, colon, _ = self.name.strip().partition(":")
        return provider.strip().replace("-", "_").lower() if colon else ""

    @property
    def model(self) -> str:
        """What stands after the colon; it may hold further ones, as in `ollama:mistral:7b`."""
        return self.name.strip().partition(":")[2].strip()

    @property
    def place(self) -> str:
        """Where it is reached, to be shown: a host without the name and password that an address may carry."""
        try:
            parts = urlsplit(self.base_url or "")
            return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or "the provider"
        except ValueError:  # no address at all; the provider's client says so
            return "the provider"

    def price(self, input_tokens: int, output_tokens: int) -> float | None:
        """What tokens cost; None unless both prices are set."""
        if self.input_price is None or self.output_price is None:
            return None
        return (input_tokens * self.input_price + output_tokens * self.output_price) / 1_000_000

    def shown(self, usage: Usage) -> str:
        """Tokens for the log, as in `812 + 96 tokens`."""
        return f"{usage.input_tokens} + {usage.output_tokens} tokens{' (estimated)' if usage.estimated else ''}"
