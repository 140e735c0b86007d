"""Reaching a language model: what is asked and replied, which tokens count, and what they may cost in a day.

It is the seam between writing an answer and any provider. Tokens are counted as the provider says, else by the length
of what was asked and said. `client` holds the real model. It is imported by name, and only where a model is set;
LangChain, which is slow to import, waits for the first question even there.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import urlsplit

from bot.answering.types import Usage
from bot.errors import CeilingError, LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, tzinfo

log = logging.getLogger(__name__)


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


_CHARACTERS = 4  # of a token, in English and in French alike, give or take a fifth


@dataclass(frozen=True, slots=True)
class Chunk:
    """What a provider sends at one time: text, often empty, and now and then tokens, or why it ends.

    `thought_tokens` are those of the output that the model spent on thinking.
    """

    text: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    thought_tokens: int = 0
    ending: str = ""


@dataclass(slots=True)
class TokenTally:
    """One attempt: `asked` and `said` in characters, tokens as told so far; `taken` once the provider has read it."""

    asked: int
    said: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    thought_tokens: int = 0
    ending: str = ""
    taken: bool = False
    ended: bool = False

    def add(self, chunk: Chunk) -> None:
        """Counts a chunk in."""
        self.taken = True
        self.said += len(chunk.text)
        if chunk.input_tokens and self.input_tokens:  # some servers tell the sum so far with every piece
            self.output_tokens = max(self.output_tokens, chunk.output_tokens)
        else:
            self.output_tokens += chunk.output_tokens
        self.input_tokens = max(self.input_tokens, chunk.input_tokens)
        self.thought_tokens = max(self.thought_tokens, chunk.thought_tokens)
        self.ending = chunk.ending or self.ending

    def counted(self) -> tuple[int, int, bool]:
        """Tokens in, tokens out, and whether they are an estimate: where not told, or told before the end."""
        if not self.taken:
            return 0, 0, False
        told = self.input_tokens > 0 and (self.output_tokens > 0 or not self.said)
        if told and self.ended:
            return self.input_tokens, self.output_tokens, False
        output = max(self.output_tokens, -(-self.said // _CHARACTERS))
        return self.input_tokens or -(-self.asked // _CHARACTERS), output, True


def used(tallies: Iterable[TokenTally], policy: ModelPolicy) -> Usage:
    """What all attempts of one reply used, with its price."""
    counted = [tally.counted() for tally in tallies]
    asked, said = sum(one[0] for one in counted), sum(one[1] for one in counted)
    return Usage(asked, said, policy.price(asked, said), estimated=any(one[2] for one in counted))


class UsageLog(Protocol):
    """Where the tokens of a day are written down for all processes; LedgerError where that cannot be done."""

    def add(self, day: date, model: str, usage: Usage) -> None:
        """Count what a reply used."""
        ...

    def total(self, day: date) -> Usage:
        """What all models used in a day."""
        ...


class DailyBudget:
    """A day's limit for all models together; a day begins and ends in `zone`. None is no limit.

    It is asked before a reply and told after it, so replies under way at one time may pass it together. Where the
    `usage_log` cannot be kept, a warning says so once, and this process counts for itself.
    """

    def __init__(
        self,
        usage_log: UsageLog,
        zone: tzinfo,
        tokens_per_day: int | None = None,
        cost_per_day: float | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._log = usage_log
        self._zone = zone
        self._tokens = tokens_per_day
        self._cost = cost_per_day
        self._now = now
        self._lock = threading.Lock()
        self._unwritten: list[tuple[date, Usage]] = []
        self._warned = False

    def allow(self, model: str) -> None:
        """Raises CeilingError, with the hour when it ends and the setting that raises it, where the day's is spent."""
        if self._tokens is None and self._cost is None:
            return
        spent = self.spent()
        if self._tokens is not None and spent.input_tokens + spent.output_tokens >= self._tokens:
            raise CeilingError(model, self._told(f"the {self._tokens} tokens", "tokens_per_day"))
        if self._cost is not None and (spent.cost or 0) >= self._cost:
            raise CeilingError(model, self._told(f"the {self._cost:g} that replies may cost", "cost_per_day"))

    def spend(self, model: str, usage: Usage) -> None:
        """Counts what a reply used towards today."""
        if not (usage.input_tokens or usage.output_tokens):
            return
        day = self._today()
        try:
            self._log.add(day, model, usage)
        except LedgerError as exc:
            with self._lock:
                self._unwritten.append((day, usage))
            self._warn(exc)

    def spent(self) -> Usage:
        """What was used today by all models; `cost` is that of replies whose prices were set."""
        day = self._today()
        spent = Usage(cost=0.0)
        try:
            spent = self._log.total(day)
        except LedgerError as exc:
            self._warn(exc)
        with self._lock:
            here = [usage for when, usage in self._unwritten if when == day]
        return sum(here, start=spent)

    def _today(self) -> date:
        return self._now().astimezone(self._zone).date()

    def _told(self, what: str, setting: str) -> str:
        # Midnight where the day is counted, then the offset that holds there: clocks may change in between.
        ends = datetime.combine(self._today() + timedelta(days=1), time(), self._zone)
        return (
            f"{what} of a day are spent until {ends:%Y-%m-%d %H:%M} ({self._zone}): wait, or raise model.{setting} "
            f"in communique.toml"
        )

    def _warn(self, exc: LedgerError) -> None:
        with self._lock:
            warned, self._warned = self._warned, True
        if not warned:
            log.warning("usage: %s: %s; until then this process counts for itself alone", exc.where, exc.cause)
