"""Where an answer is shown: it grows there by edits, and stands there in the end."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Protocol

import discord

from bot.discord.split import LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.discord.render import Page

log = logging.getLogger(__name__)

_EVERY = 1.0  # seconds between two edits: Discord allows no more
_USER_INSTALLED = 6  # messages that a bot may show where a guild has not taken it in: the response and five behind
_DEAD = {10015, 10062, 50027}  # an interaction's token was too old, or never lived
_MISSING = discord.utils.MISSING


class Place(Protocol):
    """One place on Discord where one answer is shown."""

    async def grow(self, text: str) -> None:
        """Show what there is so far; more often than once a second nothing is sent."""
        ...

    async def finish(self, pages: Sequence[Page], view: discord.ui.View | None) -> None:
        """Show the whole, with buttons under the last page."""
        ...


class InteractionPlace:
    """The deferred response to an interaction, or an ordinary message where its token is dead."""

    def __init__(self, interaction: discord.Interaction, *, private: bool) -> None:
        self._interaction = interaction
        self._private = private
        self._pace = _Pace()

    async def grow(self, text: str) -> None:
        """By an edit of the response."""
        if self._pace.is_due():
            await self._interaction.edit_original_response(content=_unfinished(text))

    async def finish(self, pages: Sequence[Page], view: discord.ui.View | None) -> None:
        """The first page in the response, the others behind it."""
        pages = self._allowed(pages)
        await self._pace.rest()
        try:
            await self._respond(pages, view)
        except discord.HTTPException as exc:
            if exc.code not in _DEAD:
                raise
            log.warning("interaction %s: its token is dead; answering in a message", self._interaction.id)
            await self._write(pages, view)

    async def _respond(self, pages: Sequence[Page], view: discord.ui.View | None) -> None:
        await self._interaction.edit_original_response(
            content=pages[0].content or None,
            embeds=list(pages[0].embeds),
            view=view if len(pages) == 1 else None,
        )
        await send_behind(self._interaction, pages[1:], view, private=self._private)

    async def _write(self, pages: Sequence[Page], view: discord.ui.View | None) -> None:
        """To the person where the answer is private, else to the channel."""
        where = self._interaction.user if self._private else self._interaction.channel
        if isinstance(where, discord.abc.Messageable):
            await ChannelPlace(where).finish(pages, view)
        else:
            log.error("interaction %s: there is no channel to answer in", self._interaction.id)

    def _allowed(self, pages: Sequence[Page]) -> Sequence[Page]:
        foreign = self._interaction.guild_id is not None and not self._interaction.is_guild_integration()
        return pages[:_USER_INSTALLED] if foreign else pages


class ChannelPlace:
    """A channel, a thread or a direct channel; `to` is the message that the first page replies to.

    `once` is the id of what is answered: Discord posts nothing twice for it, within the minutes that it remembers, and
    whoever goes on where another process was cut off goes on with the message that is there.
    """

    def __init__(
        self, where: discord.abc.Messageable, to: discord.Message | None = None, *, once: int | None = None
    ) -> None:
        self._where = where
        self._to = to
        self._once = once
        self._count = 0
        self._first: discord.Message | None = None
        self._pace = _Pace()

    async def grow(self, text: str) -> None:
        """By a message, then by edits of it."""
        if not self._pace.is_due():
            return
        if self._first is None:
            self._first = await self._send(_unfinished(text), (), None)
        else:
            await self._first.edit(content=_unfinished(text))

    async def finish(self, pages: Sequence[Page], view: discord.ui.View | None) -> None:
        """Every page in a message of its own."""
        for page in pages:
            under = view if page is pages[-1] else None
            if page is not pages[0] or not await self._replace(page, under):
                await self._send(page.content, page.embeds, under)

    async def _replace(self, page: Page, view: discord.ui.View | None) -> bool:
        """Put a page in the place of what is unfinished; False where nothing is, or somebody has deleted it."""
        if self._first is None:
            return False
        await self._pace.rest()
        try:
            await self._first.edit(content=page.content or None, embeds=list(page.embeds), view=view)
        except discord.NotFound:
            return False
        return True

    async def _send(
        self, content: str, embeds: Sequence[discord.Embed], view: discord.ui.View | None
    ) -> discord.Message:
        to, self._to = self._to, None
        given: dict[str, Any] = {"reference": to.to_reference(fail_if_not_exists=False)} if to else {}
        given |= {"view": view or _MISSING, "nonce": nonce(self._once, self._count) if self._once else None}
        self._count += 1
        try:
            sent = await self._where.send(content or None, embeds=list(embeds), **given)
        except discord.Forbidden:
            if not (content and embeds):
                raise
            log.warning("a channel takes no embeds; answering without: the permission Embed Links is missing")
            return await self._where.send(content, **given)
        if self._once and sent.content != content.strip():  # from before it was cut off
            return await sent.edit(content=content or None, embeds=list(embeds), view=view)
        return sent


def nonce(event: int, part: int | str) -> str:
    """What Discord tells a message by that answers an event, or the same part of that answer: 25 characters at most."""
    return f"{event}-{part}"


async def send_behind(
    interaction: discord.Interaction, pages: Sequence[Page], view: discord.ui.View | None, *, private: bool
) -> None:
    """Every page in a message of its own behind the response, which may be private where they are not."""
    for page in pages:
        await interaction.followup.send(
            page.content or _MISSING,
            embeds=list(page.embeds),
            ephemeral=private,
            view=(view or _MISSING) if page is pages[-1] else _MISSING,
        )


class _Pace:
    """At most one edit a second; the first comes a second after the question at the earliest."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._grown = False

    def is_due(self) -> bool:
        """Whether it is time for an edit, which is then taken to be made."""
        if time.monotonic() - self._last < _EVERY:
            return False
        self._last, self._grown = time.monotonic(), True
        return True

    async def rest(self) -> None:
        """Wait until the last edit may follow the one before."""
        if self._grown:
            await asyncio.sleep(self._last + _EVERY - time.monotonic())


def _unfinished(text: str) -> str:
    return f"{text[: LIMIT - 2]} …"
