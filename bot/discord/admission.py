"""Admission of questions: not too often, not too many at once, none too long, and none while the bot is stopping."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

from discord.app_commands import Cooldown

from bot.errors import QuestionTooLongError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Hashable

    from bot.settings import DiscordSettings

LONGEST_QUESTION = 1_000  # characters, however it is asked
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


class Admission:
    """Admits questions in one event loop. `on_change` is called with how many there are whenever that changes."""

    def __init__(self, settings: DiscordSettings, *, on_change: Callable[[int], None] = lambda _: None) -> None:
        self._settings = settings
        self._on_change = on_change
        self._slots = asyncio.Semaphore(settings.at_once)
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
        """Raises ClosingError, BusyError or CooldownError if a question cannot be taken now."""
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

    @contextlib.asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """A slot to answer in, as soon as one is free. Raises ClosingError or BusyError."""
        self._check()
        self._taken += 1
        self._on_change(self._taken)
        self._idle.clear()
        try:
            async with self._slots:
                yield
        finally:
            self._taken -= 1
            self._on_change(self._taken)
            if not self._taken:
                self._idle.set()

    async def close(self, patience: float) -> None:
        """Take no more questions, and wait up to `patience` seconds for those that were taken."""
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


def checked_length(question: str) -> str:
    """The question. Raises QuestionTooLongError if it is longer than a question may be."""
    if len(question) > LONGEST_QUESTION:
        raise QuestionTooLongError(len(question), LONGEST_QUESTION)
    return question
