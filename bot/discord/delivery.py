"""Pages that the bot sends of its own accord to people and channels: each once, whichever process sends it.

    async with delivery.holding(Recipient.person(identity)) as held:
        if held:
            outcome = await delivery.send(Recipient.person(identity), "digest:2026-11-30", page)

A key names what is sent; who sends under a key that is known to have been posted sends nothing. What an attempt that
was cut off has posted all the same is found in the channel by its text, which need not be that of the page any more.

`Rounds` has everything that sends look every few seconds whether there is something to do, until the bot stops.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import hashlib
import logging
import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import discord
from discord import AllowedMentions

from bot.discord.services import AWAY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from typing import Self

    from bot.discord.rendering import MessagePage
    from bot.state.deliveries import Attempt, Deliveries
    from bot.state.ledger import Ledger

log = logging.getLogger(__name__)

_LEASE = 15.0  # seconds that a recipient is kept from other processes, counted from each message
_SEEN_BACK = timedelta(seconds=60)  # clocks differ
_LOOKED_AT = 200  # messages
_SOON, _LATER, _SELDOM = 60.0, 600.0, 86_400.0  # seconds until a recipient is tried again
_FORGOTTEN = timedelta(days=30)  # nothing has reached a person for so long
_CLOSED = frozenset({50007, 50278})  # this person takes no messages from the bot; no guild in common
_GONE = frozenset({10003, 10013})  # unknown channel, unknown user
_TOO_FAST = frozenset({40003, 20026, 340001})  # direct messages are opened too fast; flagged as spam, quarantined
_PAUSE = 600.0  # seconds that no direct message goes out then
_PATIENCE = 20.0  # seconds that the turn of a direct message is waited for


class Outcome(enum.Enum):
    """What came of a page: it is there, it is to be sent later, or it never can be."""

    POSTED = "posted"
    LATER = "later"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person or a channel, by the id that Discord gave it."""

    id: int
    is_person: bool

    @classmethod
    def person(cls, identity: int) -> Self:
        """Somebody, in a direct message."""
        return cls(identity, is_person=True)

    @classmethod
    def channel(cls, identity: int) -> Self:
        """A channel of a guild."""
        return cls(identity, is_person=False)


class Delivery:
    """Sends pages for one process; direct messages at most `per_minute`, with those of all other processes."""

    def __init__(self, client: discord.Client, ledger: Ledger, *, per_minute: float) -> None:
        self._client = client
        self._state: Deliveries = ledger.deliveries
        self._per_minute = per_minute
        self._name = secrets.token_hex(8)

    @contextlib.asynccontextmanager
    async def holding(self, recipient: Recipient) -> AsyncIterator[bool]:
        """Whether this process, and no other, may send one page to a recipient within the block.

        It may not where another does, where nothing reached them a while ago, or where it is not yet the turn of a
        further direct message.
        """
        held = await asyncio.to_thread(self._state.hold, recipient.id, self._name, _LEASE)
        try:
            yield held and (not recipient.is_person or await self._may_be_direct(recipient))
        finally:
            if held:
                await asyncio.to_thread(self._state.let_go, recipient.id, self._name)

    async def send(
        self, recipient: Recipient, key: str, page: MessagePage, *, mentions: AllowedMentions | None = None
    ) -> Outcome:
        """Post a page, unless it was posted under its key; call it while `holding` the recipient.

        It mentions nobody but whom `mentions` allows. Raises what the ledger raises.
        """
        before = await asyncio.to_thread(self._state.begin, recipient.id, key, mark_of(page.content))
        if before and before.message is not None:
            return Outcome.POSTED
        allowed = mentions or AllowedMentions.none()
        try:
            message = await self._found(recipient, before) if before else None
            if before and message is None:
                await asyncio.to_thread(self._state.begin_again, recipient.id, key, mark_of(page.content))
            if not await asyncio.to_thread(self._state.hold, recipient.id, self._name, _LEASE):
                return Outcome.LATER  # it took too long, and another process goes on here
            message = message or await self._post(recipient, key, page, allowed)
        except discord.HTTPException as exc:
            return await self._failed(recipient, exc)
        await asyncio.to_thread(self._state.posted, recipient.id, key, message)
        return Outcome.POSTED

    async def _may_be_direct(self, recipient: Recipient) -> bool:
        """Wait for the turn of a direct message; False where that would take long."""
        wait = await asyncio.to_thread(self._state.take_turn, self._per_minute, _PATIENCE)
        if wait is None:
            return False
        await asyncio.sleep(wait)
        return wait < _LEASE / 2 or await asyncio.to_thread(self._state.hold, recipient.id, self._name, _LEASE)

    async def _post(self, recipient: Recipient, key: str, page: MessagePage, allowed: AllowedMentions) -> int:
        channel, once = await self._channel(recipient), _nonce(recipient, key)
        sent = await channel.send(page.content, embeds=list(page.embeds), nonce=once, allowed_mentions=allowed)
        return sent.id

    async def _channel(self, recipient: Recipient) -> discord.abc.Messageable:
        if recipient.is_person:
            return await self._client.create_dm(discord.Object(recipient.id))
        found = self._client.get_channel(recipient.id) or await self._client.fetch_channel(recipient.id)
        assert isinstance(found, discord.abc.Messageable)
        return found

    async def _found(self, recipient: Recipient, before: Attempt) -> int | None:
        """The message of an attempt that was cut off, if it was posted all the same."""
        channel = await self._channel(recipient)
        async for message in channel.history(limit=_LOOKED_AT, after=before.began - _SEEN_BACK):
            mine = self._client.user is not None and message.author.id == self._client.user.id
            if mine and mark_of(message.content) == before.mark:
                return message.id
        return None

    async def _failed(self, recipient: Recipient, error: discord.HTTPException) -> Outcome:
        """Put a recipient off that could not be reached, or everybody, where Discord wants it slower."""
        if error.code in _GONE:
            log.warning("recipient %s: is gone: %s", recipient.id, error)
            return Outcome.GONE
        if error.code in _TOO_FAST or error.status == 429:
            log.warning("direct messages: none for %d s: %s; lower discord.direct_per_minute", _PAUSE, error)
            await asyncio.to_thread(self._state.pause, _PAUSE)
            return Outcome.LATER
        closed = recipient.is_person and (error.code in _CLOSED or error.status == 403)
        wait = _SELDOM if closed else _LATER if error.status == 403 else _SOON
        cause = error.text or str(error)
        trouble = await asyncio.to_thread(self._state.put_off, recipient.id, self._name, cause, wait)
        log.warning("recipient %s: not reached: %s; it is tried again in %d s", recipient.id, cause, wait)
        if closed and discord.utils.utcnow() - trouble.since > _FORGOTTEN:
            return Outcome.GONE
        return Outcome.LATER


def _nonce(recipient: Recipient, key: str) -> str:
    """What lets Discord take a message once that is sent twice within minutes; at most 25 characters."""
    return hashlib.sha256(f"{recipient.id}:{key}".encode()).hexdigest()[:25]


def mark_of(content: str) -> str:
    """What tells a message by its text; the text cannot be read from it. Discord trims what it is sent."""
    return hashlib.sha256(content.strip().encode()).hexdigest()[:32]


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
