"""Whose turn it is to answer, of several bots that hear the same: each question is answered by one of them.

Discord tells every process that is logged in with a token of every event. The ledger, which they share, knows who is
at what; whoever is not waits until that one has answered, or goes on in its place where it is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from typing import TYPE_CHECKING, Any

import discord

from bot.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.state import Ledger

log = logging.getLogger(__name__)

_GIVES_WAY = 1.0  # seconds that a process which is about to stop leaves a question to others, before it says so
_HELD = 15.0  # seconds that a question is kept from other processes,
_ANEW = 5.0  # counted anew so often
_LATER = 0.05  # seconds that clocks may run apart
_RETRY = 1.0  # seconds between two looks whether a ledger is back
_TELLING = 3600.0  # seconds in which it is tried to write down that a question was answered
_ACKNOWLEDGED = 40060  # another process has responded to the interaction
_DEFERRED = "deferred"


class Turns:
    """The turns of one process."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._name = secrets.token_hex(8)
        self._finishing: set[asyncio.Task[Any]] = set()

    @contextlib.asynccontextmanager
    async def turn(self, event: int, *, last: bool = False) -> AsyncIterator[bool]:
        """Whether this process answers a message or an interaction, by its id.

        Waits while another process is at it. Without a ledger there is nobody to tell of it, and it is answered. `last`
        lets others go first: this one has only an excuse.
        """
        if last:
            await self.give_way()
        if not await self._gained(event):
            yield False
            return
        holding = asyncio.create_task(self._hold(event))
        try:
            yield True
        finally:
            holding.cancel()
            self._finish(asyncio.create_task(self._settle(event)))

    async def give_way(self) -> None:
        """Let others go first for a moment; the task that calls this is one to wait for at the end."""
        task = asyncio.current_task()
        assert task is not None
        self._finish(task)
        await asyncio.sleep(_GIVES_WAY)

    async def close(self, patience: float) -> None:
        """Wait for so many seconds until it is written down what was answered, and all are excused who were not."""
        if self._finishing:
            await asyncio.wait(self._finishing, timeout=patience)

    def _finish(self, task: asyncio.Task[Any]) -> None:
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)

    async def _gained(self, event: int) -> bool:
        waited = False
        while True:
            try:
                claim = await asyncio.to_thread(self._ledger.claims.claim, event, self._name, _HELD)
            except LedgerError as exc:
                if not waited:
                    log.warning("%s; event %s is answered by whoever hears of it", exc, event)
                    return True
                await self._comes_back()
                continue
            if claim.mine or claim.settled:
                return claim.mine
            waited = True
            await asyncio.sleep(claim.left + _LATER)

    async def _comes_back(self) -> None:
        """Wait for the ledger, and then until another process has had the time to say that it has answered."""
        while True:
            await asyncio.sleep(_RETRY)
            with contextlib.suppress(LedgerError):
                await asyncio.to_thread(self._ledger.meta, "schema")
                break
        await asyncio.sleep(_HELD)

    async def _hold(self, event: int) -> None:
        while True:
            await asyncio.sleep(_ANEW)
            with contextlib.suppress(LedgerError):
                await asyncio.to_thread(self._ledger.claims.claim, event, self._name, _HELD)

    async def _settle(self, event: int) -> None:
        until = time.monotonic() + _TELLING
        while time.monotonic() < until:
            try:
                await asyncio.to_thread(self._ledger.claims.settle, event, self._name)
            except LedgerError:
                await asyncio.sleep(_RETRY)
            else:
                return


async def defer(interaction: discord.Interaction, *, private: bool) -> None:
    """Defer the response to a question, which another process that hears of it may have done already."""
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


class OthersTurn(logging.Filter):
    """Keeps out of the log that another process was quicker, which discord.py writes where it cannot tell anybody."""

    def filter(self, record: logging.LogRecord) -> bool:
        """See `logging.Filter`."""
        error = record.exc_info[1] if record.exc_info else None
        return not (is_taken(error) or is_taken(getattr(error, "__cause__", None)))
