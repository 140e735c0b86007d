"""Answers where people see them: in the response to an interaction or in a channel, growing there by edits."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import discord

from bot.discord.localisation import wording
from bot.discord.rendering import LIMIT, MessagePage, buttons, rendered, with_lines
from bot.discord.scopes import marks_of
from bot.errors import LedgerError
from vectorstore.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.answering.analysis import Ask
    from bot.answering.types import Answer
    from bot.discord.admission import Admission
    from bot.wiring import Built
    from vectorstore.types import Filter

log = logging.getLogger(__name__)

_EVERY = 1.0  # seconds between two edits: Discord allows no more
_USER_INSTALLED = 6  # messages that a bot may show in a guild that has not added it: the response and five more
_NOT_PERMITTED = 50013
_NO_HISTORY = 160002  # whoever may not read the history may not reply
_DEAD = {10015, 10062, 50027}  # an interaction's token was too old, or never lived
_MISSING = discord.utils.MISSING


class Destination(Protocol):
    """Where one answer is shown."""

    async def grow(self, text: str) -> None:
        """Show what there is so far; more often than once a second nothing is sent."""
        ...

    async def finish(self, pages: Sequence[MessagePage], view: discord.ui.View | None) -> None:
        """Show the whole, with buttons under the last page."""
        ...


class InteractionDestination:
    """The deferred response to an interaction, or an ordinary message if its token is dead."""

    def __init__(self, interaction: discord.Interaction, *, private: bool) -> None:
        self._interaction = interaction
        self._private = private
        self._pace = _Pace()

    async def grow(self, text: str) -> None:
        """By an edit of the response."""
        if self._pace.is_due():
            await self._interaction.edit_original_response(content=_unfinished(text))

    async def finish(self, pages: Sequence[MessagePage], view: discord.ui.View | None) -> None:
        """The first page in the response, the others after it."""
        pages = self._allowed(pages)
        await self._pace.rest()
        try:
            await self._respond(pages, view)
        except discord.HTTPException as exc:
            if exc.code not in _DEAD:
                raise
            log.warning("interaction %s: its token is dead; answering in a message", self._interaction.id)
            await self._write(pages, view)

    async def _respond(self, pages: Sequence[MessagePage], view: discord.ui.View | None) -> None:
        await self._interaction.edit_original_response(
            content=pages[0].content or None,
            embeds=list(pages[0].embeds),
            view=view if len(pages) == 1 else None,
        )
        await send_followups(self._interaction, pages[1:], view, private=self._private)

    async def _write(self, pages: Sequence[MessagePage], view: discord.ui.View | None) -> None:
        """To the person if the answer is private, else to the channel."""
        where = self._interaction.user if self._private else self._interaction.channel
        if isinstance(where, discord.abc.Messageable):
            await ChannelDestination(where).finish(pages, view)
        else:
            log.error("interaction %s: there is no channel to answer in", self._interaction.id)

    def _allowed(self, pages: Sequence[MessagePage]) -> Sequence[MessagePage]:
        foreign = self._interaction.guild_id is not None and not self._interaction.is_guild_integration()
        return pages[:_USER_INSTALLED] if foreign else pages


class ChannelDestination:
    """A channel, a thread or a direct channel; `to` is the message that the first page replies to.

    `once` is the id of what is answered: Discord posts nothing twice for it within the minutes that it remembers, and
    a process that takes over from another one goes on with the message that is there.
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

    async def finish(self, pages: Sequence[MessagePage], view: discord.ui.View | None) -> None:
        """Every page in a message of its own."""
        for page in pages:
            under = view if page is pages[-1] else None
            if page is not pages[0] or not await self._replace(page, under):
                await self._send(page.content, page.embeds, under)

    async def _replace(self, page: MessagePage, view: discord.ui.View | None) -> bool:
        """Put a page in place of what is unfinished; False if nothing is, or somebody has deleted it."""
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
        reference = to.to_reference(fail_if_not_exists=False) if to else None
        given = {"view": view or _MISSING, "nonce": nonce(self._once, self._count) if self._once else None}
        self._count += 1
        try:
            sent = await post(self._where, content or None, given | {"embeds": list(embeds)}, reference=reference)
        except discord.Forbidden as exc:
            if exc.code != _NOT_PERMITTED or not (content and embeds):
                raise
            log.warning("a channel takes no embeds; answering without: the permission Embed Links is missing")
            return await post(self._where, content, given, reference=reference)
        if self._once and sent.content != content.strip():  # from before it was cut off
            return await sent.edit(content=content or None, embeds=list(embeds), view=view)
        return sent


async def post(
    where: discord.abc.Messageable,
    content: str | None,
    given: Mapping[str, Any],
    *,
    reference: discord.MessageReference | None,
) -> discord.Message:
    """Post a message that replies to another one, or only follows it where the bot may not reply.

    `given` is what `send` takes besides.
    """
    if reference is not None:
        try:
            return await where.send(content, reference=reference, **given)
        except discord.Forbidden as exc:
            if exc.code != _NO_HISTORY:
                raise
            log.warning(
                "channel %s takes no replies; writing below: the permission Read Message History is missing",
                reference.channel_id,
            )
    return await where.send(content, **given)


def nonce(event: int, part: int | str) -> str:
    """Identifies one part of what answers an event, so that Discord posts it once; at most 25 characters."""
    return f"{event}-{part}"


async def send_followups(
    interaction: discord.Interaction, pages: Sequence[MessagePage], view: discord.ui.View | None, *, private: bool
) -> None:
    """Send every page in a message of its own after the response, which may be private when they are not."""
    for page in pages:
        await interaction.followup.send(
            page.content or _MISSING,
            embeds=list(page.embeds),
            ephemeral=private,
            view=(view or _MISSING) if page is pages[-1] else _MISSING,
        )


class _Pace:
    """At most one edit a second, the first at least a second after the question."""

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

    `locale` None takes the language of the question. `apology` is the language in which it is said that the question
    was given up, if that is another one than `locale`. `postable` is whether the answer may be posted to the channel,
    `before` the id of the answer that it leans on.
    """

    locale: str | None = None
    apology: str | None = None
    quotes_question: bool = False
    below: tuple[str, ...] = ()
    postable: bool = False
    before: str | None = None


class Answering:
    """Answers questions that are admitted, and keeps what was answered."""

    def __init__(self, built: Built, admission: Admission) -> None:
        self._built = built
        self._admission = admission
        self._pending: set[asyncio.Task[Any]] = set()
        self._given_up: set[asyncio.Task[Any]] = set()

    async def answer(self, ask: Ask, destination: Destination, frame: Frame) -> None:
        """Show the answer as it grows, then whole with its buttons. Raises ClosingError or BusyError.

        If the question is given up, an apology is shown; CancelledError if that fails.
        """
        task = asyncio.current_task()
        assert task is not None
        self._pending.add(task)
        try:
            async with self._admission.slot():
                async for answer in self._built.answerer.astream(ask):
                    if answer.finished:
                        self._built.metrics.answered(answer)
                        self._pending.discard(task)  # what is being sent is not given up any more
                        await self._finish(answer, destination, frame, ask.where)
                    else:
                        await _grow(destination, _pages(answer, ask.question, frame)[0].content)
        except asyncio.CancelledError:
            if task not in self._given_up:
                raise
            task.uncancel()
            if not await _apologise(destination, frame):
                raise
        finally:
            self._pending.discard(task)
            self._given_up.discard(task)

    def give_up(self) -> None:
        """Give up the questions that are being answered or wait for it; each says so where it was asked."""
        self._given_up |= self._pending
        for task in self._pending:
            task.cancel()

    async def _finish(self, answer: Answer, destination: Destination, frame: Frame, within: Filter) -> None:
        outcome, spent = "refused" if answer.refusal else "answered", round(answer.timings_ms.get("total", 0.0))
        log.info(
            "question %s", outcome, extra={"milliseconds": spent, "model": answer.model, "language": answer.language}
        )
        answer_id = await self._keep(answer, frame.before, marks_of(within))
        locale = frame.locale or answer.language
        view = None
        if answer_id:
            states = {"answered": answer.answered, "postable": frame.postable}
            view = buttons(answer_id, locale, question_id=answer.kept_as, **states)
        await destination.finish(_pages(answer, answer.question, frame), view)

    async def _keep(self, answer: Answer, before: str | None, within: str) -> str | None:
        """The id that the answer is kept under; None if nothing was searched, or it cannot be kept: no buttons then."""
        if not answer.standalone_question:
            return None
        try:
            version = await asyncio.to_thread(self._built.store.records.last_event)
            return await asyncio.to_thread(
                self._built.ledger.answers.keep, answer, before=before, index_version=version, within=within
            )
        except (LedgerError, StoreError) as exc:
            log.error("%s; the answer is shown without buttons", exc)
            return None


async def _grow(destination: Destination, text: str) -> None:
    """Show an answer as far as it is; what fails here is made up for by the whole answer."""
    try:
        await destination.grow(text)
    except discord.HTTPException as exc:
        log.warning("an unfinished answer could not be shown: %s", exc)


async def _apologise(destination: Destination, frame: Frame) -> bool:
    """Say that a question was given up; False if that fails."""
    try:
        await destination.finish([MessagePage(wording(frame.apology or frame.locale).interrupted)], None)
    except Exception as exc:  # noqa: BLE001 - whatever it is, the question is nobody's any more
        log.warning("a question was given up, and nobody could be told: %s", exc)
        return False
    return True


def _pages(answer: Answer, question: str, frame: Frame) -> list[MessagePage]:
    return with_lines(rendered(answer), question=question if frame.quotes_question else None, below=frame.below)
