"""What the handlers of pages and of the API work with."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.answering.citations import linked
from bot.errors import QuestionError, QueueFullError
from bot.operations.names import release_named
from bot.web.conversations import Exchange, WebConversations
from vectorstore.text.sentences import differences

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import tzinfo

    from pydantic import SecretStr

    from bot.answering.retriever import WordMatch
    from bot.answering.types import Answer
    from bot.settings import WebSettings
    from bot.web.parameters import AskParameters
    from bot.wiring import Built
    from vectorstore.text.sentences import Difference
    from vectorstore.types import Event, Filter, Hit, StoredRelease

log = logging.getLogger(__name__)

_LOOKED_AT = 500  # events, among which the last changes are looked for


@dataclass(frozen=True, slots=True)
class Site:
    """Where the server is reached: its address, without a slash at the end, and the token that it asks for, if any.

    `listens_at` is the host that it listens on, which may stand for all addresses of the machine.
    """

    address: str
    token: SecretStr | None = None
    listens_at: str = "127.0.0.1"


class QuestionQueue:
    """Lets `at_once` questions be answered, and `waiting` more queue behind them."""

    def __init__(self, settings: WebSettings, on_change: Callable[[int], None]) -> None:
        self._slots = asyncio.Semaphore(settings.at_once)
        self._most = settings.at_once + settings.waiting
        self._on_change = on_change
        self._taken = 0

    @contextlib.asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """A slot to answer in, as soon as one is free. Raises QueueFullError."""
        if self._taken >= self._most:
            raise QueueFullError
        self._taken += 1
        self._on_change(self._taken)
        try:
            async with self._slots:
                yield
        finally:
            self._taken -= 1
            self._on_change(self._taken)


@dataclass(frozen=True, slots=True)
class Latest:
    """What is new: the newest releases, and what happened to releases that had come in before, latest first."""

    releases: Sequence[StoredRelease]
    changes: Sequence[tuple[Event, StoredRelease | None]]


class WebServices:
    """The parts of one server. What reads the store is run in threads, so that nobody waits for anybody else."""

    def __init__(self, built: Built, site: Site) -> None:
        self.built = built
        self.site = site
        self.store = built.store
        self.conversations = WebConversations(built.store)
        self.queue = QuestionQueue(built.settings.web, built.metrics.waiting.set)
        _ = built.answerer, built.retriever  # made once, before there are threads that would each make their own

    @property
    def zone(self) -> tzinfo:
        """Where a day begins and ends."""
        return ZoneInfo(self.built.settings.answers.time_zone)

    async def exchange(self, identity: str | None) -> Exchange | None:
        """What was said before; an empty exchange at the beginning, None where it is forgotten."""
        return await asyncio.to_thread(self.conversations.get, identity) if identity else Exchange()

    async def answers(self, asked: AskParameters, exchange: Exchange) -> AsyncIterator[Answer]:
        """The answer as it grows, the last one `finished`.

        Raises QueueFullError, QuestionError and what a store raises.

        Whoever stops listening stops it: after the stage that is being worked on, nothing more is done.
        """
        metrics = self.built.metrics
        try:
            async with self.queue.slot():
                async for answer in self.built.answerer.astream(asked.ask(exchange.conversation)):
                    if answer.finished:
                        metrics.answered(answer)
                    yield linked(answer, self.site.address)
        except Exception as exc:
            if not isinstance(exc, QuestionError):
                metrics.failed("busy" if isinstance(exc, QueueFullError) else "failed")
            raise

    async def search(
        self, query: str, where: Filter, limit: int
    ) -> tuple[tuple[Hit, ...], list[tuple[WordMatch, ...]]]:
        """The passages that match a question best, and in each the words that do. Raises QuestionError."""
        retriever = self.built.retriever

        def find() -> tuple[tuple[Hit, ...], list[tuple[WordMatch, ...]]]:
            hits = retriever.find(query, where=where, limit=limit)
            return hits, [retriever.matches(query, hit.passage.text) for hit in hits]

        return await asyncio.to_thread(find)

    def latest(self, where: Filter, limit: int) -> Latest:
        """The newest releases, and the last changes of releases that the filter lets through."""
        events = self.store.events(max(0, self.store.last_event() - _LOOKED_AT))
        happened = [event for event in reversed(events) if event.kind != "new"]
        wanted = (event for event in happened if not where or self._lets_through(where, event.release_id))
        changes = [(event, self.store.get(event.release_id)) for event in islice(wanted, limit)]
        return Latest(self.store.releases(where, limit), changes)

    def _lets_through(self, where: Filter, release_id: str) -> bool:
        return self.store.count_releases(replace(where, releases=(release_id,))) > 0

    def history(self, release_id: str) -> list[tuple[StoredRelease, list[Difference]]]:
        """Every version of a release, oldest first, each with the sentences that it changed. Raises BotError."""
        versions = self.store.history(release_named(self.store, release_id).id)
        return [
            (new, differences(old.text, new.text, new.language) if old else [])
            for old, new in pairwise([None, *versions])
            if new
        ]
