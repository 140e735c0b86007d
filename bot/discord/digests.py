"""Digests that people and channels asked for, each sent once when it is due, by whichever process."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord

from bot.discord.delivery import Outcome, Recipient
from bot.discord.digest_pages import contents_of, pages_of
from bot.discord.scopes import Place, place_of_channel
from bot.discord.services import AWAY
from bot.operations.scopes import placed

if TYPE_CHECKING:
    from datetime import datetime

    from bot.discord.delivery import Delivery
    from bot.discord.rendering import MessagePage
    from bot.discord.scopes import Scopes
    from bot.state.digests import Digest
    from bot.wiring import Built
    from vectorstore.types import Filter

log = logging.getLogger(__name__)


class DigestSender:
    """Sends what is due; what was begun is gone on with, of the same events, and what was missed comes once."""

    def __init__(self, client: discord.Client, built: Built, delivery: Delivery, scopes: Scopes) -> None:
        self._client = client
        self._built = built
        self._scopes = scopes
        self._store = built.store
        self._ledger = built.ledger
        self._delivery = delivery

    async def look(self, now: datetime | None = None) -> None:
        """Send every digest that is due, at a moment that is not now in tests; in quiet hours when they are over."""
        moment = now or discord.utils.utcnow()
        quiet = await asyncio.to_thread(self._ledger.quiet.owners_in, moment)
        for digest in await asyncio.to_thread(self._ledger.digests.due, now):
            elsewhere = digest.guild is not None and self._client.get_guild(digest.guild) is None
            if elsewhere or (digest.guild or digest.recipient) in quiet:
                continue
            try:
                await self._send(digest, moment)
            except AWAY:
                raise
            except Exception:
                log.exception("recipient %s: the digest failed; it is tried again", digest.recipient)

    async def _send(self, due: Digest, now: datetime) -> None:
        recipient = Recipient(due.recipient, is_person=due.guild is None)
        trouble = await asyncio.to_thread(self._ledger.deliveries.trouble, due.recipient)
        if trouble and trouble.retry_at > discord.utils.utcnow():
            return
        where = await asyncio.to_thread(self._seen_by, due)
        newest = await asyncio.to_thread(self._newest, due, where)
        digest = await asyncio.to_thread(self._ledger.digests.begin, due, newest)
        if digest is None:
            return
        for number, page in enumerate(await asyncio.to_thread(self._pages, digest, where)):
            async with self._delivery.holding(recipient) as held:
                key = f"digest:{digest.due:%Y-%m-%dT%H:%MZ}:{number}"
                outcome = await self._delivery.send(recipient, key, page) if held else Outcome.LATER
            if outcome is Outcome.GONE:
                await asyncio.to_thread(self._ledger.digests.forget, digest.recipient)
            if outcome is not Outcome.POSTED:
                return
        await asyncio.to_thread(self._ledger.digests.done, digest, digest.due_after(now))

    def _newest(self, digest: Digest, where: Filter | None) -> int:
        """The last event that a digest which is begun now is to tell of."""
        newest = self._store.last_event()
        if where is None or not where.scopes:
            return newest
        return placed(self._store.events(digest.up_to), newest, self._store)[1]

    def _pages(self, digest: Digest, where: Filter | None) -> list[MessagePage]:
        """What a digest tells; nothing where nothing may be seen."""
        if where is None:
            return []
        matcher = self._built.topics  # loads no model where there is no topic
        return pages_of(contents_of(digest, where, self._store, matcher), digest, where, self._store)

    def _seen_by(self, digest: Digest) -> Filter | None:
        """What may be told to whom a digest is for, of what they wish to be told; None where nothing may."""
        if digest.guild is None:
            place = Place(person=digest.recipient)
        else:
            place = place_of_channel(self._client, digest.guild, digest.recipient)
        return self._scopes.told(place, digest.publishers, digest.languages)
