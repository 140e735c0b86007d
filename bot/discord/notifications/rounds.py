"""What the bot does again and again of its own accord, until it stops."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from bot.discord.services import AWAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    import discord

    from bot.state.ledger import Ledger

log = logging.getLogger(__name__)

_CLAIMED = timedelta(days=1)  # claims are kept: Discord sends no older event to a process that reconnects
_FORGETTING = 3600.0  # seconds between two looks for what is too old
_FINISHING = 10.0  # seconds that what is under way is waited for when the bot stops


class Look(Protocol):
    """Something that is looked after in each round."""

    async def look(self) -> None:
        """Do what there is to be done now."""
        ...


class Rounds:
    """Looks after each of several things every few seconds; where one fails, the others go on.

    `stopping` is set by `stop`: what is looked after may hold it, to end early.
    """

    def __init__(self, client: discord.Client, looks: Sequence[Look], *, every: float, stopping: asyncio.Event) -> None:
        self._client = client
        self._looks = looks
        self._every = every
        self._stopping = stopping
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self) -> None:
        """Look again and again until `stop`."""
        self._tasks = {asyncio.create_task(self._run(look)) for look in self._looks}

    async def stop(self) -> None:
        """Look no more; what is under way is finished first, as far as that takes no longer than ten seconds."""
        self._stopping.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_FINISHING)
            for task in late:
                task.cancel()

    async def _run(self, look: Look) -> None:
        await self._client.wait_until_ready()
        while not self._stopping.is_set():
            try:
                await look.look()
            except AWAY as exc:
                log.warning("%s: nothing is done for now: %s", type(look).__name__, exc)
            except Exception:
                log.exception("%s failed; it is tried again", type(look).__name__)
            try:
                await asyncio.wait_for(self._stopping.wait(), self._every)
            except TimeoutError:
                continue


class Forgetting:
    """Forgets once an hour what is too old: answers, deliveries and what people were told after `days`, and claims."""

    def __init__(self, ledger: Ledger, *, days: int) -> None:
        self._ledger = ledger
        self._age = timedelta(days=days)
        self._next = 0.0

    async def look(self) -> None:
        """See `Look`."""
        if time.monotonic() >= self._next:
            await asyncio.to_thread(self._forget)
            self._next = time.monotonic() + _FORGETTING

    def _forget(self) -> None:
        self._ledger.answers.forget(self._age)
        self._ledger.following.forget_told(self._age)
        self._ledger.deliveries.forget(self._age)
        self._ledger.claims.forget(_CLAIMED)
