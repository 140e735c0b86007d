"""How a language model is asked: the settings of `[model]` without the ceiling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.answer import Usage


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
