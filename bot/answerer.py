"""The chain from a question to an answer: a LangChain Runnable without a language model."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import Runnable, RunnableLambda

from bot.answer import Answer, Searched
from bot.beside import notes_on
from bot.extract import Bounds, extract, listed, refuse
from bot.extract.newest import by_date
from bot.periods import Order
from bot.understand import Ask, understand

if TYPE_CHECKING:
    from datetime import tzinfo

    from langchain_core.runnables import RunnableConfig

    from bot.extract import Evidence
    from bot.retrieve import PassageRetriever
    from bot.understand import Understood
    from vectorstore.passage import Filter, Hit, StoredRelease

__all__ = ["UNKNOWN_LANGUAGE", "Answerer", "Ask"]

UNKNOWN_LANGUAGE = "und"
"""ISO 639-2's code for a language that is not known; a refusal is then worded in English."""

_ORDERED = 30  # hits among which the latest release on a subject is looked for
_LISTED = 3  # releases, for « quoi de neuf »


@dataclass(frozen=True, slots=True)
class _Retrieved:
    """An understood question with its hits and the milliseconds of each stage."""

    understood: Understood
    hits: tuple[Hit, ...]
    timings_ms: dict[str, float]


class Answerer(Runnable[str | Ask, Answer]):
    """Answers questions with sentences of the releases, or refuses where none fits.

    Takes a bare question or an `Ask`. `invoke`, `batch`, `stream` and their async twins work as for any Runnable; a
    stream gives the answer in one piece. `zone` is where a day begins and ends. Raises QuestionError for a blank
    question; an error of the store or the embedder is passed on, never turned into a refusal.
    """

    def __init__(self, retriever: PassageRetriever, *, refusing: str = "balanced", zone: tzinfo = UTC) -> None:
        self._retriever = retriever
        self._zone = zone
        self._bounds = Bounds(refusing, retriever.embedder.name)
        self._chain: Runnable[str | Ask, Answer] = (
            RunnableLambda(self._understand).with_config(run_name="understand")
            | RunnableLambda(self._retrieve).with_config(run_name="retrieve")
            | RunnableLambda(self._answer).with_config(run_name="answer")
        )

    def invoke(
        self,
        input: str | Ask,  # noqa: A002 - LangChain's name
        config: RunnableConfig | None = None,
        **kwargs: Any,  # noqa: ANN401 - LangChain's signature
    ) -> Answer:
        """The answer to one question, or a refusal."""
        return self._chain.invoke(input, config, **kwargs)

    async def ainvoke(
        self,
        input: str | Ask,  # noqa: A002 - LangChain's name
        config: RunnableConfig | None = None,
        **kwargs: Any,  # noqa: ANN401 - LangChain's signature
    ) -> Answer:
        """The same without holding up the event loop: each step runs in a thread."""
        return await self._chain.ainvoke(input, config, **kwargs)

    def _understand(self, asked: str | Ask) -> Understood:
        return understand(asked, self._zone)

    def _retrieve(self, understood: Understood) -> _Retrieved:
        began = time.perf_counter()
        spent = {"understand": (began - understood.began) * 1000}
        # « Quoi de neuf ? » names nothing to search for: the newest releases are its answer.
        hits = () if understood.times.only_times else self._hits(understood, understood.searched, understood.where)
        return _Retrieved(understood, hits, {**spent, "retrieve": _since(began)})

    def _hits(self, understood: Understood, question: str, where: Filter) -> tuple[Hit, ...]:
        order, limit = understood.times.order, understood.ask.passages
        limit = max(limit or self._retriever.limit, _ORDERED) if order else limit
        return self._retriever.find(question, where=where, limit=limit, language=understood.language)

    def _answer(self, retrieved: _Retrieved) -> Answer:
        began = time.perf_counter()
        understood, where = retrieved.understood, retrieved.understood.where
        evidence = self._evidence(understood, understood.searched, retrieved.hits)
        if understood.of_period and not understood.times.only_times and not evidence.citations:
            # A period that answers nothing hides what other dates hold: it is told, and the search done without it.
            everywhere = self._evidence(
                understood, understood.question, self._hits(understood, understood.question, understood.ask.where)
            )
            if everywhere.citations:
                evidence = everywhere
                where = where if _all_within(where, everywhere) else understood.ask.where
        return self._told(retrieved, evidence, where, began)

    def _evidence(self, understood: Understood, question: str, hits: tuple[Hit, ...]) -> Evidence:
        if understood.times.only_times and not hits:
            wanted = understood.times.count or (1 if understood.times.order and not understood.of_period else _LISTED)
            where = understood.where
            if understood.language and not where.languages:
                where = replace(where, languages=(understood.language,))
            return listed(self._newest(where, wanted, oldest=understood.times.order is Order.EARLIEST))
        evidence = self._extracted(understood, question, hits)
        if understood.times.order is None or not evidence.citations:
            return evidence
        ordered = by_date(hits, newest=understood.times.order is Order.LATEST)
        releases = list({hit.release.id: hit.release for hit in ordered}.values())[: understood.times.count or 1]
        chosen = {release.id for release in releases}
        latest = self._extracted(understood, question, tuple(hit for hit in hits if hit.release.id in chosen))
        return latest if latest.citations and len(releases) == 1 else listed(releases)

    def _extracted(self, understood: Understood, question: str, hits: tuple[Hit, ...]) -> Evidence:
        return extract(
            question, hits, language=understood.language, compares=self._retriever.interaction, bounds=self._bounds
        )

    def _newest(self, where: Filter, wanted: int, *, oldest: bool) -> list[StoredRelease]:
        store = self._retriever.store
        if not oldest:
            return store.releases(where, wanted)
        dated = [release for release in store.releases(where) if release.published]
        return dated[::-1][:wanted]

    def _told(self, retrieved: _Retrieved, evidence: Evidence, where: Filter, began: float) -> Answer:
        understood, language = retrieved.understood, retrieved.understood.language
        refusal = None if evidence.citations else refuse(evidence, self._searched(where), language)
        notes = notes_on(understood, evidence.citations, where, self._retriever.store, self._zone)
        spent = {**retrieved.timings_ms, "answer": _since(began), "total": _since(understood.began)}
        return Answer(
            question=understood.ask.question,
            standalone_question=understood.question,
            text=refusal.reason if refusal else evidence.text,
            language=language or UNKNOWN_LANGUAGE,
            citations=evidence.citations,
            refusal=refusal,
            confidence=evidence.confidence,
            model="extractive",
            as_of=understood.as_of,
            timings_ms=spent,
            notes=notes,
        )

    def _searched(self, where: Filter) -> Searched:
        return Searched(self._retriever.store.count_releases(where), where.since, where.until, where.publishers)


def _all_within(where: Filter, evidence: Evidence) -> bool:
    """Whether everything quoted was published in a period; then it was not widened, only read with more around it."""
    dates = [citation.release.published for citation in evidence.citations]
    since, until = where.since, where.until
    return all(one and (since is None or one >= since) and (until is None or one < until) for one in dates)


def _since(began: float) -> float:
    """Milliseconds since a moment of `time.perf_counter`."""
    return (time.perf_counter() - began) * 1000
