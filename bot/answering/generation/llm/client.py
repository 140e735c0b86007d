"""The language model that the settings name: asked in time, again where that helps, and not beyond its ceiling."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import tenacity

from bot.answering.generation.llm.budget import Chunk, TokenTally, used
from bot.answering.generation.llm.causes import SilentError, TransientModelError, is_cut, of_ending, silent
from bot.answering.generation.llm.provider import Provider, connect, is_structured
from bot.answering.generation.llm.streaming import SilenceError, Stream, Thoughts
from bot.errors import ModelError, ModelUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from bot.answering.generation.llm.budget import DailyBudget
    from bot.answering.generation.llm.types import Message, ModelPolicy
    from bot.answering.types import Usage

log = logging.getLogger(__name__)
_WAIT = tenacity.wait_exponential(0.4, max=8) + tenacity.wait_random(0, 0.4)  # seconds
_ENDLESS = 40  # characters of a token: a reply that is longer than this ignores the limit it was given


class ChatModel:
    """A model that any of LangChain's providers serves. Threads may share it; it is connected at the first question."""

    def __init__(self, policy: ModelPolicy, ceiling: DailyBudget | None = None) -> None:
        self._policy = policy
        self._ceiling = ceiling
        self._lock = threading.Lock()
        self._provider: Provider | None = None

    @property
    def name(self) -> str:
        """Provider and model, as the settings name them."""
        return self._policy.name

    @property
    def structured(self) -> bool:
        """Whether replies are held to a JSON schema, as far as is known."""
        return self._provider.structured if self._provider else is_structured(self._policy)

    def ask(
        self, messages: Sequence[Message], *, seconds: float | None = None, schema: Mapping[str, Any] | None = None
    ) -> ChatReply:
        """The reply to `messages`, asked for when it is iterated; `seconds` is what is left for this answer."""
        longest = self._policy.longest
        left = longest if seconds is None else min(seconds, longest)
        return ChatReply(
            tuple(messages), self._policy, self._ceiling, connect=self._connected, seconds=left, schema=schema
        )

    def connect(self) -> None:
        """Finds out now what else the first question would: a missing package or key. Raises ModelSetupError."""
        self._connected()

    def _connected(self) -> Provider:
        with self._lock:
            if self._provider is None:
                self._provider = connect(self._policy)
            return self._provider


class ChatReply:
    """One reply: see `llm.types.Reply`. What it used is told to the ceiling however it ends."""

    def __init__(
        self,
        messages: tuple[Message, ...],
        policy: ModelPolicy,
        ceiling: DailyBudget | None,
        *,
        connect: Callable[[], Provider],
        seconds: float,
        schema: Mapping[str, Any] | None = None,
    ) -> None:
        self._messages = messages
        self._policy = policy
        self._ceiling = ceiling
        self._connect = connect
        self._seconds = seconds
        self._schema = schema
        self._tallies: list[TokenTally] = []
        self._begun = False

    def __iter__(self) -> Iterator[str]:
        """Pieces of the text, none of them empty. Raises ModelError; a second time gives nothing."""
        if self._begun:
            return
        self._begun = True
        start = time.monotonic()
        failure: ModelError | None = None
        try:
            if self._ceiling:
                self._ceiling.allow(self._policy.name)
            provider = self._connect()
            # The clock begins here: importing LangChain, once in a process, is not the provider's doing.
            yield from self._pieces(provider, until=time.monotonic() + self._seconds)
        except ModelError as exc:
            failure = exc
            raise
        finally:
            self._account(time.monotonic() - start, failure)

    @property
    def usage(self) -> Usage:
        """What all attempts asked and said so far."""
        return used(self._tallies, self._policy)

    def _pieces(self, provider: Provider, *, until: float) -> Generator[str, None, None]:
        thoughts = Thoughts()
        first, stream = self._first(provider, thoughts, until)
        try:
            if first is None:
                return
            yield first
            while (piece := self._next(stream, thoughts, until)) is not None:
                if piece:
                    yield piece
        except TransientModelError as exc:  # too late to begin again: the caller has shown what came before
            raise ModelUnavailableError(self._policy.name, f"it broke off: {_cause(exc)}") from None
        finally:
            stream.close()

    def _first(self, provider: Provider, thoughts: Thoughts, until: float) -> tuple[str | None, Stream[Chunk]]:
        """The first piece that is not empty, None where there is none, after as many attempts as it takes."""
        patience = Patience(self._policy.attempts, until)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TransientModelError),
            stop=patience.over,
            wait=patience.wait,
            reraise=True,
        )
        return retrying(self._attempt, provider, thoughts, until)

    def _attempt(self, provider: Provider, thoughts: Thoughts, until: float) -> tuple[str | None, Stream[Chunk]]:
        if time.monotonic() >= until:
            raise self._late(until)
        self._tallies.append(TokenTally(sum(len(message.text) for message in self._messages)))
        thoughts.forget()
        stream = Stream(partial(provider.read, self._messages, self._schema))
        try:
            piece = self._next(stream, thoughts, until)
            while piece == "":
                piece = self._next(stream, thoughts, until)
        except BaseException:
            stream.close()
            raise
        return piece, stream

    def _next(self, stream: Stream[Chunk], thoughts: Thoughts, until: float) -> str | None:
        """What the next chunk adds to the text, perhaps nothing; None after the last. Raises ModelError in time."""
        tally = self._tallies[-1]
        if tally.ended:
            return None
        left = until - time.monotonic()
        try:
            if left <= 0:
                raise SilenceError
            chunk = stream.next(min(self._policy.timeout, left))
        except (SilenceError, SilentError):
            tally.taken = True
            raise self._late(until) from None
        if chunk is None:
            return self._end(tally, thoughts)
        tally.add(chunk)
        if tally.said > self._policy.max_tokens * _ENDLESS:
            raise ModelUnavailableError(self._policy.name, "its reply does not end; check model.max_tokens")
        return thoughts.take(chunk.text)

    def _end(self, tally: TokenTally, thoughts: Thoughts) -> str | None:
        """What is left at the end of a reply; where it ended before its time, the error, or a word in the log."""
        tally.ended = True
        rest = thoughts.rest()
        if failure := of_ending(tally, self._policy, said=bool(rest) or thoughts.shown):
            raise failure
        if is_cut(tally):
            log.warning(
                "%s: its reply was cut off at %d tokens; raise model.max_tokens", self._policy.name, tally.output_tokens
            )
        return rest or None

    def _late(self, until: float) -> ModelUnavailableError:
        if time.monotonic() < until:
            return silent(self._policy)
        cause = f"it took longer than the {max(0.0, self._seconds):.3g} seconds left for the answer"
        return ModelUnavailableError(self._policy.name, f"{cause}; raise model.longest if it is slow")

    def _account(self, seconds: float, failure: ModelError | None) -> None:
        usage, attempts = self.usage, len(self._tallies)
        if self._ceiling:
            self._ceiling.spend(self._policy.name, usage)
        told = f"{self._policy.shown(usage)}, {seconds * 1000:.0f} ms, {attempts} attempt{'s' * (attempts != 1)}"
        if failure:
            log.warning("%s; %s", failure, told)  # its text says which model
        else:
            log.info("%s: %s", self._policy.name, told)


@dataclass(frozen=True, slots=True)
class Patience:
    """When an attempt is the last, and how long the next one waits: no shorter than the provider asks for."""

    attempts: int
    until: float

    def wait(self, state: tenacity.RetryCallState) -> float:
        """Seconds before the next attempt, longer each time and never the same."""
        failure = state.outcome.exception() if state.outcome else None
        asked = (failure.retry_after if isinstance(failure, TransientModelError) else None) or 0.0
        wanted = asked + _WAIT(state)
        return wanted if wanted < self.until - time.monotonic() else asked

    def over(self, state: tenacity.RetryCallState) -> bool:
        """Whether no attempt is left, or no time after the wait, which tenacity asks for first."""
        return state.attempt_number >= self.attempts or time.monotonic() + state.upcoming_sleep >= self.until


def _cause(exc: ModelError) -> str:
    return str(exc).removeprefix(f"language model: {exc.model}: ")
