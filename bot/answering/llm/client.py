"""The language model that the settings name: asked in time, again where that helps, and not beyond its ceiling.

What may hang is read in a thread of its own (`Stream`), so that the reader waits only as long as it wants to; what a
model thinks aloud is left out (`Thoughts`).
"""

from __future__ import annotations

import contextlib
import contextvars
import logging
import queue
import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import tenacity

from bot.answering.llm import Chunk, TokenTally, used
from bot.answering.llm.provider import (
    Provider,
    SilentError,
    TransientModelError,
    connect,
    is_cut,
    is_structured,
    of_ending,
    silent,
)
from bot.errors import ModelError, ModelUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from bot.answering.llm import DailyBudget, Message, ModelPolicy
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


_T = TypeVar("_T")
_AHEAD = 256  # pieces that are read before anybody wants them; a reply seldom has more, and an endless one stops here
_LOOK_UP = 0.2  # seconds after which whoever waits at the queue looks up


class SilenceError(Exception):
    """Nothing came in time."""


@dataclass(frozen=True, slots=True)
class _End:
    failure: BaseException | None


class Stream(Generic[_T]):
    """The items of a generator that a thread reads. The thread ends with them, or soon after `close`."""

    def __init__(self, read: Callable[[], Generator[_T, None, None]]) -> None:
        self._queue: queue.Queue[_T | _End] = queue.Queue(_AHEAD)
        self._closed = threading.Event()
        # Callbacks of LangChain travel in the context.
        context = contextvars.copy_context()
        # A daemon: a client that hangs in spite of its own timeout must not keep the process alive.
        self._thread = threading.Thread(target=context.run, args=(self._run, read), name="model", daemon=True)
        self._thread.start()

    def next(self, seconds: float) -> _T | None:
        """The next item, None after the last. Raises SilenceError after `seconds`, and what the generator raises."""
        item = self._wait(seconds)
        if not isinstance(item, _End):
            return item
        self._thread.join()  # it has nothing left to do
        if item.failure:
            raise item.failure
        return None

    def close(self) -> None:
        """Lets the thread go: it stops at the next item, or when the client gives up."""
        self._closed.set()

    def _wait(self, seconds: float) -> _T | _End:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            # In short turns: where a signal reaches another thread, and on Windows, Ctrl-C is not heard within one.
            with contextlib.suppress(queue.Empty):
                return self._queue.get(timeout=min(left, _LOOK_UP))
        raise SilenceError

    def _run(self, read: Callable[[], Generator[_T, None, None]]) -> None:
        failure: BaseException | None = None
        try:
            with contextlib.closing(read()) as items:
                for item in items:
                    if not self._put(item):
                        return
        except BaseException as exc:  # noqa: BLE001 - it is raised again where the items are read
            failure = exc
        self._put(_End(failure))

    def _put(self, item: _T | _End) -> bool:
        """Whether the item has found its place: False once nobody wants any more."""
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                self._queue.put(item, timeout=_LOOK_UP)
                return True
        return False


MARKS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<reflection>": "</reflection>",
    "<seed:think>": "</seed:think>",
    "[think]": "[/think]",
    "◁think▷": "◁/think▷",
    "<|channel|>analysis<|message|>": "<|channel|>final<|message|>",
    "<|start_of_thought|>": "<|end_of_thought|>",
    "<|begin_of_thought|>": "<|end_of_thought|>",
}
"""How thoughts begin and end, in lower case. Some servers put the first mark into the question: only the last comes."""

_OPENS = '{[`"“«'  # with what a reply begins that was asked for as JSON, or as a question


class Thoughts:
    """Takes the pieces of one reply in turn and gives what is left of them.

    A reply that begins with none of the marks is given on at once where it begins as an answer in JSON does; any other
    is held till its end, as the mark that ends thoughts may still come.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begins again, for another attempt at the same reply."""
        self._held = ""
        self._closing: str | None = None
        self._open = True  # whether thoughts may still begin, or go on
        self.shown = False  # whether anything was given on

    def take(self, piece: str) -> str:
        """What of a piece, and of those held back before it, is to be shown now."""
        if not self._open:
            return piece
        self._held += piece
        begun = self._held.lstrip().lower()
        if self._closing is None and (opening := next((one for one in MARKS if begun.startswith(one)), None)):
            self._closing = MARKS[opening]
        if self._closing:
            return self._after(self._closing)
        if not begun or any(opening.startswith(begun) for opening in MARKS) or begun[0] not in _OPENS:
            return ""
        return self._give(self._held)

    def rest(self) -> str:
        """What is held back, as when the reply has ended; nothing where it ended amid thoughts."""
        held, self._held = self._held, ""
        if self._closing or not self._open:
            return ""
        lower = held.lower()
        ends = [place + len(mark) for mark in MARKS.values() if (place := lower.rfind(mark)) >= 0]
        return self._give(held[max(ends, default=0) :])

    def _after(self, closing: str) -> str:
        place = self._held.lower().find(closing)
        if place < 0:
            return ""
        shown = self._held[place + len(closing) :].lstrip()
        self._held, self._closing = "", None
        return self._give(shown) if shown else ""  # the space after the thoughts may come in a piece of its own

    def _give(self, text: str) -> str:
        self._open, self._held = False, ""
        self.shown = True
        return text.lstrip()
