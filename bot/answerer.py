"""The chain from a question to an answer: a LangChain Runnable without a language model."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import Runnable, RunnableLambda

from bot.answer import Answer, Searched
from bot.extract import Bounds, extract, refuse
from bot.retrieve import searchable
from vectorstore.language import detect_language
from vectorstore.passage import Filter

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from bot.retrieve import PassageRetriever
    from vectorstore.passage import Hit


UNKNOWN_LANGUAGE = "und"
"""ISO 639-2's code for a language that is not known; a refusal is then worded in English."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question with all that bounds its answer.

    `as_of` is the moment the answer speaks from, now where it is None. `language` is the question's, detected where it
    is None. `passages` is how many hits the answer is looked for in; None leaves it to the retriever.
    """

    question: str
    where: Filter = field(default_factory=Filter)
    as_of: datetime | None = None
    language: str | None = None
    passages: int | None = None


@dataclass(frozen=True, slots=True)
class _Understood:
    """A question ready to be searched, and what was worked out on the way to its answer."""

    ask: Ask
    question: str
    language: str | None
    began: float
    timings_ms: dict[str, float]
    hits: tuple[Hit, ...] = ()


class Answerer(Runnable[str | Ask, Answer]):
    """Answers questions with sentences of the releases, or refuses where none fits.

    Takes a bare question or an `Ask`. `invoke`, `batch`, `stream` and their async twins work as for any Runnable; a
    stream gives the answer in one piece. Raises QuestionError for a blank question; an error of the store or the
    embedder is passed on, never turned into a refusal.
    """

    def __init__(self, retriever: PassageRetriever, *, refusing: str = "balanced") -> None:
        self._retriever = retriever
        self._bounds = Bounds(refusing, retriever.embedder.name)
        self._chain: Runnable[str | Ask, Answer] = (
            RunnableLambda(_understand).with_config(run_name="understand")
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

    def _retrieve(self, understood: _Understood) -> _Understood:
        began = time.perf_counter()
        ask = understood.ask
        hits = self._retriever.find(
            understood.question, where=ask.where, limit=ask.passages, language=understood.language
        )
        return replace(understood, hits=hits, timings_ms={**understood.timings_ms, "retrieve": _since(began)})

    def _answer(self, understood: _Understood) -> Answer:
        began = time.perf_counter()
        ask, language = understood.ask, understood.language
        evidence = extract(
            understood.question,
            understood.hits,
            language=language,
            compares=self._retriever.interaction,
            bounds=self._bounds,
        )
        refusal = None if evidence.citations else refuse(evidence, self._searched(ask.where), language)
        spent = {**understood.timings_ms, "answer": _since(began), "total": _since(understood.began)}
        return Answer(
            question=ask.question,
            standalone_question=understood.question,
            text=refusal.reason if refusal else evidence.text,
            language=language or UNKNOWN_LANGUAGE,
            citations=evidence.citations,
            refusal=refusal,
            confidence=evidence.confidence,
            model="extractive",
            as_of=ask.as_of or datetime.now(UTC),
            timings_ms=spent,
        )

    def _searched(self, where: Filter) -> Searched:
        return Searched(self._retriever.store.count_releases(where), where.since, where.until, where.publishers)


def _understand(asked: str | Ask) -> _Understood:
    """The question tidied and its language known."""
    began = time.perf_counter()
    ask = Ask(asked) if isinstance(asked, str) else asked
    question = searchable(ask.question)
    language = ask.language or detect_language(question)
    return _Understood(ask, question, language, began, {"understand": _since(began)})


def _since(began: float) -> float:
    """Milliseconds since a moment of `time.perf_counter`."""
    return (time.perf_counter() - began) * 1000
