"""What the handlers of pages and of the API work with."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING, TypeVar

from bot.answering.citations import linked
from bot.answering.timeline import linked_timeline
from bot.answering.types import Conversation, Turn
from bot.errors import QuestionError, QueueFullError
from bot.operations.names import publishers_meant, release_named
from bot.web.requests import FilterParameters
from vectorstore.text.sentences import differences

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
    from datetime import tzinfo

    from pydantic import SecretStr

    from bot.answering.retriever import WordMatch
    from bot.answering.timeline import Timeline, TimelineQuery
    from bot.answering.types import Answer
    from bot.settings import WebSettings
    from bot.web.requests import AskParameters
    from bot.wiring import Built
    from vectorstore.store import PassageStore
    from vectorstore.text.sentences import Difference
    from vectorstore.types import Event, Filter, Hit, StoredRelease

log = logging.getLogger(__name__)

_KEPT = 1024  # exchanges; each holds the releases that it quotes
_SHOWN = 20  # turns of one exchange
_UNBOUNDED = FilterParameters.model_validate({})

_Grown = TypeVar("_Grown")
_Filtered = TypeVar("_Filtered", bound=FilterParameters)
_READ_AT_ONCE = 500  # changes of releases
_LOOKED_AT = 10_000  # changes, among which those are looked for that a filter lets through


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one person asked and was answered: `shown` are its turns, `conversation` those that a question leans on.

    `begun` is how many turns came before those that are shown; `filters` bounded the last question.
    """

    shown: tuple[Turn, ...] = ()
    conversation: Conversation = field(default_factory=Conversation)
    begun: int = 0
    filters: FilterParameters = _UNBOUNDED

    def after(self, question: str, answer: Answer, filters: FilterParameters) -> Exchange:
        """The exchange with one more turn, which the filters bounded."""
        turns = (*self.shown, Turn(question, answer))
        begun = self.begun + max(0, len(turns) - _SHOWN)
        return Exchange(turns[-_SHOWN:], self.conversation.after(question, answer), begun, filters)


class WebConversations:
    """The last exchanges, each under an id that nobody can guess; every turn makes a new one, as browsers go back.

    May be used by several threads.
    """

    def __init__(self, store: PassageStore) -> None:
        self._store = store
        self._exchanges: OrderedDict[str, Exchange] = OrderedDict()
        self._changing = threading.Lock()

    def keep(self, exchange: Exchange, before: str | None = None) -> str:
        """The id under which the exchange goes on; the one that was not asked for the longest is forgotten.

        Those go first that have gone on, as the one under the id `before` has now.
        """
        identity = secrets.token_urlsafe(12)
        with self._changing:
            self._exchanges[identity] = exchange
            if before is not None and before in self._exchanges:
                self._exchanges.move_to_end(before, last=False)
            if len(self._exchanges) > _KEPT:
                self._exchanges.popitem(last=False)
        return identity

    def get(self, identity: str) -> Exchange | None:
        """An exchange, or None where it is forgotten; without turns that name a release which was removed since."""
        with self._changing:
            found = self._exchanges.get(identity)
            if found is None:
                return None
            self._exchanges.move_to_end(identity)
        kept = Exchange(begun=found.begun, filters=found.filters)
        for turn in found.shown:
            if self._is_stored(turn.answer):
                kept = kept.after(turn.question, turn.answer, found.filters)
        return kept

    def _is_stored(self, answer: Answer) -> bool:
        listed = (*(answer.refusal.nearest if answer.refusal else ()), *(answer.reply.releases if answer.reply else ()))
        named = {(one.id, one.version) for one in (*(cited.release for cited in answer.citations), *listed)}
        return all(self._store.records.get(*release) for release in named)


@dataclass(frozen=True, slots=True)
class Site:
    """Where the server is reached: its address, without a slash at the end, and the token that it asks for, if any.

    `listens_at` is the host that it listens on, which may stand for all addresses of the machine. `is_fixed` is
    whether the settings give the address; if not, people may reach it under other names too.
    """

    address: str
    token: SecretStr | None = None
    listens_at: str = "127.0.0.1"
    is_fixed: bool = True

    def address_for(self, host: str) -> str:
        """Where somebody reaches it whose request has this Host header, which the guard has let through."""
        return self.address if self.is_fixed else f"http://{host}"


class QuestionQueue:
    """Lets `at_once` questions be answered, each in a thread of its own, and `waiting` more queue behind them.

    A thread is free once its work has ended, whether or not somebody still listens.
    """

    def __init__(self, settings: WebSettings, on_change: Callable[[int], None]) -> None:
        self._threads = ThreadPoolExecutor(settings.at_once, "answering")
        self._most = settings.at_once + settings.waiting
        self._on_change = on_change
        self._taking = threading.Lock()
        self._taken = 0

    async def growing(self, work: Callable[[], Iterator[_Grown]]) -> AsyncGenerator[_Grown, None]:
        """What the work yields, as soon as a thread is free. Raises QueueFullError, and what the work raises.

        Whoever stops listening stops it: after the stage that is being worked on, nothing more is done.
        """
        loop, left = asyncio.get_running_loop(), threading.Event()
        grown: asyncio.Queue[_Grown | None] = asyncio.Queue()

        def produce() -> None:
            for answer in work():
                if left.is_set():
                    return
                loop.call_soon_threadsafe(grown.put_nowait, answer)

        self._take(1)
        job = self._threads.submit(produce)
        job.add_done_callback(lambda _: self._take(-1))
        ended = asyncio.wrap_future(job)
        ended.add_done_callback(lambda _: grown.put_nowait(None))
        try:
            while (answer := await grown.get()) is not None:
                yield answer
            await ended
        finally:
            left.set()
            ended.cancel()  # where it still waits for a thread

    def close(self) -> None:
        """Wait for the work that is being done, and begin none of what is waiting."""
        self._threads.shutdown(cancel_futures=True)

    def _take(self, places: int) -> None:
        with self._taking:
            if places > 0 and self._taken >= self._most:
                raise QueueFullError
            self._taken += places
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
        # Made once, before there are threads that would each make their own.
        _ = built.answerer, built.retriever, built.timelines

    @property
    def zone(self) -> tzinfo:
        """Where a day begins and ends."""
        return self.built.zone

    async def exchange(self, identity: str | None) -> Exchange | None:
        """What was said before; an empty exchange at the beginning, None where it is forgotten."""
        return await asyncio.to_thread(self.conversations.get, identity) if identity else Exchange()

    async def meant(self, asked: _Filtered) -> _Filtered:
        """The parameters with publishers as the store writes them, whatever the capitals and accents they came in."""
        if not asked.publisher:
            return asked
        where = await asyncio.to_thread(publishers_meant, self.store, asked.where)
        return asked.model_copy(update={"publisher": where.publishers})

    async def answers(self, asked: AskParameters, exchange: Exchange, host: str) -> AsyncIterator[Answer]:
        """The answer as it grows, the last one `finished`, with links for whoever asked this host.

        Raises QueueFullError, QuestionError and what a store raises. Whoever stops listening stops it.
        """
        metrics, ask, address = self.built.metrics, asked.ask(exchange.conversation), self.site.address_for(host)
        try:
            async with contextlib.aclosing(self.queue.growing(lambda: self.built.answerer.stream(ask))) as answers:
                async for answer in answers:
                    if answer.finished:
                        metrics.answered(answer)
                    yield linked(answer, address)
        except Exception as exc:
            if not isinstance(exc, QuestionError):
                metrics.failed("busy" if isinstance(exc, QueueFullError) else "failed")
            raise

    def keep(self, asked: AskParameters, exchange: Exchange, answer: Answer) -> str:
        """The id under which an exchange goes on after this answer."""
        return self.conversations.keep(exchange.after(asked.question, answer, asked), before=asked.conversation)

    async def search(
        self, query: str, where: Filter, limit: int
    ) -> tuple[tuple[Hit, ...], list[tuple[WordMatch, ...]]]:
        """The passages that match a question best, and in each the words that do. Raises QuestionError."""
        retriever = self.built.retriever

        def find() -> tuple[tuple[Hit, ...], list[tuple[WordMatch, ...]]]:
            hits = retriever.find(query, where=where, limit=limit)
            return hits, [retriever.matches(query, hit.passage.text) for hit in hits]

        return await asyncio.to_thread(find)

    async def timeline(self, query: TimelineQuery, host: str) -> Timeline:
        """The releases about a topic by date, in turn with questions, with links for whoever asked this host.

        Raises QueueFullError and QuestionError.
        """
        made = self.queue.growing(lambda: iter((self.built.timelines.find(query),)))
        async with contextlib.aclosing(made) as timelines:
            return linked_timeline(await anext(timelines), self.site.address_for(host))

    def latest(self, where: Filter, limit: int) -> Latest:
        """The newest releases, and the last changes of releases that the filter lets through."""

        @cache
        def is_wanted(release_id: str) -> bool:
            return not where or self.store.records.count_releases(replace(where, releases=(release_id,))) > 0

        wanted = (event for event in islice(self._changes(), _LOOKED_AT) if is_wanted(event.release_id))
        changes = [(event, self.store.records.get(event.release_id)) for event in islice(wanted, limit)]
        return Latest(self.store.records.releases(where, limit), changes)

    def _changes(self) -> Iterator[Event]:
        """What happened to releases that had come in before, latest first."""
        before = None
        while events := self.store.records.changes(_READ_AT_ONCE, before):
            yield from events
            before = events[-1].number

    def history(self, release_id: str) -> list[tuple[StoredRelease, list[Difference]]]:
        """Every version of a release, oldest first, each with the sentences that it changed. Raises BotError."""
        versions = self.store.records.history(release_named(self.store, release_id).id)
        return [
            (new, differences(old.text, new.text, new.language) if old else [])
            for old, new in pairwise([None, *versions])
            if new
        ]
