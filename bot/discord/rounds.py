"""What the bot does again and again of its own accord, until it stops."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Protocol

from bot.discord.services import AWAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    import discord

log = logging.getLogger(__name__)

_FINISHING = 10.0  # seconds that what is under way is waited for when the bot stops


class Look(Protocol):
    """Something that is looked after in each round."""

    async def look(self) -> None:
        """Do what there is to be done now."""
        ...


class Rounds:
    """Looks after each of several things every few seconds; where one fails, the others go on."""

    def __init__(self, client: discord.Client, looks: Sequence[Look], *, every: float) -> None:
        self._client = client
        self._looks = looks
        self._every = every
        self._stopping = asyncio.Event()
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
