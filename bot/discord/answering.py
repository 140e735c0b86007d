"""Where an answer is shown: it grows there by edits, and stands there in the end."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import discord

from bot.answering.types import Conversation
from bot.discord.buttons import buttons
from bot.discord.conversations import without_citations
from bot.discord.rendering import LIMIT, Page, rendered, with_lines
from bot.discord.wording import wording
from bot.errors import LedgerError
from vectorstore.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.analysis import Ask
    from bot.answering.types import Answer
    from bot.discord.admission import Desk
    from bot.state import Ledger
    from bot.wiring import Built

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


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around an answer: the question above it, lines below, and the language of its buttons.

    `locale` None takes the language of the question. `postable` is whether it may be posted to the channel, `before`
    the id of the answer that it leans on.
    """

    locale: str | None = None
    quotes_question: bool = False
    below: tuple[str, ...] = ()
    postable: bool = False
    before: str | None = None


class Answering:
    """Answers at a desk, and keeps what was answered."""

    def __init__(self, built: Built, ledger: Ledger, desk: Desk) -> None:
        self._built = built
        self._ledger = ledger
        self._desk = desk
        self._running: dict[asyncio.Task[object], tuple[Place, str | None]] = {}

    async def answer(self, ask: Ask, place: Place, frame: Frame) -> None:
        """Show the answer in a place as it grows, then whole with its buttons. Raises what the desk raises."""
        async with self._desk.place():
            task = asyncio.current_task()
            assert task is not None
            self._running[task] = place, frame.locale
            try:
                async for answer in self._built.answerer.astream(ask):
                    if answer.finished:
                        self._built.metrics.answered(answer)
                        self._running.pop(task, None)  # what is on its way is not given up any more
                        await self._finish(answer, place, frame)
                    else:
                        await _grow(place, _pages(answer, ask.question, frame)[0].content)
            finally:
                self._running.pop(task, None)

    async def revived(self, identity: str) -> Answer | None:
        """An answer as it was shown; None where it is no longer kept, or a release that it quotes was removed."""
        kept = await asyncio.to_thread(self._ledger.answers.get, identity)
        return await asyncio.to_thread(kept.record.revived, self._built.store) if kept else None

    async def conversation_up_to(self, identity: str) -> Conversation:
        """What was said up to an answer that is kept, as far as its releases are."""
        conversation = Conversation()
        for kept in await asyncio.to_thread(self._ledger.answers.conversation_up_to, identity):
            answer = await asyncio.to_thread(kept.record.revived, self._built.store) or without_citations(kept)
            conversation = conversation.after(answer.question, answer)
        return conversation

    async def apologise(self) -> None:
        """Give up what is being answered, and say so where it was asked."""
        given_up = dict(self._running)
        for task in given_up:
            task.cancel()
        told = [place.finish([Page(wording(locale).interrupted)], None) for place, locale in given_up.values()]
        for failed in await asyncio.gather(*told, return_exceptions=True):
            if isinstance(failed, Exception):
                log.warning("a question was given up, and nobody could be told: %s", failed)

    async def _finish(self, answer: Answer, place: Place, frame: Frame) -> None:
        outcome, spent = "answered" if answer.answered else "refused", round(answer.timings_ms.get("total", 0.0))
        log.info(
            "question %s", outcome, extra={"milliseconds": spent, "model": answer.model, "language": answer.language}
        )
        identity = await self._keep(answer, frame.before)
        await place.finish(_pages(answer, answer.question, frame), self.buttons(answer, identity, frame))

    async def _keep(self, answer: Answer, before: str | None) -> str | None:
        """The id that the answer is kept under; None where it cannot be kept, and has no buttons then."""
        if not answer.standalone_question:
            return None
        try:
            version = await asyncio.to_thread(self._built.store.last_event)
            return await asyncio.to_thread(self._ledger.answers.keep, answer, before=before, index_version=version)
        except (LedgerError, StoreError) as exc:
            log.error("%s; the answer is shown without buttons", exc)
            return None

    @staticmethod
    def buttons(answer: Answer, identity: str | None, frame: Frame) -> discord.ui.View | None:
        """The row under an answer that is kept."""
        if identity is None:
            return None
        locale = frame.locale or answer.language
        return buttons(identity, locale, answered=answer.answered, postable=frame.postable)


async def _grow(place: Place, text: str) -> None:
    """Show an answer as far as it is; what fails here is made good by the whole answer."""
    try:
        await place.grow(text)
    except discord.HTTPException as exc:
        log.warning("an unfinished answer could not be shown: %s", exc)


def _pages(answer: Answer, question: str, frame: Frame) -> list[Page]:
    return with_lines(rendered(answer), question=question if frame.quotes_question else None, below=frame.below)
