"""Where questions are admitted: not too often, not too many at once, and none while the bot is going."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

from discord.app_commands import Cooldown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Hashable

    from bot.settings import DiscordSettings

_MANY = 10_000  # people and guilds that are remembered between two sweeps


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


class Desk:
    """Admits questions. It lives in one event loop. `told` is called with how many there are when that changes."""

    def __init__(self, settings: DiscordSettings, *, told: Callable[[int], None] = lambda _: None) -> None:
        self._settings = settings
        self._told = told
        self._places = asyncio.Semaphore(settings.at_once)
        self._taken = 0
        self._closing = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._cooldowns: dict[Hashable, Cooldown] = {}

    @property
    def waiting(self) -> int:
        """Questions that are being answered or wait for it."""
        return self._taken

    def admit(self, person: int, guild: int | None) -> None:
        """Raises ClosingError, BusyError or CooldownError where a question cannot be taken now."""
        self._check()
        now = time.time()
        self._sweep(now)
        asked = [self._cooldown(("person", person), 1, self._settings.user_pause)]
        if guild is not None:
            asked.append(self._cooldown(("guild", guild), self._settings.guild_per_minute, 60.0))
        if waits := [wait for one in asked if (wait := one.get_retry_after(now))]:
            raise CooldownError(max(waits))
        for one in asked:
            one.update_rate_limit(now)

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place to answer in, once one is free. Raises ClosingError or BusyError."""
        self._check()
        self._taken += 1
        self._told(self._taken)
        self._idle.clear()
        try:
            async with self._places:
                yield
        finally:
            self._taken -= 1
            self._told(self._taken)
            if not self._taken:
                self._idle.set()

    async def close(self, patience: float) -> None:
        """Take no more questions, and wait for those that were taken, for so many seconds."""
        self._closing = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), patience)

    def _check(self) -> None:
        if self._closing:
            raise ClosingError
        if self._taken >= self._settings.at_once + self._settings.waiting:
            raise BusyError

    def _cooldown(self, whose: Hashable, rate: int, per: float) -> Cooldown:
        return self._cooldowns.setdefault(whose, Cooldown(rate, per))

    def _sweep(self, now: float) -> None:
        if len(self._cooldowns) > _MANY:
            self._cooldowns = {whose: one for whose, one in self._cooldowns.items() if one.get_tokens(now) < one.rate}
