"""Which questions are taken: not too often, not too many at once, none while the bot stops; and by which process.

Discord sends every event to every process that is logged in with a token. In the ledger, which they share, one of them
claims the event; the others wait until it has answered, and one of them takes over if it is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from typing import TYPE_CHECKING, Any

import discord
from discord.app_commands import Cooldown

from bot.errors import LedgerError, QuestionTooLongError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Hashable

    from bot.settings import DiscordSettings
    from bot.state.ledger import Ledger

log = logging.getLogger(__name__)

LONGEST_QUESTION = 1_000  # characters, however it is asked
_MANY = 10_000  # people and guilds that are remembered between two sweeps

_GIVES_WAY = 1.0  # seconds that a process which is about to stop leaves a question to others, before it says so
_LEASE = 15.0  # seconds that a claim lasts,
_RENEWED = 5.0  # and how often it is renewed
_SKEW = 0.05  # seconds that clocks may run apart
_RETRY = 1.0  # seconds between two attempts to reach the ledger
_SETTLING = 3600.0  # seconds in which it is tried to write down that a question was answered
_ACKNOWLEDGED = 40060  # another process has responded to the interaction
_DEFERRED = "deferred"


class NotAdmittedError(Exception):
    """A question cannot be taken now; `outcome` is what it is counted as."""

    outcome = "turned_away"


class BusyError(NotAdmittedError):
    """Too many questions wait already."""

    outcome = "busy"


class ClosingError(NotAdmittedError):
    """The bot is about to stop."""

    outcome = "closing"


class CooldownError(NotAdmittedError):
    """This person, or this guild, has just asked; `retry_after` is in seconds."""

    outcome = "cooldown"

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"again in {retry_after:.1f} seconds")
        self.retry_after = retry_after


class Admission:
    """Admits questions in one event loop. `on_change` is called with how many there are whenever that changes."""

    def __init__(self, settings: DiscordSettings, *, on_change: Callable[[int], None] = lambda _: None) -> None:
        self._settings = settings
        self._on_change = on_change
        self._slots = asyncio.Semaphore(settings.at_once)
        self._taken = 0
        self._closing = False
        self._giving_up = False
        self._under_way: set[asyncio.Task[Any]] = set()
        self._cooldowns: dict[Hashable, Cooldown] = {}

    @property
    def waiting(self) -> int:
        """Questions that are being answered or wait for it."""
        return self._taken

    def admit(self, person: int, guild: int | None) -> None:
        """Take the question that the running task handles. Raises ClosingError, BusyError or CooldownError."""
        if self._closing:
            raise ClosingError
        self._check()
        now = time.time()
        self._sweep(now)
        cooldowns = [self._cooldown(("person", person), 1, self._settings.user_pause)]
        if guild is not None:
            cooldowns.append(self._cooldown(("guild", guild), self._settings.guild_per_minute, 60.0))
        if waits := [wait for cooldown in cooldowns if (wait := cooldown.get_retry_after(now))]:
            raise CooldownError(max(waits))
        for cooldown in cooldowns:
            cooldown.update_rate_limit(now)
        self._enter()

    def leave(self) -> None:
        """Another process answers what the running task handles: `close` does not wait for it."""
        task = asyncio.current_task()
        assert task is not None
        self._under_way.discard(task)

    @contextlib.asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """A slot to answer in, as soon as one is free. Raises ClosingError or BusyError."""
        if self._giving_up:
            raise ClosingError
        self._check()
        self._enter()
        self._taken += 1
        self._on_change(self._taken)
        try:
            async with self._slots:
                if self._giving_up:
                    raise ClosingError
                yield
        finally:
            self._taken -= 1
            self._on_change(self._taken)

    async def close(self, patience: float) -> None:
        """Take no more questions, and wait up to `patience` seconds until those that were taken are done with."""
        self._closing = True
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=patience)

    def give_up(self) -> None:
        """Begin to answer nothing more: who waits for a slot, or is going to, gets a ClosingError at once."""
        self._closing = self._giving_up = True
        for _ in range(self._taken):
            self._slots.release()

    def _enter(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def _check(self) -> None:
        if self._taken >= self._settings.at_once + self._settings.waiting:
            raise BusyError

    def _cooldown(self, whose: Hashable, rate: int, per: float) -> Cooldown:
        return self._cooldowns.setdefault(whose, Cooldown(rate, per))

    def _sweep(self, now: float) -> None:
        if len(self._cooldowns) > _MANY:
            self._cooldowns = {whose: one for whose, one in self._cooldowns.items() if one.get_tokens(now) < one.rate}


def checked_length(question: str) -> str:
    """The question. Raises QuestionTooLongError if it is longer than a question may be."""
    if len(question) > LONGEST_QUESTION:
        raise QuestionTooLongError(len(question), LONGEST_QUESTION)
    return question


class EventClaims:
    """The claims of one process. `on_elsewhere` is called where another one turns out to be answering."""

    def __init__(self, ledger: Ledger, *, on_elsewhere: Callable[[], None] = lambda: None) -> None:
        self._ledger = ledger
        self._on_elsewhere = on_elsewhere
        self._closed = False
        self._name = secrets.token_hex(8)
        self._finishing: set[asyncio.Task[Any]] = set()

    @contextlib.asynccontextmanager
    async def claim(self, event: int, *, last: bool = False) -> AsyncIterator[bool]:
        """Whether this process answers a message or an interaction, by its id.

        Waits while another process is answering. If the ledger cannot be reached, the event counts as claimed. `last`
        lets the others go first: this process could only apologise. What is cancelled, or still under way when the
        claims are closed, is left to whoever comes after.
        """
        if last:
            await self.give_way()
        if not await self._acquired(event):
            yield False
            return
        renewing = asyncio.create_task(self._renew(event))
        is_left = False
        try:
            yield True
        except asyncio.CancelledError:
            is_left = True
            raise
        finally:
            renewing.cancel()
            if not (is_left or self._closed):
                self._track(asyncio.create_task(self._settle(event)))

    async def give_way(self) -> None:
        """Let others go first for a moment; `close` waits for the task that calls this."""
        task = asyncio.current_task()
        assert task is not None
        self._track(task)
        await asyncio.sleep(_GIVES_WAY)

    async def close(self, patience: float) -> None:
        """Wait up to `patience` seconds until every answer is written down, and every apology is made.

        What ends after that is not written down: nobody could be told any more.
        """
        if self._finishing:
            await asyncio.wait(self._finishing, timeout=patience)
        self._closed = True

    def _track(self, task: asyncio.Task[Any]) -> None:
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)

    async def _acquired(self, event: int) -> bool:
        waited = False
        while True:
            try:
                claim = await asyncio.to_thread(self._ledger.claims.claim, event, self._name, _LEASE)
            except LedgerError as exc:
                if not waited:
                    log.warning("%s; event %s is answered by whoever hears of it", exc, event)
                    return True
                await self._ledger_is_back()
                continue
            if claim.mine or claim.settled:
                return claim.mine
            if not waited:
                self._on_elsewhere()
            waited = True
            await asyncio.sleep(claim.left + _SKEW)

    async def _ledger_is_back(self) -> None:
        """Wait for the ledger, and then for as long as another process may need to say that it has answered."""
        while True:
            await asyncio.sleep(_RETRY)
            with contextlib.suppress(LedgerError):
                await asyncio.to_thread(self._ledger.meta, "schema")
                break
        await asyncio.sleep(_LEASE)

    async def _renew(self, event: int) -> None:
        while True:
            await asyncio.sleep(_RENEWED)
            with contextlib.suppress(LedgerError):
                await asyncio.to_thread(self._ledger.claims.claim, event, self._name, _LEASE)

    async def _settle(self, event: int) -> None:
        until = time.monotonic() + _SETTLING
        while time.monotonic() < until:
            try:
                await asyncio.to_thread(self._ledger.claims.settle, event, self._name)
            except LedgerError:
                await asyncio.sleep(_RETRY)
            else:
                return


async def defer(interaction: discord.Interaction, *, private: bool) -> None:
    """Defer the response to a question, unless another process that hears of it has done so already."""
    try:
        await interaction.response.defer(thinking=True, ephemeral=private)
    except discord.HTTPException as exc:
        if not is_taken(exc):
            raise
    interaction.extras[_DEFERRED] = True


def is_responded(interaction: discord.Interaction) -> bool:
    """Whether there is a response, by this process or another, that may be edited."""
    return interaction.response.is_done() or interaction.extras.get(_DEFERRED, False)


def is_taken(error: BaseException | None) -> bool:
    """Whether an error says that another process has responded to an interaction."""
    return isinstance(error, discord.HTTPException) and error.code == _ACKNOWLEDGED


class TakenFilter(logging.Filter):
    """Keeps out of discord.py's log that another process has responded first, which is no failure."""

    def filter(self, record: logging.LogRecord) -> bool:
        """See `logging.Filter`."""
        error = record.exc_info[1] if record.exc_info else None
        return not (is_taken(error) or is_taken(getattr(error, "__cause__", None)))
