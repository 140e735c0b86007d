"""From a question to an answer that is shown and kept."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import discord

from bot.conversation import Conversation
from bot.discord.buttons import buttons
from bot.discord.render import Page, rendered, with_lines
from bot.discord.talk import without_citations
from bot.discord.wording import wording
from bot.errors import LedgerError
from vectorstore.errors import StoreError

if TYPE_CHECKING:
    from bot.answer import Answer
    from bot.answering.analysis import Ask
    from bot.discord.desk import Desk
    from bot.discord.ledger import Ledger
    from bot.discord.places import Place
    from bot.wiring import Built

log = logging.getLogger(__name__)


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
        kept = await asyncio.to_thread(self._ledger.answer, identity)
        return await asyncio.to_thread(kept.revived, self._built.store) if kept else None

    async def conversation_up_to(self, identity: str) -> Conversation:
        """What was said up to an answer that is kept, as far as its releases are."""
        conversation = Conversation()
        for kept in await asyncio.to_thread(self._ledger.conversation_up_to, identity):
            answer = await asyncio.to_thread(kept.revived, self._built.store) or without_citations(kept)
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
            return await asyncio.to_thread(self._ledger.keep_answer, answer, before=before, index_version=version)
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
