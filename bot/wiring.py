"""From settings to finished objects: the only file that knows both floors below."""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.errors import SettingsError
from bot.settings import load_settings
from vectorstore.embedders import embedder_named
from vectorstore.embedders.subwords import built_in
from vectorstore.retrieval.late_interaction import LateInteraction
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import tzinfo
    from pathlib import Path

    from bot.answering.llm import Model
    from bot.answering.pipeline import Answerer, KeepRefused
    from bot.answering.reader import Reader
    from bot.answering.retriever import PassageRetriever
    from bot.answering.timeline import TimelineFinder
    from bot.answering.topics import TopicMatcher
    from bot.operations.health import Metrics
    from bot.operations.questions import QuestionKeeper, QuestionRounds
    from bot.settings import Settings
    from bot.state.home import LastAnswer
    from bot.state.ledger import Ledger, ServerDatabase
    from ingest.fetch.cache import PageCache
    from ingest.fetch.fetcher import Fetcher
    from ingest.fetch.politeness import Hosts
    from ingest.parse.workers import Workers
    from ingest.pipeline import Pipeline
    from vectorstore.embedders import Embedder
    from vectorstore.migrate import Migration

_FRESH = timedelta(hours=1)
_INTERACTION = LateInteraction(built_in)  # whose model is loaded at the first comparison
_PARSED_AT_ONCE = 4  # pages of a watch's sources: one that hangs till its limit keeps no other source waiting


class Built:
    """The parts that settings ask for, each made when it is first needed: `releases list` loads no model."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.zone: tzinfo = ZoneInfo(settings.answers.time_zone)
        """Where a day begins and ends."""

        self._making = threading.Lock()
        self._hosts: Hosts | None = None

    @cached_property
    def embedder(self) -> Embedder:
        """The embedding model; its weights are loaded at the first text."""
        chosen = self.settings.embedder
        return embedder_named(chosen.model, languages=chosen.languages, batch_size=chosen.batch_size)

    @cached_property
    def store(self) -> PassageStore:
        """The store, in the home folder or on servers."""
        return self.new_store()

    def new_store(self) -> PassageStore:
        """The store opened once more, for a thread that is to close it by itself."""
        return PassageStore(
            self.settings.home,
            model=self.embedder.name,
            model_languages=self.embedder.languages,
            interaction=_INTERACTION if self.settings.search.late_interaction else None,
            chroma=self.settings.store.server,
            catalogue=self.settings.store.database,
        )

    def migrations(self, *, back: bool) -> tuple[Migration, ...]:
        """What moves the home to the servers that the settings name, or back, part by part; the store comes last.

        Raises SettingsError where they name none.
        """
        from bot.operations.migrate import RecordMigration
        from vectorstore.migrate import StoreMigration

        chosen = self.settings.store
        if chosen.database is None:
            raise SettingsError("store", "no servers are named; set store.catalogue and store.chroma")
        return (
            RecordMigration(self.settings.home, chosen.database, back=back),
            StoreMigration(self.settings.home, catalogue=chosen.database, chroma=chosen.server, back=back),
        )

    @cached_property
    def server(self) -> ServerDatabase | None:
        """What the bot itself remembers, beside a catalogue on a server; None where it is kept in files, as that is."""
        database = self.settings.store.database
        if database is None:
            return None
        from bot.state.ledger import ServerDatabase
        from bot.state.tables import BOT
        from vectorstore.catalogue.postgres import PostgresServer

        return ServerDatabase(PostgresServer(database, BOT))

    @cached_property
    def ledger(self) -> Ledger:
        """What the bot on Discord remembers. Raises LedgerError where it cannot be used."""
        from bot.state.ledger import Ledger

        return Ledger(self.settings.home / "discord.sqlite3", self.server)

    @property
    def last_answer(self) -> LastAnswer:
        """The last answer on the terminal."""
        from bot.state.home import LastAnswer

        return LastAnswer(self.settings.home / "last.json")

    @cached_property
    def page_cache(self) -> PageCache:
        """Web pages as they were last read."""
        from ingest.fetch.cache import PageCache

        return PageCache(self.settings.home / "pages.sqlite3")

    @property
    def hosts(self) -> Hosts:
        """What all that fetch in this process know of the hosts that they ask; one for any number of threads."""
        from ingest.fetch.politeness import Hosts

        with self._making:
            self._hosts = self._hosts or Hosts()
            return self._hosts

    @cached_property
    def workers(self) -> Workers:
        """The processes that read pages and lists, started with the first of them."""
        return self._new_workers()

    def _new_workers(self, at_once: int | None = None) -> Workers:
        from ingest.parse.workers import Bounds, Workers

        chosen = self.settings.ingest
        return Workers(Bounds(chosen.longest, chosen.memory), at_once=at_once)

    def spread(self, cluster: str | None) -> contextlib.AbstractContextManager[Embedder]:
        """The embedding model on the nodes of a Ray cluster while the context lasts; here where `cluster` is None."""
        if cluster is None:
            return contextlib.nullcontext(self.embedder)
        from vectorstore.embedders.cluster import ClusterEmbedder

        return ClusterEmbedder(self.embedder, cluster, batch_size=self.settings.embedder.batch_size)

    def share(self) -> None:
        """Make what the threads of a watch share, before there are any: two of them would each make their own."""
        _ = self.embedder, self.page_cache
        self.workers = self._new_workers(_PARSED_AT_ONCE)

    def new_pipeline(
        self,
        embedder: Embedder | None = None,
        *,
        store: PassageStore | None = None,
        dry_run: bool = False,
        patience: float = 5.0,
    ) -> Pipeline:
        """What ingests one round of sources into the store; `patience` is how long another writer is waited for.

        `embedder` and `store` stand in for the usual ones. For a dry run a page is not asked for again that was read
        within the hour.
        """
        from bot.language.annotations import annotate
        from ingest.pipeline import Pipeline

        return Pipeline(
            store or self.store,
            embedder or self.embedder,
            passage_size=self.settings.ingest.passage_size,
            new_fetcher=lambda: self.new_fetcher(_FRESH if dry_run else None),
            workers=self.workers,
            ocr=self.settings.ingest.ocr,
            patience=patience,
            annotate=annotate,
        )

    def new_fetcher(self, fresh_for: timedelta | None = None) -> Fetcher:
        """What fetches pages for one run; a page that was confirmed within `fresh_for` is not asked for again."""
        from ingest.fetch.fetcher import Fetcher
        from ingest.fetch.politeness import FetchPolicy

        chosen = self.settings.fetch.model_dump()
        return Fetcher(
            self.page_cache,
            FetchPolicy(**chosen | {"largest": chosen["largest"] * 2**20}),
            hosts=self.hosts,
            fresh_for=fresh_for,
        )

    @cached_property
    def retriever(self) -> PassageRetriever:
        """What finds passages for a question."""
        from bot.answering.retriever import PassageRetriever

        return PassageRetriever(
            store=self.store,
            embedder=self.embedder,
            interaction=_INTERACTION,
            k=self.settings.search.passages,
            per_release=self.settings.search.per_release,
        )

    @cached_property
    def answerer(self) -> Answerer:
        """The chain from a question to an answer; with a language model where the settings name one.

        What it refuses is kept, where the settings say so.
        """
        keep = self.settings.questions.keep
        return self.new_answerer(self.model, keep_refused=self.question_keeper if keep else None)

    def new_answerer(self, model: Model | None, *, keep_refused: KeepRefused | None = None) -> Answerer:
        """The chain once more, with this language model or without one; it keeps nothing by itself."""
        from bot.answering.pipeline import Answerer

        chosen = self.settings.answers
        if model is None:
            return Answerer(
                self.retriever, refusing=chosen.refusing, zone=self.zone, reader=self.reader, keep_refused=keep_refused
            )
        from bot.answering.followups import Rewriter
        from bot.answering.writer import Writer

        return Answerer(
            self.retriever,
            refusing=chosen.refusing,
            zone=self.zone,
            rewrites=Rewriter(model).rewrite,
            reader=self.reader,
            writer=Writer(model, self.reader, seconds=self.settings.model.longest),
            keep_refused=keep_refused,
        )

    @property
    def question_keeper(self) -> QuestionKeeper:
        """What keeps questions that cannot be answered."""
        from bot.operations.questions import QuestionKeeper

        return QuestionKeeper(self.ledger.questions, self.store)

    @cached_property
    def question_rounds(self) -> QuestionRounds | None:
        """What asks kept questions again, without a language model; None where none are kept."""
        chosen = self.settings.questions
        if not chosen.keep:
            return None
        from bot.operations.questions import QuestionRounds

        return QuestionRounds(self.ledger.questions, self.store, self.new_answerer(None), days=chosen.days)

    @cached_property
    def timelines(self) -> TimelineFinder:
        """What finds the releases about a topic."""
        from bot.answering.timeline import TimelineFinder
        from bot.answering.topics import TopicMatcher

        # A matcher of its own: that of `topics` remembers what people follow.
        return TimelineFinder(self.retriever, TopicMatcher(self.reader), zone=self.zone)

    @cached_property
    def reader(self) -> Reader:
        """What reads passages; its model is loaded at the first question."""
        from bot.answering.reader import OnnxReader

        return OnnxReader(self.settings.reader.model, longest=self.settings.answers.reading_ms / 1000)

    @cached_property
    def topics(self) -> TopicMatcher:
        """What finds the topics that a release is about; its models are loaded at the first release."""
        from bot.answering.topics import TopicMatcher

        return TopicMatcher(self.reader)

    @cached_property
    def model(self) -> Model | None:
        """The language model that the settings name, connected at the first question; None where they name none."""
        chosen = self.settings.model
        if chosen.name is None:
            return None
        from bot.answering.llm import DailyBudget, ModelPolicy
        from bot.answering.llm.client import ChatModel
        from bot.state.ledger import UsageTable

        limits = {"tokens_per_day", "cost_per_day"}
        usage = UsageTable(self.settings.home / "usage.sqlite3", self.server)
        ceiling = DailyBudget(usage, self.zone, **chosen.model_dump(include=limits))
        return ChatModel(ModelPolicy(**chosen.model_dump(exclude=limits)), ceiling)

    @cached_property
    def metrics(self) -> Metrics:
        """What this process counts."""
        from bot.operations.health import Metrics

        return Metrics(self.store.records.last_ingest)

    @property
    def web_address(self) -> str | None:
        """Where people of this home read releases on the web: as the settings say, else where a server runs now."""
        from bot.state.home import running_address

        return self.settings.web.address or running_address(self.settings.home)

    def take_down(self, release_id: str, *, allow_again: bool = False) -> None:
        """Remove a stored release with what else of this home holds its text. See `bot.operations.names`."""
        from bot.operations.names import take_down

        home = self.settings.home
        ledger = self.ledger if self.server or (home / "discord.sqlite3").exists() else None
        if ledger:
            ledger.following.forget_release(release_id)
        take_down(
            self.store,
            release_id,
            answers=ledger.answers if ledger else None,
            last=self.last_answer,
            questions=ledger.questions if ledger else None,
            page_cache=self.page_cache if (home / "pages.sqlite3").exists() else None,
            allow_again=allow_again,
        )

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Embed every passage again with the model of the settings, and annotate every release; how many passages."""
        from bot.language.annotations import annotate

        self.store.annotate(annotate)
        return self.store.rebuild(self.embedder, progress)

    def close(self) -> None:
        """Close what was opened."""
        if "workers" in self.__dict__:
            self.workers.close()
        if "page_cache" in self.__dict__:
            self.page_cache.close()
        if "store" in self.__dict__:
            self.store.close()
        if "server" in self.__dict__ and self.server is not None:
            self.server.close()


@contextlib.contextmanager
def opened(home: Path | None, *, model: str | None = None) -> Iterator[Built]:
    """Everything that the settings of `home` ask for, closed at the end.

    `model` is a language model instead of theirs, `none` for none.
    """
    with contextlib.closing(Built(load_settings(home, model=model))) as built:
        yield built
